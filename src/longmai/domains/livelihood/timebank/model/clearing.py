"""Clearing between banks: what they owe each other, netted over all of them.

>>> a, b, c = (UUID(int=i) for i in (1, 2, 3))
>>> owed = {(a, b): 60, (b, a): -60, (b, c): 60, (c, b): -60, (c, a): 10, (a, c): -10}
>>> [net(owed)[bank] for bank in (a, b, c)]
[50, 0, -50]
>>> [(pay.minutes, pay.debtor == a, pay.creditor == c) for pay in payments(net(owed))]
[(50, True, True)]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

Owed = Mapping[tuple[UUID, UUID], int]
"""Balance of a bank's clearing account with another: above zero it owes, below it is owed."""


@dataclass(frozen=True)
class Payment:
    """What one bank hands over to another after netting."""

    debtor: UUID
    creditor: UUID
    minutes: int


def disagreeing(owed: Owed) -> list[tuple[UUID, UUID]]:
    """Return the pairs whose two books do not say the same."""
    pairs = {tuple(sorted(pair)) for pair in owed}
    return [(a, b) for a, b in sorted(pairs) if owed.get((a, b), 0) + owed.get((b, a), 0)]


def net(owed: Owed) -> dict[UUID, int]:
    """Return what each bank owes on the whole; they add up to zero if the books agree."""
    found: dict[UUID, int] = {}
    for (bank, _), minutes in owed.items():
        found[bank] = found.get(bank, 0) + minutes
    return found


def payments(positions: Mapping[UUID, int]) -> Iterator[Payment]:
    """Yield the payments that settle net positions: fewer than there are banks.

    The largest debtor pays the largest creditor; equals go by ID, so that the result depends on
    nothing but the positions.
    """
    left = {bank: minutes for bank, minutes in positions.items() if minutes}
    while left:
        debtor = max(left, key=lambda bank: (left[bank], str(bank)))
        creditor = min(left, key=lambda bank: (left[bank], str(bank)))
        minutes = min(left[debtor], -left[creditor])
        yield Payment(debtor, creditor, minutes)
        for bank, change in ((debtor, -minutes), (creditor, minutes)):
            left[bank] += change
            if not left[bank]:
                del left[bank]


def cover_fen(minutes: int, fen_per_hour: int) -> int:
    """Return the money that covers minutes, rounded up to whole fen: a liability is never less.

    >>> cover_fen(90, 1501), cover_fen(0, 1501)
    (2252, 0)
    """
    return -(-minutes * fen_per_hour // 60)
