"""Random FEEL and DMN: whatever it is, there is a value or an error of ours, within a second.

``python -m tests.rules.fuzz --count 1000000`` makes expressions by the grammar, mutates others and
mutates models; each is read, printed, read again and run. What it finds it prints, and fails.
"""

import argparse
import heapq
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import FrameType

from tests.rules.dmn.models import decision, definitions, inputs, literal, table

from longmai.kernel.errors import LongmaiError
from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.running import Engine
from longmai.rules.dmn.writing import write_model
from longmai.rules.feel.built_in import BUILT_INS
from longmai.rules.feel.compiler import Environment, compile_node, compile_tests
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.printer import print_node, print_tests
from longmai.rules.feel.temporal import parse_date_time
from longmai.rules.feel.values import shown

MOST_S = 1.0
_HANGS_S = 30.0
_NOW = parse_date_time("2026-11-24T08:00:00@Asia/Shanghai")
_NAMES = ("a", "b1", "年龄", "monthly income", "profit-loss", "xs", "c", "f")
_VALUES = (
    'if a >= 60 then "y" else null',
    "for i in 1..3, j in [1,2] return i * j + partial[-1]",
    "some x in xs satisfies x > 1 and not(x = 2)",
    '{a b: 1, "c": [1..2], d: function(x: number) x ** 2}.d(3)[1]',
    'date and time("2026-11-24T08:00:00@Asia/Shanghai") - duration("P1DT2H")',
    'substring("陇脉🐎", -1) + string([1, 2.50, null, {a: "b"}])',
    "(< 5, [1..3), ]2..9[, not(3)) instance of list<number>",
    "sort([3,1], function(a, b) a < b)[item > 1][1] between 0 and 9",
    'replace("abc", "[a-c-[b]](.)", "$1\\\\$", "i")',
    "a in (< 5, [1..3], not(2)) // and so on",
    "{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(a)}.r",
    'range("[1..5)").start included = overlaps before([1..5], (3..8])',
    '@"P1Y2M" * 3 - @"P1M" > duration("P1Y")',
    "for i in 1..20 return concatenate(partial[-1], partial[-1], [i])",
    'context put(c, ["x", "y"], get entries(c)).x.y.key',
    "{a: xs[item > 1], b: count(a), c: a[b]}",
)
_WORDS = (
    "..", " and ", " or ", " in ", "not(", "**", " if ", " then ", " else ", "for x in ",
    " return ", "partial", "function(x) ", " between ", " instance of ", "list<", '@"P1D"', "?",
    "null", "[item", "1e999", "1e-6000", '"\\u', "some x in ", " satisfies ", ".a", "(1)", "-",
)  # fmt: skip
_ALPHABET = (*"()[]{},.:+-*/<>=\"'@ \n1a?年\\🐎", *_WORDS)
_LITERALS = (
    "1", "0", "-1", "2.5", "1e30", "0.1", '"a"', '""', '"陇🐎"', "true", "false", "null",
    '@"2026-11-24"', '@"2024-02-29"', '@"08:00:00"', '@"08:00:00Z"', '@"P1D"', '@"-P1Y2M"',
    '@"2026-11-24T08:00:00@Asia/Shanghai"', "[]", "{}", "[1..5)", "(< 3)", "[1,2,3]", "{x: 1}",
    '"P1D"', '"2026-11-24"', '"[a-z]+"', '"1 000,5"', "999999999", "10 ** 6000",
)  # fmt: skip
_TYPES = ("number", "string", "list<number>", "context<a: string>", "function<number> -> Any",
          "range<date>", "date and time", "Any")  # fmt: skip
_FUNCTIONS = (*sorted(BUILT_INS), "now", "today", "range")
_DOMAINS = ("1..3", "xs", "[1..3]", "3..1", "xs", "1..2")
_OPERATORS = ("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", " and ", " or ")


class Hung(BaseException):
    """A case has not ended."""


class Maker:
    """Makes expressions by the grammar.

    Args:
        rng: decides.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._makers: tuple[Callable[[int], str], ...] = (
            self._operators, self._operators, self._called, self._called, self._listed,
            self._context, self._if, self._loop, self._path, self._filter, self._between,
            self._in, self._range, self._lambda, self._type, lambda d: f"-{self.make(d)}",
            lambda d: f"({self.make(d)})",
        )  # fmt: skip

    def make(self, depth: int) -> str:
        """Return an expression of at most so many levels."""
        if depth <= 0 or self._rng.random() < 0.15:
            return self._rng.choice((*_LITERALS, *_NAMES))
        return self._rng.choice(self._makers)(depth - 1)

    def tests(self, depth: int) -> str:
        """Return the tests of a cell."""
        rng = self._rng
        made = [
            f"{rng.choice(('<', '>=', '=', '!=', ''))} {self.make(depth)}"
            for _ in range(rng.randint(1, 3))
        ]
        text = ", ".join(made)
        return f"not({text})" if rng.random() < 0.2 else text

    def _some(self, depth: int, most: int = 3) -> list[str]:
        return [self.make(depth) for _ in range(self._rng.randint(0, most))]

    def _operators(self, depth: int) -> str:
        count = self._rng.choice((2, 2, 2, 3, 7))
        text = self.make(depth)
        for _ in range(count - 1):
            text += f"{self._rng.choice(_OPERATORS)}{self.make(depth - 1)}"
        return text

    def _called(self, depth: int) -> str:
        return f"{self._rng.choice(_FUNCTIONS)}({', '.join(self._some(depth, 4))})"

    def _listed(self, depth: int) -> str:
        return f"[{', '.join(self._some(depth))}]"

    def _context(self, depth: int) -> str:
        names = self._rng.sample(("x", "y z", "a", '"q r"', "f"), self._rng.randint(0, 3))
        return "{" + ", ".join(f"{name}: {self.make(depth)}" for name in names) + "}"

    def _if(self, depth: int) -> str:
        return f"if {self.make(depth)} then {self.make(depth)} else {self.make(depth)}"

    def _loop(self, depth: int) -> str:
        rng = self._rng
        domains = ", ".join(
            f"{rng.choice('xyi')} in {self._domain(depth)}" for _ in range(rng.randint(1, 2))
        )
        word = rng.choice(("for", "some", "every"))
        end = "return" if word == "for" else "satisfies"
        body = rng.choice((self.make(depth), f"x + {self.make(depth)}", "[partial, partial]"))
        return f"{word} {domains} {end} {body}"

    def _domain(self, depth: int) -> str:
        if self._rng.random() < 0.01:
            return "1..100000"
        return self._rng.choice((self.make(depth), *_DOMAINS))

    def _path(self, depth: int) -> str:
        name = self._rng.choice(("x", "y z", "year", "start included", "days", "time offset"))
        return f"({self.make(depth)}).{name}"

    def _filter(self, depth: int) -> str:
        condition = self._rng.choice((self.make(depth), "1", "-1", "item > 1", "x = 1"))
        return f"({self.make(depth)})[{condition}]"

    def _between(self, depth: int) -> str:
        return f"({self.make(depth)}) between {self.make(depth - 1)} and {self.make(depth - 1)}"

    def _in(self, depth: int) -> str:
        return f"({self.make(depth)}) in ({self.tests(depth - 1)})"

    def _range(self, depth: int) -> str:
        rng = self._rng
        return f"{rng.choice('[(]')}{self.make(depth)}..{self.make(depth)}{rng.choice('])[')}"

    def _lambda(self, depth: int) -> str:
        text = f"(function(x, f: number) {self.make(depth)})"
        return f"{text}({', '.join(self._some(depth))})" if self._rng.random() < 0.8 else text

    def _type(self, depth: int) -> str:
        return f"({self.make(depth)}) instance of {self._rng.choice(_TYPES)}"


def _xml(rng: random.Random) -> str:
    maker = Maker(rng)
    rows = table(
        rng.choice(("COLLECT", "UNIQUE", "PRIORITY", "OUTPUT ORDER", "ANY", "FIRST")),
        [maker.tests(1), "> 3", "-"],
        ["x", maker.make(2), "{a: x}"],
        rng.choice(("", '"a","b"', "1,2")),
        rng.choice(("", "SUM", "MIN")),
    )
    context = f'<context><contextEntry><variable name="a"/>{literal(maker.make(2))}</contextEntry>'
    logic = rng.choice((rows, rows, context + "</context>", literal(maker.make(3))))
    return definitions(inputs(x="number") + decision("d", logic, "x")).decode()


def mutated(rng: random.Random, text: str, alphabet: tuple[str, ...]) -> str:
    """Return a text with some of it replaced, taken out or doubled."""
    letters = [*text]
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(letters) + 1)
        if rng.random() < 0.1 and letters:
            begin = rng.randrange(len(letters))
            letters[at:at] = letters[begin : begin + rng.randint(1, 20)] * rng.choice((1, 1, 3, 80))
        else:
            letters[at : at + rng.randint(0, 3)] = rng.choice(alphabet)
    return "".join(letters)


def _environment() -> Environment:
    values = {
        "a": Decimal(7), "b1": "text", "年龄": Decimal(61), "monthly income": Decimal("2500.50"),
        "profit-loss": None, "xs": [Decimal(1), Decimal(2), Decimal(3)],
        "c": {"x": Decimal(1), "y z": ["a", None]},
    }  # fmt: skip
    return Environment(values, now=_NOW)


def run_expression(text: str) -> None:
    """Read, print, read again and run an expression."""
    tree = parse_expression(text, _NAMES)
    printed = print_node(tree)
    try:
        again = parse_expression(printed, _NAMES)
    except LongmaiError as error:
        # Parentheses may take it over the bound.
        if "more than" not in error.what and "deep" not in error.what:
            raise AssertionError(printed) from error
    else:
        assert again == tree, printed
    env = _environment()
    shown(compile_node(tree)(env))
    "".join(map(str, env.problems))


def run_tests(text: str) -> None:
    """Read, print and run tests."""
    tests = parse_unary_tests(text, _NAMES)
    print_tests(tests)
    run = compile_tests(tests)
    value = (Decimal(3), "a", None, [Decimal(1)])[len(text) % 4]
    assert run(_environment(), value) in (True, False, None)


def run_model(text: str) -> None:
    """Read, write, read again and run a model."""
    model = read_model(text.encode("utf-8", "replace"))
    # Names within what is no part of a model are not written.
    assert replace(read_model(write_model(model)), names=model.names) == model
    outcome = Engine(model).decide("d", {"x": Decimal(4)}, _NOW)
    shown(outcome.value)
    "".join(map(str, outcome.problems))


def case(rng: random.Random) -> tuple[Callable[[str], None], str]:
    """Return what runs a case, and its text."""
    chosen = rng.random()
    maker = Maker(rng)
    if chosen < 0.45:
        return run_expression, maker.make(rng.randint(1, 4))
    if chosen < 0.55:
        return run_tests, maker.tests(rng.randint(0, 3))
    if chosen < 0.75:
        return run_expression, mutated(rng, rng.choice(_VALUES), _ALPHABET)
    if chosen < 0.92:
        return run_expression, mutated(rng, maker.make(rng.randint(1, 3)), _ALPHABET)
    return run_model, mutated(rng, _xml(rng), ("", "<", ">", '"', "&", "x", "/", " ", "d", "#"))


def fuzz(count: int, seed: int, progress: bool = False) -> list[tuple[float, str]]:
    """Run cases and return the slowest with their seconds.

    Raises:
        AssertionError: one raised what is not ours, was printed as another, or took too long.
    """
    slowest: list[tuple[float, str]] = []
    started = time.monotonic()
    for i in range(count):
        rng = random.Random(f"{seed}/{i}")
        run, text = case(rng)
        if progress:
            signal.setitimer(signal.ITIMER_REAL, _HANGS_S)
        began = time.thread_time()
        try:
            run(text)
        except LongmaiError:
            pass
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            message = f"case {seed}/{i}: {type(error).__name__} {error}: {text!r}"
            raise AssertionError(message) from error
        took = time.thread_time() - began
        assert took <= MOST_S, f"case {seed}/{i} took {took:.1f} s: {text!r}"
        heapq.heappush(slowest, (took, text))
        if len(slowest) > 5:
            heapq.heappop(slowest)
        if progress and (i + 1) % 10_000 == 0:
            rate = (i + 1) / (time.monotonic() - started)
            sys.stdout.write(f"{i + 1:,} of {count:,}, {rate:,.0f} a second\n")
            sys.stdout.flush()
    return sorted(slowest, reverse=True)


def _hung(_signal: int, _frame: FrameType | None) -> None:
    raise Hung(f"more than {_HANGS_S:.0f} s")


def main() -> int:
    """Run as many cases as asked for, and print the slowest."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--count", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=20261124)
    options = arguments.parse_args()
    signal.signal(signal.SIGALRM, _hung)
    for took, text in fuzz(options.count, options.seed, progress=True):
        sys.stdout.write(f"{took:.3f} s: {text[:200]!r}\n")
    sys.stdout.write(f"{options.count:,} cases, seed {options.seed}: nothing found\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
