"""What compiled expressions share: the environment they run in, and who compiles which node."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import DecimalException
from typing import Any

from longmai.rules.feel.temporal import DateTime, NotTemporal
from longmai.rules.feel.tree import Node, Place, TypeName
from longmai.rules.feel.values import Nothing, Value, shown

MAX_STEPS = 300_000
"""Steps that one evaluation may take: of loops and filters, calls of functions, and problems."""
MAX_CALLS = 60
"""Calls of functions within each other."""
_MAX_PROBLEMS = 1_000
_SIZE_OF_A_STEP = 64
_PROBLEM_STEPS = 4
_NO_TYPES: Mapping[str, TypeName] = {}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value became null.

    Attributes:
        what: one sentence.
        place: decision, rule, line and column, as far as they are known.
        value: the offending value as FEEL text, shortened; empty if there is none.

    >>> print(Problem("a position is a whole number", "line 1, column 4", "1.5"))
    line 1, column 4: a position is a whole number (got 1.5)
    """

    what: str
    place: str = ""
    value: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        return f"{text} (got {self.value})" if self.value else text


class Bounds:
    """What one evaluation has left, so that it ends."""

    __slots__ = ("depth", "steps")

    def __init__(self) -> None:
        self.depth, self.steps = 0, MAX_STEPS

    def spend(self, steps: int) -> None:
        """Take steps.

        Raises:
            Nothing: there are none left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise Nothing(f"this takes more than {MAX_STEPS} steps")

    def call(self, body: "Run", env: "Environment") -> Value:
        """Run the body of a function, so many within each other and no more.

        Raises:
            Nothing: they call each other too deep, or too often.
        """
        if self.depth >= MAX_CALLS:
            raise Nothing(f"functions call each other more than {MAX_CALLS} deep")
        self.spend(1)
        self.depth += 1
        try:
            return body(env)
        finally:
            self.depth -= 1

    def spend_on(self, value: Value) -> Value:
        """Take a step for a value, and more for one that is large; return it."""
        self.spend(1 + len(value) // _SIZE_OF_A_STEP if isinstance(value, str | list) else 1)
        return value


class Environment:
    """What an expression sees.

    Attributes:
        values: by name.
        types: of item definitions, by name.
        problems: why values became null.
        now: the present instant, for ``now()`` and ``today()``; None: there is none.
    """

    __slots__ = ("_bounds", "now", "problems", "types", "values")

    def __init__(
        self,
        values: dict[str, Value],
        types: Mapping[str, TypeName] = _NO_TYPES,
        problems: list[Problem] | None = None,
        now: DateTime | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.values, self.types, self.now, self._bounds = values, types, now, bounds
        self.problems = [] if problems is None else problems

    @property
    def bounds(self) -> Bounds:
        """Return what is left; made when it is first asked for, as most rules need none."""
        found = self._bounds
        if found is None:
            found = self._bounds = Bounds()
        return found

    def with_values(self, more: Mapping[str, Value]) -> "Environment":
        """Return an environment with more names over these."""
        values = {**self.values, **more}
        return Environment(values, self.types, self.problems, self.now, self.bounds)

    def note(self, what: str, at: Place | str | None = None, *values: Value) -> None:
        """Note why a value is null; only so many, as nobody reads more."""
        self.bounds.steps -= _PROBLEM_STEPS
        if len(self.problems) < _MAX_PROBLEMS:
            place = "" if at is None else str(at)
            self.problems.append(Problem(what, place, ", ".join(map(shown, values))))

    def note_reason(self, reason: Exception, at: Place | str | None = None) -> None:
        """Note an exception that means null."""
        if len(self.problems) >= _MAX_PROBLEMS:
            self.bounds.steps -= _PROBLEM_STEPS
        elif isinstance(reason, Nothing):
            self.note(str(reason), at, *reason.values)
        elif isinstance(reason, NotTemporal):
            self.note(str(reason), at)
        elif isinstance(reason, ZeroDivisionError):
            self.note("division by zero", at)
        elif isinstance(reason, RecursionError):
            self.note("values or calls are nested too deep", at)
        else:
            self.note("the number is too large, or there is none", at)


REASONS = (Nothing, NotTemporal, DecimalException, OverflowError, RecursionError)
"""Exceptions that mean null."""
Run = Callable[[Environment], Value]
_COMPILERS: dict[type, Callable[[Any], Run]] = {}


def compiles(kind: type) -> Callable[[Callable[[Any], Run]], Callable[[Any], Run]]:
    """Declare what compiles a kind of node."""

    def declare(compile_: Callable[[Any], Run]) -> Callable[[Any], Run]:
        _COMPILERS[kind] = compile_
        return compile_

    return declare


def compile_node(node: Node) -> Run:
    """Return the function of a tree."""
    return _COMPILERS[type(node)](node)


def guarded(run: Run, at: Place | None = None) -> Run:
    """Return a function whose value is null, with a problem noted, where it has none.

    Args:
        run: may raise what means null.
        at: where the expression stands.
    """

    def tried(env: Environment) -> Value:
        try:
            return run(env)
        except REASONS as reason:
            env.note_reason(reason, at)
            return None

    return tried
