"""From a checked document to values: events with canonical keys, master data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from longmai.domains.brand.model import cbv
from longmai.domains.brand.model.epcis.check import instant
from longmai.domains.brand.model.epcis.document import Event, Item, Role, VocabularyElement
from longmai.domains.brand.model.epcis.findings import Advice
from longmai.domains.brand.model.gs1 import canonical_key, elements, is_class
from longmai.kernel.errors import Invalid

# The fields that name things, with their role. A type of event has few of them (see fields.py).
_THINGS: tuple[tuple[str, Role], ...] = (
    ("parentID", "parent"),
    ("epcList", "epc"),
    ("quantityList", "epc"),
    ("childEPCs", "child"),
    ("childQuantityList", "child"),
    ("inputEPCList", "input"),
    ("inputQuantityList", "input"),
    ("outputEPCList", "output"),
    ("outputQuantityList", "output"),
)


@dataclass
class Extraction:
    """Turns checked JSON into values, and notes advice on the way."""

    advice: Advice

    def event(self, body: Mapping[str, Any], place: str) -> Event:
        """Return the event of a checked body."""
        happened = instant(body["eventTime"])
        if happened is None:
            raise Invalid("not a date and time", place=place, value=body["eventTime"])
        return Event(
            event_id=body.get("eventID"),
            type=body["type"],
            action=body.get("action"),
            event_time=happened,
            offset=body["eventTimeZoneOffset"],
            biz_step=_bare(cbv.BIZ_STEP, body.get("bizStep")),
            disposition=_bare(cbv.DISPOSITION, body.get("disposition")),
            read_point=self._location(body, "readPoint", place),
            biz_location=self._location(body, "bizLocation", place),
            items=tuple(self._items(body, place)),
            body=body,
        )

    def vocabulary(self, document: Mapping[str, Any]) -> Iterator[VocabularyElement]:
        """Return the master data of a checked document, in its order."""
        master_data = document.get("epcisHeader", {}).get("epcisMasterData", {})
        for v, vocabulary in enumerate(master_data.get("vocabularyList", [])):
            place = f"epcisHeader.epcisMasterData.vocabularyList[{v}].vocabularyElementList"
            for e, element in enumerate(vocabulary.get("vocabularyElementList", [])):
                yield self.vocabulary_element(vocabulary["type"], element, f"{place}[{e}]")

    def vocabulary_element(
        self, kind: str, body: Mapping[str, Any], place: str
    ) -> VocabularyElement:
        """Return the element of a checked body."""
        return VocabularyElement(
            type=kind,
            id=self._key(body["id"], _at(place, "id")),
            attributes=_attributes(body.get("attributes", [])),
            body=body,
        )

    def _items(self, body: Mapping[str, Any], place: str) -> Iterator[Item]:
        for name, role in _THINGS:
            named = body.get(name, ())
            if isinstance(named, str):
                yield self._thing(role, named, _at(place, name))
                continue
            for i, member in enumerate(named):
                member_place = f"{_at(place, name)}[{i}]"
                if isinstance(member, dict):
                    yield self._quantity(role, member, member_place)
                else:
                    yield self._thing(role, member, member_place)

    def _thing(self, role: Role, uri: str, place: str) -> Item:
        key = self._key(uri, place)
        return Item(role, key, is_class=is_class(key), lot=_lot_beside(uri, key))

    def _quantity(self, role: Role, member: Mapping[str, Any], place: str) -> Item:
        amount = member.get("quantity")
        return Item(
            role,
            self._key(member["epcClass"], f"{place}.epcClass"),
            None if amount is None else _exact(amount),
            member.get("uom"),
            is_class=True,
        )

    def _location(self, body: Mapping[str, Any], name: str, place: str) -> str | None:
        location = body.get(name)
        return None if location is None else self._key(location["id"], f"{_at(place, name)}.id")

    def _key(self, uri: str, place: str) -> str:
        """Return the canonical key; a GS1 key with a fault in it stays the URI it was sent as.

        EPCIS takes any URI as an identifier, so such a document is valid (§6.4); that the key is
        not what GS1 would have issued is advice.
        """
        try:
            return canonical_key(uri)
        except Invalid as fault:
            self.advice.add(
                Invalid(
                    fault.what, code=fault.code, place=place, value=fault.value, mend=fault.mend
                )
            )
            return uri


def read_event(body: Mapping[str, Any]) -> Event:
    """Return the event of a body that was captured before: it is not checked again."""
    return Extraction(Advice()).event(body, "")


def read_vocabulary_element(kind: str, body: Mapping[str, Any]) -> VocabularyElement:
    """Return the master data element of a body that was captured before.

    Args:
        kind: URI of its vocabulary.
        body: the element as captured.
    """
    return Extraction(Advice()).vocabulary_element(kind, body, "")


def _exact(amount: float) -> Decimal:
    """Return the number that was written: 25.0 and 25 are one number in canonical JSON.

    repr() of a float is the shortest decimal that reads back as it (RFC 8785 writes the same).

    >>> _exact(0.1), _exact(25.0)
    (Decimal('0.1'), Decimal('25'))
    """
    return Decimal(int(amount)) if amount == int(amount) else Decimal(repr(amount))


def _lot_beside(uri: str, key: str) -> str | None:
    """Return the lot that a Digital Link names beside a serial number; the key drops it."""
    if "/21/" not in key or "/10/" not in uri:
        return None
    return elements(urlsplit(uri).path.strip("/")).get("10")


def _bare(vocabulary: cbv.Vocabulary, value: str | None) -> str | None:
    return None if value is None else vocabulary.bare(value)


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _attributes(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return values by attribute; several values of one attribute as a list."""
    found: dict[str, list[Any]] = {}
    for attribute in attributes:
        found.setdefault(attribute["id"], []).append(attribute.get("attribute"))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
