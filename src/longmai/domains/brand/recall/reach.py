"""What a recall reaches: things, where they are, who holds them and how those are reached."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.vocabulary import Described
from longmai.domains.brand.queries import described
from longmai.domains.brand.recall.model.standing import (
    Sighting,
    Standing,
    Standings,
    counted,
    digest_of,
)
from longmai.domains.brand.recall.queries import Recall, open_recalls_from, open_roots
from longmai.domains.brand.tables import EVENT, ITEM
from longmai.domains.brand.trace.graph import SqlEdges, keys_of, records_of
from longmai.domains.brand.trace.model.edges import event_node, node
from longmai.domains.brand.trace.model.walk import Reach, back, forward
from longmai.store.reading import chunks

_CONTACTS = ("contact", "telephone", "phone", "contactPoint")


@dataclass(frozen=True)
class Holder:
    """Who has affected things, or may have.

    Attributes:
        place: key of the place; empty where no event says where things are.
        name: master data of the place and of who runs it; None where there is none.
        contact: phone or mail as master data has it; empty where it has none.
        region: 12-digit code, or empty.
        standings: the things there.
    """

    place: str
    described: Described | None
    party: Described | None
    contact: str
    region: str
    standings: tuple[Standing, ...]

    @property
    def states(self) -> Mapping[str, int]:
        """How many things are in each state."""
        return counted(self.standings)


@dataclass(frozen=True)
class Extent:
    """What a recall reaches.

    Attributes:
        roots: keys that it begins with.
        standings: every affected thing, by key.
        holders: by how much they hold, the most first.
        reach: of the walk.
    """

    roots: tuple[str, ...]
    standings: tuple[Standing, ...]
    holders: tuple[Holder, ...]
    reach: Reach

    @property
    def keys(self) -> list[str]:
        """Keys of all affected things."""
        return [each.key for each in self.standings]

    @property
    def digest(self) -> str:
        """Digest of the affected set."""
        return digest_of(self.keys)

    @property
    def states(self) -> Mapping[str, int]:
        """How many things are in each state."""
        return counted(self.standings)


def extent_of(connection: Connection, roots: Collection[str]) -> Extent:
    """Return what a recall of things reaches, as the log stands.

    Raises:
        TooLarge: more than two million things.
    """
    reach = forward(SqlEdges(connection), {node(key) for key in roots})
    wanted = reach.things.keys() | reach.carriers
    named = keys_of(connection, wanted, roots)
    carried = {named[number] for number in reach.carriers if number in named}
    things = sorted(named[number] for number in reach.things if number in named)
    rows = _rows(connection, {*things, *carried})
    # A lot whose things are seen one by one is where they are.
    told_singly = {row.lot_key for row in rows if not row.is_class and row.lot_key}
    kept = Standings(_sightings(connection, rows), told_singly)
    standings = tuple(kept.of(key) for key in things)
    return Extent(tuple(roots), standings, tuple(_holders(connection, standings)), reach)


def recalls_reaching(connection: Connection, keys: Collection[str]) -> list[Recall]:
    """Return the recalls that hold and reach one of some things, the newest first.

    Asked the other way round: which of the recalled lots do the things come from?
    """
    roots = {node(key): key for key in open_roots(connection)}
    if not roots:
        return []
    found = back(SqlEdges(connection), {node(key) for key in keys})
    return open_recalls_from(connection, [roots[n] for n in roots.keys() & found.things.keys()])


def records_behind(connection: Connection, extent: Extent) -> list[UUID]:
    """Return the records of the events that a recall follows from, oldest first."""
    things = extent.reach.things.keys() | extent.reach.carriers | extent.reach.processes
    return sorted(records_of(connection, extent.reach.events, things))


def _rows(connection: Connection, keys: Collection[str]) -> list[Row[Any]]:
    columns = (
        ITEM.c.key, ITEM.c.role, ITEM.c.quantity, ITEM.c.uom, ITEM.c.is_class, ITEM.c.lot_key,
        EVENT.c.record_id,
        EVENT.c.event_id, EVENT.c.event_time, EVENT.c.type, EVENT.c.action, EVENT.c.biz_location,
        EVENT.c.read_point, EVENT.c.biz_step, EVENT.c.disposition,
    )  # fmt: skip
    rows: list[Row[Any]] = []
    for chunk in chunks(keys):
        joined = select(*columns).join(EVENT, EVENT.c.record_id == ITEM.c.record_id)
        rows.extend(connection.execute(joined.where(ITEM.c.key.in_(chunk))))
    return rows


def _sightings(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Sighting]:
    void = SqlEdges(connection).void({event_node(row.event_id) for row in rows})
    parents = _other(connection, {r.record_id for r in rows if r.role == "child"}, "parent")
    taken_out = {r.record_id for r in rows if r.role == "parent" and r.action == "DELETE"}
    named = _other(connection, taken_out, "child")
    for row in rows:
        if event_node(row.event_id) in void:
            continue
        yield Sighting(
            row.key, row.role, row.quantity, row.uom, row.is_class, row.event_time, row.type,
            row.action, row.biz_location or row.read_point or "",
            (row.biz_step or "", row.disposition or ""), parents.get(row.record_id),
            row.record_id in taken_out - named.keys() and row.role == "parent",
        )  # fmt: skip


def _other(connection: Connection, record_ids: Collection[UUID], role: str) -> dict[UUID, str]:
    """Return what stands in a role in some records."""
    found: dict[UUID, str] = {}
    for chunk in chunks(record_ids):
        query = select(ITEM.c.record_id, ITEM.c.key).where(
            ITEM.c.record_id.in_(chunk), ITEM.c.role == role
        )
        found |= {row.record_id: row.key for row in connection.execute(query)}
    return found


def _holders(connection: Connection, standings: Sequence[Standing]) -> list[Holder]:
    at: dict[str, list[Standing]] = {}
    for each in standings:
        if each.state != "used":
            for place in each.places or ("",):
                at.setdefault(place, []).append(each)
    places = described(connection, at)
    run_by = {key: _party_key(place) for key, place in places.items()}
    parties = described(connection, {key for key in run_by.values() if key})
    found = [
        _holder(place, places.get(place), parties.get(run_by.get(place, "")), own)
        for place, own in at.items()
    ]
    return sorted(found, key=lambda each: (-each.states["held"], each.place))


def _holder(
    place: str, told: Described | None, party: Described | None, own: Sequence[Standing]
) -> Holder:
    contact = next((c for each in (told, party) if each for c in _contacts(each)), "")
    region = next((each.region for each in (told, party) if each and each.region), "")
    return Holder(place, told, party, contact, region, tuple(own))


def _party_key(place: Described) -> str:
    told = str(place.attributes.get("operatedBy", ""))
    return gs1.canonical_key(told) if told else ""


def _contacts(told: Described) -> Iterator[str]:
    for name in _CONTACTS:
        value = told.attributes.get(name)
        if isinstance(value, str) and value.strip():
            yield value.strip()
