"""Extension fields in XML: content that nobody prescribes, with the types JSON gives it."""

from collections.abc import Collection, Mapping
from typing import Any

from longmai.domains.brand.model.epcis.xml_events import TEXT_KEY
from longmai.domains.brand.model.epcis.xml_names import STANDARD
from longmai.domains.brand.model.epcis.xml_text import XSI, Element

_XSI_TYPE = f"{{{XSI}}}type"
_XSI_NIL = f"{{{XSI}}}nil"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_XSD = "http://www.w3.org/2001/XMLSchema"
_UNKNOWN = "urn:longmai:epcis:undeclared:"
_URI_SCHEMES = frozenset({"http", "https", "urn"})


class OpenWriter:
    """Writes extension fields, and keeps which namespaces they need."""

    def __init__(self) -> None:
        self._context: dict[str, str] = dict(STANDARD)
        self._used: dict[str, str] = {}

    def declare(self, context: Any) -> None:
        """Learn the prefixes that a ``@context`` declares."""
        for entry in context if isinstance(context, list) else [context]:
            if isinstance(entry, Mapping):
                for name, meaning in entry.items():
                    if isinstance(meaning, str) and name[:1] != "@":
                        self._context[name] = meaning

    def use(self, prefix: str, namespace: str) -> None:
        """Have a namespace declared."""
        if namespace in self._used:
            return
        wanted, number = prefix, 1
        while prefix in self._used.values():
            number += 1
            prefix = f"{wanted}{number}"
        self._used[namespace] = prefix

    def namespaces(self) -> Mapping[str, str]:
        """Return the prefix of each namespace in use."""
        return self._used

    def tag(self, key: str) -> str:
        """Return the tag for the name of a field: ``prefix:name``, a URI, or a bare name."""
        prefix, colon, name = key.partition(":")
        if not colon:
            meaning = self._context.get(key, "")
            return self.tag(meaning) if ":" in meaning else key
        if prefix in _URI_SCHEMES and prefix not in self._context:
            cut = max(key.rfind(sign) for sign in "/#:") + 1
            namespace, name, prefix = key[:cut], key[cut:], "ns"
        else:
            namespace = self._context.get(prefix) or f"{_UNKNOWN}{prefix}:"
        self.use(prefix, namespace)
        return f"{{{namespace}}}{name}"

    def fields(self, value: Mapping[str, Any], known: Collection[str]) -> list[Element]:
        """Return the elements of all fields but the known ones."""
        found: list[Element] = []
        for name, each in value.items():
            if name not in known and name[:1] not in "@#":
                found += self.named(name, each)
        return found

    def named(self, key: str, value: Any) -> list[Element]:
        """Return the elements of one field: as many as its list is long."""
        if not isinstance(value, list):
            return [self.element(self.tag(key), value)]
        # JSON-LD knows no lists in lists: their members are members of the outer one.
        return [element for each in value for element in self.named(key, each)]

    def element(self, tag: str, value: Any) -> Element:
        """Return the element of a value."""
        if isinstance(value, Mapping):
            attributes = {
                self.tag(name[1:]): scalar(each)
                for name, each in value.items()
                if name[:1] == "@" and not isinstance(each, dict | list)
            }
            element = Element(tag, attributes, self.fields(value, ()))
            if TEXT_KEY in value:
                bare = self.element(tag, value[TEXT_KEY])
                element.text, element.attributes = bare.text, {**attributes, **bare.attributes}
            return element
        kind = _type_of(value)
        if kind == "nil":
            self.use("xsi", XSI)
            return Element(tag, {_XSI_NIL: "true"})
        text = scalar(value)
        if kind:
            self.use("xsi", XSI)
            self.use("xsd", _XSD)
            return Element(tag, {_XSI_TYPE: f"xsd:{kind}"}, [], text)
        spaced = {_XML_SPACE: "preserve"} if text != text.strip() else {}
        return Element(tag, spaced, [], text)


def plain(name: str, value: Any) -> Element:
    """Return an element that holds one value."""
    return Element(name, {}, [], scalar(value))


def scalar(value: Any) -> str:
    """Return a value as XML Schema writes it.

    >>> scalar(True), scalar(20.0), scalar(1e-7), scalar("x")
    ('true', '20.0', '1e-07', 'x')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def _type_of(value: Any) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "double" if isinstance(value, float) else ""
