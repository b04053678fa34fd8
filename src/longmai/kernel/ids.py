"""Identifiers: UUID version 7 (RFC 9562), so that IDs sort by the time they were made.

>>> first, second = new_id(), new_id()
>>> first < second, first.version
(True, 7)
"""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUIDv7; IDs made by one process strictly increase."""
    return UUID(int=uuid_utils.uuid7().int)
