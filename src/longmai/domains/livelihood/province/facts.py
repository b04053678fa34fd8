"""What departments know of sample people: a column for each datum that the policies ask for.

Names of columns are those of the data in the policy files. Null is what nobody knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longmai.domains.livelihood.province.assumed import assumptions
from longmai.domains.livelihood.province.households import ROLES, Drawn, kinds

Whole = NDArray[np.int64]
Truths = NDArray[np.bool_]
_MONTHS = 12
_CARE_FROM = 2
"""Place of moderate disability among the grades."""
GRADES = ("一级", "二级", "三级", "四级")
CARE_GRADES = ("能力完好", "轻度失能", "中度失能", "重度失能", "完全失能")
SCHOOLS = ("中等职业教育", "高等职业教育", "其他")


@dataclass(frozen=True)
class Facts:
    """Draws the facts of a county's people.

    Attributes:
        birth: dates.
        urban: who lives in a community of a town.
        day: of the population.
    """

    drawn: Drawn
    birth: NDArray[np.datetime64]
    urban: Truths
    day: np.datetime64
    chance: np.random.Generator

    def columns(self) -> dict[str, pa.Array]:
        """Return all columns, by name."""
        income, childcare = self._incomes()
        means = self._means(income - childcare)
        found = self._registration() | means | self._health(self._heavy())
        found |= self._care() | self._children() | self._schools() | self._emergencies()
        unknown = self._lucky(assumptions()["facts"]["unknown_income"]) & (income > 0)
        found["月收入"] = _known(income, ~unknown)
        found["月育儿补贴"] = pa.array(childcare)
        return found

    def _lucky(self, share: float | NDArray[np.float64]) -> Truths:
        return self.chance.random(len(self.drawn.age)) < share

    def _per_household(self, share: float) -> Truths:
        return (self.chance.random(self._households) < share)[self.drawn.household]

    @property
    def _households(self) -> int:
        return int(self.drawn.household[-1]) + 1

    def _registration(self) -> dict[str, pa.Array]:
        told = assumptions()["facts"]
        here = self._per_household(told["registered_here"])
        kind = pa.array(np.where(self.urban, "城市", "农村"))
        count = len(here)
        return {
            "出生日期": _known(self.birth, ~self._lucky(told["unknown_birth"])),
            "中国国籍": pa.array(~self._lucky(told["foreign"])),
            "本地户籍": pa.array(here),
            "在户籍地申领": pa.array(here),
            "户籍类别": _where(self._per_household(told["unknown_kind"]), pa.nulls(count), kind),
        }

    def _incomes(self) -> tuple[Whole, Whole]:
        told, age = assumptions()["income"], self.drawn.age
        old = age >= 60  # noqa: PLR2004 - years
        grown = (age >= 18) & ~old  # noqa: PLR2004 - years
        found = np.zeros(len(age))
        for name, who in (
            ("urban", grown & self.urban),
            ("rural", grown & ~self.urban),
            ("elder_urban", old & self.urban),
            ("elder_rural", old & ~self.urban),
        ):
            found[who] = self._spread(told[name], int(who.sum()))
        found[grown & self._lucky(told["without"])] = 0
        luck = np.exp(self.chance.normal(0, told["household_sigma"], self._households))
        pay = np.floor(found * luck[self.drawn.household] / 10).astype(np.int64) * 10
        months = (self.day - self.birth).astype(np.int64) // 30
        small = (months < 3 * _MONTHS) & self._lucky(assumptions()["children"]["childcare_take_up"])
        childcare = np.where(small, 300, 0)
        return pay + childcare, childcare

    def _spread(self, told: Sequence[float], count: int) -> NDArray[np.float64]:
        median, sigma = told
        return median * np.exp(self.chance.normal(0, sigma, count))

    def _means(self, income: Whole) -> dict[str, pa.Array]:
        told, household = assumptions()["income"], self.drawn.household
        size = np.bincount(household)
        head = np.bincount(household, income) / size
        luck = self.chance.random(self._households)
        poor = (head < told["poor_per_head"]) & (luck < told["poor_take_up"])
        near = ~poor & (head < told["fringe_per_head"]) & (luck < told["fringe_take_up"])
        checked = self.chance.random(self._households) < told["checked_assets"]
        comply = poor | near | (self.chance.random(self._households) < told["assets_comply"])
        spending = assumptions()["spending"]
        hard = self.chance.random(self._households) < spending["hard_share"]
        usual = self._spread(spending["usual"], self._households)
        spent = np.where(hard, self._spread(spending["hard"], self._households), usual)
        on_poor = pa.array(poor[household])
        return {
            "低保家庭": on_poor,
            "已是低保家庭": on_poor,
            "低保边缘家庭": pa.array(near[household]),
            "财产符合规定": _known(comply[household], (poor | near | checked)[household]),
            "年刚性支出": pa.array((np.floor(spent / 10).astype(np.int64) * 10)[household]),
        }

    def _heavy(self) -> tuple[Truths, Whole]:
        """Return who is disabled, and the place of the grade."""
        told, age = assumptions()["disability"], self.drawn.age
        shares = np.array(told["shares"])[(age >= 15).astype(int) + (age >= 60)]  # noqa: PLR2004 - years
        return self._lucky(shares), self._one_of(told["grades"])

    def _one_of(self, shares: Sequence[float]) -> Whole:
        edges = np.cumsum(shares)[:-1]
        return np.searchsorted(edges, self.chance.random(len(self.drawn.age)), side="right")

    def _health(self, heavy: tuple[Truths, Whole]) -> dict[str, pa.Array]:
        disabled, grade = heavy
        ill = self._lucky(assumptions()["disability"]["serious_illness"])
        return {
            "持残疾人证": pa.array(disabled),
            "残疾等级": pa.array(np.where(disabled, np.array(GRADES)[grade], "无")),
            "重残或重病": pa.array(disabled & (grade <= 1) | ill),
        }

    def _care(self) -> dict[str, pa.Array]:
        told, age = assumptions()["care"], self.drawn.age
        old, very_old = age >= 60, age >= 80  # noqa: PLR2004 - years
        share = np.where(very_old, told["assessed_over_80"], told["assessed"])
        assessed = (age >= 58) & self._lucky(share)  # noqa: PLR2004 - years; some come early
        grade = self._one_of(told["grades"])
        needs = assessed & (grade >= _CARE_FROM)
        served = needs & self._lucky(told["served"])
        cost = np.floor(self._spread(told["cost"], len(age)) / 10).astype(np.int64) * 10
        return {
            "失能等级": _known(np.array(CARE_GRADES)[grade], assessed),
            "月服务费用": _known(np.where(served, cost, 0), needs | ~old),
        }

    def _children(self) -> dict[str, pa.Array]:
        told = assumptions()["children"]
        with_old = np.array([each[0] == "E" for each in kinds()])[self.drawn.kind]
        child = self.drawn.role == ROLES.index("C")
        orphan = child & with_old & self._lucky(told["orphans"])
        inside = self._lucky(told["in_institution"])
        # The last year before school: those who turn six by the end of August next year.
        year = self.day.astype("datetime64[Y]").astype(np.int64) + 1970
        month = self.day.astype("datetime64[M]").astype(np.int64) % 12 + 1
        starts = year if month >= 9 else year - 1  # noqa: PLR2004 - September
        first, end = (np.datetime64(f"{starts - years}-09-01") for years in (6, 5))
        due = (self.birth >= first) & (self.birth < end)
        last_year = due & self._lucky(told["kindergarten"])
        public = self._lucky(told["public_kindergarten"])
        fees = np.where(public, self._fee("public_fee"), self._fee("private_fee"))
        return {
            "认定为孤儿": pa.array(orphan),
            "养育方式": _known(np.where(inside, "机构养育", "社会散居"), orphan),
            "学前一年在园": pa.array(last_year),
            "公办园": _known(public, last_year),
            "保教费": _known(fees, last_year),
        }

    def _fee(self, name: str) -> Whole:
        return self.chance.choice(assumptions()["children"][name], len(self.drawn.age))

    def _schools(self) -> dict[str, pa.Array]:
        told, age = assumptions()["children"], self.drawn.age
        student = self.drawn.role == ROLES.index("Y")
        middle = student & (age <= 17) & self._lucky(told["vocational_15_17"])  # noqa: PLR2004 - years
        high = student & (age >= 18) & (age <= 21) & self._lucky(told["vocational_18_21"])  # noqa: PLR2004 - years
        return {"就读层次": pa.array(np.select([middle, high], SCHOOLS[:2], SCHOOLS[2]))}

    def _emergencies(self) -> dict[str, pa.Array]:
        told: Mapping[str, float] = assumptions()["emergency"]
        hit = self._per_household(told["share"])
        urgent = self._per_household(told["urgent"])
        return {"在急难发生地申请": pa.array(hit), "情况紧急": pa.array(hit & urgent)}


def _known(values: NDArray[np.generic], known: Truths) -> pa.Array:
    return pa.array(values, mask=~known)


def _where(condition: Truths, yes: pa.Array, other: pa.Array) -> pa.Array:
    return pa.array(other, mask=condition) if yes.null_count else other
