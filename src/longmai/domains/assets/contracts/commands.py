"""``longmai assets contracts …``: list, import, take a statement, book the income of a month."""

from pathlib import Path
from typing import Annotated

import typer

from longmai.domains.assets.contracts.drafting import import_contracts
from longmai.domains.assets.contracts.queries import ContractFilters, contracts
from longmai.domains.assets.contracts.receiving import book_income
from longmai.domains.assets.contracts.shown import yuan
from longmai.domains.assets.contracts.statement import import_statement
from longmai.domains.assets.members.desks import desk_in
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import NotFound
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.store.table_window import Window

app = typer.Typer(name="contracts", help="Contracts, receipts, arrears.", no_args_is_help=True)

Village = Annotated[str, typer.Option("--region", help="Village, 12 digits.")]
_MOST = 20_000


@app.command("list")
def list_contracts(
    context: typer.Context,
    region: Annotated[str, typer.Argument(help="Division; empty: all.")] = "",
    data: DataFolder = None,
) -> None:
    """List contracts, who owes most first: number, tenant, due, received, overdue in yuan.

    Example: `longmai assets contracts list 990102001201`
    """
    house = house_for(context, data)
    filters = ContractFilters(region=house.regions.get(region).code if region else "")
    today = beijing_day(house.clock.now())
    with house.store.read() as connection:
        rows = contracts(connection, filters, Window("arrears", size=_MOST), today)
    for each in rows:
        sums = (each.due_fen, each.received_fen, each.arrears_fen)
        told = "".join(f"{yuan(amount):>16}" for amount in sums)
        terms = each.terms
        typer.echo(f"{told}  {terms.number}  {terms.tenant.name}  {each.state}  {each.contract_id}")


@app.command("import")
def import_sheet(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX, with the headings of the template.")],
    region: Village,
    data: DataFolder = None,
) -> None:
    """Sign the contracts of a sheet, all or none.

    Example: `longmai assets contracts import contracts.xlsx --region 990102001201`

    Exit codes: 0 taken; 2 refused, with each row's fault.
    """
    house = house_for(context, data)
    village = house.regions.get(region)
    with house.store.begin() as work:
        desk = desk_in(house, work, operator(house))
        signed = import_contracts(desk, village.code, _read(file), f"{village.name}集体经济组织")
    typer.echo(f"{signed} contracts")


@app.command("statement")
def take_statement(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Statement of the bank, CSV or XLSX.")],
    region: Village,
    data: DataFolder = None,
) -> None:
    """Take the rent in a bank's statement; lines that were taken before change nothing.

    Example: `longmai assets contracts statement bank.xlsx --region 990102001201`

    Exit codes: 0 taken; 2 refused, with each row's fault.
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        taken = import_statement(desk_in(house, work, operator(house)), region, _read(file))
    typer.echo(f"taken {taken.taken} ({yuan(taken.amount_fen)} yuan), known {taken.known}")
    for each in taken.aside:
        typer.echo(f"  row {each.row}: {each.payer} {yuan(each.amount_fen)}, of no contract")


@app.command("income")
def book_month(
    context: typer.Context,
    month: Annotated[str, typer.Argument(help="Month that is over, such as 2026-10.")],
    region: Village,
    data: DataFolder = None,
) -> None:
    """Book what contracts have earned until the end of a month; twice books nothing twice.

    Example: `longmai assets contracts income 2026-10 --region 990102001201`
    """
    house = house_for(context, data)
    year, _, number = month.partition("-")
    digits = year.isdigit() and number.isdigit()
    with house.store.begin() as work:
        desk = desk_in(house, work, operator(house))
        done = book_income(desk, region, int(year) if digits else 0, int(number) if digits else 0)
    typer.echo(f"{yuan(done)} yuan")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound("cannot read the file", value=error.strerror) from None
