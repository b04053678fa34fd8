"""A small town for the tests: a clock that is set, two or more banks, members."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from longmai.domains.livelihood.timebank import sample
from longmai.domains.livelihood.timebank.books import PERSON
from longmai.domains.livelihood.timebank.desk import Desk
from longmai.domains.livelihood.timebank.founding import NewBank, open_bank
from longmai.domains.livelihood.timebank.members import NewMember, join
from longmai.domains.livelihood.timebank.model.rules import BankRules, rules_in
from longmai.domains.livelihood.timebank.tables import PROJECTIONS
from longmai.portal.rights.model import EVERYWHERE, Policy
from longmai.portal.rights.visitor import Visitor
from longmai.store.database import connect, migrate
from longmai.store.unit_of_work import Store

SAMPLES = Path(sample.__file__).parent
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
REGION = "990102"
OPERATOR = Visitor("operator", Policy({}), date(2026, 3, 2), everything=EVERYWHERE)


@dataclass
class SetClock:
    """A clock that tests set."""

    instant: datetime = START

    def now(self) -> datetime:
        """Return what it is set to."""
        return self.instant

    def pass_by(self, **time: float) -> None:
        """Let time go by."""
        self.instant += timedelta(**time)


@dataclass
class Town:
    """A store with the time bank alone, and the clock on its wall."""

    store: Store
    clock: SetClock = field(default_factory=SetClock)

    @contextmanager
    def desk(self, visitor: Visitor = OPERATOR) -> Iterator[Desk]:
        """Open a desk; what is done there is committed at the end."""
        with self.store.begin() as work:
            yield Desk(work, visitor, self.clock.now())

    def bank(self, rules: BankRules, name: str = "示例银行") -> UUID:
        """Open a bank."""
        with self.desk() as desk:
            return open_bank(desk, NewBank(name, REGION, rules))

    def member(self, bank: UUID, name: str = "张三", born: int = 1950, **more: Any) -> UUID:
        """Let a person join."""
        wish = NewMember(name, REGION, PERSON, date(born, 1, 1), **more)
        with self.desk() as desk:
            return join(desk, bank, wish)


@contextmanager
def town(url: str) -> Iterator[Town]:
    """Open an empty town."""
    engine = connect(url)
    migrate(engine)
    clock = SetClock()
    try:
        yield Town(Store(engine, PROJECTIONS, clock), clock)
    finally:
        engine.dispose()


def rules(**changed: Any) -> BankRules:
    """Return the first sample bank's rules, changed by name: value."""
    found = rules_in(SAMPLES, "east")
    told = {**found.raw["rules"]}
    for name, value in changed.items():
        told[name] = {**told.get(name, {}), "value": value}
    return replace(found, raw={**found.raw, "rules": told})


def as_account(account_id: UUID) -> Visitor:
    """Return the visitor of an account without any post."""
    return Visitor("account:x", Policy({}), date(2026, 3, 2), account_id=account_id)
