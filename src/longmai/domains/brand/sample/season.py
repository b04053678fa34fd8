"""The season as it happens: harvest, cold store, packing, road, shop, and what goes wrong."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from longmai.domains.brand.sample.cast import (
    RESOLVER,
    VOCABULARY,
    Cast,
    Orchard,
    Place,
    Product,
    load_cast,
)
from longmai.kernel.regions import RegionPack

RUNS = 21
LOTS_A_RUN = 3
PALLETS_A_RUN = 2
BOXES_A_PALLET = 24
STORE_READINGS = 4
EVENTS_A_DOCUMENT = 400
RECALLED_RUN = 12
MISREAD_LOT = 7

_CHINA = timezone(timedelta(hours=8))
_HARVEST = datetime(2025, 9, 25, 8, 0, tzinfo=_CHINA)
_FIRST_RUN = datetime(2025, 10, 24, 8, 30, tzinfo=_CHINA)
_CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"lm": VOCABULARY},
]


@dataclass(frozen=True)
class _Lot:
    """A harvest lot: kilograms of one household's apples."""

    number: str
    uri: str
    kg: int
    orchard: Orchard
    harvested: datetime

    @property
    def quantity(self) -> list[dict[str, Any]]:
        return [{"epcClass": self.uri, "quantity": self.kg, "uom": "KGM"}]


@dataclass
class _Season:
    cast: Cast
    rng: random.Random
    events: list[dict[str, Any]] = field(default_factory=list)

    def happen(self, kind: str, time: datetime, **fields: Any) -> dict[str, Any]:
        """Note an event, complete with ID, times and the sample mark."""
        event = {
            "type": kind,
            "eventID": f"urn:uuid:{UUID(int=self.rng.getrandbits(128), version=4)}",
            "eventTime": time.isoformat(timespec="milliseconds"),
            "eventTimeZoneOffset": "+08:00",
            **fields,
            "lm:sample": True,
        }
        self.events.append(event)
        return event

    def later(self, time: datetime, low_h: float, high_h: float) -> datetime:
        """Return a moment some hours later."""
        return time + timedelta(seconds=round(3600 * self.rng.uniform(low_h, high_h)))

    def temperature(self, time: datetime, low: float, high: float) -> list[dict[str, Any]]:
        """Return one reading of a thermometer."""
        value = round(self.rng.uniform(low, high), 1)
        report = {"type": "Temperature", "value": value, "uom": "CEL"}
        metadata = {"time": time.isoformat(timespec="milliseconds")}
        return [{"sensorMetadata": metadata, "sensorReport": [report]}]


def generate(seed: int, regions: RegionPack) -> Iterator[bytes]:
    """Yield the season's EPCIS documents, in time order; the first carries the master data.

    The same seed gives the same bytes.
    """
    season = _Season(load_cast(regions), random.Random(seed))  # noqa: S311 - sample data, not secrets
    for run in range(RUNS):
        _run(season, run)
    events = sorted(season.events, key=lambda event: str(event["eventTime"]))
    for start in range(0, len(events), EVENTS_A_DOCUMENT):
        chunk = events[start : start + EVENTS_A_DOCUMENT]
        yield _document(chunk, season.cast.master_data() if start == 0 else None)


def first_box_key(regions: RegionPack) -> str:
    """Return the key of the first box that was packed; it was sold, so its story is whole."""
    box = load_cast(regions).products["box"].box(1)
    return box.removeprefix(f"{RESOLVER}/")


def _document(events: list[dict[str, Any]], header: dict[str, Any] | None) -> bytes:
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": events[-1]["eventTime"],
    }
    if header:
        document["epcisHeader"] = header
    document["epcisBody"] = {"eventList": events}
    document["lm:sample"] = True
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _run(season: _Season, run: int) -> None:
    """One packing run, from its harvest lots to the shops."""
    product = season.cast.products["gift" if run % 4 == 3 else "box"]  # noqa: PLR2004 - every fourth
    boxes = PALLETS_A_RUN * BOXES_A_PALLET
    packed_kg = boxes * product.net_weight_kg
    loss_kg = season.rng.randint(packed_kg // 50, packed_kg // 20)
    lots = [
        _harvest(season, run * LOTS_A_RUN + i, kg)
        for i, kg in enumerate(_shares(season, packed_kg + loss_kg))
    ]
    start = _FIRST_RUN + timedelta(days=5 * run)
    for lot in lots:
        _store(season, lot, until=start)
    serials = range(run * boxes + 1, (run + 1) * boxes + 1)
    packed = _pack(season, run, product, lots, [product.box(s) for s in serials], start, loss_kg)
    for i in range(PALLETS_A_RUN):
        part = packed.boxes[i * BOXES_A_PALLET : (i + 1) * BOXES_A_PALLET]
        _ship(season, packed, season.cast.pallet(run * PALLETS_A_RUN + i + 1), part, i)
    if run == RECALLED_RUN:
        _recall(season, packed)


def _shares(season: _Season, total_kg: int) -> list[int]:
    first = round(total_kg * season.rng.uniform(0.28, 0.38))
    second = round(total_kg * season.rng.uniform(0.28, 0.38))
    return [first, second, total_kg - first - second]


def _harvest(season: _Season, index: int, kg: int) -> _Lot:
    cast, orchards = season.cast, season.cast.orchards
    orchard = orchards[index % len(orchards)]
    number = f"JN25-{orchard.number:03d}-{index // len(orchards) + 1}"
    day = timedelta(days=7 * (index // len(orchards)) + season.rng.randint(0, 6))
    time = season.later(_HARVEST + day, 0, 8)
    lot = _Lot(number, cast.products["bulk"].lot(number), kg, orchard, time)
    season.happen(
        "ObjectEvent",
        time,
        action="ADD",
        bizStep=f"{VOCABULARY}harvesting",
        disposition="active",
        quantityList=lot.quantity,
        ilmd={"cbvmda:lotNumber": number, "lm:harvestDate": f"{time:%Y-%m-%d}"},
        **orchard.place.where,
    )
    _certify(season, lot)
    return lot


def _certify(season: _Season, lot: _Lot) -> None:
    words, issued = season.cast.words["certificate"], season.later(lot.harvested, 1, 3)
    season.happen(
        "ObjectEvent",
        issued,
        action="OBSERVE",
        bizStep=f"{VOCABULARY}issuing_certificate",
        disposition="conformant",
        quantityList=lot.quantity,
        bizTransactionList=[
            {"type": "cert", "bizTransaction": f"urn:example:longmai:sample:cert:{lot.number}"}
        ],
        **lot.orchard.place.where,
        **{
            "lm:commitmentCertificate": {
                "lm:product": words["product"],
                "lm:quantity": words["quantity"].format(kg=lot.kg),
                "lm:origin": words["origin"].format(path=lot.orchard.origin),
                "lm:issuedOn": f"{issued:%Y-%m-%d}",
                "lm:promisedBy": lot.orchard.person,
                "lm:contact": season.cast.words["person"]["contact"],
            }
        },
    )


def _store(season: _Season, lot: _Lot, until: datetime) -> None:
    store, orchard = season.cast.places["store"], lot.orchard.place
    left = season.later(lot.harvested, 4, 20)
    arrived = season.later(left, 1, 3)
    _lot_event(season, lot, left, "shipping", "in_transit", orchard)
    if lot.number == _misread_number(season):
        _misread(season, lot, arrived, store)
    _lot_event(season, lot, season.later(arrived, 0.2, 0.5), "receiving", "in_progress", store)
    stored = season.later(arrived, 1, 4)
    _lot_event(season, lot, stored, "storing", "in_progress", store)
    for i in range(STORE_READINGS):
        time = stored + (until - stored) * (i + 1) / (STORE_READINGS + 1)
        time = time.replace(microsecond=0)
        event = _lot_event(season, lot, time, "sensor_reporting", "in_progress", store)
        event["sensorElementList"] = season.temperature(time, 0.1, 1.6)


def _lot_event(
    season: _Season, lot: _Lot, time: datetime, step: str, disposition: str, place: Place
) -> dict[str, Any]:
    return season.happen(
        "ObjectEvent",
        time,
        action="OBSERVE",
        bizStep=step,
        disposition=disposition,
        quantityList=lot.quantity,
        **place.where,
    )


def _misread_number(season: _Season) -> str:
    return f"JN25-{season.cast.orchards[MISREAD_LOT].number:03d}-1"


def _misread(season: _Season, lot: _Lot, time: datetime, store: Place) -> None:
    # The scale was misread; the event is declared in error and the right one follows.
    wrong = _lot_event(season, lot, time, "receiving", "in_progress", store)
    wrong["quantityList"] = [{"epcClass": lot.uri, "quantity": lot.kg * 10, "uom": "KGM"}]
    declared = season.later(time, 0.1, 0.15)
    declaration = season.happen("ObjectEvent", time)
    declaration |= {key: value for key, value in wrong.items() if key != "lm:sample"}
    declaration["errorDeclaration"] = {
        "declarationTime": declared.isoformat(timespec="milliseconds"),
        "reason": "incorrect_data",
    }


@dataclass(frozen=True)
class _Packed:
    """What a run made."""

    product: Product
    lot_number: str
    boxes: list[str]
    packed: datetime


def _pack(
    season: _Season,
    run: int,
    product: Product,
    lots: list[_Lot],
    boxes: list[str],
    start: datetime,
    loss_kg: int,
) -> _Packed:
    packhouse, number = season.cast.places["packhouse"], f"P{start:%y%m%d}-{run + 1:02d}"
    done = season.later(start, 3, 6)
    season.happen(
        "TransformationEvent",
        done,
        bizStep=f"{VOCABULARY}grading",
        disposition="active",
        inputQuantityList=[quantity for lot in lots for quantity in lot.quantity],
        outputEPCList=boxes,
        ilmd={
            "cbvmda:lotNumber": number,
            "lm:packedOn": f"{done:%Y-%m-%d}",
            "lm:loss_kg": loss_kg,
        },
        **packhouse.where,
    )
    for step, low, high in (("sampling", 0.2, 0.5), ("inspecting", 2, 4)):
        season.happen(
            "ObjectEvent",
            season.later(done, low, high),
            action="OBSERVE",
            bizStep=step,
            disposition="conformant" if step == "inspecting" else "active",
            quantityList=[{"epcClass": product.lot(number), "quantity": len(boxes)}],
            **packhouse.where,
        )
    return _Packed(product, number, boxes, done)


def _ship(season: _Season, run: _Packed, pallet: str, boxes: list[str], index: int) -> None:
    """One pallet: packed, on the road, unpacked, on two shelves, sold."""
    places, city = season.cast.places, ("lanzhou", "guangzhou")[index]
    hub, road_h = places[f"hub_{city}"], (6, 10) if city == "lanzhou" else (34, 44)
    packed = season.later(run.packed, 5, 8)
    _aggregate(season, packed, "ADD", "packing", pallet, boxes, places["packhouse"])
    left = season.later(packed, 10, 14)
    for step, time in (("loading", season.later(packed, 8, 9)), ("shipping", left)):
        _pallet_event(season, time, step, pallet, places["packhouse"])
    arrived = season.later(left, *road_h)
    halfway = left + (arrived - left) / 2
    moving = _pallet_event(season, halfway.replace(microsecond=0), "transporting", pallet, None)
    moving["sensorElementList"] = season.temperature(halfway, 1.5, 4.5)
    _pallet_event(season, arrived, "arriving", pallet, hub)
    received = season.later(arrived, 0.5, 2)
    _pallet_event(season, received, "receiving", pallet, hub)
    unpacked = season.later(received, 2, 6)
    _aggregate(season, unpacked, "DELETE", "unpacking", pallet, boxes, hub)
    half = len(boxes) // 2
    for i, part in enumerate((boxes[:half], boxes[half:])):
        _sell(season, run, part, places[f"shop_{city}_{i + 1}"], unpacked)


def _aggregate(
    season: _Season,
    time: datetime,
    action: str,
    step: str,
    pallet: str,
    boxes: list[str],
    place: Place,
) -> None:
    season.happen(
        "AggregationEvent",
        time,
        action=action,
        bizStep=step,
        disposition="in_progress",
        parentID=pallet,
        childEPCs=boxes,
        **place.where,
    )


def _pallet_event(
    season: _Season, time: datetime, step: str, pallet: str, place: Place | None
) -> dict[str, Any]:
    return season.happen(
        "ObjectEvent",
        time,
        action="OBSERVE",
        bizStep=step,
        disposition="in_transit",
        epcList=[pallet],
        **(place.where if place else {}),
    )


def _sell(season: _Season, run: _Packed, boxes: list[str], shop: Place, after: datetime) -> None:
    shelved = season.later(after, 16, 30)
    _boxes_event(season, shelved, "stocking", "sellable_accessible", boxes, shop)
    recalled = run.lot_number == _recalled_lot(season)
    # A few boxes are still on the shelf when the season's records end.
    sold = boxes[:2] if recalled else boxes[: len(boxes) - season.rng.choice((0, 0, 1, 2))]
    for box in sold:
        time = season.later(shelved, 2, 60 if recalled else 400)
        time = time.astimezone(_CHINA).replace(hour=season.rng.randint(9, 20))
        time = max(time, shelved + timedelta(minutes=5))
        _boxes_event(season, time, "retail_selling", "retail_sold", [box], shop)


def _boxes_event(
    season: _Season, time: datetime, step: str, disposition: str, boxes: list[str], place: Place
) -> None:
    season.happen(
        "ObjectEvent",
        time,
        action="OBSERVE",
        bizStep=step,
        disposition=disposition,
        epcList=boxes,
        **place.where,
    )


def _recalled_lot(_season: _Season) -> str:
    start = _FIRST_RUN + timedelta(days=5 * RECALLED_RUN)
    return f"P{start:%y%m%d}-{RECALLED_RUN + 1:02d}"


def _recall(season: _Season, run: _Packed) -> None:
    lot = [{"epcClass": run.product.lot(run.lot_number), "quantity": len(run.boxes)}]
    season.happen(
        "ObjectEvent",
        season.later(run.packed, 24 * 8, 24 * 9),
        action="OBSERVE",
        bizStep="holding",
        disposition="recalled",
        quantityList=lot,
        **season.cast.places["packhouse"].where,
    )
