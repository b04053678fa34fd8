"""An audit that goes on where the last one ended finds what a whole one finds in the new part."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update
from tests.store.conftest import Log
from tests.store.test_audit import flipped

from longmai.kernel.errors import Invalid, NotFound
from longmai.ledger.audit import Audit
from longmai.ledger.findings import Audited, Finding
from longmai.store.audit_memory import AuditMemory
from longmai.store.database import inspecting, writing
from longmai.store.inspection import InspectedLog
from longmai.store.ledger import CHECKPOINT, LEAF, RECORD, TILE


def audited(log: Log, since: Audited | None = None) -> tuple[list[Finding], Audited | None]:
    """Audit, and return the findings and the result."""
    with inspecting(log.engine) as connection:
        audit = Audit(InspectedLog(connection), [log.signer.verifier_key], since)
        return list(audit.findings()), audit.audited


def damage(log: Log, leaf: int) -> None:
    """Change a payload."""
    with writing(log.engine) as connection:
        record_id = connection.scalar(select(LEAF.c.record_id).where(LEAF.c.leaf_index == leaf))
        here = RECORD.c.id == record_id
        payload: bytes = connection.scalar(select(RECORD.c.payload).where(here)) or b""
        connection.execute(update(RECORD).where(here).values(payload=flipped(payload)))


@pytest.mark.parametrize("seed", range(6))
def test_it_finds_what_a_whole_audit_finds_in_the_new_part(sqlite_log: Log, seed: int) -> None:
    """Any sequence of appends and audits; then damage somewhere."""
    log, rng, since, size = sqlite_log, random.Random(seed), None, 0
    for _ in range(rng.randint(1, 4)):
        step = rng.choice([1, 20, 255, 256, 257, 700])
        log.append(*range(step))
        log.integrate()
        size += step
        findings, result = audited(log, since)
        assert findings == []
        assert result == audited(log)[1]
        since = result
    log.append(*range(40))
    log.integrate()
    old, new = rng.randrange(size), size + rng.randrange(40)
    damage(log, new)
    findings, result = audited(log, since)
    assert [finding.leaf_index for finding in findings] == [new]
    assert result is None
    # The old part is not read again: its help says so. A whole audit finds it.
    damage(log, old)
    assert [finding.leaf_index for finding in audited(log, since)[0]] == [new]
    assert {finding.leaf_index for finding in audited(log)[0]} == {old, new}


def test_a_rewritten_past_is_noticed(sqlite_log: Log) -> None:
    """The tiles still have to give the root that was audited."""
    log = sqlite_log
    log.append(*range(300))
    log.integrate()
    _, since = audited(log)
    assert since is not None
    forged = replace(since, root="0" * 64)
    assert [finding.code for finding in audited(log, forged)[0]] == ["audited"]
    beyond = replace(since, size=301)
    assert [finding.code for finding in audited(log, beyond)[0]] == ["audited"]


def test_a_removed_checkpoint_leaves_a_gap(sqlite_log: Log) -> None:
    """One in the middle is named, by a whole audit and by one that goes on before it."""
    log = sqlite_log
    log.append(*range(5))
    log.integrate()
    _, since = audited(log)
    for _ in range(3):
        log.append(1)
        log.integrate()
    with writing(log.engine) as connection:
        connection.execute(CHECKPOINT.delete().where(CHECKPOINT.c.size == 7))
    for findings in (audited(log)[0], audited(log, since)[0]):
        assert [finding.place for finding in findings] == ["checkpoint 7"]
        assert "is gone" in findings[0].what


def test_a_removed_tile_is_named_though_it_is_old(sqlite_log: Log) -> None:
    """That every tile is there costs little, and is looked at each time."""
    log = sqlite_log
    log.append(*range(600))
    log.integrate()
    _, since = audited(log)
    with writing(log.engine) as connection:
        connection.execute(TILE.delete().where(TILE.c.level == 0, TILE.c.tile_index == 0))
    assert [finding.place for finding in audited(log, since)[0]] == ["tile/0/0"]


def test_the_memory_reads_back_and_says_when_it_cannot(tmp_path: Path) -> None:
    """Whole or not at all; damage is told."""
    memory = AuditMemory(tmp_path / "audit.json")
    with pytest.raises(NotFound, match="run 'longmai ledger audit' first"):
        memory.load()
    memory.save(Audited(7, "ab", None))
    assert memory.load() == Audited(7, "ab", None)
    memory.file.write_text('{"format": "longmai-audit/1", "size": 7}', "utf-8")
    with pytest.raises(Invalid, match="damaged"):
        memory.load()
