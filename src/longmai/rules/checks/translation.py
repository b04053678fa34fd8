"""FEEL as formulas: the part of it that policies use, with the meaning that ``strict`` gives it.

What hangs on no datum is left to the interpreter and taken as the constant it comes to. What is
beyond us (a pattern, a text function) becomes a variable of its own: then too much may seem
possible, never too little. So a claim that something can never be is sound, and an example of what
can be is one only once the interpreter confirms it.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import z3

from longmai.rules.checks import terms
from longmai.rules.checks.calls import call
from longmai.rules.checks.logic import all_of, any_of, negated
from longmai.rules.checks.terms import NULL, Symbols, Term, Untranslatable, compare_terms, constant
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.tree import (
    At,
    Between,
    Binary,
    Call,
    Comparison,
    Filter,
    If,
    In,
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
)
from longmai.rules.feel.values import Value
from longmai.rules.policy.scope import CLOCK, Kinds, kind_of_node, used_names
from longmai.rules.policy.strict import strict

_NULL = Truth(None)
_KINDS = frozenset(("number", "boolean", "string", "date"))
_ARITHMETIC: Mapping[str, Callable[[Term, Term], Term]] = {
    "+": terms.add,
    "-": terms.subtract,
    "*": terms.multiply,
    "/": terms.divide,
    "and": terms.conjunction,
    "or": terms.disjunction,
}
_MOST_FACTORS = 6


@lru_cache(maxsize=16_384)
def names_in(node: Node) -> frozenset[str]:
    """Return the names that a node hangs on, the clock's among them."""
    return frozenset(each.name for each in used_names(node))


class Translator:
    """Translates the rules of one policy for one person, day and region.

    Args:
        names: that are variables or hang on them, by name.
        constants: names with values that are fixed: parameters.
        clock: the instant, where the day is fixed; today as a term.
        symbols: the numbers of texts.

    Attributes:
        place: name of what is being translated.
        loose: the largest part that was beyond us, by place.
    """

    def __init__(
        self,
        names: dict[str, Term],
        constants: Mapping[str, Value],
        clock: tuple[Any, Term],
        symbols: Symbols,
        kinds: Kinds,
    ) -> None:
        self.names, self.symbols, self._kinds = names, symbols, kinds
        self._constants = dict(constants)
        self._now, self._today = clock
        self._fresh: dict[object, Term] = {}
        self.loose: dict[str, str] = {}
        self.place = ""

    def __call__(self, node: Node, local: Mapping[str, Term] | None = None) -> Term:
        """Return what a node comes to."""
        own = local or {}
        if not own and self._is_constant(node):
            return self._folded(node)
        try:
            return self._of(node, own)
        except Untranslatable as beyond:
            if own:
                raise
            return self.stand_in(node, str(beyond))

    def _is_constant(self, node: Node) -> bool:
        used = names_in(node)
        if self._now is None and used & CLOCK:
            return False
        # Names that the interpreter itself brings, or parameters.
        return not used & self.names.keys() and "?" not in used

    def _folded(self, node: Node) -> Term:
        env = Environment(dict(self._constants), now=self._now)
        return constant(compile_node(strict(node))(env), self.symbols)

    def stand_in(self, node: Node, reason: str = "") -> Term:
        """Return a variable for something that is beyond us.

        Raises:
            Untranslatable: not even its kind is plain.
        """
        kind = kind_of_node(node, self._kinds)
        if kind not in _KINDS:
            raise Untranslatable(reason or print_node(node))
        self.loose[self.place] = print_node(node)
        return self.free(node, kind)

    def free(self, key: object, kind: str, least: Any = None) -> Term:
        """Return the variable that stands for something, the same each time."""
        if key not in self._fresh:
            name = f"free {len(self._fresh)}"
            match kind:
                case "boolean":
                    value: Any = z3.Bool(name)
                case "number":
                    value = z3.Real(name)
                case "string":
                    value = z3.Int(name)
                case _:
                    raise Untranslatable(kind)
            # A bound is part of the value, so that it holds wherever the value stands.
            if least is not None:
                value = z3.If(value >= least, value, z3.RealVal(least))
            self._fresh[key] = Term(kind, value)
        return self._fresh[key]

    def _of(self, node: Node, local: Mapping[str, Term]) -> Term:  # noqa: PLR0911 - by node
        match node:
            case Number() | Text() | Truth() | At():
                return self._folded(node)
            case Name(name):
                return self._name(name, local)
            case Binary(operator, left, right):
                return self._binary(operator, left, right, local)
            case If(Truth(None), _, otherwise):  # who writes null means it
                return self._inner(otherwise, local)
            case If(condition, then, otherwise):
                found = self._inner(condition, local)
                if isinstance(found.value, bool) and found.known is True:
                    return self._inner(then if found.value else otherwise, local)
                return terms.choose(found, self._inner(then, local), self._inner(otherwise, local))
            case Negation(operand):
                return terms.negative(self._inner(operand, local))
            case Between() | In():
                return self._tested(node, local)
        return self._of_lists(node, local)

    def _inner(self, node: Node, local: Mapping[str, Term]) -> Term:
        return self(node, local)

    def _name(self, name: str, local: Mapping[str, Term]) -> Term:
        if name in local:
            return local[name]
        if name in self.names:
            return self.names[name]
        if name in self._constants:
            return constant(self._constants[name], self.symbols)
        raise Untranslatable(name)

    def _binary(self, operator: str, left: Node, right: Node, local: Mapping[str, Term]) -> Term:
        if operator in {"=", "!="} and _NULL in {left, right}:
            asked = self._inner(right if left == _NULL else left, local)
            missing = negated(asked.known)
            return Term("boolean", missing if operator == "=" else asked.known)
        one, other = self._inner(left, local), self._inner(right, local)
        if operator == "**":
            return _power(one, other)
        if operator in {"and", "or"} or (operator in _ARITHMETIC and NULL not in {one, other}):
            return _ARITHMETIC[operator](one, other)
        return NULL if operator in _ARITHMETIC else compare_terms(operator, one, other)

    def _tested(self, node: Between | In, local: Mapping[str, Term]) -> Term:
        value = self._inner(node.value, local)
        if isinstance(node, Between):
            return self._within(value, node.low, node.high, (True, True), local)
        found = terms.FALSE
        for test in node.tests:
            found = terms.disjunction(found, self._test(value, test, local))
        return Term("boolean", found.value, all_of(found.known, value.known))

    def _within(
        self,
        value: Term,
        low: Node,
        high: Node,
        closed: tuple[bool, bool],
        local: Mapping[str, Term],
    ) -> Term:
        above = compare_terms(">=" if closed[0] else ">", value, self._inner(low, local))
        below = compare_terms("<=" if closed[1] else "<", value, self._inner(high, local))
        return terms.conjunction(above, below)

    def _test(self, value: Term, test: Node, local: Mapping[str, Term]) -> Term:
        match test:
            case Comparison(operator, operand):
                return compare_terms(operator, value, self._inner(operand, local))
            case Range(low, high, low_closed, high_closed):
                within = self._within(value, low, high, (low_closed, high_closed), local)
                # Of a range with an end that is not known nothing is known.
                ends = (self._inner(low, local).known, self._inner(high, local).known)
                return Term("boolean", within.value, all_of(within.known, *ends))
        if "?" in names_in(test):
            return self._inner(test, {**local, "?": value})
        found = self._inner(test, local)
        if found.kind == "list":
            return _contains(found, value)
        return compare_terms("=", value, found)

    def _of_lists(self, node: Node, local: Mapping[str, Term]) -> Term:
        match node:
            case ListOf(items):
                return Term("list", tuple((True, self._inner(each, local)) for each in items))
            case Path(value, name):
                return self._path(node, self._inner(value, local), name)
            case Filter(value, condition):
                return self._filter(node, self._inner(value, local), condition, local)
            case Quantified(every, (Iteration(name, low, None),), condition):
                listed = self._inner(low, local)
                return self._quantified(node, (every, name), listed, condition, local)
            case Call(Name(name), arguments, ()):
                return self._call(node, name, arguments, local)
        raise Untranslatable(print_node(node))

    def _path(self, node: Path, value: Term, name: str) -> Term:
        if value.kind == "context":
            return self._field(value, name)
        if value.kind != "list":
            return terms.day_property(value, name)
        if value.value is None:
            return Term("list", None, label=node)
        items = tuple((inside, self._field(each, name)) for inside, each in value.value)
        return Term("list", items, value.known)

    def _field(self, value: Term, name: str) -> Term:
        if value.kind != "context" or name not in value.value:
            raise Untranslatable(f".{name}")
        found: Term = value.value[name]
        return found

    def _filter(
        self, node: Filter, value: Term, condition: Node, local: Mapping[str, Term]
    ) -> Term:
        if value.kind != "list" or isinstance(condition, Number | Negation):
            raise Untranslatable(print_node(node))
        if value.value is None:
            return Term("list", None, label=node)
        items, known = [], value.known
        for inside, each in value.value:
            test = self._inner(condition, _with_item(local, each))
            if test.kind not in {"boolean", "null"}:
                raise Untranslatable(print_node(node))
            known = all_of(known, any_of(negated(inside), test.known))
            items.append((all_of(inside, terms.true(test)), each))
        return Term("list", tuple(items), known)

    def _quantified(
        self,
        node: Quantified,
        how: tuple[bool, str],
        listed: Term,
        condition: Node,
        local: Mapping[str, Term],
    ) -> Term:
        every, name = how
        if listed.kind != "list":
            raise Untranslatable(print_node(node))
        if listed.value is None:
            return self.free(node, "boolean")
        found = Term("boolean", every)
        for inside, each in listed.value:
            test = self._inner(condition, {**local, name: each})
            outside = Term("boolean", negated(inside))
            if every:
                found = terms.conjunction(found, terms.disjunction(outside, test))
            else:
                found = terms.disjunction(found, terms.conjunction(terms.negation(outside), test))
        return found

    def _call(
        self, node: Call, name: str, arguments: tuple[Node, ...], local: Mapping[str, Term]
    ) -> Term:
        if name == "today" and not arguments:
            return self._today
        found = [self._inner(each, local) for each in arguments]
        listed = next((each for each in found if each.kind == "list" and each.value is None), None)
        if listed is not None:
            return self._of_members(node, name)
        return call(name, found)

    def _of_members(self, node: Call, name: str) -> Term:
        """Return what a function says of a list that is not spelled out: nearly anything."""
        if name == "count":
            return self.free(node, "number", 0)
        if name == "list contains":
            return self.free(node, "boolean")
        kind = kind_of_node(node, self._kinds) or ("number" if name in {"min", "max"} else "")
        if kind not in _KINDS:
            raise Untranslatable(print_node(node))
        return self.free(node, kind)


def _with_item(local: Mapping[str, Term], each: Term) -> dict[str, Term]:
    fields = each.value if each.kind == "context" else {}
    return {**local, **fields, "item": each}


def _contains(listed: Term, value: Term) -> Term:
    return call("list contains", [listed, value])


def _power(one: Term, other: Term) -> Term:
    exponent = other.value
    if one.kind != "number" or not isinstance(exponent, Fraction) or exponent.denominator != 1:
        raise Untranslatable("**")
    if not 0 <= exponent <= _MOST_FACTORS:
        raise Untranslatable("**")
    found = Term("number", Fraction(1), all_of(one.known, other.known))
    for _ in range(int(exponent)):
        found = terms.multiply(found, one)
    return found
