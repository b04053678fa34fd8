"""Reading EPCIS documents in XML: the JSON form of what they say, checked like any other.

Events, master data, header and extensions become the fields that EPCIS 2.0 gives them in JSON, so
that one table of rules holds for both. Words of CBV become bare words whatever URI stood there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from longmai.domains.brand.model.epcis.findings import Advice, Findings
from longmai.domains.brand.model.epcis.xml_events import EventReader
from longmai.domains.brand.model.epcis.xml_fields import FIELDS, ORDER, WRAPPERS
from longmai.domains.brand.model.epcis.xml_names import (
    EPCIS_1,
    EPCIS_2,
    OWN,
    QUERY_1,
    QUERY_2,
    SBDH,
    Prefixes,
)
from longmai.domains.brand.model.epcis.xml_text import Element

CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
_OLD = frozenset({EPCIS_1, QUERY_1})
_TECHNICAL = "{http://www.w3.org/2001/XMLSchema-instance}"
_PARTIES = {"Sender": "sender", "Receiver": "receiver"}


@dataclass(frozen=True)
class XmlDocument:
    """What an XML document says, in the JSON form.

    Attributes:
        body: the document or the bare event.
        findings: what is wrong with its XML; its JSON form does not tell that.
        advice: what was mended on the way.
        lines: line of each place of the JSON form.
    """

    body: dict[str, Any]
    findings: Findings
    advice: Advice
    lines: Mapping[str, int]


def read_document(root: Element, declared: Mapping[str, str], *, lines: bool = True) -> XmlDocument:
    """Return the JSON form of a document or of a bare event.

    Args:
        root: outermost element.
        declared: first prefix of each namespace.
        lines: note where everything stands.
    """
    reader = DocumentReader(root, declared, lines=lines)
    body = reader.document() if reader.is_document else reader.bare_event()
    events = reader.events
    return XmlDocument(body, events.findings, events.advice, events.lines or {})


class DocumentReader:
    """Reads a document; the events may come to it one by one."""

    def __init__(self, root: Element, declared: Mapping[str, str], *, lines: bool = False) -> None:
        self._root = root
        old = root.namespace in _OLD or _version(root).startswith("1")
        self.events = EventReader(Prefixes(declared), old, lines={} if lines else None)

    @property
    def is_document(self) -> bool:
        """Tell whether it is a document, and not an event by itself."""
        return not is_event(self._root)

    def context(self) -> list[Any]:
        """Return the ``@context`` for what was read so far."""
        own = self.events.prefixes.context
        return [CONTEXT, dict(own)] if own else [CONTEXT]

    def bare_event(self) -> dict[str, Any]:
        """Return the event that is the whole document."""
        event = self.events.event(self._root, "")
        return {"@context": self.context(), **event}

    def document(self) -> dict[str, Any]:
        """Return the document."""
        told: dict[str, Any] = self._attributes()
        for child in self._root.children:
            own = child.namespace in OWN
            if own and child.name == "EPCISHeader":
                told["epcisHeader"] = self._header(child, told)
            elif own and child.name == "EPCISBody":
                told["epcisBody"] = self._body(child)
            elif own and child.name in WRAPPERS:
                for each in child.children:
                    self.events.add_open(told, each)
            else:
                self.events.add_open(told, child)
        if not told.get("epcisHeader", True):
            del told["epcisHeader"]
        return {"@context": self.context(), **told}

    def header(self) -> dict[str, Any]:
        """Return the document as far as it is read, without a body."""
        told = self.document()
        told.pop("epcisBody", None)
        return told

    def _attributes(self) -> dict[str, Any]:
        root = self._root
        told: dict[str, Any] = {"type": root.name if root.namespace in OWN else root.tag}
        wanted = {"": (), EPCIS_1: ("1",), QUERY_1: ("1",)}.get(root.namespace, ("2",))
        version = _version(root)
        if wanted and version and not version.startswith(wanted):
            self.events.findings.add(
                f"schemaVersion, line {root.line}",
                f"the namespace {root.namespace} is that of EPCIS {wanted[0]}.x",
                code="xml.version",
                value=version,
                mend=f"write {EPCIS_1} for EPCIS 1.2, {EPCIS_2} for EPCIS 2.0",
            )
        for name, value in root.attributes.items():
            if name == "schemaVersion":
                told[name] = "2.0" if value.startswith("1.") else value
            elif name == "creationDate":
                told[name] = value
            elif not name.startswith(_TECHNICAL):
                told[self.events.prefixes.key(name)] = value
        return told

    # The header --------------------------------------------------------------------------------

    def _header(self, element: Element, document: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for child in element.children:
            if child.namespace == SBDH:
                document |= _business_header(child)
                if not _is_plain(child):
                    self.events.add_open(told, child)
            elif child.namespace in OWN and child.name in WRAPPERS:
                told |= self._header(child, document)
            elif child.namespace in OWN and child.name == "EPCISMasterData":
                told["epcisMasterData"] = self._master_data(child)
            else:
                self.events.add_open(told, child)
        return told

    def _master_data(self, element: Element) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for child in element.children:
            if child.namespace in OWN and child.name == "VocabularyList":
                told["vocabularyList"] = [self._vocabulary(each) for each in child.children]
            elif child.name not in WRAPPERS:
                self.events.add_open(told, child)
        return told

    def _vocabulary(self, element: Element) -> dict[str, Any]:
        told: dict[str, Any] = dict(element.attributes)
        for child in element.children:
            if child.namespace in OWN and child.name == "VocabularyElementList":
                told["vocabularyElementList"] = [self._thing(each) for each in child.children]
            elif child.name not in WRAPPERS:
                self.events.add_open(told, child)
        return told

    def _thing(self, element: Element) -> dict[str, Any]:
        told: dict[str, Any] = dict(element.attributes)
        for child in element.children:
            if child.namespace in OWN and child.name == "attribute":
                one = {"id": child.attributes.get("id", ""), "attribute": self._told(child)}
                told.setdefault("attributes", []).append(one)
            elif child.namespace in OWN and child.name == "children":
                told["children"] = [each.value for each in child.children]
            elif child.name not in WRAPPERS:
                self.events.add_open(told, child)
        return told

    def _told(self, element: Element) -> Any:
        bare = {name: value for name, value in element.attributes.items() if name != "id"}
        plain = Element(element.tag, bare, element.children, element.text, element.line)
        return self.events.open_value(plain)

    # The body ----------------------------------------------------------------------------------

    def _body(self, element: Element) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for child in element.children:
            own = child.namespace in OWN
            if own and child.name == "EventList":
                told["eventList"] = self._event_list(child, "epcisBody.eventList")
            elif own and child.name == "QueryResults":
                told["queryResults"] = self._results(child)
            else:
                self.events.add_open(told, child)
        return told

    def _results(self, element: Element) -> dict[str, Any]:
        told: dict[str, Any] = {}
        place = "epcisBody.queryResults.resultsBody.eventList"
        for child in element.children:
            own = child.namespace in OWN
            if own and child.name == "resultsBody":
                lists = [each for each in child.children if each.name == "EventList"]
                events = self._event_list(lists[0], place) if lists else []
                told["resultsBody"] = {"eventList": events}
            elif own and not child.children:
                told[child.name] = child.value
            else:
                self.events.add_open(told, child)
        return told

    def _event_list(self, element: Element, place: str) -> list[dict[str, Any]]:
        found = events_in(element)
        return [self.events.event(each, f"{place}[{i}]") for i, each in enumerate(found)]


def events_in(element: Element) -> list[Element]:
    """Return the events of a list; EPCIS 1.2 has the newer types in extensions."""
    found: list[Element] = []
    for child in element.children:
        if child.namespace in OWN and child.name in WRAPPERS:
            found += events_in(child)
        else:
            found.append(child)
    return found


def is_event(element: Element) -> bool:
    """Tell whether an element is an event: by its name, or by the fields in it."""
    known = {child.name for child in element.children if child.namespace in OWN}
    return element.name in ORDER or bool(known & FIELDS.keys())


def is_in_event_list(way: list[Element]) -> bool:
    """Tell whether the last of nested elements is an event of the list of a document."""
    above = way[:-1]
    while above and above[-1].namespace in OWN and above[-1].name in WRAPPERS:
        above = above[:-1]
    here = bool(above) and above[-1].name == "EventList" and above[-1].namespace in OWN
    return here and not (way[-1].namespace in OWN and way[-1].name in WRAPPERS)


def _version(root: Element) -> str:
    return root.attributes.get("schemaVersion", "")


def _business_header(element: Element) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for child in element.children:
        for each in child.children:
            if child.name in _PARTIES and each.name == "Identifier":
                told.setdefault(_PARTIES[child.name], each.value)
            elif child.name == "DocumentIdentification" and each.name == "InstanceIdentifier":
                told["instanceIdentifier"] = each.value
    return told


# What the writer makes of sender, receiver and instanceIdentifier; more than that is kept whole.
_PLAIN = {
    "HeaderVersion": frozenset({""}),
    "Sender": frozenset({"Identifier"}),
    "Receiver": frozenset({"Identifier"}),
    "DocumentIdentification": frozenset(
        {"Standard", "TypeVersion", "InstanceIdentifier", "Type", "CreationDateAndTime"}
    ),
}


def _is_plain(element: Element) -> bool:
    marked = element.attributes or any(
        each.attributes for child in element.children for each in [child, *child.children]
    )
    names = [child.name for child in element.children]
    return (
        not marked
        and len(set(names)) == len(names)
        and all(
            {each.name for each in child.children} <= _PLAIN.get(child.name, frozenset())
            for child in element.children
        )
    )


__all__ = ["QUERY_2", "DocumentReader", "XmlDocument", "events_in", "is_event", "read_document"]
