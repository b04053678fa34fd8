"""The sample market: a sealed and an open auction that run, one that was opened, a need."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from longmai.allocate.sealing import sealing
from longmai.domains.assets.market.bidding import (
    NewBidder,
    raise_bid,
    register_bidder,
    reveal,
    seal,
    take_deposit,
)
from longmai.domains.assets.market.listing import NewListing, NewNeed, publish, publish_need
from longmai.domains.assets.market.opening import Minutes, open_bids
from longmai.domains.assets.market.tables import LISTING
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.register.queries import Filters, Known, page
from longmai.domains.assets.register.right_queries import rights_of
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House
from longmai.store.table_window import Window
from longmai.store.unit_of_work import UnitOfWork

_FILE = Path(__file__).with_name("sample.toml")
_LOOKED_AT = 200
_OFFERED_FOR = timedelta(days=6)
_BIDS_LAST = timedelta(days=5)


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Offer some assets of the sample village, unless anything was offered already."""
    region = str(house.regions.about.get("sample_village", ""))
    with house.store.read() as connection:
        if not region or connection.execute(LISTING.select().limit(1)).first():
            return
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    with house.store.begin() as work:
        assets = _to_let(work, region)
        for offer, asset in zip(told["offers"], assets, strict=False):
            _offer(house, work, told, offer, asset)
        for need in told["needs"]:
            _need(_desk(house, work, timedelta(0)), region, need)
    tell(f"Offered {min(len(assets), len(told['offers']))} sample operating rights.")


def _to_let(work: UnitOfWork, region: str) -> Sequence[Known]:
    """Return operating assets of the village whose operating right is with the collective."""
    window = Window("code", size=_LOOKED_AT, descending=False)
    filters = Filters(region=region, asset_class="operating", stage="handed_over")
    found = page(work.connection, filters, window)
    rights = rights_of(work.connection, [each.asset_id for each in found])
    return [
        each
        for each in found
        if any(h.party.kind == "collective" for h in rights[each.asset_id]["operation"].holdings)
    ]


def _desk(house: House, work: UnitOfWork, ago: timedelta) -> Desk:
    then = house.clock.now() - ago
    return Desk(work, operator(house), house.regions, house.policies, then, sample=True)


def _offer(
    house: House, work: UnitOfWork, told: Mapping[str, Any], offer: Mapping[str, Any], asset: Known
) -> None:
    ended = timedelta(days=offer.get("ended_days_ago", 0))
    began = _desk(house, work, ended + _OFFERED_FOR)
    closes = began.now + (
        _BIDS_LAST if ended else _OFFERED_FOR + timedelta(hours=offer["ends_in_hours"])
    )
    listing_id = publish(
        began,
        NewListing(
            asset_id=asset.asset_id,
            title=told["title"].format(name=asset.asset.name),
            text=offer["text"],
            method=offer["method"],
            term_months=offer["months"],
            starts_on=date(began.today.year + 1, 1, 1),
            basis="year",
            reserve_fen=yuan_to_fen(offer["reserve"]),
            deposit_fen=yuan_to_fen(offer["deposit"]),
            step_fen=yuan_to_fen(offer.get("step", "0")),
            objection_days=told["objection_days"],
            objection_basis=told["objection_basis"],
            opens_at=began.now,
            closes_at=closes,
            reveals_until=closes + timedelta(hours=12),
        ),
    )
    bidders = [(each, _enter(began, listing_id, each["name"])) for each in offer.get("bidders", ())]
    _bids(began, listing_id, bidders)
    if ended:
        _open(replace(began, now=closes + timedelta(hours=1)), told, listing_id, bidders)


def _enter(desk: Desk, listing_id: UUID, name: str) -> UUID:
    wanted = NewBidder("enterprise", name, "示例电话", clean=True)
    found = register_bidder(desk, listing_id, wanted, for_other=True)
    take_deposit(desk, listing_id, found, "示例收据")
    return found


def _salt(bidder: UUID) -> str:
    return bidder.hex * 2


def _bids(desk: Desk, listing_id: UUID, bidders: Sequence[tuple[Mapping[str, Any], UUID]]) -> None:
    raises = []
    for each, own in bidders:
        if "sealed" in each:
            fen = yuan_to_fen(each["sealed"])
            seal(desk, listing_id, own, sealing(str(listing_id), str(own), fen, _salt(own)))
        raises += [(yuan_to_fen(amount), own) for amount in each.get("raises", ())]
    for number, (fen, own) in enumerate(sorted(raises)):
        later = replace(desk, now=desk.now + timedelta(hours=1 + number))
        raise_bid(later, listing_id, own, fen)


def _open(
    desk: Desk,
    told: Mapping[str, Any],
    listing_id: UUID,
    bidders: Sequence[tuple[Mapping[str, Any], UUID]],
) -> None:
    for each, own in bidders:
        reveal(desk, listing_id, own, yuan_to_fen(each["sealed"]), _salt(own))
    open_bids(desk, listing_id, Minutes(told["host"], told["witnesses"], told["place"]))


def _need(desk: Desk, region: str, told: Mapping[str, Any]) -> None:
    publish_need(
        desk,
        NewNeed(
            region,
            told["title"],
            told["text"],
            told["name"],
            told["contact"],
            desk.today + timedelta(days=120),
            yuan_to_fen(told["budget"]),
            told["months"],
        ),
    )
