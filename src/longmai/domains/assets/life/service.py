"""Use-cases of an asset's life: inspect, count, dispose. Services append and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from longmai.domains.assets.life import deeds, queries
from longmai.domains.assets.life.tables import COUNT, INSPECTION
from longmai.domains.assets.register.deeds import KEEP
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.model.asset import CONDITIONS
from longmai.domains.assets.register.model.workflow import State
from longmai.domains.assets.register.queries import Known
from longmai.domains.assets.register.service import held_for, next_state
from longmai.domains.assets.register.tables import PHOTO_FILE
from longmai.kernel.errors import Conflict, Invalid, NotFound

_MAX_TEXT = 1_000
_MAX_NAME = 120
MOST_PHOTOS = 6


@dataclass(frozen=True)
class Inspection:
    """What somebody found at an asset.

    Attributes:
        form_id: made by who fills in the form; sent twice it counts once.
        condition: good, normal, low, idle or damaged.
        found: in words.
        photos: digests of the evidence; idle or damaged needs one.
        lon, lat: where the form was filled in; None if the phone did not say.
    """

    form_id: UUID
    condition: str
    found: str = ""
    photos: Sequence[str] = ()
    lon: float | None = None
    lat: float | None = None


def inspect(desk: Desk, asset_id: UUID, told: Inspection, on: date | None = None) -> None:
    """Record an inspection (巡查); the asset takes the condition that was found.

    A form that was sent before changes nothing, so that a bad network may send it again.

    Raises:
        NotFound: there is no such asset, or no such photo.
        Forbidden: the visitor may not keep assets there.
        Conflict: the asset was disposed of.
        Invalid: no such condition, or low, idle or damaged without evidence.
    """
    day = desk.day(on)
    [known] = held_for(desk, [asset_id], KEEP)
    if _sent_before(desk, INSPECTION, told.form_id):
        return
    _refuse_gone(known)
    _check(desk, told.condition, told.found, told.photos)
    if told.condition in {"idle", "damaged"} and not told.photos:
        raise Invalid(
            "idle or damaged is shown by a photo",
            code="inspection.evidence",
            place="photos",
            mend="take a photo of it",
        )
    act = desk.act(
        deeds.INSPECTED,
        known.asset.region,
        day,
        {asset_id: _in_condition(known, told.condition)},
        {
            "form": str(told.form_id),
            "condition": told.condition,
            "found": told.found.strip(),
            "photos": list(told.photos),
            "lon": None if told.lon is None else str(told.lon),
            "lat": None if told.lat is None else str(told.lat),
            "told": {"condition": told.condition, "photos": list(told.photos)},
        },
    )
    desk.append([act])


def _in_condition(known: Known, condition: str) -> State:
    state = next_state(known)
    return State(state.version, state.stage, condition)


def _sent_before(desk: Desk, table: Any, form_id: UUID) -> bool:
    query = select(table.c.record_id).where(table.c.form_id == form_id)
    return desk.work.connection.scalar(query) is not None


def _refuse_gone(known: Known) -> None:
    if known.state.stage == "disposed":
        raise Conflict("the asset was disposed of", code="asset.disposed", value=known.asset.code)


def _check(desk: Desk, condition: str, text: str, photos: Sequence[str]) -> None:
    if condition not in CONDITIONS:
        raise Invalid(
            "no such condition", code="asset.condition", place="condition", value=condition
        )
    if len(text) > _MAX_TEXT:
        raise Invalid("too long", code="asset.long", place="found")
    if len(photos) > MOST_PHOTOS:
        raise Invalid(f"at most {MOST_PHOTOS} photos", code="inspection.photos", place="photos")
    for digest in photos:
        if not desk.work.connection.scalar(
            select(PHOTO_FILE.c.digest).where(PHOTO_FILE.c.digest == digest)
        ):
            raise NotFound("no such photo", code="photo", value=digest)


def open_inventory(
    desk: Desk, region: str, title: str, until: date, on: date | None = None
) -> UUID:
    """Open an inventory (盘点) of a village, township or county; return its ID.

    Raises:
        Forbidden: the visitor may not keep assets there.
        NotFound: there is no such region.
        Invalid: no title, or it ends before it begins.
    """
    day = desk.day(on)
    code = desk.regions.get(region).code
    desk.require(KEEP, [code])
    if not 0 < len(title.strip()) <= _MAX_NAME:
        raise Invalid("give it a name", code="inventory.title", place="title")
    if until < day:
        raise Invalid("it ends before it begins", code="inventory.until", place="until")
    told = {"title": title.strip(), "until": until.isoformat()}
    [record] = desk.append([desk.act(deeds.INVENTORY_OPENED, code, day, {}, told)])
    return record.id


@dataclass(frozen=True)
class Count:
    """What was found of one item of an inventory.

    Attributes:
        form_id: as of an inspection.
        asset_id: of the book; None: the thing stands in no book (盘盈).
        name: of a thing in no book.
        present: it is there.
        quantity: found; None: it was not counted.
    """

    form_id: UUID
    asset_id: UUID | None
    present: bool
    condition: str
    quantity: Decimal | None = None
    note: str = ""
    photos: Sequence[str] = ()
    name: str = ""


def count(desk: Desk, inventory_id: UUID, told: Count, on: date | None = None) -> None:
    """Record what was found of an item; counted again, the last count holds.

    Raises:
        NotFound: there is no such inventory, asset or photo.
        Forbidden: the visitor may not keep assets there.
        Conflict: the inventory is closed.
        Invalid: the asset lies elsewhere, a thing in no book has no name, or as ``inspect``.
    """
    day = desk.day(on)
    inventory = queries.inventory_of(desk.work.connection, inventory_id)
    region, states, name = inventory.region, {}, told.name.strip()
    if told.asset_id is None:
        desk.require(KEEP, [region])
        desk.hold([region])
        if not 0 < len(name) <= _MAX_NAME:
            raise Invalid("name the thing", code="count.name", place="name")
    else:
        [known] = held_for(desk, [told.asset_id], KEEP)
        region, name = known.asset.region, known.asset.name
        condition = told.condition if told.present else known.state.condition
        states = {told.asset_id: _in_condition(known, condition)}
        if not queries.covers(inventory, region):
            raise Invalid("it lies elsewhere", code="count.region", place="asset", value=region)
    if _sent_before(desk, COUNT, told.form_id):
        return
    if queries.inventory_of(desk.work.connection, inventory_id).closed_on is not None:
        raise Conflict("the inventory is closed", code="inventory.closed", value=inventory.title)
    _check(desk, told.condition, told.note, told.photos)
    payload = {
        "inventory": str(inventory_id),
        "form": str(told.form_id),
        "name": name,
        "present": told.present,
        "condition": told.condition,
        "quantity": None if told.quantity is None else format(told.quantity, "f"),
        "note": told.note.strip(),
        "photos": list(told.photos),
        "told": {"present": told.present, "condition": told.condition},
    }
    desk.append([desk.act(deeds.COUNTED, region, day, states, payload)])


def close_inventory(desk: Desk, inventory_id: UUID, on: date | None = None) -> None:
    """Close an inventory, with how many items differ.

    Raises:
        NotFound: there is none of this ID.
        Forbidden: the visitor may not keep assets there.
        Conflict: it is closed.
    """
    day = desk.day(on)
    inventory = queries.inventory_of(desk.work.connection, inventory_id)
    desk.require(KEEP, [inventory.region])
    desk.hold([inventory.region])
    inventory = queries.inventory_of(desk.work.connection, inventory_id)
    if inventory.closed_on is not None:
        raise Conflict("the inventory is closed", code="inventory.closed", value=inventory.title)
    found = queries.inventory_result(desk.work.connection, inventory)
    told = {
        "inventory": str(inventory_id),
        "book": found.book,
        "counted": found.counted,
        "different": len(found.differences),
    }
    desk.append([desk.act(deeds.INVENTORY_CLOSED, inventory.region, day, {}, told)])
