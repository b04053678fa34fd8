"""Kinds of records about contracts, who may read their content, and the rights to act."""

from collections.abc import Mapping
from uuid import UUID

READ, KEEP = "assets.contract.read", "assets.contract.keep"

SIGNED = "assets.contract.signed"
AMENDED = "assets.contract.amended"
ENDED = "assets.contract.ended"
FILED = "assets.contract.filed"
RECEIVED = "assets.receipt.taken"
REVERSED = "assets.receipt.reversed"
BANKED = "assets.receipt.banked"
EARNED = "assets.rent.earned"

# Tenants may be people: what a contract says is for who works with it.
AUDIENCE: Mapping[str, str] = dict.fromkeys(
    (SIGNED, AMENDED, ENDED, FILED, RECEIVED, REVERSED, BANKED, EARNED), READ
)


def subject_of(contract_id: UUID) -> str:
    """Return how records name a contract.

    >>> subject_of(UUID(int=0))
    'contract:00000000-0000-0000-0000-000000000000'
    """
    return f"contract:{contract_id}"
