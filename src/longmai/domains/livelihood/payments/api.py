"""Payments for programs: batches, their lines, steps, sums."""

from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from longmai.domains.livelihood.payments.banks import form_of
from longmai.domains.livelihood.payments.handing import answers_in, last_file
from longmai.domains.livelihood.payments.kinds import ACCOUNT, PREPARE, READ
from longmai.domains.livelihood.payments.queries import (
    KeptBatch,
    balances,
    batch_of,
    batch_sums,
    batches,
    lines_of,
)
from longmai.domains.livelihood.payments.service import (
    Desk,
    NewAccount,
    Wish,
    approve,
    draft,
    export,
    give_accounts,
    reject,
    settle,
    take_returns,
)
from longmai.portal.house import house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.portal.sheets import MAX_FILE_BYTES
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/livelihood/pay", tags=["livelihood"])

_MOST = 200


class DraftBody(BaseModel):
    """A batch to be made."""

    policy: str = Field(max_length=100, description="ID of the policy.")
    region: str = Field(max_length=12, description="Code of the region of the people.")
    period: str = Field(max_length=10, description="2026-09, 2026 or once, as it is paid.")
    form: str = Field("sample-bank", max_length=60, description="Key of the bank's form.")


class AccountBody(BaseModel):
    """Where a person is paid."""

    person: str = Field(max_length=100)
    holder: str = Field(max_length=100)
    account: str = Field(max_length=40)
    bank: str = Field("", max_length=100)
    region: str = Field(max_length=12)


class PurposeBody(BaseModel):
    """What the bank writes on the statement."""

    purpose: str = Field("", max_length=40)


class NoteBody(BaseModel):
    """Why."""

    note: str = Field(max_length=2000)


@router.get("")
def batch_list(
    request: Request,
    visitor: Annotated[Visitor, needs(READ)],
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> dict[str, Any]:
    """List the batches of your regions, newest first."""
    with house_of(request).store.read() as connection:
        total, found = batches(connection, visitor.scope(READ), Window("", offset, limit))
    return {"total": total, "batches": [_told(each) for each in found]}


@router.get("/balance")
def balance(request: Request, visitor: Annotated[Visitor, needs(READ)]) -> list[dict[str, Any]]:
    """Return the sums of each policy and period, in fen, and whether they agree."""
    with house_of(request).store.read() as connection:
        found = balances(connection, visitor.scope(READ))
    return [
        {
            "policy": each.policy_id,
            "period": each.period,
            "items": each.items,
            "approved_fen": each.sums.approved,
            "paid_fen": each.sums.paid,
            "returned_fen": each.sums.returned,
            "reissued_fen": each.sums.reissued,
            "open_fen": each.sums.open,
            "agree": each.sums.agree,
        }
        for each in found
    ]


@router.post("", status_code=201)
def batch_drafted(
    request: Request, body: DraftBody, visitor: Annotated[Visitor, needs(PREPARE)]
) -> dict[str, Any]:
    """Make a batch of what is due and unpaid."""
    house = house_of(request)
    policy = house.policies.versions(body.policy)[0]
    wish = Wish(policy, body.region, body.period, form_of(house, body.form).key)
    with house.store.begin() as work:
        return {"batch": str(draft(Desk(work, visitor, house.clock.now()), wish))}


@router.post("/accounts", status_code=201)
def accounts_given(
    request: Request, body: list[AccountBody], visitor: Annotated[Visitor, needs(ACCOUNT)]
) -> dict[str, Any]:
    """Keep where people are paid; all or none."""
    house = house_of(request)
    given = [
        NewAccount(each.person, each.holder, each.account, each.bank, each.region) for each in body
    ]
    with house.store.begin() as work:
        return {"new": give_accounts(Desk(work, visitor, house.clock.now()), given)}


@router.get("/{batch_id}")
def batch_read(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(READ)]
) -> dict[str, Any]:
    """Read a batch: its steps with their records, its lines without accounts, its sums."""
    with house_of(request).store.read() as connection:
        kept = batch_of(connection, batch_id, visitor.scope(READ))
        lines = lines_of(connection, batch_id)
        sums = batch_sums(connection, batch_id)
    return {
        **_told(kept),
        "steps": [
            {"step": each.step.value, "at": each.at.isoformat(), "record_id": str(each.record_id),
             "data": dict(each.data)}
            for each in kept.steps
        ],
        "lines": [
            {"item": each.line.item, "case": each.line.case, "period": each.line.period,
             "amount_fen": each.line.amount_fen, "reissue_of": each.line.reissue_of or None,
             "returned": each.reason if each.returned else None}
            for each in lines
        ],
        "agree": sums.agree,
    }  # fmt: skip


@router.post("/{batch_id}/approve", status_code=201)
def batch_approved(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(READ)]
) -> dict[str, Any]:
    """Approve a batch, as a second person."""
    house = house_of(request)
    with house.store.begin() as work:
        return {"record_id": str(approve(Desk(work, visitor, house.clock.now()), batch_id))}


@router.post("/{batch_id}/reject", status_code=201)
def batch_rejected(
    request: Request, batch_id: UUID, body: NoteBody, visitor: Annotated[Visitor, needs(READ)]
) -> dict[str, Any]:
    """Refuse a batch, saying why."""
    house = house_of(request)
    with house.store.begin() as work:
        desk = Desk(work, visitor, house.clock.now())
        return {"record_id": str(reject(desk, batch_id, body.note))}


@router.post("/{batch_id}/settle", status_code=201)
def batch_settled(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(READ)]
) -> dict[str, Any]:
    """Close a batch: what did not come back has arrived."""
    house = house_of(request)
    with house.store.begin() as work:
        return {"record_id": str(settle(Desk(work, visitor, house.clock.now()), batch_id))}


@router.post("/{batch_id}/export", status_code=201)
def batch_exported(
    request: Request, batch_id: UUID, body: PurposeBody, visitor: Annotated[Visitor, needs(READ)]
) -> dict[str, Any]:
    """Make the bank's file: its digest is recorded; get it from the address that is answered."""
    house = house_of(request)
    with house.store.begin() as work:
        desk = Desk(work, visitor, house.clock.now())
        form = form_of(house, batch_of(work.connection, batch_id, visitor.scope(READ)).form)
        made = export(desk, batch_id, form, body.purpose.strip())
    return {
        "sha256": sha256(made).hexdigest(),
        "file": f"/api/v1/livelihood/pay/{batch_id}/file",
    }


@router.get("/{batch_id}/file", response_class=Response)
def batch_file(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(PREPARE)]
) -> Response:
    """Get the bank's file that was made last."""
    house = house_of(request)
    with house.store.begin() as work:
        made = last_file(Desk(work, visitor, house.clock.now()), house, batch_id)
    return Response(made.body, media_type="application/octet-stream")


@router.post("/{batch_id}/returns", status_code=201)
def batch_returns(
    request: Request, batch_id: UUID, file: UploadFile, visitor: Annotated[Visitor, needs(READ)]
) -> dict[str, Any]:
    """Take in the bank's answer, a sheet as its form describes it; all rows or none."""
    house = house_of(request)
    data = file.file.read(MAX_FILE_BYTES + 1)
    with house.store.begin() as work:
        desk = Desk(work, visitor, house.clock.now())
        form = form_of(house, batch_of(work.connection, batch_id, visitor.scope(READ)).form)
        return {"returned": take_returns(desk, batch_id, answers_in(form, data))}


def _told(kept: KeptBatch) -> dict[str, Any]:
    return {
        "id": str(kept.batch_id),
        "policy": kept.policy_id,
        "region": kept.region,
        "period": kept.period,
        "form": kept.form,
        "lines": kept.lines,
        "total_fen": kept.total_fen,
        "stands": kept.stands.value,
    }
