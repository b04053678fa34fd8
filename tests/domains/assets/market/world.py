"""A village with a roll and a certified cold store, and desks of other minutes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tests.domains.assets.meetings.world import Village, village_in
from tests.domains.assets.register.world import asset_in, certified
from tests.visitor import account_with

from longmai.allocate.sealing import sealing
from longmai.domains.assets.market.bidding import (
    NewBidder,
    register_bidder,
    seal,
    take_deposit,
)
from longmai.domains.assets.market.listing import NewListing, publish
from longmai.domains.assets.market.queries import Listing, listing_of
from longmai.domains.assets.members.service import Desk
from longmai.portal.accounts.visiting import Shown, visitor_for
from longmai.portal.house import House
from longmai.portal.rights.model import Grant
from longmai.portal.rights.visitor import Visitor

HOUR = 60


@dataclass
class Market:
    """A village's market: minutes count from the start of the house."""

    village: Village
    assets: int = 0

    @property
    def house(self) -> House:
        """The house."""
        return self.village.house

    @contextmanager
    def at(self, minutes: int = 0, visitor: Visitor | None = None) -> Iterator[Desk]:
        """Open a unit of work some minutes ahead, as the operator or somebody else."""
        with self.house.store.begin() as work:
            desk = self.village.desk(work)
            yield Desk(
                work, visitor or desk.visitor, desk.regions, desk.policies,
                desk.now + timedelta(minutes=minutes),
            )  # fmt: skip

    def asset(self) -> UUID:
        """Return another certified asset."""
        self.assets += 1
        [found], _ = certified(self.house, asset_in(self.house, f"M-{self.assets}"))
        return found

    def offered(self, method: str = "second", **more: object) -> UUID:
        """Offer another asset: bids for an hour, revealing for another."""
        asset_id = more.pop("asset_id", None) or self.asset()
        with self.at() as desk:
            wanted = {
                "asset_id": asset_id,
                "title": "示例冷库三年经营权",
                "text": "冷库 200 平方米",
                "method": method,
                "term_months": 36,
                "starts_on": desk.today + timedelta(days=30),
                "basis": "year",
                "reserve_fen": 1_000_000,
                "deposit_fen": 200_000,
                "step_fen": 50_000,
                "objection_days": 7,
                "objection_basis": "示例交易规则",
                "opens_at": desk.now,
                "closes_at": desk.now + timedelta(minutes=HOUR),
                "reveals_until": desk.now + timedelta(minutes=2 * HOUR),
            }
            return publish(desk, NewListing(**(wanted | more)))  # type: ignore[arg-type] # by name

    def entered(
        self, listing_id: UUID, name: str = "外来户", *, paid: bool = True, **more: object
    ) -> UUID:
        """Enter somebody who came in person, with the deposit."""
        told = {"kind": "person", "name": name, "contact": "示例电话", "clean": True} | more
        wanted = NewBidder(**told)  # type: ignore[arg-type] # by name
        with self.at() as desk:
            found = register_bidder(desk, listing_id, wanted, for_other=True)
        if paid:
            with self.at() as desk:
                take_deposit(desk, listing_id, found, "收据 1")
        return found

    def sealed(self, listing_id: UUID, bidder_id: UUID, amount_fen: int, salt: str = "") -> str:
        """Hand in a sealed bid; return its salt."""
        salt = salt or f"{amount_fen:064x}"
        with self.at(1) as desk:
            digest = sealing(str(listing_id), str(bidder_id), amount_fen, salt)
            seal(desk, listing_id, bidder_id, digest)
        return salt

    def listing(self, listing_id: UUID) -> Listing:
        """Return a listing as it stands."""
        with self.house.store.read() as connection:
            return listing_of(connection, listing_id)

    def citizen(self, login: str, region: str = "") -> Visitor:
        """Return a citizen with an account."""
        where = region or self.village.region
        who = account_with(self.house, Grant("citizen", where, "own"), login=login, region=where)
        return visitor_for(self.house, Shown(who.id, strong=True))


def market_in(house: House) -> Market:
    """Enter the village."""
    return Market(village_in(house))
