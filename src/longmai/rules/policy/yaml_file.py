"""Reads YAML with the line of every value, and takes nothing a policy file does not need.

No anchors, no tags, no types of YAML's own: every scalar is the text that stands there, so that
``2026-01-01``, ``010`` and ``否`` mean what the key says, not what YAML 1.1 guesses.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    ScalarEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from longmai.rules.policy.findings import Findings, Spot
from longmai.rules.policy.keys import SECTIONS, Key, key_of, value_of

MAX_CHARACTERS = 1024 * 1024
MAX_DEPTH = 24
_FULL_WIDTH_KEY = re.compile(r"^\s*(?:- +)?[^\s:#'\"|>]+：(?!.*: )")
_NULLS = {"", "~", "null"}
# The C parser is ten times as fast; both read the same.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Scalar:
    """A text and where it stands.

    Attributes:
        block: it begins on the line below its key, like ``|`` has it.
        indent: blanks before each line of a block.
    """

    text: str
    spot: Spot
    block: bool = False
    indent: int = 0

    def within(self, line: int, column: int) -> Spot:
        """Return the place of a line and column of the text, both from 1."""
        if self.block:
            return Spot(self.spot.file, self.spot.line + line, self.indent + column, self.spot.key)
        start = self.spot.column - 1 if line == 1 else 0
        return Spot(self.spot.file, self.spot.line + line - 1, start + column, self.spot.key)


def read_yaml(text: str, findings: Findings) -> MappingNode | None:
    """Return the top of a file; None, and findings, where it cannot be read."""
    whole = Spot(findings.file, 1)
    if len(text) > MAX_CHARACTERS:
        findings.add("size", whole)
        return None
    if _has_bad_lines(text, findings):
        return None
    try:
        if _has_shared_parts(text, findings):
            return None
        root = yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError) as error:
        _unreadable(error, findings)
        return None
    if not isinstance(root, MappingNode):
        findings.add("kind-mapping", whole)
        return None
    findings.lines = text.splitlines()
    return root


def _has_bad_lines(text: str, findings: Findings) -> bool:
    """Look for what YAML would report elsewhere, or not at all."""
    quoted_at = -1  # indentation of the key whose block of text we are in
    before = len(findings.found)
    for number, line in enumerate(text.splitlines(), start=1):
        indent = len(line) - len(line.lstrip())
        if quoted_at >= 0 and (not line.strip() or indent > quoted_at):
            continue
        quoted_at = indent if re.search(r":\s*[|>][-+0-9]*\s*(#.*)?$", line) else -1
        if "\t" in line[:indent]:
            findings.add("tab", Spot(findings.file, number))
        elif _FULL_WIDTH_KEY.match(line):
            column = line.index("：") + 1
            findings.add("colon-fullwidth", Spot(findings.file, number, column), line.strip()[:40])
    return len(findings.found) > before


def _has_shared_parts(text: str, findings: Findings) -> bool:
    """Look for anchors, aliases, tags, and for more levels than a policy has."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        spot = Spot(findings.file, event.start_mark.line + 1 if event.start_mark else 1)
        if depth > MAX_DEPTH:
            findings.add("deep", spot, most=MAX_DEPTH)
            return True
        if isinstance(event, AliasEvent) or _marked(event):
            findings.add("shared", spot)
            return True
    return False


def _marked(event: Event) -> bool:
    return isinstance(event, ScalarEvent | CollectionStartEvent) and bool(event.anchor or event.tag)


def _unreadable(error: Exception, findings: Findings) -> None:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 0)
    reason = getattr(error, "problem", None) or str(error) or type(error).__name__
    findings.add("yaml", Spot(findings.file, line, column), reason=str(reason)[:200])


class Section:
    """Keys and values of one section of a file, as ``keys`` has them.

    Attributes:
        keys: of each kind of section; another grammar has its own.

    Args:
        kind: of section.
        node: in the file.
        findings: where to note what is wrong.
        way: the way to it, for the reader.
    """

    keys: ClassVar[Mapping[str, tuple[Key, ...]]] = SECTIONS

    def __init__(self, kind: str, node: Node, findings: Findings, way: str = "") -> None:
        self.kind, self.findings, self.way = kind, findings, way
        self.spot = findings.spot(node, way)
        self._values: dict[str, tuple[Node, str]] = {}
        self._written: dict[str, str] = {}
        if isinstance(node, MappingNode):
            self._take(node)
            self._missing()
        else:
            findings.add("kind-mapping", self.spot)

    def _take(self, node: MappingNode) -> None:
        for written, value in node.value:
            name = str(written.value)
            key = key_of(self.kind, name, self.keys)
            spot = self.findings.spot(written, self.way)
            if key is None:
                self._unknown(name, spot)
            elif key.name in self._values:
                self.findings.add("key-twice", spot, name)
            else:
                self._values[key.name] = (value, f"{self.way}.{name}" if self.way else name)
                self._written[key.name] = name

    def _unknown(self, name: str, spot: Spot) -> None:
        keys = self.keys[self.kind]
        self.findings.add_near(
            "key-unknown",
            spot,
            name,
            [each for key in keys for each in key.names()],
            known_zh="、".join(key.zh for key in keys),
            known_en=", ".join(key.name for key in keys),
        )

    def _missing(self) -> None:
        for key in self.keys[self.kind]:
            missing = key.required and key.name not in self._values
            if missing and not self.findings.meant & {*key.names()}:
                self.findings.add(
                    "key-missing",
                    self.spot,
                    zh=key.zh,
                    en=key.name,
                    help_zh=key.help[0],
                    help_en=key.help[1],
                )

    def has(self, name: str) -> bool:
        """Tell whether a key is there, with something in it."""
        found = self._values.get(name)
        return found is not None and not (
            isinstance(found[0], ScalarNode) and found[0].value.strip() in _NULLS
        )

    def written(self, name: str) -> str:
        """Return the key as it is written here; empty where it is not."""
        return self._written.get(name, "")

    def node(self, name: str) -> Node | None:
        """Return the node under a key; None where there is none."""
        found = self._values.get(name)
        return None if found is None else found[0]

    def plain(self, name: str) -> Any:
        """Return what a key holds as plain Python; None where there is nothing."""
        found = self._values.get(name)
        return None if found is None else plain(found[0])

    def scalar(self, name: str) -> Scalar | None:
        """Return the text of a key, and its place; None where there is none."""
        if name not in self._values:
            return None
        node, way = self._values[name]
        found = _scalar(node, self.findings, way)
        if found is not None and not found.text and self._key(name).required:
            self.findings.add("empty", found.spot)
        return found if found is None or found.text else None

    def text(self, name: str) -> str:
        """Return the text of a key; empty where there is none."""
        found = self.scalar(name)
        return "" if found is None else found.text

    def choice(self, name: str, default: str = "") -> str:
        """Return a choice's value; the default where there is none."""
        found, choices = self.scalar(name), self._key(name).choices
        if found is None:
            return default
        value = value_of(choices, found.text)
        if value is None:
            self.findings.add_near(
                "choice",
                found.spot,
                found.text,
                [each for pair in choices for each in pair],
                known_zh="、".join(zh for zh, _ in choices),
                known_en=", ".join(en for _, en in choices),
            )
        return value or default

    def texts(self, name: str) -> list[Scalar]:
        """Return the texts of a list; one text by itself is a list of one."""
        if name not in self._values:
            return []
        node, way = self._values[name]
        nodes = node.value if isinstance(node, SequenceNode) else [node]
        found = [_scalar(each, self.findings, way) for each in nodes]
        return [each for each in found if each is not None and each.text]

    def section(self, name: str) -> Self | None:
        """Return the section under a key."""
        if not self.has(name):
            return None
        node, way = self._values[name]
        return type(self)(self._key(name).kind.split()[1], node, self.findings, way)

    def sections(self, name: str) -> Iterator[Self]:
        """Yield the sections of a list."""
        if not self.has(name):
            return
        node, way = self._values[name]
        if not isinstance(node, SequenceNode):
            self.findings.add("kind-list", self.findings.spot(node, way))
            return
        kind = self._key(name).kind.split()[1]
        for number, each in enumerate(node.value, start=1):
            yield type(self)(kind, each, self.findings, f"{way}[{number}]")

    def named(self, name: str, shorthand: str = "") -> Iterator[tuple[Scalar, Self]]:
        """Yield names and sections; with a shorthand, a text alone stands for that key."""
        for written, node, way in self._pairs(name):
            kind = self._key(name).kind.split()[1]
            if shorthand and isinstance(node, ScalarNode):
                node = _as_mapping(shorthand, node)  # noqa: PLW2901 - the same, written out
            yield written, type(self)(kind, node, self.findings, f"{way}.{written.text}")

    def values(self, name: str) -> dict[str, Any]:
        """Return names and literal values as plain Python: texts, lists, dictionaries."""
        return {written.text: plain(node) for written, node, _ in self._pairs(name)}

    def value_spots(self, name: str) -> dict[str, Spot]:
        """Return the places of names under a key."""
        return {written.text: written.spot for written, _, _ in self._pairs(name)}

    def _pairs(self, name: str) -> Iterator[tuple[Scalar, Node, str]]:
        if not self.has(name):
            return
        node, way = self._values[name]
        if not isinstance(node, MappingNode):
            self.findings.add("kind-mapping", self.findings.spot(node, way))
            return
        seen: set[str] = set()
        for written, value in node.value:
            key = _scalar(written, self.findings, way)
            if key is None:
                continue
            if key.text in seen:
                self.findings.add("key-twice", key.spot, key.text)
            seen.add(key.text)
            yield key, value, way

    def _key(self, name: str) -> Key:
        found = key_of(self.kind, name, self.keys)
        if found is None:
            raise KeyError(f"{self.kind} has no key {name}")
        return found


def _as_mapping(key: str, node: ScalarNode) -> MappingNode:
    written = ScalarNode("tag:yaml.org,2002:str", key, node.start_mark, node.start_mark)
    pairs = [(written, node)]
    return MappingNode("tag:yaml.org,2002:map", pairs, node.start_mark, node.end_mark)


def _scalar(node: Node, findings: Findings, way: str) -> Scalar | None:
    spot = findings.spot(node, way)
    if not isinstance(node, ScalarNode):
        findings.add("kind-text", spot)
        return None
    text = "" if not node.style and node.value in _NULLS else node.value
    if node.style in {"|", ">"}:
        return Scalar(text.rstrip("\n"), spot, block=True, indent=_indent(node, findings.lines))
    quoted = bool(node.style)
    if quoted:
        spot = Spot(spot.file, spot.line, spot.column + 1, spot.key)
    return Scalar(text.strip() if not quoted else text, spot)


def _indent(node: ScalarNode, lines: Sequence[str]) -> int:
    below = lines[node.start_mark.line + 1 : node.end_mark.line + 1]
    first = next((line for line in below if line.strip()), "")
    return len(first) - len(first.lstrip())


def plain(node: Node) -> Any:
    """Return what a node holds as texts, lists and dictionaries; None where nothing stands.

    Quoted texts are marked by being of the class ``Quoted``: ``"3"`` is a text, ``3`` a number.
    """
    if isinstance(node, MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [plain(each) for each in node.value]
    if not getattr(node, "style", None):
        return None if node.value in _NULLS else str(node.value)
    return Quoted(node.value)


class Quoted(str):
    """A text that stood in quotes."""

    __slots__ = ()
