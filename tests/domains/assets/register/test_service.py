"""The register's use-cases: the way to a certificate, rights apart, marks, objections, rebuild."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domains.assets.register.world import (
    BASIS,
    FIRM,
    HOUSEHOLD,
    POSTING,
    asset_in,
    at_desk,
    certified,
    collective_of,
    determined,
    entered,
    handed_over,
    noticed,
    village_of,
    whole,
)
from tests.house import opened_house
from tests.visitor import account_with

from longmai.domains.assets.register import paper_queries, queries, right_queries, service, steps
from longmai.domains.assets.register.model.rights import (
    RIGHTS,
    Holding,
    Party,
    checked,
    transferred,
)
from longmai.domains.assets.register.service import Amendment, Determination, NewMark, Transfer
from longmai.domains.assets.register.steps import Complaint, Posting
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany, NotFound
from longmai.portal.accounts.visiting import Shown, visitor_for
from longmai.portal.house import House
from longmai.portal.rights.model import Grant
from longmai.portal.rights.visitor import Visitor
from longmai.store.rebuild import rebuild


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path) as opened:
        yield opened


def _somebody(house: House, role: str, region: str, purpose: str = "service") -> Visitor:
    who = account_with(house, Grant(role, region, purpose), login=f"s-{role}-{region}"[:60])
    return visitor_for(house, Shown(who.id, strong=True))


def test_the_whole_way_and_its_timeline(house: House) -> None:
    """Survey, determination, notice, registration, certificate, hand-over; each a record."""
    [asset_id] = handed_over(house)
    with house.store.read() as connection:
        known = queries.asset_of(connection, asset_id)
        life = right_queries.life_of(connection, asset_id)
    assert known.state.stage == "handed_over"
    assert known.asset == asset_in(house)
    assert [each.version for each in life] == [1, 2, 3, 4, 5, 6]
    assert [each.deed for each in life] == [
        "entered",
        "rights.determined",
        "notice.posted",
        "registered",
        "certificate.issued",
        "handed_over",
    ]
    assert not list(rebuild(house.store))


def test_a_code_names_one_asset_of_a_county(house: House) -> None:
    """Twice in one act or over two, it is refused, and nothing is written."""
    with pytest.raises(InvalidMany) as refused:
        entered(house, asset_in(house), asset_in(house))
    assert [each.place for each in refused.value.findings] == ["2.code"]
    entered(house)
    with pytest.raises(InvalidMany):
        entered(house, asset_in(house, "A-2"), asset_in(house))
    with house.store.read() as connection:
        assert queries.assets(connection, queries.Filters())[0] == 1


def test_amendments_say_what_changed(house: House) -> None:
    """What is as it was makes no record; what changed names its columns."""
    [asset_id] = entered(house)
    same = Amendment(asset_id, asset_in(house), "复核")
    assert at_desk(house, lambda desk: service.amend(desk, [same])) == 0
    other = Amendment(asset_id, asset_in(house, cost_fen=5, net_fen=3), "更正")
    assert at_desk(house, lambda desk: service.amend(desk, [other])) == 1
    with house.store.read() as connection:
        assert queries.asset_of(connection, asset_id).asset.cost_fen == 5
        assert right_queries.life_of(connection, asset_id)[-1].told["changed"] == [
            "cost_fen",
            "net_fen",
        ]


def test_rights_by_place(house: House) -> None:
    """An accountant keeps the own village's assets, decides nothing, and reads no other village."""
    village = village_of(house)
    other = next(
        each.code for each in house.regions.children(house.regions.get(village).parent)
        if each.code != village
    )  # fmt: skip
    accountant = _somebody(house, "village_accountant", village)
    at_desk(house, lambda desk: service.enter(desk, [asset_in(house)]), accountant)
    with pytest.raises(Forbidden):
        at_desk(
            house,
            lambda desk: service.enter(desk, [asset_in(house, "B", region=other)]),
            accountant,
        )
    with house.store.read() as connection:
        [known] = queries.assets(connection, queries.Filters())[1]
        scope = accountant.scope("assets.read")
        assert queries.assets(connection, queries.Filters(scope=scope))[0] == 1
    with pytest.raises(Forbidden):
        at_desk(
            house,
            lambda desk: service.place_mark(desk, known.asset_id, NewMark("dispute", "", BASIS)),
            accountant,
        )


def test_a_notice_runs_its_days(house: House) -> None:
    """Before the days are over nothing is registered; days nobody confirmed must be given."""
    ids = entered(house)
    determined(house, ids)
    with pytest.raises(Invalid, match="no rule in force"):
        at_desk(house, lambda desk: steps.post_notice(desk, ids, Posting("公示栏")))
    noticed(house, ids, days_ago=6)
    with pytest.raises(Conflict, match="6 of 7 days"):
        at_desk(house, lambda desk: steps.register(desk, ids))


def test_an_objection_stops_the_timer_of_its_asset_alone(house: House) -> None:
    """The other asset of the notice is registered; upheld, the first is determined anew."""
    ids = entered(house, asset_in(house), asset_in(house, "A-2"))
    determined(house, ids)
    notice_id = noticed(house, ids, days_ago=20)
    villager = _somebody(house, "citizen", village_of(house), "own")
    complaint = Complaint("这座冷库是三户合建的", "王示例")
    objection = at_desk(
        house, lambda desk: steps.file_objection(desk, notice_id, ids[0], complaint), villager
    )
    with pytest.raises(Conflict, match="objection is open"):
        at_desk(house, lambda desk: steps.register(desk, ids[:1]))
    at_desk(house, lambda desk: steps.register(desk, ids[1:]))
    with pytest.raises(Conflict, match="over"):
        at_desk(
            house, lambda desk: steps.file_objection(desk, notice_id, ids[1], complaint), villager
        )
    at_desk(house, lambda desk: steps.decide_objection(desk, objection, "upheld", "属实"))
    with house.store.read() as connection:
        assert queries.asset_of(connection, ids[0]).state.stage == "surveyed"
    determined(house, ids[:1])
    assert not list(rebuild(house.store))


def test_an_objection_rejected_lets_the_notice_go_on(house: House) -> None:
    """Its days so far still count."""
    ids = entered(house)
    determined(house, ids)
    notice_id = noticed(house, ids, days_ago=20)
    objection = at_desk(
        house,
        lambda desk: steps.file_objection(desk, notice_id, ids[0], Complaint("不对", "王示例")),
    )
    at_desk(house, lambda desk: steps.decide_objection(desk, objection, "rejected", "不属实"))
    at_desk(house, lambda desk: steps.register(desk, ids))


def test_rights_move_apart_and_marks_hold_them(house: House) -> None:
    """A mortgage on one right holds that one; the refusal names the record."""
    [asset_id], _ = certified(house)
    village = collective_of(house)
    move = Transfer("operation", village, FIRM, Fraction(1, 3), BASIS)
    at_desk(house, lambda desk: service.transfer(desk, asset_id, move))
    with house.store.read() as connection:
        held = {right: right_queries.holdings_of(connection, asset_id, right) for right in RIGHTS}
        before = right_queries.right_history(connection, asset_id, "operation")[0]
    assert [str(each.share) for each in held["operation"].holdings] == ["2/3", "1/3"]
    assert (
        held["ownership"].holdings == held["income"].holdings == before.holdings == whole(village)
    )
    mortgage = NewMark("mortgage", "ownership", "抵押合同", creditor="示例银行", amount_fen=1)
    mark = at_desk(house, lambda desk: service.place_mark(desk, asset_id, mortgage))
    sale = Transfer("ownership", village, FIRM, Fraction(1), BASIS)
    with pytest.raises(Conflict) as refused:
        at_desk(house, lambda desk: service.transfer(desk, asset_id, sale))
    assert refused.value.value == str(mark)
    at_desk(house, lambda desk: service.transfer(desk, asset_id, move))
    at_desk(house, lambda desk: service.lift_mark(desk, asset_id, mark, "还清"))
    at_desk(house, lambda desk: service.transfer(desk, asset_id, sale))
    assert not list(rebuild(house.store))


def test_what_was_not_determined_is_not_moved(house: House) -> None:
    """Nor before it is registered, nor more than is held, nor into the past."""
    [asset_id] = entered(house)
    move = Transfer("income", collective_of(house), FIRM, Fraction(1), BASIS)
    with pytest.raises(Conflict, match="registered"):
        at_desk(house, lambda desk: service.transfer(desk, asset_id, move))
    [done], _ = certified(house, asset_in(house, "A-2"))
    with pytest.raises(Conflict, match="less"):
        at_desk(
            house,
            lambda desk: service.transfer(
                desk, done, Transfer("income", FIRM, HOUSEHOLD, Fraction(1, 2), BASIS)
            ),
        )
    with pytest.raises(Invalid, match="before the last"):
        at_desk(house, lambda desk: service.transfer(desk, done, move, date(2020, 1, 1)))


def test_equity_is_quantified_in_units(house: House) -> None:
    """To households and members once each; the collective goes on holding the right."""
    [asset_id], _ = certified(house)
    other = Party("person", "0199a000-0000-7000-8000-000000000002", "赵示例")
    with pytest.raises(Invalid):
        at_desk(
            house,
            lambda desk: service.quantify(desk, asset_id, [(HOUSEHOLD, 1), (HOUSEHOLD, 2)], BASIS),
        )
    at_desk(
        house, lambda desk: service.quantify(desk, asset_id, [(HOUSEHOLD, 1), (other, 2)], BASIS)
    )
    with house.store.read() as connection:
        found = right_queries.equity_of(connection, asset_id)
    assert found is not None
    assert [units for _, units in found.units] == [1, 2]


def test_a_certificate_is_revoked_and_issued_anew(house: House) -> None:
    """One at a time is valid; the new one names the old; a person's name is masked."""
    ids = entered(house, asset_in(house, asset_class="household", level="household"))
    rights = dict.fromkeys(RIGHTS, whole(HOUSEHOLD))
    at_desk(house, lambda desk: service.determine(desk, [Determination(ids[0], rights, BASIS)]))
    at_desk(house, lambda desk: steps.post_notice(desk, ids, POSTING))
    with pytest.raises(Conflict):
        at_desk(house, lambda desk: steps.certify(desk, ids))
    [done], [first] = certified(house, asset_in(house, "A-2"))
    with pytest.raises(Conflict, match="valid certificate"):
        at_desk(house, lambda desk: steps.certify(desk, [done]))
    at_desk(house, lambda desk: steps.revoke(desk, first, "登记有误"))
    [second] = at_desk(house, lambda desk: steps.certify(desk, [done]))
    with house.store.read() as connection:
        issued = paper_queries.certificates_of(connection, [done])[done]
    assert [(each.certificate_id, each.replaces) for each in issued] == [
        (first, None),
        (second, first),
    ]
    assert issued[0].revoked_on is not None
    with pytest.raises(Conflict):
        at_desk(house, lambda desk: steps.revoke(desk, first, "再一次"))
    with pytest.raises(NotFound):
        at_desk(house, lambda desk: steps.revoke(desk, done, "没有"))


PARTIES = [Party("enterprise", str(n), f"示例公司{n}") for n in range(4)]
MOVES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 50), st.integers(1, 50)),
    max_size=20,
)


@given(MOVES)
@settings(max_examples=60)
def test_any_transfers_keep_the_sum(moves: list[tuple[int, int, int, int]]) -> None:
    """Whatever is tried, shares sum to exactly one and nobody holds less than nothing."""
    holdings = checked([Holding(PARTIES[0], Fraction(1))])
    for source, target, numerator, denominator in moves:
        try:
            holdings = transferred(
                holdings, PARTIES[source], PARTIES[target], Fraction(numerator, denominator)
            )
        except (Conflict, Invalid):
            continue
        assert sum(each.share for each in holdings) == 1
        assert all(each.share > 0 for each in holdings)
        assert len({each.party.identity for each in holdings}) == len(holdings)
