"""The hash ID of an EPCIS event: the same for each of its forms (CBV 2.0 §8.9).

The *pre-hash string* is what an event says, in an order and notation of its own: identifiers as
Digital Links at id.gs1.org, words of CBV as URIs, times in UTC with milliseconds, lists sorted,
extension fields under their namespaces. What only the repository or the ID itself adds
(``recordTime``, ``eventID``, ``errorDeclaration``) is left out.

>>> event = {"type": "ObjectEvent", "eventTime": "2020-03-04T11:00:30.000+01:00",
...          "eventTimeZoneOffset": "+01:00", "action": "OBSERVE", "bizStep": "departing",
...          "epcList": ["urn:epc:id:sscc:4012345.0000000333"]}
>>> prehash(event)  # doctest: +NORMALIZE_WHITESPACE
'eventType=ObjectEventeventTime=2020-03-04T10:00:30.000ZeventTimeZoneOffset=+01:00epcListepc=https://id.gs1.org/00/040123450000003338action=OBSERVEbizStep=https://ref.gs1.org/cbv/BizStep-departing'
>>> event_hash(event)[:20]
'ni:///sha-256;96b0b7'
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from longmai.domains.brand.model import cbv
from longmai.domains.brand.model.epcis.check import instant
from longmai.domains.brand.model.epcis.xml_events import TEXT_KEY
from longmai.domains.brand.model.epcis.xml_fields import FIELDS
from longmai.domains.brand.model.epcis.xml_names import STANDARD
from longmai.domains.brand.model.gs1 import canonical_key, is_key
from longmai.kernel.errors import Invalid

_RESOLVER = "https://id.gs1.org/"
_IGNORED = frozenset({"@context", "type", "eventID", "recordTime", "errorDeclaration"})
_COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_MILLISECOND = timedelta(milliseconds=1)
# CBV 2.0 §8.9.2, table of the canonical property order.
_ORDER = (
    "eventTime",
    "eventTimeZoneOffset",
    "certificationInfo",
    "epcList",
    "parentID",
    "inputEPCList",
    "childEPCs",
    "quantityList",
    "childQuantityList",
    "inputQuantityList",
    "outputEPCList",
    "outputQuantityList",
    "action",
    "transformationID",
    "bizStep",
    "disposition",
    "persistentDisposition",
    "readPoint",
    "bizLocation",
    "sensorElementList",
    "bizTransactionList",
    "destinationList",
    "sourceList",
    "ilmd",
)
_SOURCE = ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules")
_METADATA = ("time", "startTime", "endTime", *_SOURCE)
_REPORT = (
    "type",
    "exception",
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "time",
    "microorganism",
    "chemicalSubstance",
    "value",
    "component",
    "stringValue",
    "booleanValue",
    "hexBinaryValue",
    "uriValue",
    "minValue",
    "maxValue",
    "meanValue",
    "sDev",
    "percRank",
    "percValue",
    "uom",
    "coordinateReferenceSystem",
)
_TIMES = frozenset({"time", "startTime", "endTime", "eventTime"})
_TEXTS = frozenset({"stringValue", "hexBinaryValue", "uom", "eventTimeZoneOffset", "action"})
_VOCABULARIES: Mapping[str, cbv.Vocabulary] = {
    "type": cbv.MEASUREMENT_TYPE,
    "exception": cbv.SENSOR_ALERT_TYPE,
    "component": cbv.COMPONENT,
}


def event_hash(event: Mapping[str, Any], context: Any = None, ignored: Iterable[str] = ()) -> str:
    """Return the hash ID of an event, a ``ni:`` URI (RFC 6920).

    Args:
        event: in its JSON form.
        context: ``@context`` of its document.
        ignored: fields left out, ``prefix:name``: those that a repository adds.
    """
    digest = hashlib.sha256(prehash(event, context, ignored).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def prehash(event: Mapping[str, Any], context: Any = None, ignored: Iterable[str] = ()) -> str:
    """Return the pre-hash string of an event; arguments as for ``event_hash``."""
    names = _Names(_meanings(context, event.get("@context")))
    left_out = frozenset(names.full(each) for each in ignored)
    return "".join(_Hashing(names, left_out).event(event))


def ignored_fields(document: Mapping[str, Any]) -> list[str]:
    """Return the fields that a document asks to leave out (``…:ignoreFields``).

    >>> ignored_fields({"x:ignoreFields": ["x:hash"]}), ignored_fields({"type": "EPCISDocument"})
    (['x:hash'], [])
    """
    body = document.get("epcisBody") or {}
    for holder in (document, body, body.get("queryResults") or {}):
        for name, value in holder.items():
            if name.endswith(":ignoreFields"):
                named = value if isinstance(value, list | dict) else [value]
                return [str(each) for each in named]
    return []


def events_of(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the events of a document, of the answer to a query, or the event itself."""
    body = document.get("epcisBody")
    if body is None:
        return [document]
    results = (body.get("queryResults") or {}).get("resultsBody") or {}
    single = [body["event"]] if "event" in body else []
    return [*body.get("eventList", ()), *single, *results.get("eventList", ())]


def _meanings(*contexts: Any) -> dict[str, str]:
    found = dict(STANDARD)
    for context in contexts:
        for entry in context if isinstance(context, list) else [context]:
            if isinstance(entry, Mapping):
                found |= {k: v for k, v in entry.items() if isinstance(v, str) and k[:1] != "@"}
    return found


@dataclass(frozen=True)
class _Names:
    """Names of extension fields, as ``{namespace}name``."""

    meanings: Mapping[str, str]

    def full(self, key: str) -> str:
        prefix, colon, name = key.partition(":")
        if not colon:
            return key
        namespace = self.meanings.get(prefix)
        if namespace is None:
            cut = max(key.rfind(sign) for sign in "/#:") + 1
            namespace, name = key[:cut], key[cut:]
        return f"{{{namespace}}}{name}"

    def expanded(self, value: str) -> str:
        """Return a value with the prefixes of the standard's own vocabularies written out."""
        for prefix in ("cbv", "gs1"):
            if value.startswith(f"{prefix}:"):
                return STANDARD[prefix] + value[len(prefix) + 1 :]
        return value


@dataclass(frozen=True)
class _Hashing:
    names: _Names
    left_out: frozenset[str]

    def event(self, event: Mapping[str, Any]) -> Iterator[str]:
        yield f"eventType={event['type']}"
        for name in _ORDER:
            if name in event:
                yield from self._field(name, event[name])
        yield from self._left_over(event)
        own = {k: v for k, v in event.items() if k not in FIELDS and k not in _IGNORED}
        yield from self.open(own)

    def _left_over(self, event: Mapping[str, Any]) -> Iterator[str]:
        """Return fields of sensors that the table does not name: at the end, with their way."""
        for element in event.get("sensorElementList") or ():
            metadata = [element["sensorMetadata"]] if "sensorMetadata" in element else []
            for holder, order, values in (
                ("sensorMetadata", _METADATA, metadata),
                ("sensorReport", _REPORT, element.get("sensorReport", ())),
            ):
                for value in values:
                    for name in sorted(value.keys() - set(order)):
                        if ":" not in name:
                            told = self._value(name, value[name])
                            yield f"sensorElementListsensorElement{holder}{name}={told}"

    def _field(self, name: str, value: Any) -> Iterator[str]:
        form = FIELDS[name]
        if value in (None, [], {}):
            return
        if form.kind == "text":
            yield f"{name}={self._value(name, value)}"
        elif form.kind == "many":
            many = value if isinstance(value, list) else [value]
            yield from sorted(f"{name}={self._uri(each)}" for each in many if isinstance(each, str))
        elif form.kind == "word" and form.vocabulary:
            yield f"{name}={self._word(form.vocabulary, value)}"
        elif form.kind == "texts":
            yield name
            yield from sorted(f"{form.item}={self._uri(each)}" for each in value)
        elif form.kind == "open":
            yield name
            yield from self.open(value)
        else:
            yield name
            yield from self._composed(form.kind, form.item, form.vocabulary, value)

    def _composed(
        self, kind: str, item: str, vocabulary: cbv.Vocabulary | None, value: Any
    ) -> Iterator[str]:
        if kind == "typed" and vocabulary:
            yield from sorted(self._typed(item, vocabulary, each) for each in value)
        elif kind == "quantities":
            yield from sorted(item + self._quantity(each) for each in value)
        elif kind == "dispositions":
            for name in ("set", "unset"):
                words = value.get(name, ())
                yield from sorted(f"{name}={self._word(cbv.DISPOSITION, each)}" for each in words)
        elif kind == "place":
            yield f"id={self._uri(value['id'])}"
            yield from self.open({k: v for k, v in value.items() if k != "id"})
        elif kind == "sensors":
            yield from sorted("".join(self._sensor(each)) for each in value)

    def _typed(self, item: str, vocabulary: cbv.Vocabulary, value: Mapping[str, Any]) -> str:
        kind = f"type={self._word(vocabulary, value['type'])}" if "type" in value else ""
        return f"{kind}{item}={self._uri(value[item])}"

    def _quantity(self, value: Mapping[str, Any]) -> str:
        told = f"epcClass={self._uri(value['epcClass'])}"
        for name in ("quantity", "uom"):
            if value.get(name) is not None:
                told += f"{name}={_plain(value[name])}"
        return told

    def _sensor(self, value: Mapping[str, Any]) -> Iterator[str]:
        yield "sensorElement"
        if "sensorMetadata" in value:
            yield "sensorMetadata"
            yield from self._listed(_METADATA, value["sensorMetadata"])
        reports = value.get("sensorReport", ())
        told = ("".join(self._listed(_REPORT, each)) for each in reports)
        yield from sorted(f"sensorReport{each}" for each in told)
        known = {"sensorMetadata", "sensorReport"}
        yield from self.open({k: v for k, v in value.items() if k not in known})

    def _listed(self, order: Sequence[str], value: Mapping[str, Any]) -> Iterator[str]:
        for name in order:
            if name in value:
                yield f"{name}={self._value(name, value[name])}"
        yield from self.open({k: v for k, v in value.items() if ":" in k})

    def _value(self, name: str, value: Any) -> str:
        if name in _TIMES:
            return _time(value)
        if name in _VOCABULARIES:
            return self._word(_VOCABULARIES[name], value)
        if name in _TEXTS or not isinstance(value, str):
            return _plain(value)
        return self._uri(value)

    def _word(self, vocabulary: cbv.Vocabulary, value: str) -> str:
        bare = vocabulary.short(self.names.expanded(value))
        return vocabulary.uri(bare) if bare in vocabulary.words else self.names.expanded(value)

    def _uri(self, value: str) -> str:
        try:
            key = canonical_key(value)
        except Invalid:
            return value
        return _RESOLVER + key.replace("%27", "'") if is_key(key) and key != value else value

    # Extensions --------------------------------------------------------------------------------

    def open(self, value: Mapping[str, Any]) -> Iterator[str]:
        """Return the strings of fields that nobody prescribes, sorted."""
        found: list[str] = []
        for key, each in value.items():
            name = self.names.full(key.lstrip("@"))
            if name in self.left_out or key == TEXT_KEY or name == _comment():
                continue
            members = each if isinstance(each, list) else [each]
            found += ["".join(self._open(name, member)) for member in members]
        yield from sorted(found)

    def _open(self, name: str, value: Any) -> Iterator[str]:
        if isinstance(value, list):
            yield from sorted("".join(self._open(name, each)) for each in value)
        elif isinstance(value, Mapping):
            text = value.get(TEXT_KEY, value.get("@value"))
            yield name if text in (None, "") else f"{name}={self._told(text)}"
            yield from self.open({k: v for k, v in value.items() if k not in {"@value", "@type"}})
        else:
            yield f"{name}={self._told(value)}"

    def _told(self, value: Any) -> str:
        if isinstance(value, str):
            moment = instant(value)
            return _plain(self._uri(value)) if moment is None else _time(value)
        return _plain(value)


def _comment() -> str:
    namespace, _, name = _COMMENT.rpartition("#")
    return f"{{{namespace}#}}{name}"


def _time(value: str) -> str:
    """Return a time in UTC with milliseconds, half of one rounded up.

    >>> _time("2023-02-02T11:04:03.1415Z"), _time("2019-10-21T00:05:00-06:00")
    ('2023-02-02T11:04:03.142Z', '2019-10-21T06:05:00.000Z')
    """
    moment = instant(value)
    if moment is None:
        return value
    if moment.microsecond % 1000 >= 500:  # noqa: PLR2004 - half a millisecond
        moment += _MILLISECOND
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _plain(value: Any) -> str:
    """Return a value as text, a number without needless zeros.

    XML does not tell numbers from texts, so a text that looks like one is one.

    >>> _plain(30.0), _plain("0.410"), _plain(True), _plain("KGM")
    ('30', '0.41', 'true', 'KGM')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
