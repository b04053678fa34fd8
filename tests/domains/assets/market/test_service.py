"""A right is offered, bid for and awarded; who may not is told the clause."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from tests.domains.assets.market.world import HOUR, Market, market_in
from tests.domains.assets.meetings.test_service import ENDING, opened
from tests.house import opened_house

from longmai.domains.assets.market.bidding import (
    NewBidder,
    raise_bid,
    register_bidder,
    return_deposits,
    reveal,
    review,
    seal,
    take_deposit,
)
from longmai.domains.assets.market.listing import withdraw
from longmai.domains.assets.market.opening import (
    Minutes,
    answer,
    conclude,
    default,
    object_to,
    open_bids,
)
from longmai.domains.assets.market.queries import deal_of
from longmai.domains.assets.market.tables import BID
from longmai.domains.assets.meetings.convening import NewItem
from longmai.domains.assets.meetings.service import check_in, close, vote_named
from longmai.domains.assets.members.service import declare_kin
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany
from longmai.store.rebuild import rebuild

OPENING = Minutes("示2甲", "示3甲、示4甲", "村部")
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A house with a village of twelve adults; three of them are directors."""
    with opened_house(tmp_path_factory.mktemp("market")) as house:
        found = market_in(house)
        with found.at() as desk:
            village = found.village
            one, other = village.person("示1乙"), village.person("示6甲")
            declare_kin(desk, village.region, one, other, "兄妹")
            director = village.person("示1甲")
            declare_kin(desk, village.region, director, village.person("示5甲"), "兄弟")
        yield found


def stage(market: Market, listing_id: UUID, minutes: int) -> str:
    """Return where a listing stands some minutes ahead."""
    with market.at(minutes) as desk:
        return market.listing(listing_id).stage(desk.now, desk.today)


def test_a_second_price_auction_from_offer_to_deal(market: Market) -> None:
    """Three bid, one does not reveal; the highest wins at the second price; nobody reads before."""
    lot = market.offered("second")
    names = ("甲公司", "乙公司", "丙公司")
    ids = [market.entered(lot, name, kind="enterprise") for name in names]
    amounts = (1_500_000, 1_800_000, 2_500_000)
    salts = [market.sealed(lot, *pair) for pair in zip(ids, amounts, strict=True)]
    with market.house.store.read() as connection:
        rows = connection.execute(BID.select().where(BID.c.listing_id == lot)).all()
    assert [(row.amount_fen, row.salt) for row in rows] == [(None, "")] * 3
    with market.at(5) as desk, pytest.raises(Conflict):
        reveal(desk, lot, ids[0], amounts[0], salts[0])  # not while others may still bid
    with market.at(HOUR) as desk:
        with pytest.raises(Conflict):
            seal(desk, lot, ids[0], "0" * 64)  # too late
        with pytest.raises(Invalid):
            reveal(desk, lot, ids[0], amounts[0] + 1, salts[0])
        for number in (0, 1):
            reveal(desk, lot, ids[number], amounts[number], salts[number])
        with pytest.raises(Conflict):
            reveal(desk, lot, ids[0], amounts[0], salts[0])
        with pytest.raises(Conflict):
            open_bids(desk, lot, OPENING)  # the third may still reveal
    with market.at(2 * HOUR) as desk:
        open_bids(desk, lot, OPENING)
    found = market.listing(lot)
    assert found.winner is not None
    assert (found.winner.number, found.outcome["price_fen"]) == (2, 1_500_000)
    assert found.outcome["unrevealed"] == [3]
    assert [each["salt"] for each in found.outcome["bids"]] == salts[:2]
    assert set(found.deposit_of(ids[2])) == {"received", "forfeited"}

    with market.at(3 * HOUR) as desk:
        with pytest.raises(Conflict):
            conclude(desk, lot, "成交确认书")
        assert return_deposits(desk, lot, "退回") == 1
        ticket = object_to(desk, lot, "示4甲", "没有公示到位")
    with market.at(8 * DAY) as desk:
        with pytest.raises(Conflict):
            conclude(desk, lot, "成交确认书")
        answer(desk, lot, ticket, "rejected", "已经张贴七天")
    with market.at(8 * DAY) as desk:
        record = conclude(desk, lot, "成交确认书 1")
    deal = deal_of(market.listing(lot))
    assert deal is not None
    assert (deal.deal_id, deal.price_fen, deal.winner.name) == (record, 1_500_000, "乙公司")
    assert set(market.listing(lot).deposit_of(ids[1])) == {"received", "offset"}
    assert stage(market, lot, 9 * DAY) == "concluded"


def test_the_board_and_their_kin_are_refused_with_the_clause(market: Market) -> None:
    """By office, by kin, by household, by their own word; a namesake is looked into."""
    lot = market.offered()
    for name in ("示1甲", "示5甲", "示1乙"):
        with pytest.raises(InvalidMany) as refused:
            market.entered(lot, name)
        assert "第三十五条" in str(refused.value.findings[0].place)
    with pytest.raises(InvalidMany):
        market.entered(lot, "丁公司", kind="enterprise", declares_kin=True)
    with pytest.raises(InvalidMany):
        market.entered(lot, "示6乙", clean=False)
    # Kin of a director's kin are not kin.
    far = market.entered(lot, "示6甲")
    assert market.listing(lot).bidder(far).admitted
    own = market.entered(lot, "戊公司", kind="enterprise", representative="示5甲")
    assert market.listing(lot).bidder(own).admitted is None
    with market.at() as desk:
        with pytest.raises(Forbidden):
            seal(desk, lot, own, "0" * 64)
        review(desk, lot, own, "同名，不是一个人", admitted=True)
    market.sealed(lot, own, 2_000_000)


def test_only_members_where_it_is_for_members(market: Market) -> None:
    """An outsider is refused; a member with an account bids for himself, and for nobody else."""
    lot = market.offered(members_only=True)
    with pytest.raises(InvalidMany):
        market.entered(lot, "外村人")
    member = market.entered(lot, "示6乙")
    stranger = market.citizen("stranger")
    with market.at(visitor=stranger) as desk:
        with pytest.raises(InvalidMany):
            register_bidder(desk, lot, NewBidder("person", "外人", "电话", clean=True))
        with pytest.raises(Forbidden):
            seal(desk, lot, member, "0" * 64)
        with pytest.raises(Forbidden):
            take_deposit(desk, lot, member, "收据")
        with pytest.raises(Forbidden):
            open_bids(desk, lot, OPENING)
    with pytest.raises(Conflict):
        market.entered(lot, "示6乙")
    unpaid = market.entered(lot, "示4乙", paid=False)
    with market.at() as desk, pytest.raises(Forbidden):
        seal(desk, lot, unpaid, "0" * 64)


def test_an_open_auction_is_lengthened_by_a_late_bid(market: Market) -> None:
    """Bids rise by the step; a bid in the last minutes keeps the hall open."""
    lot = market.offered("ascending")
    one, other = (market.entered(lot, name) for name in ("己户", "庚户"))
    with market.at(10) as desk:
        with pytest.raises(Conflict):
            raise_bid(desk, lot, one, 999_999)
        raise_bid(desk, lot, one, 1_000_000)
        with pytest.raises(Conflict):
            raise_bid(desk, lot, one, 2_000_000)
        with pytest.raises(Conflict):
            raise_bid(desk, lot, other, 1_049_999)
    with market.at(HOUR - 1) as desk:
        raise_bid(desk, lot, other, 1_100_000)
    assert stage(market, lot, HOUR + 2) == "bidding"
    with market.at(HOUR + 2) as desk:
        raise_bid(desk, lot, one, 1_200_000)
    with market.at(HOUR + 8) as desk:
        with pytest.raises(Conflict):
            raise_bid(desk, lot, other, 1_300_000)
        open_bids(desk, lot, OPENING)
    found = market.listing(lot)
    assert found.outcome["ranking"] == [[1, 1_200_000], [2, 1_100_000]]
    with market.at(9 * DAY) as desk:
        default(desk, lot, "不愿签约")
    assert set(market.listing(lot).deposit_of(one)) == {"received", "forfeited"}
    with market.at(9 * DAY) as desk:
        return_deposits(desk, lot, "退回")


def test_nobody_reaches_the_reserve(market: Market) -> None:
    """The listing fails; the right may be offered anew, but not twice at a time."""
    lot = market.offered("first")
    low = market.entered(lot, "辛户")
    salt = market.sealed(lot, low, 900_000)
    with market.at(HOUR) as desk:
        reveal(desk, lot, low, 900_000, salt)
        open_bids(desk, lot, OPENING)  # all are revealed: no need to wait
    found = market.listing(lot)
    assert (found.outcome["winner"], found.outcome["below"]) == (None, [1])
    assert stage(market, lot, HOUR) == "failed"
    asset = found.row.asset_id
    again = market.offered("first", asset_id=asset)
    with pytest.raises(Conflict):
        market.offered("first", asset_id=asset)
    with market.at() as desk:
        withdraw(desk, again, "底价写错")
    market.offered("first", asset_id=asset)


def test_direct_negotiation_needs_a_decision_about_the_asset(market: Market) -> None:
    """Refused without; with a decision about this asset and a cause, allowed; never below."""
    asset = market.asset()
    with pytest.raises(InvalidMany) as refused:
        market.offered("direct", asset_id=asset)
    assert len(refused.value.findings) == 2
    village = market.village
    items = [NewItem("investment", "冷库续租", "", f"asset:{asset}")]
    meeting = opened(village, items=items)
    voters = [village.person(f"示{n}{letter}") for n in range(1, 7) for letter in "甲乙"]
    with village.at(10) as desk:
        for voter in voters:
            check_in(desk, meeting, voter)
            vote_named(desk, meeting, voter, {1: "agree"})
        [decision] = close(desk, meeting, ENDING)
    with pytest.raises(Conflict):
        market.offered("direct", decision_record=decision, cause="renewal")  # another asset
    lot = market.offered("direct", asset_id=asset, decision_record=decision, cause="renewal")
    tenant = market.entered(lot, "壬公司", kind="enterprise")
    with market.at() as desk:
        for award in (None, (tenant, 1)):
            with pytest.raises(Invalid):
                open_bids(desk, lot, Minutes("甲", "乙", "村部", award=award))
        open_bids(desk, lot, Minutes("甲", "乙", "村部", award=(tenant, 1_000_000)))
    assert stage(market, lot, 0) == "noticed"
    with market.at() as desk:
        ticket = object_to(desk, lot, "示4甲", "没有问过别人")
        answer(desk, lot, ticket, "upheld", "重新公开招租")
    assert stage(market, lot, 9 * DAY) == "failed"


def test_a_reserve_below_the_valuation_is_refused(market: Market) -> None:
    """Article 35, and times that make no sense."""
    with pytest.raises(InvalidMany) as refused:
        market.offered(valuation_fen=1_000_001)
    assert "第三十五条" in str(refused.value.findings[0].place)
    with market.at() as desk:
        past = desk.now - timedelta(minutes=1)
    for more in ({"closes_at": past}, {"reveals_until": past}, {"objection_basis": " "}):
        with pytest.raises(Invalid):
            market.offered(**more)


def test_the_tables_are_a_reading_of_the_ledger(market: Market) -> None:
    """Derived anew, they have the same rows."""
    market.house.integrate()
    assert not list(rebuild(market.house.store))
