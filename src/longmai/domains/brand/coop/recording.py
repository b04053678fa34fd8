"""Recording harvest, packing and sale as EPCIS events, each once, and undoing them.

A form's number is the event's ID: sent again by a bad network it is known, and changes nothing.
No more is packed or sold than there is.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from longmai.domains.brand.coop import queries
from longmai.domains.brand.coop.certificates import papers_of
from longmai.domains.brand.coop.choosing import (
    lot_uri,
    new_lot,
    origins_of,
    plot_of,
    product_of,
    promised,
    taken_of,
)
from longmai.domains.brand.coop.desk import Desk
from longmai.domains.brand.coop.documents import (
    BOXES_FIELD,
    COLLECTED_FIELD,
    COUNTRY,
    LOSS_FIELD,
    Body,
    event,
    number_of,
    party_uri,
    quantity,
    words_of_buyer,
)
from longmai.domains.brand.coop.model.forms import BUYERS, Told
from longmai.domains.brand.coop.model.stock import Lot, stock_of
from longmai.domains.brand.coop.queries import Coop
from longmai.domains.brand.coop.registering import subject_of
from longmai.domains.brand.coop.tables import BUYER_KIND
from longmai.domains.brand.model import gs1
from longmai.domains.brand.promise.judging import Goods, refuse_purchase, refuse_sale
from longmai.domains.brand.queries import SqlEvents
from longmai.domains.brand.tables import EVENT
from longmai.kernel.clock import beijing_day
from longmai.kernel.credit_code import require_uscc
from longmai.kernel.errors import Conflict, Invalid, NotFound

_INPUTS = (("lot", "kg"), ("lot_2", "kg_2"), ("lot_3", "kg_3"))


@dataclass(frozen=True)
class Written:
    """What a form became.

    Attributes:
        event_id: of the event.
        lot: key of the lot that it is about.
        before: it had been taken before; nothing was written now.
    """

    event_id: str
    lot: str
    before: bool = False


def record(desk: Desk, coop: Coop, kind: str, told: Told) -> Written:
    """Record a harvest, a packing or a sale; sent twice, it counts once.

    Raises:
        Invalid: a field is missing or wrong, or there is less of a lot than is taken.
        Conflict: the number of the lot is taken, or of the form by something else.
        Forbidden: the place is not the visitor's.
    """
    desk.hold(f"form:{told.form}")
    known = _sent_before(desk, coop, told)
    if known is not None:
        return known
    return _FORMS[kind](desk, coop, told)


def _sent_before(desk: Desk, coop: Coop, told: Told) -> Written | None:
    event_id = f"urn:uuid:{told.form}"
    query = select(EVENT.c.record_id).where(EVENT.c.event_id == event_id).limit(1)
    record_id = desk.work.connection.scalar(query)
    if record_id is None:
        return None
    [stored] = SqlEvents(desk.work.connection).stored([record_id])
    if stored.event.read_point not in queries.places_of(desk.work.connection, coop):
        raise Conflict("another event has the number of this form", code="coop.form", place="form")
    items = sorted(stored.event.items, key=lambda item: item.role != "output")
    return Written(event_id, items[0].key if items else "", before=True)


def _harvest(desk: Desk, coop: Coop, told: Told) -> Written:
    plot = plot_of(desk, coop, told)
    product = product_of(desk, coop, told, "product")
    kg, day = told.kg(), told.day(desk.today)
    uri, key = new_lot(desk, coop, told, product, ("H", day))
    ilmd = {
        "cbvmda:lotNumber": gs1.elements(key)["10"],
        "cbvmda:harvestStartDate": day.isoformat(),
        "cbvmda:harvestEndDate": day.isoformat(),
        "cbvmda:countryOfOrigin": COUNTRY,
    }
    paper = promised(desk, coop, told, (product, key, kg), day, [plot])
    body = event(
        "ObjectEvent", told.form, desk.moment(day), sample=coop.sample,
        action="ADD",
        bizStep="creating_class_instance",
        disposition="active",
        readPoint={"id": plot.uri},
        bizLocation={"id": plot.uri},
        quantityList=[quantity(uri, kg)],
        ilmd=ilmd,
        **paper,
    )  # fmt: skip
    desk.capture(body)
    return Written(body["eventID"], key)


def _packing(desk: Desk, coop: Coop, told: Told) -> Written:
    product = product_of(desk, coop, told, "packed")
    if product.net_kg is None:
        raise Invalid(
            "this product is not packed: it has no net weight",
            code="coop.not_packed", place="packed", value=product.name,
        )  # fmt: skip
    day, boxes = told.day(desk.today), _boxes(told)
    stock = queries.lots_of(desk.work.connection, coop)
    taken = [
        taken_of(stock, told, lot, kg, day) for lot, kg in _INPUTS if lot == "lot" or told.text(lot)
    ]
    if len({lot.key for lot, _ in taken}) < len(taken):
        raise Invalid("each lot once", code="coop.lot_twice", place="lot_2")
    total, net = sum((kg for _, kg in taken), Decimal(0)), boxes * product.net_kg
    if net > total:
        raise Invalid(
            "more is packed than is taken",
            code="coop.more_packed",
            place="boxes",
            value=f"{boxes} × {product.net_kg:f} = {net:f} kg > {total:f} kg",
        )
    uri, key = new_lot(desk, coop, told, product, ("P", day))
    plots = origins_of(desk, coop, [lot for lot, _ in taken])
    body = event(
        "TransformationEvent", told.form, desk.moment(day), sample=coop.sample,
        bizStep="packing",
        disposition="in_progress",
        readPoint={"id": coop.site},
        bizLocation={"id": coop.site},
        inputQuantityList=[quantity(lot_uri(desk, lot.key), kg) for lot, kg in taken],
        outputQuantityList=[quantity(uri, net)],
        ilmd={"cbvmda:lotNumber": gs1.elements(key)["10"], "cbvmda:countryOfOrigin": COUNTRY},
        **{LOSS_FIELD: number_of(total - net), BOXES_FIELD: number_of(boxes)},
        **promised(desk, coop, told, (product, key, net), day, plots),
    )  # fmt: skip
    desk.capture(body)
    return Written(body["eventID"], key)


def _sale(desk: Desk, coop: Coop, told: Told) -> Written:
    day, kind = told.day(desk.today), told.choice("buyer_kind", BUYERS)
    name, phone = told.text("buyer"), told.text("buyer_phone", 20)
    code = told.text("buyer_uscc", 18)
    uscc = _buyer_code(code) if code else ""
    stock = queries.lots_of(desk.work.connection, coop)
    lot, kg = taken_of(stock, told, "lot", "kg", day)
    _refuse_uncertified(desk, coop, lot, day)
    retail = kind == "consumer"
    body = event(
        "ObjectEvent", told.form, desk.moment(day), sample=coop.sample,
        action="OBSERVE",
        bizStep="retail_selling" if retail else "shipping",
        disposition="retail_sold" if retail else "in_transit",
        readPoint={"id": coop.site},
        quantityList=[quantity(lot_uri(desk, lot.key), kg)],
        **_handed_over(coop, uscc),
    )  # fmt: skip
    words = words_of_buyer(uscc, name, sample=coop.sample) if uscc and name else None
    desk.capture(body, words=words)
    _keep(desk, coop, body["eventID"], Other(kind, name, phone, uscc))
    return Written(body["eventID"], lot.key)


def _purchase(desk: Desk, coop: Coop, told: Told) -> Written:
    """Take in what others grew: not without their certificate."""
    product = product_of(desk, coop, told, "product")
    kg, day = told.kg(), told.day(desk.today)
    paper = told.text("paper", 40)
    collected = day if paper else None
    refuse_purchase(desk.policies, product.category, collected, day, coop.region)
    uri, key = new_lot(desk, coop, told, product, ("S", day))
    collecting = {"lm:number": paper, "lm:collectedOn": day.isoformat()}
    body = event(
        "ObjectEvent", told.form, desk.moment(day), sample=coop.sample,
        action="ADD",
        bizStep="receiving",
        disposition="in_progress",
        readPoint={"id": coop.site},
        bizLocation={"id": coop.site},
        quantityList=[quantity(uri, kg)],
        ilmd={"cbvmda:lotNumber": gs1.elements(key)["10"], "cbvmda:countryOfOrigin": COUNTRY},
        **({COLLECTED_FIELD: collecting} if paper else {}),
        **promised(desk, coop, told, (product, key, kg), day, []),
    )  # fmt: skip
    desk.capture(body)
    seller = Other("seller", told.text("seller"), told.text("seller_phone", 20), "")
    _keep(desk, coop, body["eventID"], seller)
    return Written(body["eventID"], key)


_FORMS = {"harvest": _harvest, "purchase": _purchase, "packing": _packing, "sale": _sale}


@dataclass(frozen=True)
class Other:
    """To whom goods went, or from whom they came; never public."""

    kind: str
    name: str
    phone: str
    uscc: str


def _keep(desk: Desk, coop: Coop, event_id: str, other: Other) -> None:
    if other.name or other.phone or other.uscc:
        told = {"coop": str(coop.coop_id), "event": event_id, **asdict(other)}
        desk.record(BUYER_KIND, [event_id, subject_of(coop.coop_id)], coop.region, told)


def _refuse_uncertified(desk: Desk, coop: Coop, lot: Lot, day: date) -> None:
    connection = desk.work.connection
    category = next(
        (p.category for p in queries.products_of(connection, coop.coop_id) if p.gtin == lot.gtin),
        "",
    )
    papers = papers_of(connection, lot.key)
    goods = Goods(
        category=category,
        producer=coop.kind,
        made_on=beijing_day(lot.since) if lot.since else day,
        repacked=lot.step == "packing",
        certificate={each.removeprefix("lm:"): value for each, value in papers[0].items()}
        if papers
        else {},
    )
    refuse_sale(desk.policies, goods, day, coop.region)


def _buyer_code(text: str) -> str:
    try:
        return require_uscc(text)
    except Invalid as error:
        error.place = "buyer_uscc"
        raise


def _handed_over(coop: Coop, uscc: str) -> Body:
    source = [{"type": "possessing_party", "source": party_uri(coop.uscc)}]
    if not uscc:
        return {"sourceList": source}
    target = [{"type": "possessing_party", "destination": party_uri(uscc)}]
    return {"sourceList": source, "destinationList": target}


def _boxes(told: Told) -> Decimal:
    boxes = told.number("boxes", Decimal(1_000_000))
    if boxes is None or boxes != boxes.to_integral_value():
        raise Invalid("a whole number", code="coop.boxes", place="boxes")
    return boxes


def undo(desk: Desk, coop: Coop, event_id: str) -> None:
    """Declare an event a mistake (EPCIS 2.0 §7.4.1): the record stays, and counts no more.

    Raises:
        NotFound: the co-operative has no such event.
        Conflict: it was undone before, or what it made is packed or sold already.
    """
    connection = desk.work.connection
    query = select(EVENT.c.record_id, EVENT.c.declares_error).where(
        EVENT.c.event_id == event_id, EVENT.c.read_point.in_(queries.places_of(connection, coop))
    )
    rows = connection.execute(query).all()
    if not rows:
        raise NotFound("no such record", code="coop.record", value=event_id)
    if any(row.declares_error for row in rows):
        raise Conflict("this was undone before", code="coop.undone", value=event_id)
    lines = [each for each in queries.lines_of(connection, coop) if each.event_id != event_id]
    short = [lot for lot in stock_of(lines).values() if lot.left_kg < 0]
    if short:
        raise Conflict(
            "what it made is packed or sold already: undo that first",
            code="coop.used",
            value="、".join(f"{lot.number}: {lot.left_kg:f} kg" for lot in short),
        )
    [stored] = SqlEvents(connection).stored([rows[0].record_id])
    declared = {"declarationTime": _stamp(desk.now), "reason": "incorrect_data"}
    desk.capture({**stored.event.body, "errorDeclaration": declared})


def _stamp(at: datetime) -> str:
    return at.isoformat()
