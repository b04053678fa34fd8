"""The sample season is valid, whole, plausible, and marked as what it is."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import pytest

from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.epcis import Document, Event, Item, parse_document
from longmai.domains.brand.model.lots import lot_key, lot_number
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.model.vocabulary import describe
from longmai.domains.brand.model.way import StoredEvent
from longmai.domains.brand.sample import DEFAULT_SEED, first_box_key, first_lot_key, generate
from longmai.domains.brand.tables import SAMPLE_ATTRIBUTE, SAMPLE_FIELD
from longmai.kernel.regions import RegionPack, find_pack

SEEDS = (DEFAULT_SEED, 1, 7)
CERTIFICATE = "lm:commitmentCertificate"


@cache
def season(seed: int = DEFAULT_SEED) -> tuple[Document, ...]:
    """Return the parsed documents of a season."""
    return tuple(parse_document(document) for document in generate(seed))


def events(seed: int = DEFAULT_SEED) -> list[Event]:
    """Return all events of a season, in order of capture."""
    return [event for document in season(seed) for event in document.events]


def vocabulary() -> dict[str, Mapping[str, Any]]:
    """Return the attributes of the master data, by key."""
    return {element.id: element.attributes for d in season() for element in d.vocabulary}


def of_step(word: str) -> list[Event]:
    """Return the events of a business step that stand, by the last part of its name."""
    return [
        event
        for event in standing()
        if event.biz_step is not None and event.biz_step.rpartition("#")[2] == word
    ]


def standing() -> list[Event]:
    """Return the events that were not declared in error."""
    wrong = {event.event_id for event in events() if "errorDeclaration" in event.body}
    return [event for event in events() if event.event_id not in wrong]


def captured(event: Event) -> datetime:
    """Return when an event was written down, as far as it tells."""
    declared = event.body.get("errorDeclaration")
    return datetime.fromisoformat(declared["declarationTime"]) if declared else event.event_time


@pytest.mark.parametrize("seed", SEEDS)
def test_documents_are_accepted_without_advice(seed: int) -> None:
    """Every document passes the reader, which has nothing to add."""
    assert [document.advice for document in season(seed)] == [()] * len(season(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_there_are_about_two_thousand_events(seed: int) -> None:
    """A season has 1,900 to 2,100 events, in documents of at most 400."""
    sizes = [len(document.events) for document in season(seed)]
    assert 1_900 <= sum(sizes) <= 2_100
    assert max(sizes) <= 400


def test_same_seed_same_bytes() -> None:
    """A seed gives the same bytes each time, another seed gives others."""
    first = b"".join(generate(5))
    assert first == b"".join(generate(5))
    assert first != b"".join(generate(6))


def test_every_event_and_master_datum_says_that_it_is_a_sample() -> None:
    """No event or element can be taken for real, and the mark's prefix is declared."""
    assert all(event.body[SAMPLE_FIELD] is True for event in events())
    assert all(told[SAMPLE_ATTRIBUTE] == "true" for told in vocabulary().values())
    prefix, _, name = SAMPLE_FIELD.partition(":")
    assert all(document.context[1][prefix] + name == SAMPLE_ATTRIBUTE for document in season())


def test_event_ids_are_unique() -> None:
    """An ID stands twice only where the second declares the first in error."""
    counts = Counter(event.event_id for event in events() if "errorDeclaration" not in event.body)
    assert None not in counts
    assert set(counts.values()) == {1}


def test_master_data_comes_first_and_names_all_places_products_and_parties() -> None:
    """Whatever an event names has a name in both languages, and places have a point and region."""
    assert season()[0].vocabulary
    assert not any(document.vocabulary for document in season()[1:])
    told = vocabulary()
    for event in events():
        for place in {event.read_point, event.biz_location} - {None}:
            described = describe(str(place), told[str(place)])
            assert described.lon is not None
            assert described.region
            assert described.address
        for key in _products_and_parties(event):
            assert describe(key, told[key]).names.keys() == {"", "en"}


def _products_and_parties(event: Event) -> set[str]:
    keys = {"/".join(item.key.split("/")[:2]) for item in event.items if item.key[:3] == "01/"}
    for field, name in (("sourceList", "source"), ("destinationList", "destination")):
        keys |= {gs1.canonical_key(each[name]) for each in event.body.get(field, [])}
    return keys


def test_places_inside_the_pack_stand_where_the_pack_says() -> None:
    """Names and points of divisions are the region pack's own."""
    pack = RegionPack.load(find_pack())
    orchards = {event.biz_location for event in of_step("creating_class_instance")}
    assert len(orchards) == 24
    for key in orchards:
        described = describe(str(key), vocabulary()[str(key)])
        located = pack.locate(described.region)
        assert located is not None
        assert (described.lon, described.lat) == located[0]
        assert described.address.startswith(pack.path_name(described.region))


@pytest.mark.parametrize("seed", SEEDS)
def test_mass_balances_in_every_grading_and_packing(seed: int) -> None:
    """Mass in = boxes × net weight + mass of other outputs + loss, to the gram."""
    net = {
        key: Decimal(told["https://longmai.example/voc#netWeight_kg"])
        for key, told in vocabulary().items()
        if "https://longmai.example/voc#netWeight_kg" in told
    }
    transformations = [e for e in events(seed) if e.type == "TransformationEvent"]
    assert len(transformations) == 24 + 48
    for event in transformations:
        taken = sum(_mass(item, net) for item in event.items if item.role == "input")
        made = sum(_mass(item, net) for item in event.items if item.role == "output")
        loss = Decimal(str(event.body["lm:loss_kg"]))
        assert taken == made + loss
        assert 0 <= loss < taken * Decimal("0.05")


def _mass(item: Item, net: Mapping[str, Decimal]) -> Decimal:
    if item.uom == "KGM":
        assert item.quantity is not None
        return item.quantity
    return net["/".join(item.key.split("/")[:2])]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_lot_is_used_up_exactly(seed: int) -> None:
    """What is harvested is graded, and what is graded is packed, whole."""
    made: dict[str, Decimal] = defaultdict(Decimal)
    used: dict[str, Decimal] = defaultdict(Decimal)
    for event in events(seed):
        for item in event.items:
            if item.uom != "KGM" or item.quantity is None:
                continue
            if item.role == "output" or event.biz_step == "creating_class_instance":
                made[item.key] += item.quantity
            if item.role == "input":
                used[item.key] += item.quantity
    left = {key for key in made if used[key] != made[key]}
    assert len(made) == 72 + 24 + 24
    assert {key.split("/")[1] for key in left} == {_gtin_for_processing()}


def _gtin_for_processing() -> str:
    return next(
        key.removeprefix("01/")
        for key, told in vocabulary().items()
        if "processing" in str(told.get("https://longmai.example/voc#name_en"))
    )


def test_a_box_is_in_one_place_and_its_story_goes_forward() -> None:
    """Each box is packed, palletised, unpacked, delivered, stocked and sold in this order."""
    order = ["packing", "packing", "unpacking", "shipping", "receiving", "stocking"]
    endings: tuple[list[str], ...] = ([], ["retail_selling"], ["removing", "destroying"])
    stories: dict[str, list[str]] = {}
    for event in sorted(standing(), key=lambda event: event.event_time):
        for item in event.items:
            if "/21/" in item.key:
                stories.setdefault(item.key, []).append(event.biz_step or "")
    assert len(stories) > 4_000
    assert all(s[:6] == order and s[6:] in endings for s in stories.values())


def test_the_first_box_was_sold_and_its_lot_is_known() -> None:
    """The box to show first was sold, is of no recalled lot, and was packed in its lot."""
    box, lot = first_box_key(), first_lot_key()
    sold = [e for e in of_step("retail_selling") if box in {item.key for item in e.items}]
    assert len(sold) == 1
    packed = next(e for e in of_step("packing") if box in {i.key for i in e.items})
    assert lot.endswith(f"/10/{lot_number(packed)}")
    assert lot not in {item.key for event in of_step("recalling") for item in event.items}


class Memory:
    """The season's events, looked up for a trace (``model.trace.Events``)."""

    def __init__(self) -> None:
        wrong = {event.event_id for event in events() if "errorDeclaration" in event.body}
        self.stored = [
            StoredEvent(UUID(int=i), event, event.event_id in wrong)
            for i, event in enumerate(events())
        ]

    def touching(self, keys: Collection[str]) -> Iterator[StoredEvent]:
        """Return the events that name one of the keys, or a thing of a lot among them."""
        for stored in self.stored:
            made = lot_number(stored.event)
            named = {item.key for item in stored.event.items}
            named |= {lot_key(item.key, made) or "" for item in stored.event.items}
            if named & set(keys):
                yield stored

    def of_transformations(self, ids: Collection[str]) -> Iterator[StoredEvent]:
        """Return nothing: the season's transformations are told in one event each."""
        assert not ids
        yield from ()


def test_the_first_box_leads_back_to_its_orchards() -> None:
    """Traced back, the box meets its pallet, its graded lot and three harvest lots."""
    found = trace(Memory(), first_box_key())
    steps = [(step.event.biz_step or "").rpartition("#")[2] for step in found.steps]
    assert steps.count("creating_class_instance") == 3
    assert {"storing", "sensor_reporting", "grading", "packing", "loading"} <= set(steps)
    assert steps[-4:] == ["shipping", "receiving", "stocking", "retail_selling"]
    assert not found.truncated


def test_the_loss_of_the_first_boxes_grading_is_what_its_trace_says() -> None:
    """Kilograms in less kilograms out are the loss; of boxes made of kilograms none is told."""
    found = trace(Memory(), first_box_key())
    grading, packing = found.balances
    (told,) = (s.event.body for s in found.steps if s.record_id == grading.record_ids[0])
    assert grading.difference == Decimal(str(told["lm:loss_kg"]))
    assert len(grading.shares) == 3
    assert packing.difference is None


def test_commitment_certificates_say_what_the_law_asks_for() -> None:
    """Each harvest lot and each packed lot has one, complete, with a transaction that names it."""
    certified = [event for event in events() if CERTIFICATE in event.body]
    assert len(certified) == 72 + 48
    for event in certified:
        told = event.body[CERTIFICATE]
        for name in ("product", "quantity", "origin", "issuedOn", "promisedBy", "contact"):
            assert told[f"lm:{name}"]
        assert told["lm:contact"] == "000-0000-0000"
        assert told["lm:issuedOn"] == event.body["eventTime"][:10]
        transaction = event.body["bizTransactionList"][0]
        assert transaction["type"] == "cert"
        assert transaction["bizTransaction"].endswith(told["lm:number"])


def test_each_packed_lot_is_inspected_before_it_leaves() -> None:
    """The whole lot, found conformant, with the number of its test result."""
    inspected = {event.items[0].key: event for event in of_step("inspecting")}
    assert len(inspected) == 48
    for event in of_step("packing"):
        if event.type == "TransformationEvent":
            key = lot_key(next(i.key for i in event.items if i.role == "output"), lot_number(event))
            test = inspected[str(key)]
            assert test.items[0].quantity == sum(i.role == "output" for i in event.items)
            assert test.body["bizTransactionList"][0]["type"] == "testres"
            assert test.event_time > event.event_time


def test_one_lot_is_recalled_whole_and_none_of_it_is_sold_after() -> None:
    """A warm truck, then the recall of the lot, then its unsold boxes are removed and destroyed."""
    (recall,) = of_step("recalling")
    (item,) = recall.items
    assert recall.disposition == "recalled"
    boxes = {
        made.key
        for event in of_step("packing")
        if item.key.endswith(f"/10/{lot_number(event)}")
        for made in event.items
        if made.role == "output"
    }
    assert item.quantity == len(boxes)
    sold = _boxes(of_step("retail_selling")) & boxes
    destroyed = _boxes(of_step("destroying"))
    assert sold
    assert sold | destroyed == boxes
    assert not any(
        event.event_time > recall.event_time and _boxes([event]) & boxes
        for event in of_step("retail_selling")
    )
    warm = [e for e in of_step("transporting") if "ALARM_CONDITION" in str(e.body)]
    assert len(warm) == 1
    assert warm[0].event_time < recall.event_time


def _boxes(found: list[Event]) -> set[str]:
    return {item.key for event in found for item in event.items}


def test_one_event_is_declared_in_error_and_corrected() -> None:
    """A slipped decimal point: the declaration repeats the event and names the right one."""
    (declared,) = (event for event in events() if "errorDeclaration" in event.body)
    wrong = next(event for event in events() if event.event_id == declared.event_id)
    (right_id,) = declared.body["errorDeclaration"]["correctiveEventIDs"]
    right = next(event for event in events() if event.event_id == right_id)
    told = {name: v for name, v in declared.body.items() if name != "errorDeclaration"}
    assert told == wrong.body
    assert wrong.items[0].key == right.items[0].key
    assert (wrong.items[0].quantity, right.event_time) == (
        (right.items[0].quantity or 0) * 10,
        wrong.event_time,
    )


def test_events_come_in_order_of_capture() -> None:
    """Each event follows the one before, but for the one that corrects an earlier."""
    declared = next(event for event in events() if "errorDeclaration" in event.body)
    corrective = declared.body["errorDeclaration"]["correctiveEventIDs"]
    times = [captured(event) for event in events() if event.event_id not in corrective]
    assert times == sorted(times)


def test_the_season_is_plausible() -> None:
    """Harvest from late September in October, cold store till January, sales October to March."""

    def span(word: str) -> tuple[datetime, datetime]:
        times = [event.event_time for event in of_step(word)]
        return min(times), max(times)

    first, last = span("creating_class_instance")
    assert datetime(2025, 9, 24, tzinfo=UTC) <= first
    assert last <= datetime(2025, 10, 31, tzinfo=UTC)
    assert span("grading")[1] <= datetime(2026, 1, 31, tzinfo=UTC)
    assert span("sensor_reporting")[1] <= datetime(2026, 1, 31, tzinfo=UTC)
    first, last = span("retail_selling")
    assert datetime(2025, 10, 10, tzinfo=UTC) <= first <= datetime(2025, 10, 31, tzinfo=UTC)
    assert datetime(2026, 2, 15, tzinfo=UTC) <= last <= datetime(2026, 3, 31, tzinfo=UTC)


def test_nothing_is_graded_before_it_was_stored() -> None:
    """A lot is harvested, sent, received and stored before it goes into the grading."""
    order = ["creating_class_instance", "shipping", "receiving", "storing"]
    stories: dict[str, list[str]] = {}
    for event in sorted(standing(), key=lambda event: event.event_time):
        for item in event.items:
            if "/10/H" in item.key:
                stories.setdefault(item.key, []).append(event.biz_step or "")
    assert len(stories) == 72
    for story in stories.values():
        assert story[:4] == order
        assert story[-1].endswith("#grading")
        assert set(story[4:-1]) <= {"sensor_reporting"}


def test_keys_are_gs1_keys_of_the_demonstration_prefix() -> None:
    """Every key reads as one with a right check digit, under prefix 952."""
    for event in events():
        keys = [item.key for item in event.items]
        keys += [place for place in (event.read_point, event.biz_location) if place]
        for key in keys:
            assert gs1.is_key(key)
            (ai, value), *_ = gs1.elements(key).items()
            assert value[1 if ai in {"00", "01"} else 0 :].startswith("952")
