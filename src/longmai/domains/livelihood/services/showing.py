"""What pages of bought services share: an act from a form, fields read, amounts shown."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated

from fastapi import Form as FormField
from fastapi import Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from longmai.domains.livelihood.services.service import (
    APPROVE,
    BUY,
    Office,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid, LongmaiError
from longmai.kernel.money import fen_to_yuan
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.house import house_of
from longmai.portal.rendering import words_of
from longmai.portal.rights.gates import SIGNED_IN, needs
from longmai.portal.rights.visitor import Visitor

HOME = "/livelihood/services"
SEE_OTHER = 303

Buyer = Annotated[Visitor, needs(BUY)]
Approver = Annotated[Visitor, needs(APPROVE)]
Anybody = Annotated[Visitor, SIGNED_IN]
Short = Annotated[str, Query(max_length=64)]
Text = Annotated[str, FormField(max_length=600)]
Typed = Annotated[str, Field(max_length=600)]


def yuan(fen: int) -> str:
    """Write an amount in yuan."""
    return f"{fen_to_yuan(fen):,.2f}"


def acted(
    request: Request,
    visitor: Visitor,
    values: Mapping[str, str],
    act: Callable[[Office], object],
    back: tuple[str, Callable[[Form, int], HTMLResponse]],
) -> Response:
    """Do an act in a unit of work of its own: lead on, or show the page with what was wrong."""
    house = house_of(request)
    try:
        with house.store.begin() as work:
            found = act(Office(work, visitor, house.clock.now()))
    except LongmaiError as error:
        return back[1](refused(words_of(request), error, values), error.status)
    return RedirectResponse(back[0].format(id=found), SEE_OTHER)


def crumbs_of(
    request: Request, *more: tuple[str, str | None]
) -> tuple[tuple[str, str | None], ...]:
    """Return the way from the first page to a page of bought services."""
    t = words_of(request)
    return ((t("nav.home"), "/"), (t("bought.title"), HOME), *more)


def day_in(text: str, place: str) -> date:
    """Read a day.

    Raises:
        Invalid: it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("not a day", code="bought.day_text", place=place, value=text) from None


def today_of(request: Request) -> date:
    """Return today, in Beijing."""
    return beijing_day(house_of(request).clock.now())
