"""Contracts over HTTP: list, read, sign, record what came."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from longmai.domains.assets.contracts.deeds import KEEP, READ
from longmai.domains.assets.contracts.model.contract import Terms
from longmai.domains.assets.contracts.model.schedule import Instalment
from longmai.domains.assets.contracts.pages import filters_of, today_of
from longmai.domains.assets.contracts.queries import Contract, contract_of, contracts, sums
from longmai.domains.assets.contracts.receiving import NewReceipt, book_income, take
from longmai.domains.assets.contracts.service import end, file, sign
from longmai.domains.assets.members.desks import desk_of
from longmai.domains.assets.register.model.rights import Party
from longmai.portal.house import house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/assets/contracts", tags=["assets"])

Keeper = Annotated[Visitor, needs(KEEP)]
Reader = Annotated[Visitor, needs(READ)]


class PartyItem(BaseModel):
    """A side of a contract; `key`: credit code, or ID of a household or member; may be empty."""

    kind: str
    key: str = ""
    name: str


class InstalmentItem(BaseModel):
    """What falls due once, in fen, and the time it is for."""

    due_on: date
    start: date
    end: date
    amount_fen: int


class ContractItem(BaseModel):
    """A contract with what is due, received and overdue on it today, in fen."""

    id: UUID
    version: int
    number: str
    kind: str
    region: str
    assets: list[UUID]
    tenant: PartyItem
    starts_on: date
    ends_on: date
    state: str
    total_fen: int
    due_fen: int
    received_fen: int
    arrears_fen: int
    late_days: int
    filed: str


class ContractWhole(ContractItem):
    """A contract with its schedule."""

    instalments: list[InstalmentItem]


class ContractList(BaseModel):
    """A page of contracts, who owes most first, with the sums of all that match."""

    total: int
    due_fen: int
    received_fen: int
    arrears_fen: int
    contracts: list[ContractItem]


class NewContract(BaseModel):
    """Terms of a contract that was signed."""

    number: str
    kind: Literal["lease", "trusteeship", "equity"]
    region: str
    assets: list[UUID]
    lessor: PartyItem
    tenant: PartyItem
    signed_on: date
    starts_on: date
    ends_on: date
    instalments: list[InstalmentItem]
    deposit_fen: int = 0
    part: str = ""
    representative: str = ""
    decision: UUID | None = None
    basis: str = ""
    renews: UUID | None = None
    note: str = ""


class Ending(BaseModel):
    """When a contract ended before its time, and why."""

    ended_on: date
    reason: str


class Filing(BaseModel):
    """Number under which a contract is filed, and with whom."""

    number: str
    office: str


class ReceiptItem(BaseModel):
    """Money that came, in fen; `serial` is once in a village."""

    on: date
    amount_fen: int
    way: Literal["bank", "cash"] = "bank"
    payer: str = ""
    serial: str
    note: str = ""


class Made(BaseModel):
    """ID of what was made."""

    id: UUID


class Month(BaseModel):
    """A month of a village."""

    region: str
    year: int
    month: int


class Booked(BaseModel):
    """What was booked, in fen."""

    amount_fen: int


@router.get("")
def list_contracts(
    request: Request,
    visitor: Reader,
    region: Annotated[str, Query(max_length=12, pattern=r"^\d*$")] = "",
    kind: Annotated[str, Query(max_length=12)] = "",
    state: Annotated[str, Query(max_length=12)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ContractList:
    """List contracts of the visitor's villages, who owes most first."""
    del region, kind, state  # declared for the description; read as the page reads them
    filters, today = filters_of(request, visitor), today_of(request)
    with house_of(request).store.read() as connection:
        found = sums(connection, filters, today)
        rows = contracts(connection, filters, Window("arrears", (page - 1) * size, size), today)
    return ContractList(
        total=found.count,
        due_fen=found.due_fen,
        received_fen=found.received_fen,
        arrears_fen=found.arrears_fen,
        contracts=[ContractItem(**_item(each)) for each in rows],
    )


@router.get("/{contract_id}")
def read_contract(request: Request, visitor: Reader, contract_id: UUID) -> ContractWhole:
    """Return a contract with its schedule."""
    with house_of(request).store.read() as connection:
        found = contract_of(connection, contract_id, today_of(request))
    visitor.require(READ, found.terms.region)
    plan = [InstalmentItem(**vars(each)) for each in found.terms.instalments]
    return ContractWhole(**_item(found), instalments=plan)


@router.post("", status_code=201)
def sign_contract(request: Request, visitor: Keeper, told: NewContract) -> Made:
    """Enter a contract that was signed."""
    same = ("number", "kind", "signed_on", "starts_on", "ends_on", "deposit_fen", "part",
            "representative", "decision", "basis", "renews", "note")  # fmt: skip
    terms = Terms(
        **{name: getattr(told, name) for name in same},
        region=house_of(request).regions.get(told.region).code,
        asset_ids=tuple(told.assets),
        lessor=Party(told.lessor.kind, told.lessor.key, told.lessor.name),
        tenant=Party(told.tenant.kind, told.tenant.key, told.tenant.name),
        instalments=tuple(
            Instalment(each.due_on, each.start, each.end, each.amount_fen)
            for each in told.instalments
        ),
    )
    with house_of(request).store.begin() as work:
        return Made(id=sign(desk_of(request, work, visitor), terms))


@router.post("/income")
def book_month(request: Request, visitor: Keeper, told: Month) -> Booked:
    """Book what the contracts of a village have earned until the end of a month."""
    with house_of(request).store.begin() as work:
        desk = desk_of(request, work, visitor)
        return Booked(amount_fen=book_income(desk, told.region, told.year, told.month))


@router.post("/{contract_id}/end", status_code=204)
def end_contract(request: Request, visitor: Keeper, contract_id: UUID, told: Ending) -> None:
    """Record that a contract ended before its time."""
    with house_of(request).store.begin() as work:
        end(desk_of(request, work, visitor), contract_id, told.reason, told.ended_on)


@router.post("/{contract_id}/filing", status_code=204)
def file_contract(request: Request, visitor: Keeper, contract_id: UUID, told: Filing) -> None:
    """Record that a contract was filed with the township."""
    with house_of(request).store.begin() as work:
        file(desk_of(request, work, visitor), contract_id, told.number, told.office)


@router.post("/{contract_id}/receipts", status_code=201)
def take_receipt(request: Request, visitor: Keeper, contract_id: UUID, told: ReceiptItem) -> Made:
    """Record money that came on a contract, with its voucher."""
    names = ("amount_fen", "way", "payer", "serial", "note")
    wanted = NewReceipt(contract_id, told.on, **{name: getattr(told, name) for name in names})
    with house_of(request).store.begin() as work:
        return Made(id=take(desk_of(request, work, visitor), wanted))


def _item(found: Contract) -> dict[str, Any]:
    terms = found.terms
    return {
        "id": found.contract_id,
        "version": found.version,
        **{n: getattr(terms, n) for n in ("number", "kind", "region", "starts_on", "ends_on")},
        "assets": list(terms.asset_ids),
        "tenant": PartyItem(**vars(terms.tenant)),
        "total_fen": terms.total_fen,
        **{
            n: getattr(found, n)
            for n in ("state", "due_fen", "received_fen", "arrears_fen", "late_days", "filed")
        },
    }
