"""Any acts in any order: sums are zero, limits hold, a reversal restores what had stood."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from tests.domains.livelihood.timebank.town import REGION, Town, rules, town

from longmai.domains.livelihood.timebank.agreeing import Agreement, agree, cancel
from longmai.domains.livelihood.timebank.booking import (
    donate,
    expire,
    gift,
    redeem,
    take_back,
    transfer,
)
from longmai.domains.livelihood.timebank.books import (
    available,
    balances,
    banks,
    faults,
    is_open,
    member_in,
    members_query,
    money_fen,
    owed,
)
from longmai.domains.livelihood.timebank.desk import Desk
from longmai.domains.livelihood.timebank.founding import endow, pay_in
from longmai.domains.livelihood.timebank.members import NewMember, join
from longmai.domains.livelihood.timebank.model.posting import ended
from longmai.domains.livelihood.timebank.model.rules import BankRules
from longmai.domains.livelihood.timebank.settling import settle
from longmai.domains.livelihood.timebank.signing import end_due, sign_by_hand
from longmai.domains.livelihood.timebank.tables import ENTRY, POSTING, SERVICE
from longmai.kernel.errors import LongmaiError
from longmai.store.rebuild import rebuild

CAP, DAILY, CLEARING = 300, 2, 150
MINUTES = st.integers(1, 200)
INDEX = st.integers(0, 1000)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-60, 60)), max_size=25), st.integers(1, 5))
def test_the_formula_of_what_ended_is_the_queue(acts: list[tuple[int, int]], term: int) -> None:
    """A queue of minutes, first in first out, in days: the second reckoning."""
    queue: list[list[int]] = []
    credits_by_end: list[tuple[date, int]] = []
    day, spent = 1, 0
    for later, minutes in acts:
        day = min(day + later, 2000)
        if minutes > 0:
            queue.append([day + term, minutes])
            credits_by_end.append((date.fromordinal(day + term), minutes))
        left = min(-minutes, sum(each for _, each in queue)) if minutes < 0 else 0
        spent += left
        while left:
            taken = min(left, queue[0][1])
            queue[0][1] -= taken
            left -= taken
            if not queue[0][1]:
                queue.pop(0)
    over = sum(minutes for end, minutes in queue if end < day)
    assert ended(credits_by_end, spent, date.fromordinal(day)) == over


class Books(RuleBasedStateMachine):
    """Two banks with limits that bite, and whatever people may think of doing there."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.here: Town = self.stack.enter_context(town(f"sqlite:///{Path(folder) / 'town.db'}"))

    def teardown(self) -> None:
        """See that the ledger alone gives these tables, too."""
        assert list(rebuild(self.here.store)) == []
        self.stack.close()

    @initialize(over=st.sampled_from(["honour", "fund", "refuse"]))
    def open(self, over: str) -> None:
        """Open two banks with the same three people in both."""
        raw = dict(rules().raw)
        raw["redeems"] = [{"code": "rice", "name": "米", "name_en": "rice", "minutes": 30}]
        raw["rules"] = rules(
            cap_minutes=CAP, daily_services=DAILY, over_cap=over, gift="anyone",
            spend_from_age="none", expires_months=1, clearing_limit_minutes=CLEARING,
            bank_pays_for="age >= 75", cover_fen_per_hour=100,
        ).raw["rules"]  # fmt: skip
        people = [(uuid4(), year) for year in (1940, 1955, 1966)]
        for name in ("甲", "乙"):
            bank = self.here.bank(BankRules(raw), name)
            with self.here.desk() as desk:
                for account, year in people:
                    join(
                        desk,
                        bank,
                        NewMember(name, REGION, born=date(year, 1, 1), account_id=account),
                    )
        with self.here.store.read() as connection:
            self.members = [member_in(row) for row in connection.execute(members_query())]
            self.banks = [bank.id for bank in banks(connection)]

    def told(self) -> dict[str, Any]:
        """Return everything that the books say."""
        with self.here.store.read() as connection:
            accounts = connection.execute(
                select(POSTING.c.bank_id, POSTING.c.account).distinct()
            ).all()
            found: dict[str, Any] = {
                f"{bank} {account}": balances(connection, bank, [account])[account]
                for bank, account in accounts
            }
            day = self.here.clock.now().date()
            free = {str(each.id): available(connection, each, day) for each in self.members}
            fen = {f"{bank} fen": money_fen(connection, bank) for bank in self.banks}
            return {name: value for name, value in {**found, **free, **fen}.items() if value != 0}

    def do(self, act: Callable[[Desk], object]) -> object:
        """Do an act; where it is refused, nothing has changed."""
        before = self.told()
        try:
            with self.here.desk() as desk:
                return act(desk)
        except LongmaiError:
            assert self.told() == before
            return None

    def member(self, index: int) -> UUID:
        """Return one of the members."""
        return self.members[index % len(self.members)].id

    @rule(one=INDEX, other=INDEX, minutes=st.integers(1, 240))
    def agrees(self, one: int, other: int, minutes: int) -> None:
        """Agree on a service."""
        wish = Agreement(
            self.member(one), self.member(other), "chat", self.here.clock.now(), minutes
        )
        self.do(lambda desk: agree(desk, wish))

    @rule(one=INDEX, other=INDEX, minutes=st.integers(1, 240))
    def serves(self, one: int, other: int, minutes: int) -> None:
        """Agree on a service and do it."""
        wish = Agreement(
            self.member(one), self.member(other), "chat", self.here.clock.now(), minutes
        )
        service = self.do(lambda desk: agree(desk, wish))
        if isinstance(service, UUID):
            self.do(lambda desk: sign_by_hand(desk, service, "in", desk.now, "x"))
            self.here.clock.pass_by(minutes=minutes)
            self.do(lambda desk: sign_by_hand(desk, service, "out", desk.now, "x"))

    @rule(index=INDEX, stop=st.booleans())
    def goes_on(self, index: int, stop: bool) -> None:
        """Bring a service a step further, or cancel it."""
        with self.here.store.read() as connection:
            ids = connection.scalars(select(SERVICE.c.id).where(is_open())).all()
        if not ids:
            return
        chosen = ids[index % len(ids)]
        if stop:
            self.do(lambda desk: cancel(desk, chosen, "x"))
        else:
            self.do(lambda desk: sign_by_hand(desk, chosen, end_due(desk, chosen), desk.now, "x"))

    @rule(one=INDEX, other=INDEX, minutes=MINUTES)
    def gives(self, one: int, other: int, minutes: int) -> None:
        """Give hours within a bank, or to the other."""
        a, b = self.member(one), self.member(other)
        alike = self.members[one % 6].bank_id == self.members[other % 6].bank_id
        self.do(lambda desk: (gift if alike else transfer)(desk, a, b, minutes))

    @rule(one=INDEX, minutes=MINUTES)
    def donates(self, one: int, minutes: int) -> None:
        """Give hours to the fund."""
        self.do(lambda desk: donate(desk, self.member(one), minutes))

    @rule(one=INDEX)
    def redeems(self, one: int) -> None:
        """Give hours back."""
        self.do(lambda desk: redeem(desk, self.member(one), "rice"))

    @rule(bank=st.integers(0, 1), minutes=MINUTES)
    def governs(self, bank: int, minutes: int) -> None:
        """Endow the fund, with hours and money."""
        self.do(lambda desk: endow(desk, self.banks[bank], minutes, "x"))
        self.do(lambda desk: pay_in(desk, self.banks[bank], minutes, "x"))

    @rule()
    def settles(self) -> None:
        """Settle between the banks: nobody owes anything then."""
        if self.do(settle) is not None:
            with self.here.store.read() as connection:
                assert not any(owed(connection).values())

    @rule(bank=st.integers(0, 1), days=st.integers(0, 20))
    def time_goes_by(self, bank: int, days: int) -> None:
        """Days pass, and what has ended is booked."""
        self.here.clock.pass_by(days=days)
        self.do(lambda desk: expire(desk, self.banks[bank]))

    @rule(index=INDEX)
    def takes_back(self, index: int) -> None:
        """Take an entry back."""
        with self.here.store.read() as connection:
            ids = connection.scalars(select(ENTRY.c.record_id).order_by(ENTRY.c.record_id)).all()
        if ids:
            self.do(lambda desk: take_back(desk, ids[index % len(ids)], "x"))

    @rule(one=INDEX, other=INDEX, minutes=MINUTES, donated=st.booleans())
    def thinks_better_of_it(self, one: int, other: int, minutes: int, donated: bool) -> None:
        """Book something and take it back at once: everything is as it was."""
        before = self.told()
        a, b = self.member(one), self.member(other)
        alike = self.members[one % 6].bank_id == self.members[other % 6].bank_id
        way = gift if alike else transfer
        done = self.do(
            lambda desk: donate(desk, a, minutes) if donated else way(desk, a, b, minutes)
        )
        if done is not None:
            with self.here.desk() as desk:
                newest = desk.connection.scalar(
                    select(ENTRY.c.record_id).order_by(ENTRY.c.record_id.desc()).limit(1)
                )
                assert newest is not None
                take_back(desk, newest, "x")
            assert self.told() == before

    @invariant()
    def the_books_are_right(self) -> None:
        """Zero on the whole, in each entry and bank; two books agree; no limit is broken."""
        with self.here.store.read() as connection:
            assert list(faults(connection)) == []
            for name, found in self.told().items():
                if "member:" in name:
                    assert 0 <= found <= CAP
                if "clearing:" in name:
                    assert abs(found) <= CLEARING
                if "reserved" in repr(found):
                    assert found.balance >= found.reserved
            taken = {row for row in connection.scalars(select(ENTRY.c.reverses)) if row}
            done: dict[tuple[UUID, date], int] = {}
            for row in connection.execute(select(ENTRY).where(ENTRY.c.deed == "service")):
                if row.record_id not in taken:
                    key = (row.member_id, row.day)
                    done[key] = done.get(key, 0) + 1
            assert all(count <= DAILY for count in done.values())


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=12, stateful_step_count=25)
