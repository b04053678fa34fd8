"""What if the charter said something else: the change of each household."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from longmai.domains.assets.dividends.charter import MODE, MODES
from longmai.domains.assets.dividends.model import Distribution
from longmai.domains.assets.dividends.queries import Drafted, charter_by_digest
from longmai.domains.assets.dividends.service import work_out
from longmai.domains.assets.members.queries import roll_of
from longmai.domains.assets.members.service import Desk
from longmai.kernel.errors import Invalid
from longmai.rules.feel.values import Value, text_of
from longmai.rules.policy.model import Policy


@dataclass(frozen=True)
class Change:
    """What a household gets as drafted, and what it would get."""

    number: str
    name: str
    before_fen: int
    after_fen: int

    @property
    def by_fen(self) -> int:
        """Return the difference."""
        return self.after_fen - self.before_fen


@dataclass(frozen=True)
class Compared:
    """A plan under other numbers of the charter."""

    found: Distribution
    changes: Sequence[Change]


def parameters_of(policy: Policy) -> dict[str, tuple[str, str]]:
    """Return (value, unit) of each number of a charter, as it stands."""
    return {
        name: (text_of(each.values[0].value), each.unit) for name, each in policy.parameters.items()
    }


def assumed_of(policy: Policy, numbers: Mapping[str, str]) -> dict[str, Value]:
    """Read other numbers; what is left out stays as it stands.

    Raises:
        Invalid: no such number, or none of its kind.
    """
    found: dict[str, Value] = {}
    for name, text in numbers.items():
        if name not in policy.parameters:
            raise Invalid(
                "the charter has no such number", code="assets.charter.unknown", place=name
            )
        if not text.strip():
            continue
        found[name] = _read(policy.parameters[name].type, name, text.strip())
    return found


def _read(kind: str, name: str, text: str) -> Value:
    if kind != "number":
        if name == MODE and text not in MODES:
            raise Invalid(
                "none of the choices",
                code="assets.charter.value",
                place=name,
                value=text,
                mend="、".join(MODES),
            )
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not 0 <= number <= 100:  # noqa: PLR2004 - per cent
        raise Invalid(
            "a share is between 0 and 100", code="assets.charter.value", place=name, value=text
        )
    return number


def compare(desk: Desk, drafted: Drafted, numbers: Mapping[str, str]) -> Compared:
    """Work a plan out by other numbers, and compare each household.

    Raises:
        Conflict: with these numbers the charter refuses it, with the arithmetic.
    """
    connection = desk.work.connection
    policy = charter_by_digest(connection, drafted.charter)
    _, found = work_out(desk, drafted.plan, drafted.charter, assumed_of(policy, numbers))
    roll = roll_of(connection, drafted.plan.region, drafted.plan.as_of)
    changes = [
        Change(
            roll.homes[each.household_id].number,
            head.name if (head := roll.homes[each.household_id].head) else "",
            drafted.parts[each.household_id].dividend_fen,
            each.dividend_fen,
        )
        for each in found.parts
    ]
    return Compared(found, sorted(changes, key=lambda each: (-abs(each.by_fen), each.number)))


def chart_of(changes: Sequence[Change], label: str, most: int = 25) -> dict[str, Any]:
    """Return the option of a chart: the households that change most."""
    shown = list(changes[:most])[::-1]
    return {
        "xAxis": {"type": "value", "name": label},
        "yAxis": {"type": "category", "data": [each.number for each in shown]},
        "series": [{"type": "bar", "data": [each.by_fen / 100 for each in shown]}],
        "grid": {"left": 48, "right": 24, "top": 16, "bottom": 40},
    }
