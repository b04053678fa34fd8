"""``longmai assets dividends …``: charter, draft, what if, what each household gets."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from longmai.domains.assets.dividends.queries import charter_in, plan_of
from longmai.domains.assets.dividends.service import adopt_text, draft
from longmai.domains.assets.dividends.sheet import read_plan
from longmai.domains.assets.dividends.what_if import compare
from longmai.domains.assets.members.desks import day_of, desk_in
from longmai.domains.assets.members.queries import roll_of
from longmai.domains.assets.vouchers.queries import vouchers_of
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for

app = typer.Typer(name="dividends", help="Distribution of earnings.", no_args_is_help=True)


@app.command("charter")
def take_charter(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Policy file of the charter.")],
    region: Annotated[str, typer.Option("--region", help="Village, 12 digits.")],
    data: DataFolder = None,
) -> None:
    """Adopt a charter's rules of distribution from a policy file.

    Example: `longmai assets dividends charter charter.yaml --region 990102001201`

    Exit codes: 0 adopted; 2 refused, with each finding.
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        desk = desk_in(house, work, operator(house))
        typer.echo(adopt_text(desk, house.regions.get(region).code, _read(file).decode("utf-8")))


@app.command("draft")
def draft_plan(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Sheet with the headings of the template.")],
    region: Annotated[str, typer.Option("--region", help="Village, 12 digits.")],
    year: Annotated[int, typer.Option("--year", help="Whose earnings are divided.")],
    as_of: Annotated[str, typer.Option("--as-of", help="Day of the shares; 31 December.")] = "",
    data: DataFolder = None,
) -> None:
    """Work a plan out from its sheet, and record the draft; print its ID.

    Example: `longmai assets dividends draft plan.xlsx --region 990102001201 --year 2025`

    Exit codes: 0 drafted; 2 the sheet is wrong; 4 the charter refuses it, with the arithmetic.
    """
    house = house_for(context, data)
    code, day = house.regions.get(region).code, day_of(as_of or f"{year}-12-31", "--as-of")
    with house.store.begin() as work:
        roll = roll_of(work.connection, code, day)
        policy = charter_in(work.connection, code).policy
        plan = read_plan(_read(file), policy, roll, year, day)
        typer.echo(draft(desk_in(house, work, operator(house)), plan))


@app.command("show")
def show_plan(
    context: typer.Context,
    plan: Annotated[UUID, typer.Argument(help="ID of the plan.")],
    data: DataFolder = None,
) -> None:
    """Show a plan: its sums, what each household gets, and its vouchers, in yuan.

    Example: `longmai assets dividends show 0197…`
    """
    with house_for(context, data).store.read() as connection:
        found = plan_of(connection, plan)
        roll = roll_of(connection, found.plan.region, found.plan.as_of)
        vouchers = vouchers_of(connection, plan)
    for name in ("available_fen", "fund_fen", "kept_fen", "labour_fen"):
        typer.echo(f"{name.removesuffix('_fen'):<10}{fen_to_yuan(getattr(found, name)):>16}")
    for own, part in found.parts.items():
        number = roll.homes[own].number if own in roll.homes else str(own)
        typer.echo(f"{number:<10}{part.shares!s:>8}{fen_to_yuan(part.total_fen):>16}")
    for row in vouchers:
        amount = fen_to_yuan(row.amount_fen)
        typer.echo(f"{row.on_day} {row.number} {row.side:<6} {row.code} {amount:>14}  {row.text}")


@app.command("what-if")
def what_if(
    context: typer.Context,
    plan: Annotated[UUID, typer.Argument(help="ID of the plan.")],
    numbers: Annotated[list[str], typer.Option("--set", help="NAME=VALUE of the charter.")],
    data: DataFolder = None,
) -> None:
    """Compare the households of a plan under other numbers of the charter; nothing is written.

    Example: `longmai assets dividends what-if 0197… --set 公积公益金比例=15`

    Exit codes: 0 worked out; 2 no such number; 4 the charter refuses it then.
    """
    house = house_for(context, data)
    asked = dict(_pair(each) for each in numbers)
    with house.store.begin() as work:
        desk = desk_in(house, work, operator(house))
        told = compare(desk, plan_of(work.connection, plan), asked)
    for each in told.changes:
        typer.echo(
            f"{each.number:<10}{fen_to_yuan(each.before_fen):>14}{fen_to_yuan(each.after_fen):>14}"
        )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise Invalid("write NAME=VALUE", code="assets.charter.set", value=text)
    return name, value


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound("cannot read the file", value=error.strerror) from None
