"""Pages of payments: batches, the second approval, the bank's file and its answer, sums."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.livelihood.payments.banks import form_of, forms_of
from longmai.domains.livelihood.payments.handing import answers_in, last_file
from longmai.domains.livelihood.payments.kinds import ACCOUNT, PERMISSION_OF, PREPARE, READ
from longmai.domains.livelihood.payments.model.batch import (
    NEXT,
    Step,
    Sums,
    period_in,
    period_kind,
)
from longmai.domains.livelihood.payments.model.forms import BankForm
from longmai.domains.livelihood.payments.queries import (
    Balance,
    KeptBatch,
    KeptLine,
    balances,
    batch_of,
    batch_sums,
    batches,
    lines_of,
)
from longmai.domains.livelihood.payments.service import (
    Desk,
    NewAccount,
    Proposal,
    Wish,
    approve,
    draft,
    export,
    give_accounts,
    proposed,
    reject,
    settle,
    take_returns,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany, LongmaiError
from longmai.kernel.money import fen_to_yuan
from longmai.portal.export import Format, table_file
from longmai.portal.failures import Worded, worded
from longmai.portal.house import House, house_of
from longmai.portal.masking import masked
from longmai.portal.paging import Paging, paging_of
from longmai.portal.policies.said import title_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.portal.sheets import MAX_FILE_BYTES, read_sheet
from longmai.rules.policy.model import Policy
from longmai.store.table_window import Window

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303
ACCOUNT_HEADINGS = ("人员编号", "户名", "账号", "开户行", "区划")
_SHOWN_LINES = 500
_MOST_CHARACTERS = 100


@dataclass(frozen=True)
class BatchRow:
    """A batch in the list."""

    batch: KeptBatch
    policy: str
    place: str
    total: str


@dataclass(frozen=True)
class BalanceRow:
    """The sums of a policy and a period, in yuan."""

    balance: Balance
    policy: str
    sums: Mapping[str, str]


@dataclass(frozen=True)
class PayContext:
    """Variables of ``livelihood/pay.html``."""

    rows: Sequence[BatchRow]
    paging: Paging
    balances: Sequence[BalanceRow]
    policies: Sequence[tuple[str, str]]
    forms: Sequence[tuple[str, str]]
    places: Sequence[tuple[str, str]]
    wish: Mapping[str, str]
    found: Proposal | None
    found_total: str
    may_prepare: bool
    may_account: bool
    headings: Sequence[str]
    done: str
    failure: Worded | None
    findings: Sequence[Invalid]


@dataclass(frozen=True)
class LineRow:
    """A line as the page shows it: account masked."""

    kept: KeptLine
    account: str
    amount: str


@dataclass(frozen=True)
class BatchContext:
    """Variables of ``livelihood/pay_batch.html``."""

    batch: KeptBatch
    title: str
    place: str
    total: str
    lines: Sequence[LineRow]
    hidden: int
    sums: Mapping[str, str]
    agree: bool
    may: Sequence[Step]
    form: BankForm
    form_name: str
    purpose: str
    failure: Worded | None
    findings: Sequence[Invalid]


@router.get("/livelihood/pay")
def batch_list(request: Request, visitor: Annotated[Visitor, needs(READ)]) -> HTMLResponse:
    """List the batches, and the sums of each policy and period."""
    return _list_page(request, visitor)


@router.post("/livelihood/pay/draft")
def batch_drafted(
    request: Request,
    visitor: Annotated[Visitor, needs(PREPARE)],
    policy: Annotated[str, Form(max_length=100)] = "",
    region: Annotated[str, Form(max_length=12)] = "",
    period: Annotated[str, Form(max_length=10)] = "",
    form: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Show what a batch would hold; with the button *make*, make it."""
    wish = {"policy": policy, "region": region, "period": period.strip(), "form": form}
    return _list_page(request, visitor, wish=wish)


@router.post("/livelihood/pay/make")
def batch_made(
    request: Request,
    visitor: Annotated[Visitor, needs(PREPARE)],
    policy: Annotated[str, Form(max_length=100)] = "",
    region: Annotated[str, Form(max_length=12)] = "",
    period: Annotated[str, Form(max_length=10)] = "",
    form: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Make a batch."""
    house = house_of(request)
    wish = {"policy": policy, "region": region, "period": period.strip(), "form": form}
    try:
        with house.store.begin() as work:
            batch_id = draft(Desk(work, visitor, house.clock.now()), _wish(house, wish))
    except (Invalid, Conflict) as error:
        return _list_page(request, visitor, wish=wish, failure=error)
    return RedirectResponse(f"/livelihood/pay/{batch_id}", SEE_OTHER)


@router.post("/livelihood/pay/accounts")
def accounts_given(
    request: Request, visitor: Annotated[Visitor, needs(ACCOUNT)], file: UploadFile
) -> HTMLResponse:
    """Take in a sheet of accounts, whole or not at all."""
    house, t = house_of(request), words_of(request)
    try:
        rows = read_sheet(file.file.read(MAX_FILE_BYTES + 1), ACCOUNT_HEADINGS)
        given = [NewAccount(*(row.cells[name] for name in ACCOUNT_HEADINGS)) for row in rows]
        with house.store.begin() as work:
            count = give_accounts(Desk(work, visitor, house.clock.now()), given)
    except (Invalid, Forbidden) as error:
        return _list_page(request, visitor, failure=error)
    return _list_page(request, visitor, done=t("pay.accounts_done", n=count))


@router.get("/livelihood/pay/missing.{kind}")
def missing_file(
    request: Request, kind: Format, visitor: Annotated[Visitor, needs(PREPARE)]
) -> Response:
    """Export who has no account yet, as the sheet to fill in and send back."""
    house = house_of(request)
    names = ("policy", "region", "period", "form")
    wish = {name: request.query_params.get(name, "")[:_MOST_CHARACTERS] for name in names}
    with house.store.begin() as work:
        found = proposed(Desk(work, visitor, house.clock.now()), _wish(house, wish))
    rows = [(each.person_id, each.name, "", "", each.region) for each in found.without_account]
    return table_file(kind, "accounts", ACCOUNT_HEADINGS, rows)


@router.get("/livelihood/pay/{batch_id}")
def batch(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(READ)]
) -> HTMLResponse:
    """Show a batch: its lines, its steps, what can be done."""
    return _batch_page(request, visitor, batch_id)


@router.post("/livelihood/pay/{batch_id}/approve")
def batch_approved(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(READ)]
) -> Response:
    """Approve a batch, as a second person."""
    return _done(request, visitor, batch_id, lambda desk: approve(desk, batch_id))


@router.post("/livelihood/pay/{batch_id}/reject")
def batch_rejected(
    request: Request,
    batch_id: UUID,
    visitor: Annotated[Visitor, needs(READ)],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Refuse a batch."""
    return _done(request, visitor, batch_id, lambda desk: reject(desk, batch_id, note))


@router.post("/livelihood/pay/{batch_id}/export")
def batch_exported(
    request: Request,
    batch_id: UUID,
    visitor: Annotated[Visitor, needs(READ)],
    purpose: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Make the bank's file: its digest is recorded."""
    house = house_of(request)

    def do(desk: Desk) -> object:
        kept = batch_of(desk.work.connection, batch_id, visitor.scope(READ))
        return export(desk, batch_id, form_of(house, kept.form), purpose.strip())

    return _done(request, visitor, batch_id, do)


@router.get("/livelihood/pay/{batch_id}/file")
def batch_file(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(PREPARE)]
) -> Response:
    """Hand out the bank's file that was made last."""
    house = house_of(request)
    with house.store.begin() as work:
        made = last_file(Desk(work, visitor, house.clock.now()), house, batch_id)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.body, media_type="application/octet-stream", headers=headers)


@router.post("/livelihood/pay/{batch_id}/returns")
def batch_returns(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(READ)], file: UploadFile
) -> Response:
    """Take in the bank's answer."""
    house = house_of(request)

    def do(desk: Desk) -> object:
        kept = batch_of(desk.work.connection, batch_id, visitor.scope(READ))
        form = form_of(house, kept.form)
        return take_returns(desk, batch_id, answers_in(form, file.file.read(MAX_FILE_BYTES + 1)))

    return _done(request, visitor, batch_id, do)


@router.post("/livelihood/pay/{batch_id}/settle")
def batch_settled(
    request: Request, batch_id: UUID, visitor: Annotated[Visitor, needs(READ)]
) -> Response:
    """Close a batch: what did not come back has arrived."""
    return _done(request, visitor, batch_id, lambda desk: settle(desk, batch_id))


def _done(
    request: Request, visitor: Visitor, batch_id: UUID, do: Callable[[Desk], object]
) -> Response:
    house = house_of(request)
    try:
        with house.store.begin() as work:
            do(Desk(work, visitor, house.clock.now()))
    except (Invalid, Conflict, Forbidden) as error:
        return _batch_page(request, visitor, batch_id, failure=error)
    return RedirectResponse(f"/livelihood/pay/{batch_id}", SEE_OTHER)


def _wish(house: House, told: Mapping[str, str]) -> Wish:
    policy = house.policies.versions(told["policy"])[0] if told["policy"] else None
    if policy is None:
        raise Invalid("choose a policy", code="pay.policy", place="policy")
    region = told["region"] or house.regions.code
    kind = period_kind("" if policy.amount is None else policy.amount.unit)
    return Wish(policy, region, period_in(told["period"], kind), form_of(house, told["form"]).key)


def _list_page(
    request: Request,
    visitor: Visitor,
    *,
    wish: Mapping[str, str] | None = None,
    failure: LongmaiError | None = None,
    done: str = "",
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    found = None
    if wish is not None and failure is None:
        try:
            with house.store.begin() as work:
                found = proposed(Desk(work, visitor, house.clock.now()), _wish(house, wish))
        except LongmaiError as error:
            failure = error
    with house.store.read() as connection:
        total, _ = batches(connection, visitor.scope(READ), Window(size=0))
        paging = paging_of(request, total)
        _, rows = batches(connection, visitor.scope(READ), Window("", paging.offset, paging.size))
        sums = balances(connection, visitor.scope(READ))
    today = beijing_day(house.clock.now())
    context = PayContext(
        [
            BatchRow(each, _title(house, each.policy_id, t), _place(house, each.region, t),
                     yuan(each.total_fen))
            for each in rows
        ],
        paging,
        [BalanceRow(each, _title(house, each.policy_id, t), _sums(each.sums)) for each in sums],
        list(_paying(house, t)),
        [(each.key, each.name if t.language == "zh" else each.name_en)
         for each in forms_of(house).values()],
        list(_places(house, visitor, t)),
        wish or {"policy": "", "region": "", "period": f"{today:%Y-%m}", "form": ""},
        found,
        "" if found is None else yuan(found.total_fen),
        visitor.may(PREPARE),
        visitor.may(ACCOUNT),
        ACCOUNT_HEADINGS,
        done,
        None if failure is None else worded(t, failure),
        failure.findings if isinstance(failure, InvalidMany) else (),
    )  # fmt: skip
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.livelihood"), "/livelihood/ask"),
        (t("pay.title"), None),
    )
    page = Page(t("pay.title"), crumbs, sample=any(each.sample for each in rows))
    status = 200 if failure is None else failure.status
    return render(request, "livelihood/pay.html", page, context, status=status)


def _batch_page(
    request: Request, visitor: Visitor, batch_id: UUID, *, failure: LongmaiError | None = None
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        kept = batch_of(connection, batch_id, visitor.scope(READ))
        lines = lines_of(connection, batch_id)
        sums = batch_sums(connection, batch_id)
    title = _title(house, kept.policy_id, t)
    form = form_of(house, kept.form)
    context = BatchContext(
        kept,
        title,
        _place(house, kept.region, t),
        yuan(kept.total_fen),
        [LineRow(each, masked(each.line.account, 4, 4), yuan(each.line.amount_fen))
         for each in lines[:_SHOWN_LINES]],
        max(0, len(lines) - _SHOWN_LINES),
        _sums(sums),
        sums.agree,
        _may(kept, visitor),
        form,
        form.name if t.language == "zh" else form.name_en,
        f"{_short(house, kept)} {kept.period}".strip(),
        None if failure is None else worded(t, failure),
        failure.findings if isinstance(failure, InvalidMany) else (),
    )  # fmt: skip
    crumbs = (
        (t("nav.home"), "/"),
        (t("pay.title"), "/livelihood/pay"),
        (f"{title} {kept.period}", None),
    )
    page = Page(f"{title} {kept.period}", crumbs, sample=kept.sample)
    status = 200 if failure is None else failure.status
    return render(request, "livelihood/pay_batch.html", page, context, status=status)


def _may(kept: KeptBatch, visitor: Visitor) -> tuple[Step, ...]:
    drafted = {each.by for each in kept.steps if each.step is Step.DRAFTED}
    return tuple(
        step
        for step in Step
        if step in NEXT[kept.stands]
        and visitor.may(PERMISSION_OF[step], kept.region)
        and (step is not Step.APPROVED or visitor.actor not in drafted)
    )


def _short(house: House, kept: KeptBatch) -> str:
    return _policy(house, kept.policy_id).title[:12]


def _policy(house: House, own: str) -> Policy:
    return house.policies.versions(own)[0]


def _title(house: House, own: str, t: Words) -> str:
    return title_of(_policy(house, own), t.language) if own in house.policies.by_id else own


def _place(house: House, region: str, t: Words) -> str:
    return house.regions.path_name(region, t.language)


def _paying(house: House, t: Words) -> Iterator[tuple[str, str]]:
    for own, versions in house.policies.by_id.items():
        amount = versions[0].amount
        if versions[0].field == "livelihood" and amount is not None:
            kind = t(f"pay.kind.{period_kind(amount.unit)}")
            yield own, f"{title_of(versions[0], t.language)} · {kind}"


def _places(house: House, visitor: Visitor, t: Words) -> Iterator[tuple[str, str]]:
    pack = house.regions
    for code in sorted(visitor.scope(PREPARE).regions) or [pack.code]:
        here = pack.get(code or pack.code)
        yield here.code, pack.path_name(here.code, t.language)
        for each in pack.children(here.code):
            yield each.code, each.name if t.language == "zh" else each.name_en


def yuan(amount_fen: int) -> str:
    """Write fen as yuan with commas and two decimals.

    >>> yuan(123456789)
    '1,234,567.89'
    """
    return f"{fen_to_yuan(amount_fen):,.2f}"


def _sums(sums: Sums) -> dict[str, str]:
    names = ("approved", "paid", "returned", "reissued", "open", "owed")
    told: dict[str, Any] = {name: yuan(getattr(sums, name)) for name in names}
    return told
