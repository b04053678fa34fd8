"""Book against inventory: what was counted beside what the ledger says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

UNCOUNTED, MISSING, QUANTITY, CONDITION, SURPLUS = (
    "uncounted",
    "missing",
    "quantity",
    "condition",
    "surplus",
)
"""未盘, 盘亏, 数量不符, 状态不符, 盘盈."""


@dataclass(frozen=True)
class Booked:
    """An asset as the ledger has it on the day the inventory began, or now."""

    asset_id: UUID
    code: str
    name: str
    cost_fen: int
    quantity: Decimal | None
    condition: str


@dataclass(frozen=True)
class Counted:
    """What somebody found; ``asset_id`` is None of a thing that stands in no book."""

    record_id: UUID
    asset_id: UUID | None
    name: str
    present: bool
    quantity: Decimal | None
    condition: str
    note: str


@dataclass(frozen=True)
class Difference:
    """A difference of one asset or thing; ``kind`` is one of those above."""

    kind: str
    booked: Booked | None
    counted: Counted | None


def differences(booked: Sequence[Booked], counted: Sequence[Counted]) -> list[Difference]:
    """Return how book and count differ, by asset; of several counts of one the last holds.

    Args:
        booked: of the region, in order.
        counted: in order of time.
    """
    last: Mapping[UUID, Counted] = {
        each.asset_id: each for each in counted if each.asset_id is not None
    }
    found: list[Difference] = []
    for each in booked:
        seen = last.get(each.asset_id)
        kind = _kind(each, seen)
        if kind:
            found.append(Difference(kind, each, seen))
    extra = [each for each in counted if each.asset_id is None]
    return found + [Difference(SURPLUS, None, each) for each in extra]


def _kind(booked: Booked, counted: Counted | None) -> str:
    if counted is None:
        return UNCOUNTED
    if not counted.present:
        return MISSING
    if None not in {counted.quantity, booked.quantity} and counted.quantity != booked.quantity:
        return QUANTITY
    return CONDITION if counted.condition != booked.condition else ""
