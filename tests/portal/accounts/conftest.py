"""A house with a clock of the test's own, and people."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.visitor import account_with

from longmai.app import build_house
from longmai.kernel.settings import load_settings
from longmai.portal.accounts.credentials import set_password
from longmai.portal.accounts.queries import Account
from longmai.portal.house import House
from longmai.portal.rights.model import Grant

PASSWORD = "plum tractor seventeen moss"  # noqa: S105 - of the tests


@dataclass
class MovedClock:
    """A clock that the test moves."""

    instant: datetime = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the instant."""
        return self.instant

    def move(self, **by: float) -> None:
        """Let time go by."""
        self.instant += timedelta(**by)


@pytest.fixture
def clock() -> MovedClock:
    """The test's clock."""
    return MovedClock()


@pytest.fixture
def house(tmp_path: Path, clock: MovedClock) -> Iterator[House]:
    """An empty house."""
    opened = build_house(load_settings(data=tmp_path / "data"), clock)
    yield opened
    opened.store.engine.dispose()


@pytest.fixture
def person(house: House) -> Account:
    """Somebody with a password and no post."""
    return with_password(house, account_with(house, login="wang.li"))


def with_password(house: House, who: Account) -> Account:
    """Give somebody the password of the tests."""
    with house.store.begin() as work:
        set_password(work.connection, who.id, PASSWORD, house.clock.now())
    return replace(who, ready=True)


def role(house: House, name: str, purpose: str) -> Grant:
    """Return a grant for the whole house."""
    return Grant(name, house.regions.code, purpose)
