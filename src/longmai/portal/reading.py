"""Who may read what a record says: its header is public, its content only where its kind is."""

from longmai.ledger.record import Record
from longmai.portal.domain import PUBLIC
from longmai.portal.house import House
from longmai.portal.rights.visitor import Visitor

# What no domain speaks for is read by who watches, and by nobody else.
_UNKNOWN = "record.look"
_OWN_KINDS = "ledger."


def may_read(house: House, visitor: Visitor, record: Record) -> bool:
    """Tell whether a visitor may read the content of a record: what is public, or of themselves."""
    header = record.fields()
    kind, region = str(header.get("kind", "")), str(header.get("region", ""))
    audience = PUBLIC if kind.startswith(_OWN_KINDS) else house.audiences.get(kind, _UNKNOWN)
    if audience == PUBLIC or (visitor.known and visitor.actor in header.get("subjects", ())):
        return True
    return visitor.may(audience, region or None)
