"""From the dock to the customer: trucks, distribution centres, shops, sales and one recall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from longmai.domains.brand.sample.catalogue import Place
from longmai.domains.brand.sample.journal import Body, Journal, own_step, temperature
from longmai.domains.brand.sample.packhouse import Pallet, Run

_OPENING, _CLOSING = 9, 21
_SALES_A_DELIVERY = 3
_DAYS_BETWEEN_SALES = (1, 12)
_SHARE_UNSOLD = 0.15
_ALARM = (9.5, 13.5)
_CHILLED = (0.4, 3.2)


@dataclass(frozen=True)
class Delivery:
    """Boxes that one shop put on its shelf."""

    run: Run
    shop: Place
    boxes: tuple[str, ...]
    stocked: datetime


def sell_season(journal: Journal, runs: Sequence[Run]) -> None:
    """Bring every run to its market and sell it; recall one on the way."""
    recalled = journal.catalogue.settings["season"]["recalled_run"]
    for order, run in enumerate(runs):
        arrived = _haul(journal, run, alarm=order == recalled)
        deliveries = _distribute(journal, run, arrived)
        if order == recalled:
            _recall(journal, run, deliveries)
        else:
            for delivery in deliveries:
                _sell(journal, delivery)


def _object(
    journal: Journal,
    at: datetime,
    words: tuple[str, str],
    place: Place | None,
    things: Sequence[str],
    **fields: Any,
) -> None:
    step, disposition = words
    body = journal.event(
        "ObjectEvent", at, step, disposition, place,
        action="OBSERVE", epcList=list(things), **fields,
    )  # fmt: skip
    journal.note(body)


def _haul(journal: Journal, run: Run, *, alarm: bool) -> datetime:
    """Drive a run's pallets to its distribution centre; return when they were received."""
    catalogue, pallets = journal.catalogue, [pallet.uri for pallet in run.pallets]
    dock, centre = catalogue.dock, run.market.centre
    loaded = journal.moment(run.ready.date() + timedelta(days=1), 6)
    left = journal.later(loaded, 30, 60)
    there = journal.later(left + timedelta(hours=run.market.hours), 0, 90)
    received = journal.later(there, 20, 50)
    handover = journal.transfer(dock, centre)
    _object(journal, loaded, ("loading", "in_progress"), dock, pallets)
    _object(journal, left, ("shipping", "in_transit"), dock, pallets, **handover)
    on_the_road = _on_the_road(journal, left, there, alarm=alarm)
    _object(
        journal, journal.later(left, 15, 30), ("transporting", "in_transit"), None, pallets,
        sensorElementList=[on_the_road],
    )  # fmt: skip
    _object(journal, there, ("arriving", "in_progress"), centre, pallets)
    _object(journal, received, ("receiving", "in_progress"), centre, pallets, **handover)
    return received


def _on_the_road(journal: Journal, begin: datetime, end: datetime, *, alarm: bool) -> Body:
    catalogue = journal.catalogue
    low, high = _CHILLED
    values = [round(journal.random.uniform(low, high), 1) for _ in range(8)]
    if alarm:
        values += [round(journal.random.uniform(*_ALARM), 1) for _ in range(3)]
    truck = catalogue.link(f"8004/{catalogue.settings['company_prefix']}TRUCK")
    return temperature(truck, begin, end, values, alarm=alarm)


def _distribute(journal: Journal, run: Run, arrived: datetime) -> list[Delivery]:
    deliveries = []
    for pallet in run.pallets:
        unpacked = journal.later(arrived, 60, 240)
        _unpack(journal, run.market.centre, pallet, unpacked)
        half = (len(pallet.boxes) + 1) // 2
        shops = journal.random.sample(run.market.shops, 2)
        for shop, boxes in zip(shops, (pallet.boxes[:half], pallet.boxes[half:]), strict=True):
            if boxes:
                deliveries.append(_deliver(journal, run, shop, boxes, unpacked))
    return deliveries


def _unpack(journal: Journal, centre: Place, pallet: Pallet, at: datetime) -> None:
    body = journal.event(
        "AggregationEvent", at, "unpacking", "in_progress", centre,
        action="DELETE", parentID=pallet.uri, childEPCs=list(pallet.boxes),
    )  # fmt: skip
    journal.note(body)


def _deliver(
    journal: Journal, run: Run, shop: Place, boxes: tuple[str, ...], unpacked: datetime
) -> Delivery:
    centre = run.market.centre
    sent = journal.moment(unpacked.date() + timedelta(days=1), 5)
    received = journal.later(sent, 60, 150)
    stocked = journal.later(received, 60, 120)
    handover = journal.transfer(centre, shop)
    _object(journal, sent, ("shipping", "in_transit"), centre, boxes, **handover)
    _object(journal, received, ("receiving", "in_progress"), shop, boxes, **handover)
    _object(journal, stocked, ("stocking", "sellable_accessible"), shop, boxes)
    return Delivery(run, shop, boxes, stocked)


def _sell(journal: Journal, delivery: Delivery) -> None:
    """Sell most of a delivery over the weeks that follow."""
    left = list(delivery.boxes)
    journal.random.shuffle(left)
    sold = len(left) - int(len(left) * journal.random.uniform(0, _SHARE_UNSOLD))
    sales = min(_SALES_A_DELIVERY, sold)
    day = delivery.stocked.date()
    for sale in range(sales):
        day += timedelta(days=journal.random.randint(*_DAYS_BETWEEN_SALES))
        part = left[sold * sale // sales : sold * (sale + 1) // sales]
        _sale(journal, delivery.shop, part, day)


def _sale(journal: Journal, shop: Place, boxes: list[str], day: date) -> None:
    at = journal.moment(day, journal.random.randrange(_OPENING, _CLOSING))
    _object(journal, at, ("retail_selling", "retail_sold"), shop, boxes)


def _recall(journal: Journal, run: Run, deliveries: Sequence[Delivery]) -> None:
    """Sell a few boxes of a run, then recall its lot and destroy what the shops still have."""
    reason = journal.catalogue.settings["words"]["recall_reason"]
    day = max(delivery.stocked for delivery in deliveries).date() + timedelta(days=1)
    for delivery in deliveries:
        _sale(journal, delivery.shop, list(delivery.boxes[:2]), day)
    called = journal.moment(day + timedelta(days=1), 10)
    journal.note(
        journal.event(
            "ObjectEvent", called, own_step("recalling"), "recalled", journal.catalogue.packhouse,
            action="OBSERVE",
            quantityList=[{"epcClass": run.uri, "quantity": _boxes(run)}],
            **{"lm:reason": reason},
        )
    )  # fmt: skip
    for delivery in deliveries:
        _take_back(journal, delivery, called)


def _boxes(run: Run) -> int:
    return sum(len(pallet.boxes) for pallet in run.pallets)


def _take_back(journal: Journal, delivery: Delivery, called: datetime) -> None:
    unsold, shop = delivery.boxes[2:], delivery.shop
    if not unsold:
        return
    removed = journal.later(called, 30, 180)
    _object(journal, removed, ("removing", "recalled"), shop, unsold)
    destroyed = journal.moment(called.date() + timedelta(days=2), 15)
    body = journal.event(
        "ObjectEvent", destroyed, "destroying", "destroyed", shop,
        action="DELETE", epcList=list(unsold),
    )  # fmt: skip
    journal.note(body)
