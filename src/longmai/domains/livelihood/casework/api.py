"""Cases for programs: list, read, act."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from longmai.domains.livelihood.casework.kinds import READ, WORK
from longmai.domains.livelihood.casework.list_pages import GROUPS
from longmai.domains.livelihood.casework.model.case import Deed
from longmai.domains.livelihood.casework.queries import KeptCase, case_of, cases
from longmai.domains.livelihood.casework.service import (
    Desk,
    Message,
    act,
    notify,
    reverse,
    wish,
)
from longmai.domains.livelihood.persons.consents import Word
from longmai.kernel.errors import Invalid
from longmai.portal.house import house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/livelihood/cases", tags=["livelihood"])

_MOST = 200


class ActBody(BaseModel):
    """An act on a case."""

    deed: Deed = Field(description="What is done.")
    data: dict[str, Any] = Field(
        default_factory=dict, description="What it says: keys by deed, as the how-to lists them."
    )
    seen: int = Field(0, ge=0, description="Number of the last act seen; 0: do not compare.")


class WordBody(BaseModel):
    """What the person agrees to or refuses."""

    purpose: Literal["find", "contact", "share", "health", "finance", "decide", "publish"]
    given: bool = Field(description="Agreed to; or refused.")
    given_by: Literal["self", "guardian"] = "self"
    way: Literal["paper", "spoken", "online"] = "spoken"
    guardian: str = Field("", max_length=80)


@router.get("")
def case_list(
    request: Request,
    visitor: Annotated[Visitor, needs(READ)],
    chosen: Annotated[str, Query(alias="list", max_length=20)] = "open",
    policy: Annotated[str, Query(max_length=100)] = "",
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> dict[str, Any]:
    """List the cases of your regions: open, hearing, objected, granted, over."""
    if chosen not in GROUPS:
        raise Invalid("no such list", code="case.list", value=chosen, mend=", ".join(GROUPS))
    with house_of(request).store.read() as connection:
        total, found = cases(
            connection, visitor.scope(READ), Window("last", offset, limit),
            standings=GROUPS[chosen], policy=policy,
        )  # fmt: skip
    return {
        "total": total,
        "cases": [
            {
                "id": str(each.case_id),
                "policy": each.policy_id,
                "region": each.region,
                "lead": each.lead,
                "standing": each.standing.value,
                "due": None if each.due is None else each.due.isoformat(),
                "last_at": each.last_at.isoformat(),
            }
            for each in found
        ],
    }


@router.get("/{case_id}")
def case_read(
    request: Request, case_id: UUID, visitor: Annotated[Visitor, needs(READ)]
) -> dict[str, Any]:
    """Read a case: what was found, every act with its record, what may follow."""
    with house_of(request).store.read() as connection:
        return _told(case_of(connection, case_id, visitor.scope(READ)))


@router.post("/{case_id}/acts", status_code=201)
def case_acted(
    request: Request, case_id: UUID, body: ActBody, visitor: Annotated[Visitor, needs(READ)]
) -> dict[str, Any]:
    """Act on a case; the answer names the record."""
    house = house_of(request)
    with house.store.begin() as work:
        desk = Desk(work, visitor, house.clock.now())
        match body.deed:
            case Deed.NOTIFIED:
                record_id = notify(desk, case_id, _message(body.data), body.seen)
            case Deed.REVERSED:
                note = str(body.data.get("note", ""))
                record_id = reverse(desk, case_id, note, body.seen)
            case _:
                data = {"machine": False, **body.data} if body.deed is Deed.CONFIRMED else body.data
                record_id = act(desk, case_id, body.deed, data, body.seen)
    return {"record_id": str(record_id)}


@router.post("/{case_id}/words", status_code=201)
def case_word(
    request: Request, case_id: UUID, body: WordBody, visitor: Annotated[Visitor, needs(WORK)]
) -> dict[str, Any]:
    """Write down what the person agrees to or refuses; the answer tells all their last words."""
    house = house_of(request)
    word = Word(body.purpose, body.given_by, body.way, body.guardian)
    with house.store.begin() as work:
        desk = Desk(work, visitor, house.clock.now())
        wish(desk, case_id, word, given=body.given)
        kept = case_of(work.connection, case_id, visitor.scope(READ))
    return {"words": _words(kept)}


def _words(kept: KeptCase) -> dict[str, bool]:
    return {purpose: each.given for purpose, each in kept.words.items()}


def _message(data: Mapping[str, Any]) -> Message:
    words = (str(data.get(name, "")) for name in ("channel", "recipient", "title", "body"))
    return Message(*words)


def _told(kept: KeptCase) -> dict[str, Any]:
    return {
        "id": str(kept.case_id),
        "policy": kept.policy_id,
        "region": kept.region,
        "lead": kept.lead,
        "standing": kept.case.standing.value,
        "words": _words(kept),
        "may": [each.value for each in kept.case.may()],
        "found": {name: value for name, value in kept.found.items() if name != "person"},
        "grants": [
            {"start": each.start, "amount_fen": each.amount_fen, "until": each.until}
            for each in kept.case.grants()
        ],
        "acts": [
            {
                "number": each.act.number,
                "deed": each.act.deed.value,
                "standing": each.standing.value,
                "at": each.at.isoformat(),
                "record_id": str(each.record_id),
                "data": dict(each.act.data),
            }
            for each in kept.acts
        ],
    }
