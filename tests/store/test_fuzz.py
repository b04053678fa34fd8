"""Ten thousand single-byte changes over everything a log stores: each is found and named.

Changes of one kind are made side by side in distinct places, and each place must be named by
itself. What the database itself refuses to store (a key that is taken, on PostgreSQL a text that is
no UTF-8) is counted apart: nobody can leave it there.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType
from tests.store.conftest import Log

from longmai.ledger.audit import audit
from longmai.ledger.findings import Finding
from longmai.store.database import inspecting
from longmai.store.inspection import InspectedLog
from longmai.store.ledger import CHECKPOINT, LEAF, RECORD, SUBJECT, TILE

CHANGES = 10_000
RECORDS = 560
CHECKPOINTS = 28

# Every column of every table that the log consists of. (What waits is no part of it yet.)
CELLS = [
    *((RECORD, name) for name in ("id", "kind", "region", "header", "payload", "salt")),
    *((LEAF, name) for name in ("leaf_index", "record_id")),
    *((SUBJECT, name) for name in ("subject", "record_id")),
    *((TILE, name) for name in ("level", "tile_index", "hashes")),
    *((CHECKPOINT, name) for name in ("size", "note", "published_at")),
]


@dataclass(frozen=True)
class Place:
    """A stored row: how to find it, and by which names the audit may call it."""

    where: dict[str, Any]
    names: frozenset[Any]


@pytest.mark.slow
def test_every_changed_byte_is_found_and_named(log: Log) -> None:
    """Ten thousand changes over rows, tiles and checkpoints, on each kind of database."""
    for number in range(CHECKPOINTS):
        log.append(*range(number * 20, number * 20 + 20))
        log.integrate()
    rng, told, refused = random.Random(20261123), Counter[str](), Counter[str]()
    places = {(table.name, name): list(_places(log, table)) for table, name in CELLS}
    while told.total() < CHANGES:
        for table, name in CELLS:
            rows = places[table.name, name]
            chosen = rng.sample(rows, min(len(rows), 60))
            with inspecting(log.engine) as connection, connection.begin() as change:
                _unguarded(connection)
                made = [place for place in chosen if _changed(connection, table, name, place, rng)]
                refused[f"{table.name}.{name}"] += len(chosen) - len(made)
                found = list(audit(InspectedLog(connection), [log.signer.verifier_key]))
                named = _named(found)
                for place in made:
                    assert place.names & named, (table.name, name, place, found[:5])
                told[f"{table.name}.{name}"] += len(made)
                change.rollback()
    assert log.audit() == []
    assert set(told) == {f"{table.name}.{name}" for table, name in CELLS}
    if log.engine.dialect.name == "sqlite":
        assert set(+refused) <= {"ledger_leaf.leaf_index", "ledger_checkpoint.size"}, refused


def _named(found: list[Finding]) -> frozenset[Any]:
    names: set[Any] = set()
    for finding in found:
        names |= {finding.leaf_index, str(finding.record_id), finding.place}
        gap = re.fullmatch(r"leaf indexes (\d+) to (\d+) are missing", finding.what)
        if gap:
            names |= set(range(int(gap[1]), min(int(gap[2]), RECORDS) + 1))
    return frozenset(names - {None, "None"})


def _places(log: Log, table: Any) -> Iterator[Place]:
    with log.engine.connect() as connection:
        leaves = {row.record_id: row.leaf_index for row in connection.execute(select(LEAF))}
        keys = [type_coerce(column, NullType()).label(column.name) for column in table.primary_key]
        for row in connection.execute(select(*keys)):
            where = dict(row._mapping)
            yield Place(where, frozenset(_names_of(table, where, leaves)))


def _names_of(table: Any, where: dict[str, Any], leaves: dict[UUID, int]) -> Iterator[Any]:
    if table is TILE:
        yield f"tile/{where['level']}/{where['tile_index']}"
        # Of a tile of leaf hashes the audit names the leaves that differ.
        if where["level"] == 0:
            yield from range(where["tile_index"] * 256, where["tile_index"] * 256 + 256)
    elif table is CHECKPOINT:
        yield f"checkpoint {where['size']}"
    elif table is LEAF:
        yield where["leaf_index"]
    else:
        record_id = UUID(str(where["id" if table is RECORD else "record_id"]))
        yield from (str(record_id), leaves[record_id])


def _unguarded(connection: Connection) -> None:
    # Somebody who edits files meets no foreign key.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))


def _changed(
    connection: Connection, table: Any, name: str, place: Place, rng: random.Random
) -> bool:
    """Change one byte of a cell; False where the database does not store the outcome."""
    here = " AND ".join(f"{key} = :{key}" for key in place.where)
    value = connection.execute(
        text(f"SELECT {name} FROM {table.name} WHERE {here}"),  # noqa: S608 - our own names
        place.where,
    ).scalar_one()
    expression, changed = _flipped(value, rng, connection.dialect.name)
    update = f"UPDATE {table.name} SET {name} = {expression} WHERE {here}"  # noqa: S608 - as above
    try:
        with connection.begin_nested():
            done = connection.execute(text(update), place.where | {"changed": changed})
    except (DBAPIError, UnicodeEncodeError):
        return False
    assert done.rowcount == 1
    return True


def _flipped(value: Any, rng: random.Random, dialect: str) -> tuple[str, Any]:
    if isinstance(value, bool) or value is None:
        raise TypeError(value)
    if isinstance(value, int):
        # Small integers are stored in few bytes; a flip in one of the lower four.
        return ":changed", value ^ (rng.randint(1, 255) << 8 * rng.randrange(3))
    if isinstance(value, datetime):
        return ":changed", value + timedelta(microseconds=1 << rng.randrange(40))
    if isinstance(value, UUID):
        return ":changed", UUID(bytes=_spoilt(value.bytes, rng))
    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
    spoilt = _spoilt(raw, rng)
    if not isinstance(value, str):
        return ":changed", spoilt
    if dialect == "sqlite":
        return "CAST(:changed AS TEXT)", spoilt
    return ":changed", spoilt.decode("utf-8", "surrogateescape")


def _spoilt(raw: bytes, rng: random.Random) -> bytes:
    if not raw:
        return b"x"
    place = rng.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ rng.randint(1, 255)]) + raw[place + 1 :]
