"""``longmai livelihood cases …``: the work lists on the command line."""

from typing import Annotated
from uuid import UUID

import typer

from longmai.domains.livelihood.casework.kinds import READ
from longmai.domains.livelihood.casework.list_pages import GROUPS
from longmai.domains.livelihood.casework.outbox import SHELF
from longmai.domains.livelihood.casework.queries import case_of, cases, lead_counts
from longmai.domains.livelihood.casework.taking import lay_latest
from longmai.kernel.errors import Invalid
from longmai.portal.accounts.visiting import operator
from longmai.portal.channels import channels_of
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.outbox import Outbox
from longmai.store.table_window import Window

app = typer.Typer(
    name="cases", help="Cases of 政策找人 and their work lists.", no_args_is_help=True
)


@app.command("list")
def list_cases(
    context: typer.Context,
    data: DataFolder = None,
    *,
    chosen: Annotated[
        str, typer.Option("--list", help="open, hearing, objected, granted, over.")
    ] = "open",
    policy: Annotated[str, typer.Option(help="ID of a policy.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """List cases, and how many leads wait.

    Example: `longmai livelihood cases list --list hearing`
    """
    if chosen not in GROUPS:
        raise Invalid("no such list", code="case.list", value=chosen, mend=", ".join(GROUPS))
    house = house_for(context, data)
    scope = operator(house).scope(READ)
    with house.store.read() as connection:
        for kind, count in lead_counts(connection, scope).items():
            typer.echo(f"{kind:<10} {count}")
        total, found = cases(
            connection, scope, Window("last", size=limit), standings=GROUPS[chosen], policy=policy
        )
    typer.echo(f"{chosen:<10} {total}")
    for each in found:
        due = "-" if each.due is None else each.due.isoformat()
        typer.echo(
            f"{each.case_id}  {each.region}  {each.standing:<12}  {due:<10}  {each.policy_id}"
        )


@app.command("leads")
def lay_leads(context: typer.Context, data: DataFolder = None) -> None:
    """Lay the leads of the newest finding on the desks; does nothing where they are there.

    Example: `longmai livelihood cases leads`
    """
    for kind, count in lay_latest(house_for(context, data)).items():
        typer.echo(f"{kind:<10} {count}")


@app.command("show")
def show_case(context: typer.Context, case_id: UUID, data: DataFolder = None) -> None:
    """Show a case, act by act, with the record of each.

    Example: `longmai livelihood cases show 0199a000-0000-7000-8000-000000000001`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        kept = case_of(connection, case_id, operator(house).scope(READ))
    typer.echo(f"{kept.policy_id}  {kept.region}  {kept.case.standing}")
    for each in kept.acts:
        typer.echo(
            f"{each.act.number:>3}  {each.at:%Y-%m-%d %H:%M}  {each.act.deed:<12}  {each.record_id}"
        )


@app.command("send")
def send(context: typer.Context, data: DataFolder = None) -> None:
    """Send what is due in the outbox, once.

    Example: `longmai livelihood cases send`
    """
    house = house_for(context, data)
    arrived = Outbox(house.store, house.clock, channels_of(house.settings), SHELF).send_due()
    typer.echo(f"{arrived} messages arrived.")
