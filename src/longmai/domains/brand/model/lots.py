"""Lots: which batch a single thing belongs to, by its key or by the event that made it."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.epcis import Event, Item

# Roles of things that an event's instance data (its lot number) speaks of.
_MADE = ("epc", "output")
_LOT_FIELDS = ("cbvmda:lotNumber", "https://ref.gs1.org/cbv/mda/lotNumber")


def lot_number(event: Event) -> str | None:
    """Return the lot that an event's instance data gives to the things it makes, if it does."""
    ilmd = event.body.get("ilmd")
    if not isinstance(ilmd, Mapping):
        return None
    return next((ilmd[name] for name in _LOT_FIELDS if isinstance(ilmd.get(name), str)), None)


@lru_cache(maxsize=65_536)
def lot_key(key: str, lot: str | None = None) -> str | None:
    """Return the key of the lot that a thing belongs to; a lot belongs to itself.

    Args:
        key: canonical key.
        lot: number of its lot, where the event that made it says so and the key does not.

    >>> lot_key("01/09521234543213/21/7", "A1")
    '01/09521234543213/10/A1'
    >>> lot_key("01/09521234543213/10/B2/21/7")
    '01/09521234543213/10/B2'
    """
    if not key.startswith("01/"):
        return None
    parts = gs1.elements(key)
    number = parts.get("10", lot)
    if number is None:
        return None
    return gs1.parse_digital_link_path(f"01/{parts['01']}/10/{quote(number, safe='')}")


def lot_of(item: Item, event: Event) -> str | None:
    """Return the key of the lot of an item of an event, as the event itself tells it."""
    number = item.lot or (lot_number(event) if item.role in _MADE else None)
    return lot_key(item.key, number)
