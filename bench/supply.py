"""Supply chains to measure with: families of lots, mixed again and again, packed and shipped.

A family has four lots a level. The lots of the first are harvested; each lot of a later level is
made of two of the level before, moved twice; the last are packed into boxes, those onto a pallet,
and that is shipped and received. Keys are spread so that families do not lie beside each other.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

WIDTH = 4
BOXES = 10
_CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]
_GTIN = "https://id.gs1.org/01/09521234543213"
_PLACE = "https://id.gs1.org/414/9521234567899"


def lot(family: int, level: int, index: int) -> str:
    """Return the canonical key of a lot.

    >>> lot(1, 0, 2)
    '01/09521234543213/10/9E3779B1-0-2'
    """
    spread = family * 2654435761 % 2**32  # Knuth's multiplicative hash
    return f"01/09521234543213/10/{spread:08X}-{level}-{index}"


def events_of(family: int, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the events of a family.

    Args:
        family: its number.
        depth: how many levels of lots it has.
    """
    hour = 0

    def event(kind: str, **fields: Any) -> dict[str, Any]:
        nonlocal hour
        hour += 1
        day, at = divmod(hour, 24)
        return {
            "type": kind,
            "eventTime": f"2025-{1 + day // 28:02d}-{1 + day % 28:02d}T{at:02d}:00:00+08:00",
            "eventTimeZoneOffset": "+08:00",
            "readPoint": {"id": _PLACE},
            **fields,
        }

    def amount(key: str, quantity: float) -> dict[str, Any]:
        return {"epcClass": f"https://id.gs1.org/{key}", "quantity": quantity, "uom": "KGM"}

    for level in range(depth):
        for index in range(WIDTH):
            here = lot(family, level, index)
            if level == 0:
                yield event(
                    "ObjectEvent",
                    action="ADD",
                    bizStep="commissioning",
                    quantityList=[amount(here, 1000)],
                )
            else:
                taken = [lot(family, level - 1, (index + i) % WIDTH) for i in range(2)]
                yield event(
                    "TransformationEvent",
                    bizStep="commissioning",
                    inputQuantityList=[amount(key, 500) for key in taken],
                    outputQuantityList=[amount(here, 990)],
                )
            for step in ("shipping", "receiving"):
                yield event(
                    "ObjectEvent", action="OBSERVE", bizStep=step, quantityList=[amount(here, 990)]
                )
    for index in range(WIDTH):
        yield from _packed(lot(family, depth - 1, index), event, amount)


def _packed(last: str, event: Any, amount: Any) -> Iterator[dict[str, Any]]:
    serial = last.rpartition("/")[2]
    boxes = [f"{_GTIN}/21/{serial}-{box}" for box in range(BOXES)]
    pallet = f"https://example.com/pallets/{serial}"
    yield event(
        "TransformationEvent",
        bizStep="packing",
        inputQuantityList=[amount(last, 990)],
        outputEPCList=boxes,
    )
    yield event(
        "AggregationEvent", action="ADD", bizStep="packing", parentID=pallet, childEPCs=boxes
    )
    for step in ("shipping", "receiving"):
        yield event("ObjectEvent", action="OBSERVE", bizStep=step, epcList=[pallet])


def document(families: Iterable[int], depth: int) -> Iterator[bytes]:
    """Yield one EPCIS document of families, in pieces of about a megabyte."""
    head = {
        "@context": _CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2025-10-01T00:00:00Z",
    }
    text = [json.dumps(head)[:-1] + ', "epcisBody": {"eventList": [']
    size, first = 0, True
    for family in families:
        for event in events_of(family, depth):
            text.append(("" if first else ",\n") + json.dumps(event))
            first = False
            size += len(text[-1])
            if size > 2**20:
                yield "".join(text).encode()
                text, size = [], 0
    text.append("]}}")
    yield "".join(text).encode()
