"""Tables that people send, and tables that they take away."""

import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from longmai.kernel.errors import Invalid, NotFound, TooLarge
from longmai.kernel.money import FEN_PER_YUAN
from longmai.portal.export import Cell
from longmai.portal.rendering import Words
from longmai.portal.simulation.models import Answer, Estimate, Line
from longmai.rules.simulate.files import read_csv

MAX_FILE_BYTES = 16 * 1024 * 1024
_PARQUET = b"PAR1"
COUNTS = (
    "people", "met_before", "met_after", "newly", "gone", "gain", "loss", "same", "unknown",
    "reviewed", "winners", "losers",
)  # fmt: skip
MONEY = ("cost_before", "cost_after", "change_fen", "gains_fen", "losses_fen")


def read_table(data: bytes) -> pa.Table:
    """Read a table that somebody sent: Parquet, or CSV in UTF-8 or GB 18030.

    Raises:
        TooLarge: more than we take.
        Invalid: it cannot be read.
    """
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(
            f"a table has at most {MAX_FILE_BYTES // 1024 // 1024} MiB",
            code="what_if.size", mend="send a sample, with weights",
        )  # fmt: skip
    try:
        return _parquet(data) if data.startswith(_PARQUET) else read_csv(data)
    except (pa.ArrowException, OSError) as error:
        raise Invalid(
            "the table cannot be read", code="what_if.file", value=str(error)[:200],
            mend="send CSV with a row of headings, or Parquet",
        ) from None  # fmt: skip


def _parquet(data: bytes) -> pa.Table:
    file = pq.ParquetFile(io.BytesIO(data))
    # What it unpacks to, before it is unpacked.
    size = sum(
        file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)
    )
    if size > 8 * MAX_FILE_BYTES:
        raise TooLarge("the table unpacks to too much", code="what_if.size", mend="send a sample")
    return file.read()


def headings(t: Words) -> list[str]:
    """Return the headings of a file of an answer."""
    found = [t("what_if.kind"), t("what_if.place"), t("what_if.code")]
    for name in (*COUNTS, *MONEY):
        label = t(f"what_if.line.{name}")
        found += [label, t("what_if.margin_of", name=label)]
    return found


def rows(t: Words, found: Answer) -> list[Sequence[Cell]]:
    """Return the rows of a file of an answer: all, each county, each group."""
    kept: list[Sequence[Cell]] = [_row(t("what_if.all"), t("what_if.all"), found.total)]
    kept += [_row(t("what_if.county"), place(t, each.key), each) for each in found.regions]
    kept += [_row(found.group, each.key, each) for each in found.groups]
    return kept


def place(t: Words, code: str) -> str:
    """Return the name of a county; its code where the region pack has none."""
    try:
        return t.house.regions.path_name(code, t.language)
    except (Invalid, NotFound):
        return code


def _row(kind: str, name: str, line: Line) -> list[Cell]:
    cells: list[Cell] = [kind, name, line.key]
    for each in COUNTS:
        found: Estimate = getattr(line, each)
        cells += [found.value, found.margin]
    for each in MONEY:
        found = getattr(line, each)
        margin = None if found.margin is None else _yuan(found.margin)
        cells += [_yuan(found.value), margin]
    return cells


def _yuan(fen: int) -> float:
    # A number to a spreadsheet; below 10**13 yuan the nearest float shows every fen.
    return fen / FEN_PER_YUAN
