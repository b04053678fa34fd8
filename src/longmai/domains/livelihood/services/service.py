"""Use-cases of bought services: list, contract, deliver, sign, accept, ask, approve, pay.

Every amount is exact: no more is accepted than was contracted, no more asked for than was accepted,
and nothing is paid that a second person has not approved.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Table, func, select

from longmai.domains.livelihood.services.model import (
    CREDIT_KINDS,
    ORG_KINDS,
    RESULTS,
    ContractLine,
    Standing,
    amount_fen,
    total_fen,
)
from longmai.domains.livelihood.services.tables import (
    ACCEPTANCE,
    ACCEPTANCE_KIND,
    ACCEPTED,
    CONTRACT,
    CONTRACT_KIND,
    CONTRACT_LINE,
    CREDIT,
    CREDIT_KIND,
    DECISION,
    DECISION_KIND,
    DELIVERY,
    DELIVERY_KIND,
    ITEM,
    ITEM_KIND,
    ORG,
    ORG_KIND,
    PAID,
    PAID_KIND,
    PREFIX,
    REQUEST,
    REQUEST_KIND,
    SIGNATURE,
    SIGNATURE_KIND,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.credit_code import require_uscc
from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import pad
from longmai.ledger.record import Act
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import UnitOfWork

BUY = f"{PREFIX}.buy"
APPROVE = f"{PREFIX}.approve"
MAX_SCAN_BYTES = 2 * 1024 * 1024
SCANS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF": "application/pdf"}
_MOST_FEN = 10**15
_MOST_DECIMALS = -2


@dataclass(frozen=True)
class Office:
    """Where one visitor's acts are carried out, in one unit of work."""

    work: UnitOfWork
    visitor: Visitor
    now: datetime

    @property
    def connection(self) -> Connection:
        """Return the open transaction."""
        return self.work.connection

    @property
    def day(self) -> date:
        """Return today, in Beijing."""
        return beijing_day(self.now)

    def record(
        self, kind: str, subjects: Sequence[str], region: str, told: Mapping[str, Any]
    ) -> UUID:
        """Append an act of now; return its record."""
        act = Act(kind, list(subjects), region, self.visitor.actor, self.now, told)
        [record] = self.work.ledger.append([act])
        return record.id

    def contract(self, contract_id: UUID, *, lock: bool = False) -> Row[Any]:
        """Return a contract; locked, where its sums are about to change.

        Raises:
            NotFound: there is none.
        """
        query = select(CONTRACT).where(CONTRACT.c.id == contract_id)
        return one(self.connection, query.with_for_update() if lock else query, "bought.contract")


def one(connection: Connection, query: Any, code: str) -> Row[Any]:
    """Return the one row of a query.

    Raises:
        NotFound: there is none.
    """
    row: Row[Any] | None = connection.execute(query).first()
    if row is None:
        raise NotFound("there is no such thing", code=code)
    return row


@dataclass(frozen=True)
class NewItem:
    """A service that government buys; ``ceiling_fen`` None: not confirmed."""

    code: str
    name: str
    category: str
    unit: str
    standard: str
    basis: str
    ceiling_fen: int | None = None
    sample: bool = False


def list_item(office: Office, wish: NewItem, region: str) -> UUID:
    """List a service in the catalogue; one of the same code replaces what was listed before.

    Raises:
        Forbidden: the visitor does not buy in this region.
        Invalid: a text is missing.
    """
    place = pad(region)
    office.visitor.require(BUY, place)
    if wish.ceiling_fen is not None:
        _require_fen(wish.ceiling_fen, "ceiling")
    told = {
        "code": words(wish.code, "code", 32), "name": words(wish.name, "name", 100),
        "category": words(wish.category, "category", 32), "unit": words(wish.unit, "unit", 16),
        "standard": words(wish.standard, "standard", 500), "basis": words(wish.basis, "basis"),
        "ceiling_fen": wish.ceiling_fen, "sample": wish.sample,
    }  # fmt: skip
    return office.record(ITEM_KIND, [f"bought:item:{wish.code}"], place, told)


@dataclass(frozen=True)
class NewOrg:
    """A non-profit; ``account_id`` of who reports deliveries for it."""

    name: str
    uscc: str
    kind: str
    region: str
    registered_on: date | None = None
    account_id: UUID | None = None
    sample: bool = False


def list_org(office: Office, wish: NewOrg) -> UUID:
    """List a non-profit; return its ID.

    Raises:
        Forbidden: the visitor does not buy in its region.
        Invalid: no kind, or a code whose check digit is wrong.
        Conflict: it is listed already.
    """
    region = pad(wish.region)
    office.visitor.require(BUY, region)
    code = require_uscc(wish.uscc)
    if wish.kind not in ORG_KINDS:
        raise Invalid("no kind of non-profit", code="bought.kind", place="kind", value=wish.kind)
    if office.connection.scalar(select(ORG.c.id).where(ORG.c.uscc == code)) is not None:
        raise Conflict("it is listed already", code="bought.known", place="uscc", value=code)
    org_id = new_id()
    day = wish.registered_on
    told = {
        "id": str(org_id), "name": words(wish.name, "name", 100), "uscc": code, "kind": wish.kind,
        "registered_on": None if day is None else day.isoformat(),
        "account": None if wish.account_id is None else str(wish.account_id),
        "sample": wish.sample,
    }  # fmt: skip
    office.record(ORG_KIND, [f"bought:org:{org_id}", f"uscc:{code}"], region, told)
    return org_id


@dataclass(frozen=True)
class CreditEvent:
    """Something in a credit record: never without a day and a source."""

    kind: str
    day: date
    source: str
    text: str


def note_credit(office: Office, org_id: UUID, event: CreditEvent) -> UUID:
    """Enter an event into a credit record.

    Raises:
        Forbidden: the visitor does not buy in its region.
        Invalid: no such kind, a day to come, or no source.
    """
    org = one(office.connection, select(ORG).where(ORG.c.id == org_id), "bought.org")
    office.visitor.require(BUY, org.region)
    if event.kind not in CREDIT_KINDS:
        raise Invalid("no kind of event", code="bought.credit", place="kind", value=event.kind)
    if event.day > office.day:
        raise Invalid("this day has not come", code="bought.future", place="day")
    told = {
        "org": str(org_id), "kind": event.kind, "day": event.day.isoformat(),
        "source": words(event.source, "source"), "text": words(event.text, "text", 500),
    }  # fmt: skip
    return office.record(CREDIT_KIND, [f"bought:org:{org_id}"], org.region, told)


def is_barred(connection: Connection, org_id: UUID, day: date) -> bool:
    """Tell whether an organisation stands on the list of serious violations on a day."""
    told = CREDIT.c
    query = (
        select(told.kind)
        .where(told.org_id == org_id, told.kind.in_(("serious", "serious_ended")), told.day <= day)
        .order_by(told.day.desc(), told.record_id.desc())
    )
    return connection.scalar(query.limit(1)) == "serious"


@dataclass(frozen=True)
class NewContract:
    """A contract that was signed."""

    number: str
    buyer: str
    org_id: UUID
    region: str
    since: date
    until: date
    lines: Sequence[ContractLine]
    sample: bool = False


def sign_contract(office: Office, wish: NewContract) -> UUID:
    """Record a contract; return its ID.

    Raises:
        Forbidden: the visitor does not buy in this region.
        NotFound: no such organisation.
        Invalid: a line that cannot be, or above the catalogue's ceiling.
        Conflict: its number is known; or the organisation is barred.
    """
    region = pad(wish.region)
    office.visitor.require(BUY, region)
    one(office.connection, select(ORG).where(ORG.c.id == wish.org_id), "bought.org")
    if is_barred(office.connection, wish.org_id, office.day):
        raise Conflict(
            "the organisation stands on the list of serious violations", code="bought.barred"
        )
    if office.connection.scalar(select(CONTRACT.c.id).where(CONTRACT.c.number == wish.number)):
        raise Conflict(
            "this number is known", code="bought.number", place="number", value=wish.number
        )
    if wish.since > wish.until or not wish.lines:
        raise Invalid(
            "a contract has lines, and ends after it begins", code="bought.time", place="until"
        )
    for line in wish.lines:
        _require_line(office.connection, line)
    contract_id = new_id()
    told = {
        "id": str(contract_id), "number": words(wish.number, "number", 64),
        "buyer": words(wish.buyer, "buyer", 100), "org": str(wish.org_id),
        "since": wish.since.isoformat(), "until": wish.until.isoformat(),
        "total_fen": total_fen(wish.lines), "sample": wish.sample,
        "lines": [
            {"item": line.item, "quantity": str(line.quantity), "price_fen": line.price_fen,
             "amount_fen": line.amount_fen}
            for line in wish.lines
        ],
    }  # fmt: skip
    subjects = [f"bought:contract:{contract_id}", f"bought:org:{wish.org_id}"]
    office.record(CONTRACT_KIND, subjects, region, told)
    return contract_id


def _require_line(connection: Connection, line: ContractLine) -> None:
    item = item_of(connection, line.item)
    _require_quantity(line.quantity)
    _require_fen(line.price_fen, "price")
    _require_fen(line.amount_fen, "quantity")
    if item.ceiling_fen is not None and line.price_fen > item.ceiling_fen:
        raise Invalid(
            "above the catalogue's ceiling",
            code="bought.ceiling",
            place="price",
            value=line.price_fen,
        )


def item_of(connection: Connection, code: str) -> Row[Any]:
    """Return an item of the catalogue, as it was listed last.

    Raises:
        NotFound: there is none.
    """
    query = select(ITEM).where(ITEM.c.code == code).order_by(ITEM.c.record_id.desc()).limit(1)
    return one(connection, query, "bought.item")


@dataclass(frozen=True)
class NewDelivery:
    """A service that was rendered, to whom and when."""

    item: str
    quantity: Decimal
    day: date
    recipient: str


def deliver(office: Office, contract_id: UUID, wish: NewDelivery) -> UUID:
    """Record a delivery, which its recipient then signs; return its ID.

    Raises:
        Forbidden: neither the organisation's account nor a buyer.
        NotFound: the contract has no such item.
        Invalid: a day outside the contract, or a quantity that cannot be.
        Conflict: more than was contracted.
    """
    contract = office.contract(contract_id, lock=True)
    _require_reporter(office, contract)
    line = one(
        office.connection,
        select(CONTRACT_LINE).where(
            CONTRACT_LINE.c.contract_id == contract_id, CONTRACT_LINE.c.item == wish.item
        ),
        "bought.line",
    )
    _require_quantity(wish.quantity)
    if not contract.since <= wish.day <= min(contract.until, office.day):
        raise Invalid(
            "the day lies outside the contract, or has not come", code="bought.day", place="day"
        )
    before = sum(
        office.connection.scalars(
            select(DELIVERY.c.quantity).where(
                DELIVERY.c.contract_id == contract_id, DELIVERY.c.item == wish.item, _not_failed()
            )
        ),
        Decimal(0),
    )
    if before + wish.quantity > line.quantity:
        raise Conflict(
            "more than was contracted", code="bought.quantity",
            place=f"{line.quantity - before} < {wish.quantity}",
        )  # fmt: skip
    delivery_id = new_id()
    told = {
        "id": str(delivery_id), "contract": str(contract_id), "item": wish.item,
        "quantity": str(wish.quantity), "amount_fen": amount_fen(wish.quantity, line.price_fen),
        "day": wish.day.isoformat(), "recipient": words(wish.recipient, "recipient", 64),
    }  # fmt: skip
    subjects = [f"bought:delivery:{delivery_id}", f"bought:contract:{contract_id}"]
    office.record(DELIVERY_KIND, subjects, contract.region, told)
    return delivery_id


def _not_failed() -> Any:
    # What failed at its acceptance may be delivered again.
    failed = (
        select(ACCEPTED.c.delivery_id)
        .join(ACCEPTANCE, ACCEPTANCE.c.record_id == ACCEPTED.c.record_id)
        .where(ACCEPTANCE.c.result == "failed", ACCEPTED.c.delivery_id == DELIVERY.c.id)
    )
    return ~failed.exists()


def _require_reporter(office: Office, contract: Row[Any]) -> None:
    org = one(office.connection, select(ORG).where(ORG.c.id == contract.org_id), "bought.org")
    own = office.visitor.known and org.account_id == office.visitor.account_id
    if not own:
        office.visitor.require(BUY, contract.region)


def sign_by_code(office: Office, delivery_id: UUID) -> UUID:
    """Sign for a delivery on one's own phone, with the code that was shown.

    Raises:
        Forbidden: nobody is signed in, or it is who recorded the delivery.
        Conflict: it was signed before.
    """
    delivery = _unsigned(office, delivery_id)
    if not office.visitor.known or office.visitor.actor == delivery.by:
        raise Forbidden("who delivered does not sign for it", code="bought.own_signature")
    return _signed(office, delivery, {"method": "code"})


def sign_on_paper(office: Office, delivery_id: UUID, scan: bytes) -> UUID:
    """Keep the scan of a signed sheet with a delivery.

    Raises:
        Forbidden: neither the organisation's account nor a buyer.
        TooLarge: above 2 MiB. Invalid: neither PNG, JPEG nor PDF.
        Conflict: it was signed before.
    """
    delivery = _unsigned(office, delivery_id)
    _require_reporter(office, office.contract(delivery.contract_id))
    if len(scan) > MAX_SCAN_BYTES:
        raise TooLarge("a scan has at most 2 MiB", code="bought.scan_size", place="scan")
    media = next((media for magic, media in SCANS.items() if scan.startswith(magic)), None)
    if media is None:
        raise Invalid("a scan is PNG, JPEG or PDF", code="bought.scan", place="scan")
    told = {
        "method": "paper", "media": media, "sha256": sha256(scan).hexdigest(),
        "scan": b64encode(scan).decode(),
    }  # fmt: skip
    return _signed(office, delivery, told)


def _unsigned(office: Office, delivery_id: UUID) -> Row[Any]:
    query = select(DELIVERY).where(DELIVERY.c.id == delivery_id)
    delivery = one(office.connection, query, "bought.delivery")
    office.contract(delivery.contract_id, lock=True)
    signed = select(SIGNATURE.c.record_id).where(SIGNATURE.c.delivery_id == delivery_id)
    if office.connection.scalar(signed) is not None:
        raise Conflict("it was signed before", code="bought.signed")
    return delivery


def _signed(office: Office, delivery: Row[Any], told: Mapping[str, Any]) -> UUID:
    region = office.contract(delivery.contract_id).region
    subjects = [f"bought:delivery:{delivery.id}", f"bought:contract:{delivery.contract_id}"]
    return office.record(SIGNATURE_KIND, subjects, region, {**told, "delivery": str(delivery.id)})


@dataclass(frozen=True)
class NewAcceptance:
    """What came of looking at deliveries; ``reduced_fen``: accepted, where it is less."""

    deliveries: Sequence[UUID]
    result: str
    note: str
    reduced_fen: int | None = None


def accept(office: Office, contract_id: UUID, wish: NewAcceptance) -> UUID:
    """Judge signed deliveries; what came of it stands in the credit record. Return the record.

    Raises:
        Forbidden: the visitor does not buy in this region.
        Invalid: nothing chosen, no such result, or a reduction that is none.
        Conflict: a delivery is not signed, or was judged before.
    """
    contract = office.contract(contract_id, lock=True)
    office.visitor.require(BUY, contract.region)
    if wish.result not in RESULTS or not wish.deliveries:
        raise Invalid("choose deliveries, and a result", code="bought.result", place="result")
    full = _judged_fen(office.connection, contract_id, wish.deliveries)
    fen = {"passed": full, "failed": 0}.get(wish.result, wish.reduced_fen)
    if fen is None or not 0 <= fen <= full or (wish.result == "reduced" and not 0 < fen < full):
        raise Invalid(
            "a reduced amount lies between nothing and all", code="bought.reduced", place="reduced"
        )
    standing(office.connection, contract).require_acceptable(fen)
    told = {
        "contract": str(contract_id), "org": str(contract.org_id), "number": contract.number,
        "deliveries": [str(each) for each in wish.deliveries], "result": wish.result,
        "amount_fen": fen, "note": words(wish.note, "note", 500), "day": office.day.isoformat(),
    }  # fmt: skip
    subjects = [f"bought:contract:{contract_id}", f"bought:org:{contract.org_id}"]
    return office.record(ACCEPTANCE_KIND, subjects, contract.region, told)


def _judged_fen(connection: Connection, contract_id: UUID, deliveries: Sequence[UUID]) -> int:
    total = 0
    for delivery_id in dict.fromkeys(deliveries):
        query = select(DELIVERY).where(
            DELIVERY.c.id == delivery_id, DELIVERY.c.contract_id == contract_id
        )
        delivery = one(connection, query, "bought.delivery")
        signed = select(SIGNATURE.c.record_id).where(SIGNATURE.c.delivery_id == delivery_id)
        judged = select(ACCEPTED.c.record_id).where(ACCEPTED.c.delivery_id == delivery_id)
        if connection.scalar(signed) is None:
            raise Conflict("its recipient has not signed", code="bought.unsigned")
        if connection.scalar(judged) is not None:
            raise Conflict("it was judged before", code="bought.judged")
        total += delivery.amount_fen
    if len(set(deliveries)) != len(deliveries):
        raise Invalid("a delivery is chosen twice", code="bought.twice", place="deliveries")
    return total


def standing(connection: Connection, contract: Row[Any]) -> Standing:
    """Return how a contract stands."""
    refused = select(DECISION.c.record_id).where(
        DECISION.c.request_id == REQUEST.c.record_id, DECISION.c.approved.is_(False)
    )
    paid = select(PAID.c.record_id).where(PAID.c.request_id == REQUEST.c.record_id)

    def total(table: Table, *where: Any) -> int:
        query = select(func.coalesce(func.sum(table.c.amount_fen), 0))
        return int(connection.scalar(query.where(table.c.contract_id == contract.id, *where)) or 0)

    return Standing(
        contract.total_fen,
        total(ACCEPTANCE),
        total(REQUEST, ~refused.exists()),
        total(REQUEST, paid.exists()),
    )


def request_payment(office: Office, contract_id: UUID, fen: int, note: str) -> UUID:
    """Ask for a payment; return the request.

    Raises:
        Forbidden: the visitor does not buy in this region.
        Conflict: more than was accepted and not asked for yet.
    """
    contract = office.contract(contract_id, lock=True)
    office.visitor.require(BUY, contract.region)
    _require_fen(fen, "amount")
    standing(office.connection, contract).require_requestable(fen)
    told = {"contract": str(contract_id), "amount_fen": fen, "note": words(note, "note")}
    return office.record(REQUEST_KIND, [f"bought:contract:{contract_id}"], contract.region, told)


def decide(office: Office, request_id: UUID, reason: str, *, approved: bool) -> UUID:
    """Approve or refuse a payment, as a second person.

    Raises:
        Forbidden: no right, or it is who asked for it.
        Conflict: it was decided before.
        Invalid: no reason.
    """
    request, contract = _request(office, request_id)
    office.visitor.require(APPROVE, contract.region)
    if office.visitor.actor == request.by:
        raise Forbidden("a second person approves", code="bought.second_person")
    known = select(DECISION.c.record_id).where(DECISION.c.request_id == request_id)
    if office.connection.scalar(known) is not None:
        raise Conflict("it was decided before", code="bought.decided")
    told = {"request": str(request_id), "approved": approved, "reason": words(reason, "reason")}
    return office.record(DECISION_KIND, _about(request_id, contract), contract.region, told)


def pay(office: Office, request_id: UUID, day: date, reference: str) -> UUID:
    """Record that an approved payment was made, and the bank's reference.

    Raises:
        Forbidden: the visitor does not buy in this region.
        Conflict: it is not approved, or was paid before.
        Invalid: a day to come, or no reference.
    """
    request, contract = _request(office, request_id)
    office.visitor.require(BUY, contract.region)
    approved = select(DECISION.c.approved).where(DECISION.c.request_id == request.record_id)
    if not office.connection.scalar(approved):
        raise Conflict("a second person has not approved it", code="bought.not_approved")
    known = select(PAID.c.record_id).where(PAID.c.request_id == request_id)
    if office.connection.scalar(known) is not None:
        raise Conflict("it was paid before", code="bought.paid")
    if day > office.day:
        raise Invalid("this day has not come", code="bought.future", place="day")
    told = {
        "request": str(request_id), "day": day.isoformat(),
        "reference": words(reference, "reference", 100),
    }  # fmt: skip
    return office.record(PAID_KIND, _about(request_id, contract), contract.region, told)


def _request(office: Office, request_id: UUID) -> tuple[Row[Any], Row[Any]]:
    query = select(REQUEST).where(REQUEST.c.record_id == request_id)
    request = one(office.connection, query, "bought.request")
    return request, office.contract(request.contract_id, lock=True)


def _about(request_id: UUID, contract: Row[Any]) -> list[str]:
    return [f"bought:request:{request_id}", f"bought:contract:{contract.id}"]


def quantity_in(text: str, place: str) -> Decimal:
    """Read a quantity.

    Raises:
        Invalid: it is none.
    """
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        raise Invalid(
            "not a quantity", code="bought.quantity_text", place=place, value=text
        ) from None
    _require_quantity(found)
    return found


def _require_quantity(quantity: Decimal) -> None:
    exponent = quantity.as_tuple().exponent
    fine = isinstance(exponent, int) and exponent >= _MOST_DECIMALS
    if not fine or not 0 < quantity < 10**9:
        raise Invalid(
            "a quantity is above zero, with two decimals at most", code="bought.quantity_text",
            place="quantity", value=str(quantity),
        )  # fmt: skip


def _require_fen(fen: int, place: str) -> None:
    if not 0 < fen <= _MOST_FEN:
        raise Invalid("an amount is above zero", code="bought.amount", place=place, value=fen)


def words(text: str, place: str, most: int = 200) -> str:
    """Return a text that must be there.

    Raises:
        Invalid: it is empty, or too long.
    """
    kept = text.strip()
    if not kept or len(kept) > most:
        raise Invalid(f"write between 1 and {most} characters", code="bought.text", place=place)
    return kept
