"""What a conformance suite found: one line of ``make conformance``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SuiteResult:
    """One suite, run on all its cases.

    Attributes:
        name: what the line calls it.
        passed: how many cases hold.
        total: how many cases there are.
        failures: one line for each case that does not hold: which, and why.
    """

    name: str
    passed: int
    total: int
    failures: tuple[str, ...] = ()
