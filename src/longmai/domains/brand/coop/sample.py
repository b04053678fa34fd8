"""A sample co-operative: one plot, two products, a harvest packed and half of it sold."""

from collections.abc import Callable
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from longmai.domains.brand.coop.desk import Desk
from longmai.domains.brand.coop.model.forms import KINDS, Told
from longmai.domains.brand.coop.recording import record
from longmai.domains.brand.coop.registering import register, register_plot, register_product
from longmai.domains.brand.coop.tables import COOP
from longmai.kernel.credit_code import uscc_check
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House

_CODE = "93990000MAC00P001"


def _form(step: str, **values: str) -> Told:
    form = uuid5(NAMESPACE_URL, f"longmai sample co-operative {step}")
    return Told({**values, "form": str(form)})


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Load the sample, in one transaction, unless there is a co-operative already."""
    with house.store.read() as connection:
        if connection.scalar(select(COOP.c.record_id).limit(1)) is not None:
            return
    tell("Loading a sample co-operative …")
    with house.store.begin() as work:
        _play(Desk.of(house, work, operator(house), sample=True))


def _play(desk: Desk) -> None:
    village = str(desk.regions.about.get("sample_village", desk.regions.code))
    told = _form(
        "coop", name="示例果品专业合作社", kind=KINDS[0], uscc=_CODE + uscc_check(_CODE),
        region=village, contact="示例联系人", phone="000-0000-0000",
    )  # fmt: skip
    coop = register(desk, told)
    located = desk.regions.locate(village)
    lon, lat = located[0] if located else (0.0, 0.0)
    half = 0.001
    corners = ((-half, -half), (half, -half), (half, half), (-half, half))
    outline = "\n".join(f"{lon + x:.6f},{lat + y:.6f}" for x, y in corners)
    register_plot(desk, coop, _form("plot", plot_name="示例一号果园", outline=outline))
    register_product(desk, coop, _form("raw", product_name="示例苹果 原果", category="水果"))
    boxed = _form("boxed", product_name="示例苹果 礼盒", category="水果", net_kg="5")
    register_product(desk, coop, boxed)
    days = [(desk.today - timedelta(days=before)).isoformat() for before in (3, 2, 1)]
    day, packed_on, sold_on = days
    told_on = {"day": day, "certify": "是"}
    told = _form("harvest", plot="示例一号果园", product="示例苹果 原果", kg="600", **told_on)
    picked = record(desk, coop, "harvest", told)
    made = {"packed": "示例苹果 礼盒", "boxes": "78", "certify": "是"}
    told = _form("packing", lot=picked.lot, kg="400", day=packed_on, **made)
    packed = record(desk, coop, "packing", told)
    buyer = {"buyer_kind": "market", "buyer": "示例批发市场"}
    record(desk, coop, "sale", _form("sale", lot=packed.lot, kg="200", day=sold_on, **buyer))
