"""Forms as pages show them: fields with what may be chosen, refusals in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy import Connection

from longmai.domains.brand.coop import queries
from longmai.domains.brand.coop.model.forms import FORMS, Field
from longmai.domains.brand.coop.model.stock import Lot
from longmai.domains.brand.coop.queries import Coop, Product
from longmai.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    InvalidMany,
    LongmaiError,
    NotFound,
)
from longmai.portal.failures import Worded, worded
from longmai.portal.rendering import Words

REFUSALS = (Conflict, Forbidden, Invalid, NotFound)
Refusal = Conflict | Forbidden | Invalid | NotFound
_TAKEN_BY = {"plot": "plot", "raw": "raw", "packed": "packed", "lot": "lot"}


@dataclass(frozen=True)
class Shown:
    """A field on a page.

    Attributes:
        kind: text, number, day, area, region, select or yes.
        options: (value, label) of a select or a region.
        takes: list whose waiting entries may be chosen too (``static/queue.js``).
    """

    name: str
    kind: str
    label: str
    hint: str
    value: str
    required: bool
    options: Sequence[tuple[str, str]] = ()
    takes: str = ""


def shown_fields(
    connection: Connection, coop: Coop, kind: str, values: Mapping[str, str], t: Words
) -> tuple[list[Shown], str]:
    """Return the fields of a form, and the form that must be filled in before; empty: none."""
    lists = _lists(connection, coop, t)
    fields = [_shown(each, lists, values, t) for each in FORMS[kind]]
    before = {"plot": "plot", "raw": "product", "packed": "product", "lot": "harvest"}
    missing = (before[f.kind] for f in FORMS[kind] if f.kind in before and not lists[f.kind])
    return fields, next(missing, "")


def _lists(connection: Connection, coop: Coop, t: Words) -> dict[str, list[tuple[str, str]]]:
    products = queries.products_of(connection, coop.coop_id)
    names = {each.gtin: each.name for each in products}
    left = [lot for lot in queries.lots_of(connection, coop).values() if lot.left_kg > 0]
    plots = queries.plots_of(connection, coop.coop_id)
    return {
        "plot": [(str(each.plot_id), each.name) for each in plots],
        "raw": [(str(p.product_id), _product(p)) for p in products if p.net_kg is None],
        "packed": [(str(p.product_id), _product(p)) for p in products if p.net_kg is not None],
        "lot": [
            (
                lot.number,
                t(
                    "coop.lot_left",
                    lot=lot.number,
                    name=names.get(lot.gtin, ""),
                    kg=f"{lot.left_kg:f}",
                ),
            )
            for lot in reversed(left)
        ],
    }


def _left(lot: Lot, names: Mapping[str, str], t: Words) -> str:
    name, kg = names.get(lot.gtin, ""), f"{lot.left_kg:f}"
    return t("coop.lot_left", lot=lot.number, name=name, kg=kg)


def _product(product: Product) -> str:
    weight = "" if product.net_kg is None else f" {product.net_kg:f} kg"
    return f"{product.name}{weight}"


def _shown(
    field: Field, lists: Mapping[str, list[tuple[str, str]]], values: Mapping[str, str], t: Words
) -> Shown:
    hint = f"coop.hint.{field.name}"
    options: list[tuple[str, str]] = []
    if field.kind == "choice":
        said = {"buyer_kind": "coop.buyer"}.get(field.name, "coop.category")
        options = [(each, t(f"{said}.{each}")) for each in field.options]
    elif field.kind in lists:
        options = [*([] if field.required else [("", "—")]), *lists[field.kind]]
    return Shown(
        name=field.name,
        kind="select" if field.kind == "choice" or field.kind in lists else field.kind,
        label=t(f"coop.field.{field.name}"),
        hint=t(hint) if t.house.catalogue.has(hint) else "",
        value=values.get(field.name, ""),
        required=field.required,
        options=options,
        takes=_TAKEN_BY.get(field.kind, ""),
    )


def findings_of(t: Words, error: LongmaiError) -> list[Worded]:
    """Say why something was refused: in which field, what, and with which numbers."""
    each = error.findings if isinstance(error, InvalidMany) else [error]
    return [_finding(t, one) for one in each]


async def values_of(request: Request) -> dict[str, str]:
    """Return what was written into a form that has no files."""
    async with request.form(max_files=0) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _finding(t: Words, error: LongmaiError) -> Worded:
    said = worded(t, error)
    label = f"coop.field.{error.place}"
    place = t(label) if t.house.catalogue.has(label) else error.place
    what = said.what if error.value is None else f"{said.what}: {error.value}"
    return Worded(what, place, said.mend)
