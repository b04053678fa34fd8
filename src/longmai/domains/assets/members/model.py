"""The roll of a village on a day: members, capacity, offices, kin, shares.

>>> [years_between(date(2008, 6, 1), day) for day in (date(2026, 5, 31), date(2026, 6, 1))]
[17, 18]
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from uuid import UUID

ADULT_YEARS = 18
"""An adult is 18 or older (Civil Code Art 17), and has full capacity (Art 18)."""

CAPACITIES = ("by_age", "full", "limited", "none")
"""``full``: also who is 16 and lives by own work (Civil Code Art 18); the last two: as judged."""

OFFICES = (
    "director",
    "supervisor",
    "finance",
    "representative",
    "committee",
    "villager_representative",
)


@dataclass(frozen=True)
class Member:
    """A person of a household.

    Attributes:
        belongs: a member of the collective, not only somebody of the household.
        villager: counted by the villagers' committee; the two are not the same people.
        capacity: one of ``CAPACITIES``.
        head: speaks for the household.
        shares: quantified to this person.
        login: of the account that this person signs in with; empty: none.
    """

    member_id: UUID
    household_id: UUID
    name: str
    sex: str
    born_on: date | None
    capacity: str = "by_age"
    belongs: bool = True
    villager: bool = True
    head: bool = False
    shares: Fraction = Fraction(0)
    login: str = ""

    def is_adult(self, on: date) -> bool:
        """Tell whether the person is 18 on a day; of unknown age: no."""
        return self.born_on is not None and years_between(self.born_on, on) >= ADULT_YEARS

    def is_competent(self, on: date) -> bool:
        """Tell whether the person has full capacity for civil acts on a day."""
        return self.capacity == "full" or (self.capacity == "by_age" and self.is_adult(on))


@dataclass(frozen=True)
class Household:
    """A household as it stands.

    Attributes:
        number: as the village counts them.
        since: the day from which this state holds.
        shares: quantified to the household itself, beside those of its people.
        account: of the bank card that money is paid to, with its holder's name; may be empty.
    """

    household_id: UUID
    number: str
    since: date
    version: int
    members: tuple[Member, ...]
    shares: Fraction = Fraction(0)
    account: str = ""
    payee: str = ""
    sample: bool = False

    @property
    def all_shares(self) -> Fraction:
        """Return the shares of the household and its people."""
        return self.shares + sum((each.shares for each in self.members), Fraction(0))

    @property
    def head(self) -> Member | None:
        """Return who speaks for it: the one named, else the first."""
        return next((each for each in self.members if each.head), next(iter(self.members), None))


@dataclass(frozen=True)
class Office:
    """An office that somebody holds."""

    member_id: UUID
    office: str
    since: date
    record_id: UUID


@dataclass(frozen=True)
class Roll:
    """The households of a village on a day."""

    region: str
    on: date
    households: tuple[Household, ...]
    offices: tuple[Office, ...] = ()
    kin: tuple[tuple[UUID, UUID], ...] = ()

    @cached_property
    def people(self) -> Mapping[UUID, Member]:
        """Everybody by ID."""
        return {each.member_id: each for home in self.households for each in home.members}

    @cached_property
    def homes(self) -> Mapping[UUID, Household]:
        """Households by ID."""
        return {each.household_id: each for each in self.households}

    @property
    def competent(self) -> tuple[Member, ...]:
        """Return the members with full capacity: they are the assembly (Art 26)."""
        return tuple(each for each in self._all() if each.belongs and each.is_competent(self.on))

    @property
    def adults(self) -> tuple[Member, ...]:
        """Return the villagers who are 18."""
        return tuple(each for each in self._all() if each.villager and each.is_adult(self.on))

    @property
    def heads(self) -> tuple[Member, ...]:
        """Return one adult who speaks for each household of villagers."""
        adults = {each.member_id for each in self.adults}
        found = []
        for home in self.households:
            own = [each for each in home.members if each.member_id in adults]
            own.sort(key=lambda each: not each.head)
            found += own[:1]
        return tuple(found)

    def in_office(self, *offices: str) -> tuple[Member, ...]:
        """Return who holds one of some offices."""
        held = {each.member_id for each in self.offices if each.office in offices}
        return tuple(each for each in self._all() if each.member_id in held)

    def kin_of(self, member_id: UUID) -> frozenset[UUID]:
        """Return the kin of a person: declared ones, and the people of the same household."""
        person = self.people.get(member_id)
        home = self.homes[person.household_id].members if person else ()
        found = {each.member_id for each in home}
        for one, other in self.kin:
            if member_id in {one, other}:
                found |= {one, other}
        return frozenset(found - {member_id})

    def label(self, member_id: UUID) -> str:
        """Return name and household of a person, as minutes say it."""
        person = self.people.get(member_id)
        return f"{person.name}（{self.homes[person.household_id].number}）" if person else "–"

    def _all(self) -> Iterator[Member]:
        for home in self.households:
            yield from home.members


def years_between(born_on: date, on: date) -> int:
    """Return the full years of age on a day; who is born on 29 February ages on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def total_shares(households: Sequence[Household]) -> Fraction:
    """Return all shares of some households."""
    return sum((each.all_shares for each in households), Fraction(0))
