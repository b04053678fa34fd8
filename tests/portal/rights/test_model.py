"""Scopes: what a grant opens, as values and as rows; nothing opens nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, String, Table, create_engine, insert, select

from longmai.kernel.region_codes import LENGTHS, contains, pad
from longmai.portal.rights.model import (
    EVERYWHERE,
    NOTHING,
    PURPOSES,
    PURPOSES_OF,
    ROLES,
    Grant,
    Policy,
    Post,
    Scope,
)

DAY = date(2026, 1, 1)
POLICY = Policy({"tree.cut": [Post("official", "service")]})


@st.composite
def codes(draw: st.DrawFn) -> str:
    """A region code of any level, few enough to lie within each other."""
    length = draw(st.sampled_from(LENGTHS))
    digits = draw(st.lists(st.sampled_from("12"), min_size=length - 2, max_size=length - 2))
    return "99" + "".join(digits)


@given(st.lists(codes(), max_size=4), st.lists(codes(), max_size=20))
def test_rows_and_values_agree(scope: list[str], regions: list[str]) -> None:
    """The SQL condition lets through exactly what ``covers`` does; an empty scope nothing."""
    held = POLICY.scope([Grant("official", each, "service") for each in scope], "tree.cut", DAY)
    table = Table("thing", MetaData(), Column("region", String(12)))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        if regions:
            connection.execute(insert(table), [{"region": pad(each)} for each in regions])
        rows = connection.scalars(select(table.c.region).where(held.rows(table.c.region))).all()
    engine.dispose()
    assert sorted(rows) == sorted(pad(each) for each in regions if held.covers(each))
    assert scope or not rows


@given(codes(), codes())
def test_a_grant_covers_what_lies_within(outer: str, inner: str) -> None:
    """By prefix of the digits that matter, whichever way the code is written."""
    held = POLICY.scope([Grant("official", pad(outer), "service")], "tree.cut", DAY)
    assert held.covers(inner) == contains(outer, inner)


@given(st.lists(codes()), codes(), codes())
def test_more_grants_never_open_less(grants: list[str], more: str, region: str) -> None:
    """Rights only add up."""
    held = [Grant("official", each, "service") for each in grants]
    before = POLICY.scope(held, "tree.cut", DAY)
    after = POLICY.scope([*held, Grant("official", more, "service")], "tree.cut", DAY)
    assert after.covers(region) >= before.covers(region)


@pytest.mark.parametrize(
    "grant",
    [
        Grant("official", "99", "supervision"),
        Grant("leader", "99", "supervision"),
        Grant("official", "99", "service", until=date(2025, 12, 31)),
    ],
)
def test_another_purpose_role_or_time_opens_nothing(grant: Grant) -> None:
    """All three must be right."""
    assert not POLICY.scope([grant], "tree.cut", DAY)
    assert POLICY.permissions([grant], DAY) == frozenset()


def test_the_last_day_counts() -> None:
    """And the next does not."""
    grant = Grant("official", "99", "service", until=DAY)
    assert POLICY.scope([grant], "tree.cut", DAY)


def test_nothing_and_everywhere() -> None:
    """The two ends."""
    assert not NOTHING.covers("99")
    assert EVERYWHERE.covers("990102")
    assert EVERYWHERE
    assert Scope(frozenset({"99"})).covers("990102003004")


def test_a_permission_has_one_owner_and_a_possible_post() -> None:
    """A domain cannot widen another's permission."""
    with pytest.raises(ValueError, match=r"tree\.cut"):
        POLICY.with_posts({"tree.cut": [Post("leader", "supervision")]})
    with pytest.raises(ValueError, match=r"tree\.sell"):
        POLICY.with_posts({"tree.sell": [Post("citizen", "audit")]})


def test_every_role_has_purposes() -> None:
    """And each is a known one."""
    assert set(PURPOSES_OF) == set(ROLES)
    assert {each for purposes in PURPOSES_OF.values() for each in purposes} == set(PURPOSES)
