"""Who wins an auction and at what price: sealed at the first or second price, or openly ascending.

The highest bid wins; at the second price the winner pays what would just have won, which makes a
truthful bid the best one whatever others do. Of equal bids a digest of the bidder's key decides,
under a label that changes from one auction to the next, so that nobody gains by coming first.

Source: W. Vickrey, Counterspeculation, Auctions, and Competitive Sealed Tenders, 1961.

>>> bids = {"a": 500, "b": 700, "c": 300}
>>> [sealed(bids, 400, rule, "lot 1").price_fen for rule in SEALED_RULES]
[700, 500]
>>> sealed({"a": 500}, 400, SECOND_PRICE, "lot 1").price_fen
400
>>> sealed({"a": 500}, 600, FIRST_PRICE, "lot 1").winner is None
True
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from longmai.kernel.errors import Conflict, Invalid

FIRST_PRICE, SECOND_PRICE = "first price", "second price"
SEALED_RULES = (FIRST_PRICE, SECOND_PRICE)


@dataclass(frozen=True)
class Outcome:
    """What came of an auction.

    Attributes:
        winner: key of the bidder; None if no bid reached the reserve.
        price_fen: that the winner pays; None if nobody won.
        ranking: the bids from the reserve up, best first.
        below: keys of those who bid less than the reserve, in the order of keys.
        drawn: two bids were equal at the top, and the digest decided.
    """

    winner: str | None
    price_fen: int | None
    ranking: tuple[tuple[str, int], ...] = ()
    below: tuple[str, ...] = ()
    drawn: bool = False


def sealed(bids: Mapping[str, int], reserve_fen: int, rule: str, label: str) -> Outcome:
    """Decide among bids that were made without knowing each other.

    Args:
        bids: in fen by bidder, one each.
        reserve_fen: below which nothing is sold.
        rule: one of ``SEALED_RULES``.
        label: of this auction; decides, with the keys, among equal bids.

    Raises:
        Invalid: an unknown rule, a negative reserve, or a bid that is not above zero.
    """
    if rule not in SEALED_RULES:
        raise Invalid("no such rule of price", code="allocate.auction.rule", value=rule)
    if reserve_fen < 0 or any(amount <= 0 for amount in bids.values()):
        raise Invalid("bids are above zero", code="allocate.auction.amount")
    ranking = tuple(
        sorted(
            ((key, amount) for key, amount in bids.items() if amount >= reserve_fen),
            key=lambda bid: (-bid[1], _lot(label, bid[0])),
        )
    )
    below = tuple(sorted(key for key, amount in bids.items() if amount < reserve_fen))
    if not ranking:
        return Outcome(None, None, below=below)
    [winner, highest] = ranking[0]
    second = ranking[1][1] if len(ranking) > 1 else reserve_fen
    price = highest if rule == FIRST_PRICE else second
    drawn = len(ranking) > 1 and ranking[1][1] == highest
    return Outcome(winner, price, ranking, below, drawn)


@dataclass(frozen=True)
class Raise:
    """A bid that everybody hears."""

    bidder: str
    amount_fen: int
    at: datetime


@dataclass(frozen=True)
class Hall:
    """An open auction in which bids only rise, and a late bid lengthens the time.

    Attributes:
        reserve_fen: the least first bid.
        step_fen: by which each further bid is higher at least.
        opens_at: from when bids are heard.
        closes_at: until when, if no bid comes late.
        window: a bid so shortly before the end is late.
        extension: after a late bid the hall stays open at least so long.
        raises: heard so far, in order.
    """

    reserve_fen: int
    step_fen: int
    opens_at: datetime
    closes_at: datetime
    window: timedelta = timedelta(0)
    extension: timedelta = timedelta(0)
    raises: tuple[Raise, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """Return when it ends as things stand: from this instant on no bid is heard."""
        end = self.closes_at
        for each in self.raises:
            if end - each.at <= self.window:
                end = max(end, each.at + self.extension)
        return end

    @property
    def least_fen(self) -> int:
        """Return the least amount of the next bid."""
        return self.raises[-1].amount_fen + self.step_fen if self.raises else self.reserve_fen

    def heard(self, bid: Raise) -> "Hall":
        """Return the hall after a bid.

        Raises:
            Conflict: it comes too early or too late, is too low, or its bidder leads already.
        """
        if not self.opens_at <= bid.at < self.ends_at:
            early = bid.at < self.opens_at
            raise Conflict(
                "the hall is not open yet" if early else "the hall is closed",
                code=f"allocate.auction.{'early' if early else 'late'}",
                value=(self.opens_at if early else self.ends_at).isoformat(),
            )
        if self.raises and self.raises[-1].bidder == bid.bidder:
            raise Conflict("your bid leads already", code="allocate.auction.leading")
        if bid.amount_fen < self.least_fen:
            raise Conflict(
                "the bid is too low",
                code="allocate.auction.low",
                value=self.least_fen,
                mend="bid at least this much",
            )
        return replace(self, raises=(*self.raises, bid))

    def outcome(self) -> Outcome:
        """Return what comes of it: the last bid wins, and is the price."""
        if not self.raises:
            return Outcome(None, None)
        best = {each.bidder: each.amount_fen for each in self.raises}
        ranking = tuple(sorted(best.items(), key=lambda bid: -bid[1]))
        return Outcome(*ranking[0], ranking)


def _lot(label: str, key: str) -> tuple[bytes, str]:
    return hashlib.sha256(f"{label}\0{key}".encode()).digest(), key
