"""Random expressions of FEEL that mostly have a kind: what columns are held against."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from tests.rules.columns.people import MEMBER, PERSON, ROLES, TEXTS

from longmai.rules.columns.schema import Given
from longmai.rules.columns.types import Kind
from longmai.rules.feel.tree import (
    At,
    Between,
    Binary,
    Call,
    Comparison,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    Iteration,
    ListOf,
    Name,
    Negation,
    Node,
    Number,
    Path,
    Quantified,
    Range,
    Text,
    Truth,
    TypeName,
    UnaryTests,
)

N, B, S, D, T = Kind.NUMBER, Kind.BOOLEAN, Kind.STRING, Kind.DATE, Kind.DATE_TIME
DAYS, MONTHS = Kind.DAYS, Kind.MONTHS
KINDS = (N, B, S, D, T, DAYS, MONTHS)
_NUMBERS = ("0", "1", "-1", "2", "3", "0.5", "-2.5", "12", "18", "60", "100", "0.005", "1000.25")
_DAYS = ("2000-02-29", "1970-01-01", "2023-01-31", "2024-12-31", "2026-11-24")
_INSTANTS = ("2024-02-29T12:30:15", "1969-12-31T23:59:59.999999", "2026-01-01T00:00:00")
_SPANS = ("PT0S", "P1D", "-P1D", "P30DT12H", "PT1.5S", "-PT36H")
_TERMS = ("P0M", "P1M", "-P1M", "P1Y", "P5Y6M", "-P13M")
_ROUNDINGS = (
    "decimal", "floor", "ceiling", "round up", "round down", "round half up", "round half down",
)  # fmt: skip
_CHARACTERS = (
    ".", "a", "b", "甲", "𠀀", "[a-c]", "[^a]", r"\d", r"\s", r"\w", r"\W", r"\p{Lu}", r"[\D-[a]]",
    "[é甲-丙]", "_", "%", r"\\", "'", r"\.", "(a|b)",
)  # fmt: skip
TRUTHS = (True, False)
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_MOST_DEPTH = 3


def call(name: str, *arguments: Node) -> Node:
    """Return a call of a built-in function."""
    return Call(Name(name), arguments)


def number(value: "str | int") -> Node:
    """Return a number literal; FEEL's literals have no sign."""
    found = Decimal(value)
    return Negation(Number(-found)) if found < 0 else Number(found)


class Expressions:
    """Draws expressions over names.

    Args:
        draw: of hypothesis.
        names: what may be named, with its type.
        texts: likely values of texts.
        rows: name of the list of rows; empty: there is none.
    """

    def __init__(
        self,
        draw: Callable[[st.SearchStrategy[object]], object],
        names: dict[str, Given],
        texts: Sequence[str],
        rows: str = "",
        within: str = "",
    ) -> None:
        self._draw, self._texts, self._rows, self._within = draw, texts, rows, within
        self._names = {
            kind: [name for name, given in names.items() if given.type.kind is kind]
            for kind in KINDS
        }

    def one_of(self, *options: Any) -> Any:
        """Draw one of some options."""
        return self._draw(st.sampled_from(options))

    def one_run(self, options: Sequence[Callable[[], Node]]) -> Node:
        """Draw one of some ways to make an expression, and make it."""
        made: Node = self.one_of(*options)()
        return made

    def chance(self, percent: int) -> bool:
        """Draw whether something of a chance happens."""
        return self._draw(st.integers(0, 99)) < percent  # type: ignore[operator] # a number

    def of(self, kind: Kind, depth: int = _MOST_DEPTH) -> Node:
        """Draw an expression, rarely of another kind."""
        if self.chance(3):
            kind = self.one_of(*KINDS)
        if depth <= 0 or self.chance(15):
            return self.leaf(kind)
        if self.chance(8):
            return If(self.of(B, depth - 1), self.of(kind, depth - 1), self.of(kind, depth - 1))
        if self.chance(6):
            return call("get or else", self.of(kind, depth - 1), self.of(kind, depth - 1))
        drawn: Node = getattr(self, f"_{kind.name.lower()}")(depth - 1)
        return drawn

    def leaf(self, kind: Kind) -> Node:
        """Draw a name or a literal."""
        names = self._names[kind]
        if self.chance(3):
            return Truth(None)
        if names and self.chance(65):
            name = Name(self.one_of(*names))
            return Path(Name(self._within), name.name) if self._within else name
        literals: dict[Kind, Callable[[], Node]] = {
            N: lambda: number(self.one_of(*_NUMBERS)),
            B: lambda: Truth(self.one_of(*TRUTHS)),
            S: lambda: Text(self.one_of(*self._texts)),
            D: lambda: At(self.one_of(*_DAYS)),
            T: lambda: At(self.one_of(*_INSTANTS)),
            DAYS: lambda: At(self.one_of(*_SPANS)),
            MONTHS: lambda: At(self.one_of(*_TERMS)),
        }
        return literals[kind]()

    def _number(self, depth: int) -> Node:
        def some(kind: Kind = N) -> Node:
            return self.of(kind, depth)

        options: list[Callable[[], Node]] = [
            lambda: Binary(self.one_of("+", "-", "*"), some(), some()),
            lambda: Binary(self.one_of("+", "-"), some(), some()),
            lambda: call(self.one_of(*_ROUNDINGS), self.quotient(depth), self.places()),
            lambda: call(self.one_of(*_ROUNDINGS), some(), self.places()),
            self.shared_out,
            lambda: call(self.one_of("floor", "ceiling"), some()),
            lambda: Binary("/", some(), number(self.one_of("2", "4", "100", "0.5", "-8"))),
            lambda: Binary("**", self.leaf(N), number(self.one_of("1", "2"))),
            lambda: Negation(some()),
            lambda: call("abs", some()),
            lambda: call("modulo", some(), some()),
            lambda: call(self.one_of("min", "max", "sum"), *self.several(N, depth)),
            lambda: call(self.one_of("min", "max"), ListOf(self.several(N, depth))),
            lambda: call("string length", some(S)),
            lambda: Path(some(D), self.one_of("year", "month", "day", "weekday")),
            lambda: call(self.one_of("day of year", "week of year"), some(D)),
            lambda: Path(some(T), self.one_of("year", "month", "day", "hour", "minute", "second")),
            lambda: Path(some(DAYS), self.one_of("days", "hours", "minutes", "seconds")),
            lambda: Path(some(MONTHS), self.one_of("years", "months")),
            lambda: call("floor", Binary("/", some(DAYS), At("P1D"))),
        ]
        if self._rows:
            options += [
                lambda: call("count", self.rows(depth)),
                lambda: call(self.one_of("sum", "min", "max"), self.values(N, depth)),
                lambda: call("decimal", call("mean", self.values(N, depth)), number(2)),
            ]
        return self.one_run(options)

    def quotient(self, depth: int) -> Node:
        """Draw a division."""
        return Binary("/", self.of(N, depth), self.of(N, depth))

    def shared_out(self) -> Node:
        """Draw what is computed with a quotient, and comes to whole units again; a small tree."""
        size, some = self.leaf(N), self.leaf(N)
        head = Binary("/", self.leaf(N), size)
        told: Node = self.one_of(
            head,
            Binary("-", some, head),
            Binary("+", head, some),
            call(self.one_of("min", "max"), number(0), Binary("-", some, head)),
            If(Binary("<", head, some), Binary("-", some, head), head),
            call("abs", head),
            Binary("/", head, self.leaf(N)),
        )
        factor = self.one_of(size, size, number("2"), number("0.5"), number("1.25"), number("3"))
        rounding = self.one_of(*_ROUNDINGS)
        return call(rounding, Binary("*", told, factor), self.places())

    def places(self) -> Node:
        """Draw a scale."""
        return number(self.one_of(0, 1, 2, 3, -1, -2))

    def several(self, kind: Kind, depth: int) -> tuple[Node, ...]:
        """Draw some expressions of a kind."""
        return tuple(self.of(kind, depth) for _ in range(self.one_of(1, 2, 3)))

    def _boolean(self, depth: int) -> Node:
        kind = self.one_of(*KINDS)

        def some(of: Kind = kind) -> Node:
            return self.of(of, depth)

        options: list[Callable[[], Node]] = [
            lambda: Binary(self.one_of(*_COMPARISONS), some(), some()),
            lambda: Binary(self.one_of("=", "!="), some(), Truth(None)),
            lambda: Binary(self.one_of("and", "or"), some(B), some(B)),
            lambda: Binary(self.one_of(*_COMPARISONS), self.quotient(depth), some(N)),
            lambda: Between(some(), some(), some()),
            lambda: In(some(), tuple(self.test(kind, depth) for _ in range(self.one_of(1, 2)))),
            lambda: call("not", some(B)),
            lambda: call(self.one_of("all", "any"), ListOf(self.several(B, depth))),
            lambda: call(self.one_of("contains", "starts with", "ends with"), some(S), some(S)),
            lambda: call("list contains", ListOf(self.several(kind, depth)), some()),
            lambda: call("matches", some(S), Text(self.pattern())),
            lambda: call("is", some(), some()),
            lambda: call(self.one_of("before", "after"), some(), some()),
            lambda: call(self.one_of("odd", "even"), some(N)),
            lambda: InstanceOf(some(), TypeName(self.one_of(*KINDS))),
        ]
        if self._rows:
            options += [
                lambda: self.quantified(depth),
                lambda: call(self.one_of("all", "any"), self.values(B, depth)),
                lambda: call("list contains", self.values(kind, 0), self.literal(kind)),
            ]
        return self.one_run(options)

    def pattern(self) -> str:
        """Draw a pattern."""
        pieces = [
            self.one_of(*_CHARACTERS) + self.one_of("", "", "?", "*", "+", "{2}", "{0,3}", "*?")
            for _ in range(self.one_of(1, 2, 3))
        ]
        inner = "".join(pieces)
        if self.chance(30):
            inner = f"(?:{inner}|{self.one_of(*_CHARACTERS)})"
        return f"{self.one_of('', '^')}{inner}{self.one_of('', '$')}"

    def literal(self, kind: Kind) -> Node:
        """Draw a literal."""
        return Expressions(self._draw, {}, self._texts).leaf(kind)

    def test(self, kind: Kind, depth: int) -> Node:
        """Draw a test of an input."""

        def some() -> Node:
            return self.of(kind, depth)

        options: list[Callable[[], Node]] = [
            some,
            lambda: Comparison(self.one_of(*_COMPARISONS), some()),
            lambda: Range(some(), some(), self.one_of(*TRUTHS), self.one_of(*TRUTHS)),
            lambda: ListOf(self.several(kind, depth)),
            lambda: Binary(self.one_of(*_COMPARISONS), Name("?"), some()),
        ]
        return self.one_run(options)

    def tests(self, kind: Kind, depth: int = 1) -> UnaryTests:
        """Draw the tests of an input."""
        if self.chance(15):
            return UnaryTests(())
        count = self.one_of(1, 1, 2, 3)
        return UnaryTests(tuple(self.test(kind, depth) for _ in range(count)), self.chance(20))

    def _string(self, depth: int) -> Node:
        def some(kind: Kind = S) -> Node:
            return self.of(kind, depth)

        options: list[Callable[[], Node]] = [
            lambda: Binary("+", some(), some()),
            lambda: call("substring", some(), number(self.one_of(1, 2, 3, -1, -2, 0))),
            lambda: call(
                "substring", some(), number(self.one_of(1, 2, -2)), number(self.one_of(1, 2, 9, 0))
            ),
            lambda: call(self.one_of("substring before", "substring after"), some(), some()),
            lambda: call(self.one_of("day of week", "month of year"), some(D)),
            lambda: call(self.one_of("min", "max"), *self.several(S, depth)),
            lambda: call("string", some()),
            lambda: call("string", some(self.one_of(N, D, B))),
            lambda: call("upper case", some()),
            lambda: call("replace", some(), Text("a"), Text(self.one_of("b", ""))),
        ]
        if self._rows:
            options.append(lambda: call(self.one_of("min", "max"), self.values(S, depth)))
        return self.one_run(options)

    def _date(self, depth: int) -> Node:
        def some(kind: Kind = D) -> Node:
            return self.of(kind, depth)

        options: list[Callable[[], Node]] = [
            lambda: Binary(self.one_of("+", "-"), some(), some(self.one_of(DAYS, MONTHS))),
            lambda: call("date", some(self.one_of(D, T))),
            lambda: call("date", number(self.one_of(2023, 2024)), self.leaf(N), self.leaf(N)),
            lambda: call(self.one_of("min", "max"), *self.several(D, depth)),
        ]
        if self._rows:
            options.append(lambda: call(self.one_of("min", "max"), self.values(D, depth)))
        return self.one_run(options)

    def _date_time(self, depth: int) -> Node:
        def some(kind: Kind = T) -> Node:
            return self.of(kind, depth)

        return self.one_run(
            [
                lambda: Binary(self.one_of("+", "-"), some(), some(self.one_of(DAYS, MONTHS))),
                lambda: call("date and time", some(self.one_of(D, T))),
            ]
        )

    def _days(self, depth: int) -> Node:
        def some(kind: Kind = DAYS) -> Node:
            return self.of(kind, depth)

        return self.one_run(
            [
                lambda: Binary("-", some(self.one_of(D, T)), some(self.one_of(D, T))),
                lambda: Binary(self.one_of("+", "-"), some(), some()),
                lambda: Binary("*", some(), self.leaf(N)),
                lambda: Binary("/", some(), number(self.one_of("2", "-4"))),
                lambda: Negation(some()),
                lambda: call("abs", some()),
            ]
        )

    def _months(self, depth: int) -> Node:
        def some(kind: Kind = MONTHS) -> Node:
            return self.of(kind, depth)

        return self.one_run(
            [
                lambda: call("years and months duration", some(D), some(self.one_of(D, T))),
                lambda: Binary(self.one_of("+", "-"), some(), some()),
                lambda: Binary(self.one_of("*", "/"), some(), self.leaf(N)),
                lambda: Negation(some()),
            ]
        )

    def rows(self, depth: int) -> Node:
        """Draw a list of rows."""
        rows: Node = Name(self._rows)
        if self.chance(70):
            rows = Filter(rows, Expressions(self._draw, MEMBER, ROLES).of(B, min(depth, 1)))
        return rows

    def values(self, kind: Kind, depth: int) -> Node:
        """Draw one value of each of a list of rows."""
        names = [name for name, given in MEMBER.items() if given.type.kind is kind]
        if names and self.chance(60):
            return Path(self.rows(depth), self.one_of(*names))
        inner = Expressions(self._draw, MEMBER, ROLES, within="m")
        return For((Iteration("m", self.rows(depth)),), inner.of(kind, min(depth, 1)))

    def quantified(self, depth: int) -> Node:
        """Draw whether something holds on rows."""
        inner = Expressions(self._draw, MEMBER, ROLES, within="m")
        domain = (Iteration("m", self.rows(depth)),)
        return Quantified(self.one_of(*TRUTHS), domain, inner.of(B, min(depth, 1)))


@st.composite
def expressions(
    draw: Callable[[st.SearchStrategy[object]], object], kinds: Sequence[Kind] = KINDS
) -> Node:
    """Return expressions over a person and the household's members."""
    kind = draw(st.sampled_from(kinds))
    return Expressions(draw, PERSON, TEXTS, rows="members").of(kind)  # type: ignore[arg-type] # a kind
