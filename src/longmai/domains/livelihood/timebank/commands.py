"""``longmai livelihood hours …``: open a bank, check rules and books, settle, expire."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from longmai.domains.livelihood.timebank.booking import expire
from longmai.domains.livelihood.timebank.books import banks, faults
from longmai.domains.livelihood.timebank.desk import Desk
from longmai.domains.livelihood.timebank.founding import NewBank, open_bank
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.model.rules import BankRules, require_complete, rules_in
from longmai.domains.livelihood.timebank.settling import settle
from longmai.portal.accounts.service import known_region
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.house import House

app = typer.Typer(name="hours", help="时间银行: banks of hours.", no_args_is_help=True)
RulesFile = Annotated[Path, typer.Argument(help="Rules file (YAML); may extend the examples.")]


def _done(house: House, act: Callable[[Desk], object]) -> object:
    with house.store.begin() as work:
        return act(Desk(work, operator(house), house.clock.now()))


def _read(file: Path) -> BankRules:
    return rules_in(file.parent, file.stem)


@app.command("rules")
def check_rules(files: Annotated[list[Path], typer.Argument(help="Rules files (YAML).")]) -> None:
    """Check rules files: form, and whether a bank could open on them.

    Example: `longmai livelihood hours rules our-bank.yaml`
    """
    for file in files:
        require_complete(_read(file))
        typer.secho(f"✓ {file}", fg=typer.colors.GREEN)


@app.command("open")
def open_one(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the bank.")],
    region: Annotated[str, typer.Argument(help="Region, by code or name.")],
    rules: RulesFile,
    data: DataFolder = None,
) -> None:
    """Open a bank under the rules of a file, and print its ID.

    Example: `longmai livelihood hours open 示例银行 6201 our-bank.yaml`
    """
    house = house_for(context, data)
    wish = NewBank(name, known_region(region, house.regions), _read(rules))
    typer.echo(str(_done(house, lambda desk: open_bank(desk, wish))))


@app.command("check")
def check_books(context: typer.Context, data: DataFolder = None) -> None:
    """Add all books up anew: zero on the whole, no limit broken, two books that agree.

    Example: `longmai livelihood hours check`

    Exit codes: 0 all right; 1 something is wrong.
    """
    with house_for(context, data).store.read() as connection:
        found, known = list(faults(connection)), banks(connection)
    for fault in found:
        typer.secho(f"✗ {fault}", fg=typer.colors.RED, err=True)
    if found:
        raise typer.Exit(1)
    typer.secho(f"✓ {len(known)} banks: every book is even, and they agree", fg=typer.colors.GREEN)


@app.command("expire")
def book_ended(context: typer.Context, data: DataFolder = None) -> None:
    """Book in all banks what has ended; run it each night.

    Example: `longmai livelihood hours expire`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        known = banks(connection)
    for bank in known:
        found = _done(house, lambda desk, bank_id=bank.id: expire(desk, bank_id))  # type: ignore[misc] # bound now
        count = len(found) if isinstance(found, list) else 0
        typer.echo(f"{bank.name}: {count} accounts")


@app.command("settle")
def settle_all(context: typer.Context, data: DataFolder = None) -> None:
    """Settle all that the banks owe each other, netted.

    Example: `longmai livelihood hours settle`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        names: dict[UUID, str] = {bank.id: bank.name for bank in banks(connection)}
    with house.store.begin() as work:
        found = settle(Desk(work, operator(house), house.clock.now()))
    for payment in found.payments:
        said = f"{names[payment.debtor]} → {names[payment.creditor]}"
        typer.echo(f"{said}  {clock_text(payment.minutes)}")
    typer.secho(f"✓ settled: {found.reference}", fg=typer.colors.GREEN)
