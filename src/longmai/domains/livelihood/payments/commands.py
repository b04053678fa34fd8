"""``longmai livelihood pay …``: batches on the command line.

Who makes a batch here does not approve it here: the operator is one person.
"""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from longmai.domains.livelihood.payments.banks import form_of
from longmai.domains.livelihood.payments.handing import answers_in
from longmai.domains.livelihood.payments.kinds import READ
from longmai.domains.livelihood.payments.pay_pages import ACCOUNT_HEADINGS, yuan
from longmai.domains.livelihood.payments.queries import balances, batch_of, batches
from longmai.domains.livelihood.payments.service import (
    Desk,
    NewAccount,
    Wish,
    approve,
    draft,
    export,
    give_accounts,
    settle,
    take_returns,
)
from longmai.kernel.errors import Conflict, NotFound
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.sheets import read_sheet
from longmai.store.table_window import Window

app = typer.Typer(name="pay", help="Batches of payments.", no_args_is_help=True)


@app.command("list")
def list_batches(
    context: typer.Context,
    data: DataFolder = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """List batches, newest first.

    Example: `longmai livelihood pay list`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        _, found = batches(connection, operator(house).scope(READ), Window("", size=limit))
    for each in found:
        told = f"{each.lines:>6}  {yuan(each.total_fen):>14}  {each.stands:<9}  {each.policy_id}"
        typer.echo(f"{each.batch_id}  {each.region}  {each.period:<7}  {told}")


@app.command("accounts")
def take_accounts(context: typer.Context, file: Path, data: DataFolder = None) -> None:
    """Take in a sheet of accounts: 人员编号, 户名, 账号, 开户行, 区划.

    Example: `longmai livelihood pay accounts accounts.csv`
    """
    house = house_for(context, data)
    rows = read_sheet(_read(file), ACCOUNT_HEADINGS)
    given = [NewAccount(*(row.cells[name] for name in ACCOUNT_HEADINGS)) for row in rows]
    with house.store.begin() as work:
        count = give_accounts(Desk(work, operator(house), house.clock.now()), given)
    typer.echo(f"{count} new accounts.")


@app.command("draft")
def draft_batch(
    context: typer.Context,
    data: DataFolder = None,
    *,
    policy: Annotated[str, typer.Option(help="ID of the policy.")],
    period: Annotated[str, typer.Option(help="2026-09, 2026 or once.")],
    region: Annotated[str, typer.Option(help="Code; empty: the house's region.")] = "",
    form: Annotated[str, typer.Option(help="Key of the bank's form.")] = "sample-bank",
) -> None:
    """Make a batch of what is due and unpaid, and of what came back.

    Example: `longmai livelihood pay draft --policy livelihood.old-age-allowance --period 2026-09`
    """
    house = house_for(context, data)
    found = house.policies.versions(policy)[0]
    wish = Wish(found, region or house.regions.code, period, form_of(house, form).key)
    with house.store.begin() as work:
        batch_id = draft(Desk(work, operator(house), house.clock.now()), wish)
    typer.echo(str(batch_id))


@app.command("approve")
def approve_batch(context: typer.Context, batch_id: UUID, data: DataFolder = None) -> None:
    """Approve a batch that somebody else made.

    Example: `longmai livelihood pay approve 0199a000-0000-7000-8000-000000000001`
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        record_id = approve(Desk(work, operator(house), house.clock.now()), batch_id)
    typer.echo(f"record {record_id}")


@app.command("export")
def export_batch(
    context: typer.Context,
    batch_id: UUID,
    out: Path,
    data: DataFolder = None,
    *,
    purpose: Annotated[str, typer.Option(help="What the bank statement says.")] = "",
) -> None:
    """Write the bank's file of an approved batch.

    Example: `longmai livelihood pay export 0199a000-0000-7000-8000-000000000001 pay.txt`
    """
    house = house_for(context, data)
    visitor = operator(house)
    if out.exists():
        raise Conflict("the file is there already", value=str(out), mend="choose another name")
    with house.store.begin() as work:
        kept = batch_of(work.connection, batch_id, visitor.scope(READ))
        desk = Desk(work, visitor, house.clock.now())
        body = export(desk, batch_id, form_of(house, kept.form), purpose)
        out.write_bytes(body)
    typer.echo(f"{kept.lines} lines, {yuan(kept.total_fen)} yuan: {out}")


@app.command("returns")
def take_answer(
    context: typer.Context, batch_id: UUID, file: Path, data: DataFolder = None
) -> None:
    """Take in the bank's answer: what did not arrive comes back.

    Example: `longmai livelihood pay returns 0199a000-0000-7000-8000-000000000001 answer.csv`
    """
    house = house_for(context, data)
    visitor = operator(house)
    with house.store.begin() as work:
        kept = batch_of(work.connection, batch_id, visitor.scope(READ))
        form = form_of(house, kept.form)
        desk = Desk(work, visitor, house.clock.now())
        count = take_returns(desk, batch_id, answers_in(form, _read(file)))
    typer.echo(f"{count} came back.")


@app.command("settle")
def settle_batch(context: typer.Context, batch_id: UUID, data: DataFolder = None) -> None:
    """Close a batch: what did not come back has arrived.

    Example: `longmai livelihood pay settle 0199a000-0000-7000-8000-000000000001`
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        record_id = settle(Desk(work, operator(house), house.clock.now()), batch_id)
    typer.echo(f"record {record_id}")


@app.command("balance")
def balance(context: typer.Context, data: DataFolder = None) -> None:
    """Print the sums of each policy and period; exit with 1 where they do not agree.

    Example: `longmai livelihood pay balance`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        found = balances(connection, operator(house).scope(READ))
    for each in found:
        sums = each.sums
        told = "  ".join(
            f"{name} {yuan(getattr(sums, name))}"
            for name in ("approved", "paid", "returned", "reissued", "open")
        )
        sign = "✓" if sums.agree else "✗"
        typer.echo(f"{sign} {each.policy_id}  {each.period}  {each.items}  {told}")
    raise typer.Exit(0 if all(each.sums.agree for each in found) else 1)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound("cannot read the file", value=error.strerror) from None
