"""What the portal's search shows of the roll, to who may read it."""

from collections.abc import Iterator

from sqlalchemy import Connection

from longmai.domains.assets.members.queries import households
from longmai.domains.assets.members.service import READ
from longmai.portal.domain import Found
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find households by number, name or initials."""
    del language
    scope = visitor.scope(READ)
    if scope:
        _, found = households(connection, scope, text, Window("number", size=10, descending=False))
        for home in found:
            names = "、".join(each.name for each in home.members)
            yield Found(
                "household", names, home.number, f"/assets/members/households/{home.household_id}"
            )
