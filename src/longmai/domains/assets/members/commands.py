"""``longmai assets members …``: take a roll from a sheet, list it."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from longmai.domains.assets.members.desks import day_of, desk_in
from longmai.domains.assets.members.importing import import_roll
from longmai.domains.assets.members.queries import households
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import NotFound
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.rights.model import EVERYWHERE
from longmai.store.table_window import Window

app = typer.Typer(name="members", help="The roll of a collective.", no_args_is_help=True)


@app.command("import")
def import_sheet(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX, with the headings of the template.")],
    region: Annotated[str, typer.Option("--region", help="Village, 12 digits.")],
    name: Annotated[str, typer.Option("--name", help="Of the collective; empty: as before.")] = "",
    since: Annotated[str, typer.Option("--since", help="From when it holds; today.")] = "",
    data: DataFolder = None,
) -> None:
    """Take a sheet as the roll of a village, whole or not at all.

    Example: `longmai assets members import roll.xlsx --region 990102001201 --name 合作社`

    Exit codes: 0 taken; 2 refused, with each row's fault.
    """
    house = house_for(context, data)
    code = house.regions.get(region).code
    day: date = day_of(since, "--since") if since else beijing_day(house.clock.now())
    try:
        content = file.read_bytes()
    except OSError as error:
        raise NotFound("cannot read the file", value=error.strerror) from None
    with house.store.begin() as work:
        taken = import_roll(desk_in(house, work, operator(house)), code, name, content, day)
    typer.echo(f"entered {taken.entered}, changed {taken.changed}, same {taken.same}")
    for gone in taken.gone:
        typer.echo(f"  gone: {gone}")


@app.command("list")
def list_roll(
    context: typer.Context,
    region: Annotated[str, typer.Argument(help="Village, 12 digits.")],
    data: DataFolder = None,
) -> None:
    """List the households of a village: number, people, shares.

    Example: `longmai assets members list 990102001201`
    """
    with house_for(context, data).store.read() as connection:
        window = Window("number", size=100_000, descending=False)
        _, rows = households(connection, EVERYWHERE, "", window, region)
    for home in rows:
        names = "、".join(each.name for each in home.members)
        typer.echo(f"{home.number}\t{home.all_shares}\t{names}")
