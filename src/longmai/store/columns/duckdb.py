"""DuckDB: one process, memory and threads bounded, tables as files of Parquet or Arrow."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
from sqlglot import exp

from longmai.rules.columns.dialects import DUCKDB


class DuckDB:
    """A DuckDB of our own.

    Args:
        path: of the database file; None: in memory.
        memory_mb: most memory for data; more goes to files in ``spill``.
        threads: most threads.
        spill: folder for what does not fit; None: a temporary one.
        keeps_order: rows come out in the order of the table; costs memory and time.
    """

    dialect = DUCKDB

    def __init__(
        self,
        path: Path | None = None,
        *,
        memory_mb: int = 1500,
        threads: int = 2,
        spill: Path | None = None,
        keeps_order: bool = True,
    ) -> None:
        self._spill = tempfile.TemporaryDirectory() if spill is None else None
        self._threads = threads
        self._tables: dict[str, pa.Table] = {}
        folder = spill or Path(self._spill.name if self._spill else "")
        self.connection = duckdb.connect(
            str(path) if path else ":memory:",
            config={
                "memory_limit": f"{memory_mb}MB",
                "threads": threads,
                "temp_directory": str(folder),
                "preserve_insertion_order": keeps_order,
                # A rule asks for no other file, extension or address.
                "autoinstall_known_extensions": False,
                "TimeZone": "UTC",
            },
        )

    def register(self, name: str, table: pa.Table) -> None:
        """Make a table known under a name, without copying it."""
        self._tables[name] = table
        self.connection.register(name, table)

    def register_files(self, name: str, pattern: str) -> None:
        """Make files of Parquet known as a table; nothing is read yet.

        What stands in folders' names as ``name=value`` is a column too.
        """
        source = exp.Literal.string(pattern).sql("duckdb")
        called = exp.to_identifier(name, quoted=True).sql("duckdb")
        options = "hive_partitioning = true, hive_types_autocast = false"
        reading = f"FROM read_parquet({source}, {options})"
        self.connection.execute(f"CREATE OR REPLACE VIEW {called} AS {reading}")

    def create(self, name: str, query: exp.Query) -> None:
        """Keep what a query yields as a table of a name."""
        called = exp.to_identifier(name, quoted=True).sql("duckdb")
        self.connection.execute(f"CREATE OR REPLACE TABLE {called} AS {query.sql('duckdb')}")

    def run(self, query: exp.Query) -> pa.Table:
        """Return what a query yields."""
        return self.connection.sql(query.sql("duckdb")).to_arrow_table()

    def batches(self, query: exp.Query, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield what a query yields in batches of about so many rows."""
        # A cursor of its own: another query may run between two batches.
        with self.connection.cursor() as cursor:
            for name, table in self._tables.items():
                cursor.register(name, table)
            yield from cursor.sql(query.sql("duckdb")).to_arrow_reader(rows)

    def ordered(self, query: str, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield what a query of a result table yields, by county and key, in batches."""
        with self.connection.cursor() as cursor:
            text = f"SELECT * FROM ({query}) ORDER BY county, key"
            yield from cursor.sql(text).to_arrow_reader(rows)

    @contextmanager
    def in_order_of_the_table(self) -> Iterator[None]:
        """Let what is joined to a table come in the order of that table, as far as it can be told.

        That is, with one thread, and the table never made the side that is hashed.
        """
        run = self.connection.execute
        run("SET threads = 1")
        run("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        try:
            yield
        finally:
            run(f"SET threads = {self._threads}")
            run("RESET disabled_optimizers")

    def write(self, query: exp.Query, folder: str) -> int:
        """Write what a query yields as Parquet into a new folder; return how many rows."""
        Path(folder).mkdir(parents=True)
        target = exp.Literal.string(str(Path(folder) / "part.parquet")).sql("duckdb")
        text = query.sql("duckdb")
        # Measured: half as fast again as zstd, for files half as large again.
        options = "FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2"
        done = self.connection.execute(f"COPY ({text}) TO {target} ({options})").fetchone()
        return int(done[0]) if done else 0

    def close(self) -> None:
        """Close the database and remove what it spilled."""
        self.connection.close()
        if self._spill is not None:
            self._spill.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
