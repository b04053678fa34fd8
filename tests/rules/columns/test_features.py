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
    "decimal((1000 - pay / size) * size, 2)",
    "round half up(max(0, 1000 - sum(members.m_pay) / size) * size, 2)",
    "if pay / size < 1000 then decimal((1000 - pay / size) * size, 2) else 3 * age",
    "decimal(min(pay / size, pay / age, 100), 2)",
    "round half up(1000 - 2 * (pay / size), 2)",
    "ceiling(abs(pay / size - 100) * 8)",
    "1000 - pay / size > 100",
    "10 - pay / size in [1..20.25]",
    "(pay / size - 5) / age < 0.5",
    'matches(title, "^[0-9A-HJ-NPQRTUWXY]{18}$")',
    r'matches(title, "^\p{Lu}?[^a-b]|[甲-丙𠀀]c*$")',
    r'matches(status, "\w{1,2}\W|it\'s|\\", "s")',
    r'matches(title, "[\i-[a]]_%")',
    "upper case(title)",
    'replace(title, "a", "b")',
    "string(age)",
    "string(birth) + string(disabled)",
    'birth + duration("P" + string(age - 40) + "M")',
    # Not compiled, by any: the programs do not agree on them, or a column has no place for them.
    "lower case(title)",
    r'matches(title, "(a)\1")',
    r'matches(title, "(a+)+")',
    'matches(title, "a", "i")',
    'replace(title, "[a-b]", "c")',
    "string(pay)",
    "string(decimal(age, 2))",
    "string(if age > 3 then 3.0 else 4)",
    "decimal((1000 - pay / size) * age, 2)",
    "floor((1000 - pay / size) * size)",
    "(1000 - pay / size) * size > 100",
    "pay / size + pay / age < 3",
    "decimal(pay / size * 3, 2)",
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
_EVERYWHERE = frozenset(FEATURES[FEATURES.index("lower case(title)") :])
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
        ("1 + lower case(title)", "small letters", "lower case(title)"),
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
