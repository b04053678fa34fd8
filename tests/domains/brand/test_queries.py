"""Reads of the brand domain over the sample season."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.house import BOX, LOT, opened_house

from longmai.domains.brand.journey import journey_of
from longmai.domains.brand.model.epcis import parse_document
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.model.way import StoredEvent
from longmai.domains.brand.queries import (
    SORTS,
    Batch,
    SqlEvents,
    batches,
    boxes_of_lot,
    products,
)
from longmai.domains.brand.sample import generate
from longmai.kernel.errors import NotFound
from longmai.kernel.ids import new_id
from longmai.store.table_window import Window

_VALUES: dict[str, Callable[[Batch], Any]] = {
    "last": lambda batch: batch.last_time,
    "first": lambda batch: batch.first_time,
    "lot": lambda batch: batch.key,
    "events": lambda batch: batch.events,
}


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A store with the sample season."""
    with (
        opened_house(tmp_path_factory.mktemp("season"), sample=True) as house,
        house.store.read() as connection,
    ):
        yield connection


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_add_up_to_the_whole_in_any_order(
    season: Connection, sort: str, *, descending: bool
) -> None:
    """Page by page gives each batch once, in the order asked for."""
    total, whole = batches(season, "", Window(sort, 0, 500, descending=descending))
    paged = [
        batch.key
        for offset in range(0, total, 50)
        for batch in batches(season, "", Window(sort, offset, 50, descending=descending))[1]
    ]
    assert paged == [batch.key for batch in whole]
    assert len(set(paged)) == total > 100
    values = [_VALUES[sort](batch) for batch in whole]
    assert values == sorted(values, reverse=descending)


def test_a_search_finds_lots_barcodes_and_names(season: Connection) -> None:
    """Part of any of them is enough, and what a pattern means to SQL means nothing here."""
    lot = LOT.rsplit("/", maxsplit=1)[-1]
    assert [batch.lot for batch in batches(season, lot)[1]] == [lot]
    assert {batch.gtin for batch in batches(season, LOT.split("/")[1])[1]} == {LOT.split("/")[1]}
    key, product = next((k, p) for k, p in products(season).items() if p.names.get("en"))
    found = batches(season, product.names["en"].upper())[1]
    assert found
    assert {f"01/{batch.gtin}" for batch in found} == {key}
    assert batches(season, "%")[0] == batches(season, "no such thing")[0] == 0


def test_a_lot_knows_its_boxes(season: Connection) -> None:
    """The boxes of a lot are listed by serial number, up to a limit."""
    boxes = boxes_of_lot(season, LOT, 1000)
    assert BOX in boxes
    assert boxes == sorted(boxes)
    assert boxes_of_lot(season, LOT, 3) == boxes[:3]


def test_a_trace_over_sql_is_that_over_the_documents(season: Connection) -> None:
    """The database answers a trace as the captured documents themselves do."""
    ours = trace(SqlEvents(season), BOX)
    theirs = trace(_Documents(), BOX)
    assert [s.event.event_id for s in ours.steps] == [s.event.event_id for s in theirs.steps]
    assert {(n.key, n.quantity, n.uom) for n in ours.nodes} == {
        (n.key, n.quantity, n.uom) for n in theirs.nodes
    }


class _Documents:
    """The sample's events, straight from its documents."""

    def __init__(self) -> None:
        events = [event for text in generate() for event in parse_document(text).events]
        wrong = {event.event_id for event in events if "errorDeclaration" in event.body}
        self._stored = [StoredEvent(new_id(), e, e.event_id in wrong) for e in events]

    def touching(self, keys: object) -> list[StoredEvent]:
        """Return all: a trace takes what names its keys."""
        del keys
        return self._stored

    def of_transformations(self, ids: object) -> list[StoredEvent]:
        """The sample has no transformation told in parts."""
        del ids
        return []


def test_an_unknown_thing_has_no_journey(season: Connection) -> None:
    """A key that nobody recorded is said to be unknown."""
    with pytest.raises(NotFound):
        journey_of(season, "01/09521234000129/21/NOBODY", "zh", 100)
