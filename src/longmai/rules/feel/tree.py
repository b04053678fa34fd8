"""The tree of a FEEL expression: what the parser makes, the printer writes, the compiler runs.

Nodes are values: two expressions that mean the same by their text are equal, wherever they stood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a text something stands.

    Attributes:
        line: counted from 1.
        column: counted from 1.
        within: what the text belongs to, as ``decision 'Grade', rule 3``; empty where unknown.

    >>> str(Place(1, 5)), str(Place(2, 3, "decision 'd'"))
    ('line 1, column 5', "decision 'd', line 2, column 3")
    """

    line: int
    column: int
    within: str = ""

    def __str__(self) -> str:
        text = f"line {self.line}, column {self.column}"
        return f"{self.within}, {text}" if self.within else text


@dataclass(frozen=True, slots=True)
class Placed:
    """What a tree is made of.

    Attributes:
        at: where it stood; no part of the value, so that equal expressions are equal.
    """

    at: Place | None = field(default=None, compare=False, repr=False, kw_only=True)


def _places(value: Decimal) -> int:
    """Return how many digits are written after the point."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


@dataclass(frozen=True, slots=True)
class Number(Placed):
    """A number literal; 3.0 is not 3, as their texts differ."""

    value: Decimal

    def __eq__(self, other: object) -> bool:
        """Tell whether two are written alike."""
        if not isinstance(other, Number):
            return NotImplemented
        return self.value == other.value and _places(self.value) == _places(other.value)

    def __hash__(self) -> int:
        """Return the hash of the value."""
        return hash(self.value)


@dataclass(frozen=True, slots=True)
class Text(Placed):
    """A string literal."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth(Placed):
    """``true``, ``false`` or ``null``."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class At(Placed):
    """A literal like ``@"2026-11-24"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Placed):
    """A name, its blanks made one; ``?`` is the input of a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation(Placed):
    """Arithmetic negation."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary(Placed):
    """Two operands: ``or and = != < <= > >= + - * / **``."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Between(Placed):
    """``value between low and high``."""

    value: "Node"
    low: "Node"
    high: "Node"


@dataclass(frozen=True, slots=True)
class In(Placed):
    """``value in (tests)``."""

    value: "Node"
    tests: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Comparison(Placed):
    """A unary test like ``< 10``: what the input is compared with."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Range(Placed):
    """``[low..high]``, with either end open or closed."""

    low: "Node"
    high: "Node"
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class ListOf(Placed):
    """``[a, b]``."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Context(Placed):
    """``{name: value}``; a later entry sees the earlier ones."""

    entries: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Path(Placed):
    """``value.name``."""

    value: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Placed):
    """``list[condition or index]``."""

    value: "Node"
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Call(Placed):
    """``function(arguments)``; named arguments carry their names."""

    function: "Node"
    arguments: tuple["Node", ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class If(Placed):
    """``if condition then this else that``."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class For(Placed):
    """``for name in list, … return value``; with ``high`` the list is ``low..high``."""

    domains: tuple["Iteration", ...]
    value: "Node"


@dataclass(frozen=True, slots=True)
class Iteration:
    """One name of a ``for`` or a quantifier, and what it runs through."""

    name: str
    low: "Node"
    high: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Quantified(Placed):
    """``some`` or ``every`` name in list satisfies condition."""

    every: bool
    domains: tuple[Iteration, ...]
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Lambda(Placed):
    """``function(parameters) body``; an external one has its context as body."""

    parameters: tuple[tuple[str, "TypeName | None"], ...]
    body: "Node"
    external: bool = False


@dataclass(frozen=True, slots=True)
class InstanceOf(Placed):
    """``value instance of type``."""

    value: "Node"
    type: "TypeName"


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type: its name, and what it is made of.

    Attributes:
        name: of a built-in type or of an item definition.
        parts: of ``list`` and ``range`` the element; of ``context`` its entries; of ``function``
            its parameters and then its result.
        names: of context entries.
    """

    name: str
    parts: tuple["TypeName", ...] = ()
    names: tuple[str, ...] = ()


Node = (
    Number
    | Text
    | Truth
    | At
    | Name
    | Negation
    | Binary
    | Between
    | In
    | Comparison
    | Range
    | ListOf
    | Context
    | Path
    | Filter
    | Call
    | If
    | For
    | Quantified
    | Lambda
    | InstanceOf
)


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """The tests of an input: any of them, or none of them under ``not``; ``-`` has no tests.

    Attributes:
        tests: comparisons and expressions.
        negated: ``not(…)``.
    """

    tests: tuple[Node, ...]
    negated: bool = False


def parts_of(node: object) -> Sequence[object]:
    """Return what a node, or a group of nodes, is made of; of other things nothing."""
    if isinstance(node, tuple):
        return node
    names = getattr(node, "__dataclass_fields__", None)
    if names is None or isinstance(node, Place):
        return ()
    return [getattr(node, name) for name in names]


def holds(nodes: Sequence[object], kind: type) -> bool:
    """Tell whether a node of a kind stands anywhere in others."""
    waiting: list[object] = list(nodes)
    while waiting:
        found = waiting.pop()
        if isinstance(found, kind):
            return True
        waiting.extend(parts_of(found))
    return False


def size_of(node: object) -> int:
    """Count the nodes of a tree."""
    count, waiting = 0, [node]
    while waiting:
        found = waiting.pop()
        count += isinstance(found, Placed)
        waiting.extend(parts_of(found))
    return count


def has_input(nodes: Sequence[Node]) -> bool:
    """Tell whether ``?`` stands anywhere in expressions."""
    waiting: list[object] = list(nodes)
    while waiting:
        found = waiting.pop()
        if isinstance(found, Name) and found.name == "?":
            return True
        waiting.extend(parts_of(found))
    return False


def is_nested_within(node: object, most: int) -> bool:
    """Tell whether no part stands deeper than so many levels.

    A chain of operators to the left, or of minus signs, is one level: it is run in a loop.
    """
    waiting: list[tuple[object, int]] = [(node, 1)]
    while waiting:
        found, depth = waiting.pop()
        if depth > most:
            return False
        is_group = isinstance(found, tuple)
        waiting.extend(
            (each, depth + (not is_group and not _chains(found, each))) for each in parts_of(found)
        )
    return True


def _chains(node: object, part: object) -> bool:
    if isinstance(node, Negation):
        return isinstance(part, Negation)
    return isinstance(node, Binary) and isinstance(part, Binary) and part is node.left
