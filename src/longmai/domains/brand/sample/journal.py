"""The season's events as they are written down: EPCIS bodies, in the order of their capture."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from longmai.domains.brand.sample.catalogue import GRAMS_A_KG, Catalogue, Place
from longmai.domains.brand.tables import SAMPLE_FIELD

NAMESPACE = "https://longmai.example/voc#"
CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"lm": NAMESPACE},
]
_UUID_BITS = 128
Body = dict[str, Any]


def own_step(word: str) -> str:
    """Return the URI of a business step that the CBV has no word for."""
    return f"{NAMESPACE}{word}"


def kilograms(mass_g: int) -> int | float:
    """Return a mass as it is written: kilograms, whole where it is whole.

    >>> kilograms(12_500), kilograms(12_000)
    (12.5, 12)
    """
    return mass_g // GRAMS_A_KG if mass_g % GRAMS_A_KG == 0 else mass_g / GRAMS_A_KG


def by_mass(uri: str, mass_g: int) -> Body:
    """Return the quantity element of so much of a lot."""
    return {"epcClass": uri, "quantity": kilograms(mass_g), "uom": "KGM"}


def temperature(
    device: str, begin: datetime, end: datetime, values: Sequence[float], *, alarm: bool = False
) -> Body:
    """Return a sensor element: temperatures (°C) read between two moments."""
    report: Body = {
        "type": "Temperature",
        "minValue": min(values),
        "maxValue": max(values),
        "meanValue": round(sum(values) / len(values), 1),
        "uom": "CEL",
    }
    reports = [report]
    if alarm:
        reports.append({"type": "Temperature", "exception": "ALARM_CONDITION"})
    span = {"startTime": begin.isoformat(), "endTime": end.isoformat(), "deviceID": device}
    return {"sensorMetadata": span, "sensorReport": reports}


@dataclass
class Journal:
    """Collects events; all chance of the season comes from ``random``.

    Attributes:
        catalogue: products and places.
        random: seeded.
    """

    catalogue: Catalogue
    random: Random
    _entries: list[tuple[datetime, int, Body]] = field(default_factory=list)

    def moment(self, day: date, hour: int) -> datetime:
        """Return some minute of an hour of a day, on the clock on the wall."""
        offset = datetime.strptime(self.catalogue.settings["offset"], "%z").tzinfo or UTC
        minute = self.random.randrange(60)
        return datetime.combine(day, time(hour, minute), tzinfo=offset)

    def later(self, moment: datetime, least_minutes: int, most_minutes: int) -> datetime:
        """Return a moment some minutes later."""
        return moment + timedelta(minutes=self.random.randint(least_minutes, most_minutes))

    def event(
        self,
        kind: str,
        at: datetime,
        step: str,
        disposition: str,
        place: Place | None,
        **fields: Any,
    ) -> Body:
        """Return the body of an event; ``place`` None: on the road."""
        where = {"readPoint": {"id": place.uri}, "bizLocation": {"id": place.uri}} if place else {}
        return {
            "type": kind,
            "eventID": f"urn:uuid:{self._uuid()}",
            "eventTime": at.isoformat(),
            "eventTimeZoneOffset": self.catalogue.settings["offset"],
            "bizStep": step,
            "disposition": disposition,
            **where,
            **fields,
            SAMPLE_FIELD: True,
        }

    def note(self, body: Body, captured: datetime | None = None) -> None:
        """Write an event down, when it happens or later."""
        at = captured or datetime.fromisoformat(body["eventTime"])
        self._entries.append((at, len(self._entries), body))

    def correct(self, wrong: Body, right: Body, noticed: datetime) -> None:
        """Write down a wrong event, and what was done when that was noticed (EPCIS 2.0 §7.4.1)."""
        self.note(wrong)
        declaration = {
            "declarationTime": noticed.isoformat(),
            "reason": "incorrect_data",
            "correctiveEventIDs": [right["eventID"]],
        }
        self.note({**wrong, "errorDeclaration": declaration}, noticed)
        self.note(right, noticed)

    def transfer(self, sender: Place, receiver: Place) -> Body:
        """Return the fields that say who hands over to whom."""
        return {
            "sourceList": [{"type": "possessing_party", "source": sender.party}],
            "destinationList": [{"type": "possessing_party", "destination": receiver.party}],
        }

    def entries(self) -> list[tuple[datetime, Body]]:
        """Return the events with the moments of their capture, in that order."""
        return [(at, body) for at, _, body in sorted(self._entries, key=lambda entry: entry[:2])]

    def _uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(_UUID_BITS), version=4)


def documents(
    entries: Sequence[tuple[datetime, Body]], vocabulary: Iterable[Mapping[str, Any]], size: int
) -> Iterator[bytes]:
    """Yield EPCIS documents of at most ``size`` events; the first carries the master data."""
    header: Body = {"epcisHeader": {"epcisMasterData": {"vocabularyList": list(vocabulary)}}}
    for start in range(0, len(entries), size):
        part = entries[start : start + size]
        document = {
            "@context": CONTEXT,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": part[-1][0].isoformat(),
            **header,
            "epcisBody": {"eventList": [body for _, body in part]},
        }
        header = {}
        yield json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
