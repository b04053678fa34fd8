"""Two generated banks: people with plain generated names, half a year of services, one clearing."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from longmai.domains.livelihood.timebank.agreeing import Agreement, NewNotice, agree, put_up
from longmai.domains.livelihood.timebank.booking import donate, gift, grant, take_back, transfer
from longmai.domains.livelihood.timebank.books import memberships
from longmai.domains.livelihood.timebank.desk import Desk
from longmai.domains.livelihood.timebank.founding import NewBank, endow, open_bank, pay_in
from longmai.domains.livelihood.timebank.members import NewMember, join, link, note_kin
from longmai.domains.livelihood.timebank.model.rules import rules_in
from longmai.domains.livelihood.timebank.signing import sign_by_hand
from longmai.domains.livelihood.timebank.tables import BANK, MEMBER
from longmai.kernel.clock import BEIJING
from longmai.kernel.errors import Conflict, Forbidden
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import pad
from longmai.portal.accounts.queries import account_of_login
from longmai.portal.accounts.visiting import sampler
from longmai.portal.house import House
from longmai.store.unit_of_work import UnitOfWork

SEED = 7
CITIZEN = "sample-citizen"
FOLDER = Path(__file__).parent
WEEKS = 26
MEMBERS = 14
HELPER = 7
"""Whose account the sample citizen has, in both banks."""
_FAMILY = "甲乙丙丁戊己庚辛壬癸"
_BANKS = (("示例时间银行甲", "east", 12), ("示例时间银行乙", "west", 6))


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Open two sample banks, in one transaction, unless there are banks already."""
    with house.store.read() as connection:
        if connection.scalar(select(BANK.c.id).limit(1)) is not None:
            _link_citizen(house)
            return
    tell("Loading two sample time banks …")
    with house.store.begin() as work:
        Season(house, work, random.Random(SEED)).play()  # noqa: S311 - a seed makes it repeatable
    _link_citizen(house)


def _link_citizen(house: House) -> None:
    """Give the sample citizen, once there is one, the accounts of a sample helper."""
    with house.store.begin() as work:
        citizen = account_of_login(work.connection, CITIZEN)
        if citizen is None or memberships(work.connection, citizen.id):
            return
        desk = Desk(work, sampler(house), house.clock.now())
        query = select(MEMBER.c.id).where(MEMBER.c.name == name_of(HELPER), MEMBER.c.sample)
        for member_id in work.connection.scalars(query).all():
            link(desk, member_id, citizen.id)


def name_of(number: int) -> str:
    """Return the name of a sample person: one that nobody has."""
    return f"样例{_FAMILY[number % 10]}{number + 1:02d}"


@dataclass
class Season:
    """Half a year of two banks, as if each day had been its own."""

    house: House
    work: UnitOfWork
    dice: random.Random

    def play(self) -> None:
        """Open the banks, let people join, serve each other, and move hours."""
        morning = self.house.clock.now().astimezone(BEIJING).replace(hour=8, minute=30, second=0)
        start = morning - timedelta(weeks=WEEKS)
        village = str(self.house.regions.about.get("sample_village", self.house.regions.code))
        people = [(new_id(), 1938 + 5 * number) for number in range(MEMBERS)]
        banks: list[tuple[UUID, list[UUID]]] = []
        for name, file, digits in _BANKS:
            desk = self._desk(start)
            region = pad(village[:digits])
            bank = open_bank(desk, NewBank(name, region, rules_in(FOLDER, file), sample=True))
            banks.append((bank, self._join(desk, bank, pad(village), people)))
            endow(desk, bank, 6000, "示例：开办时发给基金")
            pay_in(desk, bank, 1_000_000, "示例：开办资金")
        for week in range(WEEKS):
            for _, members in banks:
                self._week(start + timedelta(weeks=week), members)
            if week % 6 == 5:  # noqa: PLR2004 - now and then
                self._move(start + timedelta(weeks=week, days=6), banks)
        for _, members in banks:
            self._today(members, pad(village))

    def _desk(self, at: datetime) -> Desk:
        return Desk(self.work, sampler(self.house, at=at), at)

    def _join(
        self, desk: Desk, bank: UUID, village: str, people: list[tuple[UUID, int]]
    ) -> list[UUID]:
        members = []
        for number, (account, year) in enumerate(people):
            traits = [("空巢独居", "示例"), ("低保", "示例")] if number < 3 else []  # noqa: PLR2004 - the eldest
            wish = NewMember(
                name_of(number),
                village,
                born=date(year, 5, 4),
                account_id=account,
                traits=traits,
                sample=True,
            )
            members.append(join(desk, bank, wish))
        note_kin(desk, members[8], members[4], "parent", "示例：户口簿")
        return members

    def _week(self, monday: datetime, members: list[UUID]) -> None:
        for day in range(0, 6, 2):
            helper, elder = self.dice.choice(members[5:]), self.dice.choice(members[:5])
            at = monday + timedelta(days=day, hours=self.dice.randint(0, 6))
            item = self.dice.choice(["chat", "clean", "doctor", "meal", "hair", "phone"])
            minutes = self.dice.choice([30, 45, 60, 90, 120])
            self._serve(at, (helper, elder), item, minutes)

    def _serve(self, at: datetime, pair: tuple[UUID, UUID], item: str, minutes: int) -> None:
        desk = self._desk(at)
        insurance = "示例保单" if item == "doctor" else ""
        try:
            service = agree(desk, Agreement(*pair, item, at, minutes, insurance))
            sign_by_hand(desk, service, "in", at, "示例数据")
            later = replace(desk, now=at + timedelta(minutes=minutes + self.dice.randint(-5, 10)))
            entry = sign_by_hand(later, service, "out", later.now, "示例数据").entry_id
            if entry is not None and self.dice.random() < 0.03:  # noqa: PLR2004 - a clerk's slip now and then
                take_back(later, entry, "示例：重复登记")
        except (Conflict, Forbidden):
            return  # an elder without hours waits for the fund, as in life

    def _move(self, at: datetime, banks: list[tuple[UUID, list[UUID]]]) -> None:
        desk = self._desk(at)
        (_, ours), (_, theirs) = banks
        acts: Sequence[Callable[[], object]] = (
            lambda: grant(desk, ours[0], "empty-nest"),
            lambda: gift(desk, ours[8], ours[4], 30, "示例"),
            lambda: donate(desk, ours[9], 15, "示例"),
            lambda: transfer(desk, ours[10], theirs[10], 40),
            lambda: transfer(desk, theirs[11], ours[11], 25),
        )
        for act in acts:
            try:
                act()
            except (Conflict, Forbidden):
                continue

    def _today(self, members: list[UUID], village: str) -> None:
        desk = self._desk(self.house.clock.now())
        until = desk.day + timedelta(days=60)
        for kind, member, item in (
            ("need", members[1], "chat"),
            ("offer", members[7], "chat"),
            ("need", members[2], "doctor"),
            ("offer", members[12], "clean"),
        ):
            put_up(
                desk, member, NewNotice(kind, item, village, "135", 540, 660, until, text="示例")
            )
        agree(
            desk, Agreement(members[HELPER], members[0], "chat", desk.now + timedelta(hours=2), 60)
        )
