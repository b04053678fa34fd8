"""Questions to the solver: bounded in time and work, the same answer each time.

z3 comes with ``pip install longmai[check]``; without it the checks say so, and the rest runs on.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

QUERY_MS = 200
"""Time of one question."""
QUERY_WORK = 3_000_000
"""Work of one question, as z3 counts it: what bounds it alike on a fast and a slow machine."""
_LADDER = (100, 3_000, 100_000)
_LOCK = threading.Lock()


def is_available() -> bool:
    """Tell whether the solver is installed."""
    return find_spec("z3") is not None


@contextmanager
def alone() -> Iterator[None]:
    """Hold the solver: it does one thing at a time, and other threads wait.

    Each time it begins anew. What it finds hangs on the order in which it met its variables, and
    what was asked before must not change an answer.
    """
    import z3  # noqa: PLC0415 - an extra

    from longmai.rules.checks.logic import forget  # noqa: PLC0415 - needs the solver

    with _LOCK:
        forget()
        z3.z3._main_ctx = z3.Context()  # noqa: SLF001 - there is no other way to begin anew
        z3.Z3_enable_concurrent_dec_ref(z3.main_ctx().ref())
        yield


class OutOfTime(Exception):
    """The time for all questions together is used up."""


class Budget:
    """Time for all questions about something.

    Args:
        seconds: from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def spend(self) -> None:
        """Go on.

        Raises:
            OutOfTime: it is used up.
        """
        if time.monotonic() > self._end:
            raise OutOfTime


class Questions:
    """A solver that knows what somebody's data can be.

    Args:
        domain: what holds of the data.
        budget: time for all of it.

    Attributes:
        undecided: how many questions it gave up on.
    """

    def __init__(self, domain: Sequence[Any], budget: Budget) -> None:
        import z3  # noqa: PLC0415 - an extra

        self._z3, self._budget = z3, budget
        self._solver = z3.Solver()
        for name, value in (("timeout", QUERY_MS), ("random_seed", 0), ("rlimit", QUERY_WORK)):
            self._solver.set(name, value)
        self._solver.add(*domain)
        self.undecided = 0

    def find(self, *wanted: Any, near: Any = None) -> Any:
        """Return a solution; None where there is none, or none was found in time.

        Args:
            wanted: what it must be.
            near: returns, for a size, what keeps numbers at that size: small ones are preferred.
        """
        found = self._ask(wanted)
        if isinstance(found, bool) or found is None:
            return None
        for size in () if near is None else _LADDER:
            small = self._ask([*wanted, *near(size)], counts=False)
            if small is not None and small is not False:
                return small
        return found

    def can_be(self, *wanted: Any) -> bool | None:
        """Tell whether something can be; None where it stays undecided."""
        found = self._ask(wanted)
        return found if found is None or found is False else True

    def _ask(self, wanted: Sequence[Any], *, counts: bool = True) -> Any:
        """Return a solution, False, or None where it stays undecided."""
        self._budget.spend()
        if any(each is False for each in wanted):
            return False
        self._solver.push()
        self._solver.add(*(each for each in wanted if each is not True))
        answer = self._solver.check()
        model = self._solver.model() if answer == self._z3.sat else None
        self._solver.pop()
        if model is not None:
            return model
        if answer == self._z3.unsat:
            return False
        self.undecided += counts
        return None
