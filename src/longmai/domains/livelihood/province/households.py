"""Draws households: who lives together, how old they are, and whether men or women.

The kinds of households are weighted so that children, elders and the size of a household come to
what is published; ages within a household follow from one of its members, so that parents are older
than their children.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from longmai.domains.livelihood.province.assumed import assumptions

Whole = NDArray[np.int64]
ROLES = "HSYCEFef"
RELATIONS = ("户主", "配偶", "子女", "子女", "户主", "配偶", "父母", "父母")
"""To the head, in the order of ``ROLES``; a child of a household of old people is a grandchild."""
_GRANDCHILD = "孙子女"
_ELDERS = "EFef"
_CHILD_AGES = 15
_OLD, _VERY_OLD = 60, 65
_STEPS = 60


@dataclass(frozen=True)
class Wanted:
    """The shares that a county's people are fitted to, 0 to 1."""

    children: float
    elders: float
    over_65: float
    male: float
    size: float


@dataclass(frozen=True)
class Drawn:
    """People of drawn households, household by household, the head first.

    Attributes:
        household: number, from 0.
        role: index into ``ROLES``.
        kind: of the household, index into the kinds.
        age: full years.
    """

    household: Whole
    role: Whole
    kind: Whole
    age: Whole
    male: NDArray[np.bool_]

    @property
    def relation(self) -> NDArray[np.str_]:
        """To the head of the household, in words."""
        found = np.array(RELATIONS)[self.role]
        with_old = np.array([each[0] == "E" for each in kinds()])[self.kind]
        return np.where(with_old & (self.role == ROLES.index("C")), _GRANDCHILD, found)


def kinds() -> Sequence[str]:
    """Return the kinds of households, each the roles of who lives there."""
    return list(assumptions()["households"])


@cache
def fitted(wanted: Wanted) -> NDArray[np.float64]:
    """Return the share of each kind of household, as near to the assumed as the wanted shares let.

    Newton's method on the dual of the least change (Kullback-Leibler) from the assumed weights.
    """
    told: Mapping[str, float] = assumptions()["households"]
    sizes = np.array([len(each) for each in told], float)
    children = np.array([each.count("C") for each in told], float)
    elders = np.array([sum(each.count(role) for role in _ELDERS) for each in told], float)
    gaps = np.stack(
        [children - wanted.children * sizes, elders - wanted.elders * sizes, sizes - wanted.size]
    )
    start = np.log(np.array(list(told.values()), float))
    at = np.zeros(len(gaps))
    for _ in range(_STEPS):
        weights = np.exp(start + at @ gaps - (start + at @ gaps).max())
        weights /= weights.sum()
        gradient = gaps @ weights
        spread = (gaps * weights) @ gaps.T - np.outer(gradient, gradient)
        step = np.linalg.solve(spread + 1e-9 * np.eye(len(gaps)), gradient)
        at -= step * min(1.0, 1.0 / max(1e-12, float(np.abs(step).max())))
    found: NDArray[np.float64] = weights
    return found


def draw(people: int, wanted: Wanted, chance: np.random.Generator) -> Drawn:
    """Draw households of so many people together; the last household is cut to fit."""
    shares = fitted(wanted)
    sizes = np.array([len(each) for each in kinds()])
    count = int(people / float(shares @ sizes) * assumptions()["households_shift"]) + 8
    kind = _shuffled(shares, count, chance)
    while sizes[kind].sum() < people:
        kind = np.concatenate([kind, _shuffled(shares, count // 10 + 8, chance)])
    kind = kind[: int(np.searchsorted(np.cumsum(sizes[kind]), people)) + 1]
    whole = np.repeat(np.arange(len(kind)), sizes[kind])
    first = np.concatenate([[0], np.cumsum(sizes[kind])[:-1]])
    place = np.arange(len(whole)) - first[whole]
    roles = np.full((len(sizes), int(sizes.max())), -1)
    for number, each in enumerate(kinds()):
        roles[number, : len(each)] = [ROLES.index(role) for role in each]
    role = roles[kind[whole], place]
    age = _ages(kind, whole, role, wanted, chance)
    male = _men(kind, whole, role, wanted, chance)
    cut = slice(0, people)
    return Drawn(whole[cut], role[cut], kind[whole][cut], age[cut], male[cut])


def _shuffled(shares: NDArray[np.float64], count: int, chance: np.random.Generator) -> Whole:
    """Return kinds in their shares as exactly as a whole number of households lets."""
    exact = shares * count
    numbers = np.floor(exact).astype(np.int64)
    left = count - int(numbers.sum())
    numbers[np.argsort(-(exact - numbers), kind="stable")[:left]] += 1
    return chance.permutation(np.repeat(np.arange(len(shares)), numbers))


def _has(roles: str) -> NDArray[np.bool_]:
    return np.array([any(role in each for role in roles) for each in kinds()])


def _between(low: NDArray[np.int64], high: NDArray[np.int64], chance: np.random.Generator) -> Whole:
    return low + np.floor(chance.random(len(low)) * (high - low + 1)).astype(np.int64)


def _ages(
    kind: Whole, whole: Whole, role: Whole, wanted: Wanted, chance: np.random.Generator
) -> Whole:
    """Return ages: the old first, then the head between parents and children, then the children."""
    count = len(kind)
    old = _elder_ages(count, wanted, chance)
    with_child, with_grown, with_old = _has("C")[kind], _has("Y")[kind], _has("ef")[kind]
    low = np.where(with_grown, 38, 22)
    high = np.where(with_grown & with_child, 54, np.where(with_child, 50, 59))
    free = low + np.floor((high - low + 1) * np.sqrt(chance.random(count))).astype(np.int64)
    below_old = old - _between(np.full(count, 22), np.full(count, 34), chance)
    head = np.clip(np.where(with_old, below_old, free), low, high)
    mate = np.clip(head - _between(np.full(count, -2), np.full(count, 5), chance), 20, 59)
    apart = old - _between(np.full(count, -4), np.full(count, 4), chance)
    # A couple stays on one side of the border that the published shares draw.
    over = old >= _VERY_OLD
    partner = np.clip(apart, np.where(over, _VERY_OLD, _OLD), np.where(over, 120, _VERY_OLD - 1))
    h, n = head[whole], len(whole)
    child = _between(np.maximum(0, h - 40), np.maximum(np.minimum(14, h - 20), 0), chance)
    any_child = _between(np.zeros(n, np.int64), np.full(n, _CHILD_AGES - 1), chance)
    child = np.where((_has("E")[kind])[whole], any_child, child)
    grown = _between(np.maximum(15, h - 38), np.maximum(np.minimum(24, h - 20), 15), chance)
    choices = [h, mate[whole], grown, child, old[whole], partner[whole], old[whole], partner[whole]]
    return np.choose(role, choices)


def _elder_ages(count: int, wanted: Wanted, chance: np.random.Generator) -> Whole:
    told = assumptions()["ages"]
    young = chance.random(count) >= wanted.over_65 / wanted.elders
    early = _between(np.full(count, _OLD), np.full(count, _VERY_OLD - 1), chance)
    late = _VERY_OLD + np.floor(chance.exponential(told["elder_decay_years"], count))
    return np.where(young, early, np.minimum(late, told["oldest"])).astype(np.int64)


def _men(
    kind: Whole, whole: Whole, role: Whole, wanted: Wanted, chance: np.random.Generator
) -> NDArray[np.bool_]:
    """Return who is a man: one of each couple; who lives alone makes up for what is missing."""
    told = assumptions()["ages"]
    boys = told["boys_per_100_girls"] / (100 + told["boys_per_100_girls"])
    alone = ~_has("S")[kind][whole] & (role == 0)
    old_alone = ~_has("F")[kind][whole] & (role == ROLES.index("E"))
    one_parent = ~_has("f")[kind][whole] & (role == ROLES.index("e"))
    by_birth = (role == ROLES.index("C")) | (role == ROLES.index("Y"))
    coupled = ~(alone | old_alone | one_parent | by_birth)
    total = len(role) * wanted.male - coupled.sum() / 2 - by_birth.sum() * boys
    total -= (old_alone | one_parent).sum() * told["male_elders_alone"]
    single = float(np.clip(total / max(1, int(alone.sum())), 0.02, 0.98))
    head_is_man = (chance.random(len(kind)) < told["male_heads"])[whole]
    first = (role == 0) | (role == ROLES.index("E")) | (role == ROLES.index("e"))
    luck = chance.random(len(role))
    found = np.where(first, head_is_man, ~head_is_man)
    found = np.where(by_birth, luck < boys, found)
    found = np.where(old_alone | one_parent, luck < told["male_elders_alone"], found)
    return np.where(alone, luck < single, found)
