"""In the packhouse: harvest lots become graded lots, boxes and pallets. No gram gets lost.

Mass in = boxes × net weight + mass of other outputs + ``lm:loss_kg``, exactly, in every event.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from longmai.domains.brand.sample.catalogue import GRAMS_A_KG, Market, Product
from longmai.domains.brand.sample.journal import Journal, kilograms, own_step
from longmai.domains.brand.sample.orchard import Lot, certificate, transaction

LOSS_FIELD = "lm:loss_kg"
_THOUSAND = 1000
_BEST_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class Pallet:
    """Boxes on one pallet: URIs of pallet and boxes."""

    uri: str
    boxes: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """One packing run: a lot of boxes.

    Attributes:
        product: what a box is.
        uri: Digital Link URI of the lot; ``number`` its lot number.
        pallets: all boxes, on their pallets.
        ready: when the last pallet stood.
        market: where the lot goes.
    """

    product: Product
    uri: str
    number: str
    pallets: tuple[Pallet, ...]
    ready: datetime
    market: Market


def pack_season(journal: Journal, lots: Sequence[Lot]) -> tuple[list[Run], dict[str, datetime]]:
    """Grade and pack all lots, a few from one room at a time.

    Returns:
        the packing runs, and when each harvest lot left its room, by its URI.
    """
    season = journal.catalogue.settings["season"]
    size = season["harvests_a_grading"]
    batches = [lots[start : start + size] for start in range(0, len(lots), size)]
    runs: list[Run] = []
    taken: dict[str, datetime] = {}
    for number, batch in enumerate(batches):
        day = season["first_grading"] + timedelta(
            days=number * season["grading_days"] // len(batches)
        )
        at = journal.moment(day, 8)
        taken |= {lot.uri: at for lot in batch}
        graded = _grade(journal, batch, at)
        runs += _pack(journal, number, graded)
    return runs, taken


def _grade(journal: Journal, batch: Sequence[Lot], at: datetime) -> Lot:
    """Grade lots into one for the boxes and one for processing; return the one for the boxes."""
    season, products = journal.catalogue.settings["season"], journal.catalogue.products
    total = sum(lot.mass_g for lot in batch)
    loss = _share(journal, total, season["loss"])
    processing = _share(journal, total, season["processing"])
    number = f"G{at:%y%m%d}"

    def lot(product: str, mass_g: int) -> Lot:
        uri = f"{products[product].uri}/10/{number}"
        origin = "；".join(dict.fromkeys(lot.origin for lot in batch))
        return Lot(uri, number, mass_g, origin, journal.catalogue.packhouse, at)

    graded, rest = lot("graded", total - processing - loss), lot("processing", processing)
    journal.note(
        journal.event(
            "TransformationEvent",
            at,
            own_step("grading"),
            "in_progress",
            journal.catalogue.packhouse,
            inputQuantityList=[lot.quantity for lot in batch],
            outputQuantityList=[graded.quantity, rest.quantity],
            ilmd={"cbvmda:lotNumber": number},
            **{LOSS_FIELD: kilograms(loss)},
        )
    )
    return graded


def _share(journal: Journal, total_g: int, thousandths: dict[str, int]) -> int:
    # Weighed in whole kilograms.
    part = journal.random.randint(thousandths["least"], thousandths["most"])
    return total_g * part // _THOUSAND // GRAMS_A_KG * GRAMS_A_KG


def _pack(journal: Journal, number: int, graded: Lot) -> Iterator[Run]:
    """Pack a graded lot in two runs; near and far market take turns at the gift boxes."""
    products, markets = journal.catalogue.products, journal.catalogue.markets
    half = graded.mass_g // 2 // GRAMS_A_KG * GRAMS_A_KG
    plan = (
        (products["gift"], half, markets[(number + 1) % len(markets)]),
        (products["standard"], graded.mass_g - half, markets[number % len(markets)]),
    )
    for order, (product, mass_g, market) in enumerate(plan):
        at = graded.since + timedelta(hours=3 + 3 * order)
        yield _run(journal, graded, mass_g, (product, 2 * number + order + 1, market), at)


def _run(
    journal: Journal,
    graded: Lot,
    mass_g: int,
    plan: tuple[Product, int, Market],
    at: datetime,
) -> Run:
    product, number, market = plan
    lot_number = f"P{at:%y%m%d}-{number:02d}"
    uri = f"{product.uri}/10/{lot_number}"
    count, loss = divmod(mass_g, product.net_weight_g)
    boxes = [f"{uri}/21/{number:02d}{serial:04d}" for serial in range(1, count + 1)]
    _note_packing(journal, graded, (lot_number, boxes), mass_g, loss, at)
    ready = journal.later(at, 15, 30)
    _note_inspection(journal, (uri, lot_number, len(boxes)), ready)
    pallets = _pallets(product, boxes, number, journal)
    for pallet in pallets:
        ready = journal.later(ready, 20, 35)
        _note_pallet(journal, pallet, ready)
    return Run(product, uri, lot_number, pallets, ready, market)


def _note_packing(
    journal: Journal,
    graded: Lot,
    made: tuple[str, list[str]],
    mass_g: int,
    loss: int,
    at: datetime,
) -> None:
    lot_number, boxes = made
    words, packhouse = journal.catalogue.settings["words"], journal.catalogue.packhouse
    net = kilograms(mass_g - loss)
    told = {
        "product": words["certificate_product"],
        "quantity": words["run_quantity"].format(kg=net, boxes=len(boxes)),
        "origin": graded.origin,
    }
    ilmd = {
        "cbvmda:lotNumber": lot_number,
        "cbvmda:bestBeforeDate": (at.date() + _BEST_BEFORE).isoformat(),
        "cbvmda:countryOfOrigin": journal.catalogue.settings["country"],
    }
    journal.note(
        journal.event(
            "TransformationEvent",
            at,
            "packing",
            "in_progress",
            packhouse,
            inputQuantityList=[{**graded.quantity, "quantity": kilograms(mass_g)}],
            outputEPCList=boxes,
            ilmd=ilmd,
            # Mixing lots asks for a certificate anew.
            **certificate(journal, f"HGZ-{lot_number}", packhouse, at.date(), told),
            **{LOSS_FIELD: kilograms(loss)},
        )
    )


def _note_inspection(journal: Journal, lot: tuple[str, str, int], at: datetime) -> None:
    """The packhouse's own test of a packed lot, which its certificate rests on."""
    uri, number, count = lot
    packhouse = journal.catalogue.packhouse
    journal.note(
        journal.event(
            "ObjectEvent",
            at,
            "inspecting",
            "conformant",
            packhouse,
            action="OBSERVE",
            quantityList=[{"epcClass": uri, "quantity": count}],
            bizTransactionList=[transaction("testres", packhouse, f"ZJ-{number}")],
        )
    )


def _pallets(
    product: Product, boxes: list[str], number: int, journal: Journal
) -> tuple[Pallet, ...]:
    size = product.boxes_a_pallet
    catalogue = journal.catalogue
    return tuple(
        Pallet(
            catalogue.link("00/" + catalogue.key_number("0", f"{number:06d}{start // size:03d}")),
            tuple(boxes[start : start + size]),
        )
        for start in range(0, len(boxes), size)
    )


def _note_pallet(journal: Journal, pallet: Pallet, at: datetime) -> None:
    journal.note(
        journal.event(
            "AggregationEvent",
            at,
            "packing",
            "container_closed",
            journal.catalogue.packhouse,
            action="ADD",
            parentID=pallet.uri,
            childEPCs=list(pallet.boxes),
        )
    )
