"""Times and places in which a policy's parameters are what they are: where the checks look."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from longmai.rules.feel.values import Value
from longmai.rules.policy.model import Policy

MOST_ERAS = 6
_ONE_DAY = timedelta(days=1)
_OPEN_YEARS = 5


@dataclass(frozen=True)
class Era:
    """A day and a region, for all on which the parameters are the same.

    Attributes:
        day: the first.
        last: the last; of an open end five years on.
        region: code without trailing zeros.
        parameters: value of each; None where it is not known, or there is none.
    """

    day: date
    last: date
    region: str
    parameters: Mapping[str, Value]


def eras_of(policy: Policy) -> tuple[Era, ...]:
    """Return the different sets of parameters a policy has had, the latest first."""
    found: dict[str, Era] = {}
    days = change_days(policy)
    for day, last in reversed(list(zip(days, _lasts(policy, days), strict=True))):
        for region in regions_of(policy):
            values = {
                name: None if row is None else row.value
                for name, row in (
                    (name, each.at(day, region)) for name, each in policy.parameters.items()
                )
            }
            found.setdefault(repr(values), Era(day, last, region, values))
    return tuple(found.values())[:MOST_ERAS]


def change_days(policy: Policy) -> list[date]:
    """Return the days on which a parameter may change, the policy's first among them."""
    days = {policy.start}
    for parameter in policy.parameters.values():
        for value in parameter.values:
            days.add(value.start)
            if value.end is not None:
                days.add(value.end + _ONE_DAY)
    return sorted(day for day in days if policy.holds_on(day))


def _lasts(policy: Policy, days: Sequence[date]) -> Iterator[date]:
    for _, following in pairwise(days):
        yield following - _ONE_DAY
    yield policy.end or date(days[-1].year + _OPEN_YEARS, days[-1].month, 1)


def regions_of(policy: Policy) -> list[str]:
    """Return the regions that parameters tell apart, the policy's own first."""
    own = list(policy.regions) or [""]
    finer = {
        value.region
        for parameter in policy.parameters.values()
        for value in parameter.values
        if value.region and policy.holds_in(value.region)
    }
    return [*dict.fromkeys((*own, *sorted(finer)))]


def all_well(policy: Policy) -> dict[str, bool]:
    """Return that a person found well all he has to look at."""
    return {each.id: True for each in policy.rules.values() if each.review}
