"""XML elements to text, with the namespaces they need declared where the document begins."""

import re
from collections.abc import Iterator, Mapping

from longmai.domains.brand.model.epcis.xml_text import Element
from longmai.kernel.errors import Invalid

# Characters that XML 1.0 cannot hold (§2.2), not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)
_NAME = re.compile(r"[^\W\d][\w.\-]*")


def write_xml(root: Element, prefixes: Mapping[str, str]) -> str:
    """Return the text of an element, as a document.

    Args:
        root: outermost element.
        prefixes: prefix by namespace; all are declared at the root.

    Raises:
        Invalid: a character or a name that XML cannot hold.

    >>> print(write_xml(Element("{urn:x}box", {}, [Element("apple", {}, [], "a < b")]),
    ...                 {"urn:x": "x"}), end="")
    <?xml version="1.0" encoding="UTF-8"?>
    <x:box xmlns:x="urn:x"><apple>a &lt; b</apple></x:box>
    """
    declared = "".join(
        f' xmlns:{prefix}="{namespace.translate(_ATTRIBUTE_ESCAPES)}"'
        for namespace, prefix in prefixes.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        + "".join(_pieces(root, prefixes, declared))
        + "\n"
    )


def _pieces(element: Element, prefixes: Mapping[str, str], more: str = "") -> Iterator[str]:
    name = _qualified(element.tag, prefixes)
    yield f"<{name}{more}"
    for tag, value in element.attributes.items():
        yield f' {_qualified(tag, prefixes)}="{_writable(value).translate(_ATTRIBUTE_ESCAPES)}"'
    if not element.children and not element.text:
        yield "/>"
        return
    yield ">"
    yield _writable(element.text).translate(_ESCAPES)
    for child in element.children:
        yield from _pieces(child, prefixes)
    yield f"</{name}>"


def _qualified(tag: str, prefixes: Mapping[str, str]) -> str:
    namespace, _, name = tag[1:].partition("}") if tag[0] == "{" else ("", "", tag)
    if not _NAME.fullmatch(name):
        raise Invalid(
            "XML cannot hold a field of this name",
            code="epcis.xml.name",
            value=name,
            mend="ask for JSON",
        )
    if not namespace:
        return name
    if namespace == "http://www.w3.org/XML/1998/namespace":
        return f"xml:{name}"
    return f"{prefixes[namespace]}:{name}"


def _writable(text: str) -> str:
    found = _UNWRITABLE.search(text)
    if found:
        raise Invalid(
            "XML cannot hold a character of this text",
            code="epcis.xml.character",
            value=found[0],
            mend="ask for JSON",
        )
    return text
