"""From XML elements to the JSON form of events and of what is in them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from longmai.domains.brand.model import cbv
from longmai.domains.brand.model.epcis import xml_fields
from longmai.domains.brand.model.epcis.findings import Advice, Findings, note
from longmai.domains.brand.model.epcis.json_text import MAX_INTEGER
from longmai.domains.brand.model.epcis.xml_fields import FOREIGN, WRAPPERS, Form
from longmai.domains.brand.model.epcis.xml_names import OWN, Prefixes
from longmai.domains.brand.model.epcis.xml_text import XSI, Element

_XSI_TYPE = f"{{{XSI}}}type"
_XSI_NIL = f"{{{XSI}}}nil"
_TECHNICAL = (f"{{{XSI}}}", "{http://www.w3.org/XML/1998/namespace}")
TEXT_KEY = "#text"
_INTEGER = re.compile(r"[+-]?\d{1,16}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_INTEGERS = frozenset({"integer", "int", "long", "short", "byte", "nonNegativeInteger"})
_FLOATS = frozenset({"double", "float", "decimal"})
_BOOLEANS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
_EVENT_ATTRIBUTES = frozenset({"schemaVersion", "creationDate"})
# Deprecated since EPCIS 1.1, which says what else it means (EPCIS 1.2 §7.4.4).
_QUANTITY_EVENT = "QuantityEvent"


@dataclass
class EventReader:
    """Reads events; notes what the JSON form could not tell any more.

    Attributes:
        prefixes: of the document.
        old: it is EPCIS 1.x.
        findings: what is wrong with the XML itself: order, fields that stand twice.
        advice: what was mended on the way.
        lines: line of each place, filled where it is not None.
    """

    prefixes: Prefixes
    old: bool
    findings: Findings = field(default_factory=Findings)
    advice: Advice = field(default_factory=Advice)
    lines: dict[str, int] | None = None

    def event(self, element: Element, place: str) -> dict[str, Any]:
        """Return the JSON form of an event."""
        kind = self.prefixes.key(element.tag)
        told: dict[str, Any] = {"type": kind}
        for name, value in element.attributes.items():
            if name not in _EVENT_ATTRIBUTES and not name.startswith(_TECHNICAL):
                told[self.prefixes.key(name)] = value
        self._note_line(place, element)
        order = _Order(xml_fields.ORDER.get(kind), old=self.old)
        self._fields(element, told, place, order)
        return _object_event(told) if kind == _QUANTITY_EVENT else told

    def _fields(
        self, element: Element, told: dict[str, Any], place: str, order: "_Order | None"
    ) -> None:
        for child in element.children:
            own = child.namespace in OWN
            name = child.name if own else FOREIGN
            if own and is_nil(child):
                continue
            late = order.late(name) if order else None
            if late:
                self.findings.add(
                    f"{place}.{child.name}, line {child.line}",
                    f"this element stands after {late}",
                    code="xml.order",
                    value=child.name,
                    mend="put the elements into the order of the EPCIS schema",
                )
            if own and name in WRAPPERS:
                self._fields(child, told, place, None)
                continue
            form = xml_fields.FIELDS.get(name) if own else None
            if form is None:
                self.add_open(told, child)
                self._note_line(f"{place}.{child.name}", child)
            else:
                self._field(form, child, told, place)

    def _field(self, form: Form, child: Element, told: dict[str, Any], place: str) -> None:
        name = child.name
        here = f"{place}.{name}"
        self._note_line(here, child)
        if form.kind == "many":
            _add(told, name, self._text(child))
        elif name in told:
            self.findings.add(
                f"{here}, line {child.line}",
                "this element stands twice",
                code="xml.twice",
                mend="keep one of the two",
            )
        else:
            told[name] = _READERS[form.kind](self, child, form, here)

    # Forms of fields ---------------------------------------------------------------------------

    def _text(self, element: Element, *_: object) -> Any:
        if element.children:
            return self.open_value(element)
        return element.value

    def _texts(self, element: Element, form: Form, place: str) -> list[Any]:
        told: dict[str, None] = {}
        for item in self._items(element, form.item, place):
            value = self._uri(item)
            if value in told:
                # The schema lets it pass; the list is a set of things all the same (§7.4.2).
                what = "this stands in the list already; it was taken once"
                where = f"{place}, line {item.line}"
                self.advice.add(note(where, what, code="twice", value=value))
            told[value] = None
        return list(told)

    def _uri(self, element: Element) -> str:
        self.prefixes.use(element.value)
        return element.value

    def _word(self, element: Element, form: Form, _place: str) -> str:
        return self._bare(form.vocabulary, element.value)

    def _bare(self, vocabulary: cbv.Vocabulary | None, value: str) -> str:
        value = value.strip()
        bare = vocabulary.short(value) if vocabulary else value
        if bare == value:
            self.prefixes.use(value)
        return bare

    def _typed(self, element: Element, form: Form, place: str) -> list[Any]:
        told = []
        for item in self._items(element, form.item, place):
            one: dict[str, Any] = {}
            for name, value in item.attributes.items():
                if not name.startswith(_TECHNICAL):
                    key = self.prefixes.key(name)
                    one[key] = self._bare(form.vocabulary, value) if key == "type" else value
            one[form.item] = self._uri(item)
            told.append(one)
        return told

    def _quantities(self, element: Element, form: Form, place: str) -> list[Any]:
        return [
            self._named(item, {"quantity": _number})
            for item in self._items(element, form.item, place)
        ]

    def _named(
        self, element: Element, readers: Mapping[str, Callable[[str], Any]]
    ) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for child in _unwrapped(element):
            if child.namespace in OWN and is_nil(child):
                continue
            if child.namespace in OWN and not child.children and child.name not in told:
                told[child.name] = readers.get(child.name, str)(self._uri(child))
            else:
                self.add_open(told, child)
        return told

    def _place(self, element: Element, _form: Form, _place: str) -> dict[str, Any]:
        return self._named(element, {})

    def _error(self, element: Element, _form: Form, place: str) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for child in _unwrapped(element):
            own = child.namespace in OWN
            if own and child.name == "correctiveEventIDs":
                ids = self._items(child, "correctiveEventID", f"{place}.correctiveEventIDs")
                told[child.name] = [each.value for each in ids]
            elif own and child.name == "reason":
                told[child.name] = self._bare(cbv.ERROR_REASON, child.value)
            elif own and child.name == "declarationTime":
                told[child.name] = child.value
            else:
                self.add_open(told, child)
        return told

    def _dispositions(self, element: Element, _form: Form, _place: str) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for child in _unwrapped(element):
            if child.namespace in OWN:
                word = self._bare(cbv.DISPOSITION, child.value)
                told.setdefault(child.name, []).append(word)
            else:
                self.add_open(told, child)
        return told

    def _sensors(self, element: Element, form: Form, place: str) -> list[Any]:
        told = []
        for item in self._items(element, form.item, place):
            one: dict[str, Any] = {}
            for child in _unwrapped(item):
                if child.namespace in OWN and child.name == "sensorMetadata":
                    one[child.name] = self._attributes(child)
                elif child.namespace in OWN and child.name == "sensorReport":
                    one.setdefault(child.name, []).append(self._attributes(child))
                else:
                    self.add_open(one, child)
            told.append(one)
        return told

    def _attributes(self, element: Element) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for tag, value in element.attributes.items():
            if tag.startswith(_TECHNICAL):
                continue
            key = self.prefixes.key(tag)
            if key in xml_fields.SENSOR_NUMBERS:
                told[key] = _number(value)
            elif key in xml_fields.SENSOR_BOOLEANS:
                told[key] = _BOOLEANS.get(value.strip(), value)
            elif key in xml_fields.SENSOR_WORDS:
                told[key] = self._bare(xml_fields.SENSOR_WORDS[key], value)
            else:
                told[key] = value
        for child in element.children:
            self.add_open(told, child)
        return told

    def _open(self, element: Element, _form: Form, _place: str) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for child in _unwrapped(element):
            self.add_open(told, child)
        return told

    # Extensions --------------------------------------------------------------------------------

    def add_open(self, told: dict[str, Any], element: Element) -> None:
        """Add a field whose content nobody prescribes; one that stands again makes a list."""
        _add(told, self.prefixes.key(element.tag), self.open_value(element))

    def open_value(self, element: Element) -> Any:
        """Return the JSON form of such content: an object, or a value by its ``xsi:type``."""
        kind = element.attributes.get(_XSI_TYPE, "") if element.attributes else ""
        told: dict[str, Any] = {
            f"@{self.prefixes.key(tag)}": value
            for tag, value in element.attributes.items()
            if not tag.startswith(_TECHNICAL)
        }
        if element.children:
            for child in element.children:
                self.add_open(told, child)
            if element.value:
                told[TEXT_KEY] = element.value
            return told
        value = None if is_nil(element) else _of_type(kind.rpartition(":")[2], element.value)
        return {**told, TEXT_KEY: value} if told else value

    # Finding one's way -------------------------------------------------------------------------

    def _items(self, element: Element, item: str, place: str) -> Iterator[Element]:
        for i, child in enumerate(_unwrapped(element)):
            self._note_line(f"{place}[{i}]", child)
            if child.namespace in OWN and child.name == item:
                yield child
                continue
            self.findings.add(
                f"{place}[{i}], line {child.line}",
                f"there are only {item} elements in {element.name}",
                code="xml.item",
                value=child.name,
                mend=f"write <{item}>",
            )

    def _note_line(self, place: str, element: Element) -> None:
        if self.lines is not None:
            self.lines.setdefault(place, element.line)


class _Order:
    """Watches the order of an event's fields."""

    def __init__(self, order: Mapping[str, int] | None, *, old: bool) -> None:
        self._order, self._old = order, old
        self._last, self._last_name = -1, ""

    def late(self, name: str) -> str | None:
        """Return the field a field should stand before and does not; None if it is in order."""
        if self._order is None or (self._old and name in xml_fields.NEW_IN_2):
            return None
        position = self._order.get(name)
        if position is None:
            return None
        if position < self._last:
            return "an extension field" if self._last_name == FOREIGN else self._last_name
        self._last, self._last_name = position, name
        return None


_READERS: Mapping[str, Callable[[EventReader, Element, Form, str], Any]] = {
    "text": EventReader._text,  # noqa: SLF001 - the table is part of the class
    "texts": EventReader._texts,  # noqa: SLF001
    "word": EventReader._word,  # noqa: SLF001
    "typed": EventReader._typed,  # noqa: SLF001
    "quantities": EventReader._quantities,  # noqa: SLF001
    "place": EventReader._place,  # noqa: SLF001
    "error": EventReader._error,  # noqa: SLF001
    "dispositions": EventReader._dispositions,  # noqa: SLF001
    "sensors": EventReader._sensors,  # noqa: SLF001
    "open": EventReader._open,  # noqa: SLF001
}


def is_nil(element: Element) -> bool:
    """Tell whether an element says that it has no value."""
    return bool(element.attributes) and element.attributes.get(_XSI_NIL) in {"true", "1"}


def _unwrapped(element: Element) -> Iterable[Element]:
    for child in element.children:
        if child.namespace in OWN and child.name in WRAPPERS:
            yield from _unwrapped(child)
        else:
            yield child


def _add(told: dict[str, Any], key: str, value: Any) -> None:
    if key not in told:
        told[key] = value
    elif isinstance(told[key], list):
        told[key].append(value)
    else:
        told[key] = [told[key], value]


def _object_event(told: dict[str, Any]) -> dict[str, Any]:
    quantity: dict[str, Any] = {"epcClass": told.pop("epcClass", None)}
    if "quantity" in told:
        quantity["quantity"] = _number(str(told.pop("quantity")))
    return {**told, "type": "ObjectEvent", "action": "OBSERVE", "quantityList": [quantity]}


def _number(text: str) -> Any:
    """Return a number; what is none comes back as text, for the check to refuse.

    >>> _number("200.0"), _number(" 12 "), _number("twelve")
    (200.0, 12, 'twelve')
    """
    text = text.strip()
    if _INTEGER.fullmatch(text) and abs(int(text)) <= MAX_INTEGER:
        return int(text)
    if _NUMBER.fullmatch(text):
        value = float(text)
        return value if abs(value) != float("inf") else text
    return text


def _of_type(kind: str, text: str) -> Any:
    if kind in _INTEGERS or kind in _FLOATS:
        value = _number(text)
        return float(value) if kind in _FLOATS and isinstance(value, int) else value
    if kind == "boolean":
        return _BOOLEANS.get(text, text)
    return text
