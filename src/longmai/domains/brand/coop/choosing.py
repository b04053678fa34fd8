"""What the forms of a co-operative choose and make: plots, products, lots, certificates."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from urllib.parse import quote

from sqlalchemy import select

from longmai.domains.brand.coop import queries
from longmai.domains.brand.coop.desk import Desk
from longmai.domains.brand.coop.documents import Body, certificate
from longmai.domains.brand.coop.model.forms import Told
from longmai.domains.brand.coop.model.numbers import checked_lot, lot_number
from longmai.domains.brand.coop.model.stock import Lot
from longmai.domains.brand.coop.queries import Coop, Plot, Product
from longmai.domains.brand.model import gs1
from longmai.domains.brand.tables import EVENT
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.i18n import SOURCE_LANGUAGE


def plot_of(desk: Desk, coop: Coop, told: Told) -> Plot:
    """Return the plot that a form names.

    Raises:
        Invalid: the co-operative has no such plot.
    """
    wanted = told.text("plot", required=True)
    for each in queries.plots_of(desk.work.connection, coop.coop_id):
        if wanted in {str(each.plot_id), each.name}:
            return each
    raise Invalid(
        "no such plot", code="coop.plot", place="plot", value=wanted,
        mend="register the plot first",
    )  # fmt: skip


def product_of(desk: Desk, coop: Coop, told: Told, field: str) -> Product:
    """Return the product that a field of a form names, by GTIN, name or ID.

    Raises:
        Invalid: the co-operative has no such product.
    """
    wanted = told.text(field, required=True)
    for each in queries.products_of(desk.work.connection, coop.coop_id):
        if wanted in {each.gtin, each.gtin.lstrip("0"), each.name, str(each.product_id)}:
            return each
    raise Invalid(
        "no such product", code="coop.product", place=field, value=wanted,
        mend="register the product first",
    )  # fmt: skip


def lot_uri(desk: Desk, key: str) -> str:
    """Return the Digital Link of a lot."""
    return gs1.digital_link(key, desk.resolver)


def new_lot(
    desk: Desk, coop: Coop, told: Told, product: Product, made: tuple[str, date]
) -> tuple[str, str]:
    """Return URI and key of a new lot.

    Raises:
        Invalid: no number of a lot.
        Conflict: there is a lot of this number.
    """
    letter, day = made
    number = checked_lot(told.text("lot_number") or lot_number(letter, day, told.form))
    key = gs1.parse_digital_link_path(f"01/{product.gtin}/10/{quote(number, safe='')}")
    if key in queries.lots_of(desk.work.connection, coop):
        raise Conflict(
            "there is a lot of this number already",
            code="coop.lot_taken", place="lot_number", value=number,
            mend="leave the number empty: one is made",
        )  # fmt: skip
    return lot_uri(desk, key), key


def taken_of(
    stock: dict[str, Lot], told: Told, lot_field: str, kg_field: str, day: date
) -> tuple[Lot, Decimal]:
    """Return a lot that a form takes from, and how much of it.

    Raises:
        Invalid: there is no such lot, it was made later, or less is left of it.
    """
    wanted, kg = told.text(lot_field, 90, required=True), told.kg(kg_field)
    found = [lot for lot in stock.values() if wanted in {lot.key, lot.number}]
    if len(found) != 1:
        raise Invalid(
            "no such lot" if not found else "several lots have this number",
            code="coop.lot", place=lot_field, value=wanted,
            mend="record its harvest first",
        )  # fmt: skip
    [lot] = found
    if lot.since is not None and beijing_day(lot.since) > day:
        raise Invalid(
            "the lot was made after that day",
            code="coop.before_harvest",
            place="day",
            value=f"{lot.number}: {beijing_day(lot.since).isoformat()}",
        )
    if kg > lot.left_kg:
        raise Invalid(
            "there is less left of this lot",
            code="coop.stock",
            place=kg_field,
            value=f"{lot.number}: {lot.left_kg:f} − {kg:f} = {lot.left_kg - kg:f} kg",
        )
    return lot, kg


def origins_of(desk: Desk, coop: Coop, lots: Sequence[Lot]) -> list[Plot]:
    """Return the plots that lots were harvested on."""
    plots = {plot.uri: plot for plot in queries.plots_of(desk.work.connection, coop.coop_id)}
    query = select(EVENT.c.read_point).where(
        EVENT.c.event_id.in_([each for lot in lots for each in lot.events])
    )
    named = desk.work.connection.scalars(query.order_by(EVENT.c.record_id))
    return [plots[each] for each in dict.fromkeys(named) if each in plots]


def promised(
    desk: Desk,
    coop: Coop,
    told: Told,
    about: tuple[Product, str, Decimal],
    day: date,
    plots: Sequence[Plot],
) -> Body:
    """Return the certificate of promised conformity, where one is to be issued."""
    if not told.yes("certify"):
        return {}
    product, key, kg = about
    where = dict.fromkeys(
        desk.regions.path_name(plot.region, SOURCE_LANGUAGE) + plot.name for plot in plots
    )
    written = {
        "product": product.name,
        "quantity": f"{kg:f} 千克",
        "origin": "；".join(where) or desk.regions.path_name(coop.region, SOURCE_LANGUAGE),
    }
    return certificate(f"HGZ-{gs1.elements(key)['10']}", coop, day, written)
