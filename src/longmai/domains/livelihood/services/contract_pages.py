"""Pages of contracts: signed, delivered, accepted, asked for, approved, paid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, UploadFile
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import Row, select

from longmai.domains.livelihood.services.model import (
    RESULTS,
    ContractLine,
    Standing,
)
from longmai.domains.livelihood.services.queries import (
    DeliveryRow,
    LineRow,
    RequestRow,
    acceptances,
    contracts,
    deliveries,
    item_names,
    lines,
    orgs,
    requests,
)
from longmai.domains.livelihood.services.service import (
    APPROVE,
    BUY,
    MAX_SCAN_BYTES,
    NewAcceptance,
    NewContract,
    NewDelivery,
    Office,
    accept,
    decide,
    deliver,
    one,
    pay,
    quantity_in,
    request_payment,
    sign_by_code,
    sign_contract,
    sign_on_paper,
    standing,
    words,
)
from longmai.domains.livelihood.services.showing import (
    HOME,
    Anybody,
    Approver,
    Buyer,
    Text,
    Typed,
    acted,
    crumbs_of,
    day_in,
    today_of,
    yuan,
)
from longmai.domains.livelihood.services.tables import CONTRACT, DELIVERY, ORG, REQUEST, SIGNATURE
from longmai.kernel.errors import Invalid
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.admin_pages import region_choices
from longmai.portal.accounts.forms import Form
from longmai.portal.accounts.service import known_region
from longmai.portal.house import house_of
from longmai.portal.masking import masked
from longmai.portal.paging import Paging, paging_of
from longmai.portal.qr import qr_svg
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix=HOME, include_in_schema=False)


@dataclass(frozen=True)
class ContractsContext:
    """Variables of ``bought_contracts.html``."""

    rows: Sequence[tuple[Row[Any], str]]
    paging: Paging
    orgs: Sequence[tuple[str, str]]
    items: Sequence[tuple[str, str]]
    regions: Sequence[tuple[str, str]]
    form: Form
    yuan: Callable[[int], str] = yuan


@router.get("/contracts", dependencies=[OPEN])
def contract_list(request: Request) -> HTMLResponse:
    """List the contracts."""
    return _contracts(request, Form())


def _contracts(request: Request, form: Form, status: int = 200) -> HTMLResponse:
    t, house = words_of(request), house_of(request)
    with house.store.read() as connection:
        total, _ = contracts(connection, [], Window(size=0))
        paging = paging_of(request, total)
        _, rows = contracts(connection, [], Window(offset=paging.offset, size=paging.size))
        _, known = orgs(connection, "", today_of(request), Window(size=300))
        named = item_names(connection)
    choices = region_choices(house, t.language) if visitor_of(request).may(BUY) else []
    context = ContractsContext(
        rows,
        paging,
        [(str(each.org.id), each.org.name) for each in known],
        sorted(named.items()),
        choices,
        form,
    )
    title = t("bought.contracts.title")
    page = Page(title, crumbs_of(request, (title, None)), any(row.sample for row, _ in rows))
    return render(request, "livelihood/bought_contracts.html", page, context, status)


class ContractForm(BaseModel):
    """A contract; three fields for each of up to ten lines, all as it was typed."""

    number: Typed = ""
    buyer: Typed = ""
    org: Typed = ""
    region: Typed = ""
    since: Typed = ""
    until: Typed = ""
    item: list[str] = Field(default_factory=list, max_length=10)
    quantity: list[str] = Field(default_factory=list, max_length=10)
    price: list[str] = Field(default_factory=list, max_length=10)


@router.post("/contracts")
def new_contract(
    request: Request, visitor: Buyer, typed: Annotated[ContractForm, FormField()]
) -> Response:
    """Record a contract."""

    def act(office: Office) -> UUID:
        rows = zip(typed.item, typed.quantity, typed.price, strict=False)
        told = [
            ContractLine(item, quantity_in(quantity, "quantity"), yuan_to_fen(price.strip()))
            for item, quantity, price in rows
            if quantity.strip() or price.strip()
        ]
        wish = NewContract(
            typed.number.strip(),
            typed.buyer,
            _id(typed.org),
            known_region(typed.region, house_of(request).regions),
            day_in(typed.since, "since"),
            day_in(typed.until, "until"),
            told,
        )
        return sign_contract(office, wish)

    values = {name: value for name, value in typed.model_dump().items() if isinstance(value, str)}
    back = (f"{HOME}/contracts/{{id}}", lambda form, status: _contracts(request, form, status))
    return acted(request, visitor, values, act, back)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("choose one", code="bought.choose", place="org", value=text) from None


@dataclass(frozen=True)
class ContractContext:
    """Variables of ``bought_contract.html``; names of recipients are masked for strangers."""

    contract: Row[Any]
    org: Row[Any]
    standing: Standing
    lines: Sequence[LineRow]
    deliveries: Sequence[tuple[DeliveryRow, str]]
    acceptances: Sequence[Row[Any]]
    requests: Sequence[RequestRow]
    items: Mapping[str, str]
    results: Sequence[str]
    may_report: bool
    today: str
    form: Form
    yuan: Callable[[int], str] = yuan


@router.get("/contracts/{contract_id}", dependencies=[OPEN])
def contract_page(request: Request, contract_id: UUID) -> HTMLResponse:
    """Show a contract: what was delivered, signed, accepted, asked for and paid."""
    return _contract(request, contract_id, Form())


def _contract(request: Request, contract_id: UUID, form: Form, status: int = 200) -> HTMLResponse:
    t, visitor = words_of(request), visitor_of(request)
    with house_of(request).store.read() as connection:
        found = one(
            connection, select(CONTRACT).where(CONTRACT.c.id == contract_id), "bought.contract"
        )
        org = one(connection, select(ORG).where(ORG.c.id == found.org_id), "bought.org")
        inside = visitor.may(BUY, found.region) or visitor.may(APPROVE, found.region)
        own = visitor.known and org.account_id == visitor.account_id
        context = ContractContext(
            contract=found,
            org=org,
            standing=standing(connection, found),
            lines=lines(connection, contract_id),
            deliveries=[
                (
                    row,
                    row.delivery.recipient
                    if inside or own
                    else masked(row.delivery.recipient, 1, 0),
                )
                for row in deliveries(connection, contract_id)
            ],
            acceptances=acceptances(connection, contract_id),
            requests=[row for row, _ in requests(connection, REQUEST.c.contract_id == contract_id)],
            items=item_names(connection),
            results=RESULTS,
            may_report=inside or own,
            today=today_of(request).isoformat(),
            form=form,
        )
    crumbs = crumbs_of(
        request, (t("bought.contracts.title"), f"{HOME}/contracts"), (found.number, None)
    )
    page = Page(found.number, crumbs, found.sample)
    return render(request, "livelihood/bought_contract.html", page, context, status)


def _at_contract(
    request: Request,
    visitor: Visitor,
    contract_id: UUID,
    values: Mapping[str, str],
    act: Callable[[Office], object],
) -> Response:
    def back(form: Form, status: int) -> HTMLResponse:
        return _contract(request, contract_id, form, status)

    return acted(request, visitor, values, act, (f"{HOME}/contracts/{contract_id}", back))


class DeliveryForm(BaseModel):
    """A delivery; all as it was typed."""

    item: Typed = ""
    quantity: Typed = ""
    day: Typed = ""
    recipient: Typed = ""


@router.post("/contracts/{contract_id}/deliveries")
def new_delivery(
    request: Request,
    visitor: Anybody,
    contract_id: UUID,
    typed: Annotated[DeliveryForm, FormField()],
) -> Response:
    """Record a delivery."""

    def act(office: Office) -> UUID:
        wish = NewDelivery(
            typed.item,
            quantity_in(typed.quantity, "quantity"),
            day_in(typed.day, "day"),
            typed.recipient,
        )
        return deliver(office, contract_id, wish)

    return _at_contract(request, visitor, contract_id, typed.model_dump(), act)


@router.post("/contracts/{contract_id}/deliveries/{delivery_id}/paper")
def paper(
    request: Request, visitor: Anybody, contract_id: UUID, delivery_id: UUID, scan: UploadFile
) -> Response:
    """Keep the scan of a signed sheet."""
    data = scan.file.read(MAX_SCAN_BYTES + 1)
    return _at_contract(
        request, visitor, contract_id, {}, lambda office: sign_on_paper(office, delivery_id, data)
    )


@dataclass(frozen=True)
class SignContext:
    """Variables of ``bought_sign.html``: the code to show, or the question to who scanned it."""

    delivery: Row[Any]
    contract: Row[Any]
    item: str
    own: bool
    signed: bool
    qr: str
    form: Form


@router.get("/deliveries/{delivery_id}")
def sign_page(request: Request, visitor: Anybody, delivery_id: UUID) -> HTMLResponse:
    """Show the code of a delivery to who recorded it; ask who scanned it to sign."""
    return _sign(request, visitor, delivery_id, Form())


def _sign(
    request: Request, visitor: Visitor, delivery_id: UUID, form: Form, status: int = 200
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        delivery = one(
            connection, select(DELIVERY).where(DELIVERY.c.id == delivery_id), "bought.delivery"
        )
        query = select(CONTRACT).where(CONTRACT.c.id == delivery.contract_id)
        contract = one(connection, query, "bought.contract")
        known = select(SIGNATURE.c.record_id).where(SIGNATURE.c.delivery_id == delivery_id)
        signed = connection.scalar(known) is not None
        item = item_names(connection).get(delivery.item, delivery.item)
    address = f"{house.settings.public_url}{HOME}/deliveries/{delivery_id}"
    own = visitor.actor == delivery.by
    context = SignContext(delivery, contract, item, own, signed, qr_svg(address), form)
    title = t("bought.sign.title")
    page = Page(
        title,
        crumbs_of(request, (contract.number, f"{HOME}/contracts/{contract.id}"), (title, None)),
        contract.sample,
    )
    return render(request, "livelihood/bought_sign.html", page, context, status)


@router.post("/deliveries/{delivery_id}/sign")
def signing(request: Request, visitor: Anybody, delivery_id: UUID) -> Response:
    """Sign for a delivery."""

    def back(form: Form, status: int) -> HTMLResponse:
        return _sign(request, visitor, delivery_id, form, status)

    to = f"{HOME}/deliveries/{delivery_id}"
    return acted(request, visitor, {}, lambda office: sign_by_code(office, delivery_id), (to, back))


class AcceptanceForm(BaseModel):
    """An acceptance; all as it was typed."""

    deliveries: list[UUID] = Field(default_factory=list, max_length=500)
    result: Typed = ""
    reduced: Typed = ""
    note: Typed = ""


@router.post("/contracts/{contract_id}/acceptances")
def new_acceptance(
    request: Request,
    visitor: Buyer,
    contract_id: UUID,
    typed: Annotated[AcceptanceForm, FormField()],
) -> Response:
    """Judge deliveries."""

    def act(office: Office) -> UUID:
        reduced = yuan_to_fen(typed.reduced.strip()) if typed.reduced.strip() else None
        wish = NewAcceptance(typed.deliveries, typed.result, typed.note, reduced)
        return accept(office, contract_id, wish)

    values = {"reduced": typed.reduced, "note": typed.note}
    return _at_contract(request, visitor, contract_id, values, act)


@router.post("/contracts/{contract_id}/requests")
def new_request(
    request: Request, visitor: Buyer, contract_id: UUID, amount: Text = "", note: Text = ""
) -> Response:
    """Ask for a payment."""
    values = {"amount": amount, "note": note}
    return _at_contract(
        request,
        visitor,
        contract_id,
        values,
        lambda office: request_payment(office, contract_id, yuan_to_fen(amount.strip()), note),
    )


@router.post("/contracts/{contract_id}/requests/{request_id}/decision")
def decision(
    request: Request,
    visitor: Approver,
    contract_id: UUID,
    request_id: UUID,
    reason: Text = "",
    choice: Text = "",
) -> Response:
    """Approve or refuse a payment."""
    return _at_contract(
        request,
        visitor,
        contract_id,
        {"reason": reason},
        lambda office: decide(
            office, request_id, reason, approved=words(choice, "choice") == "approve"
        ),
    )


@router.post("/contracts/{contract_id}/requests/{request_id}/paid")
def paid(
    request: Request,
    visitor: Buyer,
    contract_id: UUID,
    request_id: UUID,
    day: Text = "",
    reference: Text = "",
) -> Response:
    """Record that a payment was made."""
    return _at_contract(
        request,
        visitor,
        contract_id,
        {"reference": reference},
        lambda office: pay(office, request_id, day_in(day, "day"), reference),
    )
