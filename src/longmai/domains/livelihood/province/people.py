"""Names, numbers, telephones and addresses of sample people; all shows that it is made up."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from longmai.domains.livelihood.province.assumed import assumptions
from longmai.domains.livelihood.province.households import ROLES, Drawn
from longmai.domains.livelihood.province.id_numbers import sample_numbers

Whole = NDArray[np.int64]
NAMES = Path(__file__).with_name("names.toml")
_ONE_CHARACTER = 0.12
_GROWN = 18
_MOST_A_DAY = 499
"""People of one county, birthday and sex: the sequence in a number has three digits."""


@dataclass(frozen=True)
class County:
    """A county whose people are drawn.

    Attributes:
        code: six digits.
        people: how many.
        villages: 12-digit codes, in order.
        names: of the villages, with their townships'.
        urban: which of them are communities of a town.
        weights: share of the county's households in each.
    """

    code: str
    people: int
    villages: tuple[str, ...]
    names: tuple[str, ...]
    urban: NDArray[np.bool_]
    weights: NDArray[np.float64]


@cache
def name_parts() -> dict[str, Any]:
    """Return what names are made of."""
    return tomllib.loads(NAMES.read_text("utf-8"))


def drawn_from(text: str, count: int, chance: np.random.Generator) -> NDArray[np.str_]:
    """Return characters of a text, the first ones more often."""
    weights = 1 / (np.arange(len(text)) + 4.0)
    edges = np.cumsum(weights / weights.sum())
    at = np.minimum(np.searchsorted(edges, chance.random(count)), len(text) - 1)
    return np.array(list(text))[at]


def names_of(drawn: Drawn, chance: np.random.Generator) -> NDArray[np.str_]:
    """Return names: those who marry in have a surname of their own."""
    parts, count = name_parts(), len(drawn.age)
    own = drawn_from(parts["surnames"], count, chance)
    household = drawn_from(parts["surnames"], int(drawn.household[-1]) + 1, chance)
    married_in = np.isin(drawn.role, [ROLES.index(each) for each in "SFf"])
    surname = np.where(married_in, own, household[drawn.household])
    first = drawn_from(parts["first"], count, chance)
    second = drawn_from(parts["second"], count, chance)
    second = np.where(chance.random(count) < _ONE_CHARACTER, "", second)
    return np.char.add(np.char.add(surname, first), second)


def births(age: Whole, day: np.datetime64, chance: np.random.Generator) -> NDArray[np.datetime64]:
    """Return dates of birth of people of an age, in full years on the day."""
    months = day.astype("datetime64[M]")
    past = (day - months.astype("datetime64[D]")).astype(np.int64)
    first = (months - 12 * age.astype("timedelta64[M]")).astype("datetime64[D]")
    ends = (months + 1 - 12 * age.astype("timedelta64[M]")).astype("datetime64[D]")
    # On 29 February somebody born on 28 February of another year has had the birthday.
    last = np.minimum(first + past, ends - 1)
    found: NDArray[np.datetime64] = last - np.floor(chance.random(len(age)) * 365).astype(
        "timedelta64[D]"
    )
    return found


def numbers_of(
    county: County, birth: NDArray[np.datetime64], male: NDArray[np.bool_]
) -> NDArray[np.bytes_]:
    """Return sample numbers, none twice: men have odd sequences, women even ones."""
    group = birth.astype(np.int64) * 2 + male
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    length = np.diff(np.concatenate([starts, [len(ordered)]]))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(starts, length)
    if rank.max(initial=0) >= _MOST_A_DAY:
        raise OverflowError(f"more than {_MOST_A_DAY} people of one county, day and sex")
    return sample_numbers(int(county.code), birth, 2 * rank + 1 + ~male)


def phones_of(drawn: Drawn, chance: np.random.Generator) -> pa.Array:
    """Return telephones; children, and grown persons without one, have the household's."""
    told = assumptions()["phones"]
    count = len(drawn.age)
    own = chance.integers(0, 10**8, count)
    household = chance.integers(0, 10**8, int(drawn.household[-1]) + 1)[drawn.household]
    has_own = (drawn.age >= _GROWN) & (chance.random(count) < told["own"])
    number = np.where(has_own, own, household)
    text = pc.utf8_lpad(pa.array(number).cast(pa.string()), 8, "0")
    return pc.binary_join_element_wise(told["prefix"], text, "")


def addresses_of(
    county: County, village: Whole, household: Whole, chance: np.random.Generator
) -> pa.Array:
    """Return addresses: township and village, and the number of the house."""
    count = int(household[-1]) + 1
    groups = chance.integers(1, 10, count)[household]
    house = chance.integers(1, 200, count)[household]
    rural = pa.array(~county.urban[village])
    of_group = pc.if_else(rural, "组", "号楼")
    named = pa.array(county.names).take(pa.array(village))
    first = pc.binary_join_element_wise(_text(groups), of_group, _text(house), "号", "")
    return pc.binary_join_element_wise(named, first, "")


def _text(numbers: Whole) -> pa.Array:
    return pa.array(numbers).cast(pa.string())
