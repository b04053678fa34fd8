"""The tree of a FEEL expression: what the parser makes, the printer writes, the compiler runs.

Nodes are values: two expressions that mean the same by their text are equal, wherever they stood.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """``true``, ``false`` or ``null``."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class At:
    """A literal like ``@"2026-11-24"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name, its blanks made one; ``?`` is the input of a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    """Arithmetic negation."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands: ``or and = != < <= > >= + - * / **``."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Between:
    """``value between low and high``."""

    value: "Node"
    low: "Node"
    high: "Node"


@dataclass(frozen=True, slots=True)
class In:
    """``value in (tests)``."""

    value: "Node"
    tests: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A unary test like ``< 10``: what the input is compared with."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Range:
    """``[low..high]``, with either end open or closed."""

    low: "Node"
    high: "Node"
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class ListOf:
    """``[a, b]``."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Context:
    """``{name: value}``; a later entry sees the earlier ones."""

    entries: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """``value.name``."""

    value: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """``list[condition or index]``."""

    value: "Node"
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """``function(arguments)``; named arguments carry their names."""

    function: "Node"
    arguments: tuple["Node", ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """``if condition then this else that``."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class For:
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
class Quantified:
    """``some`` or ``every`` name in list satisfies condition."""

    every: bool
    domains: tuple[Iteration, ...]
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Lambda:
    """``function(parameters) body``; an external one has its context as body."""

    parameters: tuple[tuple[str, "TypeName | None"], ...]
    body: "Node"
    external: bool = False


@dataclass(frozen=True, slots=True)
class InstanceOf:
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


def has_input(nodes: Sequence[Node]) -> bool:
    """Tell whether ``?`` stands anywhere in expressions."""
    waiting: list[object] = list(nodes)
    while waiting:
        found = waiting.pop()
        if isinstance(found, Name) and found.name == "?":
            return True
        if isinstance(found, tuple):
            waiting.extend(found)
        elif hasattr(found, "__dataclass_fields__"):
            waiting.extend(getattr(found, name) for name in found.__dataclass_fields__)
    return False
