"""Erasure by law: the content is gone for good, everything else stays provable."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update
from tests.house import LOT, opened_house
from tests.store.conftest import Log, act
from tests.visitor import visitor

from longmai.domains.brand.tables import EVENT, ITEM
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.ledger import verifier
from longmai.ledger.audit import audit
from longmai.ledger.certificate import proof_bundle
from longmai.store.database import drop_traces, writing
from longmai.store.inspection import InspectedLog
from longmai.store.ledger import RECORD, SqlLog
from longmai.store.rebuild import rebuild

BASIS = "request 12/2026 under the law"


def test_proofs_and_audit_outlive_the_content(log: Log) -> None:
    """A record erased before or after others came stays proven, and the audit stays clean."""
    ids = log.append(*range(300))
    log.integrate()
    with log.store.begin() as work:
        erasure = work.ledger.erase(ids[7], basis=BASIS, actor="clerk-7")
    log.append(*range(300, 400))
    log.integrate()
    assert log.audit() == []
    with log.store.read() as connection:
        storage = SqlLog(connection)
        placed = storage.placed([ids[6], ids[7], erasure.id])
        bundle = proof_bundle(placed, storage, storage.checkpoint(), log.signer.verifier_key)
    before, gone, told = verifier.verify(json.dumps(bundle)).records
    assert (before.problem, gone.problem, told.problem) == (None, None, None)
    assert (before.erased, gone.erased) == (False, True)
    assert told.payload == {"basis": BASIS, "record": str(ids[7])}


def test_what_cannot_be_erased_is_refused(log: Log) -> None:
    """An unknown record, one erased before, an erasure itself, and an erasure without reasons."""
    [first] = log.append(1)
    with pytest.raises(Invalid, match="needs its basis"), log.store.begin() as work:
        work.ledger.erase(first, basis=" ", actor="clerk-7")
    with log.store.begin() as work:
        erasure = work.ledger.erase(first, basis=BASIS, actor="clerk-7")
    for again in (first, erasure.id):
        with pytest.raises(Conflict), log.store.begin() as work:
            work.ledger.erase(again, basis=BASIS, actor="clerk-7")
    with pytest.raises(NotFound), log.store.begin() as work:
        work.ledger.erase(new_id(), basis=BASIS, actor="clerk-7")


def test_content_taken_without_an_erasure_is_found(log: Log) -> None:
    """Who deletes a payload by hand is found out; so is an erased one that came back."""
    ids = log.append(1, 2)
    log.integrate()
    with writing(log.engine) as connection:
        row = connection.execute(select(RECORD).where(RECORD.c.id == ids[0])).one()
        gone = update(RECORD).where(RECORD.c.id == ids[0])
        connection.execute(gone.values(payload=None, salt=None))
    assert [finding.record_id for finding in log.audit()] == [str(ids[0])]
    with writing(log.engine) as connection:
        connection.execute(gone.values(payload=row.payload, salt=row.salt))
    with log.store.begin() as work:
        work.ledger.erase(ids[0], basis=BASIS, actor="clerk-7")
    with writing(log.engine) as connection:
        connection.execute(gone.values(payload=row.payload, salt=row.salt))
    assert "still there" in str(log.audit()[0])


def test_the_bytes_are_gone_from_the_file(sqlite_log: Log) -> None:
    """Not a byte of the payload is left in the database's files."""
    with sqlite_log.store.begin() as work:
        [record] = work.ledger.append([replace(act(1), payload={"x": "a-very-secret-name"})])
    files = Path(str(sqlite_log.engine.url.database)).parent
    assert any(b"a-very-secret-name" in file.read_bytes() for file in files.iterdir())
    with sqlite_log.store.begin() as work:
        work.ledger.erase(record.id, basis=BASIS, actor="clerk-7")
    drop_traces(sqlite_log.engine)
    assert not any(b"a-very-secret-name" in file.read_bytes() for file in files.iterdir())


def test_pages_say_erased_by_law(tmp_path: Path) -> None:
    """The record's page says when and why, the scan page that something was; tables follow."""
    with opened_house(tmp_path, sample=True) as house:
        with house.store.read() as connection:
            wanted = select(ITEM.c.record_id).where(ITEM.c.key == LOT).limit(1)
            record_id = connection.scalar(wanted)
        assert record_id is not None
        with house.store.begin() as work:
            work.ledger.erase(record_id, basis=BASIS, actor="clerk-7")
        house.integrate()
        with house.store.read() as connection:
            assert connection.scalar(select(EVENT).where(EVENT.c.record_id == record_id)) is None
            assert list(audit(InspectedLog(connection), [house.signer.verifier_key])) == []
        assert list(rebuild(house.store)) == []
        client = visitor(house, **{"Accept-Language": "en"})
        page = client.get(f"/ledger/records/{record_id}").text
        assert "erased by law" in page
        assert BASIS in page
        scan = client.get(f"/{LOT}").text
        assert "erased by law" in scan
        assert str(record_id) in scan
        bundle = client.get(f"/api/v1/brand/proof/{LOT}").text
        assert verifier.verify(bundle).holds
