"""What the books say: banks, rules in force, members, balances."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from longmai.domains.livelihood.timebank.model import accounts
from longmai.domains.livelihood.timebank.model.accounts import FUND, ISSUE
from longmai.domains.livelihood.timebank.model.posting import Line, ended
from longmai.domains.livelihood.timebank.model.rules import BankRules, Facts, age_on
from longmai.domains.livelihood.timebank.tables import (
    BANK,
    CANCELLED,
    ENTRY,
    KIN,
    LINK,
    MEMBER,
    MONEY,
    POSTING,
    RULES,
    SERVICE,
    TRAIT,
)
from longmai.kernel.errors import NotFound

PERSON = "person"
GROUP = "group"


@dataclass(frozen=True)
class Bank:
    """A bank of hours."""

    id: UUID
    name: str
    region: str
    sample: bool


@dataclass(frozen=True)
class Member:
    """A member of a bank.

    Attributes:
        account_id: of the portal's account that acts for it; None: the coordinator does.
        kind: person or group.
        born: None for a group.
        guardian: who consented for a minor.
    """

    id: UUID
    bank_id: UUID
    account_id: UUID | None
    kind: str
    name: str
    born: date | None
    region: str
    guardian: str
    sample: bool

    @property
    def account(self) -> str:
        """Return the account that it spends from."""
        return accounts.member(self.id)


@dataclass(frozen=True)
class Available:
    """What a member may spend.

    Attributes:
        balance: on the account.
        ended: minutes of it whose time is over, though nobody has booked that yet.
        reserved: minutes of it that services agreed on will take.
    """

    balance: int
    ended: int
    reserved: int

    @property
    def free(self) -> int:
        """Return what is left to spend."""
        return max(0, self.balance - self.ended - self.reserved)


def bank_of(connection: Connection, bank_id: UUID) -> Bank:
    """Return a bank.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(select(BANK).where(BANK.c.id == bank_id)).first()
    if row is None:
        raise NotFound("no such time bank", code="hours.bank", value=str(bank_id))
    return _bank(row)


def banks(connection: Connection, within: ColumnElement[bool] | None = None) -> list[Bank]:
    """Return the banks by name; those that a condition on their rows keeps."""
    query = select(BANK).order_by(BANK.c.name, BANK.c.id)
    return [
        _bank(row) for row in connection.execute(query if within is None else query.where(within))
    ]


def _bank(row: Row[tuple[object, ...]]) -> Bank:
    return Bank(row.id, row.name, row.region, row.sample)


def rules_on(connection: Connection, bank_id: UUID, day: date) -> BankRules:
    """Return the rules that hold on a day: the newest of those that have begun.

    Raises:
        NotFound: none has.
    """
    query = (
        select(RULES.c.rules)
        .where(RULES.c.bank_id == bank_id, RULES.c.since <= day)
        .order_by(RULES.c.since.desc(), RULES.c.record_id.desc())
    )
    raw = connection.scalar(query.limit(1))
    if raw is None:
        raise NotFound("the bank has no rules on this day", code="hours.bank", value=str(bank_id))
    return BankRules(raw)


def member_of(connection: Connection, member_id: UUID) -> Member:
    """Return a member.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(members_query().where(MEMBER.c.id == member_id)).first()
    if row is None:
        raise NotFound("no such member", code="hours.member", value=str(member_id))
    return member_in(row)


def members_query() -> Select[Any]:
    """Return the query of members, each with the account that acts for it now."""
    newest = (
        select(LINK.c.account_id)
        .where(LINK.c.member_id == MEMBER.c.id)
        .order_by(LINK.c.record_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(MEMBER, newest.label("account_id"))


def member_in(row: Row[tuple[object, ...]]) -> Member:
    """Return the member of a row."""
    return Member(
        row.id, row.bank_id, row.account_id, row.kind, row.name, row.born, row.region,
        row.guardian, row.sample,
    )  # fmt: skip


def memberships(connection: Connection, account_id: UUID | None) -> list[Member]:
    """Return the memberships that an account acts for."""
    if account_id is None:
        return []
    mine = select(LINK.c.member_id).where(LINK.c.account_id == account_id)
    query = members_query().where(MEMBER.c.id.in_(mine)).order_by(MEMBER.c.record_id)
    found = [member_in(row) for row in connection.execute(query)]
    return [each for each in found if each.account_id == account_id]


def facts_of(connection: Connection, member: Member, day: date) -> Facts:
    """Return what the rules ask of a member on a day."""
    told = TRAIT.c
    query = select(told.trait).where(
        told.member_id == member.id,
        told.since <= day,
        or_(told.until.is_(None), told.until >= day),
    )
    age = None if member.born is None else age_on(member.born, day)
    return Facts(age, frozenset(connection.scalars(query)))


def relations(connection: Connection, member_id: UUID, other_id: UUID) -> set[str]:
    """Return what one member is to another, as was recorded."""
    query = select(KIN.c.relation).where(KIN.c.member_id == member_id, KIN.c.other_id == other_id)
    return set(connection.scalars(query))


def balances(connection: Connection, bank_id: UUID, names: Collection[str]) -> dict[str, int]:
    """Return the balances of accounts; an account that nobody posted to has 0."""
    told = POSTING.c
    query = (
        select(told.account, func.sum(told.minutes))
        .where(told.bank_id == bank_id, told.account.in_(names))
        .group_by(told.account)
    )
    found = {account: int(minutes) for account, minutes in connection.execute(query)}
    return {name: found.get(name, 0) for name in names}


def available(connection: Connection, member: Member, day: date) -> Available:
    """Return what a member may spend on a day."""
    told = POSTING.c
    mine = and_(told.bank_id == member.bank_id, told.account == member.account)
    rows = connection.execute(
        select(told.spends, told.ends_on, func.sum(told.minutes))
        .where(mine)
        .group_by(told.spends, told.ends_on)
    ).all()
    credits_by_end = [(end, int(minutes)) for spends, end, minutes in rows if not spends]
    spent = -sum(int(minutes) for spends, _, minutes in rows if spends)
    balance = sum(minutes for _, minutes in credits_by_end) - spent
    over = ended(credits_by_end, spent, day)
    return Available(balance, over, reserved(connection, member.id))


def reserved(connection: Connection, member_id: UUID) -> int:
    """Return the minutes that services agreed on will take from a member."""
    mine = (SERVICE.c.recipient_id == member_id, SERVICE.c.paid_by == "recipient", is_open())
    return int(
        connection.scalar(select(func.coalesce(func.sum(SERVICE.c.price), 0)).where(*mine)) or 0
    )


def is_open() -> ColumnElement[bool]:
    """Return the condition that a service was neither cancelled nor booked."""
    cancelled = select(CANCELLED.c.record_id).where(CANCELLED.c.service_id == SERVICE.c.id)
    booked = select(ENTRY.c.record_id).where(ENTRY.c.service_id == SERVICE.c.id)
    return and_(~cancelled.exists(), ~booked.exists())


def stands(entry: ColumnElement[UUID] | None = None) -> ColumnElement[bool]:
    """Return the condition that an entry was not taken back."""
    other = ENTRY.alias("taking_back")
    mine = ENTRY.c.record_id if entry is None else entry
    return ~select(other.c.record_id).where(other.c.reverses == mine).exists()


def lines_of(connection: Connection, record_id: UUID) -> tuple[Line, ...]:
    """Return the lines of an entry."""
    query = select(POSTING).where(POSTING.c.record_id == record_id).order_by(POSTING.c.position)
    return tuple(
        Line(row.account, row.minutes, row.spends, row.ends_on) for row in connection.execute(query)
    )


def owed(connection: Connection) -> dict[tuple[UUID, UUID], int]:
    """Return what each bank's book says that it owes each other bank."""
    told = POSTING.c
    query = (
        select(told.bank_id, told.account, func.sum(told.minutes))
        .where(told.account.startswith("clearing:"))
        .group_by(told.bank_id, told.account)
    )
    return {
        (bank_id, accounts.owner_of(account)): int(minutes)
        for bank_id, account, minutes in connection.execute(query)
    }


def money_fen(connection: Connection, bank_id: UUID) -> int:
    """Return the money of a bank's fund, in fen."""
    query = select(func.coalesce(func.sum(MONEY.c.fen), 0)).where(MONEY.c.bank_id == bank_id)
    return int(connection.scalar(query) or 0)


@dataclass(frozen=True)
class Totals:
    """The book of a bank by kinds of account; they add up to zero.

    Attributes:
        issued: what is in circulation.
        members: what members may spend, now or later: what the fund's money must cover.
        owed: what other banks are owed, less what they owe.
    """

    issued: int
    members: int
    fund: int
    honour: int
    owed: int

    @property
    def difference(self) -> int:
        """Return what is missing from zero; 0 in every right book."""
        return self.members + self.fund + self.honour + self.owed - self.issued

    @property
    def liability(self) -> int:
        """Return the minutes that the bank answers for."""
        return self.members + max(0, self.owed)


def totals(connection: Connection, bank_id: UUID) -> Totals:
    """Return the totals of a bank's book."""
    told = POSTING.c
    sums: dict[str, int] = dict.fromkeys(accounts.KINDS, 0)
    for account, minutes in connection.execute(
        select(told.account, func.sum(told.minutes))
        .where(told.bank_id == bank_id)
        .group_by(told.account)
    ):
        sums[accounts.kind_of(account)] += int(minutes)
    return Totals(-sums[ISSUE], sums["member"], sums[FUND], sums["honour"], sums["clearing"])


def faults(connection: Connection) -> Iterator[str]:
    """Yield what is wrong in the books, computed anew from the postings; nothing in right books."""
    told = POSTING.c
    uneven = select(told.record_id).group_by(told.record_id).having(func.sum(told.minutes) != 0)
    yield from (
        f"entry {record_id} does not add up to zero" for record_id in connection.scalars(uneven)
    )
    for bank in banks(connection):
        found = totals(connection, bank.id)
        if found.difference:
            yield f"bank {bank.id} is off by {found.difference} minutes"
        yield from _below_zero(connection, bank)
        if money_fen(connection, bank.id) < 0:
            yield f"bank {bank.id}: the fund's money is below 0"
    books = owed(connection)
    for (one, other), minutes in books.items():
        if minutes + books.get((other, one), 0):
            yield f"banks {one} and {other} do not say the same of each other"
    yield from _half(connection)


def _below_zero(connection: Connection, bank: Bank) -> Iterator[str]:
    told = POSTING.c
    query = (
        select(told.account)
        .where(
            told.bank_id == bank.id, told.account != ISSUE, ~told.account.startswith("clearing:")
        )
        .group_by(told.account)
        .having(func.sum(told.minutes) < 0)
    )
    yield from (f"{account} of bank {bank.id} is below 0" for account in connection.scalars(query))


def _half(connection: Connection) -> Iterator[str]:
    # What two or more banks book together has one reference, and its clearing lines are nothing
    # on the whole.
    query = (
        select(ENTRY.c.reference)
        .join(POSTING, POSTING.c.record_id == ENTRY.c.record_id)
        .where(ENTRY.c.reference.is_not(None), POSTING.c.account.startswith("clearing:"))
        .group_by(ENTRY.c.reference)
        .having(func.sum(POSTING.c.minutes) != 0)
    )
    yield from (
        f"reference {reference} was booked by half" for reference in connection.scalars(query)
    )
