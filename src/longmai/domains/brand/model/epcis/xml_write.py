"""Writing events and documents in XML, EPCIS 2.0, from their JSON form.

>>> print(write_document({"@context": [], "type": "EPCISDocument", "schemaVersion": "2.0",
...     "creationDate": "2025-10-01T08:00:00Z", "epcisBody": {"eventList": [
...         {"type": "ObjectEvent", "action": "ADD", "bizStep": "packing"}]}}), end="")
<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0" \
creationDate="2025-10-01T08:00:00Z"><EPCISBody><EventList><ObjectEvent><action>ADD</action>\
<bizStep>https://ref.gs1.org/cbv/BizStep-packing</bizStep></ObjectEvent></EventList></EPCISBody>\
</epcis:EPCISDocument>
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from longmai.domains.brand.model import cbv
from longmai.domains.brand.model.epcis import xml_fields
from longmai.domains.brand.model.epcis.xml_events import TEXT_KEY
from longmai.domains.brand.model.epcis.xml_fields import FIELDS, FOREIGN, ORDER, Form
from longmai.domains.brand.model.epcis.xml_header import header_elements
from longmai.domains.brand.model.epcis.xml_names import EPCIS_2, QUERY_2, STANDARD
from longmai.domains.brand.model.epcis.xml_open import OpenWriter, plain, scalar
from longmai.domains.brand.model.epcis.xml_text import XSI, Element
from longmai.domains.brand.model.epcis.xml_text_out import write_xml

Words = Literal["No_Preference", "Always_Web_URI", "Always_URN"]
_ANY_ORDER = {name: i for i, name in enumerate([*FIELDS, FOREIGN])}
_PARTIES = frozenset({"sender", "receiver", "instanceIdentifier"})
_ATTRIBUTES = ("schemaVersion", "creationDate")


def write_document(body: Mapping[str, Any], words: Words = "No_Preference") -> str:
    """Return a document, the answer to a query, or a bare event as XML.

    Args:
        body: in the JSON form, as it was checked.
        words: how words of CBV are written.

    Raises:
        Invalid: a name or character that XML cannot hold.
    """
    writer = DocumentWriter(words)
    root = writer.root(body)
    return write_xml(root, writer.namespaces())


class DocumentWriter:
    """Makes elements out of the JSON form, and keeps which namespaces they need."""

    def __init__(self, words: Words = "No_Preference") -> None:
        self._words = words
        self._open = OpenWriter()

    def namespaces(self) -> Mapping[str, str]:
        """Return the prefixes to declare."""
        return self._open.namespaces()

    def root(self, body: Mapping[str, Any]) -> Element:
        """Return the outermost element of a body."""
        self._open.declare(body.get("@context"))
        if "epcisBody" not in body:
            return self.event(body)
        query = "queryResults" in body["epcisBody"]
        namespace = QUERY_2 if query else EPCIS_2
        self._open.use("epcisq" if query else "epcis", namespace)
        attributes = {name: str(body[name]) for name in _ATTRIBUTES if name in body}
        root = Element(f"{{{namespace}}}{body['type']}", attributes)
        header = header_elements(body, self._open)
        if header:
            root.children.append(Element("EPCISHeader", {}, header))
        known = {"@context", "type", "id", "epcisHeader", "epcisBody", *_ATTRIBUTES, *_PARTIES}
        root.children += self._open.fields(body, known)
        root.children.append(self._body(body["epcisBody"]))
        return root

    def _body(self, body: Mapping[str, Any]) -> Element:
        element = Element("EPCISBody")
        known = {"eventList", "event", "queryResults"}
        if "eventList" in body or "event" in body:
            events = [*body.get("eventList", ()), *([body["event"]] if "event" in body else ())]
            element.children.append(self._event_list(events))
        if "queryResults" in body:
            element.children.append(self._results(body["queryResults"]))
        element.children += self._open.fields(body, known)
        return element

    def _results(self, results: Mapping[str, Any]) -> Element:
        element = Element(f"{{{QUERY_2}}}QueryResults")
        element.children = [
            Element(name, {}, [], str(results[name]))
            for name in ("queryName", "subscriptionID")
            if name in results
        ]
        events = results.get("resultsBody", {}).get("eventList", ())
        element.children.append(Element("resultsBody", {}, [self._event_list(events)]))
        element.children += self._open.fields(
            results, {"queryName", "subscriptionID", "resultsBody"}
        )
        return element

    def _event_list(self, events: Iterable[Mapping[str, Any]]) -> Element:
        return Element("EventList", {}, [self.event(event) for event in events])

    def event(self, event: Mapping[str, Any]) -> Element:
        """Return the element of an event."""
        self._open.declare(event.get("@context"))
        kind = event["type"]
        tag = kind if kind in ORDER else self._open.tag(kind)
        order = ORDER.get(kind, _ANY_ORDER)
        element = Element(tag)
        names = [name for name in event if name not in {"@context", "type"}]
        for name in sorted(names, key=lambda each: order.get(each, len(order))):
            form = FIELDS.get(name)
            if form is None:
                element.children += self._open.named(name, event[name])
            else:
                element.children += self._field(name, form, event[name])
        return element

    # Forms of fields ---------------------------------------------------------------------------

    def _field(self, name: str, form: Form, value: Any) -> list[Element]:
        if value is None:
            return []
        if form.kind == "many":
            many = value if isinstance(value, list) else [value]
            return [self._open.element(name, each) for each in many]
        if form.kind == "text":
            return [plain(name, value)]
        if form.kind == "word":
            return [Element(name, {}, [], self._word(form.vocabulary, value))]
        return [Element(name, {}, self._parts(form, value))]

    def _parts(self, form: Form, value: Any) -> list[Element]:
        one: Mapping[str, Callable[[Any], Element]] = {
            "texts": lambda each: plain(form.item, each),
            "typed": lambda each: self._typed(form, each),
            "quantities": self._quantity,
            "sensors": self._sensor,
        }
        if form.kind in one:
            return [one[form.kind](each) for each in value]
        if form.kind == "place":
            return [plain("id", value["id"]), *self._open.fields(value, {"id"})]
        if form.kind == "dispositions":
            return self._dispositions(value)
        return self._error(value) if form.kind == "error" else self._open.fields(value, ())

    def _word(self, vocabulary: cbv.Vocabulary | None, value: str) -> str:
        if vocabulary is None:
            return value
        if self._words != "No_Preference":
            value = vocabulary.bare(value)
        return vocabulary.uri(value, urn=self._words == "Always_URN")

    def _typed(self, form: Form, item: Mapping[str, Any]) -> Element:
        attributes = {"type": self._word(form.vocabulary, item["type"])} if "type" in item else {}
        return Element(form.item, attributes, [], scalar(item[form.item]))

    def _quantity(self, item: Mapping[str, Any]) -> Element:
        names = [name for name in ("epcClass", "quantity", "uom") if item.get(name) is not None]
        return Element("quantityElement", {}, [plain(name, item[name]) for name in names])

    def _dispositions(self, value: Mapping[str, Any]) -> list[Element]:
        return [
            Element(name, {}, [], self._word(cbv.DISPOSITION, word))
            for name in ("unset", "set")
            for word in value.get(name, ())
        ]

    def _error(self, value: Mapping[str, Any]) -> list[Element]:
        found = [plain("declarationTime", value["declarationTime"])]
        if "reason" in value:
            found.append(Element("reason", {}, [], self._word(cbv.ERROR_REASON, value["reason"])))
        if "correctiveEventIDs" in value:
            ids = [plain("correctiveEventID", each) for each in value["correctiveEventIDs"]]
            found.append(Element("correctiveEventIDs", {}, ids))
        known = {"declarationTime", "reason", "correctiveEventIDs"}
        return found + self._open.fields(value, known)

    def _sensor(self, value: Mapping[str, Any]) -> Element:
        element = Element("sensorElement")
        if "sensorMetadata" in value:
            element.children.append(self._attributed("sensorMetadata", value["sensorMetadata"]))
        for report in value.get("sensorReport", ()):
            element.children.append(self._attributed("sensorReport", report))
        known = {"sensorMetadata", "sensorReport"}
        element.children += self._open.fields(value, known)
        return element

    def _attributed(self, name: str, value: Mapping[str, Any]) -> Element:
        element = Element(name, {})
        attributes: dict[str, str] = {}
        for key, each in value.items():
            if key in xml_fields.SENSOR_WORDS:
                attributes[key] = self._sensor_word(xml_fields.SENSOR_WORDS[key], each)
            elif ":" not in key and not isinstance(each, dict | list):
                attributes[key] = scalar(each)
            elif isinstance(each, str):
                attributes[self._open.tag(key)] = each
            else:
                element.children += self._open.named(key, each)
        element.attributes = attributes
        return element

    def _sensor_word(self, vocabulary: cbv.Vocabulary, value: str) -> str:
        # These have no URN (CBV 2.0 §7.5 to §7.7); as CURIEs they stay short.
        word = vocabulary.bare(value) if self._words != "No_Preference" else value
        uri = vocabulary.uri(word)
        for prefix in ("gs1", "cbv"):
            if uri.startswith(STANDARD[prefix]):
                self._open.use(prefix, STANDARD[prefix])
                return f"{prefix}:{uri[len(STANDARD[prefix]) :]}"
        return uri


__all__ = ["TEXT_KEY", "XSI", "DocumentWriter", "Words", "write_document"]
