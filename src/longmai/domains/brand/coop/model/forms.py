"""The forms of a co-operative, field by field; the same fields are the columns of its sheets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from longmai.kernel.errors import Invalid

CATEGORIES = ("蔬菜", "水果", "茶鲜叶", "畜禽", "禽蛋", "养殖水产品", "其他")
"""Kinds of produce as the policy on certificates has them: six, and what is none of them."""
KINDS = ("农民专业合作社", "家庭农场", "企业", "农户")
"""Kinds of producer, as the policy has them."""
BUYERS = ("buyer", "market", "shop", "consumer")
"""收购商、批发市场、商超、散客."""

_MOST_KG = Decimal(10_000_000)
_DECIMALS = 3


@dataclass(frozen=True)
class Field:
    """A field of a form and a column of a sheet.

    Attributes:
        name: ``coop.field.<name>`` names it.
        kind: text, number, day, area, region, choice, plot, raw, packed, lot or yes.
        options: values of a choice.
    """

    name: str
    kind: str = "text"
    required: bool = True
    options: tuple[str, ...] = ()


FORMS: Mapping[str, tuple[Field, ...]] = {
    "plot": (
        Field("plot_name"),
        Field("region", "region", required=False),
        Field("area_mu", "number", required=False),
        Field("lon", "number", required=False),
        Field("lat", "number", required=False),
        Field("outline", "area", required=False),
    ),
    "product": (
        Field("product_name"),
        Field("category", "choice", options=CATEGORIES),
        Field("net_kg", "number", required=False),
        Field("gtin", required=False),
    ),
    "harvest": (
        Field("plot", "plot"),
        Field("product", "raw"),
        Field("kg", "number"),
        Field("day", "day"),
        Field("lot_number", required=False),
        Field("certify", "yes", required=False),
    ),
    "purchase": (
        Field("product", "raw"),
        Field("kg", "number"),
        Field("paper", required=False),
        Field("seller", required=False),
        Field("seller_phone", required=False),
        Field("day", "day"),
        Field("lot_number", required=False),
        Field("certify", "yes", required=False),
    ),
    "packing": (
        Field("lot", "lot"),
        Field("kg", "number"),
        Field("lot_2", "lot", required=False),
        Field("kg_2", "number", required=False),
        Field("lot_3", "lot", required=False),
        Field("kg_3", "number", required=False),
        Field("packed", "packed"),
        Field("boxes", "number"),
        Field("day", "day"),
        Field("lot_number", required=False),
        Field("certify", "yes", required=False),
    ),
    "sale": (
        Field("lot", "lot"),
        Field("kg", "number"),
        Field("buyer_kind", "choice", options=BUYERS),
        Field("buyer", required=False),
        Field("buyer_uscc", required=False),
        Field("buyer_phone", required=False),
        Field("day", "day"),
    ),
}
"""In the order in which a co-operative fills them for the first time."""
EVENTS = ("harvest", "purchase", "packing", "sale")
"""Forms that become events."""


@dataclass(frozen=True)
class Told:
    """What was written into a form, or into a row of a sheet."""

    values: Mapping[str, str]

    def text(self, name: str, most: int = 80, *, required: bool = False) -> str:
        """Return a text without the blanks around it.

        Raises:
            Invalid: it is missing, or too long.
        """
        text = " ".join(self.values.get(name, "").split())
        if len(text) > most or (required and not text):
            raise Invalid(
                f"write it in {most} signs at most" if text else "this is missing",
                code="coop.long" if text else "coop.missing",
                place=name,
                value=text[:40] or None,
            )
        return text

    def number(self, name: str, most: Decimal = _MOST_KG) -> Decimal | None:
        """Return a number above 0, of at most three decimals; None if none was given.

        Raises:
            Invalid: not such a number.
        """
        text = self.values.get(name, "").strip().replace(",", "").replace("，", "")
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        exponent = number.as_tuple().exponent
        exact = isinstance(exponent, int) and exponent >= -_DECIMALS
        if not exact or not 0 < number <= most:
            raise Invalid(
                f"a number up to {most}, with at most {_DECIMALS} decimals",
                code="coop.number",
                place=name,
                value=text,
            )
        return number

    def degrees(self, name: str, most: int) -> float | None:
        """Return a longitude or a latitude; None if none was given.

        Raises:
            Invalid: no degrees.
        """
        text = self.values.get(name, "").strip()
        try:
            degrees = float(text) if text else None
        except ValueError:
            degrees = float("nan")
        if degrees is None or -most <= degrees <= most:
            return degrees
        raise Invalid("no degrees", code="coop.degrees", place=name, value=text)

    def kg(self, name: str = "kg") -> Decimal:
        """Return an amount in kilograms.

        Raises:
            Invalid: none, or no number above 0.
        """
        found = self.number(name)
        if found is None:
            raise Invalid("this is missing", code="coop.missing", place=name)
        return found

    def day(self, today: date, name: str = "day") -> date:
        """Return a day, today where none is given.

        Raises:
            Invalid: no day, or one to come.
        """
        text = self.values.get(name, "").strip()[:10].replace("/", "-").replace(".", "-")
        try:
            day = date(*map(int, text.split("-"))) if text else today
        except (TypeError, ValueError):
            raise Invalid("not a day", code="coop.day", place=name, value=text) from None
        if day > today:
            raise Invalid(
                "what happens is recorded when it has happened",
                code="coop.future",
                place=name,
                value=text,
            )
        return day

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        """Return one of some values.

        Raises:
            Invalid: it is none of them.
        """
        text = self.values.get(name, "").strip()
        if text not in options:
            raise Invalid("choose one", code="coop.choose", place=name, value=text or None)
        return text

    def yes(self, name: str) -> bool:
        """Tell whether a box is ticked, or a cell says yes."""
        return self.values.get(name, "").strip().lower() in {"yes", "on", "是", "y", "1", "true"}

    @property
    def form(self) -> UUID:
        """The identity of the form, made where it was filled in.

        Raises:
            Invalid: there is none.
        """
        try:
            return UUID(self.values.get("form", ""))
        except ValueError:
            raise Invalid("the form has no number", code="coop.form", place="form") from None
