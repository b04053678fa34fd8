"""Registering: a co-operative by its credit code, its plots, its products."""

import re
from decimal import Decimal
from uuid import UUID

from longmai.domains.brand.coop import queries
from longmai.domains.brand.coop.desk import Desk
from longmai.domains.brand.coop.documents import words_of_coop, words_of_plot, words_of_product
from longmai.domains.brand.coop.model.forms import CATEGORIES, KINDS, Told
from longmai.domains.brand.coop.model.numbers import gtin_of, internal_gtin
from longmai.domains.brand.coop.model.outline import Point, area_mu, corners_of, middle_of
from longmai.domains.brand.coop.queries import Coop, Plot, Product
from longmai.domains.brand.coop.tables import COOP_KIND, PLOT_KIND, PRODUCT_KIND
from longmai.domains.brand.model.gs1 import COMPANY_PREFIX
from longmai.kernel.credit_code import require_uscc
from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.kernel.regions import Region

_PHONE = re.compile(r"\+?[\d\- ]{7,20}")
_MOST_PIECE_KG = Decimal(1000)
_HUNDREDTH = 2


def subject_of(coop_id: UUID) -> str:
    """Return a co-operative as records name it."""
    return f"coop:{coop_id}"


def register(desk: Desk, told: Told, coop_id: UUID | None = None) -> Coop:
    """Register a co-operative, or amend what is said of it; sent twice, it counts once.

    Raises:
        Invalid: a field is missing or wrong; the credit code's check digit does not fit.
        Conflict: another co-operative has this credit code.
        Forbidden: its region is not the visitor's.
    """
    old = desk.coop(coop_id) if coop_id else None
    code = require_uscc(told.text("uscc"))
    desk.hold(f"uscc:{code}")
    known = queries.coop_by_code(desk.work.connection, code)
    if known is not None and old is None and known.coop_id == told.form:
        return known
    if known is not None and known.coop_id != coop_id:
        raise Conflict(
            "a co-operative of this credit code is registered already",
            code="coop.known",
            place="uscc",
            value=code,
            mend="ask who keeps it, or the official of the county",
        )
    region = _region(desk, told.text("region", required=True))
    coop = Coop(
        coop_id=coop_id or told.form,
        name=told.text("name", required=True),
        kind=told.choice("kind", KINDS),
        uscc=code,
        region=region,
        contact=told.text("contact", 40, required=True),
        phone=_phone(told),
        prefix=_prefix(told.text("prefix")),
        keeper=old.keeper if old else desk.actor,
        sample=desk.sample or (old.sample if old else False),
        at=desk.now,
    )
    names = ("name", "kind", "uscc", "contact", "phone", "prefix", "keeper")
    payload = {"id": str(coop.coop_id), **{name: getattr(coop, name) for name in names}}
    # The credit code of a firm is public; nothing here names a person.
    desk.record(COOP_KIND, [subject_of(coop.coop_id), f"uscc:{code}"], region, payload)
    desk.capture(words=words_of_coop(coop, desk.regions.path_name(region)))
    return coop


def _region(desk: Desk, text: str) -> str:
    try:
        region = desk.regions.get(text) if text.isdigit() else _named(desk, text)
    except (Invalid, NotFound):
        raise Invalid(
            "no such place", code="coop.region", place="region", value=text,
            mend="choose it from the list, or write its 12-digit code",
        ) from None  # fmt: skip
    if not desk.within.covers(region.code):
        raise Forbidden(
            "this place lies outside the regions of your posts",
            code="coop.outside",
            place="region",
            value=region.name,
            mend="ask the official of that county",
        )
    return region.code


def _named(desk: Desk, text: str) -> Region:
    found = [each for each in desk.regions.find(text) if desk.within.covers(each.code)]
    if len(found) != 1:
        raise Invalid("no such place, or several", code="coop.region", value=text)
    return found[0]


def _phone(told: Told) -> str:
    text = told.text("phone", 20, required=True)
    if not _PHONE.fullmatch(text):
        raise Invalid("no telephone number", code="coop.phone", place="phone", value=text)
    return text


def _prefix(text: str) -> str:
    if text and not COMPANY_PREFIX.fullmatch(text):
        raise Invalid(
            "a GS1 company prefix has 6 to 12 digits",
            code="coop.prefix_form",
            place="prefix",
            value=text,
            mend="leave it empty if you have none",
        )
    return text


def register_plot(desk: Desk, coop: Coop, told: Told) -> Plot:
    """Register a plot by a point, an outline, or its region alone; sent twice, it counts once.

    Raises:
        Invalid: a field is missing or wrong.
        Conflict: the co-operative has a plot of this name.
        Forbidden: its region is not the visitor's.
    """
    known = queries.plots_of(desk.work.connection, coop.coop_id)
    for each in known:
        if each.plot_id == told.form:
            return each
    name = told.text("plot_name", required=True)
    _refuse_twin(name, [each.name for each in known], "plot_name")
    outline = corners_of(told.values.get("outline", ""))
    point = _point(told) or (middle_of(outline) if outline else None)
    said = told.number("area_mu")
    measured = round(area_mu(outline), _HUNDREDTH) if outline else None
    plot = Plot(
        plot_id=told.form,
        coop_id=coop.coop_id,
        name=name,
        region=_region(desk, told.text("region") or coop.region),
        area_mu=said if said is not None or measured is None else Decimal(str(measured)),
        lon=point[0] if point else None,
        lat=point[1] if point else None,
        outline=outline,
    )
    payload = {
        "id": str(plot.plot_id),
        "coop": str(coop.coop_id),
        "name": name,
        "area_mu": None if plot.area_mu is None else f"{plot.area_mu:f}",
        "lon": None if plot.lon is None else str(plot.lon),
        "lat": None if plot.lat is None else str(plot.lat),
        "outline": [[str(lon), str(lat)] for lon, lat in outline],
    }
    subjects = [f"plot:{plot.plot_id}", subject_of(coop.coop_id)]
    desk.record(PLOT_KIND, subjects, plot.region, payload)
    desk.capture(words=words_of_plot(plot, coop, desk.regions.path_name(plot.region)))
    return plot


def _point(told: Told) -> Point | None:
    lon, lat = told.degrees("lon", 180), told.degrees("lat", 90)
    if (lon is None) != (lat is None):
        raise Invalid(
            "a point has a longitude and a latitude",
            code="coop.point",
            place="lon" if lon is None else "lat",
        )
    return None if lon is None or lat is None else (lon, lat)


def _refuse_twin(name: str, names: list[str], place: str) -> None:
    if name in names:
        raise Conflict(
            "there is one of this name already",
            code="coop.twin",
            place=place,
            value=name,
            mend="use that one, or give this one another name",
        )


def register_product(desk: Desk, coop: Coop, told: Told) -> Product:
    """Register a product by its GTIN, or by a number of this platform; sent twice, it counts once.

    Raises:
        Invalid: a field is missing or wrong; the GTIN is another company's.
        Conflict: the co-operative has a product of this name, or the GTIN is taken.
    """
    connection = desk.work.connection
    known = queries.products_of(connection, coop.coop_id)
    for each in known:
        if each.product_id == told.form:
            return each
    name = told.text("product_name", required=True)
    _refuse_twin(name, [each.name for each in known], "product_name")
    desk.hold("gtin")
    written = told.text("gtin", 20)
    gtin = (
        gtin_of(written, coop.prefix)
        if written
        else internal_gtin(queries.count_of_internal(connection) + 1)
    )
    if queries.holder_of_gtin(connection, gtin) is not None:
        raise Conflict(
            "another product carries this GTIN", code="coop.gtin_taken", place="gtin", value=gtin
        )
    net = told.number("net_kg", _MOST_PIECE_KG)
    product = Product(
        product_id=told.form,
        coop_id=coop.coop_id,
        gtin=gtin,
        internal=not written,
        name=name,
        category=told.choice("category", CATEGORIES),
        net_kg=net,
    )
    payload = {
        "id": str(product.product_id),
        "coop": str(coop.coop_id),
        "net_kg": None if net is None else f"{net:f}",
        **{each: getattr(product, each) for each in ("gtin", "internal", "name", "category")},
    }
    subjects = [f"product:{gtin}", subject_of(coop.coop_id)]
    desk.record(PRODUCT_KIND, subjects, coop.region, payload)
    desk.capture(words=words_of_product(product, coop, desk.resolver))
    return product
