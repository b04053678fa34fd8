"""The form in which traceability data is exchanged between platforms in China (NY/T 4712-2025).

What is known of the standard: it tells where produce comes from and where it goes, and the chain of
in- and out-batches between. The names and codes of its fields are not known to us: ours stand here,
and ``field_names`` says so (待核定), until somebody holds them against the text of the standard.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from longmai.domains.brand.model.gs1 import elements, is_key
from longmai.domains.brand.model.vocabulary import Described
from longmai.domains.brand.model.way import Link, Step, Trace
from longmai.kernel.clock import to_text

STANDARD = "NY/T 4712-2025"
UNVERIFIED = "待核定"
COLUMNS = ("direction", "batch", "counterpart", "quantity", "uom", "time", "place", "record")


@dataclass(frozen=True)
class BatchMove:
    """A batch that went into another, or came out of it.

    Attributes:
        direction: ``in``: it went into the batch; ``out``: the batch went into it.
        batch: key of the batch told of.
        counterpart: key of the batch that went in or came out.
        quantity: how much, where an event says so; with its ``uom``.
        time: when, in UTC.
        place: key of the place; empty where no event names one.
        record: of the event that says so.
    """

    direction: str
    batch: str
    counterpart: str
    quantity: Decimal | None
    uom: str | None
    time: str
    place: str
    record: str


def exchange(found: Trace, names: Mapping[str, Described]) -> dict[str, Any]:
    """Return what is exchanged about a thing.

    Args:
        found: its trace, both ways.
        names: what master data says of places and products.
    """
    steps = {step.record_id: step for step in found.steps}
    return {
        "standard": STANDARD,
        "field_names": UNVERIFIED,
        "batch": _thing(found.root, names),
        "sources": [_place(step, names) for step in _ends(found.steps, "source", found.root)],
        "destinations": [_place(step, names) for step in _ends(found.steps, "product", found.root)],
        "chain": [_told(move) for move in moves(found.links, steps)],
        "complete": not found.truncated,
    }


def moves(links: Iterable[Link], steps: Mapping[Any, Step]) -> list[BatchMove]:
    """Return the chain: for each batch what went in, and what it went into, by time."""
    told: list[BatchMove] = []
    for link in links:
        step = steps.get(link.record_id)
        time = to_text(step.event.event_time) if step else ""
        place = (step.event.biz_location or step.event.read_point or "") if step else ""
        rest = (link.quantity, link.uom, time, place, str(link.record_id))
        told.append(BatchMove("in", link.target, link.source, *rest))
        told.append(BatchMove("out", link.source, link.target, *rest))
    return sorted(told, key=lambda move: (move.time, move.record, move.direction, move.batch))


def _ends(steps: Sequence[Step], relation: str, root: str) -> list[Step]:
    """Return the first steps of what a thing comes from, or the last of where it went."""
    there = [step for step in steps if step.relation == relation]
    here = [step for step in steps if root in step.keys]
    if relation == "source":
        begun = [step for step in there if step.event.action == "ADD"] or there[:1]
        return begun or here[:1]
    return there[-1:] or here[-1:]


def _place(step: Step, names: Mapping[str, Described]) -> dict[str, Any]:
    key = step.event.biz_location or step.event.read_point or ""
    known = names.get(key)
    return {
        "place": key,
        "name": known.name("zh") if known else "",
        "region": known.region if known else "",
        "address": known.address if known else "",
        "time": to_text(step.event.event_time),
        "step": step.event.biz_step or step.event.type,
        "record": str(step.record_id),
    }


def _thing(key: str, names: Mapping[str, Described]) -> dict[str, Any]:
    parts = elements(key) if is_key(key) else {}
    kind = f"01/{parts['01']}" if "01" in parts else key
    known = names.get(kind)
    return {
        "key": key,
        "gtin": parts.get("01", ""),
        "lot": parts.get("10", ""),
        "serial": parts.get("21", parts.get("00", "")),
        "product": known.name("zh") if known else "",
    }


def _told(move: BatchMove) -> dict[str, Any]:
    told = asdict(move)
    told["quantity"] = None if move.quantity is None else str(move.quantity)
    return told
