"""A co-operative registers, records, is refused with numbers, and nothing is written twice."""

import io
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests.house import opened_house
from tests.visitor import holder

from longmai.domains.brand.coop.certificates import certificates_of, certificates_pdf
from longmai.domains.brand.coop.desk import Desk
from longmai.domains.brand.coop.model.forms import Told
from longmai.domains.brand.coop.model.numbers import gtin_of, internal_gtin, is_internal
from longmai.domains.brand.coop.model.outline import area_mu, corners_of
from longmai.domains.brand.coop.queries import Coop, lots_of, records_of
from longmai.domains.brand.coop.recording import record, undo
from longmai.domains.brand.coop.registering import register, register_plot, register_product
from longmai.domains.brand.coop.sheets import take_sheet, template
from longmai.domains.brand.coop.tables import TABLES
from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.queries import SqlEvents
from longmai.kernel.clock import beijing_day
from longmai.kernel.credit_code import uscc_check
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany
from longmai.portal.accounts.visiting import operator
from longmai.portal.export import xlsx_of
from longmai.portal.house import House
from longmai.portal.rendering import Words
from longmai.store.rebuild import rebuild

CODE = "93620000MA0000001"
CODE += uscc_check(CODE)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


def do(house: House, act: Callable[[Desk], Any]) -> Any:
    """Act at the desk of the operator, and commit."""
    with house.store.begin() as work:
        return act(Desk.of(house, work, operator(house)))


def told(**values: str) -> Told:
    """Fill in a form of its own number."""
    return Told({"form": str(uuid4()), **values})


@pytest.fixture(scope="module")
def coop(house: House) -> Coop:
    """A co-operative with a plot and two products."""
    village = str(house.regions.about["sample_village"])
    form = told(
        name="某某果品合作社", kind="农民专业合作社", uscc=CODE.lower(), region=village,
        contact="某人", phone="0000-0000000",
    )  # fmt: skip

    def enter(desk: Desk) -> Coop:
        found = register(desk, form)
        register_plot(desk, found, told(plot_name="东坡", area_mu="12.5"))
        register_product(desk, found, told(product_name="原果", category="水果"))
        register_product(desk, found, told(product_name="礼盒", category="水果", net_kg="2.5"))
        return found

    found: Coop = do(house, enter)
    # The form came twice.
    assert do(house, lambda desk: register(desk, form)).coop_id == found.coop_id
    return found


def harvest(house: House, coop: Coop, kg: str = "100", **more: str) -> Any:
    """Record a harvest."""
    form = told(plot="东坡", product="原果", kg=kg, certify="是", **more)
    return do(house, lambda desk: record(desk, coop, "harvest", form))


def left(house: House, coop: Coop, key: str) -> Decimal:
    """Return what is left of a lot."""
    with house.store.read() as connection:
        return lots_of(connection, coop)[key].left_kg


def test_a_credit_code_registers_once(house: House, coop: Coop) -> None:
    """Another registration of the same code is refused, and a wrong check digit."""
    form = told(
        name="别家", kind="企业", uscc=coop.uscc, region=coop.region, contact="某", phone="0000000"
    )
    with pytest.raises(Conflict) as known:
        do(house, lambda desk: register(desk, form))
    assert known.value.code == "coop.known"
    wrong = Told({**form.values, "uscc": CODE[:-1] + ("1" if CODE[-1] != "1" else "2")})
    with pytest.raises(Invalid) as refused:
        do(house, lambda desk: register(desk, wrong))
    assert refused.value.place == "uscc"


def test_a_lot_goes_its_way_and_nothing_comes_out_of_nothing(house: House, coop: Coop) -> None:
    """Harvest, packing, sale; refusals name the sum; the trace finds the plot again."""
    picked = harvest(house, coop, "100")
    wrong = told(lot=picked.lot, kg="100", packed="礼盒", boxes="41")
    with pytest.raises(Invalid, match=r"41 × 2\.5 = 102\.5 kg > 100 kg"):
        do(house, lambda desk: record(desk, coop, "packing", wrong))
    form = told(lot=picked.lot, kg="60", packed="礼盒", boxes="23", certify="是")
    packed = do(house, lambda desk: record(desk, coop, "packing", form))
    assert left(house, coop, picked.lot) == Decimal(40)
    assert left(house, coop, packed.lot) == Decimal("57.5")
    sale = told(
        lot=packed.lot.rpartition("/")[2], kg="50", buyer_kind="shop", buyer="某店", buyer_uscc=CODE
    )
    do(house, lambda desk: record(desk, coop, "sale", sale))
    with pytest.raises(Invalid, match=r"7\.5 − 8 = -0\.5 kg"):
        more = told(lot=packed.lot, kg="8", buyer_kind="consumer")
        do(house, lambda desk: record(desk, coop, "sale", more))
    with house.store.read() as connection:
        found = trace(SqlEvents(connection), packed.lot)
        [paper] = certificates_of(connection, coop, packed.lot)
    assert picked.lot in {node.key for node in found.nodes}
    [balance] = found.balances
    assert (balance.uom, balance.difference) == ("KGM", Decimal("2.5"))
    assert paper.quantity == "57.5 千克"
    assert paper.origin.endswith("东坡")
    pdf = certificates_pdf([paper], "https://example.org", 2)
    assert pdf == certificates_pdf([paper], "https://example.org", 2)
    with pytest.raises(Conflict) as used:
        do(house, lambda desk: undo(desk, coop, picked.event_id))
    assert used.value.code == "coop.used"


def test_no_certificate_no_deal(house: House, coop: Coop) -> None:
    """A refusal names the clause; a household's own and the seller's certificate are let pass."""
    form = told(plot="东坡", product="原果", kg="10")
    bare = do(house, lambda desk: record(desk, coop, "harvest", form))
    sale = {"lot": bare.lot, "kg": "1", "buyer_kind": "consumer"}
    with pytest.raises(Invalid, match=r"农业农村部令2025年第4号.*六项内容") as refused:
        do(house, lambda desk: record(desk, coop, "sale", told(**sale)))
    assert refused.value.code == "promise.refused"
    bought = {"product": "原果", "kg": "20", "seller": "某户"}
    with pytest.raises(Invalid, match="已收取合格证"):
        do(house, lambda desk: record(desk, coop, "purchase", told(**bought)))
    bought |= {"paper": "某证 1", "certify": "是"}
    taken = do(house, lambda desk: record(desk, coop, "purchase", told(**bought)))
    mixed = {
        "lot": taken.lot,
        "kg": "10",
        "lot_2": bare.lot,
        "kg_2": "10",
        "packed": "礼盒",
        "boxes": "8",
    }
    packed = do(house, lambda desk: record(desk, coop, "packing", told(**mixed)))
    with pytest.raises(Invalid) as refused:
        do(house, lambda d: record(d, coop, "sale", told(**(sale | {"lot": packed.lot}))))
    assert "混装：" in refused.value.value
    do(house, lambda desk: record(desk, coop, "sale", told(**(sale | {"lot": taken.lot}))))


def test_a_form_sent_twice_counts_once_and_is_undone_once(house: House, coop: Coop) -> None:
    """The number of the form is the event's ID; an undone record counts no more."""
    form = told(plot="东坡", product="原果", kg="7")
    first = do(house, lambda desk: record(desk, coop, "harvest", form))
    again = do(house, lambda desk: record(desk, coop, "harvest", form))
    assert (first.lot, first.before, again.lot, again.before) == (first.lot, False, first.lot, True)
    assert left(house, coop, first.lot) == 7
    do(house, lambda desk: undo(desk, coop, first.event_id))
    with house.store.read() as connection:
        assert first.lot not in lots_of(connection, coop)
        _, [newest, *_] = records_of(connection, coop)
    assert newest.undone
    with pytest.raises(Conflict):
        do(house, lambda desk: undo(desk, coop, first.event_id))


def test_a_sheet_is_taken_whole_and_never_twice(house: House, coop: Coop) -> None:
    """A bad row stops all, with row and column; the same sheet again adds nothing."""
    t = Words(house, "zh")
    headings = [cell.value for cell in load_workbook(io.BytesIO(template("harvest", t))).active[1]]
    day = beijing_day(house.clock.now()).isoformat()
    rows = [["东坡", "原果", "12", day, "", "是"]] * 2
    bad = [*rows, ["西坡", "原果", "-1", day, "", ""]]

    def take(these: list[list[str]]) -> Any:
        data = xlsx_of(headings, these)
        return do(house, lambda desk: take_sheet(desk, coop, "harvest", data, t))

    with house.store.read() as connection:
        before, _ = records_of(connection, coop)
    with pytest.raises(InvalidMany) as refused:
        take(bad)
    assert [each.place for each in refused.value.findings] == ["4 · 地块"]
    taken = take(rows)
    assert (taken.new, taken.before) == (2, 0)
    again = take([*rows, ["东坡", "原果", "13", day, "", ""]])
    assert (again.new, again.before) == (1, 2)
    with house.store.read() as connection:
        after, _ = records_of(connection, coop)
    assert after == before + 3


def test_others_keep_out_and_a_queue_is_told_why(house: House, coop: Coop) -> None:
    """A keeper of another co-operative is refused; the official of the county may help."""
    stranger = holder(house, "enterprise", coop.region[:6], login="stranger")
    address = f"/brand/coop/{coop.coop_id}"
    assert stranger.get(address).status_code == Forbidden.status
    helper = holder(house, "official", coop.region[:6], login="helper")
    assert "某某果品合作社" in helper.get("/brand/coop").text
    form = {"form": str(uuid4()), "plot": "东坡", "product": "原果", "kg": "很多"}
    queued = {"X-Queue": "1"}
    refused = helper.post(f"{address}/harvest", data=form, headers=queued)
    [finding] = refused.json()["findings"]
    assert (refused.status_code, finding["place"]) == (Invalid.status, "重量（千克）")
    form["kg"] = "3"
    taken = helper.post(f"{address}/harvest", data=form, headers=queued).json()
    assert taken["taken"]
    assert helper.post(f"{address}/harvest", data=form, headers=queued).json() == taken
    page = helper.post(f"{address}/harvest", data={**form, "kg": "x"}, follow_redirects=False)
    assert page.status_code == 303  # the number of the form is known: it was taken


def test_a_rebuild_gives_the_same_rows(house: House, coop: Coop) -> None:
    """All tables follow from the ledger."""
    assert coop.name
    names = {table.name for table in TABLES}
    assert [each for each in rebuild(house.store) if each.table in names] == []


def test_numbers_of_products() -> None:
    """Internal numbers are GTINs by form, and nobody else's; a GTIN fits its company."""
    numbers = {internal_gtin(each) for each in range(1, 50)}
    assert len(numbers) == 49
    assert all(gs1.elements(f"01/{each}")["01"] == each and is_internal(each) for each in numbers)
    with pytest.raises(Invalid):
        gtin_of("9521234543213", "9529999")
    with pytest.raises(Invalid):
        gtin_of(internal_gtin(1), "")


@given(
    st.floats(90, 110),
    st.floats(32, 42),
    st.lists(st.floats(0.2, 1), min_size=4, max_size=12),
)
@settings(max_examples=30)
def test_an_outline_reads_back_and_its_area_turns_with_nothing(
    lon: float, lat: float, radii: list[float]
) -> None:
    """A star around a middle crosses nowhere; from another corner, or backwards, it is as large."""
    steps = [2 * math.pi * each / len(radii) for each in range(len(radii))]
    star = [
        (lon + 0.001 * r * math.cos(a), lat + 0.001 * r * math.sin(a))
        for r, a in zip(radii, steps, strict=True)
    ]
    text = "\n".join(f"{x:.7f},{y:.7f}" for x, y in star)
    corners = corners_of(text)
    area = area_mu(corners)
    turned = [*corners[2:], *corners[:2]]
    assert area_mu(turned) == pytest.approx(area)
    assert area_mu(turned[::-1]) == pytest.approx(area)
    assert 0 < area < 40


def test_an_outline_that_crosses_itself_is_refused() -> None:
    """A bow tie is no plot."""
    with pytest.raises(Invalid):
        corners_of("105,35 105.01,35.01 105.01,35 105,35.01")
