"""FEEL by its laws: text and tree, three-valued logic, decimals, and that nothing else escapes."""

import contextlib
import random
import time
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.feel.trees import NAMES, trees

from longmai.kernel.errors import Invalid, LongmaiError
from longmai.rules.feel.compiler import Environment, compile_node, evaluate
from longmai.rules.feel.parser import MAX_DEPTH, parse_expression, parse_unary_tests
from longmai.rules.feel.printer import print_node, print_tests
from longmai.rules.feel.tree import Node, UnaryTests
from longmai.rules.feel.values import ARITHMETIC

TRUTHS = (True, False, None)
SEEDS = (
    'if age >= 60 then "y" else null',
    "for i in 1..3, j in [1,2] return i * j + partial[-1]",
    "some x in [1,2] satisfies x > 1 and not(x = 2)",
    '{a b: 1, "c": [1..2], d: function(x: number) x ** 2}.d(3)[1]',
    'date and time("2026-11-24T08:00:00@Asia/Shanghai") - duration("P1DT2H")',
    'substring("陇脉", -1) + string([1, 2.50, null, {a: "b"}])',
    "(< 5, [1..3), ]2..9[, not(3)) instance of list<number>",
    "sort([3,1], function(a, b) a < b)[item > 1][1] between 0 and 9",
)
number = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)


@given(trees)
def test_what_is_printed_is_parsed_to_the_same_tree(tree: Node) -> None:
    """For every kind of node, names with blanks and signs among them."""
    text = print_node(tree)
    assert parse_expression(text, NAMES) == tree


@given(st.lists(trees, min_size=1, max_size=3), st.booleans())
def test_tests_are_printed_and_parsed_alike(found: list[Node], negated: bool) -> None:
    """Those of a cell, too."""
    tests = UnaryTests(tuple(found), negated)
    text = print_tests(tests)
    assert print_tests(parse_unary_tests(text, NAMES)) == text


@given(trees)
@settings(max_examples=300)
def test_no_tree_raises_when_it_runs(tree: Node) -> None:
    """Null and a problem, never an exception, whatever stands where."""
    env = Environment({name: Decimal(7) for name in NAMES[:4]})
    compile_node(tree)(env)


@pytest.mark.parametrize(("one", "other"), list(product(TRUTHS, TRUTHS)))
def test_three_valued_logic(one: bool | None, other: bool | None) -> None:
    """Tables 50 and 51, De Morgan, and that order does not matter."""
    both = evaluate("a and b", a=one, b=other)
    either = evaluate("a or b", a=one, b=other)
    known = one is not None and other is not None
    assert both is (False if False in (one, other) else (True if known else None))
    assert either is (True if True in (one, other) else (False if known else None))
    assert both is evaluate("b and a", a=one, b=other)
    assert either is evaluate("b or a", a=one, b=other)
    assert evaluate("not(a and b)", a=one, b=other) is evaluate("not(a) or not(b)", a=one, b=other)


@given(number, number, st.sampled_from(["+", "-", "*", "/"]))
def test_decimals_are_those_of_34_digits(one: Decimal, other: Decimal, operator: str) -> None:
    """Python's decimal, at the precision of the standard, is the other opinion."""
    found = evaluate(f"a {operator} b", a=one, b=other)
    if operator == "/" and not other:
        assert found is None
        return
    run = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}[operator]
    assert found == getattr(ARITHMETIC, run)(one, other)


@given(number, number)
def test_comparisons_are_a_total_order_of_numbers(one: Decimal, other: Decimal) -> None:
    """Exactly one of the three holds."""
    found = [evaluate(f"a {sign} b", a=one, b=other) for sign in ("<", "=", ">")]
    assert sorted(found) == [False, False, True]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1 +", "line 1, column 4"),
        ("(1", "line 1, column 3"),
        ("if a then b", "line 1, column 12"),
        ('"open', "line 1, column 1"),
        ("{a 1}", "line 1, column 2"),
        ("1\n+ * 2", "line 2, column 3"),
        ("f(a: 1, 2)", "line 1, column 9"),
        ("", "line 1, column 1"),
    ],
)
def test_a_mistake_is_placed(text: str, place: str) -> None:
    """By line and column."""
    with pytest.raises(Invalid) as caught:
        parse_expression(text, ["a"])
    assert caught.value.place is not None
    assert caught.value.place.startswith(place.rsplit(",", 1)[0])


@pytest.mark.parametrize(
    "mark", ["(", "[", "{a:", "-", "if ", "not(", "x[", "f(", "1+(", "for i in "]
)
def test_deep_nesting_ends_in_our_own_error(mark: str) -> None:
    """However deep, the program's own stack is not what ends it."""
    for depth in (MAX_DEPTH - 2, 10_000):
        with contextlib.suppress(Invalid):
            evaluate(mark * depth + "1")


def test_deep_chains_are_no_nesting() -> None:
    """A long sum, a long path and many minus signs are read and run."""
    assert evaluate("+".join(["1"] * 5_000)) == 5_000
    assert evaluate("-" * 4_000 + "1") == 1
    assert evaluate("[" + ",".join(["1"] * 10_000) + "][10000]") == 1


@pytest.mark.slow
def test_mutated_texts_end_in_our_own_errors_soon() -> None:
    """Twenty thousand mutations: a value or our own error, within a second each."""
    rng = random.Random(20261124)
    words = ("..", " and ", " if ", " in ", "not(", "**")
    alphabet = [*"()[]{},.:+-*/<>=\"'@ \n1a?年\\", *words]
    for _ in range(20_000):
        text = [*rng.choice(SEEDS)]
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(text) + 1)
            text[at : at + rng.randint(0, 3)] = rng.choice(alphabet)
        started = time.perf_counter()
        with contextlib.suppress(LongmaiError):
            evaluate("".join(text), age=Decimal(61))
        assert time.perf_counter() - started < 5, "".join(text)
