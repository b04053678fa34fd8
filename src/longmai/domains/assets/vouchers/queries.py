"""Reads of the journal, within a scope."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, case, func, or_, select

from longmai.domains.assets.vouchers.model import DEBIT
from longmai.domains.assets.vouchers.tables import VOUCHER
from longmai.kernel.region_codes import prefix
from longmai.portal.rights.model import EVERYWHERE, Scope
from longmai.store.table_window import Window

SORTS = {"day": VOUCHER.c.on_day, "number": VOUCHER.c.sequence, "code": VOUCHER.c.code}


@dataclass(frozen=True)
class JournalFilters:
    """What a journal is narrowed to; what is empty does not narrow.

    Attributes:
        region: code of a division, as long as it is significant.
        since, until: first and last day.
        code: of an account, or its beginning.
        text: part of a line's text.
    """

    region: str = ""
    since: date | None = None
    until: date | None = None
    code: str = ""
    text: str = ""
    scope: Scope = EVERYWHERE


def _narrowed(query: Select[Any], filters: JournalFilters) -> Select[Any]:
    query = query.where(filters.scope.rows(VOUCHER.c.region))
    if filters.region:
        query = query.where(VOUCHER.c.region.startswith(prefix(filters.region)))
    if filters.since:
        query = query.where(VOUCHER.c.on_day >= filters.since)
    if filters.until:
        query = query.where(VOUCHER.c.on_day <= filters.until)
    if filters.code:
        query = query.where(VOUCHER.c.code.startswith(filters.code, autoescape=True))
    if filters.text:
        query = query.where(
            or_(
                VOUCHER.c.text.contains(filters.text, autoescape=True),
                VOUCHER.c.account.contains(filters.text, autoescape=True),
            )
        )
    return query


def journal_size(connection: Connection, filters: JournalFilters) -> int:
    """Return how many lines match."""
    query = _narrowed(select(func.count()).select_from(VOUCHER), filters)
    return connection.scalar(query) or 0


def journal(connection: Connection, filters: JournalFilters, window: Window) -> list[Row[Any]]:
    """Return one window of the lines that match; lines of a voucher stay together."""
    column = SORTS.get(window.sort, VOUCHER.c.on_day)
    first = column.desc() if window.descending else column
    query = _narrowed(select(VOUCHER), filters).order_by(
        first, VOUCHER.c.region, VOUCHER.c.record_id, VOUCHER.c.position
    )
    return list(connection.execute(query.offset(window.offset).limit(window.size)))


@dataclass(frozen=True)
class Balance:
    """What was booked on an account, in fen."""

    code: str
    account: str
    debit_fen: int
    credit_fen: int

    @property
    def rest_fen(self) -> int:
        """Return debit less credit."""
        return self.debit_fen - self.credit_fen


def trial_balance(connection: Connection, filters: JournalFilters) -> list[Balance]:
    """Return what was booked on each account; both sides add up to the same."""
    of_debit = case((VOUCHER.c.side == DEBIT, VOUCHER.c.amount_fen), else_=0)
    sums = (func.sum(of_debit), func.sum(VOUCHER.c.amount_fen))
    query = _narrowed(select(VOUCHER.c.code, VOUCHER.c.account, *sums), filters)
    query = query.group_by(VOUCHER.c.code, VOUCHER.c.account).order_by(VOUCHER.c.code)
    return [
        Balance(code, account, int(debit), int(both) - int(debit))
        for code, account, debit, both in connection.execute(query)
    ]


def vouchers_of(connection: Connection, about: UUID) -> list[Row[Any]]:
    """Return the lines about a plan, contract or cover, in the order they were booked."""
    query = select(VOUCHER).where(VOUCHER.c.about == about)
    return list(connection.execute(query.order_by(VOUCHER.c.record_id, VOUCHER.c.position)))
