"""Files of banks, declared as data: columns, widths, encoding, the line of totals; and answers.

A form says what stands where; nothing of a bank is in the program. A text that the encoding does
not know, or that is wider than its column, is refused with its line: a bank would cut it silently.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longmai.domains.livelihood.payments.model.batch import Line
from longmai.kernel.errors import Invalid, InvalidMany
from longmai.kernel.money import fen_to_yuan

ENCODINGS = ("utf-8", "utf-8-sig", "gbk", "gb18030")
VALUES = (
    "number", "item", "account", "name", "bank", "amount_yuan", "amount_fen", "purpose", "period",
    "text", "lines", "total_yuan", "total_fen", "batch",
)  # fmt: skip
"""What a column can hold; the last four are of the whole batch, for the line of totals."""


@dataclass(frozen=True)
class Column:
    """A column of a form.

    Attributes:
        value: one of ``VALUES``.
        width: in bytes of the encoding; 0: as wide as it is.
        right: set to the right; ``pad`` fills the rest.
        text: of a ``text`` column.
    """

    name: str
    value: str
    width: int = 0
    right: bool = False
    pad: str = " "
    text: str = ""


@dataclass(frozen=True)
class BankForm:
    """A bank's form of a batch.

    Attributes:
        fixed: columns of fixed width stand side by side; else a delimiter is between them.
        heading: the first line names the columns.
        totals: columns of the line of totals; empty: there is none.
        totals_first: it stands before the lines.
        answer: headings of the bank's answer: ``item``, ``code``, ``reason``.
        good: codes that say that a payment arrived.
        status: ``现行`` or ``待核定``.
    """

    key: str
    name: str
    name_en: str
    status: str
    encoding: str
    newline: str
    fixed: bool
    delimiter: str
    heading: bool
    suffix: str
    columns: tuple[Column, ...]
    totals: tuple[Column, ...]
    totals_first: bool
    answer: Mapping[str, str]
    good: frozenset[str]


@dataclass(frozen=True)
class Batch:
    """What a file says of the whole batch."""

    key: str
    purpose: str


def read_form(file: Path) -> BankForm:
    """Read a form.

    Raises:
        Invalid: the file is no form; says where.
    """
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        return _form(file.stem, told)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, OSError) as error:
        raise Invalid(
            "this is no form of a bank", code="pay.form", place=file.name, value=str(error)
        ) from None


def _form(key: str, told: Mapping[str, Any]) -> BankForm:
    head = told["form"]
    if head["encoding"] not in ENCODINGS:
        raise Invalid(
            "no such encoding", code="pay.form", place=key, value=head["encoding"],
            mend=", ".join(ENCODINGS),
        )  # fmt: skip
    return BankForm(
        key=key,
        name=head["name"],
        name_en=head["name_en"],
        status=head["status"],
        encoding=head["encoding"],
        newline={"crlf": "\r\n", "lf": "\n"}[head["newline"]],
        fixed=head["layout"] == "fixed",
        delimiter=head.get("delimiter", ""),
        heading=head["heading"],
        suffix=head["suffix"],
        columns=tuple(_column(key, each) for each in told["columns"]),
        totals=tuple(_column(key, each) for each in told.get("totals", {}).get("columns", ())),
        totals_first=told.get("totals", {}).get("first", False),
        answer=told["answer"]["headings"],
        good=frozenset(told["answer"]["good"]),
    )


def _column(key: str, told: Mapping[str, Any]) -> Column:
    column = Column(**told)
    if column.value not in VALUES:
        raise Invalid("no such value", code="pay.form", place=key, value=column.value)
    return column


def written(form: BankForm, lines: Sequence[Line], batch: Batch) -> bytes:
    """Return the file of a batch.

    Raises:
        InvalidMany: texts that the form cannot hold; each with its line and column.
    """
    findings: list[Invalid] = []
    rows = [
        _row(form, form.columns, _values(line, number, batch), number, findings)
        for number, line in enumerate(lines, start=1)
    ]
    if form.totals:
        row = _row(form, form.totals, _totals(lines, batch), 0, findings)
        rows = [row, *rows] if form.totals_first else [*rows, row]
    if form.heading:
        rows = [form.delimiter.join(each.name for each in form.columns), *rows]
    if findings:
        raise InvalidMany(f"{len(findings)} texts do not fit the bank's form", findings)
    return "".join(row + form.newline for row in rows).encode(form.encoding)


def _values(line: Line, number: int, batch: Batch) -> Mapping[str, str]:
    return {
        "number": str(number),
        "item": line.item,
        "account": line.account,
        "name": line.name,
        "bank": line.bank,
        "amount_yuan": f"{fen_to_yuan(line.amount_fen):.2f}",
        "amount_fen": str(line.amount_fen),
        "purpose": batch.purpose,
        "period": line.period,
    }


def _totals(lines: Sequence[Line], batch: Batch) -> Mapping[str, str]:
    total = sum(line.amount_fen for line in lines)
    return {
        "lines": str(len(lines)),
        "total_yuan": f"{fen_to_yuan(total):.2f}",
        "total_fen": str(total),
        "batch": batch.key,
        "purpose": batch.purpose,
    }


def _row(
    form: BankForm,
    columns: Iterable[Column],
    values: Mapping[str, str],
    number: int,
    findings: list[Invalid],
) -> str:
    cells = [_cell(form, column, values, number, findings) for column in columns]
    return ("" if form.fixed else form.delimiter).join(cells)


def _cell(
    form: BankForm,
    column: Column,
    values: Mapping[str, str],
    number: int,
    findings: list[Invalid],
) -> str:
    text = column.text if column.value == "text" else values[column.value]
    place = f"line {number}, {column.name}"
    try:
        size = len(text.encode(form.encoding))
    except UnicodeEncodeError as error:
        bad = text[error.start : error.end]
        findings.append(
            Invalid(
                "the bank's encoding has no such character", code="pay.character", place=place,
                value=bad, mend="write it with another character, as the account has it",
            )
        )  # fmt: skip
        return text
    if any(mark in text for mark in ("\r", "\n", form.delimiter) if mark):
        findings.append(
            Invalid(
                "a text holds what parts columns", code="pay.delimiter", place=place, value=text
            )
        )
    if column.width and size > column.width:
        findings.append(
            Invalid(
                f"wider than the {column.width} bytes of its column",
                code="pay.width", place=place, value=text,
            )
        )  # fmt: skip
    fill = column.pad * max(0, column.width - size)
    return fill + text if column.right else text + fill


@dataclass(frozen=True)
class Answer:
    """What the bank says of a payment; ``good``: it arrived."""

    row: int
    item: str
    code: str
    reason: str
    good: bool


def answers_of(form: BankForm, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[Answer]:
    """Yield what a bank's answer says; rows as ``portal.sheets`` reads them."""
    for number, cells in rows:
        code = cells[form.answer["code"]]
        yield Answer(
            number, cells[form.answer["item"]], code, cells[form.answer["reason"]],
            good=code in form.good,
        )  # fmt: skip


def lines_read(form: BankForm, data: bytes) -> list[list[str]]:
    """Return the cells of a file written by a delimited form: to look at it, and for tests."""
    text = data.decode(form.encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter))
