"""Tries a table out: which rules hold for given values, why, and what comes of it.

The engine that runs models runs the trial, too: helper decisions ask it which rules hold.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import (
    Decision,
    DecisionTable,
    Expression,
    Literal,
    Model,
    Output,
    Rule,
    Variable,
)
from longmai.rules.dmn.running import Engine
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.running import guarded
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.values import Value
from longmai.rules.grid.models import model_of, needed
from longmai.rules.grid.normal import normal

_MARK = "__longmai_trial_"
_AT = frozenset(("date", "time", "date and time", "dateTime"))
_DURATIONS = re.compile(
    r"(?:days and time|years and months) duration|dayTimeDuration|yearMonthDuration"
)


@dataclass(frozen=True)
class Trial:
    """What came of a trial.

    Attributes:
        value: that the table concludes.
        problems: why values became null.
        inputs: value of each condition's expression.
        hits: numbers of the rules that hold, from 1.
        holds: of each rule, whether each of its tests holds.
    """

    value: Value
    problems: Sequence[str]
    inputs: Sequence[Value]
    hits: Sequence[int]
    holds: Sequence[Sequence[bool]]


def try_table(
    table: DecisionTable,
    given: Mapping[str, Value],
    within: Model | None = None,
    now: DateTime | None = None,
) -> Trial:
    r"""Run a table on given values.

    >>> from decimal import Decimal
    >>> from longmai.rules.grid.reading import read_grid
    >>> table = read_grid("| U | 年龄 || 金额 |\n|-|-||-|\n| 1 | >= 80 || 100 |\n| 2 | < 80 || 0 |")
    >>> trial = try_table(table, {"年龄": Decimal(82)})
    >>> trial.value, trial.hits, trial.holds
    (Decimal('100'), [1], [[True], [False]])

    Args:
        table: to run.
        given: values by the names that it needs.
        within: a model whose types and functions the table may use.
        now: the present instant.
    """
    table = normal(table)
    model = model_of(table, within=within)
    [decision] = [each for each in model.elements if isinstance(each, Decision)]
    columns = range(len(table.inputs))
    helpers: dict[str, Expression] = {}
    for i, each in enumerate(table.inputs):
        helpers[f"{_MARK}holds_{i}"] = _hits(table, i)
        helpers[f"{_MARK}value_{i}"] = Literal(each.expression, each.type)
    more = [
        replace(decision, id=name, variable=Variable(name), expression=expression)
        for name, expression in helpers.items()
    ]
    engine = Engine(replace(model, elements=[*model.elements, *more]))

    def asked(name: str, i: int) -> Value:
        return engine.decide(f"{_MARK}{name}_{i}", given, now).value

    outcome = engine.decide(decision.variable.name, given, now)
    holding = [set(map(int, asked("holds", i) or ())) for i in columns]
    holds = [[number in each for each in holding] for number in range(1, len(table.rules) + 1)]
    return Trial(
        outcome.value,
        list(dict.fromkeys(map(str, outcome.problems))),
        [asked("value", i) for i in columns],
        [number for number, each in enumerate(holds, 1) if all(each)],
        holds,
    )


def _hits(table: DecisionTable, column: int) -> DecisionTable:
    """Return the table that lists the numbers of the rules whose test in a column holds."""
    rules = [Rule([rule.tests[column]], [str(i)]) for i, rule in enumerate(table.rules, 1)]
    return DecisionTable([table.inputs[column]], [Output("")], rules, "RULE ORDER")


def given_of(
    table: DecisionTable, texts: Mapping[str, str], within: Model | None = None
) -> dict[str, Value]:
    """Return the values that people wrote for the names that a table needs.

    Where a condition names the type, the value is written as such: ``A`` for a text,
    ``2026-01-31`` for a date. Else, and for what needs more, it is written as FEEL.

    Raises:
        Invalid: a text is no value; ``place`` is the name.
    """
    wanted = needed(table, within)
    return {
        each.name: _value(texts[each.name].strip(), each)
        for each in wanted
        if texts.get(each.name, "").strip()
    }


def _value(text: str, wanted: Variable) -> Value:
    try:
        if wanted.type == "string" and not text.startswith('"'):
            return text
        if (
            (wanted.type in _AT or _DURATIONS.fullmatch(wanted.type))
            and text[0].isalnum()
            and "(" not in text
        ):
            return _of_feel(f'@"{text}"')
        return _of_feel(text)
    except Invalid as error:
        raise Invalid(
            "this is no value",
            code="table.given",
            place=wanted.name,
            value=text,
            mend=error.mend or 'write a number, "a text" in quotes, true, false or @"2026-01-31"',
        ) from None


def _of_feel(text: str) -> Value:
    env = Environment({})
    value = guarded(compile_node(parse_expression(text)))(env)
    if value is None and env.problems:
        raise Invalid(str(env.problems[0]))
    return value
