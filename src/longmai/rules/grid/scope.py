"""What a table's cells may name, and which names an expression needs."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Any

from longmai.rules.feel.built_in import BUILT_INS
from longmai.rules.feel.parser import parse_type
from longmai.rules.feel.tree import (
    Context,
    Filter,
    For,
    InstanceOf,
    Lambda,
    Name,
    Quantified,
    TypeName,
)
from longmai.rules.feel.words import bare

TYPES = (
    "number",
    "string",
    "boolean",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
)
"""The built-in types that have values of their own, as headings name them."""
_KNOWN_TYPES = frozenset(
    (*TYPES, "Any", "any", "dateTime", "dayTimeDuration", "yearMonthDuration", "list", "context")
)
_ALIKE = 0.5


@dataclass(frozen=True)
class Scope:
    """The names and types that stand around a table.

    Attributes:
        names: of values; None: nobody knows, and any may be meant.
        types: beside the built-in ones; None: any.
    """

    names: Collection[str] | None = None
    types: Collection[str] | None = None

    def knows(self, name: str) -> bool:
        """Tell whether a name has a value here; ``a.b`` does where ``a`` has."""
        if name in BUILT_INS or name == "?" or self.names is None:
            return True
        return name in self._bare or name.partition(".")[0] in self._bare

    @cached_property
    def _bare(self) -> frozenset[str]:
        return frozenset(bare(each) for each in self.names or ())

    def near(self, name: str) -> str:
        """Return the known name that is most like another; empty if none is like it."""
        known = [*(self.names or ()), *BUILT_INS]
        return next(iter(get_close_matches(name, known, 1, _ALIKE)), "")

    def unknown_type(self, text: str) -> str:
        """Return a type named in a text that nobody knows; empty if all are known.

        Raises:
            Invalid: the text names no type.
        """
        found = parse_type(text, self.types or ())
        if self.types is None:
            return ""
        known = _KNOWN_TYPES | set(self.types)
        return next((each for each in _type_names(found) if each not in known), "")


def _type_names(found: TypeName) -> Iterator[str]:
    if found.name not in {"range", "function"}:
        yield found.name
    for part in found.parts:
        yield from _type_names(part)


def free_names(node: object, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the names an expression needs from outside, built-in functions too.

    What stands in a filter may name entries of what is filtered: it is left out.

    >>> from longmai.rules.feel.parser import parse_expression
    >>> list(free_names(parse_expression("for i in 名单 return i * 系数")))
    ['名单', '系数']
    """
    # Long sums are deep trees: parts wait in a list, not in calls.
    waiting: list[Part] = [(node, bound)]
    while waiting:
        found, known = waiting.pop()
        if not isinstance(found, Name):
            waiting.extend(reversed([*_parts(found, known)]))
        elif found.name not in known:
            yield found.name


def _parts(node: object, bound: frozenset[str]) -> Iterator["Part"]:
    kind: type = type(node)
    binds = _BINDING.get(kind)
    if binds is not None:
        yield from binds(node, bound)
        return
    parts = node if isinstance(node, tuple) else (getattr(node, each) for each in _fields(kind))
    for part in parts:
        if not isinstance(part, str | Decimal | bool | None):
            yield part, bound


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()


def _of_domains(node: For | Quantified, bound: frozenset[str]) -> Iterator["Part"]:
    for each in node.domains:
        yield (each.low, each.high), bound
        bound |= {each.name}
    body = node.value if isinstance(node, For) else node.condition
    yield body, bound | {"partial"}


def _of_context(node: Context, bound: frozenset[str]) -> Iterator["Part"]:
    for name, value in node.entries:
        yield value, bound
        bound |= {name}


def _of_lambda(node: Lambda, bound: frozenset[str]) -> Iterator["Part"]:
    yield node.body, bound | {name for name, _ in node.parameters}


def _of_value(node: Filter | InstanceOf, bound: frozenset[str]) -> Iterator["Part"]:
    yield node.value, bound


Part = tuple[object, frozenset[str]]
_BINDING: Mapping[type, Callable[[Any, frozenset[str]], Iterator[Part]]] = {
    Filter: _of_value,
    InstanceOf: _of_value,
    For: _of_domains,
    Quantified: _of_domains,
    Context: _of_context,
    Lambda: _of_lambda,
}
