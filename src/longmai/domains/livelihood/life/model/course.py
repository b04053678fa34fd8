"""The course of a life: at which ages a policy is for whom, found by judging one age after another.

The other data are those of an example of the policy itself, so that age alone decides. What is not
known (a threshold to be confirmed) is shown as not known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from longmai.rules.feel.values import Value
from longmai.rules.policy.evaluation import Case, State, evaluate
from longmai.rules.policy.literals import of_type
from longmai.rules.policy.model import Example, Policy

OLDEST_YEARS = 100
BIRTH = {"出生日期", "date of birth"}
"""What policies call the date of birth."""
_MONTHS = 12


@dataclass(frozen=True, order=True)
class Age:
    """An age in whole years and months.

    >>> Age.on(date(2024, 2, 29), date(2025, 2, 28)), Age.on(date(2024, 2, 29), date(2025, 3, 1))
    (Age(years=0, months=11), Age(years=1, months=0))
    """

    years: int
    months: int = 0

    @classmethod
    def on(cls, birth: date, day: date) -> "Age":
        """Return the age on a day of who was born on another."""
        months = (day.year - birth.year) * _MONTHS + day.month - birth.month
        months -= day.day < birth.day
        return cls(*divmod(max(months, 0), _MONTHS))

    @property
    def in_years(self) -> float:
        """Return it as a number, to draw with."""
        return self.years + self.months / _MONTHS


@dataclass(frozen=True)
class Span:
    """Ages at which the same comes of a policy.

    Attributes:
        state: ``met``, ``manual review`` or ``unknown``.
        start: first age of it; ``end``: the first that is no more; None: for life.
        least_fen, most_fen: what is due within the span, where that is known.
    """

    state: State
    start: Age
    end: Age | None
    least_fen: int | None = None
    most_fen: int | None = None


@dataclass(frozen=True)
class Course:
    """A policy along a life.

    Attributes:
        spans: by age; empty: it asks for no age.
        by_age: it asks for an age.
    """

    policy: Policy
    spans: tuple[Span, ...]
    by_age: bool


def course_of(policy: Policy, day: date, region: str) -> Course:
    """Return a policy along a life, as the rules are on a day in a region."""
    name = _birth(policy)
    example = _fitting(policy)
    if name is None or example is None:
        return Course(policy, (), by_age=False)
    spans = _spans(policy.digest, _Life(policy, name, example, day, region))
    whole = len(spans) == 1 and spans[0].end is None and spans[0].start == Age(0)
    # The same at every age, and known: then age is not what it asks for.
    return Course(policy, spans, by_age=not whole or spans[0].state is State.UNKNOWN)


def courses_of(policies: Sequence[Policy], day: date, region: str) -> tuple[Course, ...]:
    """Return policies along a life: those that ask for an age first, by the age they begin at."""
    found = [course_of(each, day, region) for each in policies]
    return tuple(
        sorted(
            found,
            key=lambda each: (
                not each.by_age,
                [span.state is State.UNKNOWN for span in each.spans],
                [span.start for span in each.spans],
            ),
        )
    )


class _Life:
    """One policy, whoever fits it by all but age, on one day."""

    def __init__(self, policy: Policy, name: str, example: Example, day: date, region: str) -> None:
        self.policy, self.day = policy, day
        self._name, self._example, self._region = name, example, region

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Life) and self._key == other._key

    @property
    def _key(self) -> tuple[str, date, str]:
        return self.policy.digest, self.day, self._region

    def at(self, birth: date) -> tuple[State, int | None]:
        values: dict[str, Value] = {
            **dict.fromkeys(self.policy.inputs),
            **self._example.given,
            self._name: of_type(birth.isoformat(), "date"),
        }
        case = Case(self.day, self._region, values, self._example.confirmed)
        found = evaluate(self.policy, case)
        return found.state, found.amount_fen


@lru_cache(maxsize=256)
def _spans(digest: str, life: _Life) -> tuple[Span, ...]:
    del digest
    return tuple(_read(life))


def _read(life: _Life) -> Iterator[Span]:
    births = list(_births(life.day))
    start, state, amounts = births[0], *_opened(life.at(births[0]))
    for young, old in pairwise(births):
        now, amount = life.at(old)
        if now is not state:
            last = _last(life, young, old, state)
            if state is not State.NOT_MET:
                yield _span(life.day, state, start, last, amounts)
            start, state, amounts = last - timedelta(1), now, []
        amounts += [] if amount is None else [amount]
    if state is not State.NOT_MET:
        yield _span(life.day, state, start, None, amounts)


def _opened(found: tuple[State, int | None]) -> tuple[State, list[int]]:
    return found[0], [] if found[1] is None else [found[1]]


def _span(day: date, state: State, first: date, last: date | None, amounts: list[int]) -> Span:
    # Who is born on the last day still has it; one day older is the end.
    end = None if last is None else Age.on(last - timedelta(1), day)
    start = Age.on(first, day)
    least, most = (min(amounts), max(amounts)) if amounts else (None, None)
    return Span(state, start, end, least, most)


def _last(life: _Life, young: date, old: date, state: State) -> date:
    """Return the earliest birth between two for which it is still the same."""
    while (young - old).days > 1:
        middle = old + (young - old) // 2
        if life.at(middle)[0] is state:
            young = middle
        else:
            old = middle
    return young


def _births(day: date) -> Iterator[date]:
    """Yield days of birth from today backwards, a month apart."""
    for months in range(OLDEST_YEARS * _MONTHS + 1):
        whole = day.year * _MONTHS + day.month - 1 - months
        year, month = divmod(whole, _MONTHS)
        yield _day_of(year, month + 1, day.day)


def _day_of(year: int, month: int, number: int) -> date:
    last = date(year + month // _MONTHS, month % _MONTHS + 1, 1) - timedelta(1)
    return date(year, month, min(number, last.day))


def _birth(policy: Policy) -> str | None:
    for each in policy.inputs.values():
        if each.type == "date" and BIRTH & {each.name, each.en}:
            return each.name
    return None


def _fitting(policy: Policy) -> Example | None:
    """Return the example whose data fit best: one that is met, else the fullest."""
    able = [each for each in policy.examples if not each.assumed]
    fit = [each for each in able if each.expect.state in {"met", "manual review"}]
    return max(fit or able, key=lambda each: len(each.given), default=None)
