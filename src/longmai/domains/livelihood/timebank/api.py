"""The time bank over HTTP: banks and their books, a member's account, services, clearing."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from longmai.domains.livelihood.timebank.agreeing import Agreement, agree
from longmai.domains.livelihood.timebank.booking import donate, gift, take_back, transfer
from longmai.domains.livelihood.timebank.books import (
    available,
    bank_of,
    banks,
    member_of,
    owed,
    rules_on,
    totals,
)
from longmai.domains.livelihood.timebank.desk import KEEP, REPORT, Desk
from longmai.domains.livelihood.timebank.queries import cover, report, statement
from longmai.domains.livelihood.timebank.showing import Anybody, done, today_of
from longmai.domains.livelihood.timebank.signing import sign, sign_by_hand, sign_key
from longmai.domains.livelihood.timebank.tables import BANK
from longmai.portal.house import house_of
from longmai.portal.rights.gates import OPEN, needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/livelihood/hours", tags=["time bank"])

Keeper = Annotated[Visitor, needs(KEEP)]
Reporter = Annotated[Visitor, needs(REPORT)]
Minutes = Annotated[int, Field(gt=0, le=10**6)]
_MOST = 200


class BankItem(BaseModel):
    """A bank and its book; minutes. `difference` is 0 in every right book."""

    id: UUID
    name: str
    region: str
    issued: int
    members: int
    fund: int
    honour: int
    owed: int
    difference: int
    liability: int
    money_fen: int
    needed_fen: int | None
    rules: str
    sample: bool


class StatementItem(BaseModel):
    """A line of a statement."""

    record_id: UUID
    at: datetime
    deed: str
    code: str
    minutes: int
    balance: int
    ends_on: date | None
    taken_back: bool


class AccountState(BaseModel):
    """A member's account; minutes."""

    member_id: UUID
    bank_id: UUID
    balance: int
    ended: int
    reserved: int
    free: int
    total: int
    lines: list[StatementItem]


class Given(BaseModel):
    """Hours to give; without `to_member` they go to the fund."""

    minutes: Minutes
    to_member: UUID | None = None
    note: str = Field("", max_length=200)


class Booked(BaseModel):
    """What was booked: a record, or the reference of two banks' records."""

    id: UUID


class AgreementWish(BaseModel):
    """A service to agree on."""

    helper: UUID
    recipient: UUID
    item: str = Field(max_length=32)
    planned_at: AwareDatetime
    planned_minutes: Minutes
    insurance: str = Field("", max_length=120)


class SignWish(BaseModel):
    """A code that was scanned."""

    code: str = Field(max_length=200)


class HandWish(BaseModel):
    """A sign-in or sign-out by the coordinator."""

    end: str = Field(pattern="^(in|out)$")
    moment: AwareDatetime
    reason: str = Field(max_length=200)


class SignedState(BaseModel):
    """A sign-in or sign-out; `entry_id` is the booking of a sign-out."""

    presence_id: UUID
    entry_id: UUID | None


class Reason(BaseModel):
    """Why."""

    reason: str = Field(max_length=200)


class Owed(BaseModel):
    """What a bank's book says that it owes another; minutes, below zero it is owed."""

    bank_id: UUID
    other_id: UUID
    minutes: int


class ReportItem(BaseModel):
    """Services of a bank, month and category."""

    bank_id: UUID
    month: str
    category: str
    services: int
    helpers: int
    served_minutes: int


@router.get("/banks", dependencies=[OPEN])
def list_banks(request: Request) -> list[BankItem]:
    """List the banks with the totals of their books."""
    day = today_of(request)
    with house_of(request).store.read() as connection:
        found = []
        for bank in banks(connection):
            sums, covered = totals(connection, bank.id), cover(connection, bank.id, day)
            found.append(
                BankItem(
                    id=bank.id, name=bank.name, region=bank.region, issued=sums.issued,
                    members=sums.members, fund=sums.fund, honour=sums.honour, owed=sums.owed,
                    difference=sums.difference, liability=sums.liability,
                    money_fen=covered.money_fen, needed_fen=covered.needed_fen,
                    rules=rules_on(connection, bank.id, day).title, sample=bank.sample,
                )
            )  # fmt: skip
    return found


@router.get("/members/{member_id}")
def account(
    request: Request, visitor: Anybody, member_id: UUID,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
    size: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> AccountState:  # fmt: skip
    """Return an account and its statement, newest first: to its owner and the coordinator."""

    def read(desk: Desk) -> AccountState:
        member = desk.own(member_id)
        here = available(desk.connection, member, desk.day)
        total, rows = statement(desk.connection, member, Window(offset=offset, size=size))
        lines = [
            StatementItem(
                record_id=row.record_id, at=row.at, deed=row.deed, code=row.code,
                minutes=row.minutes, balance=row.balance, ends_on=row.ends_on,
                taken_back=row.taken_back,
            )
            for row in rows
        ]  # fmt: skip
        return AccountState(
            member_id=member.id, bank_id=member.bank_id, balance=here.balance, ended=here.ended,
            reserved=here.reserved, free=here.free, total=total, lines=lines,
        )  # fmt: skip

    return done(request, visitor, read)


@router.post("/members/{member_id}/gifts", status_code=201)
def give(request: Request, visitor: Anybody, member_id: UUID, wish: Given) -> Booked:
    """Give hours to kin, to one's account at another bank, or to the fund."""

    def act(desk: Desk) -> Booked:
        if wish.to_member is None:
            return Booked(id=donate(desk, member_id, wish.minutes, wish.note))
        bank = member_of(desk.connection, member_id).bank_id
        if member_of(desk.connection, wish.to_member).bank_id == bank:
            return Booked(id=gift(desk, member_id, wish.to_member, wish.minutes, wish.note))
        return Booked(id=transfer(desk, member_id, wish.to_member, wish.minutes))

    return done(request, visitor, act)


@router.post("/services", status_code=201)
def agreeing(request: Request, visitor: Anybody, wish: AgreementWish) -> Booked:
    """Agree on a service, as one of its parties or as the coordinator."""
    told = Agreement(
        wish.helper,
        wish.recipient,
        wish.item,
        wish.planned_at,
        wish.planned_minutes,
        wish.insurance,
    )
    return Booked(id=done(request, visitor, lambda desk: agree(desk, told)))


@router.post("/sign", status_code=201)
def signing(request: Request, visitor: Anybody, wish: SignWish) -> SignedState:
    """Sign in or out by the code that the other party's phone shows."""
    key = sign_key(house_of(request).settings.data)
    found = done(request, visitor, lambda desk: sign(desk, wish.code, key))
    return SignedState(presence_id=found.presence_id, entry_id=found.entry_id)


@router.post("/services/{service_id}/signed", status_code=201)
def by_hand(request: Request, visitor: Keeper, service_id: UUID, wish: HandWish) -> SignedState:
    """Sign in or out for both, as the coordinator, with the reason."""
    found = done(
        request, visitor,
        lambda desk: sign_by_hand(desk, service_id, wish.end, wish.moment, wish.reason),
    )  # fmt: skip
    return SignedState(presence_id=found.presence_id, entry_id=found.entry_id)


@router.post("/entries/{record_id}/reversal", status_code=201)
def taking_back(request: Request, visitor: Keeper, record_id: UUID, wish: Reason) -> list[Booked]:
    """Reverse an entry, in every book that it stands in."""
    found = done(request, visitor, lambda desk: take_back(desk, record_id, wish.reason))
    return [Booked(id=each) for each in found]


@router.get("/clearing")
def clearing(request: Request, visitor: Reporter) -> list[Owed]:
    """Return what each bank's book says that it owes the others."""
    del visitor
    with house_of(request).store.read() as connection:
        books = owed(connection)
    return [
        Owed(bank_id=a, other_id=b, minutes=minutes) for (a, b), minutes in sorted(books.items())
    ]


@router.get("/report")
def reports(request: Request, visitor: Reporter, since: date, until: date) -> list[ReportItem]:
    """Return what was served in the visitor's regions, by bank, month and category."""
    with house_of(request).store.read() as connection:
        known = banks(connection, visitor.scope(REPORT).rows(BANK.c.region))
        rows = report(connection, [bank.id for bank in known], since, until)
    return [
        ReportItem(
            bank_id=row.bank_id, month=row.month, category=row.category, services=row.services,
            helpers=row.helpers, served_minutes=row.served,
        )
        for row in rows
    ]  # fmt: skip


@router.get("/banks/{bank_id}/rules", dependencies=[OPEN])
def rules(request: Request, bank_id: UUID) -> dict[str, object]:
    """Return the rules of a bank today, as its file declares them."""
    with house_of(request).store.read() as connection:
        bank_of(connection, bank_id)
        return dict(rules_on(connection, bank_id, today_of(request)).raw)
