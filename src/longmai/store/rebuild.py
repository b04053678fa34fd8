"""Rebuild: derive all projections from the ledger anew, compare row for row, mend on request."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Table,
    create_engine,
    delete,
    func,
    insert,
    select,
    tuple_,
)
from sqlalchemy.pool import StaticPool

from longmai.store.database import metadata, reading, writing
from longmai.store.ledger import SqlLog
from longmai.store.projection import Entry, Projection
from longmai.store.unit_of_work import Store
from longmai.store.writer import project

_CHUNK = 500


@dataclass(frozen=True)
class Difference:
    """A row that is not what the ledger says.

    Attributes:
        table: its table.
        key: its primary key.
        what: ``missing``, ``not in the ledger``, or the column and both values.
    """

    table: str
    key: tuple[Any, ...]
    what: str

    def __str__(self) -> str:
        return f"{self.table} {', '.join(map(str, self.key))}: {self.what}"


def rebuild(store: Store, *, apply: bool = False) -> Iterator[Difference]:
    """Replay the ledger into a scratch database and yield how the live tables differ.

    Records that wait for their place are replayed too: their rows are there already.

    Args:
        store: the live store; read in one snapshot.
        apply: write the rebuilt rows over the live ones, in one transaction.
    """
    tables = _tables(store.projections)
    with _scratch(tables) as scratch:
        opened = writing(store.engine) if apply else reading(store.engine)
        with opened as live:
            _replay(live, scratch, store.projections)
            for table in tables:
                yield from _compare(table, live, scratch)
            if apply:
                _copy(tables, scratch, live)


def _tables(projections: Sequence[Projection]) -> list[Table]:
    named = {table.name for projection in projections for table in projection.tables}
    return [table for table in metadata.sorted_tables if table.name in named]


@contextmanager
def _scratch(tables: Sequence[Table]) -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine, tables=tables)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _replay(live: Connection, scratch: Connection, projections: Sequence[Projection]) -> None:
    batch: list[Entry] = []
    for entry in SqlLog(live).entries({each.kind for each in projections}):
        batch.append(entry)
        if len(batch) == _CHUNK:
            project(scratch, projections, batch)
            batch = []
    project(scratch, projections, batch)


def _compare(table: Table, live: Connection, scratch: Connection) -> Iterator[Difference]:
    expected = 0
    for rows in _chunks(table, scratch):
        expected += len(rows)
        found = _rows_by_key(table, live, list(rows))
        for key, row in rows.items():
            yield from _differences(table, key, row, found.get(key))
    if live.scalar(select(func.count()).select_from(table)) == expected:
        return
    for rows in _chunks(table, live):
        known = _rows_by_key(table, scratch, list(rows))
        for key in rows.keys() - known.keys():
            yield Difference(table.name, key, "not in the ledger")


def _differences(
    table: Table, key: tuple[Any, ...], expected: Row[Any], found: Row[Any] | None
) -> Iterator[Difference]:
    if found is None:
        yield Difference(table.name, key, "missing")
        return
    for column in table.columns:
        ours, theirs = getattr(expected, column.name), getattr(found, column.name)
        if ours != theirs:
            what = f"{column.name} is {theirs!r}, the ledger says {ours!r}"
            yield Difference(table.name, key, what)


def _chunks(table: Table, connection: Connection) -> Iterator[Mapping[tuple[Any, ...], Row[Any]]]:
    # By key, not by offset: each chunk costs the same however long the table is.
    columns = list(table.primary_key.columns)
    after: tuple[Any, ...] | None = None
    while True:
        query = select(table).order_by(*columns).limit(_CHUNK)
        if after is not None:
            query = query.where(tuple_(*columns) > after)
        rows = {_key(table, row): row for row in connection.execute(query)}
        if not rows:
            return
        yield rows
        after = list(rows)[-1]


def _rows_by_key(
    table: Table, connection: Connection, keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], Row[Any]]:
    # By the first column of the key, with more rows than asked for where it is not unique: SQLite
    # would look through the whole table for whole keys in a list.
    first = next(iter(table.primary_key.columns))
    query = select(table).where(first.in_({key[0] for key in keys}))
    return {_key(table, row): row for row in connection.execute(query)}


def _key(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in table.primary_key.columns)


def _copy(tables: Sequence[Table], scratch: Connection, live: Connection) -> None:
    for table in reversed(tables):
        live.execute(delete(table))
    for table in tables:
        for rows in _chunks(table, scratch):
            live.execute(insert(table), [dict(row._mapping) for row in rows.values()])  # noqa: SLF001 - SQLAlchemy's documented accessor
