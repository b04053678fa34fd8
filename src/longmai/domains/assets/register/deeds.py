"""Kinds of records about assets, and who may read their content."""

from collections.abc import Mapping
from uuid import UUID

from longmai.portal.domain import PUBLIC

PREFIX = "assets."

READ, KEEP, DECIDE, OBJECT = "assets.read", "assets.keep", "assets.decide", "assets.object"

ENTERED = "assets.entered"
AMENDED = "assets.amended"
DETERMINED = "assets.rights.determined"
TRANSFERRED = "assets.right.transferred"
QUANTIFIED = "assets.equity.quantified"
MARKED = "assets.mark.placed"
UNMARKED = "assets.mark.lifted"
NOTICED = "assets.notice.posted"
OBJECTED = "assets.objection.filed"
DECIDED = "assets.objection.decided"
REGISTERED = "assets.registered"
CERTIFIED = "assets.certificate.issued"
REVOKED = "assets.certificate.revoked"
HANDED_OVER = "assets.handed_over"
PHOTOGRAPHED = "assets.photo.added"

AUDIENCE: Mapping[str, str] = {
    # Holders may be households, caretakers are people: their names are for who works with them.
    **dict.fromkeys(
        (ENTERED, AMENDED, DETERMINED, TRANSFERRED, QUANTIFIED, MARKED, UNMARKED, PHOTOGRAPHED),
        READ,
    ),
    **dict.fromkeys((OBJECTED, DECIDED), DECIDE),
    # What hangs on the village's board, and what a certificate says, everybody may read and prove.
    **dict.fromkeys((NOTICED, REGISTERED, CERTIFIED, REVOKED, HANDED_OVER), PUBLIC),
}


def subject_of(asset_id: UUID) -> str:
    """Return how records name an asset.

    >>> subject_of(UUID(int=0))
    'asset:00000000-0000-0000-0000-000000000000'
    """
    return f"asset:{asset_id}"


def asset_id_of(subject: str) -> UUID:
    """Return the asset that a subject names."""
    return UUID(subject.removeprefix("asset:"))
