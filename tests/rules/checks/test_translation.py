"""Formulas mean what the interpreter says: random rules, asked about random people."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.checks.policies import policy

from longmai.rules.checks import terms
from longmai.rules.checks.eras import eras_of
from longmai.rules.checks.finding import value_in_words
from longmai.rules.checks.formulas import Formulas, clock_of
from longmai.rules.checks.logic import all_of, compared, same
from longmai.rules.checks.people import Variable
from longmai.rules.checks.solver import Budget, Questions
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.temporal import Date
from longmai.rules.policy.household import definitions
from longmai.rules.policy.strict import strict

DATA = """\
数据:
  甲: {类型: 数, 单位: 岁}
  乙: {类型: 数, 单位: 元}
  类: {类型: 文本, 可选: [子, 丑]}
  真: {类型: 是否}
  日: {类型: 日期}
成员:
  年龄: {类型: 数, 单位: 岁}
  残: {类型: 是否}
"""
USED = (
    '甲 >= 0 and 乙 >= 0 and 类 = "子" and 真 and 日 > @"2000-01-01"'
    " and count(成员[残]) >= 0 and count(成员[年龄 > 1]) >= 0"
)
POLICY = policy(DATA, f"条件:\n  - {{名称: 用到, 条: 第一条, 判断: '{USED}'}}", unit="家庭")
_number: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(("甲", "乙", "0", "1", "2.5", "日.year - 1990", "日.month", "日.day")),
        st.sampled_from(
            ("户人数", "等值人数", "sum(成员.年龄)", "count(成员[残])", "max(成员.年龄)")
        ),
        st.sampled_from(
            ("mean(成员[残 = true].年龄)", "sum(成员[年龄 >= 甲].年龄)", "min(甲, 乙, 3)")
        ),
        st.just("years and months duration(日, today()).years"),
        st.just('years and months duration(@"2010-02-28", 日).months'),
        st.sampled_from(("(today() - 日).days / 100", '(日 - @"2024-02-29").days')),
        st.builds("({} {} {})".format, _number, st.sampled_from("+-*/"), _number),
        st.builds("(if {} then {} else {})".format, _truth, _number, _number),
        st.builds("{}({})".format, st.sampled_from(("floor", "ceiling", "abs", "-")), _number),
        st.builds("round half up({}, 1)".format, _number),
        st.builds("modulo({}, 3)".format, _number),
    )
)
_truth: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(("真", "true", "null", '类 = "子"', '类 in ("丑", "寅")', "not(真)")),
        st.sampled_from(('日 >= @"2015-06-15"', '日 + duration("P18Y") <= today()')),
        st.sampled_from(
            ("some 人 in 成员 satisfies 人.残", "every 人 in 成员 satisfies 人.年龄 > 甲")
        ),
        st.sampled_from(("list contains([1, 2, 3], 甲)", "odd(甲)", "even(户人数)", "甲 = null")),
        st.builds(
            "({} {} {})".format, _number, st.sampled_from(("<", "<=", "=", ">", "!=")), _number
        ),
        st.builds("({} {} {})".format, _truth, st.sampled_from(("and", "or")), _truth),
        st.builds("{} in [{}..{})".format, _number, _number, _number),
        st.builds("{} between {} and {}".format, _number, _number, _number),
        st.builds("(if {} then {} else {})".format, _truth, _truth, _truth),
    )
)
_member = st.fixed_dictionaries({"年龄": st.integers(0, 3).map(Decimal), "残": st.booleans()})
_person = st.fixed_dictionaries(
    {
        "甲": st.integers(0, 4).map(Decimal),
        "乙": st.integers(0, 500).map(lambda n: Decimal(n) / 100),
        "类": st.sampled_from(("子", "丑")),
        "真": st.booleans(),
        "日": st.integers(0, 20_000).map(lambda n: date(1975, 1, 1) + timedelta(days=n)),
        "成员": st.lists(_member, min_size=1, max_size=2),
    }
)


def _pinned(variable: Variable, value: Any, symbols: Any) -> Any:
    term = variable.term
    match value:
        case bool():
            return same(term.value, value)
        case Decimal():
            return compared("=", term.value, terms.constant(value, symbols).value)
        case str():
            return term.value == symbols.code(value)
    return compared("=", term.value.key, terms.constant(value, symbols).value.key)


@given(_truth, _person)
@settings(max_examples=300, deadline=None)
def test_a_formula_is_true_where_the_interpreter_says_so(text: str, person: dict[str, Any]) -> None:
    """True, false and unknown agree, for everything that is translated in full."""
    day = person["日"]
    values = person | {"日": Date(day.year, day.month, day.day)}
    [era] = eras_of(POLICY)
    formulas = Formulas(POLICY, era, len(values["成员"]))
    symbols = formulas.translate.symbols
    node = parse_expression(text, [*POLICY.inputs, "成员", "户人数", "等值人数"])
    term = formulas.translate(node)
    if formulas.translate.loose:
        return
    pins = []
    for each in formulas.person.variables:
        row = values if each.member is None else values["成员"][each.member]
        pins.append(_pinned(each, row[each.datum.name], symbols))
    env = Environment(dict(values), now=clock_of(era.day))
    for name, rule in definitions(POLICY).items():
        env.values[name] = compile_node(strict(rule))(env)
    said = compile_node(strict(node))(env)
    questions = Questions(formulas.domain, Budget(20))
    for wanted, answer in ((terms.true(term), True), (terms.false(term), False)):
        can_be = questions.can_be(all_of(*pins, wanted))
        assert can_be in {None, said is answer}, value_in_words(said, "en")


def test_most_rules_are_translated_in_full() -> None:
    """Nothing of what is listed above is beyond the checks."""
    [era] = eras_of(POLICY)
    for text in ("modulo(甲, 3) > 1", '日 + duration("P18Y") <= today()', "mean(成员.年龄) > 2"):
        formulas = Formulas(POLICY, era, 2)
        formulas.translate(parse_expression(text, [*POLICY.inputs, "成员"]))
        assert not formulas.translate.loose, text


@pytest.mark.parametrize("text", ['matches(类, "^子$")', "string length(类) > 甲"])
def test_what_is_beyond_it_may_be_anything(text: str) -> None:
    """A pattern or a text function is a variable of its own: never too little seems possible."""
    [era] = eras_of(POLICY)
    formulas = Formulas(POLICY, era, 1)
    term = formulas.translate(parse_expression(text, [*POLICY.inputs, "成员"]))
    questions = Questions(formulas.domain, Budget(20))
    assert questions.can_be(terms.true(term))
    assert questions.can_be(terms.false(term))
    assert formulas.translate.loose
