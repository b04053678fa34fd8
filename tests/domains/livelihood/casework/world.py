"""A few people of a made-up county, what a finding says of them, and officials who act."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from tests.house import opened_house
from tests.visitor import account_with

from longmai.domains.livelihood.casework import service
from longmai.domains.livelihood.casework.leads import Source, lay
from longmai.domains.livelihood.casework.model.case import Deed
from longmai.domains.livelihood.casework.opening import opening_of
from longmai.domains.livelihood.casework.people import people_of, population_file
from longmai.domains.livelihood.casework.queries import Lead, leads
from longmai.domains.livelihood.persons.consents import Word
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.visiting import Shown, visitor_for
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE, Grant
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

DAY = date(2026, 9, 1)
COUNTY = "620102"
VILLAGE = "620102001001"
ELSEWHERE = "620103001001"
PAID = "livelihood.village-aid"
POLICY = """
标题: 村里的补助
英文: Village aid
编号: livelihood.village-aid
版本: "2026"
领域: livelihood
对象: 个人
发文机关: 某县
状态: 现行
地区: "62"
施行: 2026-01-01
来源:
  文件: {名称: 某县的规定, 可信度: 已核对原文}
条文:
  对象: 六十岁以上的本地人。
  标准: 每月一百元。
数据:
  出生日期: {类型: 日期, 部门: 公安}
  本地户籍: {类型: 是否, 部门: 公安}
参数:
  月标准: {单位: 元/月, 条: 标准, 值: [{自: 2026-01-01, 值: 100.01, 来源: 文件}]}
计算:
  年龄: {算式: 'years and months duration(出生日期, today()).years', 单位: 岁}
条件:
  - {名称: 年龄, 条: 对象, 判断: 年龄 >= 60}
  - {名称: 本地人, 条: 对象, 判断: 本地户籍}
金额: {算式: 月标准, 单位: 元/月, 条: 标准}
示例:
  - 名称: 六十一岁
    日期: 2026-03-01
    地区: "620102"
    给定: {出生日期: 1965-01-01, 本地户籍: 是}
    期望: {结果: 符合, 金额: 100.01}
"""


@dataclass(frozen=True)
class FoundRow:
    """A row of a finding."""

    person: str
    region: str = VILLAGE
    household: str = "h1"
    relation: str = "户主"
    policy: str = PAID
    version: str = "2026"
    state: str = "eligible"
    amount_fen: int | None = 10_001
    failing: str = ""
    unknown: str = ""
    near: str = ""
    gain_on: date | None = None
    lose_on: date | None = None


@dataclass(frozen=True)
class World:
    """A house with people, and those who act on their cases."""

    house: House
    worker: Visitor
    second: Visitor
    leader: Visitor

    def desk(self, work: Any, who: Visitor | None = None) -> service.Desk:
        """Return the desk of somebody."""
        return service.Desk(work, who or self.worker, self.house.clock.now())

    def opened(self, person: str = "p1", lead: str = "eligible") -> UUID:
        """Open a case from a lead."""
        with self.house.store.begin() as work:
            _, found = leads(work.connection, EVERYWHERE, Window(size=100), lead=lead)
            chosen = next(each for each in found if each.person_id == person)
            return service.open_case(self.desk(work), self.opening(chosen))

    def opening(self, lead: Lead) -> service.Opening:
        """Return what a case is opened with."""
        people = people_of(self.house, {lead.person_id: lead.region})
        return opening_of(self.house, lead, people.get(lead.person_id))

    def act(self, case_id: UUID, deed: Deed, who: Visitor | None = None, **data: Any) -> UUID:
        """Act on a case."""
        with self.house.store.begin() as work:
            return service.act(self.desk(work, who), case_id, deed, data)

    def wished(self, case_id: UUID, **words: bool) -> None:
        """Write down what the person agrees to and refuses."""
        with self.house.store.begin() as work:
            for purpose, given in words.items():
                service.wish(self.desk(work), case_id, Word(purpose, "self", "spoken"), given=given)

    def confirmed(self, person: str = "p1", yuan: str = "100.01", start: str = "2026-09") -> UUID:
        """Open a case and confirm it."""
        case_id = self.opened(person)
        self.act(case_id, Deed.CONFIRMED, amount_fen=yuan_to_fen(yuan), start=start, machine=False)
        return case_id


def visiting(house: House, login: str, *posts: tuple[str, str], region: str = COUNTY) -> Visitor:
    """Return the visitor of an account that holds posts."""
    grants = [Grant(role, region, purpose) for role, purpose in posts]
    who = account_with(house, *grants, login=login)
    return visitor_for(house, Shown(who.id, strong=True))


@contextmanager
def world(folder: Path, **settings: Any) -> Iterator[World]:
    """Open a house with four people, of whom a finding says something each."""
    own = folder / "policies"
    own.mkdir()
    (own / "aid.yaml").write_text(POLICY, encoding="utf-8")
    with opened_house(folder, policies=own, **settings) as house:
        write_people(house)
        with house.store.begin() as work:
            lay(work.connection, rows(), house.policies, Source("test", DAY, house.clock.now()))
        official, leader = ("official", "service"), ("leader", "supervision")
        yield World(
            house,
            visiting(house, "wang", official),
            visiting(house, "liu", official, ("official", "supervision")),
            visiting(house, "zhao", leader),
        )


def rows() -> list[FoundRow]:
    """Return what the finding says."""
    return [
        FoundRow("p1", lose_on=date(2026, 11, 1)),
        FoundRow("p2"),
        FoundRow("p3", state="near", near="day", failing="c1", gain_on=date(2026, 10, 5)),
        FoundRow("p4", state="unknown", unknown="c2", amount_fen=None),
        FoundRow("p5", region=ELSEWHERE),
        FoundRow("p6", state="not"),
    ]


def write_people(house: House) -> None:
    """Write the population that the finding judged."""
    people = [
        ("p1", "陇甲一", date(1950, 3, 1), True),
        ("p2", "陇乙二", date(1951, 3, 1), True),
        ("p3", "陇丙三", date(1966, 10, 5), True),
        ("p4", "陇丁四", date(1940, 3, 1), None),
        ("p5", "陇戊五", date(1940, 3, 1), True),
        ("p6", "陇己六", date(1990, 3, 1), True),
    ]
    table = pa.table(
        {
            "id": [each[0] for each in people],
            "household": [f"h{n}" for n in range(1, len(people) + 1)],
            "region": [ELSEWHERE if each[0] == "p5" else VILLAGE for each in people],
            "name": [each[1] for each in people],
            "phone": ["13900001234"] * len(people),
            "id_number": ["620102195003010011"] * len(people),
            "出生日期": [each[2] for each in people],
            "本地户籍": [each[3] for each in people],
        }
    )
    file = population_file(house)
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file)
