"""Capture: whole or not at all, each ID once, and tables that the ledger alone gives again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from tests.house import anybody, document, opened_house

from longmai.domains.brand.queries import SqlEvents, capture_of
from longmai.domains.brand.service import Receipt, capture
from longmai.domains.brand.tables import EVENT, ITEM
from longmai.kernel.errors import Conflict, InvalidMany, NotFound
from longmai.kernel.ids import new_id
from longmai.portal.house import House
from longmai.store.ledger import RECORD
from longmai.store.rebuild import rebuild

LOT = "https://id.gs1.org/01/09521234543213/10/A1"


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house without records, once on each kind of database."""
    with opened_house(tmp_path, database=database_url) as opened:
        yield opened


def observed(event_id: str | None = None, **more: Any) -> dict[str, Any]:
    """Write an event that observes a lot."""
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": "2025-10-01T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "quantityList": [{"epcClass": LOT, "quantity": 12.5, "uom": "KGM"}],
        **more,
    }
    return event if event_id is None else event | {"eventID": event_id}


def take(house: House, *events: dict[str, Any]) -> Receipt:
    """Capture a document of these events."""
    with house.store.begin() as work:
        return capture(work, document(events), anybody(house))


def records(house: House) -> int:
    """Return how many records there are."""
    with house.store.read() as connection:
        return connection.scalar(select(func.count()).select_from(RECORD)) or 0


def test_a_document_with_one_fault_leaves_nothing(house: House) -> None:
    """The good event before the bad one is not kept either."""
    with pytest.raises(InvalidMany) as refused:
        take(house, observed("urn:a"), observed("urn:b", action="LOOK"))
    assert [each.place for each in refused.value.findings] == ["epcisBody.eventList[1].action"]
    assert records(house) == 0


def test_an_id_captured_before_is_refused_at_its_place(house: House) -> None:
    """The conflict names the event; the new one beside it is not kept."""
    take(house, observed("urn:a"))
    with pytest.raises(Conflict) as refused:
        take(house, observed("urn:b"), observed("urn:a"))
    assert refused.value.place == "epcisBody.eventList[1].eventID"
    assert refused.value.value == "urn:a"
    assert records(house) == 1


def test_an_id_twice_in_one_document_is_refused(house: House) -> None:
    """An eventID names one event, within a document, too."""
    with pytest.raises(Conflict) as refused:
        take(house, observed("urn:a"), observed("urn:a"))
    assert refused.value.place == "epcisBody.eventList[1].eventID"
    assert records(house) == 0


def test_an_error_declaration_marks_the_first_event(house: House) -> None:
    """It repeats the ID, is taken, and both are known to be in error."""
    take(house, observed("urn:a"))
    declared = {"declarationTime": "2025-10-02T08:00:00Z"}
    take(house, observed("urn:a", errorDeclaration=declared))
    with house.store.read() as connection:
        found = list(SqlEvents(connection).naming("01/09521234543213/10/A1"))
    assert [stored.in_error for stored in found] == [True, True]


def test_an_event_without_an_id_is_given_one(house: House) -> None:
    """The ID stands in the receipt, in the record and in the table."""
    ((event_id, record_id),) = take(house, observed()).events
    assert event_id.startswith("urn:uuid:")
    with house.store.read() as connection:
        assert connection.scalar(select(EVENT.c.event_id)) == event_id
        payload = connection.scalar(select(RECORD.c.payload).where(RECORD.c.id == record_id))
    assert json.loads(payload or b"{}")["event"]["eventID"] == event_id


def test_a_capture_is_read_back_by_its_id(house: House) -> None:
    """It counts its own events and not those of others."""
    take(house, observed())
    receipt = take(house, observed(), observed())
    with house.store.read() as connection:
        assert capture_of(connection, receipt.document_id).events == 2
        with pytest.raises(NotFound):
            capture_of(connection, new_id())


def test_a_changed_row_is_found_and_mended(house: House) -> None:
    """A rebuild says which row differs, and writes it right where asked."""
    take(house, observed("urn:a"), observed("urn:b"))
    assert list(rebuild(house.store)) == []
    with house.store.begin() as work:
        work.connection.execute(
            update(EVENT).where(EVENT.c.event_id == "urn:a").values(type="Other")
        )
        work.connection.execute(ITEM.delete())
    found = [(difference.table, difference.what) for difference in rebuild(house.store, apply=True)]
    assert found.count(("brand_event_item", "missing")) == 2
    assert ("brand_event", "type is 'Other', the ledger says 'ObjectEvent'") in found
    assert list(rebuild(house.store)) == []


WORD = st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True)


def test_any_captures_are_rebuilt_equal(house: House) -> None:
    """Whatever is captured, the tables follow from the ledger bit for bit."""

    @given(st.lists(st.tuples(WORD, WORD, st.integers(1, 10**9)), min_size=1, max_size=5))
    @settings(max_examples=15)
    def holds(things: list[tuple[str, str, int]]) -> None:
        for serial, lot, grams in things:
            item = {"epcClass": LOT[:-2] + lot, "quantity": grams / 1000, "uom": "KGM"}
            box = f"https://id.gs1.org/01/09521234543213/21/{serial}"
            take(house, observed(epcList=[box], quantityList=[item]))
        assert list(rebuild(house.store)) == []

    holds()
