"""The value of a parameter at which a cost meets a target: bisection on whole steps.

A cost that falls and rises again has no one answer. It is looked at across the range first, and
every value that the search asks for must keep the direction; else that is said, with the places.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from longmai.kernel.errors import Invalid

Cost = Callable[[Decimal], int]
_LOOKS = 8
MOST_STEPS = 10**9


class Outcome(StrEnum):
    """How a search ended."""

    FOUND = "found"
    TOO_LOW = "below the range"
    TOO_HIGH = "above the range"
    FLAT = "the cost does not depend on it"
    NOT_MONOTONE = "the cost both rises and falls"


@dataclass(frozen=True)
class Search:
    """What came of a search.

    Attributes:
        outcome: where it is not ``FOUND`` there is no value.
        value: the step whose cost is nearest to the target.
        cost_fen: there.
        tried: values and costs that were asked for, in order of value; ``NOT_MONOTONE`` shows it.
    """

    outcome: Outcome
    target_fen: int
    value: Decimal | None
    cost_fen: int | None
    tried: tuple[tuple[Decimal, int], ...]


def search(cost: Cost, target_fen: int, low: Decimal, high: Decimal, step: Decimal) -> Search:
    """Return the value between two bounds at which a cost is nearest to a target.

    >>> found = search(lambda value: int(value) * 100, 1050, Decimal(0), Decimal(50), Decimal(1))
    >>> found.value, found.cost_fen
    (Decimal('10'), 1000)

    Args:
        cost: in fen, of a value; it rises or falls, and need not be smooth.
        target_fen: to meet.
        low: least value.
        high: greatest value; taken down to a whole number of steps from ``low``.
        step: between values.

    Raises:
        Invalid: the bounds or the step are no range.
    """
    count = int((high - low) / step) if step > 0 and high > low else 0
    if not 0 < count <= MOST_STEPS:
        raise Invalid(
            "the bounds and the step are no range", code="search.range",
            value=f"{low} – {high}, {step}", mend="the upper bound lies above, by some steps",
        )  # fmt: skip
    return _Walk(cost, target_fen, low, step, count).run()


class _Walk:
    def __init__(
        self, cost: Cost, target_fen: int, low: Decimal, step: Decimal, count: int
    ) -> None:
        self._cost, self._target = cost, target_fen
        self._low, self._step, self._count = low, step, count
        self._known: dict[int, int] = {}

    def run(self) -> Search:
        for each in sorted({self._count * i // _LOOKS for i in range(_LOOKS + 1)}):
            self._at(each)
        sign = self._direction()
        if sign is None:
            return self._end(Outcome.NOT_MONOTONE)
        first, last = self._known[0], self._known[self._count]
        if first == last:
            return self._end(Outcome.FOUND if first == self._target else Outcome.FLAT, 0)
        if sign * (self._target - first) < 0:
            return self._end(Outcome.TOO_LOW if sign > 0 else Outcome.TOO_HIGH)
        if sign * (self._target - last) > 0:
            return self._end(Outcome.TOO_HIGH if sign > 0 else Outcome.TOO_LOW)
        below, above = self._bracket(sign)
        while above - below > 1:
            middle = (below + above) // 2
            if sign * (self._target - self._at(middle)) >= 0:
                below = middle
            else:
                above = middle
        if self._direction() is None:
            return self._end(Outcome.NOT_MONOTONE)
        near = min((below, above), key=lambda at: abs(self._at(at) - self._target))
        return self._end(Outcome.FOUND, near)

    def _at(self, number: int) -> int:
        if number not in self._known:
            self._known[number] = self._cost(self._low + number * self._step)
        return self._known[number]

    def _direction(self) -> int | None:
        """Return 1 where the cost rises or stays, -1 where it falls; None: both."""
        costs = [cost for _, cost in sorted(self._known.items())]
        rises = all(a <= b for a, b in pairwise(costs))
        falls = all(a >= b for a, b in pairwise(costs))
        return 1 if rises else -1 if falls else None

    def _bracket(self, sign: int) -> tuple[int, int]:
        places = sorted(self._known)
        below = max(p for p in places if sign * (self._target - self._known[p]) >= 0)
        above = min((p for p in places if p > below), default=below)
        return below, above

    def _end(self, outcome: Outcome, at: int | None = None) -> Search:
        tried = tuple((self._low + n * self._step, cost) for n, cost in sorted(self._known.items()))
        if outcome is not Outcome.FOUND or at is None:
            return Search(outcome, self._target, None, None, tried)
        value = self._low + at * self._step
        return Search(outcome, self._target, value, self._known[at], tried)
