"""XML text to elements, bounded: no document type, no entities, limited depth and size.

Text may come in pieces. With ``apart``, elements that are taken out as soon as they are read do
not stay in memory, so that a document of any length can be read.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from longmai.kernel.errors import Invalid

MAX_DEPTH = 64
_MAX_ATTRIBUTES = 100
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(slots=True)
class Element:
    """An element; its name and those of its attributes as ``{namespace}name``.

    Attributes:
        tag: its name.
        attributes: by name.
        children: elements in it, those taken apart left out.
        text: what stands in it before, between and behind its children.
        line: where it begins; 0 where it was not read from a text.
    """

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""
    line: int = 0

    @property
    def namespace(self) -> str:
        """Return its namespace, empty if it has none."""
        return self.tag[1:].partition("}")[0] if self.tag[0] == "{" else ""

    @property
    def name(self) -> str:
        """Return its name without the namespace.

        >>> Element("{urn:example}apple").name, Element("apple").name
        ('apple', 'apple')
        """
        return self.tag.rpartition("}")[2]

    @property
    def value(self) -> str:
        """Return its text without the space that layout puts around it."""
        if self.attributes and self.attributes.get(_XML_SPACE) == "preserve":
            return self.text
        return self.text.strip()


Apart = Callable[[list[Element]], bool]


class _Target:
    """Builds elements out of what the parser reports."""

    def __init__(self, apart: Apart | None) -> None:
        self.open: list[Element] = []
        self.root: Element | None = None
        self.done: deque[Element] = deque()
        self.prefixes: dict[str, str] = {}
        self._pieces: list[list[str]] = []
        self._apart = apart
        self.line: Callable[[], int] = lambda: 0

    def start_ns(self, prefix: str, uri: str) -> None:
        self.prefixes.setdefault(uri, prefix)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise Invalid(
                f"elements are nested more than {MAX_DEPTH} deep",
                code="epcis.depth",
                place=f"line {self.line()}",
                mend="flatten the document",
            )
        if len(attributes) > _MAX_ATTRIBUTES:
            raise Invalid(
                f"an element has more than {_MAX_ATTRIBUTES} attributes",
                code="epcis.xml.attributes",
                place=f"line {self.line()}",
            )
        element = Element(tag, attributes, line=self.line())
        if self.root is None:
            self.root = element
        self.open.append(element)
        self._pieces.append([])

    def data(self, text: str) -> None:
        if self._pieces:
            self._pieces[-1].append(text)

    def end(self, _tag: str) -> None:
        element = self.open.pop()
        pieces = self._pieces.pop()
        element.text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        if not self.open:
            return
        if self._apart is not None and self._apart([*self.open, element]):
            self.done.append(element)
        else:
            self.open[-1].children.append(element)

    def close(self) -> None:
        return None


class XmlReader:
    """Reads XML piece by piece.

    Args:
        apart: tells of an element, given with those it stands in, whether it is taken out.

    >>> reader = XmlReader(lambda way: way[-1].name == "apple")
    >>> [each.value for each in reader.feed(b"<box><apple>red</apple><app")]
    ['red']
    >>> [each.value for each in reader.feed(b"le>green</apple></box>")], reader.close().name
    (['green'], 'box')
    """

    def __init__(self, apart: Apart | None = None) -> None:
        self._target = _Target(apart)
        self._parser = DefusedXMLParser(target=self._target, forbid_dtd=True)
        self._target.line = lambda: int(self._parser.parser.CurrentLineNumber)

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Return the first prefix of each namespace declared so far; empty: the default."""
        return self._target.prefixes

    @property
    def root(self) -> Element | None:
        """Return the outermost element, once it has begun."""
        return self._target.root

    def feed(self, text: bytes | str) -> Iterator[Element]:
        """Read on, and yield the elements that are taken out.

        Raises:
            Invalid: not XML, or more than it may be; with line and column.
        """
        with _told():
            self._parser.feed(text)
        while self._target.done:
            yield self._target.done.popleft()

    def close(self) -> Element:
        """Return the outermost element of a text that has come to its end.

        Raises:
            Invalid: the text ends too early.
        """
        with _told():
            self._parser.close()
        if self._target.root is None:
            raise Invalid("the document is empty", code="epcis.xml")
        return self._target.root


class _told:  # noqa: N801 - reads as what it does
    """Says what a parser complains of in our words."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ParseError):
            line, column = error.position
            raise Invalid(
                f"this is not XML: {str(error).partition(':')[0]}",
                code="epcis.xml",
                place=f"line {line}, column {column + 1}",
            ) from None
        if isinstance(error, DefusedXmlException):
            raise Invalid(
                "a document type or an entity has no place in an EPCIS document",
                code="epcis.xml.entities",
                mend="leave <!DOCTYPE …> out, and write what entities stand for",
            ) from None
        if isinstance(error, LookupError | UnicodeError | ValueError):
            raise Invalid(
                "the encoding of the document cannot be read",
                code="epcis.encoding",
                value=str(error),
                mend="save it as UTF-8",
            ) from None


def read_xml(text: str | bytes) -> tuple[Element, Mapping[str, str]]:
    """Return the outermost element of a whole text, and the first prefix of each namespace.

    Raises:
        Invalid: not XML, or more than it may be.
    """
    reader = XmlReader()
    deque(reader.feed(text), maxlen=0)
    return reader.close(), reader.prefixes


def is_xml(text: str | bytes) -> bool:
    r"""Tell whether a text is meant to be XML: its first sign is ``<``.

    >>> is_xml(b"\xef\xbb\xbf <a/>"), is_xml("{}"), is_xml("<a/>".encode("utf-16"))
    (True, False, True)
    """
    if isinstance(text, str):
        return text[:256].lstrip("\ufeff \t\r\n").startswith("<")
    start = text[:256].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    return start.startswith(b"<")
