"""Lists that pages, files and the API show: statements, entries, members, notices, reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    distinct,
    extract,
    func,
    or_,
    select,
)

from longmai.domains.livelihood.timebank.agreeing import notice_in
from longmai.domains.livelihood.timebank.books import (
    Member,
    is_open,
    member_in,
    members_query,
    money_fen,
    rules_on,
    stands,
    totals,
)
from longmai.domains.livelihood.timebank.model import accounts
from longmai.domains.livelihood.timebank.model.clearing import cover_fen
from longmai.domains.livelihood.timebank.model.notices import Notice
from longmai.domains.livelihood.timebank.tables import (
    CERTIFICATE,
    ENTRY,
    KIN,
    MEMBER,
    NOTICE,
    NOTICE_CLOSED,
    POSTING,
    PRESENCE,
    SERVICE,
    TRAIT,
)
from longmai.kernel.region_codes import prefix
from longmai.store.table_window import Window

_HELPER = MEMBER.alias("helper")
_RECIPIENT = MEMBER.alias("recipient")


@dataclass(frozen=True)
class StatementRow:
    """A line of a member's statement; ``balance`` is that of the account after it."""

    record_id: UUID
    at: datetime
    deed: str
    code: str
    minutes: int
    balance: int
    ends_on: date | None
    note: str
    taken_back: bool


@dataclass(frozen=True)
class EntryRow:
    """An entry as the coordinator's list shows it; ``moved`` is what changed hands."""

    record_id: UUID
    at: datetime
    deed: str
    code: str
    name: str
    moved: int
    served: int
    note: str
    taken_back: bool


@dataclass(frozen=True)
class ServiceRow:
    """A service that is open; ``began`` is None before the sign-in."""

    id: UUID
    bank_id: UUID
    item: str
    planned_at: datetime
    planned: int
    price: int
    paid_by: str
    helper_id: UUID
    helper: str
    recipient_id: UUID
    recipient: str
    began: datetime | None


@dataclass(frozen=True)
class ReportRow:
    """Services of one bank, month and category; reversed ones do not count."""

    bank_id: UUID
    month: str
    category: str
    services: int
    helpers: int
    served: int


@dataclass(frozen=True)
class Cover:
    """How the fund's money covers what a bank answers for.

    Attributes:
        liability: minutes.
        money_fen: of the fund.
        needed_fen: at the declared rate; None where none is declared or confirmed.
    """

    liability: int
    money_fen: int
    rate_fen: int | None
    needed_fen: int | None

    @property
    def percent(self) -> int | None:
        """Return the share that is covered, rounded down; None where it cannot be told."""
        if self.needed_fen is None:
            return None
        return 100 if self.needed_fen == 0 else self.money_fen * 100 // self.needed_fen


def cover(connection: Connection, bank_id: UUID, day: date) -> Cover:
    """Return how far the fund's money reaches."""
    rules, answers_for = rules_on(connection, bank_id, day), totals(connection, bank_id).liability
    rate = rules.number("cover_fen_per_hour") if "cover_fen_per_hour" in rules.declared else None
    needed = None if rate is None else cover_fen(answers_for, rate)
    return Cover(answers_for, money_fen(connection, bank_id), rate, needed)


def statement(
    connection: Connection, member: Member, window: Window, *, honour: bool = False
) -> tuple[int, list[StatementRow]]:
    """Return the number of lines of a member's account, and one page of them, newest first."""
    account = accounts.honour(member.id) if honour else member.account
    told = POSTING.c
    mine = and_(told.bank_id == member.bank_id, told.account == account)
    order = (told.record_id, told.position)
    lines = (
        select(POSTING, func.sum(told.minutes).over(order_by=order).label("balance"))
        .where(mine)
        .subquery()
    )
    total = connection.scalar(select(func.count()).select_from(POSTING).where(mine)) or 0
    query = (
        select(
            lines, ENTRY.c.at, ENTRY.c.deed, ENTRY.c.code, ENTRY.c.note, (~stands()).label("back")
        )
        .join(ENTRY, ENTRY.c.record_id == lines.c.record_id)
        .order_by(lines.c.record_id.desc(), lines.c.position.desc())
        .offset(window.offset)
        .limit(window.size)
    )
    return total, [
        StatementRow(
            row.record_id, row.at, row.deed, row.code, row.minutes, int(row.balance), row.ends_on,
            row.note, bool(row.back),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def entries(
    connection: Connection, bank_id: UUID, deed: str, text: str, window: Window
) -> tuple[int, list[EntryRow]]:
    """Return the number of a bank's entries that match, and one page of them, newest first."""
    where = [ENTRY.c.bank_id == bank_id]
    if deed:
        where.append(ENTRY.c.deed == deed)
    if text:
        where.append(named(MEMBER, text))
    joined = ENTRY.outerjoin(MEMBER, MEMBER.c.id == ENTRY.c.member_id)
    total = connection.scalar(select(func.count()).select_from(joined).where(*where)) or 0
    moved = (
        select(func.coalesce(func.sum(func.abs(POSTING.c.minutes)), 0) / 2)
        .where(POSTING.c.record_id == ENTRY.c.record_id)
        .scalar_subquery()
    )
    query = (
        select(ENTRY, MEMBER.c.name, moved.label("moved"), (~stands()).label("back"))
        .select_from(joined)
        .where(*where)
        .order_by(ENTRY.c.record_id.desc())
        .offset(window.offset)
        .limit(window.size)
    )
    return total, [
        EntryRow(
            row.record_id, row.at, row.deed, row.code, row.name or "", int(row.moved), row.served,
            row.note, bool(row.back),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def named(table: Any, text: str) -> ColumnElement[bool]:
    """Return the condition that a name holds a text, or its pinyin initials do."""
    ways = [table.c.name.icontains(text, autoescape=True)]
    if text.isascii():
        ways.append(table.c.initials.icontains(text, autoescape=True))
    return or_(*ways)


@dataclass(frozen=True)
class MemberRow:
    """A member in the list, with the balance of the account."""

    member: Member
    balance: int
    joined_at: datetime


def members(
    connection: Connection, bank_id: UUID, text: str, window: Window
) -> tuple[int, list[MemberRow]]:
    """Return the number of a bank's members that match, and one page of them by name."""
    where = [MEMBER.c.bank_id == bank_id, *([named(MEMBER, text)] if text else [])]
    total = connection.scalar(select(func.count()).select_from(MEMBER).where(*where)) or 0
    query = members_query().where(*where).order_by(MEMBER.c.name, MEMBER.c.id)
    rows = connection.execute(query.offset(window.offset).limit(window.size)).all()
    names = [accounts.member(row.id) for row in rows]
    by_account = (
        select(POSTING.c.account, func.sum(POSTING.c.minutes))
        .where(POSTING.c.bank_id == bank_id, POSTING.c.account.in_(names))
        .group_by(POSTING.c.account)
    )
    sums = {account: int(minutes) for account, minutes in connection.execute(by_account)}
    return total, [
        MemberRow(member_in(row), sums.get(accounts.member(row.id), 0), row.at) for row in rows
    ]


def member_count(connection: Connection, bank_id: UUID) -> int:
    """Return how many members a bank has."""
    query = select(func.count()).select_from(MEMBER).where(MEMBER.c.bank_id == bank_id)
    return connection.scalar(query) or 0


def traits(connection: Connection, member_id: UUID) -> Sequence[Row[Any]]:
    """Return what was recorded about a member, newest first."""
    query = select(TRAIT).where(TRAIT.c.member_id == member_id).order_by(TRAIT.c.record_id.desc())
    return connection.execute(query).all()


def kin(connection: Connection, member_id: UUID) -> Sequence[Any]:
    """Return a member's recorded kin: id, name, bank_id, relation, basis."""
    query = (
        select(MEMBER.c.id, MEMBER.c.name, MEMBER.c.bank_id, KIN.c.relation, KIN.c.basis)
        .join(MEMBER, MEMBER.c.id == KIN.c.other_id)
        .where(KIN.c.member_id == member_id)
        .order_by(KIN.c.record_id)
    )
    return list(connection.execute(query))


def services(
    connection: Connection, where: ColumnElement[bool], most: int = 200
) -> list[ServiceRow]:
    """Return open services of a condition, the next first."""
    began = (
        select(PRESENCE.c.moment)
        .where(PRESENCE.c.service_id == SERVICE.c.id, PRESENCE.c.end == "in")
        .scalar_subquery()
    )
    query = (
        select(
            SERVICE,
            _HELPER.c.name.label("helper"),
            _RECIPIENT.c.name.label("recipient"),
            began.label("began"),
        )
        .join(_HELPER, _HELPER.c.id == SERVICE.c.helper_id)
        .join(_RECIPIENT, _RECIPIENT.c.id == SERVICE.c.recipient_id)
        .where(where, is_open())
        .order_by(SERVICE.c.planned_at, SERVICE.c.id)
        .limit(most)
    )
    return [
        ServiceRow(
            row.id, row.bank_id, row.item, row.planned_at, row.planned, row.price, row.paid_by,
            row.helper_id, row.helper, row.recipient_id, row.recipient, row.began,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


@dataclass(frozen=True)
class NoticeSearch:
    """What a search for notices asks: empty fields ask nothing."""

    kind: str = ""
    item: str = ""
    region: str = ""
    day: date | None = None
    bank_id: UUID | None = None
    member_id: UUID | None = None


def notices(
    connection: Connection, search: NoticeSearch, today: date, window: Window
) -> tuple[int, list[Notice]]:
    """Return the number of notices that stand and match, and one page of them, newest first."""
    found = NOTICE.c
    closed = select(NOTICE_CLOSED.c.record_id).where(NOTICE_CLOSED.c.notice_id == found.id)
    where: list[ColumnElement[bool]] = [~closed.exists(), found.until >= today]
    asked: Mapping[str, Any] = {
        "kind": search.kind, "item": search.item, "bank_id": search.bank_id,
        "member_id": search.member_id,
    }  # fmt: skip
    where += [found[name] == value for name, value in asked.items() if value]
    if search.region:
        where.append(found.region.startswith(prefix(search.region)))
    if search.day is not None:
        weekly = and_(
            found.day.is_(None),
            found.weekdays.contains(str(search.day.isoweekday())),
            found.until >= search.day,
        )
        where.append(or_(found.day == search.day, weekly))
    query: Select[Any] = select(NOTICE).where(*where)
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = connection.execute(
        query.order_by(found.record_id.desc()).offset(window.offset).limit(window.size)
    )
    return total, [notice_in(row) for row in rows]


def report(
    connection: Connection, bank_ids: Sequence[UUID], since: date, until: date
) -> list[ReportRow]:
    """Return what was served in banks, by month and category."""
    told = ENTRY.c
    year, month = extract("year", told.day), extract("month", told.day)
    query = (
        select(
            told.bank_id, year, month, told.category, func.count(),
            func.count(distinct(told.member_id)), func.sum(told.served),
        )
        .where(
            told.deed == "service", told.bank_id.in_(bank_ids), told.day >= since,
            told.day <= until, stands(),
        )
        .group_by(told.bank_id, year, month, told.category)
        .order_by(year.desc(), month.desc(), told.bank_id, told.category)
    )  # fmt: skip
    return [
        ReportRow(bank, f"{int(y)}-{int(m):02d}", category, count, helpers, int(served))
        for bank, y, m, category, count, helpers, served in connection.execute(query)
    ]


@dataclass(frozen=True)
class Served:
    """A service that a helper did, for a certificate."""

    day: date
    code: str
    minutes: int


def served_by(connection: Connection, member_id: UUID, since: date, until: date) -> list[Served]:
    """Return the services of a helper in a time, oldest first; reversed ones do not count."""
    told = ENTRY.c
    query = (
        select(told.day, told.code, told.served)
        .where(
            told.deed == "service", told.member_id == member_id, told.day >= since,
            told.day <= until, stands(),
        )
        .order_by(told.day, told.record_id)
    )  # fmt: skip
    return [Served(*row) for row in connection.execute(query)]


def certificates(connection: Connection, member_id: UUID) -> Sequence[Row[Any]]:
    """Return a member's certificates, newest first."""
    query = select(CERTIFICATE).where(CERTIFICATE.c.member_id == member_id)
    return connection.execute(query.order_by(CERTIFICATE.c.record_id.desc())).all()
