"""The emergency reserve: the page where it is sized, and the command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from longmai.domains.assets.contracts.deeds import READ
from longmai.domains.assets.contracts.pages import place_of
from longmai.domains.assets.contracts.shown import yuan
from longmai.domains.assets.risk.pages import app
from longmai.domains.assets.risk.reserve import Sized, perils_told, read_assumed, size, trials_told
from longmai.kernel.errors import Invalid, InvalidMany, LongmaiError
from longmai.portal.accounts.forms import Form as Typed
from longmai.portal.accounts.forms import refused
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.failures import worded
from longmai.portal.house import house_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/assets/reserve", include_in_schema=False)

OTHERS = ("spread", "covered", "deductible", "limit", "trials", "seed")


@dataclass(frozen=True)
class ReserveContext:
    """Variables of ``assets/reserve.html``.

    Attributes:
        perils: name of each danger, and whether it strikes all assets at once.
        sized: None where nothing was asked, or it was refused.
    """

    form: Typed
    perils: Mapping[str, bool]
    others: Sequence[str]
    sized: Sized | None


@router.get("")
def reserve_page(request: Request, visitor: Annotated[Visitor, needs(READ)]) -> HTMLResponse:
    """Ask for the assumptions; where they are in the address, show what they come to."""
    t, region = words_of(request), place_of(request, visitor)
    values = {name: request.query_params.get(name, "")[:20] for name in _fields()}
    if any(values.values()):
        form, sized, status = _sized(request, visitor, region, values)
    else:
        start = {"trials": str(trials_told()), "seed": "1", "region": region}
        form, sized, status = Typed(start), None, 200
    title = t("reserve.title")
    crumbs = ((t("nav.home"), "/"), (t("risk.title"), "/assets/warnings"), (title, None))
    page = Page(title, crumbs, bool(sized and sized.sample))
    context = ReserveContext(form, perils_told(), OTHERS, sized)
    return render(request, "assets/reserve.html", page, context, status)


def _fields() -> tuple[str, ...]:
    return (*(f"{ask}.{name}" for name in perils_told() for ask in ("often", "lost")), *OTHERS)


def _sized(
    request: Request, visitor: Visitor, region: str, values: Mapping[str, str]
) -> tuple[Typed, Sized | None, int]:
    """Return the form as it was typed, with the reserve or with what is wrong."""
    t, typed = words_of(request), {**values, "region": region}
    try:
        assumed = read_assumed(values)
        if not region or not assumed.perils:
            place = "" if region else "region"
            raise Invalid("a place and a danger", code="reserve.nothing", place=place)
        with house_of(request).store.read() as connection:
            return Typed(typed), size(connection, visitor.scope(READ), region, assumed), 200
    except InvalidMany as error:
        found = {each.place or "": worded(t, each) for each in error.findings}
        return Typed(typed, found), None, error.status
    except LongmaiError as error:
        return refused(t, error, typed, ("region", *values)), None, error.status


@app.command("reserve")
def reserve(  # noqa: PLR0913, PLR0917 - the assumptions
    context: typer.Context,
    region: Annotated[str, typer.Argument(help="Division.")],
    peril: Annotated[
        list[str],
        typer.Option("--peril", help="Danger=years in 100 it strikes:% lost then: flood=2:30."),
    ],
    spread: Annotated[str, typer.Option("--spread", help="Of what is lost, in %.")] = "",
    covered: Annotated[str, typer.Option("--covered", help="Paid by insurance, in %.")] = "",
    deductible: Annotated[str, typer.Option("--deductible", help="Of each loss, yuan.")] = "",
    limit: Annotated[str, typer.Option("--limit", help="Paid at most of a loss, yuan.")] = "",
    trials: Annotated[str, typer.Option("--trials", help="Years to simulate.")] = "",
    seed: Annotated[str, typer.Option("--seed", help="The same seed, the same years.")] = "1",
    data: DataFolder = None,
) -> None:
    """Size an emergency reserve by simulated losses: value at risk and expected shortfall, in yuan.

    Example: `longmai assets risk reserve 990102001201 --peril flood=2:30 --peril fire=0.5:60`
    """
    given = (spread, covered, deductible, limit, trials, seed)
    typed = dict(zip(OTHERS, given, strict=True))
    for each in peril:
        name, _, shares = each.partition("=")
        often, _, lost = shares.partition(":")
        if name not in perils_told():
            raise Invalid("no such danger", code="reserve.unknown", place="--peril", value=name,
                          mend="、".join(perils_told()))  # fmt: skip
        typed |= {f"often.{name}": often, f"lost.{name}": lost}
    house = house_for(context, data)
    assumed = read_assumed(typed)
    with house.store.read() as connection:
        found = size(connection, EVERYWHERE, house.regions.get(region).code, assumed)
    typer.echo(f"{found.assets} assets, {yuan(found.value_fen)} yuan; {assumed.trials} years, "
               f"seed {assumed.seed}; left out: {', '.join(assumed.left_out) or '-'}")  # fmt: skip
    typer.echo(f"{'mean':<6}{yuan(found.mean_fen):>20}")
    for level, value, shortfall in found.rows:
        typer.echo(f"{level:<6.0%}{yuan(value):>20}{yuan(shortfall):>20}")
