"""The database that Splink weighs pairs in: a DuckDB of its own, in bounds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from longmai.store.columns.duckdb import DuckDB


@contextmanager
def splink_database(memory_mb: int = 1500, threads: int = 2) -> Iterator[Any]:
    """Open a database of Splink's; it is gone at the end of the block.

    Args:
        memory_mb: most memory for data; more goes to files.
        threads: most threads.
    """
    from splink import DuckDBAPI  # noqa: PLC0415 - slow import, and only linkage needs it

    with DuckDB(memory_mb=memory_mb, threads=threads, keeps_order=False) as database:
        yield DuckDBAPI(database.connection)
