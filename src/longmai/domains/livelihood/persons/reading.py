"""Departments' files as they come: CSV, XLSX or Parquet, read row by row as texts."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longmai.kernel.errors import Invalid, TooLarge
from longmai.portal.sheets import MAX_COLUMNS, sheet_rows

MAX_UPLOAD_BYTES = 64 * 1024 * 1024
MAX_ROWS = 2_000_000
_PARQUET = b"PAR1"
_BATCH = 10_000


@dataclass(frozen=True)
class DepartmentFile:
    """A file of a department.

    Attributes:
        name: as it was sent.
        data: its bytes.
    """

    name: str
    data: bytes

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet."""
        return self.data.startswith(_PARQUET)

    def headings(self) -> list[str]:
        """Return the headings.

        Raises:
            Invalid: it cannot be read, has no headings, or one stands twice.
            TooLarge: it is larger than we take.
        """
        if len(self.data) > MAX_UPLOAD_BYTES:
            raise TooLarge(
                f"a file has at most {MAX_UPLOAD_BYTES // 1024 // 1024} MiB",
                code="persons.file_size",
                mend="send it as Parquet, or in parts",
            )
        first = self._schema().names if self.is_parquet else next(sheet_rows(self.data), [])
        found = [each.strip() for each in first]
        while found and not found[-1]:
            found.pop()
        wrong = sorted({each for each in found if not each or found.count(each) > 1})
        if not found or wrong:
            raise Invalid(
                "the first row must have the headings, each once",
                code="persons.headings",
                place="row 1",
                value=", ".join(wrong),
                mend="give every column a heading of its own",
            )
        return found[:MAX_COLUMNS]

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield (number, cells) of each row; the headings are row 1.

        Raises:
            Invalid: it cannot be read to the end.
            TooLarge: it has more rows than we take.
        """
        found = self._parquet_rows() if self.is_parquet else sheet_rows(self.data)
        if not self.is_parquet:
            next(found, None)
        for number, cells in enumerate(found, 2):
            if number > MAX_ROWS + 1:
                raise TooLarge(
                    f"a file has at most {MAX_ROWS} rows",
                    code="persons.rows",
                    mend="send it in parts",
                )
            yield number, cells

    def count(self) -> int | None:
        """Return how many rows it has, where that is known without reading it."""
        return pq.read_metadata(io.BytesIO(self.data)).num_rows if self.is_parquet else None

    def _schema(self) -> pa.Schema:
        try:
            return pq.read_schema(io.BytesIO(self.data))
        except pa.ArrowInvalid as error:
            raise _unreadable(self.name, str(error)) from None

    def _parquet_rows(self) -> Iterator[list[str]]:
        try:
            opened = pq.ParquetFile(io.BytesIO(self.data))
            for batch in opened.iter_batches(_BATCH):
                columns = [column.to_pylist() for column in batch.columns[:MAX_COLUMNS]]
                for row in zip(*columns, strict=True):
                    yield [_text(cell) for cell in row]
        except pa.ArrowInvalid as error:
            raise _unreadable(self.name, str(error)) from None


def read_file(path: Path) -> DepartmentFile:
    """Return a file of this machine.

    Raises:
        Invalid: it cannot be opened.
    """
    try:
        return DepartmentFile(path.name, path.read_bytes())
    except OSError as error:
        raise _unreadable(str(path), str(error.strerror)) from None


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime | date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _unreadable(name: str, why: str) -> Invalid:
    return Invalid(
        "the file cannot be read as a table",
        code="persons.unreadable",
        place=name,
        value=why,
        mend="save it as CSV in UTF-8, as XLSX, or as Parquet",
    )
