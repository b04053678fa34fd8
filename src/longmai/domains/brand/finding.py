"""What the portal's search and work list show of the brand domain."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select

from longmai.domains.brand.model import gs1
from longmai.domains.brand.queries import batches, called, products
from longmai.domains.brand.service import CAPTURE
from longmai.domains.brand.tables import EVENT, NAME, VOCABULARY
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 20
_MOST_ALIKE = 6
_KINDS = ("product", "party", "place", "certificate", "thing")


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find batches, products, places, parties and certificates: all are public."""
    del visitor
    yield from _named(connection, text, language)
    named = products(connection)
    _, found = batches(connection, text, Window("last", size=_MOST))
    for batch in found:
        product = named.get(f"01/{batch.gtin}")
        name = f"{product.name(language)} {batch.lot}" if product else batch.lot
        yield Found("batch", name, batch.key, f"/{batch.key}")


def _named(connection: Connection, text: str, language: str) -> Iterator[Found]:
    # The newest word about a thing counts; of its names the one in the reader's language.
    query = select(NAME).where(called(text)).order_by(NAME.c.record_id.desc())
    shown: dict[str, Found] = {}
    for row in connection.execute(query.limit(4 * _MOST)):
        if row.code not in shown or row.language == language:
            code = row.code.partition("/")[2] or row.code
            href = f"/ledger/records/{row.record_id}"
            if row.kind == "product":
                href = f"/brand/batches?q={gs1.elements(row.code)['01']}"
            shown[row.code] = Found(row.kind, row.name, code, href)
    for kind in _KINDS:
        alike = (found for found in shown.values() if found.kind == kind)
        yield from islice(alike, _MOST_ALIKE)


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which places events name that no master data describes, to who may capture it."""
    del now
    if not visitor.scope(CAPTURE):
        return
    known = select(VOCABULARY.c.record_id).where(VOCABULARY.c.key == EVENT.c.read_point)
    query = (
        select(EVENT.c.read_point)
        .distinct()
        .where(EVENT.c.read_point.is_not(None), ~known.exists())
        .limit(_MOST)
    )
    for place in connection.scalars(query):
        yield Waiting("brand_place", place, "/brand/capture")
