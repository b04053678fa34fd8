"""``longmai assets …``: import and export a ledger, build the sample county."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from longmai.domains.assets.county.generating import generate as build
from longmai.domains.assets.county.inventing import DEFAULT_SEED, Extent
from longmai.domains.assets.register import queries
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.import_pages import fault_words
from longmai.domains.assets.register.importing.drafts import WRONG, plan, write
from longmai.domains.assets.register.importing.workbooks import ledger_workbook
from longmai.kernel.errors import Invalid, NotFound
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.rendering import Words
from longmai.store.table_window import Window

app = typer.Typer(no_args_is_help=True)

_UNITS = {"": 0, "yuan": 100, "wan": 1_000_000}
_MOST = 20_000


@app.command("import")
def import_ledger(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The ledger, XLSX or CSV.")],
    region: Annotated[str, typer.Option(help="Code of the village, township or county.")],
    unit: Annotated[str, typer.Option(help="Unit where no heading names one: yuan, wan.")] = "",
    data: DataFolder = None,
    *,
    take: Annotated[bool, typer.Option("--take", help="Write the good rows.")] = False,
) -> None:
    """Say what a ledger holds, row by row; with --take, write its good rows, all in one.

    Example: `longmai assets import ledger.xlsx --region 990102 --take`

    Exit codes: 0 all rows are good; 2 some are not, or the file cannot be read.
    """
    if unit not in _UNITS:
        raise Invalid("no such unit", place="--unit", value=unit, mend="write yuan or wan")
    house = house_for(context, data)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise NotFound("cannot read the file", place=str(file), value=error.strerror) from None
    words = Words(house, house.settings.language)
    with house.store.begin() as work:
        desk = Desk.of(house, work, operator(house))
        found = plan(desk, body, house.regions.get(region).code, _UNITS[unit])
        if take:
            write(desk, found.rows, file.name)
    for each in found.of(WRONG):
        said = "；".join(fault_words(words, fault) for fault in each.row.faults)
        typer.secho(f"{each.row.sheet} {each.row.number}: {said}", fg=typer.colors.RED, err=True)
    for note in found.notes:
        typer.echo(words(f"register.import.note.{note.code}", sheet=note.sheet, value=note.value))
    told = ", ".join(
        f"{words(f'register.import.outcome.{name}')} {n}" for name, n in found.counts.items()
    )
    typer.echo(told)
    raise typer.Exit(Invalid.exit_code if found.counts[WRONG] else 0)


@app.command("export")
def export_ledger(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Workbook to write.")],
    region: Annotated[str, typer.Option(help="Code of a division; empty: all.")] = "",
    data: DataFolder = None,
) -> None:
    """Write the ledger of a place as a workbook that can be imported again.

    Example: `longmai assets export ledger.xlsx --region 990102`
    """
    house = house_for(context, data)
    code = house.regions.get(region).code if region else ""
    with house.store.read() as connection:
        window = Window("code", size=_MOST, descending=False)
        found = queries.page(connection, queries.Filters(region=code), window)
    file.write_bytes(ledger_workbook(each.asset for each in found))
    typer.echo(f"{len(found)} assets")


@app.command("generate")
def generate(
    context: typer.Context,
    county: Annotated[str, typer.Option(help="Code; empty: the sample village's.")] = "",
    townships: Annotated[int, typer.Option(min=1, max=100)] = 16,
    villages: Annotated[int, typer.Option(min=1, max=1000)] = 250,
    assets: Annotated[int, typer.Option(min=1, max=200_000)] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same county.")] = DEFAULT_SEED,
    data: DataFolder = None,
) -> None:
    """Build a sample county of assets through the services that people use.

    Villages that have assets already are left alone.

    Example: `longmai assets generate --villages 250 --assets 20000`
    """
    house = house_for(context, data)
    extent = Extent(townships, villages, assets)
    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("villages", total=None)
        count = build(
            house,
            county,
            extent,
            seed,
            lambda done, total: bars.update(bar, completed=done, total=total),
        )
    typer.echo(f"{count} assets")
