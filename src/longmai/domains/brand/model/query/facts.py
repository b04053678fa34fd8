"""What an event says beside its main fields, as facts that a query can ask for one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from longmai.domains.brand.model import cbv
from longmai.domains.brand.model.epcis.check import instant
from longmai.domains.brand.model.epcis.xml_events import TEXT_KEY
from longmai.domains.brand.model.epcis.xml_fields import FIELDS, SENSOR_NUMBERS, SENSOR_WORDS
from longmai.domains.brand.model.epcis.xml_names import STANDARD
from longmai.domains.brand.model.gs1 import canonical_key
from longmai.domains.brand.model.query.units import measure
from longmai.kernel.errors import Invalid

# Longer texts are compared by their beginning: an index entry has its limits.
MAX_TEXT = 240
_PARTIES = {
    "bizTransactionList": ("bizTransaction", cbv.BIZ_TRANSACTION_TYPE),
    "sourceList": ("source", cbv.SOURCE_DESTINATION_TYPE),
    "destinationList": ("destination", cbv.SOURCE_DESTINATION_TYPE),
}
_KNOWN = frozenset({"@context", "type", "id"}) | FIELDS.keys()
_ERROR_FIELDS = frozenset({"declarationTime", "reason", "correctiveEventIDs"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that an event tells.

    Attributes:
        family: where it stands: ``bizTransaction``, ``source``, ``destination``, ``disposition``,
            ``error``, ``sensor`` (fields of the standard); ``field``, ``ilmd``, ``errorField``,
            ``sensorElement``, ``sensorMetadata``, ``sensorReport``, ``readPoint``, ``bizLocation``
            (extension fields), with ``inner.`` before it where the field lies deeper.
        name: of the field, an IRI where it is an extension; the type of a party or transaction.
        key: name as it was sent.
        text: canonical where it is an identifier; at most ``MAX_TEXT`` characters.
    """

    family: str
    name: str
    key: str
    text: str | None = None
    number: float | None = None
    instant: datetime | None = None


def facts_of(event: Mapping[str, Any], context: Any) -> Iterator[Fact]:
    """Yield the facts of an event.

    Args:
        event: its JSON form.
        context: ``@context`` of its document.
    """
    names = Names.of(context, event.get("@context"))
    for field, (item, vocabulary) in _PARTIES.items():
        for each in event.get(field) or ():
            kind = vocabulary.bare(each["type"]) if "type" in each else ""
            yield Fact(item, kind, kind, _cut(canonical(each[item])))
    for way, words in (event.get("persistentDisposition") or {}).items():
        for word in words if isinstance(words, list) else ():
            yield Fact("disposition", way, way, _cut(cbv.DISPOSITION.bare(word)))
    yield from _error(event.get("errorDeclaration") or {}, names)
    for element in event.get("sensorElementList") or ():
        yield from _sensor(element, names)
    for family in ("readPoint", "bizLocation"):
        yield from _open(event.get(family) or {}, family, names, {"id"})
    yield from _open(event.get("ilmd") or {}, "ilmd", names, ())
    yield from _open(event, "field", names, _KNOWN)


@dataclass(frozen=True)
class Names:
    """What the prefixes of a document stand for."""

    meanings: Mapping[str, str]

    @classmethod
    def of(cls, *contexts: Any) -> "Names":
        """Read ``@context`` values, the outer before the inner."""
        found = dict(STANDARD)
        for context in contexts:
            for entry in context if isinstance(context, list) else [context]:
                if isinstance(entry, Mapping):
                    found |= {k: v for k, v in entry.items() if isinstance(v, str)}
        return cls(found)

    def iri(self, key: str) -> str:
        """Return the IRI of ``prefix:name``; what has no known prefix comes back as it is.

        >>> Names.of({"ex": "https://ns.example.com/"}).iri("ex:row")
        'https://ns.example.com/row'
        """
        prefix, colon, name = key.partition(":")
        if not colon:
            return self.meanings.get(key, key)
        meaning = self.meanings.get(prefix)
        return key if meaning is None else meaning + name


def canonical(uri: str) -> str:
    """Return the canonical key of an identifier, or the identifier where it has none."""
    try:
        return canonical_key(uri)
    except Invalid:
        return uri


def _error(error: Mapping[str, Any], names: Names) -> Iterator[Fact]:
    if not error:
        return
    moment = instant(str(error.get("declarationTime", "")))
    yield Fact("error", "declarationTime", "declarationTime", instant=moment)
    if "reason" in error:
        yield Fact("error", "reason", "reason", _cut(cbv.ERROR_REASON.bare(error["reason"])))
    for each in error.get("correctiveEventIDs") or ():
        yield Fact("error", "correctiveEventID", "correctiveEventID", _cut(each))
    yield from _open(error, "errorField", names, _ERROR_FIELDS)


def _sensor(element: Mapping[str, Any], names: Names) -> Iterator[Fact]:
    metadata = element.get("sensorMetadata") or {}
    yield from _measured(metadata, "sensorMetadata", names)
    for report in element.get("sensorReport") or ():
        yield from _measured(report, "sensorReport", names)
    yield from _open(element, "sensorElement", names, {"sensorMetadata", "sensorReport"})


def _measured(value: Mapping[str, Any], family: str, names: Names) -> Iterator[Fact]:
    standard = [name for name in value if ":" not in name]
    for name in standard:
        each = value[name]
        if name in SENSOR_NUMBERS and isinstance(each, int | float):
            yield Fact("sensor", name, name, number=float(each))
            if isinstance(value.get("uom"), str):
                known, number = measure(name, value["uom"], float(each))
                yield Fact("sensor", known, name, number=number)
        elif name in SENSOR_WORDS:
            yield Fact("sensor", name, name, _cut(SENSOR_WORDS[name].bare(each)))
        elif isinstance(each, str) and (moment := instant(each)) is not None:
            yield Fact("sensor", name, name, instant=moment)
        elif isinstance(each, str):
            yield Fact("sensor", name, name, _cut(canonical(each)))
        elif isinstance(each, bool):
            yield Fact("sensor", name, name, _cut(str(each).lower()))
    yield from _open(value, family, names, standard)


def _open(value: Mapping[str, Any], family: str, names: Names, known: Any) -> Iterator[Fact]:
    for key, each in value.items():
        if key not in known and key[:1] != "@":
            yield from _field(family, names, key, each)


def _field(family: str, names: Names, key: str, value: Any) -> Iterator[Fact]:
    if isinstance(value, list):
        for each in value:
            yield from _field(family, names, key, each)
        return
    name = key if key == TEXT_KEY else names.iri(key)
    if not isinstance(value, Mapping):
        yield _told(family, name, key, value)
        return
    told = value.get(TEXT_KEY, value.get("@value"))
    yield _told(family, name, key, told)
    inner = family if family.startswith("inner.") else f"inner.{family}"
    for below, each in value.items():
        if below[:1] not in "@#":
            yield from _field(inner, names, below, each)


def _told(family: str, name: str, key: str, value: Any) -> Fact:
    name, key = _cut(name), _cut(key)
    if isinstance(value, bool):
        return Fact(family, name, key, str(value).lower())
    if isinstance(value, int | float):
        return Fact(family, name, key, repr(value), float(value))
    if not isinstance(value, str):
        return Fact(family, name, key)
    try:
        number: float | None = float(value)
    except ValueError:
        number = None
    finite = number if number is not None and abs(number) < float("inf") else None
    return Fact(family, name, key, _cut(value), finite, instant(value))


def _cut(text: str) -> str:
    return text[:MAX_TEXT]
