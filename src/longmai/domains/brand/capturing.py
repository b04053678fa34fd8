"""Who captures, read from who asks."""

from longmai.domains.brand.service import CAPTURE, Capturer
from longmai.portal.house import House
from longmai.portal.rights.visitor import Visitor


def capturer(house: House, visitor: Visitor) -> Capturer:
    """Return a visitor as the service wants them."""
    return Capturer(visitor.actor, visitor.scope(CAPTURE), house.regions.code, house.clock.now())
