"""A thing's journey as a person reads it: product, origin, certificate, steps, places.

Every value that is shown and recorded carries a fact: where it stands in the record's payload.
The browser holds each fact against the payload it has proven.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.epcis import Event, Item
from longmai.domains.brand.model.lots import lot_of
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.model.vocabulary import Described
from longmai.domains.brand.model.way import Step, StoredEvent, Trace
from longmai.domains.brand.queries import SqlEvents, described
from longmai.domains.brand.tables import CERTIFICATE_FIELD, SAMPLE_FIELD
from longmai.kernel.errors import NotFound
from longmai.store.ledger import SqlLog

CERTIFICATE_FIELDS = (
    "number",
    "product",
    "quantity",
    "origin",
    "issuedOn",
    "promisedBy",
    "contact",
)


@dataclass(frozen=True)
class Fact:
    """A recorded value that the page shows: JSON pointer into the payload, and the value."""

    pointer: str
    value: str


@dataclass(frozen=True)
class Amount:
    """A sum of quantities in one unit; ``uom`` empty: pieces."""

    quantity: Decimal
    uom: str


@dataclass(frozen=True)
class StepView:
    """One event of the journey.

    Attributes:
        record_id: of its record.
        time: when it happened.
        step: business step, a CBV word or a URI.
        action: ADD, OBSERVE, DELETE or empty.
        disposition: CBV word, URI or empty.
        place: key of where it happened, or empty; ``place_name`` in words.
        taken: sums of inputs, children or things, by unit.
        made: sums of outputs, by unit.
        temperature: lowest and highest in °C, where sensors were read.
        facts: what the page shows, to be held against the proven payload.
        relation: to the thing asked for (``model.trace.Relation``).
        sample: sample data.
    """

    record_id: UUID
    time: datetime
    step: str
    action: str
    disposition: str
    place: str
    place_name: str
    taken: tuple[Amount, ...]
    made: tuple[Amount, ...]
    temperature: tuple[Decimal, Decimal] | None
    facts: tuple[Fact, ...]
    relation: str
    sample: bool


@dataclass(frozen=True)
class StepGroup:
    """Steps of one kind, shown as one: each harvest lot's way to the store, each box's sale."""

    steps: tuple[StepView, ...]

    @property
    def first(self) -> StepView:
        """The step that stands for all."""
        return self.steps[0]

    @property
    def last_time(self) -> datetime:
        """When the last of them happened."""
        return self.steps[-1].time

    @property
    def place_names(self) -> tuple[str, ...]:
        """Where they happened, each place once."""
        return tuple(dict.fromkeys(step.place_name for step in self.steps if step.place_name))

    @property
    def taken(self) -> tuple[Amount, ...]:
        """What they took, added up; nothing where the same things were looked at again."""
        if self.temperature:
            return ()
        return _added(amount for step in self.steps for amount in step.taken)

    @property
    def made(self) -> tuple[Amount, ...]:
        """What they made, added up."""
        return _added(amount for step in self.steps for amount in step.made)

    @property
    def temperature(self) -> tuple[Decimal, Decimal] | None:
        """Lowest and highest temperature of all."""
        read = [step.temperature for step in self.steps if step.temperature]
        return (min(r[0] for r in read), max(r[1] for r in read)) if read else None


@dataclass(frozen=True)
class Certificate:
    """A commitment certificate (承诺达标合格证) as recorded: facts by field."""

    record_id: UUID
    facts: Mapping[str, Fact]


@dataclass(frozen=True)
class Journey:
    """All that a scan page shows of one thing.

    Attributes:
        key: canonical key.
        lot: key of its lot, or None.
        product: master data of the product, or None.
        groups: its steps, by time.
        certificates: commitment certificates on the way.
        origins: places where it began; ``begun`` when.
        places: places on the way that have a point, in order.
        recalled: the newest word on it or its lot is a recall.
        in_error: events left out because they were declared in error.
        erased: records about it whose content was erased by law.
        truncated: there is more than is shown.
        sample: some of it is sample data.
    """

    key: str
    lot: str | None
    product: Described | None
    groups: tuple[StepGroup, ...]
    certificates: tuple[Certificate, ...]
    origins: tuple[Described, ...]
    begun: tuple[datetime, ...]
    places: tuple[Described, ...]
    recalled: bool
    in_error: tuple[StoredEvent, ...]
    erased: tuple[UUID, ...]
    truncated: bool
    sample: bool
    amounts: tuple[Amount, ...] = field(default=())

    @property
    def record_ids(self) -> list[UUID]:
        """Records of all steps, and the erased ones."""
        steps = [step.record_id for group in self.groups for step in group.steps]
        return [*steps, *self.erased]


def journey_of(connection: Connection, key: str, language: str, limit: int) -> Journey:
    """Trace a thing and put its journey in words.

    Raises:
        NotFound: no event names it.
    """
    events = SqlEvents(connection)
    found = trace(events, key, limit=limit)
    lot = _lot_of(found)
    erased = _erased(connection, key, lot)
    if not found.steps and not erased:
        raise NotFound(
            "nothing is recorded about this thing",
            code="brand.unknown",
            value=key,
            mend="check the number on the label",
        )
    steps = [*found.steps, *_steps_of_lot(events, key, lot, found)]
    steps.sort(key=lambda s: (s.event.event_time, s.record_id))
    names = described(connection, _named(steps, key, lot))
    views = [_view(step, names, language) for step in steps]
    begun = list(_beginnings(steps, views))
    return Journey(
        key=key,
        lot=lot,
        product=_product(key, lot, names),
        groups=tuple(_grouped(views)),
        certificates=tuple(_certificates(steps)),
        origins=tuple(dict.fromkeys(names[s.place] for s in begun if s.place in names)),
        begun=tuple(step.time for step in begun),
        places=tuple(_places(views, names)),
        recalled=_is_recalled(steps),
        in_error=found.in_error,
        erased=erased,
        truncated=found.truncated,
        sample=any(view.sample for view in views),
        amounts=_made_of(found),
    )


def _erased(connection: Connection, key: str, lot: str | None) -> tuple[UUID, ...]:
    # A header names its subjects for good, so what was erased is still known to concern this thing.
    log = SqlLog(connection)
    names = dict.fromkeys(each for each in (key, lot) if each)
    return tuple(dict.fromkeys(found for name in names for found in log.erased_about(name)))


def _lot_of(found: Trace) -> str | None:
    for step in found.steps:
        for item in step.event.items:
            belongs = lot_of(item, step.event)
            if belongs and found.root in {item.key, belongs}:
                return belongs
    return None


def _steps_of_lot(events: SqlEvents, key: str, lot: str | None, found: Trace) -> Iterator[Step]:
    # What is said of the whole lot (a recall) holds for each thing of it.
    if lot is None or lot == key:
        return
    known = {step.record_id for step in found.steps}
    for stored in events.naming(lot):
        if stored.record_id not in known and not stored.in_error:
            yield Step(stored.record_id, stored.event, "self", (lot,))


def _named(steps: Sequence[Step], key: str, lot: str | None) -> set[str]:
    keys = {p for s in steps for p in (s.event.biz_location, s.event.read_point) if p}
    for each in (key, lot):
        if each and each.startswith("01/"):
            keys.add(f"01/{gs1.elements(each)['01']}")
    return keys


def _product(key: str, lot: str | None, names: Mapping[str, Described]) -> Described | None:
    for each in (key, lot):
        if each and each.startswith("01/"):
            return names.get(f"01/{gs1.elements(each)['01']}")
    return None


def _view(step: Step, names: Mapping[str, Described], language: str) -> StepView:
    event = step.event
    place = event.biz_location or event.read_point or ""
    known = names.get(place)
    return StepView(
        record_id=step.record_id,
        time=event.event_time,
        step=event.biz_step or "",
        action=event.action or "",
        disposition=event.disposition or "",
        place=place,
        place_name=known.name(language) if known else place,
        taken=_sums(i for i in event.items if i.role in {"epc", "child", "input"}),
        made=_sums(i for i in event.items if i.role == "output"),
        temperature=_temperature(event),
        facts=tuple(_facts(event)),
        relation=step.relation,
        sample=event.body.get(SAMPLE_FIELD) is True,
    )


def _facts(event: Event) -> Iterator[Fact]:
    # The columns the page is made from, against the payload the browser proves.
    written = event.body.get("eventTime")
    if isinstance(written, str):
        yield Fact("/event/eventTime", written)
    for name, value in (
        ("eventID", event.event_id),
        ("action", event.action),
        ("type", event.type),
    ):
        if value is not None and name in event.body:
            yield Fact(f"/event/{name}", value)
    for name in ("bizStep", "disposition"):
        value = event.body.get(name)
        if isinstance(value, str):
            yield Fact(f"/event/{name}", value)


def _sums(items: Iterator[Item]) -> tuple[Amount, ...]:
    return _added(
        Amount(Decimal(1) if item.quantity is None else item.quantity, item.uom or "")
        for item in items
        if item.quantity is not None or not item.is_class
    )


def _added(amounts: Iterator[Amount]) -> tuple[Amount, ...]:
    totals: dict[str, Decimal] = {}
    for amount in amounts:
        totals[amount.uom] = totals.get(amount.uom, Decimal(0)) + amount.quantity
    return tuple(Amount(total, uom) for uom, total in sorted(totals.items()))


def _temperature(event: Event) -> tuple[Decimal, Decimal] | None:
    values = [
        Decimal(repr(value))
        for element in _list(event.body.get("sensorElementList"))
        for report in _list(element.get("sensorReport"))
        if str(report.get("type", "")).endswith("Temperature") and report.get("uom") == "CEL"
        for value in (report.get(name) for name in ("value", "minValue", "maxValue"))
        if isinstance(value, int | float)
    ]
    return (min(values), max(values)) if values else None


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _grouped(views: Sequence[StepView]) -> Iterator[StepGroup]:
    groups: dict[tuple[str, ...], list[StepView]] = {}
    for view in views:
        # Several sources take the same way from several places; the thing itself is at one place.
        place = "" if view.relation == "source" else view.place
        alike = view.step, view.action, view.disposition, view.relation, place
        groups.setdefault(alike, []).append(view)
    for group in groups.values():
        yield StepGroup(tuple(group))


def _certificates(steps: Sequence[Step]) -> Iterator[Certificate]:
    for step in steps:
        given = step.event.body.get(CERTIFICATE_FIELD)
        if isinstance(given, Mapping):
            facts = {
                name: Fact(f"/event/{CERTIFICATE_FIELD}/lm:{name}", str(given[f"lm:{name}"]))
                for name in CERTIFICATE_FIELDS
                if f"lm:{name}" in given
            }
            yield Certificate(step.record_id, facts)


def _beginnings(steps: Sequence[Step], views: Sequence[StepView]) -> Iterator[StepView]:
    """Yield the steps that brought something into the world and not out of something else."""
    for step, view in zip(steps, views, strict=True):
        if step.event.type == "ObjectEvent" and step.event.action == "ADD":
            yield view


def _places(views: Sequence[StepView], names: Mapping[str, Described]) -> Iterator[Described]:
    last = ""
    for view in views:
        place = names.get(view.place)
        if place and place.lon is not None and place.lat is not None and view.place != last:
            last = view.place
            yield place


def _is_recalled(steps: Sequence[Step]) -> bool:
    return any(step.event.disposition == "recalled" for step in steps if step.relation == "self")


def _made_of(found: Trace) -> tuple[Amount, ...]:
    root = next(node for node in found.nodes if node.key == found.root)
    return () if root.quantity is None else (Amount(root.quantity, root.uom or ""),)
