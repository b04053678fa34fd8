"""Kinds of records of the market, and who may read their content."""

from collections.abc import Mapping

from longmai.portal.domain import PUBLIC

RUN, BID = "assets.market.run", "assets.market.bid"

LISTED = "assets.market.listed"
WITHDRAWN = "assets.market.withdrawn"
REGISTERED = "assets.market.bidder_registered"
REVIEWED = "assets.market.bidder_reviewed"
DEPOSITED = "assets.market.deposit"
SEALED = "assets.market.bid_sealed"
REVEALED = "assets.market.bid_revealed"
RAISED = "assets.market.bid_raised"
OPENED = "assets.market.opened"
OBJECTED = "assets.market.objected"
ANSWERED = "assets.market.answered"
CONCLUDED = "assets.market.concluded"
DEFAULTED = "assets.market.defaulted"
NEEDED = "assets.market.needed"
NEED_ENDED = "assets.market.need_ended"

AUDIENCE: Mapping[str, str] = {
    # A seal tells nothing but that it is there; of bidders, public records have numbers alone.
    **dict.fromkeys(
        (LISTED, WITHDRAWN, SEALED, RAISED, OPENED, ANSWERED, CONCLUDED, DEFAULTED, NEED_ENDED),
        PUBLIC,
    ),
    # Who bids, how to reach them, what was paid, and bids before the opening.
    **dict.fromkeys((REGISTERED, REVIEWED, DEPOSITED, REVEALED, OBJECTED, NEEDED), RUN),
}
