"""An asset's life: inspections sent twice, book against count, disposal by its articles."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests.domains.assets.register.world import asset_in, at_desk, handed_over, village_of
from tests.house import opened_house
from tests.visitor import holder, visitor

from longmai.domains.assets.life import disposing, queries, service
from longmai.domains.assets.life.disposing import Completion, Proposal, Resolution
from longmai.domains.assets.life.service import Count, Inspection
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.service import NewMark, place_mark
from longmai.kernel.errors import Conflict, Invalid, InvalidMany, NotFound
from longmai.kernel.ids import new_id
from longmai.portal.house import House
from longmai.store.rebuild import rebuild


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own; each test takes assets of its own codes."""
    with opened_house(tmp_path_factory.mktemp("life")) as opened:
        yield opened


def test_an_inspection_counts_once(house: House) -> None:
    """A form that a bad network sends twice is one record; idle needs a photo."""
    [asset_id] = handed_over(house, asset_in(house, "L-1"))
    told = Inspection(new_id(), "low", "机组停了一半")
    for _ in range(2):
        at_desk(house, lambda desk: service.inspect(desk, asset_id, told))
    with house.store.read() as connection:
        assert len(queries.inspections_of(connection, asset_id)) == 1
        assert register.asset_of(connection, asset_id).state.condition == "low"
    with pytest.raises(Invalid, match="photo"):
        at_desk(house, lambda desk: service.inspect(desk, asset_id, Inspection(new_id(), "idle")))
    evidence = Inspection(new_id(), "idle", photos=["0" * 64])
    with pytest.raises(NotFound):
        at_desk(house, lambda desk: service.inspect(desk, asset_id, evidence))


def test_book_against_count(house: House) -> None:
    """Missing, another quantity, another condition, uncounted, surplus; then it is closed."""
    codes = ("I-1", "I-2", "I-3", "I-4", "I-5")
    ids = handed_over(house, *(asset_in(house, code, quantity=Decimal(3)) for code in codes))
    village = village_of(house)
    inventory = at_desk(
        house, lambda desk: service.open_inventory(desk, village, "年终盘点", desk.today)
    )

    def found(asset_id: UUID | None, **more: object) -> None:
        told = {"present": True, "condition": "good", "quantity": Decimal(3)} | more
        counted = Count(new_id(), asset_id, **told)  # type: ignore[arg-type] # by name
        at_desk(house, lambda desk: service.count(desk, inventory, counted))

    found(ids[0])
    found(ids[1], present=False)
    found(ids[2], quantity=Decimal(2))
    found(ids[3], condition="damaged")
    found(None, name="示例水泵")
    with house.store.read() as connection:
        result = queries.inventory_result(connection, queries.inventory_of(connection, inventory))
    named = {each.booked.code: each.kind for each in result.differences if each.booked}
    assert {code: named.get(code) for code in codes} == {
        "I-1": None,
        "I-2": "missing",
        "I-3": "quantity",
        "I-4": "condition",
        "I-5": "uncounted",
    }
    surplus = [each.counted for each in result.differences if each.booked is None]
    assert [each.name for each in surplus if each] == ["示例水泵"]
    found(ids[1])
    at_desk(house, lambda desk: service.close_inventory(desk, inventory))
    with pytest.raises(Conflict):
        found(ids[4])
    page = visitor(house).get(f"/assets/inventories/{inventory}")
    assert "示例水泵" in page.text
    assert "I-5" in visitor(house).get(f"/assets/inventories/{inventory}/differences.csv").text


def _proposed(house: House, code: str, way: str) -> tuple[UUID, UUID]:
    [asset_id] = handed_over(house, asset_in(house, code))
    wanted = Proposal(way, "low_benefit", "两年没有出租，见巡查记录", 100_000_00)

    def propose(desk: Desk) -> UUID:
        return disposing.propose(desk, asset_id, wanted, desk.today - timedelta(days=40))

    return asset_id, at_desk(house, propose)


def _resolved(house: House, asset_id: UUID, disposal: UUID, posted: int = 20) -> None:
    def resolve(desk: Desk) -> None:
        decided, since = (desk.today - timedelta(days=ago) for ago in (30, posted))
        disposing.resolve(desk, asset_id, disposal, Resolution("成员大会纪要", decided, since))

    at_desk(house, resolve)


SALE = Completion("转让合同", "collective", "示例公司", price_fen=120_000_00)
CHEAP = Completion("合同", "collective", "某理事", insider=True, price_fen=1)


@pytest.mark.parametrize(
    ("code", "told", "clause"),
    [
        ("D-35", CHEAP, "第三十五条"),
        ("D-36", Completion("合同", "individuals", "某公司", price_fen=120_000_00), "第三十六条"),
        ("D-42", Completion("合同", "dividend", "某公司", price_fen=120_000_00), "第四十二条"),
    ],
)
def test_a_disposal_is_refused_by_its_article(
    house: House, code: str, told: Completion, clause: str
) -> None:
    """农村集体经济组织法: insiders below value, division to individuals, dividend of the year."""
    asset_id, disposal = _proposed(house, code, "sale")
    _resolved(house, asset_id, disposal)
    with pytest.raises(InvalidMany) as refused:
        at_desk(house, lambda desk: disposing.complete(desk, asset_id, disposal, told))
    assert clause in {each.place for each in refused.value.findings}
    with house.store.read() as connection:
        assert register.asset_of(connection, asset_id).state.stage == "disposing"


def test_a_disposal_needs_decision_and_posting(house: House) -> None:
    """Then it is completed: proceeds collective, the asset disposed of and not moved any more."""
    asset_id, disposal = _proposed(house, "D-1", "auction")
    with pytest.raises(InvalidMany) as refused:
        at_desk(house, lambda desk: disposing.complete(desk, asset_id, disposal, SALE))
    assert {each.value for each in refused.value.findings} >= {"集体已决定"}
    _resolved(house, asset_id, disposal, posted=14)
    with pytest.raises(InvalidMany) as refused:
        at_desk(house, lambda desk: disposing.complete(desk, asset_id, disposal, SALE))
    assert {each.value for each in refused.value.findings} == {"公示期满"}
    other, second = _proposed(house, "D-2", "auction")
    _resolved(house, other, second)
    at_desk(house, lambda desk: disposing.complete(desk, other, second, SALE))
    with house.store.read() as connection:
        assert register.asset_of(connection, other).state.stage == "disposed"
    with pytest.raises(Conflict):
        at_desk(house, lambda desk: service.inspect(desk, other, Inspection(new_id(), "good")))
    assert not list(rebuild(house.store))


def test_what_is_mortgaged_is_not_sold_and_a_stop_leaves_it_idle(house: House) -> None:
    """And a disposal that is withdrawn leaves the asset where it stood."""
    asset_id, disposal = _proposed(house, "D-3", "sale")
    _resolved(house, asset_id, disposal)
    mortgage = NewMark("mortgage", "ownership", "抵押合同", "示例银行")
    at_desk(house, lambda desk: place_mark(desk, asset_id, mortgage))
    with pytest.raises(InvalidMany) as refused:
        at_desk(house, lambda desk: disposing.complete(desk, asset_id, disposal, SALE))
    assert {each.value for each in refused.value.findings} == {"权利受限"}
    at_desk(house, lambda desk: disposing.withdraw(desk, asset_id, disposal, "不卖了"))
    stopped, stop = _proposed(house, "D-4", "stop")
    _resolved(house, stopped, stop)
    ended = Completion("停用记录", "none")
    at_desk(house, lambda desk: disposing.complete(desk, stopped, stop, ended))
    with house.store.read() as connection:
        stays, idle = register.known(connection, [asset_id, stopped])
    assert stays.state.stage == "handed_over"
    assert (idle.state.stage, idle.state.condition) == ("handed_over", "idle")


def test_a_decision_is_a_record_of_the_collective(house: House) -> None:
    """Another record is refused."""
    asset_id, disposal = _proposed(house, "D-5", "scrap")
    with house.store.read() as connection:
        entry = register.asset_of(connection, asset_id).entry_id

    def resolve(desk: Desk) -> None:
        told = Resolution("纪要", desk.today, desk.today, entry)
        disposing.resolve(desk, asset_id, disposal, told)

    with pytest.raises(NotFound):
        at_desk(house, resolve)


def test_a_value_needs_its_life(house: House) -> None:
    """What nobody confirmed is told missing; the asset's own resolved life counts."""
    unknown = asset_in(house, "V-1")
    value = queries.valued(house.policies, unknown, date(2026, 1, 1))
    assert value.plan is None
    assert value.missing == ("life", "residual")
    resolved = {"life_months": 120, "residual_permille": 50, "depreciation_basis": "大会决议"}
    known = asset_in(house, "V-2", **resolved)
    value = queries.valued(house.policies, known, date(2026, 1, 1))
    assert value.net_fen == 1_000_000_00 - 950_000_00 * 67 // 120


def test_pages_of_a_life(house: House) -> None:
    """A clerk inspects, proposes and withdraws by form; everybody sees the timeline."""
    [asset_id] = handed_over(house, asset_in(house, "P-1"))
    clerk = holder(house, "official", village_of(house)[:6], login="life-clerk")
    base = f"/assets/a/{asset_id}/life"

    def sent(path: str, **told: str) -> int:
        return int(clerk.post(path, data=told, follow_redirects=False).status_code)

    assert sent(f"{base}/inspect", condition="normal", form=str(new_id()), found="正常") == 303
    proposal = {"way": "sale", "cause": "expiry", "explained": "到期", "valuation": "12,000.50"}
    assert sent(f"{base}/propose", **proposal) == 303
    assert "12,000.50" in visitor(house).get(base).text
    assert sent(f"{base}/resolve", document="", decided_on="x", posted_on="") == 422
    assert sent(f"{base}/withdraw", reason="缓办") == 303
    told = {"region": village_of(house), "title": "抽查", "until": "2199-01-01"}
    opened = clerk.post("/assets/inventories", data=told, follow_redirects=False)
    assert clerk.get(f"{base}/count").status_code == 200
    where = opened.headers["location"]
    assert sent(f"{where}/surplus", form=str(new_id()), name="示例板车", condition="good") == 303
    assert sent(f"{where}/surplus", form=str(new_id()), name="", condition="good") == 422
    assert sent(f"{where}/close") == 303
