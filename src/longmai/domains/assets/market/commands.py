"""``longmai assets market …``: offer, seal a bid, open, conclude."""

import json
import secrets
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from longmai.allocate.sealing import FORMAT, sealing
from longmai.domains.assets.market.api import detail_of
from longmai.domains.assets.market.listing import publish
from longmai.domains.assets.market.opening import Minutes, conclude, open_bids
from longmai.domains.assets.market.queries import listing_of, listings, stages
from longmai.domains.assets.market.sending import listing_from
from longmai.domains.assets.members.desks import desk_in
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.store.table_window import Window

app = typer.Typer(name="market", help="The transfer market.", no_args_is_help=True)

Own = Annotated[UUID, typer.Argument(help="ID of the listing.")]


@app.command("list")
def list_offers(
    context: typer.Context,
    region: Annotated[str, typer.Argument(help="Code, as short as is known; empty: all.")] = "",
    data: DataFolder = None,
) -> None:
    """List operating rights that are offered.

    Example: `longmai assets market list 990102`
    """
    house = house_for(context, data)
    now = house.clock.now()
    with house.store.read() as connection:
        _, rows = listings(connection, "", Window("closes", size=10_000), region)
        found = stages(connection, rows, now, beijing_day(now))
    for row, stage, bidders in found:
        typer.echo(
            f"{row.listing_id}  {row.closes_at:%Y-%m-%d}  {stage:<11} {bidders:>3}  {row.title}"
        )


@app.command("show")
def show_offer(context: typer.Context, listing: Own, data: DataFolder = None) -> None:
    """Show a listing as JSON, with its result once bids were opened.

    Example: `longmai assets market show 0197…`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        told = detail_of(listing_of(connection, listing), house.clock.now())
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))


@app.command("publish")
def publish_offer(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="TOML with the names of the form.")],
    data: DataFolder = None,
) -> None:
    """Offer an operating right as a TOML file says; print the listing's ID.

    Names: asset, title, text, term_months, starts_on, method (first, second, ascending, direct),
    basis (year, whole), reserve, valuation, step, deposit (yuan), opens_at, closes_at,
    reveals_until (Beijing time), objection_days, objection_basis, members_only, cause,
    decision_record.

    Example: `longmai assets market publish offer.toml`

    Exit codes: 0 offered; 2 refused, with each clause; 4 it is offered already.
    """
    house = house_for(context, data)
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound("cannot read the file", value=error.strerror) from None
    except ValueError as error:
        raise Invalid("this is no TOML", value=str(error)) from None
    sent = {name: _text(value) for name, value in told.items() if value is not False}
    with house.store.begin() as work:
        typer.echo(publish(desk_in(house, work, operator(house)), listing_from(sent)))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


@app.command("seal")
def seal_bid(
    listing: Own,
    bidder: Annotated[UUID, typer.Option("--bidder", help="ID of the bidder.")],
    amount: Annotated[str, typer.Option("--amount", help="In yuan.")],
    slip: Annotated[Path, typer.Option("--slip", help="File to keep; it is needed to reveal.")],
) -> None:
    """Seal a bid on this machine: write its slip, print the seal; nothing is sent.

    Example: `longmai assets market seal 0197… --bidder 0197… --amount 52000 --slip bid.json`

    Exit codes: 0 sealed; 2 no amount, or the slip is there already.
    """
    fen, salt = yuan_to_fen(amount), secrets.token_hex(32)
    digest = sealing(str(listing), str(bidder), fen, salt)
    told = {
        "format": FORMAT, "lot": str(listing), "bidder": str(bidder), "amount_fen": fen,
        "salt": salt, "seal": digest,
    }  # fmt: skip
    try:
        with slip.open("x", encoding="utf-8") as out:
            json.dump(told, out, indent=1)
    except FileExistsError:
        raise Invalid("the slip is there already", value=slip.name, mend="name another") from None
    except OSError as error:
        raise NotFound("cannot write the slip", value=error.strerror) from None
    typer.echo(digest)


@app.command("open")
def open_offer(
    context: typer.Context,
    listing: Own,
    host: Annotated[str, typer.Option("--host", help="Who opens.")],
    witnesses: Annotated[str, typer.Option("--witnesses", help="Who watches.")],
    place: Annotated[str, typer.Option("--place", help="Where.")],
    data: DataFolder = None,
) -> None:
    """Open the bids of a listing, in one act; print its record.

    Example: `longmai assets market open 0197… --host 王某 --witnesses 李某、张某 --place 村部`

    Exit codes: 0 opened; 4 bids may still come or be revealed.
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        desk = desk_in(house, work, operator(house))
        typer.echo(open_bids(desk, listing, Minutes(host, witnesses, place)))


@app.command("conclude")
def conclude_offer(
    context: typer.Context,
    listing: Own,
    document: Annotated[str, typer.Option("--document", help="Confirmation both sides signed.")],
    data: DataFolder = None,
) -> None:
    """Conclude the deal of a listing whose result hung out; print its record.

    Example: `longmai assets market conclude 0197… --document 成交确认书1号`

    Exit codes: 0 concluded; 4 the result hangs out still, or an objection waits.
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        typer.echo(conclude(desk_in(house, work, operator(house)), listing, document))
