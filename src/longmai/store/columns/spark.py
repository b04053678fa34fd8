"""Spark: the same rules where one machine is not enough. Needs the extra ``spark`` and Java 17."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from longmai.kernel.errors import Unavailable
from longmai.rules.columns.dialects import SPARK

_LOOPBACK = "127.0.0.1"


class Spark:
    """A session of Spark.

    Args:
        master: where it runs: ``local[2]`` in this process, or ``spark://host:port``.
        memory_mb: of the driver.
        settings: more of Spark's own.
    """

    dialect = SPARK

    def __init__(
        self,
        master: str = "local[2]",
        *,
        memory_mb: int = 1024,
        settings: dict[str, str] | None = None,
    ) -> None:
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra
        except ImportError:
            raise Unavailable(
                "Spark is not installed",
                code="rules.spark",
                mend="pip install 'longmai[spark]', and Java 17 or newer",
            ) from None
        chosen = {
            "spark.ui.enabled": "false",
            "spark.driver.host": _LOOPBACK,
            "spark.driver.bindAddress": _LOOPBACK,
            "spark.driver.memory": f"{memory_mb}m",
            "spark.sql.session.timeZone": "UTC",
            # An overflow is an error, never another number.
            "spark.sql.ansi.enabled": "true",
            "spark.sql.timestampType": "TIMESTAMP_LTZ",
            **(settings or {}),
        }
        builder: Any = SparkSession.builder.master(master).appName("longmai")
        for name, value in chosen.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self._files = tempfile.TemporaryDirectory()

    def register(self, name: str, table: pa.Table) -> None:
        """Make a table known under a name, by a file that the session reads."""
        path = Path(self._files.name) / f"{name}.parquet"
        pq.write_table(table, path)
        self.register_files(name, str(path))

    def register_files(self, name: str, pattern: str) -> None:
        """Make files of Parquet known as a table."""
        self.session.read.parquet(pattern).createOrReplaceTempView(name)

    def create(self, name: str, query: exp.Query) -> None:
        """Keep what a query yields as files, known under a name."""
        folder = str(Path(self._files.name) / f"table_{name}")
        self.session.sql(query.sql("spark")).write.mode("overwrite").parquet(folder)
        self.register_files(name, folder)

    def run(self, query: exp.Query) -> pa.Table:
        """Return what a query yields."""
        return self.session.sql(query.sql("spark")).toArrow()

    def batches(self, query: exp.Query, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield what a query yields in batches; the driver holds one partition at a time."""
        frame = self.session.sql(query.sql("spark"))
        schema = self.run(exp.select("*").from_(query.subquery("_e")).limit(0)).schema
        waiting: list[Any] = []
        for row in frame.toLocalIterator():
            waiting.append(row.asDict())
            if len(waiting) == rows:
                yield pa.RecordBatch.from_pylist(waiting, schema)
                waiting = []
        yield pa.RecordBatch.from_pylist(waiting, schema)

    def write(self, query: exp.Query, folder: str) -> int:
        """Write what a query yields as Parquet into a new folder; return how many rows."""
        self.session.sql(query.sql("spark")).write.parquet(folder)
        return int(self.session.read.parquet(folder).count())

    def close(self) -> None:
        """Stop the session and remove its files."""
        self.session.stop()
        self._files.cleanup()
