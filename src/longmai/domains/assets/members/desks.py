"""The desk of who sends a request, and days as people type them."""

from datetime import date

from fastapi import Request

from longmai.domains.assets.members.service import Desk
from longmai.kernel.errors import Invalid
from longmai.portal.house import House, house_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import UnitOfWork


def desk_of(request: Request, work: UnitOfWork, visitor: Visitor) -> Desk:
    """Return the desk of a visitor in an open unit of work."""
    return desk_in(house_of(request), work, visitor)


def desk_in(house: House, work: UnitOfWork, visitor: Visitor) -> Desk:
    """Return the desk of a visitor of a house."""
    return Desk(work, visitor, house.regions, house.policies, house.clock.now())


def day_of(text: str, place: str) -> date:
    """Read a day.

    Raises:
        Invalid: it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            "this is no day", code="assets.day", place=place, value=text, mend="2026-01-31"
        ) from None
