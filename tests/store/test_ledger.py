"""The ledger in SQL: appending, placing, proving, with many writers and integrators."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from tests.store.conftest import Log, act

from longmai.kernel.errors import Invalid, NotFound, Unavailable
from longmai.kernel.ids import new_id
from longmai.ledger import verifier
from longmai.ledger.certificate import proof_bundle
from longmai.ledger.note import open_note, parse_checkpoint
from longmai.store.integrator import Integrator, integrate_once
from longmai.store.ledger import SqlLog


def prove(log: Log, *record_ids: UUID) -> verifier.Verdict:
    """Prove records under the newest checkpoint and verify them."""
    with log.store.read() as connection:
        storage = SqlLog(connection)
        placed = storage.placed(record_ids)
        key = log.signer.verifier_key
        bundle = proof_bundle(placed, storage, storage.checkpoint(), key)
    return verifier.verify(json.dumps(bundle), str(log.signer.verifier_key))


def test_an_empty_log_has_a_checkpoint(log: Log) -> None:
    """The first integration signs the empty tree."""
    assert log.integrate() == 0
    with log.store.read() as connection:
        note = SqlLog(connection).checkpoint()
    assert parse_checkpoint(open_note(note, log.signer.verifier_key)).size == 0
    assert log.audit() == []


def test_records_are_placed_in_order_and_proven(log: Log) -> None:
    """What one unit of work appends keeps its order, and verifies."""
    first, second = log.append(*range(300)), log.append(*range(300, 600))
    assert log.integrate() == 600
    verdict = prove(log, *first, *second)
    assert verdict.holds
    assert [record.leaf_index for record in verdict.records] == list(range(600))
    assert log.audit() == []


def test_growth_keeps_old_records_provable(log: Log) -> None:
    """Each round of integration signs a larger tree with the old records in it."""
    ids = []
    for round_number in range(5):
        ids += log.append(*range(round_number * 100, round_number * 100 + 100))
        log.integrate()
        assert prove(log, *ids).holds
    assert log.audit() == []


def test_nothing_of_a_failed_unit_of_work_is_recorded(log: Log) -> None:
    """An error after the append takes the records back."""
    with pytest.raises(ZeroDivisionError), log.store.begin() as work:
        work.ledger.append([act(1)])
        _ = 1 / 0
    assert log.integrate() == 0
    assert log.audit() == []


def test_one_bad_act_refuses_all(log: Log) -> None:
    """Acts are recorded together or not at all."""
    bad = act(2)
    object.__setattr__(bad, "kind", "Not A Kind")
    with pytest.raises(Invalid), log.store.begin() as work:
        work.ledger.append([act(1), bad])
    assert log.integrate() == 0


def test_a_record_that_waits_has_no_proof_yet(log: Log) -> None:
    """Asking too early gets a clear answer."""
    log.integrate()
    [waiting] = log.append(1)
    with pytest.raises(Unavailable, match="no place in the log yet"):
        prove(log, waiting)
    with pytest.raises(NotFound):
        prove(log, new_id())


def test_records_are_found_by_subject(log: Log) -> None:
    """The newest come first, and a limit holds."""
    ids = log.append(1, 2, 3)
    with log.store.read() as connection:
        storage = SqlLog(connection)
        assert storage.records_about("urn:2") == [ids[1]]
        assert storage.records_about("urn:all", limit=2) == [ids[2], ids[1]]


def test_many_writers_and_integrators_lose_nothing(log: Log) -> None:
    """Four writers and two integrators at once: every record is placed, once, and proven."""
    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(_write, log, 100 * w) for w in range(4)]
        placers = [pool.submit(_place, log) for _ in range(2)]
        ids = [record_id for writer in writers for record_id in writer.result()]
        for placer in placers:
            placer.result()
    log.integrate()
    assert len(set(ids)) == 4 * 5 * 20
    assert prove(log, *ids).holds
    assert log.audit() == []


def _write(log: Log, start: int) -> list[UUID]:
    return [each for i in range(5) for each in log.append(*range(start + i, start + i + 20))]


def _place(log: Log) -> None:
    for _ in range(10):
        integrate_once(log.store, log.signer, log.store.clock)


def test_the_integrator_places_what_is_committed(log: Log) -> None:
    """Woken by a commit, it places the record; stopped, it leaves nothing waiting."""
    integrator = Integrator(log.store, log.signer, log.store.clock)
    log.store.after_commit.append(integrator.wake)
    integrator.start()
    ids = log.append(*range(10))
    integrator.stop()
    assert prove(log, *ids).holds
