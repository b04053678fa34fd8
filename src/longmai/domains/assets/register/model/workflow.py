"""The way of a registration: 摸底 → 界定 → 公示 → 登记 → 颁证 → 移交, and what comes after it.

Source: the province's guide on registering and handing over assets of assistance projects (trial).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from longmai.kernel.errors import Conflict

STAGES = (
    "surveyed", "determined", "noticed", "registered", "certified", "handed_over", "disposing",
    "disposed",
)  # fmt: skip
WAY = STAGES[:6]

_FROM: Mapping[str, tuple[str, ...]] = {
    # A right may be determined anew after an objection was upheld.
    "determined": ("surveyed", "determined", "noticed"),
    "noticed": ("determined",),
    "registered": ("noticed",),
    "certified": ("registered", "certified", "handed_over"),
    "handed_over": ("certified",),
    "disposing": ("registered", "certified", "handed_over"),
    "disposed": ("disposing",),
}


@dataclass(frozen=True)
class State:
    """Where an asset stands after a record.

    Attributes:
        version: of the asset; each record about it has the next.
        stage: one of ``STAGES``.
        condition: good, normal, low, idle or damaged.
    """

    version: int
    stage: str
    condition: str

    def as_payload(self) -> dict[str, Any]:
        """Return it as a record carries it."""
        return {"version": self.version, "stage": self.stage, "condition": self.condition}

    def at(self, stage: str) -> "State":
        """Return the state at another stage of the way.

        Raises:
            Conflict: that stage does not follow from this one.
        """
        if self.stage not in _FROM[stage]:
            raise Conflict(
                "this step does not follow from where the asset stands",
                code="asset.stage",
                place=stage,
                value=self.stage,
                mend=f"it may follow: {', '.join(_FROM[stage])}",
            )
        return State(self.version, stage, self.condition)


@dataclass(frozen=True)
class Objection:
    """When an objection was filed, and decided; None while it is open."""

    filed_on: date
    decided_on: date | None = None


@dataclass(frozen=True)
class Timer:
    """How a public notice runs.

    Attributes:
        days: that it must have run for.
        run: days it ran, those with an open objection left out.
        open: objections not decided.
        ends_on: first day after it; None while an objection stops it.
    """

    days: int
    run: int
    open: int
    ends_on: date | None

    @property
    def over(self) -> bool:
        """Tell whether it has run its days and nothing stands against it."""
        return self.run >= self.days and not self.open


def timer(starts_on: date, days: int, objections: Sequence[Objection], today: date) -> Timer:
    """Return how a notice stands: each day counts on which no objection was open.

    >>> timer(date(2026, 3, 1), 7, [], date(2026, 3, 8))
    Timer(days=7, run=7, open=0, ends_on=datetime.date(2026, 3, 8))
    >>> stopped = [Objection(date(2026, 3, 3), date(2026, 3, 5))]
    >>> timer(date(2026, 3, 1), 7, stopped, date(2026, 3, 8)).ends_on
    datetime.date(2026, 3, 10)
    """
    open_ones = sum(each.decided_on is None for each in objections)
    run, day = 0, starts_on
    while run < days and (day < today or not open_ones):
        run += not any(_stops(each, day) for each in objections)
        day += timedelta(days=1)
    ran = run if day <= today else _run_before(starts_on, today, objections)
    return Timer(days, ran, open_ones, None if open_ones else day)


def _stops(objection: Objection, day: date) -> bool:
    return objection.filed_on <= day and (
        objection.decided_on is None or day < objection.decided_on
    )


def _run_before(starts_on: date, today: date, objections: Sequence[Objection]) -> int:
    days = (starts_on + timedelta(days=n) for n in range(max(0, (today - starts_on).days)))
    return sum(not any(_stops(each, day) for each in objections) for day in days)
