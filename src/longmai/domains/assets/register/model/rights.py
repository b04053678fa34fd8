"""Three rights of an asset, each held by named parties in exact fractions that sum to one.

>>> village = Party("collective", "990102003004", "某村合作社")
>>> firm = Party("enterprise", "", "某公司")
>>> whole = (Holding(village, Fraction(1)),)
>>> [str(each.share) for each in transferred(whole, village, firm, Fraction(1, 3))]
['2/3', '1/3']
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from longmai.kernel.errors import Conflict, Invalid

RIGHTS = ("ownership", "operation", "income")
"""所有权, 经营权, 收益权."""
PARTY_KINDS = (
    "state", "government", "collective", "cooperative", "enterprise", "household", "person",
)  # fmt: skip
NATURAL = ("household", "person")
"""Parties who are people: the public sees their names masked."""
MARKS = ("mortgage", "seizure", "restriction", "dispute")
"""抵押, 查封, 限制, 异议: while one stands, the right is not transferred."""
MAX_DENOMINATOR = 10**12
MAX_HOLDERS = 2_000


@dataclass(frozen=True, order=True)
class Party:
    """Who holds a right.

    Attributes:
        kind: one of ``PARTY_KINDS``.
        key: region code of a government or collective, credit code of an enterprise, ID of a
            household or member; empty where only the name is known.
        name: of the party.
    """

    kind: str
    key: str
    name: str

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two parties the same: the key, or the name where there is none."""
        return self.kind, self.key or self.name


@dataclass(frozen=True)
class Holding:
    """A party's share of a right."""

    party: Party
    share: Fraction


def share_of_text(text: str) -> Fraction:
    """Read a share: ``1/3``, ``0.25``, ``25%``.

    >>> share_of_text("1/3"), share_of_text("25%"), share_of_text("0.25")
    (Fraction(1, 3), Fraction(1, 4), Fraction(1, 4))

    Raises:
        Invalid: not a share above zero and up to one.
    """
    try:
        plain = text.strip().replace("％", "%").replace("／", "/")
        share = Fraction(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        raise _no_share(text) from None
    if not 0 < share <= 1 or share.denominator > MAX_DENOMINATOR:
        raise _no_share(text)
    return share


def _no_share(value: str) -> Invalid:
    return Invalid(
        "a share is above 0 and at most 1",
        code="right.share",
        place="share",
        value=value,
        mend="write it like 1/3, 0.25 or 25%",
    )


def checked(holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """Return holdings, those of one party joined, that sum to exactly one.

    Raises:
        Invalid: they do not, or a party cannot hold a right.
    """
    joined: dict[tuple[str, str], Holding] = {}
    for each in holdings:
        _check_party(each.party)
        if each.share <= 0:
            raise _no_share(str(each.share))
        before = joined.get(each.party.identity)
        share = each.share + (before.share if before else 0)
        joined[each.party.identity] = Holding(before.party if before else each.party, share)
    found = tuple(joined.values())
    total = sum((each.share for each in found), Fraction(0))
    if total != 1:
        raise Invalid(
            "the shares of a right sum to one",
            code="right.sum",
            place="holdings",
            value=str(total),
            mend="write fractions instead of rounded decimals",
        )
    if len(found) > MAX_HOLDERS or any(h.share.denominator > MAX_DENOMINATOR for h in found):
        raise Invalid("the shares are too small", code="right.small", place="holdings")
    return found


def _check_party(party: Party) -> None:
    if party.kind not in PARTY_KINDS or not party.name.strip() or len(party.name) > 120:  # noqa: PLR2004 - characters
        raise Invalid(
            "a holder has a kind and a name",
            code="right.party",
            place="party",
            value=f"{party.kind} {party.name}",
        )


def transferred(
    holdings: Sequence[Holding], source: Party, target: Party, share: Fraction
) -> tuple[Holding, ...]:
    """Return the holdings after a party gave a share (of the whole right) to another.

    Raises:
        Conflict: the giver holds less than that.
        Invalid: no share, or giver and taker are one.
    """
    if share <= 0:
        raise _no_share(str(share))
    if source.identity == target.identity:
        raise Invalid("giver and taker are the same", code="right.same", place="target")
    held = {each.party.identity: each.share for each in holdings}
    has = held.get(source.identity, Fraction(0))
    if has < share:
        raise Conflict(
            "the giver holds less than this",
            code="right.less",
            place="share",
            value=f"{share} > {has}",
            mend="give at most what is held",
        )
    left = [
        Holding(each.party, each.share - (share if each.party.identity == source.identity else 0))
        for each in holdings
    ]
    return checked([*(each for each in left if each.share), Holding(target, share)])


@dataclass(frozen=True)
class Mark:
    """What stands in the way of transferring a right.

    Attributes:
        kind: one of ``MARKS``.
        right: it lies on; empty: on all three.
        until: last day it holds; None: until it is lifted.
    """

    kind: str
    right: str
    since: date
    until: date | None = None

    def stands(self, right: str, day: date) -> bool:
        """Tell whether it lies on a right on a day."""
        inside = self.since <= day and (self.until is None or day <= self.until)
        return inside and self.right in {"", right}


def units_as_shares(units: Mapping[Any, int]) -> dict[Any, Fraction]:
    """Return units of equity as exact fractions of their total.

    >>> units_as_shares({"a": 1, "b": 2})
    {'a': Fraction(1, 3), 'b': Fraction(2, 3)}

    Raises:
        Invalid: no units, or some that are not above zero.
    """
    total = sum(units.values())
    if not units or any(each <= 0 for each in units.values()):
        raise Invalid("units are above zero", code="equity.units", place="units", value=total)
    return {key: Fraction(each, total) for key, each in units.items()}


def party_payload(party: Party) -> dict[str, str]:
    """Return a party as JSON."""
    return {"kind": party.kind, "key": party.key, "name": party.name}


def party_of(told: Mapping[str, Any]) -> Party:
    """Read a party back."""
    return Party(str(told["kind"]), str(told.get("key", "")), str(told["name"]))


def holdings_payload(holdings: Sequence[Holding]) -> list[dict[str, Any]]:
    """Return holdings as JSON, shares as ``n/d``."""
    return [{"party": party_payload(each.party), "share": str(each.share)} for each in holdings]


def holdings_of_payload(told: Iterable[Mapping[str, Any]]) -> tuple[Holding, ...]:
    """Read holdings back."""
    return tuple(Holding(party_of(each["party"]), Fraction(each["share"])) for each in told)
