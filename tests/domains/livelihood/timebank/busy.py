"""A process that does random acts in two banks until it is killed, telling each that is durable.

``python -m tests.domains.livelihood.timebank.busy URL SEED ACTS BATCH``
"""

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import select
from tests.domains.livelihood.timebank.town import REGION, Town, rules, town

from longmai.domains.livelihood.timebank.agreeing import Agreement, agree
from longmai.domains.livelihood.timebank.booking import donate, expire, gift, take_back, transfer
from longmai.domains.livelihood.timebank.books import Member, banks, member_in, members_query
from longmai.domains.livelihood.timebank.desk import Desk
from longmai.domains.livelihood.timebank.founding import NewBank, endow, open_bank
from longmai.domains.livelihood.timebank.members import NewMember, join
from longmai.domains.livelihood.timebank.settling import settle
from longmai.domains.livelihood.timebank.signing import end_due, sign_by_hand
from longmai.domains.livelihood.timebank.tables import ENTRY
from longmai.kernel.errors import LongmaiError

MEMBERS = 8
WEIGHTS = {
    "serve": 30,
    "gift": 15,
    "donate": 8,
    "transfer": 25,
    "take_back": 10,
    "endow": 4,
    "settle": 6,
    "expire": 2,
}


def open_two_banks(here: Town) -> None:
    """Open two banks with the same people in both; their rules let much happen."""
    loose = rules(
        daily_services="none", daily_minutes="none", gift="anyone", cap_minutes=1200,
        spend_from_age="none", bank_pays_for="age >= 70", expires_months=6,
        cover_fen_per_hour="none", clearing_limit_minutes=3000,
    )  # fmt: skip
    people = [(uuid4(), 1940 + 5 * number) for number in range(MEMBERS)]
    with here.desk() as desk:
        for name in ("甲", "乙"):
            bank = open_bank(desk, NewBank(name, REGION, loose))
            for account, year in people:
                born = here.clock.now().date().replace(year=year)
                join(desk, bank, NewMember(f"{name}{year}", REGION, born=born, account_id=account))


@dataclass
class Busy:
    """Does one random act after the other.

    Attributes:
        dice: the random numbers; their seed is given.
        people: members of both banks.
    """

    dice: random.Random
    people: Sequence[Member]
    running: UUID | None = None

    def act(self, desk: Desk) -> str:
        """Do an act; return what names it in the books.

        Raises:
            LongmaiError: it was refused.
        """
        [name] = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
        does: dict[str, Callable[[Desk], object]] = {
            "serve": self._serve, "gift": self._gift, "transfer": self._transfer,
            "donate": lambda desk: donate(desk, self._one().id, self._minutes()),
            "take_back": self._take_back,
            "endow": lambda desk: endow(desk, self._one().bank_id, self._minutes(), "x"),
            "settle": lambda desk: settle(desk).reference,
            "expire": lambda desk: expire(desk, self._one().bank_id),
        }  # fmt: skip
        found = does[name](desk)
        return " ".join(map(str, found)) if isinstance(found, list) else str(found)

    def _one(self) -> Member:
        return self.dice.choice(self.people)

    def _minutes(self) -> int:
        return self.dice.randint(1, 90)

    def _pair(self, *, alike: bool) -> tuple[Member, Member]:
        one = self._one()
        others = [
            each
            for each in self.people
            if (each.bank_id == one.bank_id) is alike and each.id != one.id
        ]
        return one, self.dice.choice(others)

    def _gift(self, desk: Desk) -> UUID:
        one, other = self._pair(alike=True)
        return gift(desk, one.id, other.id, self._minutes())

    def _transfer(self, desk: Desk) -> UUID:
        one, other = self._pair(alike=False)
        return transfer(desk, one.id, other.id, self._minutes())

    def _serve(self, desk: Desk) -> UUID:
        # Either agree on a service, or bring one that was agreed on a step further.
        if self.running is None:
            one, other = self._pair(alike=True)
            wish = Agreement(one.id, other.id, "chat", desk.now, self._minutes())
            self.running = agree(desk, wish)
            return self.running
        done = sign_by_hand(desk, self.running, end_due(desk, self.running), desk.now, "x")
        if done.entry_id is not None:
            self.running = None
        return done.entry_id or done.presence_id

    def _take_back(self, desk: Desk) -> list[UUID]:
        newest = select(ENTRY.c.record_id).order_by(ENTRY.c.record_id.desc()).limit(40)
        entries = desk.connection.scalars(newest).all()
        return take_back(desk, self.dice.choice(entries), "x") if entries else []


def main(url: str, seed: int, acts: int, batch: int) -> None:
    """Do so many acts, so many in one transaction, and tell each once it is durable."""
    with town(url) as here:
        with here.store.read() as connection:
            people = [member_in(row) for row in connection.execute(members_query())]
            assert len(banks(connection)) == 2
        busy = Busy(random.Random(seed), people)
        here.clock.pass_by(days=seed % 5)
        for _ in range(0, acts, batch):
            here.clock.pass_by(minutes=busy.dice.randint(1, 50))
            told = []
            with here.desk() as desk:
                for _ in range(batch):
                    try:
                        with desk.connection.begin_nested():
                            told.append(f"done {busy.act(desk)}")
                    except LongmaiError as error:
                        told.append(f"refused {error.code}")
            sys.stdout.write("\n".join(told) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
