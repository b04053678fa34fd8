"""Use-cases of payments: draft, approve, export, take returns in, settle. Services never commit."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from longmai.domains.livelihood.casework.queries import KeptCase, granted
from longmai.domains.livelihood.payments.kinds import (
    ACCOUNT,
    ACCOUNT_KIND,
    KIND_OF,
    PERMISSION_OF,
    PREPARE,
    READ,
    subject_of,
)
from longmai.domains.livelihood.payments.model.batch import (
    Line,
    Step,
    check_period,
    due_fen,
    period_kind,
    take,
)
from longmai.domains.livelihood.payments.model.forms import Answer, BankForm, Batch, written
from longmai.domains.livelihood.payments.queries import (
    Account,
    KeptBatch,
    accounts,
    batch_of,
    came_back,
    lines_of,
    paid_already,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid, InvalidMany
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import pad, prefix
from longmai.ledger.record import Act
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.model import Policy
from longmai.store.unit_of_work import UnitOfWork

MAX_LINES = 50_000


@dataclass(frozen=True)
class Desk:
    """Who acts, and when."""

    work: UnitOfWork
    visitor: Visitor
    now: datetime


@dataclass(frozen=True)
class Wish:
    """What a batch is to pay.

    Attributes:
        region: code; of the people.
        period: ``2026-09``, ``2026`` or ``once``, as the policy is paid.
        form: of the bank.
    """

    policy: Policy
    region: str
    period: str
    form: str


@dataclass(frozen=True)
class Proposal:
    """What a batch would hold.

    Attributes:
        lines: to be paid.
        without_account: those who have no account.
        waiting: those whose payment came back and who gave no other account since.
    """

    lines: tuple[Line, ...]
    without_account: tuple[KeptCase, ...]
    waiting: tuple[KeptCase, ...]
    sample: bool

    @property
    def total_fen(self) -> int:
        """Return the sum."""
        return sum(each.amount_fen for each in self.lines)


def proposed(desk: Desk, wish: Wish) -> Proposal:
    """Return what a batch would hold: decisions that are due and unpaid, and what came back.

    Raises:
        Invalid: the policy pays nothing, or not for such a period.
    """
    policy, connection = wish.policy, desk.work.connection
    if policy.amount is None:
        raise Invalid("this policy pays nothing", code="pay.nothing", value=policy.id)
    kind = period_kind(policy.amount.unit)
    check_period(kind, wish.period)
    month = f"{beijing_day(desk.now):%Y-%m}"
    cases = list(granted(connection, policy.id, prefix(wish.region)))
    names = {each.person_id: each.name for each in cases}
    known = accounts(connection, list(names))
    done = paid_already(connection, policy.id, wish.period)
    lines: list[Line] = []
    missing: list[KeptCase] = []
    for each in cases:
        due = due_fen(each.case, kind, wish.period, month)
        if due and each.person_id not in done:
            done.add(each.person_id)
            account = known.get(each.person_id)
            if account is None:
                missing.append(each)
            else:
                lines.append(_line(each, account, wish.period, due))
    again, waiting = _reissued(desk, wish, cases, known)
    if len(lines) + len(again) > MAX_LINES:
        raise Invalid(
            f"a batch has at most {MAX_LINES} lines", code="pay.lines", mend="pay by county"
        )
    sample = any(each.sample for each in cases)
    return Proposal((*lines, *again), tuple(missing), tuple(waiting), sample)


def _line(case: KeptCase, account: Account, period: str, amount_fen: int) -> Line:
    return Line(
        str(new_id()), str(case.case_id), case.person_id, account.holder, account.account,
        account.bank, period, amount_fen,
    )  # fmt: skip


def _reissued(
    desk: Desk, wish: Wish, cases: Sequence[KeptCase], known: Mapping[str, Account]
) -> tuple[list[Line], list[KeptCase]]:
    """Return what is paid again, and who has to give another account first."""
    by_person = {each.person_id: each for each in cases}
    lines: list[Line] = []
    waiting: list[KeptCase] = []
    for back in came_back(desk.work.connection, wish.policy.id, prefix(wish.region)):
        case, account = by_person.get(back.person_id), known.get(back.person_id)
        if case is None:
            continue
        if account is None or account.at <= back.at:
            waiting.append(case)
            continue
        line = _line(case, account, back.period, back.amount_fen)
        lines.append(Line(**{**asdict(line), "reissue_of": str(back.item_id)}))
    return lines, waiting


def draft(desk: Desk, wish: Wish) -> UUID:
    """Make a batch; nothing is paid before a second person approved it.

    Raises:
        Forbidden: the visitor prepares no payments there.
        Invalid: nothing is due, or the policy is not paid for such a period.
    """
    region = pad(wish.region)
    desk.visitor.require(PREPARE, region)
    found = proposed(desk, wish)
    if not found.lines:
        raise Invalid(
            "nothing is due that was not paid",
            code="pay.empty",
            value=wish.period,
            mend="confirm cases first, or give the people accounts",
        )
    batch_id = new_id()
    told = {
        "batch": str(batch_id),
        "policy": wish.policy.id,
        "digest": wish.policy.digest,
        "period": wish.period,
        "form": wish.form,
        "total_fen": found.total_fen,
        "sample": found.sample,
        "lines": [asdict(line) for line in found.lines],
        "data": {"without_account": len(found.without_account), "waiting": len(found.waiting)},
    }
    _step(desk, Step.DRAFTED, (batch_id, region, ()), told)
    return batch_id


def approve(desk: Desk, batch_id: UUID) -> UUID:
    """Approve a batch as it stands: from here on its lines are owed, each once.

    Raises:
        Forbidden: the visitor drafted it, or approves nothing there.
        Conflict: it was approved or rejected before, or somebody in it was paid meanwhile.
    """
    kept = batch_of(desk.work.connection, batch_id, desk.visitor.scope(READ))
    lines = [asdict(each.line) for each in lines_of(desk.work.connection, batch_id)]
    told = {
        "policy": kept.policy_id,
        "lines": lines,
        "data": {"total_fen": kept.total_fen, "lines": kept.lines},
    }
    return _follow(desk, kept, Step.APPROVED, told)


def reject(desk: Desk, batch_id: UUID, note: str) -> UUID:
    """Refuse a batch, saying why; its people can be put into another.

    Raises:
        Invalid: no reason is given.
        Forbidden, Conflict: as ``approve``.
    """
    if not note.strip():
        raise Invalid("say why", code="pay.note", place="note")
    kept = batch_of(desk.work.connection, batch_id, desk.visitor.scope(READ))
    return _follow(desk, kept, Step.REJECTED, {"data": {"note": note.strip()}})


def export(desk: Desk, batch_id: UUID, form: BankForm, purpose: str) -> bytes:
    """Return the bank's file of a batch, and record its digest: what was handed over.

    Raises:
        Conflict: the batch is not approved, or is settled.
        InvalidMany: a name or account that the form cannot hold.
    """
    kept = batch_of(desk.work.connection, batch_id, desk.visitor.scope(READ))
    body = file_of(desk, kept, form, purpose)
    data = {
        "form": form.key,
        "purpose": purpose,
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "lines": kept.lines,
        "total_fen": kept.total_fen,
    }
    _follow(desk, kept, Step.EXPORTED, {"data": data})
    return body


def file_of(desk: Desk, kept: KeptBatch, form: BankForm, purpose: str) -> bytes:
    """Return the bank's file of a batch; the same batch gives the same bytes.

    Raises:
        InvalidMany: a name or account that the form cannot hold.
    """
    lines = [each.line for each in lines_of(desk.work.connection, kept.batch_id)]
    return written(form, lines, Batch(str(kept.batch_id), purpose))


def take_returns(desk: Desk, batch_id: UUID, answers: Iterable[Answer]) -> int:
    """Take in the bank's answer: what did not arrive comes back, with the bank's reason.

    What came back before is left out, so that an answer may be taken twice.

    Returns:
        How many came back that had not before.

    Raises:
        InvalidMany: a line names no payment of this batch.
        Conflict: the batch was not handed to the bank.
    """
    kept = batch_of(desk.work.connection, batch_id, desk.visitor.scope(READ))
    known = {each.line.item: each for each in lines_of(desk.work.connection, batch_id)}
    findings: list[Invalid] = []
    returns: dict[str, dict[str, str]] = {}
    for each in answers:
        line = known.get(each.item)
        if line is None:
            findings.append(
                Invalid(
                    "this batch has no such payment", code="pay.item", place=f"row {each.row}",
                    value=each.item,
                )
            )  # fmt: skip
        elif not each.good and not line.returned:
            returns[each.item] = {"item": each.item, "code": each.code, "reason": each.reason}
    if findings:
        raise InvalidMany(f"{len(findings)} lines are not of this batch", findings)
    if returns or kept.stands is Step.EXPORTED:
        total = sum(known[item].line.amount_fen for item in returns)
        data = {"returns": len(returns), "total_fen": total}
        told = {"returns": list(returns.values()), "data": data}
        _follow(desk, kept, Step.RETURNED, told)
    return len(returns)


def settle(desk: Desk, batch_id: UUID) -> UUID:
    """Close a batch: what did not come back has arrived.

    Raises:
        Conflict: the batch was not handed to the bank, or is closed.
    """
    kept = batch_of(desk.work.connection, batch_id, desk.visitor.scope(READ))
    lines = lines_of(desk.work.connection, batch_id)
    paid = [each.line.amount_fen for each in lines if not each.returned]
    data = {"paid": len(paid), "paid_fen": sum(paid), "returned": len(lines) - len(paid)}
    return _follow(desk, kept, Step.SETTLED, {"data": data})


@dataclass(frozen=True)
class NewAccount:
    """An account that a person gives."""

    person_id: str
    holder: str
    account: str
    bank: str
    region: str


def give_accounts(desk: Desk, given: Sequence[NewAccount]) -> int:
    """Keep where people are paid; the newest counts. Returns how many were new.

    Raises:
        InvalidMany: an account or a name that cannot be.
        Forbidden: a person lives outside the regions of the visitor's posts.
    """
    findings = [finding for row, each in enumerate(given, 1) for finding in _wrong(row, each)]
    if findings:
        raise InvalidMany(f"{len(findings)} findings", findings)
    for region in {pad(each.region) for each in given}:
        desk.visitor.require(ACCOUNT, region)
    known = accounts(desk.work.connection, [each.person_id for each in given])
    fresh = [each for each in given if not _same(each, known.get(each.person_id))]
    acts = [_account_act(desk, each, known.get(each.person_id)) for each in fresh]
    try:
        desk.work.ledger.append(acts)
    except IntegrityError as error:
        raise _meanwhile("account") from error
    return len(fresh)


def _wrong(row: int, each: NewAccount) -> Iterator[Invalid]:
    digits = each.account.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 32):  # noqa: PLR2004 - accounts of banks
        yield Invalid(
            "an account is 8 to 32 digits", code="pay.account", place=f"row {row}",
            value=each.account,
        )  # fmt: skip
    if not each.holder.strip():
        yield Invalid("whose account is it?", code="pay.holder", place=f"row {row}")


def _same(each: NewAccount, known: Account | None) -> bool:
    return known is not None and (known.holder, known.account, known.bank) == (
        each.holder, each.account, each.bank,
    )  # fmt: skip


def _account_act(desk: Desk, each: NewAccount, known: Account | None) -> Act:
    return Act(
        kind=ACCOUNT_KIND,
        subjects=[f"person:{each.person_id}"],
        region=pad(each.region),
        actor=desk.visitor.actor,
        occurred_at=desk.now,
        payload={
            "person": each.person_id,
            "number": 1 if known is None else known.number + 1,
            "holder": each.holder.strip(),
            "account": each.account.replace(" ", ""),
            "bank": each.bank.strip(),
        },
    )


def _follow(desk: Desk, kept: KeptBatch, step: Step, told: Mapping[str, Any]) -> UUID:
    own = {"batch": str(kept.batch_id), **told}
    return _step(desk, step, (kept.batch_id, kept.region, kept.taken), own)


def _step(
    desk: Desk,
    step: Step,
    batch: tuple[UUID, str, Sequence[tuple[Step, str]]],
    told: Mapping[str, Any],
) -> UUID:
    batch_id, region, taken = batch
    desk.visitor.require(PERMISSION_OF[step], region)
    take(taken, step, desk.visitor.actor)
    record = Act(
        kind=KIND_OF[step],
        subjects=[subject_of(batch_id)],
        region=region,
        actor=desk.visitor.actor,
        occurred_at=desk.now,
        payload={**told, "number": len(taken) + 1, "by_name": desk.visitor.name},
    )
    try:
        return desk.work.ledger.append([record])[0].id
    except IntegrityError as error:
        raise _meanwhile(step) from error


def _meanwhile(step: str) -> Conflict:
    return Conflict(
        "somebody in this batch was paid meanwhile, or somebody else took this step",
        code="pay.twice",
        place=step,
        mend="reject the batch, and make it anew: it then leaves out who was paid",
    )
