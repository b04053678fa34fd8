"""Money shared among claims: by weights, with floors, exact to the fen, whatever the order.

Who comes first in a list gains nothing by it: claims have keys, and where two remainders are equal
a digest of the key decides, under a label that changes from one distribution to the next.

>>> one = Fraction(1)
>>> claims = {"a": Claim(one), "b": Claim(one, floor_fen=60), "c": Claim(one)}
>>> share_out(100, claims, AT_LEAST)
{'a': 20, 'b': 60, 'c': 20}
>>> share_out(100, claims, ON_TOP) == {'a': 13, 'b': 74, 'c': 13}
False
>>> sum(share_out(100, claims, ON_TOP).values())
100
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.money import divide_fen

ON_TOP = "on top"
"""Floors are paid first; what is left is divided by weights among all."""
AT_LEAST = "at least"
"""Nobody gets less than the floor: who would gets the floor, the others share the rest."""
MODES = (ON_TOP, AT_LEAST)


@dataclass(frozen=True)
class Claim:
    """What somebody may ask for.

    Attributes:
        weight: share of what is divided, exact, not negative.
        floor_fen: what a contract guarantees, in fen, not negative.
    """

    weight: Fraction
    floor_fen: int = 0


def share_out(
    total_fen: int, claims: Mapping[str, Claim], mode: str = ON_TOP, label: str = ""
) -> dict[str, int]:
    """Divide an amount among claims; the parts add up to it, and keep each floor.

    Args:
        total_fen: to divide, not negative.
        claims: by key.
        mode: one of ``MODES``.
        label: of this distribution; decides, with the keys, who gets the odd fen.

    Returns:
        The part of each key in fen, in the order of the claims.

    Raises:
        Conflict: the floors come to more than there is; the message has both sums.
        Invalid: a negative amount, weight or floor; an unknown mode; nobody to give the rest to.
    """
    _check(total_fen, claims, mode)
    floors = sum(claim.floor_fen for claim in claims.values())
    if floors > total_fen:
        raise Conflict(
            f"the floors come to {floors} fen, and {total_fen} fen are there",
            code="allocate.floors",
            place=f"{floors} > {total_fen}",
            value=floors - total_fen,
            mend="lower the floors by contract, or find the missing amount",
        )
    ordered = sorted(claims, key=lambda key: _lot(label, key))
    parts = {key: claims[key].floor_fen for key in ordered}
    if mode == ON_TOP:
        parts = _added(parts, _by_weight(total_fen - floors, ordered, claims))
    else:
        parts |= _above_floors(total_fen, ordered, claims)
    return {key: parts[key] for key in claims}


def _above_floors(
    total_fen: int, ordered: list[str], claims: Mapping[str, Claim]
) -> dict[str, int]:
    """Give the floor to whom it helps, and divide the rest among the others.

    Whoever is on the floor takes more than the weight would give, so the others' shares only fall:
    the set of those on it grows until it stands, never to all of them, as the floors are covered.
    """
    free = [key for key in ordered if claims[key].weight]
    left = total_fen - sum(claims[key].floor_fen for key in ordered if not claims[key].weight)
    while True:
        parts = _by_weight(left, free, claims)
        below = [key for key in free if parts[key] < claims[key].floor_fen]
        if not below:
            return parts
        free = [key for key in free if key not in set(below)]
        left -= sum(claims[key].floor_fen for key in below)


def _by_weight(total_fen: int, keys: list[str], claims: Mapping[str, Claim]) -> dict[str, int]:
    if total_fen == 0:
        return dict.fromkeys(keys, 0)
    return dict(zip(keys, divide_fen(total_fen, [claims[key].weight for key in keys]), strict=True))


def _added(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return {key: amount + right.get(key, 0) for key, amount in left.items()}


def _lot(label: str, key: str) -> tuple[bytes, str]:
    return hashlib.sha256(f"{label}\0{key}".encode()).digest(), key


def _check(total_fen: int, claims: Mapping[str, Claim], mode: str) -> None:
    if mode not in MODES:
        raise Invalid("no such way to keep floors", code="allocate.mode", value=mode)
    if total_fen < 0 or any(each.weight < 0 or each.floor_fen < 0 for each in claims.values()):
        raise Invalid("amounts, weights and floors are not negative", code="allocate.negative")
