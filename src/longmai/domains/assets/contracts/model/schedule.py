"""Rent schedules: what falls due when, and how it is spread over the time it is for.

Every division is exact to the fen: the parts of an instalment add up to it, those of its months to
its years, and the instalments of a year to the rent of that year.

>>> plan = instalments(date(2024, 1, 1), date(2025, 12, 31), 1000, months=6)
>>> [(str(each.due_on), each.amount_fen) for each in plan]
[('2024-01-01', 500), ('2024-07-01', 500), ('2025-01-01', 500), ('2025-07-01', 500)]
>>> year_part(300, date(2025, 7, 1), date(2026, 6, 30), 2025)
151
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from longmai.kernel.errors import Invalid
from longmai.kernel.money import divide_fen, round_fen

EVERY = (12, 6, 3, 1, 0)
"""Months that an instalment is for; 0: all at once."""
WHEN = ("start", "end")
"""An instalment is due when its time begins, or when it ends."""
MOST_YEARS = 70
"""Land of forests is contracted for 30 to 70 years (农村土地承包法 21); nothing lasts longer."""
_YEAR = 12
_PERMILLE = 1000


@dataclass(frozen=True)
class Instalment:
    """What falls due once.

    Attributes:
        due_on: day by which it is paid.
        start: first day that it is for; ``end``: last.
        amount_fen: above 0.
    """

    due_on: date
    start: date
    end: date
    amount_fen: int


def months_later(day: date, months: int) -> date:
    """Return the day some months later, the last of a month where it has no such day.

    >>> months_later(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    index = day.year * _YEAR + day.month - 1 + months
    year, month = divmod(index, _YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def instalments(
    starts_on: date,
    ends_on: date,
    yearly_fen: int,
    months: int = 12,
    when: str = "start",
    step_permille: int = 0,
) -> tuple[Instalment, ...]:
    """Make the schedule of a rent by the year.

    Each year of the contract has its own rent, raised by the step and rounded half up; a year that
    the contract does not fill is charged by its days. Within a year the instalments are equal but
    for the odd fen, and those that are cut short are charged by days, too.

    Args:
        starts_on: first day of the contract.
        ends_on: last day.
        yearly_fen: rent of the first year, above 0.
        months: of ``EVERY``.
        when: of ``WHEN``.
        step_permille: by which the rent rises each year, compounded.

    Raises:
        Invalid: it ends before it begins, lasts too long, or a term is none of those.
    """
    _check(starts_on, ends_on, yearly_fen, months, when, step_permille)
    parts: list[tuple[date, date, int]] = []
    rent, year_start, number = Decimal(yearly_fen), starts_on, 0
    while year_start <= ends_on:
        number += 1
        next_start = months_later(starts_on, number * _YEAR)
        parts += _of_year(starts_on, number - 1, ends_on, round_fen(rent), months or _YEAR)
        rent = rent * (_PERMILLE + step_permille) / _PERMILLE
        year_start = next_start
    if months == 0:
        parts = [(starts_on, ends_on, sum(amount for _, _, amount in parts))]
    return tuple(
        Instalment(start if when == "start" else end, start, end, amount)
        for start, end, amount in parts
        if amount
    )


def _of_year(
    starts_on: date, year: int, ends_on: date, rent_fen: int, months: int
) -> list[tuple[date, date, int]]:
    """Return (start, end, amount) of the instalments of one year of the contract."""
    starts = [months_later(starts_on, year * _YEAR + n) for n in range(0, _YEAR + 1, months)]
    whole = list(
        zip(starts, starts[1:], divide_fen(rent_fen, [1] * (_YEAR // months)), strict=False)
    )
    found = []
    for start, following, amount in whole:
        end = min(following - timedelta(days=1), ends_on)
        if start > ends_on:
            break
        used, left = (end - start).days + 1, (following - end).days - 1
        found.append((start, end, divide_fen(amount, [used, left])[0]))
    return found


def _check(
    starts_on: date, ends_on: date, yearly_fen: int, months: int, when: str, step_permille: int
) -> None:
    if ends_on < starts_on:
        raise Invalid("it ends before it begins", code="contract.span", place="ends_on",
                      value=ends_on.isoformat())  # fmt: skip
    if ends_on > months_later(starts_on, MOST_YEARS * _YEAR):
        raise Invalid(f"no contract lasts more than {MOST_YEARS} years", code="contract.long",
                      place="ends_on", value=ends_on.isoformat())  # fmt: skip
    if yearly_fen <= 0:
        raise Invalid("a rent is above 0", code="contract.rent", place="rent", value=yearly_fen)
    if months not in EVERY:
        raise Invalid("paid by the year, half-year, quarter, month, or once", code="contract.every",
                      place="months", value=months)  # fmt: skip
    if when not in WHEN:
        raise Invalid("due at the start or the end", code="contract.when", place="when", value=when)
    if not -_PERMILLE < step_permille <= _PERMILLE:
        raise Invalid("a step is below 100 %", code="contract.step", place="step",
                      value=step_permille)  # fmt: skip


def check_instalments(plan: Sequence[Instalment], starts_on: date, ends_on: date) -> None:
    """Refuse a schedule that does not fit its contract.

    Raises:
        Invalid: an amount is not above 0, or a time lies outside of the contract.
    """
    for number, each in enumerate(plan, 1):
        if each.amount_fen <= 0:
            raise Invalid("an instalment is above 0", code="contract.amount",
                          place=f"instalments[{number}]", value=each.amount_fen)  # fmt: skip
        if not starts_on <= each.start <= each.end <= ends_on:
            raise Invalid("an instalment lies within the contract", code="contract.outside",
                          place=f"instalments[{number}]", value=each.start.isoformat())  # fmt: skip


def total(plan: Iterable[Instalment]) -> int:
    """Return the sum of a schedule in fen."""
    return sum(each.amount_fen for each in plan)


def due(plan: Iterable[Instalment], on: date) -> int:
    """Return what has fallen due by a day, that day included, in fen."""
    return sum(each.amount_fen for each in plan if each.due_on <= on)


def cut(plan: Iterable[Instalment], on: date) -> tuple[Instalment, ...]:
    """Return the schedule of a contract that ends on a day: what is for later is not owed.

    The instalment that the day falls into is charged by its days.
    """
    found = []
    for each in plan:
        if each.end <= on:
            found.append(replace(each, due_on=min(each.due_on, on)))
        elif each.start <= on:
            used, left = (on - each.start).days + 1, (each.end - on).days
            amount = divide_fen(each.amount_fen, [used, left])[0]
            if amount:
                found.append(replace(each, due_on=min(each.due_on, on), end=on, amount_fen=amount))
    return tuple(found)


def _days_of_years(start: date, end: date) -> dict[int, int]:
    if end < start:
        raise Invalid("it ends before it begins", code="assets.span", value=end.isoformat())
    return {
        year: (min(end, date(year, 12, 31)) - max(start, date(year, 1, 1))).days + 1
        for year in range(start.year, end.year + 1)
    }


def year_parts(amount_fen: int, start: date, end: date) -> dict[int, int]:
    """Return what of an amount for a time belongs to each calendar year, by days.

    Raises:
        Invalid: it ends before it begins.
    """
    days = _days_of_years(start, end)
    return dict(zip(days, divide_fen(amount_fen, list(days.values())), strict=True))


def year_part(amount_fen: int, start: date, end: date, year: int) -> int:
    """Return what of an amount for a time belongs to one calendar year, by days.

    Raises:
        Invalid: it ends before it begins.
    """
    return year_parts(amount_fen, start, end).get(year, 0)


def month_parts(amount_fen: int, start: date, end: date) -> dict[tuple[int, int], int]:
    """Return what belongs to each (year, month): the months of a year add up to ``year_part``.

    Raises:
        Invalid: it ends before it begins.
    """
    found: dict[tuple[int, int], int] = {}
    for year, part in year_parts(amount_fen, start, end).items():
        first, last = max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
        days = [
            (min(last, date(year, month, monthrange(year, month)[1]))
             - max(first, date(year, month, 1))).days + 1
            for month in range(first.month, last.month + 1)
        ]  # fmt: skip
        names = [(year, month) for month in range(first.month, last.month + 1)]
        found |= dict(zip(names, divide_fen(part, days), strict=True))
    return found


def earned(plan: Iterable[Instalment], year: int, month: int) -> int:
    """Return what the months up to one, that included, have earned, in fen."""
    return sum(
        part
        for each in plan
        for name, part in month_parts(each.amount_fen, each.start, each.end).items()
        if name <= (year, month)
    )


def earned_in(plan: Iterable[Instalment], year: int) -> int:
    """Return what a calendar year earns, in fen."""
    return sum(year_part(each.amount_fen, each.start, each.end, year) for each in plan)


@dataclass(frozen=True)
class Standing:
    """An instalment, and what was paid of it: money goes to the oldest first."""

    instalment: Instalment
    paid_fen: int

    def late_days(self, on: date) -> int:
        """Return for how many days something of it has been overdue."""
        open_ = self.paid_fen < self.instalment.amount_fen
        return max(0, (on - self.instalment.due_on).days) if open_ else 0


def standings(plan: Sequence[Instalment], received_fen: int) -> list[Standing]:
    """Return the instalments in the order they fall due, with what was paid of each.

    >>> plan = instalments(date(2024, 1, 1), date(2025, 12, 31), 1000)
    >>> [each.paid_fen for each in standings(plan, 1300)]
    [1000, 300]
    """
    found, left = [], max(received_fen, 0)
    for each in sorted(plan, key=lambda each: (each.due_on, each.start)):
        paid = min(left, each.amount_fen)
        found.append(Standing(each, paid))
        left -= paid
    return found
