"""Use-cases of disposal (处置): propose, record decision and posting, complete or withdraw.

The rules are the policy ``assets.disposal``: what it does not find met is refused with its clause.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from longmai.domains.assets.life import deeds, queries
from longmai.domains.assets.life.model.disposal import CAUSES, PROCEEDS, STAYS, WAYS
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register import right_queries
from longmai.domains.assets.register.deeds import DECIDE, KEEP
from longmai.domains.assets.register.desk import Desk, refuse
from longmai.domains.assets.register.model.workflow import State
from longmai.domains.assets.register.service import held_for, next_state
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.kernel.region_codes import contains
from longmai.rules.policy.evaluation import Case, Decision, evaluate
from longmai.rules.policy.evaluation import State as Outcome
from longmai.store.ledger import RECORD

DISPOSAL_POLICY = "assets.disposal"
POSTED_POLICY, POSTED_DAYS = "assets.public-notice", "张贴天数下限"
DECISIONS = ("assets.decision.", "assets.meeting.")
"""Beginnings of the kinds of records that say what a collective decided."""
_MAX_TEXT = 1_000


@dataclass(frozen=True)
class Proposal:
    """What is to become of an asset: way, cause with evidence in words, and its valuation."""

    way: str
    cause: str
    explained: str
    valuation_fen: int


def propose(desk: Desk, asset_id: UUID, wanted: Proposal, on: date | None = None) -> UUID:
    """Propose to dispose of an asset; return the disposal's ID.

    Raises:
        NotFound: there is no such asset.
        Forbidden: the visitor may not keep assets there.
        Conflict: a disposal is on its way, the asset is not registered, or a right is marked.
        Invalid: no such way or cause, not explained, or no valuation.
    """
    day = desk.day(on)
    [known] = held_for(desk, [asset_id], KEEP)
    if wanted.way not in WAYS or wanted.cause not in CAUSES:
        raise Invalid("no such way or cause", code="disposal.way", place="way", value=wanted.way)
    if not 0 < len(wanted.explained.strip()) <= _MAX_TEXT:
        raise Invalid("say why, and by what evidence", code="disposal.explained", place="explained")
    if wanted.valuation_fen < 0:
        raise Invalid("a value is not negative", code="disposal.valuation", place="valuation")
    net = queries.valued(desk.policies, known.asset, day).net_fen
    told = {
        "way": wanted.way,
        "cause": wanted.cause,
        "explained": wanted.explained.strip(),
        "valuation_fen": wanted.valuation_fen,
        "net_fen": net,
        "before": known.state.stage,
        "told": {"way": wanted.way, "cause": wanted.cause},
    }
    state = next_state(known).at("disposing")
    [record] = desk.append(
        [desk.act(deeds.PROPOSED, known.asset.region, day, {asset_id: state}, told)]
    )
    return record.id


@dataclass(frozen=True)
class Resolution:
    """What the collective decided, and since when it hangs on the board.

    Attributes:
        document: minutes, by name and date.
        decision_record: of the meeting in the ledger; None where it was held on paper.
        photo: digest of the photo of the board.
    """

    document: str
    decided_on: date
    posted_on: date
    decision_record: UUID | None = None
    photo: str = ""


def resolve(
    desk: Desk, asset_id: UUID, disposal_id: UUID, told: Resolution, on: date | None = None
) -> None:
    """Record the decision of the collective, and that it is posted.

    Raises:
        NotFound: there is no such asset, disposal or decision.
        Forbidden: the visitor may not decide there.
        Conflict: it is decided already, or over.
        Invalid: no document, or days that do not follow on each other.
    """
    day = desk.day(on)
    [known] = held_for(desk, [asset_id], DECIDE)
    found = _on_its_way(desk, asset_id, disposal_id)
    if found.decided_on is not None:
        raise Conflict("it is decided", code="disposal.decided")
    if not 0 < len(told.document.strip()) <= _MAX_TEXT:
        raise Invalid("name the minutes", code="disposal.document", place="document")
    if not found.proposed_on <= told.decided_on <= told.posted_on <= day:
        raise Invalid(
            "proposed, decided, posted: in this order", code="disposal.days", place="decided_on"
        )
    if told.decision_record is not None:
        _need_decision(desk, told.decision_record, known.asset.region)
    posted = desk.policies.holding(POSTED_POLICY, Case(told.posted_on, known.asset.region))
    least = posted.parameters[POSTED_DAYS].at(told.posted_on, known.asset.region)
    payload = {
        "disposal": str(disposal_id),
        "document": told.document.strip(),
        "decided_on": told.decided_on.isoformat(),
        "posted_on": told.posted_on.isoformat(),
        "days": int(str(least.value)) if least else 0,
        "decision_record": str(told.decision_record) if told.decision_record else None,
        "photo": told.photo,
        "told": {"document": told.document.strip()},
    }
    states = {asset_id: next_state(known)}
    desk.append([desk.act(deeds.RESOLVED, known.asset.region, day, states, payload)])


def _need_decision(desk: Desk, record_id: UUID, region: str) -> None:
    query = select(RECORD.c.kind, RECORD.c.region).where(RECORD.c.id == record_id)
    row = desk.work.connection.execute(query).one_or_none()
    if row is None or not row.kind.startswith(DECISIONS) or not contains(row.region, region):
        raise NotFound(
            "no decision of this collective has this record",
            code="disposal.decision",
            value=str(record_id),
            mend="copy the number from the minutes' page",
        )


def _on_its_way(desk: Desk, asset_id: UUID, disposal_id: UUID) -> queries.Disposal:
    for each in queries.disposals_of(desk.work.connection, asset_id):
        if each.id == disposal_id:
            if each.ended_on is not None:
                raise Conflict("it is over", code="disposal.ended", value=str(disposal_id))
            return each
    raise NotFound("no such disposal", code="disposal", value=str(disposal_id))


@dataclass(frozen=True)
class Completion:
    """How a disposal ended.

    Attributes:
        buyer: who bought; ``insider``: a director, supervisor, finance clerk or kin of one.
        proceeds: one of ``PROCEEDS``; the rules refuse what is not collective.
        document: contract, transaction or scrapping record.
    """

    document: str
    proceeds: str
    buyer: str = ""
    insider: bool = False
    price_fen: int = 0


def complete(
    desk: Desk, asset_id: UUID, disposal_id: UUID, told: Completion, on: date | None = None
) -> None:
    """Complete a disposal once all that the rules ask for is there.

    After 转产 or 报停 the asset goes on, idle or not; after the others it is disposed of.

    Raises:
        NotFound: there is no such asset or disposal.
        Forbidden: the visitor may not decide there.
        Conflict: it is over.
        InvalidMany: what the policy does not find met, clause by clause.
        Invalid: no document.
    """
    day = desk.day(on)
    [known] = held_for(desk, [asset_id], DECIDE)
    found = _on_its_way(desk, asset_id, disposal_id)
    if not 0 < len(told.document.strip()) <= _MAX_TEXT:
        raise Invalid("name the document", code="disposal.document", place="document")
    if told.proceeds not in PROCEEDS:
        raise Invalid(
            "no such use", code="disposal.proceeds", place="proceeds", value=told.proceeds
        )
    decision = judged(desk, known, found, told, day)
    refuse(_unmet(decision), "the disposal does not comply")
    stays = found.way in STAYS
    state = State(
        known.state.version + 1,
        _stage_before(desk, asset_id) if stays else "disposed",
        "idle" if found.way == "stop" else known.state.condition,
    )
    payload = _ending(told, disposal_id, completed=True) | {
        "policy": decision.policy.digest,
        "told": {"way": found.way, "price_fen": told.price_fen},
    }
    desk.append([desk.act(deeds.COMPLETED, known.asset.region, day, {asset_id: state}, payload)])


def judged(
    desk: Desk, known: register.Known, found: queries.Disposal, told: Completion, day: date
) -> Decision:
    """Judge a disposal by the policy that holds on a day."""
    marks = right_queries.marks_of(desk.work.connection, known.asset_id)
    marked = any(
        each.lifted_on is None and each.mark.stands(right, day)
        for each in marks
        for right in ("ownership", "operation", "income")
    )
    policy, case = desk.policies.case(
        DISPOSAL_POLICY,
        {
            "处置方式": WAYS[found.way],
            "处置事由": CAUSES[found.cause],
            "事由说明": bool(found.explained),
            "集体已决定": found.decided_on is not None,
            "公示天数": (day - found.posted_on).days if found.posted_on else 0,
            "应公示天数": found.days,
            "未处理的异议": 0,
            "权利受限": marked and found.way not in STAYS,
            "买受人是内部人": told.insider,
            "成交价": fen_to_yuan(told.price_fen),
            "评估价": fen_to_yuan(found.valuation_fen),
            "收益去向": PROCEEDS[told.proceeds],
        },
        day,
        known.asset.region,
    )
    return evaluate(policy, case)


def _unmet(decision: Decision) -> list[Invalid]:
    if decision.state in {Outcome.MET, Outcome.MANUAL}:
        return []
    return [
        Invalid(
            f"{each.condition.name} ({each.condition.clause})",
            code="disposal.unmet",
            place=each.condition.clause,
            value=each.condition.name,
        )
        for each in decision.judged
        if each.state not in {Outcome.MET, Outcome.MANUAL}
    ] or [Invalid("the rules are not met", code="disposal.unmet")]


def _ending(told: Completion, disposal_id: UUID, *, completed: bool) -> dict[str, Any]:
    return {
        "disposal": str(disposal_id),
        "completed": completed,
        "buyer": told.buyer.strip(),
        "price_fen": told.price_fen,
        "proceeds": told.proceeds,
        "document": told.document.strip(),
    }


def _stage_before(desk: Desk, asset_id: UUID) -> str:
    life = right_queries.life_of(desk.work.connection, asset_id)
    return next(each.state.stage for each in reversed(life) if each.state.stage != "disposing")


def withdraw(
    desk: Desk, asset_id: UUID, disposal_id: UUID, reason: str, on: date | None = None
) -> None:
    """Withdraw a disposal; the asset stands where it stood.

    Raises:
        NotFound, Forbidden, Conflict: as ``resolve``.
        Invalid: no reason.
    """
    day = desk.day(on)
    [known] = held_for(desk, [asset_id], KEEP)
    _on_its_way(desk, asset_id, disposal_id)
    if not 0 < len(reason.strip()) <= _MAX_TEXT:
        raise Invalid("say why", code="disposal.document", place="reason")
    state = State(known.state.version + 1, _stage_before(desk, asset_id), known.state.condition)
    told = _ending(Completion(reason, "none"), disposal_id, completed=False)
    payload = told | {"told": {"reason": reason.strip()}}
    desk.append([desk.act(deeds.WITHDRAWN, known.asset.region, day, {asset_id: state}, payload)])
