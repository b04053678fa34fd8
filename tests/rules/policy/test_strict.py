"""Unknown kept unknown: where nothing is missing, a rule means what FEEL means by it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.values import Value
from longmai.rules.policy.strict import strict

NUMBERS = st.none() | st.integers(-3, 3).map(Decimal)
EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "1", "0"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*"]), inner),
        st.builds("(if {} > {} then {} else {})".format, inner, inner, inner, inner),
    ),
    max_leaves=6,
)
CONDITIONS = st.recursive(
    st.builds(
        "({} {} {})".format, EXPRESSIONS, st.sampled_from(["=", "!=", "<", ">="]), EXPRESSIONS
    )
    | st.builds("({} in ([0..2], 3))".format, EXPRESSIONS)
    | st.builds("({} between -1 and {})".format, EXPRESSIONS, EXPRESSIONS),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("not({})".format, inner),
    ),
    max_leaves=4,
)


def value(text: str, *, kept: bool, **names: Value) -> Value:
    """Evaluate, with unknown kept unknown or as FEEL has it."""
    node = parse_expression(text)
    return compile_node(strict(node) if kept else node)(Environment(dict(names)))


@given(CONDITIONS, st.integers(-3, 3).map(Decimal), st.integers(-3, 3).map(Decimal))
def test_with_all_known_nothing_changes(text: str, a: Decimal, b: Decimal) -> None:
    """The rewritten rule is the rule."""
    assert value(text, kept=True, a=a, b=b) == value(text, kept=False, a=a, b=b)


@given(CONDITIONS, NUMBERS, NUMBERS, st.integers(-3, 3).map(Decimal))
def test_an_answer_given_without_a_datum_holds_with_any(
    text: str, a: Value, b: Value, found: Decimal
) -> None:
    """True and false are never taken back once the datum is known."""
    before = value(text, kept=True, a=a, b=b)
    if before is not None:
        known = {"a": found if a is None else a, "b": found if b is None else b}
        assert value(text, kept=True, **known) is before


@pytest.mark.parametrize(
    ("text", "feel"),
    [
        ('x = "a"', False),
        ('x != "a"', True),
        ('x in ("a", "b")', False),
        ("if x then 1 else 0", Decimal(0)),
        ("count([{y: 1}, {y: null}][y > 0])", Decimal(1)),
        ("every z in [x] satisfies z = 1", False),
    ],
)
def test_where_feel_decides_and_a_policy_does_not(text: str, feel: Value) -> None:
    """X is not known."""
    assert value(text, kept=False, x=None) == feel
    assert value(text, kept=True, x=None) is None


def test_who_asks_for_null_is_answered() -> None:
    """By name, and in a list of tests."""
    assert value("x = null", kept=True, x=None) is True
    assert value('x in (null, "a")', kept=True, x=None) is True
