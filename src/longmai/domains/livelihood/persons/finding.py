"""What the portal's search and work list show of persons."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from longmai.domains.livelihood.persons.importing import IMPORT
from longmai.domains.livelihood.persons.queries import READ, open_pairs, persons, uploads
from longmai.domains.livelihood.persons.service import REVIEW
from longmai.portal.domain import Found, Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 10


def search(connection: Connection, visitor: Visitor, text: str, language: str) -> Iterator[Found]:
    """Find persons of the visitor's regions by name, initials or whole ID number."""
    del language
    scope = visitor.scope(READ)
    if not scope:
        return
    _, found = persons(connection, scope, text, Window("name", size=_MOST, descending=False))
    for each in found:
        born = each.birth_date.isoformat() if each.birth_date else ""
        yield Found("person", each.name or born, born, f"/livelihood/persons/{each.id}")


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say that pairs wait to be reviewed, and which sent files have faults."""
    del now
    scope = visitor.scope(REVIEW)
    if scope:
        total, _ = open_pairs(connection, scope, limit=0)
        if total:
            yield Waiting("person_pair", str(total), "/livelihood/persons/review")
    for each in uploads(connection, visitor.scope(IMPORT)):
        if each.state == "faulty":
            yield Waiting("person_upload", each.name, f"/livelihood/persons/uploads/{each.id}")
