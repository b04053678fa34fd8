"""Kinds of records of an asset's life, and who may read their content."""

from collections.abc import Mapping

from longmai.domains.assets.register.deeds import KEEP, READ
from longmai.portal.domain import PUBLIC

INSPECTED = "assets.inspected"
INVENTORY_OPENED = "assets.inventory.opened"
COUNTED = "assets.inventory.counted"
INVENTORY_CLOSED = "assets.inventory.closed"
PROPOSED = "assets.disposal.proposed"
RESOLVED = "assets.disposal.resolved"
COMPLETED = "assets.disposal.completed"
WITHDRAWN = "assets.disposal.withdrawn"

AUDIENCE: Mapping[str, str] = {
    **dict.fromkeys((INSPECTED, COUNTED), READ),
    **dict.fromkeys((INVENTORY_OPENED, INVENTORY_CLOSED), KEEP),
    # What becomes of a village's property is everybody's business.
    **dict.fromkeys((PROPOSED, RESOLVED, COMPLETED, WITHDRAWN), PUBLIC),
}
