"""What columns need of a database: tables in, a query run, Arrow out. Nothing else."""

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa
from sqlglot import exp

from longmai.rules.columns.dialects import Dialect


class Backend(Protocol):
    """A database that runs queries of columns.

    Attributes:
        dialect: how it writes SQL.
    """

    dialect: Dialect

    def register(self, name: str, table: pa.Table) -> None:
        """Make a table known under a name, in place of one that had it."""

    def create(self, name: str, query: exp.Query) -> None:
        """Keep what a query yields as a table of a name, in place of one that had it."""

    def run(self, query: exp.Query) -> pa.Table:
        """Return what a query yields."""

    def batches(self, query: exp.Query, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield what a query yields in batches of about so many rows, never all at once."""

    def write(self, query: exp.Query, folder: str) -> int:
        """Write what a query yields as Parquet into a new folder; return how many rows."""

    def close(self) -> None:
        """Let go of connections and files."""
