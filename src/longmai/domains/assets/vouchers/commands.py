"""``longmai assets vouchers …``: the journal, as a file."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from longmai.domains.assets.vouchers.pages import COLUMNS, EXPORTED, cells_of
from longmai.domains.assets.vouchers.queries import JournalFilters, journal, trial_balance
from longmai.kernel.money import fen_to_yuan
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.export import csv_of, xlsx_of
from longmai.portal.rendering import Words
from longmai.store.table_window import Window

app = typer.Typer(name="vouchers", help="The journal.", no_args_is_help=True)


@app.command("export")
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="To write: .csv or .xlsx.")],
    region: Annotated[str, typer.Option("--region", help="Division; empty: all.")] = "",
    year: Annotated[int, typer.Option("--year", min=0, max=9999, help="0: all years.")] = 0,
    data: DataFolder = None,
) -> None:
    """Write the journal of a place, one line of a voucher in each row.

    Example: `longmai assets vouchers export journal.xlsx --region 990102001201 --year 2026`
    """
    house = house_for(context, data)
    words = Words(house, house.settings.language)
    filters = JournalFilters(
        region=house.regions.get(region).code if region else "",
        since=date(year, 1, 1) if year else None,
        until=date(year, 12, 31) if year else None,
    )
    with house.store.read() as connection:
        rows = journal(connection, filters, Window("day", size=EXPORTED, descending=False))
    cells = [cells_of(row, words) for row in rows]
    headings = [words(f"vouchers.{name}") for name in COLUMNS]
    write = xlsx_of if file.suffix.lower() == ".xlsx" else csv_of
    file.write_bytes(write(headings, cells))
    typer.echo(f"{len(cells)} lines")


@app.command("balance")
def balance(
    context: typer.Context,
    region: Annotated[str, typer.Argument(help="Division.")],
    data: DataFolder = None,
) -> None:
    """List what was booked on each account, in yuan; both sides add up to the same.

    Example: `longmai assets vouchers balance 990102001201`
    """
    house = house_for(context, data)
    filters = JournalFilters(region=house.regions.get(region).code)
    with house.store.read() as connection:
        found = trial_balance(connection, filters)
    for each in found:
        sums = f"{fen_to_yuan(each.debit_fen):>16}{fen_to_yuan(each.credit_fen):>16}"
        typer.echo(f"{each.code:<6}{sums}  {each.account}")
    debit, credit = (sum(getattr(e, n) for e in found) for n in ("debit_fen", "credit_fen"))
    typer.echo(f"{'':<6}{fen_to_yuan(debit):>16}{fen_to_yuan(credit):>16}")
