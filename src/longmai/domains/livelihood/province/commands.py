"""``longmai livelihood generate``: a sample province as files."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from longmai.domains.livelihood.province.generating import Order
from longmai.domains.livelihood.province.generating import generate as make
from longmai.kernel.errors import Invalid
from longmai.kernel.regions import RegionPack, find_pack
from longmai.kernel.settings import load_settings

app = typer.Typer()


def day_of(text: str) -> date:
    """Return the day that a text names; today for none.

    Raises:
        Invalid: it names none.
    """
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise Invalid(
            "not a day", code="livelihood.day", value=text, mend="write it like 2026-01-01"
        ) from None


@app.command()
def generate(
    folder: Annotated[Path, typer.Option("--folder", "-f", help="Folder to write.")],
    people: Annotated[int, typer.Option(help="1,000 to 25,100,000.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same gives the same bytes.")] = 1,
    day: Annotated[str, typer.Option("--date", help="On which people are so old; today.")] = "",
    errors: Annotated[
        str, typer.Option(help="Mistakes in departments' files: low, middle, high; none: no files.")
    ] = "middle",
    region: Annotated[str, typer.Option(help="Code of the region pack; empty: the set one.")] = "",
) -> None:
    """Make up households of a whole region, fitted to its published totals, and departments' files.

    Example: `longmai livelihood generate --people 20000 --seed 1 --folder sample`
    """
    pack = RegionPack.load(find_pack(region or load_settings().region))
    level = "" if errors == "none" else errors
    columns = (TextColumn("people"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("people", total=people)
        made = make(
            pack,
            Order(people, seed, folder, day_of(day), level,
                  lambda done: progress.update(task, advance=done)),
        )  # fmt: skip
    typer.echo(
        f"wrote {folder}: {people:,} sample people of {pack.name}, {len(made['files'])} files"
    )
    for name, codes in made["assumed_for"].items():
        if codes:
            typer.echo(f"  {name}: the whole region's share is taken for {len(codes)} prefectures")
