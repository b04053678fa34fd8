"""Checks a table cell by cell: each is FEEL, its names are known, its constants allowed."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.compiler import Environment, Test, compile_node, compile_tests
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.running import guarded
from longmai.rules.feel.tree import At, Name, Negation, Node, Number, Text, Truth
from longmai.rules.feel.values import text_of
from longmai.rules.feel.words import KEYWORDS
from longmai.rules.grid.full_width import full_width_in
from longmai.rules.grid.places import Cell, CellInvalid
from longmai.rules.grid.scope import Scope, free_names

MAX_CELLS = 20_000
MAX_FINDINGS = 200
"""More than these are not looked for: who mends them asks again."""
Parsed = TypeVar("Parsed")
_WORDS = re.compile(r"[^\W\d]\w*(?: +\w+)*")
_DAY = re.compile(
    r"(?<![\w.-])((?:19|20)\d\d)[-/](1[0-2]|0?[1-9])[-/](3[01]|[12]\d|0?[1-9])(?![\w.-])"
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_AT = re.compile(r"line (\d+), column (\d+)")
_ORDERED = {"PRIORITY", "OUTPUT ORDER"}


def check_table(table: DecisionTable, scope: Scope | None = None) -> list[CellInvalid]:
    """Return what is wrong in a table, cell by cell.

    Args:
        table: in its normal form.
        scope: the names and types around it.
    """
    found = _Check(table, scope or Scope())
    found.run()
    return found.findings


def names_for(table: DecisionTable, scope: Scope) -> list[str]:
    """Return the names that the parser must know: those around, and headings of several words."""
    headed = [each.expression for each in table.inputs if _is_name(each.expression)]
    return [*(scope.names or ()), *headed]


def _is_name(text: str) -> bool:
    return bool(_WORDS.fullmatch(text)) and not KEYWORDS & set(text.split())


def offset_of(error: Invalid, text: str) -> int:
    """Return which character of an expression an error of the parser is about."""
    found = _AT.search(error.place or "")
    if found is None:
        return 0
    line, column = int(found[1]), int(found[2])
    before = text.split("\n")[: line - 1]
    return sum(len(each) + 1 for each in before) + column - 1


@dataclass
class _Check:
    table: DecisionTable
    scope: Scope
    findings: list[CellInvalid] = field(default_factory=list)

    def run(self) -> None:
        self._names = names_for(self.table, self.scope)
        self._policy()
        self._headings()
        tests = [self._allowed(i, each.values) for i, each in enumerate(self.table.inputs)]
        first = len(self.table.inputs)
        results = [
            self._allowed(first + i, each.values) for i, each in enumerate(self.table.outputs)
        ]
        for i, output in enumerate(self.table.outputs):
            self._conclusion(output.default, Cell("default", first + i), results[i])
        for number, rule in enumerate(self.table.rules, 1):
            if len(self.findings) > MAX_FINDINGS:
                return
            for i, test in enumerate(rule.tests):
                self._tests(test, Cell("rule", i, number), tests[i])
            for i, text in enumerate(rule.conclusions):
                self._conclusion(text, Cell("rule", first + i, number), results[i])

    def _policy(self) -> None:
        table = self.table
        if not table.outputs:
            self._say("a table has at least one output", Cell("policy"), "outputs")
        if table.aggregation and table.hit_policy == "COLLECT" and len(table.outputs) > 1:
            self._say(
                "only a table of one output can be added up, counted or compared",
                Cell("policy"),
                "aggregation",
                mend="use C, or keep one output",
            )
        if table.hit_policy in _ORDERED and not any(each.values for each in table.outputs):
            self._say(
                "this hit policy orders by the allowed values of an output, and none has any",
                Cell("policy"),
                "order",
                mend="list the values of an output, the first counts most",
            )

    def _headings(self) -> None:
        first = len(self.table.inputs)
        for i, each in enumerate(self.table.inputs):
            self._input(each.expression, Cell("head", i))
            self._type(each.type, Cell("type", i))
        names = Counter(each.name for each in self.table.outputs)
        for i, output in enumerate(self.table.outputs):
            cell = Cell("head", first + i)
            if not output.name and len(self.table.outputs) > 1:
                self._say("an output has no name", cell, "unnamed", mend="name each output")
            elif names[output.name] > 1:
                self._say("two outputs have the same name", cell, "twice", value=output.name)
            self._type(output.type, Cell("type", first + i))
        self._type(self.table.type, Cell("policy"))

    def _input(self, text: str, cell: Cell) -> None:
        if not text:
            self._say("an input has no expression", cell, "empty", mend="write what is looked at")
            return
        if _is_name(text) and " " in text:
            self._known([text], cell)
            return
        node = self._parsed(text, cell, lambda: parse_expression(text, self._names))
        if node is not None:
            self._known(list(free_names(node)), cell)

    def _type(self, text: str, cell: Cell) -> None:
        if not text:
            return
        try:
            unknown = self.scope.unknown_type(text)
        except Invalid:
            unknown = text
        if unknown:
            mend = "write number, string, boolean, date, or another type of FEEL"
            self._say(f"no type is called '{unknown}'", cell, "type", value=text, mend=mend)

    def _allowed(self, column: int, text: str) -> tuple[Test, str] | None:
        if not text:
            return None
        cell = Cell("values", column)
        parsed = self._parsed(text, cell, lambda: parse_unary_tests(text, self._names))
        if parsed is None:
            return None
        self._known([name for each in parsed.tests for name in free_names(each)], cell)
        return compile_tests(parsed), text

    def _tests(self, text: str, cell: Cell, allowed: tuple[Test, str] | None) -> None:
        parsed = self._parsed(
            text or "-", cell, lambda: parse_unary_tests(text or "-", self._names)
        )
        if parsed is not None:
            self._judge(parsed.tests, cell, allowed)

    def _conclusion(self, text: str, cell: Cell, allowed: tuple[Test, str] | None) -> None:
        if not text:
            return
        node = self._parsed(text, cell, lambda: parse_expression(text, self._names))
        if node is not None:
            self._judge((node,), cell, allowed)

    def _judge(self, nodes: Sequence[Node], cell: Cell, allowed: tuple[Test, str] | None) -> None:
        names = [name for node in nodes for name in free_names(node)]
        bare_texts = [] if allowed is None else list(_bare_texts(nodes, allowed[0]))
        for name in bare_texts:
            self._say(
                f"the text {name} stands without quotes",
                cell,
                "quotes",
                words={"name": name},
                value=name,
                mend=f'write "{name}"',
            )
        self._known([name for name in names if name not in bare_texts], cell)
        if allowed is not None:
            for node in filter(_is_constant, nodes):
                self._held(node, cell, *allowed)

    def _held(self, node: Node, cell: Cell, allowed: Test, listed: str) -> None:
        env = Environment({})
        value = guarded(compile_node(node))(env)
        if value is None or allowed(env, value) is True:
            return
        self._say(
            "this is none of the allowed values",
            cell,
            "allowed",
            words={"allowed": listed},
            value=text_of(value, inside=True),
            mend=f"allowed are {listed}",
        )

    def _known(self, names: Sequence[str], cell: Cell) -> None:
        for name in dict.fromkeys(names):
            if len(self.findings) > MAX_FINDINGS:
                return
            if self.scope.knows(name):
                continue
            near = self.scope.near(name)
            hint = full_width_in(name, any_sign=True)
            mend = f"did you mean {near}?" if near else f'a text stands in quotes: "{name}"'
            if hint is not None:
                mend = f"for {hint[1]} write {hint[2]}"
            code = "name.near" if near and hint is None else "name"
            words = {"name": name, "near": near}
            self._say(f"nothing is called '{name}' here", cell, code, words=words, mend=mend)

    def _parsed(self, text: str, cell: Cell, parse: Callable[[], Parsed]) -> Parsed | None:
        wide = full_width_in(text, self._names)
        if wide is not None:
            self._full_width(cell, *wide)
            return None
        day = _DAY.search(_QUOTED.sub(lambda found: " " * len(found[0]), text))
        if day is not None:
            self._day(cell, day)
        try:
            return parse()
        except Invalid as error:
            wide = full_width_in(text, self._names, any_sign=True)
            if wide is not None:
                self._full_width(cell, *wide)
                return None
            self.findings.append(_of_parser(error, text, cell, cell.named(self.table)))
            return None

    def _day(self, cell: Cell, day: re.Match[str]) -> None:
        written = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
        self._say(
            "a date is not written like this: it would be subtracted or divided",
            cell,
            "date",
            words={"date": written},
            at=day.start(),
            advice="/" in day[0],  # a yearly amount by months and days looks the same
            value=day[0],
            mend=f'write @"{written}"',
        )

    def _full_width(self, cell: Cell, at: int, sign: str, plain: str) -> None:
        self._say(
            f"{sign} is a full-width sign",
            cell,
            "full_width",
            words={"sign": sign, "plain": plain},
            at=at,
            mend=f"write {plain}",
        )

    def _say(self, what: str, cell: Cell, code: str, **more: Any) -> None:
        self.findings.append(
            CellInvalid(what, cell, code=f"table.{code}", place=cell.named(self.table), **more)
        )


def _of_parser(error: Invalid, text: str, cell: Cell, place: str) -> CellInvalid:
    rest, mend, code = str(error.value or ""), error.mend, "table.feel"
    if "not closed" in error.what:
        mend, code = 'end it with "; a bar inside it is written \\|', "table.feel.quote"
    elif not rest:
        code = "table.feel.end"
    return CellInvalid(
        error.what,
        cell,
        {"rest": rest},
        at=offset_of(error, text),
        code=code,
        place=place,
        value=rest or text,
        mend=mend,
    )


def _bare_texts(nodes: Sequence[Node], allowed: Test) -> Iterator[str]:
    """Yield the names that are an allowed text, had they quotes."""
    env = Environment({})
    for node in nodes:
        if isinstance(node, Name) and allowed(env, node.name) is True:
            yield node.name


def _is_constant(node: Node) -> bool:
    if isinstance(node, Negation):
        return isinstance(node.operand, Number)
    return isinstance(node, Number | Text | Truth | At)
