"""PostgreSQL: rules run where its tables are; results come out as Arrow."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import pq as libpq
from psycopg import sql
from psycopg.adapt import Loader
from sqlglot import exp

from longmai.rules.columns.dialects import POSTGRES

_BATCH_ROWS = 50_000
_POSTGRES_EPOCH = 10_957  # 2000-01-01, in days since 1970-01-01
_WHOLE_DECIMAL = pa.decimal128(38, 0)
_OF_ARROW: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "bigint"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "timestamp"),
    (pa.types.is_decimal, "numeric"),
    (pa.types.is_string, "text"),
    (pa.types.is_large_string, "text"),
)
_OF_NAME: Mapping[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "date": pa.date32(),
    "text": pa.string(),
    "varchar": pa.string(),
    "numeric": _WHOLE_DECIMAL,
}


class _Days(Loader):
    """Dates as days since 1970-01-01: Python's own end at the year 9999."""

    format = libpq.Format.BINARY

    def load(self, data: Any) -> int:
        """Return the days since 1970-01-01."""
        days: int = int.from_bytes(bytes(data), "big", signed=True)
        return days + _POSTGRES_EPOCH


class Postgres:
    """A connection of our own to a PostgreSQL.

    Args:
        url: as ``postgresql://user@host:port/database``.
    """

    dialect = POSTGRES

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url)
        self._cursors = count()
        self._connection.adapters.register_loader("date", _Days)
        self._connection.execute("SET timezone = 'UTC'")

    def register(self, name: str, table: pa.Table) -> None:
        """Copy a table into a temporary one of a name; it goes with the connection."""
        called = sql.Identifier(name)
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(field.name), sql.SQL(_type_of(field.type)))
            for field in table.schema
        ]
        listed = sql.SQL(", ").join(columns)
        self._connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(called))
        self._connection.execute(sql.SQL("CREATE TEMP TABLE {} ({})").format(called, listed))
        copying = sql.SQL("COPY {} FROM STDIN").format(called)
        with self._connection.cursor() as cursor, cursor.copy(copying) as copy:
            for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    copy.write_row(row)
        self._connection.execute(sql.SQL("ANALYZE {}").format(called))
        self._connection.commit()

    def create(self, name: str, query: exp.Query) -> None:
        """Keep what a query yields as a temporary table of a name."""
        called = sql.Identifier(name)
        self._connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(called))
        making = sql.SQL("CREATE TEMP TABLE {} AS ").format(called).as_string(self._connection)
        self._connection.execute(making + query.sql("postgres"))
        self._connection.execute(sql.SQL("ANALYZE {}").format(called))
        self._connection.commit()

    def run(self, query: exp.Query) -> pa.Table:
        """Return what a query yields."""
        batches = list(self.batches(query, _BATCH_ROWS))
        return pa.Table.from_batches(batches, batches[0].schema)

    def write(self, query: exp.Query, folder: str) -> int:
        """Write what a query yields as Parquet into a new folder; return how many rows."""
        Path(folder).mkdir(parents=True)
        batches = self.batches(query, _BATCH_ROWS)
        first = next(batches)
        rows: int = first.num_rows
        with pq.ParquetWriter(Path(folder) / "part.parquet", first.schema) as writer:
            writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)
                rows += batch.num_rows
        return rows

    def batches(self, query: exp.Query, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield what a query yields in batches, at least one, from a cursor in the server."""
        name = f"columns_{next(self._cursors)}"
        with self._connection.transaction(), self._connection.cursor(name, binary=True) as cursor:
            cursor.execute(query.sql("postgres"))
            schema = self._schema(cursor)
            found = cursor.fetchmany(rows)
            while True:
                columns = list(zip(*found, strict=True)) or [()] * len(schema)
                pairs = zip(columns, schema, strict=True)
                arrays = [_array(values, field.type) for values, field in pairs]
                yield pa.record_batch(arrays, schema=schema)
                found = cursor.fetchmany(rows)
                if not found:
                    return

    def _schema(self, cursor: Any) -> pa.Schema:
        return pa.schema(
            [(column.name, self._arrow(column.type_code)) for column in cursor.description]
        )

    def _arrow(self, oid: int) -> pa.DataType:
        found = self._connection.adapters.types.get(oid)
        if found is None:
            return pa.string()
        plain = _OF_NAME.get(found.name, pa.string())
        return pa.list_(plain) if found.array_oid == oid else plain

    def close(self) -> None:
        """Close the connection; registered tables go with it."""
        self._connection.close()


def _array(values: Any, type_: pa.DataType) -> pa.Array:
    if pa.types.is_date(type_):
        return pa.array(values, pa.int32()).cast(type_)
    if pa.types.is_list(type_) and pa.types.is_date(type_.value_type):
        return pa.array(values, pa.list_(pa.int32()))
    return pa.array(values, type_)


def _type_of(type_: pa.DataType) -> str:
    for fits, name in _OF_ARROW:
        if fits(type_):
            return name
    raise TypeError(f"no column of PostgreSQL for {type_}")
