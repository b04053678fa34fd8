"""A small village with a roll, for tests of meetings and dividends."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from longmai.domains.assets.members.desks import desk_in
from longmai.domains.assets.members.importing import HEADINGS, import_roll
from longmai.domains.assets.members.model import Roll
from longmai.domains.assets.members.queries import FAR, roll_of
from longmai.domains.assets.members.service import Desk
from longmai.kernel.clock import beijing_day
from longmai.portal.accounts.visiting import operator
from longmai.portal.export import csv_of
from longmai.portal.house import House
from longmai.store.unit_of_work import UnitOfWork

HOMES = 6


@dataclass(frozen=True)
class Village:
    """A house with a village, and desks of other days."""

    house: House
    region: str

    @property
    def today(self) -> date:
        """The day of the house's clock, in Beijing."""
        return beijing_day(self.house.clock.now())

    def desk(self, work: UnitOfWork, days: int = 0) -> Desk:
        """Return the operator's desk, some days ahead."""
        desk = desk_in(self.house, work, operator(self.house))
        later = desk.now + timedelta(days=days)
        return Desk(work, desk.visitor, desk.regions, desk.policies, later)

    @contextmanager
    def at(self, days: int = 0) -> Iterator[Desk]:
        """Open a unit of work, some days ahead."""
        with self.house.store.begin() as work:
            yield self.desk(work, days)

    def roll(self) -> Roll:
        """Return the roll as it stands."""
        with self.house.store.read() as connection:
            return roll_of(connection, self.region, FAR)

    def person(self, name: str) -> UUID:
        """Return a person by name."""
        return next(each.member_id for each in self.roll().people.values() if each.name == name)


def sheet(rows: Sequence[dict[str, str]]) -> bytes:
    """Write a sheet of the roll."""
    return csv_of(HEADINGS, [[row.get(name, "") for name in HEADINGS] for row in rows])


def rows() -> list[dict[str, str]]:
    """Return six households: two adults each, and in the first a child."""
    found = []
    for number in range(1, HOMES + 1):
        for position, letter in enumerate("甲乙"):
            found.append(
                {
                    "户号": str(number),
                    "姓名": f"示{number}{letter}",
                    "性别": "男女"[position],
                    "出生日期": "1980-01-01",
                    "户代表": "是" if position == 0 else "",
                    "个人份额": "1",
                    "职务": "理事" if position == 0 and number in {1, 2, 3} else "",
                    "登录名": "sample-citizen" if (number, position) == (1, 0) else "",
                }
            )
    found.insert(
        2, {"户号": "1", "姓名": "示1童", "性别": "女", "出生日期": "2020-01-01", "个人份额": "0.5"}
    )
    return found


def village_in(house: House) -> Village:
    """Enter the village in a house."""
    village = Village(house, str(house.regions.about["sample_village"]))
    with village.at() as desk:
        import_roll(desk, village.region, "示例合作社", sheet(rows()), date(2024, 1, 1))
    return village
