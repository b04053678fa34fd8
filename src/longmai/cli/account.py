"""``longmai account …``: what the operator does for accounts at the machine itself."""

from datetime import date, datetime
from typing import Annotated

import typer

from longmai.kernel.errors import NotFound
from longmai.portal.accounts.first import desk_of_operator, new_link
from longmai.portal.accounts.queries import Account, account_of_login, accounts
from longmai.portal.accounts.service import NewAccount, close_account, give_post, open_account
from longmai.portal.accounts.tokens import TokenWish, make_token
from longmai.portal.accounts.visiting import Shown, visitor_for
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE, PURPOSES_OF, Grant
from longmai.store.table_window import Window

app = typer.Typer(name="account", help="Accounts, posts and API tokens.", no_args_is_help=True)
_MOST = 10_000

Login = Annotated[str, typer.Argument(help="Login of the account.")]


@app.command("list")
def list_accounts(context: typer.Context, data: DataFolder = None) -> None:
    """List the accounts and their posts.

    Example: `longmai account list`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        window = Window("login", size=_MOST, descending=False)
        _, found = accounts(connection, EVERYWHERE, window=window)
    for each in found:
        posts = ", ".join(
            f"{held.grant.role} {held.grant.region} {held.grant.purpose}" for held in each.posts
        )
        typer.echo(f"{each.login:32} {'open  ' if each.open else 'closed'} {posts}")


@app.command("open")
def open_one(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option(help="Name of the person.")],
    region: Annotated[str, typer.Option(help="Code or name of the region.")],
    data: DataFolder = None,
) -> None:
    """Open an account, and print the one-time link to set its password.

    Example: `longmai account open li4 --name 李四 --region 990102`
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        open_account(desk_of_operator(house, work), NewAccount(login, name, region))
    typer.echo(new_link(house, login))


@app.command()
def recover(context: typer.Context, login: Login, data: DataFolder = None) -> None:
    """Print a one-time link that sets a new password; sessions end at once.

    Example: `longmai account recover admin`
    """
    house = house_for(context, data)
    _known(house, login)
    typer.echo(new_link(house, login))


@app.command()
def close(context: typer.Context, login: Login, data: DataFolder = None) -> None:
    """Close an account.

    Example: `longmai account close li4`
    """
    house = house_for(context, data)
    found = _known(house, login)
    with house.store.begin() as work:
        close_account(desk_of_operator(house, work), found.id)
    typer.echo(f"closed {found.login}")


@app.command()
def give(
    context: typer.Context,
    login: Login,
    role: Annotated[str, typer.Argument(help=f"One of: {', '.join(PURPOSES_OF)}.")],
    region: Annotated[str, typer.Argument(help="Code or name of the region.")],
    purpose: Annotated[str, typer.Option(help="Empty: the first the role may have.")] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day it holds.")
    ] = None,
    data: DataFolder = None,
) -> None:
    """Give a post.

    Example: `longmai account give li4 village_accountant 990102003004`
    """
    house = house_for(context, data)
    found = _known(house, login)
    wanted = purpose or PURPOSES_OF.get(role, ("",))[0]
    with house.store.begin() as work:
        give_post(desk_of_operator(house, work), found.id, Grant(role, region, wanted, _day(until)))
    typer.echo(f"{found.login} is {role} in {region}")


@app.command()
def token(
    context: typer.Context,
    login: Login,
    scope: Annotated[list[str], typer.Option(help="Permission; give it again for more.")],
    label: Annotated[str, typer.Option(help="What the token is for.")] = "made by the operator",
    days: Annotated[int, typer.Option(help="How long it holds.")] = 90,
    data: DataFolder = None,
) -> None:
    """Print an API token of an account, limited to some permissions.

    Example: `longmai account token packhouse --scope brand.capture`
    """
    house = house_for(context, data)
    found = _known(house, login)
    visitor = visitor_for(house, Shown(found.id, strong=True))
    with house.store.begin() as work:
        wish = TokenWish(label, scope, days)
        typer.echo(make_token(work, visitor, wish, house.clock.now()).text)


def _known(house: House, login: str) -> Account:
    with house.store.read() as connection:
        found = account_of_login(connection, login)
    if found is None:
        raise NotFound("no such account", code="account.unknown", value=login)
    return found


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else instant.date()
