"""Straight-line depreciation, exact to the fen: the months add up to what is written off.

After ``n`` of ``life`` months, floor((cost − residual) × n / life) fen are written off; a month's
part is the difference of two such sums. So the total never exceeds the cost less its residual
value, and is that exactly at the end of the life.

Source: 农村集体经济组织会计制度 (2023), straight line (年限平均法); life and residual value are
resolved by the owner. A thing depreciates from the month after it is put to use.
"""

from dataclasses import dataclass
from datetime import date

from longmai.kernel.errors import Invalid

_MONTHS_A_YEAR = 12
_PERMILLE = 1000


@dataclass(frozen=True)
class Plan:
    """How an asset depreciates.

    Attributes:
        cost_fen: what it cost.
        life_months: months until only the residual value is left.
        residual_permille: part of the cost that is left then, in thousandths.
        since: day on which it was put to use.
    """

    cost_fen: int
    life_months: int
    residual_permille: int
    since: date

    def __post_init__(self) -> None:
        if self.cost_fen < 0 or self.life_months <= 0:
            raise Invalid("cost and life are above zero", code="depreciation.plan")
        if not 0 <= self.residual_permille <= _PERMILLE:
            raise Invalid("a residual value is a part of the cost", code="depreciation.residual")

    @property
    def residual_fen(self) -> int:
        """What is left at the end, rounded up: never more is written off than is due."""
        return -(-self.cost_fen * self.residual_permille // _PERMILLE)

    @property
    def depreciable_fen(self) -> int:
        """What is written off over the whole life."""
        return self.cost_fen - self.residual_fen

    def months_at(self, day: date) -> int:
        """Return how many months are written off on a day; at most the life.

        >>> Plan(100, 12, 0, date(2026, 1, 15)).months_at(date(2026, 3, 31))
        2
        """
        passed = (day.year - self.since.year) * _MONTHS_A_YEAR + day.month - self.since.month
        return min(max(passed, 0), self.life_months)

    def accumulated_fen(self, day: date) -> int:
        """Return what was written off up to and with the month of a day.

        >>> plan = Plan(1000_00, 36, 50, date(2026, 1, 15))
        >>> plan.accumulated_fen(date(2026, 1, 31)), plan.accumulated_fen(date(2029, 1, 31))
        (0, 95000)
        """
        return self.depreciable_fen * self.months_at(day) // self.life_months

    def net_fen(self, day: date) -> int:
        """Return cost less what was written off."""
        return self.cost_fen - self.accumulated_fen(day)

    def of_month(self, year: int, month: int) -> int:
        """Return what is written off for one month.

        >>> sum(Plan(100, 3, 0, date(2026, 1, 1)).of_month(2026, m) for m in (1, 2, 3, 4))
        100
        """
        last = date(year - (month == 1), (month - 2) % _MONTHS_A_YEAR + 1, 1)
        return self.accumulated_fen(date(year, month, 1)) - self.accumulated_fen(last)

    def by_year(self) -> list[tuple[int, int, int]]:
        """Return (year, written off in it, net at its end) over the whole life."""
        found = []
        net = self.cost_fen
        last = self.since.year + (self.since.month - 1 + self.life_months) // _MONTHS_A_YEAR
        for year in range(self.since.year, last + 1):
            end = self.net_fen(date(year, _MONTHS_A_YEAR, 31))
            found.append((year, net - end, end))
            net = end
        return found
