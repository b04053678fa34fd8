"""``longmai rules table``: a decision table from one form into another."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from longmai.kernel.errors import Invalid, NotFound, Unavailable
from longmai.rules.grid.forms import Form, Opened, open_table, write_table
from longmai.rules.grid.layout import Language
from longmai.rules.grid.places import refuse


def table(
    file: Annotated[Path, typer.Argument(help="A grid (.md, .txt), a workbook or a DMN model.")],
    to: Annotated[Form, typer.Option("--to", help="Form to write.")] = "grid",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; else standard output.")
    ] = None,
    decision: Annotated[
        str, typer.Option(help="Decision whose table is read, of a model with several.")
    ] = "",
    language: Annotated[
        Language, typer.Option("--lang", help="Language of the words in a grid or a workbook.")
    ] = "zh",
) -> None:
    """Check a decision table, and write it as a grid, a workbook, DMN or JSON.

    The form of the file is told by how it begins. A model keeps its other parts where it is written
    as DMN again. What is wrong in a DMN model is said and does not stop it; in other forms it does.

    Example: `longmai rules table subsidy.xlsx --to dmn -o subsidy.dmn`
    """
    opened = open_table(_bytes(file), str(file), decision)
    _tell(opened, str(file))
    name = opened.name or file.stem
    data = write_table(opened.table, to, name, opened.model, language)
    if out is not None:
        _write(out, data)
    elif to == "xlsx":
        raise Invalid(
            "a workbook is no text for a terminal", code="table.out", mend="name a file with -o"
        )
    else:
        sys.stdout.write(data.decode())


def _tell(opened: Opened, place: str) -> None:
    if opened.form != "dmn":
        refuse(list(opened.findings), place)
    for each in opened.findings:
        typer.secho(str(each), fg=typer.colors.YELLOW, err=True)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound("cannot read the file", place=str(file), value=error.strerror) from None


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise Unavailable("cannot write the file", place=str(file), value=error.strerror) from None
