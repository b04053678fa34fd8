"""Entries of the book of hours: lines that add up to zero, and their reversal.

Minutes that a member spends are the ones that end first. What has ended and was not spent is
``max(0, credits that end by then - all that was spent)``; a reversal takes back either side of
that with the same mark, so that it restores what had stood before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from longmai.domains.livelihood.timebank.model.accounts import clock_text, kind_of
from longmai.domains.livelihood.timebank.model.rules import BankRules
from longmai.kernel.errors import Conflict, Invalid

DEEDS = (
    "service", "gift", "donation", "grant", "redeem", "expiry", "transfer", "settlement",
    "endowment", "reversal",
)  # fmt: skip
_DECEMBER = 12


@dataclass(frozen=True)
class Line:
    """One line of an entry.

    Attributes:
        account: that it changes.
        minutes: whole, above zero for more.
        spends: it counts among what was spent (or takes such a line back).
        ends_on: the last day on which these minutes can be spent; None: no end.
    """

    account: str
    minutes: int
    spends: bool = False
    ends_on: date | None = None


def out(account: str, minutes: int) -> Line:
    """Return the line that takes minutes out of an account."""
    return Line(account, -minutes, spends=True)


def reversed_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines that take others back.

    >>> reversed_lines([out("fund", 5)])
    (Line(account='fund', minutes=5, spends=True, ends_on=None),)
    """
    return tuple(replace(line, minutes=-line.minutes) for line in lines)


def require_balanced(lines: Sequence[Line]) -> None:
    """Refuse lines that do not add up to zero, or move nothing.

    Raises:
        Invalid: they do not.
    """
    total = sum(line.minutes for line in lines)
    if total or not any(line.minutes for line in lines):
        raise Invalid("the lines of an entry add up to zero", code="hours.unbalanced", value=total)


def require_within(account: str, before: int, after: int, rules: BankRules) -> None:
    """Refuse a balance that the rules do not allow, unless it comes nearer to them.

    Raises:
        Conflict: it breaks a limit.
    """
    kind = kind_of(account)
    if kind == "issue":
        return  # it is whatever the others are not
    if kind == "clearing":
        limit = rules.number("clearing_limit_minutes")
        if limit is not None and abs(after) > limit and abs(after) > abs(before):
            raise _limit("hours.clearing_limit", limit, abs(after))
        return
    if after < 0 and after < before:
        raise _limit(f"hours.{kind}_short", before, before - after)
    cap = rules.number("cap_minutes")
    if kind == "member" and cap is not None and after > cap and after > before:
        raise _limit("hours.cap", cap, after)


def _limit(code: str, allowed: int, wanted: int) -> Conflict:
    return Conflict(
        "this breaks a limit of the bank's rules; nothing was booked",
        code=code,
        place=f"{clock_text(allowed)} < {clock_text(wanted)}",
        mend="look at the rules of the bank",
    )


@dataclass(frozen=True)
class Credit:
    """How minutes for a member are divided by the cap.

    Attributes:
        own: onto the account that can be spent from.
        above: above the cap, to the fund or to the member's honour.
        refused: above the cap, and not credited at all.
    """

    own: int
    above: int
    refused: int


def credit(minutes: int, balance: int, rules: BankRules) -> Credit:
    """Divide minutes that a member is to get by what the cap still allows."""
    cap = rules.number("cap_minutes")
    own = minutes if cap is None else max(0, min(minutes, cap - balance))
    rest = minutes - own
    return Credit(own, 0, rest) if rules.word("over_cap") == "refuse" else Credit(own, rest, 0)


def ends_on(day: date, rules: BankRules) -> date | None:
    """Return the last day of minutes credited on a day; None: they have no end.

    The day of the month stays the same, or becomes the last of a shorter month.
    """
    months = rules.number("expires_months")
    if months is None:
        return None
    month = day.month - 1 + months
    year, month = day.year + month // _DECEMBER, month % _DECEMBER + 1
    for back in range(4):
        try:
            return date(year, month, day.day - back)
        except ValueError:
            continue
    raise AssertionError(day)


def ended(credits_by_end: Iterable[tuple[date | None, int]], spent: int, day: date) -> int:
    """Return the minutes that had ended before a day and were not spent.

    >>> ended([(date(2026, 1, 31), 60), (date(2026, 3, 31), 60)], 20, date(2026, 2, 1))
    40
    """
    past = sum(minutes for end, minutes in credits_by_end if end is not None and end < day)
    return max(0, past - spent)
