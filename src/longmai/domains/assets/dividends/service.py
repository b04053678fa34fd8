"""Use-cases of distributions: charter, draft, approval by a meeting, payment. They never commit."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from longmai.domains.assets.dividends.charter import charter_text, read_charter
from longmai.domains.assets.dividends.model import Distribution, Plan, distribute
from longmai.domains.assets.dividends.queries import (
    Drafted,
    charter_by_digest,
    charter_in,
    charter_of,
    model_of,
    plan_of,
)
from longmai.domains.assets.dividends.tables import (
    CHARTER_KIND,
    DEED_KIND,
    DRAFT_KIND,
    STATEMENT_KIND,
)
from longmai.domains.assets.dividends.vouchers import on_decision, on_payment, on_return
from longmai.domains.assets.meetings.queries import decision_of
from longmai.domains.assets.members.model import Household
from longmai.domains.assets.members.queries import organisation_of, roll_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.vouchers.model import Entry
from longmai.domains.assets.vouchers.service import book
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.rules.feel.values import Value
from longmai.rules.policy.record import record_of

KEEP = "assets.dividend.keep"
READ = "assets.dividend.read"
MATTER = "distribution"


def adopt_charter(
    desk: Desk, region: str, numbers: Mapping[str, str], since: date, article: str
) -> UUID:
    """Take the numbers of a charter into the model, and record the rules that come of it.

    Raises:
        InvalidMany: the rules do not hold together.
        Invalid: a number is missing, or no article is named.
    """
    if not article.strip():
        raise Invalid(
            "name the article of the charter", code="assets.charter.article", place="article"
        )
    name = organisation_of(desk.work.connection, region).name
    model = model_of(desk.policies)
    return adopt_text(desk, region, charter_text(model.text, name, numbers, since, article.strip()))


def adopt_text(desk: Desk, region: str, text: str) -> UUID:
    """Record the rules of a charter, as a policy file.

    Raises:
        Forbidden: the distribution of this village is not the visitor's.
        InvalidMany: it is no policy, or none that a distribution can be made by.
    """
    desk.visitor.require(KEEP, region)
    policy = read_charter(text)
    before = charter_of(desk.work.connection, region)
    told = {
        "version": before.version + 1 if before else 1,
        "digest": policy.digest,
        "text": text,
    }
    return desk.record(CHARTER_KIND, [f"organisation:{region}"], region, told)


def work_out(
    desk: Desk, plan: Plan, digest: str = "", assumed: Mapping[str, Value] | None = None
) -> tuple[str, Distribution]:
    """Work a plan out by the charter of its village; return the charter's digest, too.

    Args:
        desk: to read with.
        plan: to work out.
        digest: of the charter; empty: the one that holds.
        assumed: other numbers for the charter's.

    Raises:
        NotFound: the village has adopted no charter.
        Conflict: the charter, or the law, refuses it.
    """
    connection = desk.work.connection
    if digest:
        policy = charter_by_digest(connection, digest)
    else:
        policy = charter_in(connection, plan.region).policy
    homes = roll_of(connection, plan.region, plan.as_of).households
    shares: dict[UUID, Fraction] = {home.household_id: home.all_shares for home in homes}
    return policy.digest, distribute(policy, plan, shares, assumed)


def draft(desk: Desk, plan: Plan, plan_id: UUID | None = None) -> UUID:
    """Work a plan out and record it; a draft of the same plan replaces the last one.

    Raises:
        Forbidden: the distribution of this village is not the visitor's.
        Conflict: refused with the arithmetic; or decided already.
    """
    desk.visitor.require(KEEP, plan.region)
    version = 1
    if plan_id is not None:
        before = plan_of(desk.work.connection, plan_id)
        desk.visitor.require(KEEP, before.plan.region)
        if before.state != "drafted" or before.plan.region != plan.region:
            raise Conflict("what was decided is not changed", code="assets.dividend.decided")
        version = before.version + 1
    digest, found = work_out(desk, plan)
    own = plan_id or new_id()
    told = {
        "plan": str(own),
        "version": version,
        "year": plan.year,
        "as_of": plan.as_of.isoformat(),
        "charter": digest,
        "lines": [
            [each.kind, each.title, each.amount_fen, _text(each.start), _text(each.end), each.basis]
            for each in plan.lines
        ],
        "work": [
            [str(each.household_id), each.name, each.what, each.amount_fen] for each in plan.work
        ],
        "floors": [
            [str(each.household_id), each.contract, each.amount_fen] for each in plan.floors
        ],
        "available_fen": found.available_fen,
        "fund_fen": found.fund_fen,
        "kept_fen": found.kept_fen,
        "labour_fen": found.labour_fen,
        "decision": record_of(found.decision),
        "parts": [
            [str(each.household_id), str(each.shares), each.floor_fen, each.dividend_fen,
             each.labour_fen]
            for each in found.parts
        ],
        "sample": desk.sample,
    }  # fmt: skip
    desk.record(DRAFT_KIND, [f"dividend:{own}"], plan.region, told)
    return own


def approve(desk: Desk, plan_id: UUID, decision_id: UUID) -> None:
    """Take a meeting's decision for a plan: statements and vouchers are made, payment can follow.

    Raises:
        Conflict: the decision did not pass, was revoked, or is about something else: another
            version of the plan, another village, another matter.
    """
    drafted = _own(desk, plan_id, "drafted")
    decided = decision_of(desk.work.connection, decision_id)
    about = (decided.region, decided.matter, decided.refers)
    if about != (drafted.plan.region, MATTER, drafted.refers):
        raise Conflict(
            "this decision is not about this version of the plan",
            code="assets.dividend.other_decision", value=decided.refers,
        )  # fmt: skip
    _refuse_invalid(decided.passed, decided.revoked)
    policy = charter_by_digest(desk.work.connection, drafted.charter)
    _, found = work_out(desk, drafted.plan, drafted.charter)
    if {each.household_id: each for each in found.parts} != drafted.parts:
        raise Conflict(
            "the roll of that day was changed since the draft", code="assets.dividend.changed",
            mend="draft it again, and put it to the vote",
        )  # fmt: skip
    told = {"decision": str(decision_id), "version": drafted.version, "charter": policy.digest}
    _deed(desk, drafted, "approved", "", told)
    _state(desk, drafted)
    _book(desk, drafted, on_decision(found, drafted.plan.year))


def pay(desk: Desk, plan_id: UUID, on: date, basis: str) -> UUID:
    """Record that the payment batch went through the bank; vouchers of the payment are made.

    Args:
        desk: of the accountant.
        plan_id: an approved plan.
        on: day of the payment.
        basis: number of the bank's batch.

    Raises:
        Conflict: no meeting approved it, the decision was revoked, or it was paid before.
    """
    drafted = _own(desk, plan_id, "approved")
    decided_by = drafted.decided_by
    if decided_by is None:
        raise Conflict("no meeting decided it", code="assets.dividend.undecided")
    decided = decision_of(desk.work.connection, decided_by)
    _refuse_invalid(decided.passed, decided.revoked)
    if not basis.strip():
        raise Invalid("name the bank's batch", code="assets.dividend.basis", place="basis")
    if on > desk.today:
        raise Invalid("this day is still to come", code="assets.follow.day", place="on")
    told = {"basis": basis.strip(), "households": len(drafted.parts)}
    told |= {"total_fen": drafted.available_fen + drafted.labour_fen}
    record_id = _deed(desk, drafted, "paid", "", told, on)
    entries = on_payment(drafted.available_fen, drafted.labour_fen, drafted.plan.year)
    _book(desk, drafted, entries, on)
    return record_id


def give_back(desk: Desk, plan_id: UUID, household_id: UUID, on: date, why: str) -> UUID:
    """Record that a household's payment came back from the bank; its vouchers are turned round.

    Raises:
        Conflict: the plan was not paid, or this payment came back before.
    """
    drafted = _own(desk, plan_id, "paid")
    part = drafted.parts.get(household_id)
    if part is None:
        raise NotFound("no such household", code="assets.household", value=str(household_id))
    if not why.strip():
        raise Invalid("this must not be empty", code="assets.meeting.text", place="why")
    if household_id in drafted.returned:
        raise Conflict("this payment came back before", code="assets.dividend.returned")
    told = {"why": why.strip(), "total_fen": part.total_fen}
    record_id = _deed(desk, drafted, "returned", str(household_id), told, on)
    _book(desk, drafted, on_return(part.dividend_fen, part.labour_fen, drafted.plan.year), on)
    return record_id


def _own(desk: Desk, plan_id: UUID, state: str) -> Drafted:
    drafted = plan_of(desk.work.connection, plan_id)
    desk.visitor.require(KEEP, drafted.plan.region)
    if drafted.state != state:
        raise Conflict(
            f"the plan is {drafted.state}", code=f"assets.dividend.is_{drafted.state}",
            value=drafted.state,
        )  # fmt: skip
    return drafted


def _refuse_invalid(passed: bool, revoked: bool) -> None:
    if not passed or revoked:
        raise Conflict(
            "the decision did not pass, or was revoked", code="assets.dividend.no_decision",
            mend="without a valid decision nothing is paid",
        )  # fmt: skip


def _state(desk: Desk, drafted: Drafted) -> None:
    """Record the statement of each household, one record each, so that each proves itself."""
    roll = roll_of(desk.work.connection, drafted.plan.region, drafted.plan.as_of)
    total = sum((part.shares for part in drafted.parts.values()), Fraction(0))
    desk.record_all(
        [
            (
                STATEMENT_KIND,
                [f"household:{own}", f"dividend:{drafted.plan_id}"],
                drafted.plan.region,
                _statement(drafted, roll.homes[own], total),
            )
            for own in drafted.parts
        ]
    )


def _statement(drafted: Drafted, home: Household, total: Fraction) -> dict[str, Any]:
    part = drafted.parts[home.household_id]
    return {
        "plan": str(drafted.plan_id),
        "household": str(home.household_id),
        "number": home.number,
        "year": drafted.plan.year,
        "as_of": drafted.plan.as_of.isoformat(),
        "shares": str(part.shares),
        "all_shares": str(total),
        "available_fen": drafted.available_fen,
        "floor_fen": part.floor_fen,
        "dividend_fen": part.dividend_fen,
        "labour_fen": part.labour_fen,
        "total_fen": part.total_fen,
        "household_shares": str(home.shares),
        "members": [
            {"name": each.name, "shares": str(each.shares)} for each in home.members if each.shares
        ],
        "work": [
            {"name": each.name, "what": each.what, "amount_fen": each.amount_fen}
            for each in drafted.plan.work
            if each.household_id == home.household_id
        ],
        "floors": [
            {"contract": each.contract, "amount_fen": each.amount_fen}
            for each in drafted.plan.floors
            if each.household_id == home.household_id
        ],
    }


def _deed(
    desk: Desk,
    drafted: Drafted,
    deed: str,
    about: str,
    told: Mapping[str, Any],
    on: date | None = None,
) -> UUID:
    content = {
        "plan": str(drafted.plan_id), "deed": deed, "about": about,
        "on": (on or desk.today).isoformat(), "told": dict(told),
    }  # fmt: skip
    return desk.record(DEED_KIND, [f"dividend:{drafted.plan_id}"], drafted.plan.region, content)


def _book(desk: Desk, drafted: Drafted, entries: Sequence[Entry], on: date | None = None) -> None:
    subject = f"dividend:{drafted.plan_id}"
    book(desk, drafted.plan.region, on or desk.today, entries, "dividend", subject)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
