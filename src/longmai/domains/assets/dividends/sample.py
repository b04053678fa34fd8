"""The sample village: a roll, a charter, a distribution decided and paid, a meeting that is open.

All of it goes through the doors that people use: the sheet is imported, votes are cast one by one.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from longmai.domains.assets.dividends.model import Floor, Line, Plan, Work
from longmai.domains.assets.dividends.queries import plan_of
from longmai.domains.assets.dividends.service import adopt_charter, approve, draft, pay
from longmai.domains.assets.meetings.convening import NewItem, NewMeeting, convene
from longmai.domains.assets.meetings.following import follow
from longmai.domains.assets.meetings.queries import meeting_of
from longmai.domains.assets.meetings.service import (
    Closing,
    check_in,
    close,
    open_meeting,
    vote_named,
    vote_online,
)
from longmai.domains.assets.members.importing import HEADINGS, import_roll
from longmai.domains.assets.members.model import Household
from longmai.domains.assets.members.queries import roll_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.members.tables import ORGANISATION
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.visiting import operator
from longmai.portal.export import csv_of
from longmai.portal.house import House
from longmai.portal.qr import qr_png
from longmai.store.unit_of_work import UnitOfWork

_FILE = Path(__file__).with_name("sample.toml")
_AGREE, _COME = 0.9, 0.88


@dataclass(frozen=True)
class _Village:
    """What the steps below share."""

    house: House
    work: UnitOfWork
    region: str
    told: Mapping[str, Any]
    chance: Random

    def desk(self, days_ago: int) -> Desk:
        """Return the desk of some days ago, at nine in the morning or, today, now."""
        now: datetime = self.house.clock.now()
        then = now - timedelta(days=days_ago)
        house = self.house
        return Desk(self.work, operator(house), house.regions, house.policies, then, sample=True)


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Enter the sample village, in one transaction, unless the store holds a collective already."""
    region = str(house.regions.about.get("sample_village", ""))
    with house.store.read() as connection:
        if not region or connection.execute(ORGANISATION.select().limit(1)).first():
            return
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    tell("Loading the sample village: its roll, a distribution, a meeting …")
    with house.store.begin() as work:
        village = _Village(house, work, region, told, Random(told["seed"]))  # noqa: S311 - invents sample data
        homes = _roll(village)
        _distribution(village, homes)
        _open_meeting(village)
    tell(f"Loaded {len(homes)} sample households.")


def _roll(village: _Village) -> Sequence[Household]:
    desk, told = village.desk(60), village.told
    start = date(desk.today.year - 1, 1, 1)
    rows = [row for number in range(1, told["households"] + 1) for row in _home(village, number)]
    sheet = csv_of(HEADINGS, [[row.get(name, "") for name in HEADINGS] for row in rows])
    import_roll(desk, village.region, told["name"], sheet, start)
    return roll_of(village.work.connection, village.region, desk.today).households


_OFFICES = {2: "理事", 4: "理事", 6: "理事", 8: "监事", 10: "监事", 12: "监事", 14: "会计"}


def _home(village: _Village, number: int) -> list[dict[str, str]]:
    told, chance = village.told, village.chance
    year = village.house.clock.now().year
    surname = told["surnames"][number % len(told["surnames"])]
    other = told["surnames"][(3 * number + 1) % len(told["surnames"])]
    ages = [chance.randint(34, 74)]
    ages.append(ages[0] - chance.randint(-3, 4))
    ages += [max(1, ages[0] - chance.randint(24, 30)) for _ in range(chance.randint(0, 2))]
    rows: list[dict[str, str]] = []
    for position, age in enumerate(ages):
        family = other if position == 1 else surname
        name = family + told["middle"] + told["stems"][position]
        born = date(year - age, chance.randint(1, 12), chance.randint(1, 28))
        share = "1" if age >= 18 else "0.5"  # noqa: PLR2004 - as this invented village decided
        rows.append(
            {
                "户号": f"{number:02}",
                "姓名": name,
                "性别": "男女"[position] if position < 2 else chance.choice("男女"),  # noqa: PLR2004 - the couple
                "出生日期": born.isoformat(),
                "户代表": "是" if position == 0 else "",
                "个人份额": share,
                "户份额": "1" if position == 0 else "",
                "职务": _OFFICES.get(number, "") if position == 0 else "",
                "登录名": told["login"] if (number, position) == (1, 0) else "",
                "收款人": rows[0]["姓名"] if rows else name,
                "收款账号": f"示例6200{number:06}",
            }
        )
    return rows


def _distribution(village: _Village, homes: Sequence[Household]) -> None:
    desk, told = village.desk(58), village.told
    year = desk.today.year - 1
    by_number = {int(home.number): home.household_id for home in homes}
    adopt_charter(desk, village.region, told["numbers"], date(year, 1, 1), told["article"])
    heads = {home.household_id: home.head.name for home in homes if home.head}
    plan = Plan(
        region=village.region,
        year=year,
        as_of=date(year, 12, 31),
        lines=tuple(_line(each, year) for each in told["lines"]),
        work=tuple(
            Work(
                own := by_number[each["household"]],
                heads[own],
                each["what"],
                yuan_to_fen(each["yuan"]),
            )
            for each in told["work"]
        ),
        floors=tuple(
            Floor(by_number[each["household"]], each["contract"], yuan_to_fen(each["yuan"]))
            for each in told["floors"]
        ),
    )
    plan_id = draft(desk, plan)
    decision = _held(village, plan_of(village.work.connection, plan_id).refers)
    approve(village.desk(43), plan_id, decision)
    pay(village.desk(20), plan_id, village.desk(20).today, "示例批次 0001")


def _line(told: Mapping[str, Any], year: int) -> Line:
    start = date(year, 1, 1) if "years" in told else None
    end = date(year + told["years"] - 1, 12, 31) if "years" in told else None
    amount_fen = yuan_to_fen(told["yuan"])
    return Line(told["kind"], told["title"], amount_fen, start, end, "示例凭证")


def _held(village: _Village, refers: str) -> UUID:
    """Hold the meeting that decides the distribution; return its decision."""
    told = village.told["meeting"]
    held = village.desk(45)
    item = NewItem("distribution", told["item"], "", refers)
    meeting_id = convene(
        village.desk(56),
        NewMeeting(village.region, "collective_assembly", told["title"], told["place"],
                   held.today, "09:00", [item]),
    )  # fmt: skip
    for days, act in ((55, "proposed"), (54, "consulted"), (53, "reviewed")):
        follow(village.desk(days), meeting_id, act, village.desk(days).today, "示例记录")
    open_meeting(held, meeting_id)
    _votes(village, held, meeting_id)
    closing = Closing(told["chair"], told["recorder"], told["counters"], told["discussion"])
    [decision] = close(held, meeting_id, closing)
    photo = qr_png(village.house.settings.public_url)
    for days, act in ((44, "posted"), (27, "taken_down"), (19, "result_posted")):
        follow(village.desk(days), meeting_id, act, village.desk(days).today, "村务公开栏", photo)
    return decision


def _votes(village: _Village, desk: Desk, meeting_id: UUID) -> None:
    meeting, chance = meeting_of(village.work.connection, meeting_id), village.chance
    by_home: dict[UUID, list[UUID]] = {}
    for voter, home in meeting.electors.items():
        by_home.setdefault(home, []).append(voter)
    for own in by_home.values():
        for position, voter in enumerate(own):
            if chance.random() > _COME:
                continue
            choices = {
                1: "agree" if chance.random() < _AGREE else chance.choice(["against", "abstain"])
            }
            way = chance.random()
            if position == 1 and way < 0.15:  # noqa: PLR2004 - as it happens
                check_in(desk, meeting_id, voter, holder=own[0], note="委托书（示例）")
            elif way < 0.4:  # noqa: PLR2004 - as it happens
                vote_online(desk, meeting_id, voter, choices)
                continue
            else:
                check_in(desk, meeting_id, voter)
            vote_named(desk, meeting_id, voter, choices)


def _open_meeting(village: _Village) -> None:
    told = village.told["open_meeting"]
    today = village.desk(0)
    meeting_id = convene(
        village.desk(12),
        NewMeeting(village.region, "collective_assembly", told["title"], told["place"], today.today,
                   "09:00", [NewItem("investment", told["item"], told["text"])], secret=True),
    )  # fmt: skip
    for days, act in ((12, "proposed"), (12, "consulted"), (12, "reviewed")):
        follow(village.desk(days), meeting_id, act, village.desk(days).today, "示例记录")
    open_meeting(today, meeting_id)
