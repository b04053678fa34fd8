"""Weighing with Splink: the levels are met as they are named, and weigh what the model says."""

from math import log2

import pytest

from longmai.domains.livelihood.persons.linking import shipped_model
from longmai.match.linkage.model import COMPARISONS
from longmai.match.linkage.records import Identity, table
from longmai.match.linkage.weighing import Pair, pairs
from longmai.store.linkage import splink_database

MODEL = shipped_model()
BASE = {"name": "李月芳", "birth_date": "1952-10-11", "region": "990102003200", "address": "2组2号"}
LEVELS = {each.key: [level.key for level in each.levels] for each in COMPARISONS}


def weighed(one: dict[str, str], other: dict[str, str]) -> Pair | None:
    """Return the pair of two records; None if it weighs too little."""
    records = [("a", Identity(**one), True), ("b", Identity(**other), True)]  # type: ignore[arg-type]
    with splink_database() as database:
        return next(pairs(database, table(records), MODEL), None)


@pytest.mark.parametrize(
    ("change", "comparison", "level"),
    [
        ({}, "name", "same"),
        ({"name": "李芳月"}, "name", "order"),
        ({"name": "李月方"}, "name", "sound"),
        ({"name": "季月芳"}, "name", "shape"),
        ({"name": "李月来"}, "name", "one_other"),
        ({"birth_date": "1952-11-10"}, "birth_date", "swapped"),
        ({"region": "990102003201", "address": ""}, "place", "township"),
    ],
)
def test_each_level_is_met_where_it_is_meant(
    change: dict[str, str], comparison: str, level: str
) -> None:
    """And the weight is the prior and the sum of the levels (Fellegi–Sunter)."""
    found = weighed(BASE, BASE | change)
    assert found is not None
    at = [each.key for each in COMPARISONS].index(comparison)
    assert LEVELS[comparison][found.levels[at]] == level
    expected = log2(MODEL.prior / (1 - MODEL.prior)) + sum(
        MODEL.bits(each.key, index) for each, index in zip(COMPARISONS, found.levels, strict=True)
    )
    assert found.bits == pytest.approx(expected, abs=0.01)


def test_of_two_old_records_nothing_is_asked() -> None:
    """Only pairs with a new one are made."""
    records = [("a", Identity(**BASE), False), ("b", Identity(**BASE), False)]  # type: ignore[arg-type]
    with splink_database() as database:
        assert list(pairs(database, table(records), MODEL)) == []
