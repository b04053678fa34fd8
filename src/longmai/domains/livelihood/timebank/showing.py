"""What pages of the time bank share: an act from a form, fields read, names shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Form as FormField
from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import Connection

from longmai.domains.livelihood.timebank.books import Bank, bank_of
from longmai.domains.livelihood.timebank.desk import GOVERN, KEEP, REPORT, Desk
from longmai.domains.livelihood.timebank.model.rules import BankRules, Item
from longmai.kernel.clock import BEIJING, beijing_day
from longmai.kernel.errors import Invalid, LongmaiError
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.house import house_of
from longmai.portal.rendering import words_of
from longmai.portal.rights.gates import SIGNED_IN, needs
from longmai.portal.rights.visitor import Visitor

HOME = "/livelihood/hours"
SEE_OTHER = 303
Result = TypeVar("Result")
Text = Annotated[str, FormField(max_length=500)]
Typed = Annotated[str, Field(max_length=500)]
Short = Annotated[str, Query(max_length=64)]
Anybody = Annotated[Visitor, SIGNED_IN]
Keeper = Annotated[Visitor, needs(KEEP)]
Governor = Annotated[Visitor, needs(GOVERN)]
Reporter = Annotated[Visitor, needs(REPORT)]


@dataclass(frozen=True)
class Attempt:
    """What came of an act from a form: what it returned, or the form with what was wrong."""

    form: Form | None
    status: int = 200
    result: object = None


def attempt(
    request: Request, visitor: Visitor, values: Mapping[str, str], act: Callable[[Desk], object]
) -> Attempt:
    """Do an act in a unit of work of its own; whatever is wrong with it comes back in words."""
    try:
        return Attempt(None, result=done(request, visitor, act))
    except LongmaiError as error:
        return Attempt(refused(words_of(request), error, values), error.status)


def done(request: Request, visitor: Visitor, act: Callable[[Desk], Result]) -> Result:
    """Do an act in a unit of work of its own.

    Raises:
        LongmaiError: it is refused; nothing of it is written.
    """
    house = house_of(request)
    with house.store.begin() as work:
        return act(Desk(work, visitor, house.clock.now()))


def today_of(request: Request) -> date:
    """Return today, in Beijing."""
    return beijing_day(house_of(request).clock.now())


def crumbs_of(
    request: Request, *more: tuple[str, str | None]
) -> tuple[tuple[str, str | None], ...]:
    """Return the way from the first page to a page of the time bank."""
    t = words_of(request)
    return ((t("nav.home"), "/"), (t("hours.title"), HOME), *more)


def item_name(item: Item | None, code: str, language: str) -> str:
    """Return the name of a service item; its code where the bank has it no more."""
    if item is None:
        return code
    return item.name if language == "zh" else item.name_en


def names_of(rules: BankRules, language: str) -> dict[str, str]:
    """Return the names of what entries carry the code of: items, grants, things to redeem."""
    rooms = (rules.items, rules.grants, rules.redeems)
    return {
        code: each.name if language == "zh" else each.name_en
        for room in rooms
        for code, each in room.items()
    }


def number_in(text: str, place: str) -> int:
    """Read a whole number.

    Raises:
        Invalid: it is none.
    """
    kept = text.strip()
    if not (kept.isascii() and kept.isdigit() and len(kept) < 10):  # noqa: PLR2004 - no account is as long
        raise Invalid("not a whole number", code="hours.number", place=place, value=kept)
    return int(kept)


def day_in(text: str, place: str) -> date:
    """Read a day.

    Raises:
        Invalid: it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("not a day", code="hours.day", place=place, value=text) from None


def moment_in(text: str, place: str) -> datetime:
    """Read a local time, as ``2026-03-02T09:00``.

    Raises:
        Invalid: it is none.
    """
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=BEIJING)
    except ValueError:
        raise Invalid("not a day and time", code="hours.moment", place=place, value=text) from None


def minute_of_day(text: str, place: str) -> int:
    """Read a time of the day, as ``09:30``; ``24:00`` is its end.

    Raises:
        Invalid: it is none.
    """
    hours, _, minutes = text.strip().partition(":")
    found = number_in(hours, place) * 60 + number_in(minutes or "0", place)
    if found > 24 * 60:
        raise Invalid("not a time of the day", code="hours.moment", place=place, value=text)
    return found


def id_in(text: str, place: str) -> UUID:
    """Read an ID that a form chose.

    Raises:
        Invalid: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("choose one", code="hours.choose", place=place, value=text) from None


def kept_bank(connection: Connection, visitor: Visitor, bank_id: UUID) -> Bank:
    """Return a bank that the visitor keeps.

    Raises:
        NotFound: there is none.
        Forbidden: it is not theirs to keep.
    """
    found = bank_of(connection, bank_id)
    visitor.require(KEEP, found.region)
    return found
