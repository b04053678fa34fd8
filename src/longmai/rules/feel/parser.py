"""The parser of FEEL: text to tree, by precedence climbing, with a bound on nesting.

Source: DMN 1.5, 10.3.1.2 (grammar). Precedence, from the loosest: ``or``; ``and``; comparison,
``between``, ``in``; ``+ -``; ``* /``; ``**``; negation; ``instance of``; path, filter, call.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from longmai.kernel.errors import Invalid
from longmai.rules.feel.tree import (
    At,
    Between,
    Binary,
    Call,
    Comparison,
    Context,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    Iteration,
    Lambda,
    ListOf,
    Name,
    Negation,
    Node,
    Number,
    Path,
    Place,
    Quantified,
    Range,
    Text,
    Truth,
    TypeName,
    UnaryTests,
    is_nested_within,
)
from longmai.rules.feel.words import Words, is_name

Parsed = TypeVar("Parsed")

MAX_DEPTH = 100
MAX_CHARACTERS = 1_000_000
_TOO_DEEP = "the expression is nested too deep"
_LEVELS = (("or",), ("and",), ("=", "!=", "<=", ">=", "<", ">"), ("+", "-"), ("*", "/"), ("**",))
_COMPARISON = 2
_COMPARING = frozenset(("=", "!=", "<=", ">=", "<", ">"))
_TRUTHS = {"true": True, "false": False, "null": None}


def _within_bounds(parse: Callable[[], Parsed]) -> Parsed:
    # The bound on nesting ends it long before; unless who calls us is deep already.
    try:
        return parse()
    except RecursionError:
        raise Invalid(_TOO_DEEP, code="feel.syntax") from None


def parse_expression(text: str, names: Iterable[str] = (), within: str = "") -> Node:
    """Parse an expression.

    >>> parse_expression("1 + 2").operator
    '+'

    Args:
        text: of the expression.
        names: in scope, that may hold blanks or signs.
        within: what the text belongs to, for the places of problems.

    Raises:
        Invalid: it is none; ``place`` says line and column.
    """
    parser = _Parser(text, names, within)
    return _within_bounds(lambda: parser.whole(parser.expression))


def parse_unary_tests(text: str, names: Iterable[str] = (), within: str = "") -> UnaryTests:
    """Parse the tests of an input, as they stand in the cell of a decision table.

    >>> parse_unary_tests("-").tests, len(parse_unary_tests("< 1, [5..9)").tests)
    ((), 2)

    Raises:
        Invalid: they are none; ``place`` says line and column.
    """
    parser = _Parser(text, names, within)
    return _within_bounds(lambda: parser.whole(parser.unary_tests))


def parse_type(text: str, names: Iterable[str] = ()) -> TypeName:
    """Parse the name of a type.

    Raises:
        Invalid: it is none.
    """
    parser = _Parser(text, names)
    return _within_bounds(lambda: parser.whole(parser.type_name))


class _Parser:
    def __init__(self, text: str, names: Iterable[str], within: str = "") -> None:
        if len(text) > MAX_CHARACTERS:
            raise Invalid("the expression is too long", code="feel.size")
        self._words = Words(text, names, within)
        self._depth = 0
        self._ranges = 0
        self._dots = 0  # and brackets and calls
        self._no_filters: set[int] = set()

    def whole(self, read: Callable[[], Parsed]) -> Parsed:
        found = read()
        if not self._words.end():
            raise self._words.wrong("the expression should have ended here")
        if self._dots > MAX_DEPTH and not is_nested_within(found, MAX_DEPTH):
            raise Invalid(_TOO_DEEP, code="feel.syntax")
        return found

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._words.wrong(f"more than {MAX_DEPTH} expressions stand within each other")
        try:
            return self._binary(0)
        finally:
            self._depth -= 1

    def unary_tests(self) -> UnaryTests:
        words = self._words
        start = words.at
        if words.take("-") and words.end():
            return UnaryTests(())
        words.at = start
        if words.take_word("not") and words.take("("):
            tests = self._rest(None if words.sign() == ")" else self._test(), ")")
            if words.end():
                return UnaryTests(tests, negated=True)
        words.at = start
        found = [self._test()]
        while words.take(","):
            found.append(self._test())
        return UnaryTests(tuple(found))

    def _test(self) -> Node:
        operator = self._words.sign()
        if operator in _COMPARING:
            at = self._words.place()
            self._words.take(operator)
            return Comparison(operator, self._binary(_COMPARISON + 1), at=at)
        return self.expression()

    def _binary(self, level: int) -> Node:
        # Precedence climbing with one loop: a frame for each level that an operator opens.
        left = self._unary()
        return self._climb(left, level)

    def _climb(self, left: Node, level: int) -> Node:
        while True:
            operator, own = self._operator()
            if own is None or own < level:
                return left
            if own == _COMPARISON and operator in {"between", "in"}:
                left = self._between(left) if operator == "between" else self._in(left)
                continue
            at = self._words.place()
            self._consume(operator)
            right = self._climb(self._unary(), own + 1)
            left = Binary(operator, left, right, at=at)

    def _operator(self) -> tuple[str, int | None]:
        word = self._words.keyword()
        if word in {"or", "and"}:
            return word, 0 if word == "or" else 1
        if word in {"between", "in"}:
            return word, _COMPARISON
        sign = self._words.sign()
        for level, signs in enumerate(_LEVELS):
            if sign in signs:
                return sign, level
        return "", None

    def _consume(self, operator: str) -> None:
        if operator.isalpha():
            self._words.take_word(operator)
        else:
            self._words.take(operator)

    def _between(self, value: Node) -> Node:
        at = self._words.place()
        self._words.take_word("between")
        low = self._binary(_COMPARISON + 1)
        self._words.need_word("and")
        return Between(value, low, self._binary(_COMPARISON + 1), at=at)

    def _in(self, value: Node) -> Node:
        words = self._words
        at = words.place()
        words.take_word("in")
        opening = words.place()
        if words.take("("):
            first = None if words.sign() == ")" else self._test()
            # An open range, (1..5], begins like a list of tests.
            if first is not None and words.sign() == "..":
                return In(value, (self._range(first, opening, closed=False),), at=at)
            return In(value, self._rest(first, ")"), at=at)
        operator = words.sign()
        if operator in _COMPARING:
            return In(value, (self._test(),), at=at)
        return In(value, (self._binary(_COMPARISON + 1),), at=at)

    def _unary(self) -> Node:
        signs, at = 0, self._words.place()
        while self._words.sign() == "-":
            self._words.take("-")
            signs += 1
        found = self._typed()
        for _ in range(signs):
            found = Negation(found, at=at)
        return found

    def _typed(self) -> Node:
        found = self._postfix(self._primary())
        if self._words.keyword() == "instance":
            self._words.take_word("instance")
            self._words.need_word("of")
            found = InstanceOf(found, self.type_name(), at=found.at)
        return found

    def _postfix(self, found: Node) -> Node:
        words = self._words
        for _ in range(MAX_DEPTH):
            sign, at = words.sign(), words.place()
            self._dots += 1
            if sign == "." and words.take("."):
                name = words.name()
                if name is None:
                    raise words.wrong("a name is missing here")
                found = Path(found, name, at=at)
            elif sign == "[":
                filtered = self._filtered(found)
                if filtered is None:
                    return found
                found = filtered
            elif sign == "(" and words.take("("):
                found = self._call(found)
            else:
                return found
        raise words.wrong(f"more than {MAX_DEPTH} dots, brackets and calls follow each other")

    def _filtered(self, value: Node) -> Node | None:
        """Read a filter; None where the bracket ends a range that is open there, like [1..5[."""
        words = self._words
        start, at = words.at, words.place()
        if start in self._no_filters:
            return None
        words.take("[")
        try:
            condition = self.expression()
            words.need("]")
        except Invalid:
            if not self._ranges:
                raise
            words.at = start
            self._no_filters.add(start)  # so that it is not tried once for each bracket before it
            return None
        return Filter(value, condition, at=at)

    def _call(self, function: Node) -> Node:
        words = self._words
        if words.take(")"):
            return Call(function, (), at=function.at)
        names: list[str] = []
        arguments: list[Node] = []
        while True:
            name = self._argument_name()
            if name is not None:
                names.append(name)
            elif names:
                raise words.wrong("either all arguments have names or none")
            arguments.append(self.expression())
            if not words.take(","):
                break
        words.need(")")
        if names and len(names) != len(arguments):
            raise words.wrong("either all arguments have names or none")
        return Call(function, tuple(arguments), tuple(names), at=function.at)

    def _argument_name(self) -> str | None:
        words = self._words
        start = words.at
        found = words.name()
        while found is not None and words.sign() != ":" and (more := words.name()) is not None:
            found = f"{found} {more}"
        if found is not None and words.take(":"):
            return found
        words.at = start
        return None

    def _rest(self, first: Node | None, end: str) -> tuple[Node, ...]:
        """Read the tests after a first one, up to a sign."""
        found = [] if first is None else [first]
        while found and self._words.take(","):
            found.append(self._test())
        self._words.need(end)
        return tuple(found)

    def _primary(self) -> Node:
        words = self._words
        at = words.place()
        if (number := words.number()) is not None:
            return Number(number, at=at)
        if (text := words.string()) is not None:
            return Text(text, at=at)
        sign = words.sign()
        if sign in {"[", "]", "("}:
            return self._bracketed(sign, at)
        if sign == "{" and words.take("{"):
            return self._context(at)
        if sign == "@" and words.take("@"):
            literal = words.string()
            if literal is None:
                raise words.wrong("a string is missing after @")
            return At(literal, at=at)
        return self._worded(at)

    def _worded(self, at: Place) -> Node:
        words = self._words
        word = words.keyword()
        if word in _TRUTHS:
            words.take_word(word)
            return Truth(_TRUTHS[word], at=at)
        special = {
            "if": self._if,
            "for": self._for,
            "some": self._quantified,
            "every": self._quantified,
            "function": self._lambda,
        }.get(word)
        if special is not None:
            return special(at)
        name = words.name()
        if name is None:
            raise words.wrong("an expression is missing here")
        return Name(name, at=at)

    def _bracketed(self, sign: str, at: Place) -> Node:
        """Read ``(expression)``, ``[list]`` or a range, whose first end looks like either."""
        words = self._words
        words.take(sign)
        if sign in {"(", "["} and self._words.sign() in _COMPARING:
            if sign == "(":
                test = self._test()
                words.need(")")
                return test
        elif sign == "[" and words.take("]"):
            return ListOf((), at=at)
        if sign == "]":
            return self._range(self.expression(), at, closed=False)
        first = self._test() if sign == "[" else self.expression()
        if words.sign() == "..":
            return self._range(first, at, closed=sign == "[")
        if sign == "(":
            words.need(")")
            return first
        return ListOf(self._rest(first, "]"), at=at)

    def _range(self, low: Node, at: Place, *, closed: bool) -> Node:
        words = self._words
        words.need("..")
        self._ranges += 1
        try:
            high = self.expression()
        finally:
            self._ranges -= 1
        end = words.sign()
        if end not in {"]", ")", "["}:
            raise words.wrong("a range ends with ']', ')' or '['")
        words.take(end)
        return Range(low, high, closed, end == "]", at=at)

    def _context(self, at: Place) -> Node:
        words = self._words
        entries: list[tuple[str, Node]] = []
        if words.take("}"):
            return Context((), at=at)
        while True:
            text = words.string()
            name = words.name_until(":") if text is None else text
            if text is not None and is_name(text):
                words.know(text)
            words.need(":")
            entries.append((name, self.expression()))
            if not words.take(","):
                break
        words.need("}")
        return Context(tuple(entries), at=at)

    def _if(self, at: Place) -> Node:
        words = self._words
        words.take_word("if")
        condition = self.expression()
        words.need_word("then")
        then = self.expression()
        words.need_word("else")
        return If(condition, then, self.expression(), at=at)

    def _for(self, at: Place) -> Node:
        self._words.take_word("for")
        domains = self._domains("return")
        self._words.know("partial")
        return For(domains, self.expression(), at=at)

    def _quantified(self, at: Place) -> Node:
        words = self._words
        every = words.take_word("every")
        if not every:
            words.take_word("some")
        return Quantified(every, self._domains("satisfies"), self.expression(), at=at)

    def _domains(self, end: str) -> tuple[Iteration, ...]:
        words = self._words
        found: list[Iteration] = []
        while True:
            name = words.name_until("in")
            words.need_word("in")
            low = self.expression()
            high = self.expression() if words.take("..") else None
            found.append(Iteration(name, low, high))
            if not words.take(","):
                break
        words.need_word(end)
        return tuple(found)

    def _lambda(self, at: Place) -> Node:
        words = self._words
        words.take_word("function")
        words.need("(")
        parameters: list[tuple[str, TypeName | None]] = []
        while not words.take(")"):
            name = words.name_until(":", ",", ")")
            type_ = self.type_name() if words.take(":") else None
            parameters.append((name, type_))
            if not words.take(","):
                words.need(")")
                break
        external = words.take_word("external")
        return Lambda(tuple(parameters), self.expression(), external, at=at)

    def type_name(self) -> TypeName:
        words = self._words
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise words.wrong(f"more than {MAX_DEPTH} types stand within each other")
        try:
            if words.take_word("function"):
                return self._function_type()
            name = "null" if words.take_word("null") else words.name()
            if not name:
                raise words.wrong("the name of a type is missing here")
            while words.take("."):
                name += f".{words.name()}"
            if name in {"list", "range"} and words.take("<"):
                part = self.type_name()
                words.need(">")
                return TypeName(name, (part,))
            if name == "context" and words.take("<"):
                return self._context_type()
            return TypeName(name)
        finally:
            self._depth -= 1

    def _context_type(self) -> TypeName:
        words = self._words
        names: list[str] = []
        parts: list[TypeName] = []
        while True:
            names.append(words.name_until(":"))
            words.need(":")
            parts.append(self.type_name())
            if not words.take(","):
                break
        words.need(">")
        return TypeName("context", tuple(parts), tuple(names))

    def _function_type(self) -> TypeName:
        words = self._words
        if not words.take("<"):
            return TypeName("function")
        parts: list[TypeName] = []
        while words.sign() != ">":
            parts.append(self.type_name())
            if not words.take(","):
                break
        words.need(">")
        words.need("->")
        return TypeName("function", (*parts, self.type_name()))
