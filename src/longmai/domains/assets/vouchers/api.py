"""The journal over HTTP."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from longmai.domains.assets.vouchers.pages import journal_filters
from longmai.domains.assets.vouchers.queries import journal, journal_size, trial_balance
from longmai.domains.assets.vouchers.service import READ
from longmai.portal.house import house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/assets/vouchers", tags=["assets"])


class VoucherLine(BaseModel):
    """A line of a voucher, in fen; `sequence` is the voucher's number in the village's year."""

    record: UUID
    region: str
    year: int
    sequence: int | None
    on: date
    text: str
    code: str
    account: str
    side: Literal["debit", "credit"]
    amount_fen: int
    source: str
    about: UUID


class AccountSum(BaseModel):
    """What was booked on an account, in fen."""

    code: str
    account: str
    debit_fen: int
    credit_fen: int


class Journal(BaseModel):
    """A page of the journal, with the sums by account of all that matches."""

    total: int
    lines: list[VoucherLine]
    accounts: list[AccountSum]


@router.get("")
def read_journal(
    request: Request,
    visitor: Annotated[Visitor, needs(READ)],
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
    since: date | None = None,
    until: date | None = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Journal:
    """List lines of vouchers, newest first, of the visitor's villages."""
    del region, since, until  # declared for the description; read as the page reads them
    filters = journal_filters(request, visitor)
    with house_of(request).store.read() as connection:
        total = journal_size(connection, filters)
        rows = journal(connection, filters, Window("day", (page - 1) * size, size))
        balances = trial_balance(connection, filters)
    names = ("region", "year", "sequence", "text", "code", "account", "side", "amount_fen",
             "source", "about")  # fmt: skip
    lines = [
        VoucherLine(record=row.record_id, on=row.on_day, **{n: getattr(row, n) for n in names})
        for row in rows
    ]
    return Journal(total=total, lines=lines, accounts=[AccountSum(**vars(b)) for b in balances])
