"""FEEL by its laws: text and tree, three-valued logic, decimals, and that nothing else escapes."""

import contextlib
import time
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.feel.trees import NAMES, trees

from longmai.kernel.errors import Invalid
from longmai.rules.feel.compiler import Environment, compile_node, evaluate
from longmai.rules.feel.parser import MAX_DEPTH, parse_expression, parse_unary_tests
from longmai.rules.feel.printer import print_node, print_tests
from longmai.rules.feel.tree import Node, UnaryTests
from longmai.rules.feel.values import ARITHMETIC, shown

TRUTHS = (True, False, None)
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


@pytest.mark.parametrize("values", list(product(TRUTHS, TRUTHS, TRUTHS)))
def test_laws_of_three_valued_logic(values: tuple[bool | None, ...]) -> None:
    """Most hold with null, too; that of the excluded middle does not."""
    known = dict(zip("abc", values, strict=True))
    for one, other in (
        ("(a and b) and c", "a and (b and c)"),
        ("(a or b) or c", "a or (b or c)"),
        ("a and (b or c)", "(a and b) or (a and c)"),
        ("a or (b and c)", "(a or b) and (a or c)"),
        ("a or (a and b)", "a"),
        ("a and (a or b)", "a"),
        ("not(a or b)", "not(a) and not(b)"),
        ("not(not(a))", "a"),
        ("a and a", "a"),
        ("a and b and c", "c and b and a"),
        ("a or b or c", "any([a, b, c])"),
        ("a and b and c", "all([a, b, c])"),
    ):
        assert evaluate(one, **known) is evaluate(other, **known), (one, other)
    assert evaluate("a or not(a)", **known) is (None if known["a"] is None else True)


@given(number, number, st.sampled_from(["+", "-", "*", "/"]))
def test_decimals_are_those_of_34_digits(one: Decimal, other: Decimal, operator: str) -> None:
    """Python's decimal, at the precision of the standard, is the other opinion."""
    found = evaluate(f"a {operator} b", a=one, b=other)
    if operator == "/" and not other:
        assert found is None
        return
    run = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}[operator]
    assert found == getattr(ARITHMETIC, run)(one, other)


@given(
    st.decimals(min_value=-999, max_value=999, places=3, allow_nan=False),
    st.decimals(min_value=-9, max_value=9, places=1, allow_nan=False),
)
def test_powers_are_those_of_34_digits(base: Decimal, exponent: Decimal) -> None:
    """Where there is none, of negative numbers or zero, it is null."""
    found = evaluate("a ** b", a=base, b=exponent)
    if not exponent:
        assert found == 1
    elif (not base and exponent < 0) or (base < 0 and exponent != exponent.to_integral_value()):
        assert found is None
    else:
        assert found == ARITHMETIC.power(base, exponent)


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=6, allow_nan=False),
    st.integers(-8, 8),
    st.sampled_from(
        [
            ("decimal", ROUND_HALF_EVEN),
            ("floor", ROUND_FLOOR),
            ("ceiling", ROUND_CEILING),
            ("round up", ROUND_UP),
            ("round down", ROUND_DOWN),
            ("round half up", ROUND_HALF_UP),
            ("round half down", ROUND_HALF_DOWN),
        ]
    ),
)
def test_rounding_is_that_of_python(value: Decimal, scale: int, mode: tuple[str, str]) -> None:
    """All ways, before the point and after it."""
    name, rounding = mode
    found = evaluate(f"{name}(a, b)", a=value, b=Decimal(scale))
    assert found == value.quantize(Decimal(1).scaleb(-scale), rounding)


@given(number, number)
def test_a_remainder_has_the_sign_of_the_divisor(one: Decimal, other: Decimal) -> None:
    """Against whole numbers of Python, which keep that law."""
    scale = 10**40
    a, b = int(one * scale), int(other * scale)
    found = evaluate("modulo(a, b)", a=Decimal(a), b=Decimal(b))
    assert found == (None if not b else ARITHMETIC.create_decimal(a % b))


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('1 +\n "a"', 'line 1, column 3: number + string is not defined (got 1, "a")'),
        ("1 / 0", "line 1, column 3: division by zero"),
        ("[1, 2][3]", "line 1, column 7: there is no item of this position (got 3)"),
        ("[1]\n[1.5]", "line 2, column 1: a position is a whole number (got 1.5)"),
        ("x", "line 1, column 1: nothing is called 'x'"),
        ("{a: 1}.b", "line 1, column 7: the context has no entry 'b' (got {a: 1})"),
        ('abs("a")', ("line 1, column 1: abs: 'n' is number or days and time duration or years "
         'and months duration, not string (got "a")')),
        ("1(2)", "line 1, column 1: what is called is no function (got 1)"),
        ('@"x"', 'line 1, column 1: @"x" is no date, time or duration'),
        ('["a"..1]', ("line 1, column 1: a range has no ends of two kinds, string and number "
         '(got "a", 1)')),
        ("1e9999", "line 1, column 1: the number is too large"),
    ],
)  # fmt: skip
def test_a_problem_says_where_what_and_why(text: str, told: str) -> None:
    """Line and column, a sentence, and the value as FEEL writes it."""
    env = Environment({})
    assert compile_node(parse_expression(text))(env) is None
    assert [str(problem) for problem in env.problems] == [told]


def test_places_are_no_part_of_a_tree() -> None:
    """Equal trees are equal wherever they stood, and show no place."""
    one, other = parse_expression("a + 1"), parse_expression("\n  a+1")
    assert one == other
    assert hash(one) == hash(other)
    assert "at=" not in repr(one)
    assert str(other.at) == "line 2, column 4"


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..100000, j in 1..100000 return 1",
        "{f: function(n) f(n - 1) + f(n - 1), r: f(1)}.r",
        'for i in 1..60 return if i = 1 then "ab" else partial[-1] + partial[-1]',
        "for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
        "for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]",
        "string(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])",
        "flatten(for i in 1..60 return if i = 1 then [] else [partial[-1], partial[-1]])",
        "count(for i in 1..5000 return [partial[-1]]) = 1",
        "(for i in 1..5000 return [partial[-1]]) = (for i in 1..5000 return [partial[-1]])",
        "string(for i in 1..3000 return [partial[-1]])",
        "distinct values(for i in 1..100000 return {a: i, b: [i]})[1]",
        'matches("' + "a" * 40 + '", "(a+)+b")',
        "[1..100000][item > 99999]",
    ],
)
def test_what_would_not_end_ends(text: str) -> None:
    """In a value, or in null with a reason: the number of steps and the sizes are bounded."""
    env = Environment({})
    started = time.thread_time()
    value = compile_node(parse_expression(text))(env)
    shown(value)
    assert all(len(str(problem)) < 500 for problem in env.problems)
    assert time.thread_time() - started < 10
