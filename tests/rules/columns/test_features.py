"""What is compiled, for which database; a gap is declared here, and fails once it closes."""

import pytest
from tests.rules.columns.differential import assert_same
from tests.rules.columns.people import SCHEMA, People

from longmai.rules.columns.backend import Backend
from longmai.rules.columns.compiler import compile_expression
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.sql import select
from longmai.rules.feel.parser import parse_expression

NAMES = [*SCHEMA.fields, "m_age", "m_pay", "m_role", "m_birth", "m_disabled"]
FEATURES = (
    "age >= 60 and pay < 5000.50 and not(urban)",
    "age between 18 and 60",
    "age in (< 16, [60..80), 85)",
    'status in ("a", "b", null)',
    "if pay = null then 0 else pay * 0.35",
    "pay / size < 1000",
    "decimal(pay / size, 2)",
    "round half up(pay * rate, 2)",
    "fund * fund",
    "floor(fund * 3.7)",
    "decimal(fund * 1000 / size, 0)",
    "modulo(pay, 7)",
    "sum(pay, fund, 1)",
    "min([age, size, 5])",
    "string length(title) > 2",
    "substring(title, -2, 1)",
    'starts with(title, "a") or contains(title, "乙")',
    'birth < date("1966-11-24")',
    'date("2026-11-24") - birth > duration("P21900D")',
    'birth + duration("P60Y") <= @"2026-11-24"',
    "years and months duration(birth, since).years",
    "date(2024, birth.month, birth.day)",
    "day of week(birth)",
    "seen.hour * 60 + seen.minute + seen.second",
    "seen + wait",
    'term * 2 > @"P1Y"',
    'list contains(["a", "甲"], status)',
    "get or else(pay, 0) + 1",
    "count(members)",
    "count(members[m_age >= 60 and m_disabled]) >= 1",
    "sum(members.m_pay)",
    "sum(members.m_pay) / count(members) < 900",
    "decimal(mean(members[m_age < 18].m_age), 1)",
    "max(members.m_birth)",
    'some m in members satisfies m.m_role = "head"',
    "every m in members satisfies m.m_age < 60 or m.m_disabled",
    'list contains(members.m_role, "child")',
    # Not compiled, by any: the programs do not agree on them, or a column has no place for them.
    "upper case(title)",
    'matches(title, "^a")',
    'replace(title, "a", "b")',
    "string(pay)",
    'date("20" + title)',
    "number(title)",
    "pay / size",
    "sqrt(pay)",
    "members[1].m_age",
    "count(members[m_age > age])",
    "sort(members.m_age)",
    "time(seen)",
    "{a: age}.a",
)
_EVERYWHERE = frozenset(FEATURES[FEATURES.index("upper case(title)") :])
GAPS = {
    "duckdb": _EVERYWHERE,
    "postgres": _EVERYWHERE,
    # Spark divides decimals of 38 digits with a rounding of its own.
    "spark": _EVERYWHERE | {"decimal(fund * 1000 / size, 0)"},
}


@pytest.mark.parametrize("text", FEATURES)
def test_feature(
    request: pytest.FixtureRequest, people: People, backend: Backend, text: str
) -> None:
    """A feature is compiled and right, or its gap is declared."""
    node = parse_expression(text, NAMES)
    if text in GAPS[backend.dialect.name]:
        request.applymarker(pytest.mark.xfail(strict=True, raises=NotCompiled))
    column = compile_expression(node, SCHEMA)
    select({"c": column}, "person", backend.dialect)
    assert_same(people, backend, [(node, column)])


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("1 + upper case(title)", "upper case", "upper case(title)"),
        ("nobody + 1", "nothing is called 'nobody'", "nobody"),
        ("age > 1 and pay / size", "", ""),
        ("count(members[m_age > age])", "sees no column", "age"),
        ("decimal(pay / size, age)", "the same on every row", "decimal"),
    ],
)
def test_a_refusal_names_its_place(text: str, what: str, where: str) -> None:
    """What is refused is named, with the smallest part that is to blame."""
    node = parse_expression(text, NAMES)
    if not what:
        # A quotient is no truth: null, as in FEEL, and no refusal.
        assert compile_expression(node, SCHEMA).type.nullable
        return
    with pytest.raises(NotCompiled, match=what) as found:
        compile_expression(node, SCHEMA)
    assert found.value.where.startswith(where)
