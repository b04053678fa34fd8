"""The audit finds and names every kind of damage, on both kinds of database."""

import random
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from tests.store.conftest import NOW, Log

from longmai.kernel.ids import new_id
from longmai.ledger.note import Signer, checkpoint_text
from longmai.store.database import writing
from longmai.store.ledger import CHECKPOINT, LEAF, RECORD, SUBJECT, TILE, WAITING

SIZE = 600
DAMAGED = 300


@pytest.fixture
def full(log: Log) -> tuple[Log, list[UUID]]:
    """A log of more than two tiles, in two checkpoints after the empty one."""
    log.integrate()
    ids = log.append(*range(400))
    log.integrate()
    ids += log.append(*range(400, SIZE))
    log.integrate()
    return log, ids


def flipped(value: bytes) -> bytes:
    """Change one bit in the middle."""
    middle = len(value) // 2
    return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]


def _change(column: str) -> Callable[[Connection, UUID], None]:
    def change(connection: Connection, record_id: UUID) -> None:
        here = RECORD.c.id == record_id
        value = connection.scalar(select(RECORD.c[column]).where(here))
        changed = flipped(value) if isinstance(value, bytes) else f"{value}x"[-12:]
        connection.execute(update(RECORD).where(here).values({column: changed}))

    return change


def _erase(connection: Connection, record_id: UUID) -> None:
    connection.execute(
        update(RECORD).where(RECORD.c.id == record_id).values(payload=None, salt=None)
    )


def _remove(connection: Connection, record_id: UUID) -> None:
    connection.execute(delete(SUBJECT).where(SUBJECT.c.record_id == record_id))
    connection.execute(delete(RECORD).where(RECORD.c.id == record_id))


def _unindex(connection: Connection, record_id: UUID) -> None:
    connection.execute(
        delete(SUBJECT).where(SUBJECT.c.record_id == record_id, SUBJECT.c.subject == "urn:all")
    )


def _unplace(connection: Connection, record_id: UUID) -> None:
    connection.execute(delete(LEAF).where(LEAF.c.record_id == record_id))


def _wait_again(connection: Connection, record_id: UUID) -> None:
    connection.execute(insert(WAITING).values(record_id=record_id))


RECORD_DAMAGES = {
    "payload": _change("payload"),
    "salt": _change("salt"),
    "header": _change("header"),
    "kind": _change("kind"),
    "region": _change("region"),
    "payload gone": _erase,
    "record gone": _remove,
    "subject gone": _unindex,
    "place gone": _unplace,
    "waits again": _wait_again,
}


@pytest.mark.parametrize("damage", RECORD_DAMAGES)
def test_a_damaged_record_is_named(full: tuple[Log, list[UUID]], damage: str) -> None:
    """Whatever is done to a record, the audit names it by its ID or its leaf."""
    log, ids = full
    assert log.audit() == []
    with writing(log.engine) as connection:
        RECORD_DAMAGES[damage](connection, ids[DAMAGED])
    findings = log.audit()
    named = {finding.record_id for finding in findings}
    places = {finding.leaf_index for finding in findings}
    assert str(ids[DAMAGED]) in named or DAMAGED in places


def test_swapped_records_are_both_named(full: tuple[Log, list[UUID]]) -> None:
    """The order of the log is part of what it says."""
    log, ids = full
    swap = {10: ids[11], 11: ids[10]}
    with writing(log.engine) as connection:
        connection.execute(delete(LEAF).where(LEAF.c.leaf_index.in_(swap)))
        rows = [{"leaf_index": leaf, "record_id": each} for leaf, each in swap.items()]
        connection.execute(insert(LEAF), rows)
    assert {finding.leaf_index for finding in log.audit() if finding.code == "leaf"} == {10, 11}


@pytest.mark.parametrize(("level", "index"), [(0, 0), (0, 2), (1, 0)])
def test_a_damaged_tile_is_named(full: tuple[Log, list[UUID]], level: int, index: int) -> None:
    """A changed, missing or added tile of any level is named."""
    log, _ids = full
    here = (TILE.c.level == level) & (TILE.c.tile_index == index)
    with writing(log.engine) as connection:
        hashes = connection.scalar(select(TILE.c.hashes).where(here)) or b""
        connection.execute(update(TILE).where(here).values(hashes=flipped(hashes)))
    assert any(f.place == f"tile/{level}/{index}" for f in log.audit())
    with writing(log.engine) as connection:
        connection.execute(delete(TILE).where(here))
    assert any(f.place == f"tile/{level}/{index}" for f in log.audit())
    with writing(log.engine) as connection:
        for place, value in (((level, index), hashes), ((3, 7), b"x" * 32)):
            values = {"level": place[0], "tile_index": place[1], "hashes": value}
            connection.execute(insert(TILE).values(values))
    assert [f.place for f in log.audit()] == ["tile/3/7"]


@pytest.mark.parametrize("size", [0, 400, SIZE])
def test_a_damaged_checkpoint_is_named(full: tuple[Log, list[UUID]], size: int) -> None:
    """A checkpoint whose text or signature was changed does not pass."""
    log, _ids = full
    here = CHECKPOINT.c.size == size
    with writing(log.engine) as connection:
        note: bytes = connection.scalar(select(CHECKPOINT.c.note).where(here)) or b""
        spoilt = note.replace(b"\n", b"\n1", 1)
        connection.execute(update(CHECKPOINT).where(here).values(note=spoilt))
    assert any(f.place == f"checkpoint {size}" for f in log.audit())


def test_a_missing_newest_checkpoint_is_told(full: tuple[Log, list[UUID]]) -> None:
    """The log must end where its newest checkpoint ends."""
    log, _ids = full
    with writing(log.engine) as connection:
        connection.execute(delete(CHECKPOINT).where(CHECKPOINT.c.size == SIZE))
    assert any("no checkpoint covers" in str(finding) for finding in log.audit())


def test_a_cut_off_end_is_told(full: tuple[Log, list[UUID]]) -> None:
    """Records taken from the end leave a checkpoint that covers more than there is."""
    log, _ids = full
    with writing(log.engine) as connection:
        connection.execute(delete(LEAF).where(LEAF.c.leaf_index >= SIZE - 5))
    assert any("and there are 595 records" in str(finding) for finding in log.audit())


def test_a_checkpoint_of_another_key_is_told(full: tuple[Log, list[UUID]]) -> None:
    """A well-formed checkpoint signed by somebody else is not the log's."""
    log, _ids = full
    foreign = Signer.generate("test.example/log")
    note = foreign.sign(checkpoint_text("test.example/log", 400, bytes(32))).encode()
    with writing(log.engine) as connection:
        connection.execute(update(CHECKPOINT).where(CHECKPOINT.c.size == 400).values(note=note))
    assert [f.place for f in log.audit()] == ["checkpoint 400"]


def test_a_record_out_of_nowhere_is_told(full: tuple[Log, list[UUID]]) -> None:
    """A record that neither waits nor stands in the log was put there by hand."""
    log, ids = full
    stranger = new_id()
    with writing(log.engine) as connection:
        row = connection.execute(select(RECORD).where(RECORD.c.id == ids[0])).one()
        connection.execute(insert(RECORD).values(dict(row._mapping) | {"id": stranger}))
    assert [finding.record_id for finding in log.audit()] == [str(stranger)]


def test_waiting_records_are_no_finding(full: tuple[Log, list[UUID]]) -> None:
    """What was committed a moment ago simply waits."""
    log, _ids = full
    log.append(1, 2, 3)
    assert log.audit() == []


def test_every_random_flip_is_found(sqlite_log: Log) -> None:
    """Hundreds of single-byte changes over rows, tiles and checkpoints: none goes unseen."""
    log, rng = sqlite_log, random.Random(7)
    ids = log.append(*range(300))
    log.integrate()
    for _ in range(300):
        table, column, key = rng.choice(
            [
                (RECORD, "payload", RECORD.c.id == rng.choice(ids)),
                (RECORD, "salt", RECORD.c.id == rng.choice(ids)),
                (RECORD, "header", RECORD.c.id == rng.choice(ids)),
                (TILE, "hashes", (TILE.c.level == 0) & (TILE.c.tile_index == rng.choice([0, 1]))),
                (TILE, "hashes", TILE.c.level == 1),
                (CHECKPOINT, "note", CHECKPOINT.c.size == 300),
            ]
        )
        with writing(log.engine) as connection:
            value: bytes = connection.scalar(select(table.c[column]).where(key)) or b""
            place = rng.randrange(len(value))
            changed = bytes([value[place] ^ rng.randint(1, 255)])
            spoilt = value[:place] + changed + value[place + 1 :]
            connection.execute(
                update(table).where(key).values({column: bindparam("v")}), {"v": spoilt}
            )
        assert log.audit(), (table.name, column, place)
        with writing(log.engine) as connection:
            connection.execute(
                update(table).where(key).values({column: bindparam("v")}), {"v": value}
            )
    assert log.audit() == []
    with writing(log.engine) as connection:
        assert connection.scalar(select(func.max(CHECKPOINT.c.published_at))) == NOW
