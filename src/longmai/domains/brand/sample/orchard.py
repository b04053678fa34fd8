"""From the tree to the cold store: harvest lots with their commitment certificates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from longmai.domains.brand.sample.catalogue import GRAMS_A_KG, Place
from longmai.domains.brand.sample.journal import (
    Body,
    Journal,
    by_mass,
    kilograms,
    temperature,
)

_SLIP = 10  # a decimal point one place to the right
_REPORT_DAYS = 14


@dataclass(frozen=True)
class Lot:
    """A lot traded by mass.

    Attributes:
        uri: Digital Link URI.
        number: lot number.
        mass_g: of the lot.
        origin: full Chinese name of where it grew.
        place: where it lies.
        since: from when on.
    """

    uri: str
    number: str
    mass_g: int
    origin: str
    place: Place
    since: datetime

    @property
    def quantity(self) -> Body:
        """Its quantity element."""
        return by_mass(self.uri, self.mass_g)


def transaction(kind: str, issuer: Place, number: str) -> Body:
    """Return a business transaction: a document that its issuer has given a number."""
    gln = issuer.party.rpartition("/")[2]
    return {"type": kind, "bizTransaction": f"urn:epcglobal:cbv:bt:{gln}:{number}"}


def certificate(
    journal: Journal, number: str, issuer: Place, issued: date, told: dict[str, str]
) -> Body:
    """Return the fields of a commitment certificate (承诺达标合格证) beside an event.

    ``told`` holds what the issuer promises about: product, quantity, origin.
    """
    written = {
        **told,
        "issuedOn": issued.isoformat(),
        "promisedBy": issuer.party_name,
        "contact": journal.catalogue.settings["contact"],
        "number": number,
    }
    return {
        "bizTransactionList": [transaction("cert", issuer, number)],
        "lm:commitmentCertificate": {f"lm:{name}": value for name, value in written.items()},
    }


def harvest(journal: Journal) -> list[Lot]:
    """Pick every orchard several times, and bring each lot to a cold room; return them by time."""
    season = journal.catalogue.settings["season"]
    picked = sorted(
        (
            (day, number)
            for number in range(1, len(journal.catalogue.orchards) + 1)
            for day in _picking_days(journal, season)
        ),
    )
    rooms = journal.catalogue.rooms
    return [
        _bring_in(
            journal, order, number, day, rooms[order // season["harvests_a_grading"] % len(rooms)]
        )
        for order, (day, number) in enumerate(picked)
    ]


def _picking_days(journal: Journal, season: dict[str, Any]) -> Iterator[date]:
    span = season["harvest_days"] // season["pickings"]
    for picking in range(season["pickings"]):
        yield season["first_harvest"] + timedelta(
            days=picking * span + journal.random.randrange(span)
        )


def _bring_in(journal: Journal, order: int, number: int, day: date, room: Place) -> Lot:
    catalogue = journal.catalogue
    mass = catalogue.settings["season"]["mass_kg"]
    lot_number = f"H{day:%y%m%d}-{number:03d}"
    orchard = catalogue.orchards[number - 1]
    lot = Lot(
        uri=f"{catalogue.products['harvested'].uri}/10/{lot_number}",
        number=lot_number,
        mass_g=journal.random.randint(mass["least"], mass["most"]) * GRAMS_A_KG,
        origin=catalogue.origin(orchard),
        place=room,
        since=journal.moment(day + timedelta(days=1), 14),
    )
    _pick(journal, lot, orchard, day)
    _send(journal, lot, orchard)
    _take_in(journal, lot, orchard, slip=order == catalogue.settings["season"]["miskeyed_lot"])
    _store(journal, lot)
    return lot


def _pick(journal: Journal, lot: Lot, orchard: Place, day: date) -> None:
    settings = journal.catalogue.settings
    ilmd = {
        "cbvmda:lotNumber": lot.number,
        "cbvmda:harvestStartDate": day.isoformat(),
        "cbvmda:harvestEndDate": day.isoformat(),
        "cbvmda:countryOfOrigin": settings["country"],
        "lm:variety": settings["variety"],
    }
    journal.note(
        journal.event(
            "ObjectEvent",
            journal.moment(day, 17),
            "creating_class_instance",
            "active",
            orchard,
            action="ADD",
            quantityList=[lot.quantity],
            ilmd=ilmd,
        )
    )


def _send(journal: Journal, lot: Lot, orchard: Place) -> None:
    words = journal.catalogue.settings["words"]
    at = lot.since - timedelta(hours=5)
    told = {
        "product": words["certificate_product"],
        "quantity": words["harvest_quantity"].format(kg=kilograms(lot.mass_g)),
        "origin": lot.origin,
    }
    journal.note(
        journal.event(
            "ObjectEvent",
            at,
            "shipping",
            "in_transit",
            orchard,
            action="OBSERVE",
            quantityList=[lot.quantity],
            **certificate(journal, f"HGZ-{lot.number}", orchard, at.date(), told),
            **journal.transfer(orchard, lot.place),
        )
    )


def _take_in(journal: Journal, lot: Lot, orchard: Place, *, slip: bool) -> None:
    def received(mass_g: int) -> Body:
        return journal.event(
            "ObjectEvent",
            lot.since - timedelta(hours=2),
            "receiving",
            "in_progress",
            journal.catalogue.dock,
            action="OBSERVE",
            quantityList=[by_mass(lot.uri, mass_g)],
            **journal.transfer(orchard, lot.place),
        )

    if slip:
        noticed = lot.since + timedelta(hours=3)
        journal.correct(received(lot.mass_g * _SLIP), received(lot.mass_g), noticed)
    else:
        journal.note(received(lot.mass_g))


def _store(journal: Journal, lot: Lot) -> None:
    warm = [round(journal.random.uniform(low, low + 3), 1) for low in (14, 7, 1)]
    cooled = temperature(
        device(journal, lot.place), lot.since, lot.since + timedelta(hours=20), warm
    )
    journal.note(
        journal.event(
            "ObjectEvent",
            lot.since,
            "storing",
            "in_progress",
            lot.place,
            action="OBSERVE",
            quantityList=[lot.quantity],
            sensorElementList=[cooled],
        )
    )


def device(journal: Journal, room: Place) -> str:
    """Return the URI of a room's thermometer (GIAI)."""
    settings = journal.catalogue.settings
    return journal.catalogue.link(
        f"8004/{settings['company_prefix']}T{room.uri.rpartition('/')[2]}"
    )


def report_rooms(journal: Journal, lots: Sequence[Lot], taken: dict[str, datetime]) -> None:
    """Report every room's temperatures each fortnight, as long as lots lie in it.

    Args:
        journal: to write to.
        lots: that came into the rooms.
        taken: when each lot left its room, by its URI.
    """
    begin = min(lot.since for lot in lots).date()
    end = max(taken.values()).date()
    for room in journal.catalogue.rooms:
        for days in range(_REPORT_DAYS, (end - begin).days, _REPORT_DAYS):
            at = journal.moment(begin + timedelta(days=days), 8)
            inside = [
                lot.quantity
                for lot in lots
                if lot.place == room and lot.since < at < taken[lot.uri]
            ]
            if inside:
                journal.note(_report(journal, room, at, inside))


def _report(journal: Journal, room: Place, at: datetime, inside: list[Body]) -> Body:
    values = [round(journal.random.uniform(-0.8, 1.2), 1) for _ in range(_REPORT_DAYS)]
    begin = at - timedelta(days=_REPORT_DAYS)
    return journal.event(
        "ObjectEvent",
        at,
        "sensor_reporting",
        "in_progress",
        room,
        action="OBSERVE",
        quantityList=inside,
        sensorElementList=[temperature(device(journal, room), begin, at, values)],
    )
