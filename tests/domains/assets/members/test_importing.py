"""The roll from a sheet: taken whole, or refused row by row."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest
from tests.domains.assets.meetings.world import HOMES, Village, rows, sheet, village_in
from tests.house import opened_house

from longmai.domains.assets.members.importing import import_roll
from longmai.domains.assets.members.queries import roll_of
from longmai.kernel.errors import InvalidMany


@pytest.fixture
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """A house with a village."""
    with opened_house(tmp_path_factory.mktemp("roll")) as house:
        yield village_in(house)


def test_who_votes_follows_from_the_day(village: Village) -> None:
    """Members with full capacity are the assembly; a child is one from its eighteenth birthday."""
    roll = village.roll()
    assert len(roll.households) == HOMES
    with village.house.store.read() as connection:
        before = roll_of(connection, village.region, date(2037, 12, 31))
        after = roll_of(connection, village.region, date(2038, 1, 1))
        nothing = roll_of(connection, village.region, date(2023, 12, 31))
    assert (len(before.competent), len(after.competent)) == (12, 13)
    assert nothing.households == ()
    assert roll.homes[roll.people[village.person("示1甲")].household_id].all_shares == Fraction(
        5, 2
    )
    assert village.person("示1乙") in roll.kin_of(village.person("示1甲"))


def test_a_change_holds_from_its_day(village: Village) -> None:
    """The child left, a share changed: the roll of an earlier day stands as it was."""
    changed = [row | {"个人份额": "1/3"} for row in rows()[:2]]
    with village.at() as desk:
        found = import_roll(desk, village.region, "", sheet(changed), date(2025, 6, 1))
    assert (found.entered, found.changed, found.same) == (0, 1, 0)
    assert found.gone == ("示1童（1）",)
    with village.house.store.read() as connection:
        before = roll_of(connection, village.region, date(2025, 5, 31)).households[0]
        after = roll_of(connection, village.region, date(2025, 6, 1)).households[0]
    assert (before.all_shares, after.all_shares) == (Fraction(5, 2), Fraction(2, 3))
    assert before.members[0].member_id == after.members[0].member_id


def test_faults_are_named_row_by_row(village: Village) -> None:
    """Nothing is taken, each fault says row and column, and a bar on supervisors its article."""
    bad = [
        {"户号": "7", "姓名": "示7甲", "出生日期": "1980年13月1日", "职务": "监事、理事"},
        {"户号": "7", "姓名": "示7甲", "性别": "？"},
        {"户号": "", "姓名": "无户号", "个人份额": "一股"},
        {
            "户号": "8",
            "姓名": "示8甲",
            "近亲属": "没有这个人",
            "集体成员": "是的",
            "个人份额": "１／２",
        },
    ]
    with village.at() as desk, pytest.raises(InvalidMany) as refused:
        import_roll(desk, village.region, "", sheet(bad), date(2025, 6, 1))
    places = [str(each.place) for each in refused.value.findings]
    assert places == [
        "第 2 行 · 出生日期", "第 3 行 · 姓名", "第 4 行 · 户号", "第 5 行 · 集体成员",
        "第 5 行 · 近亲属", "第 2 行 · 职务",
    ]  # fmt: skip
    assert "第三十四条" in str(refused.value)
    assert len(village.roll().households) == HOMES


def test_kin_of_a_director_is_no_supervisor(village: Village) -> None:
    """Kin who live elsewhere count too, once declared."""
    new = [
        {"户号": "7", "姓名": "示7甲", "出生日期": "1970-01-01", "职务": "监事", "近亲属": "示8甲"},
        {"户号": "8", "姓名": "示8甲", "出生日期": "1970-01-01", "职务": "理事"},
    ]
    with village.at() as desk, pytest.raises(InvalidMany, match="近亲属"):
        import_roll(desk, village.region, "", sheet(new), date(2025, 6, 1))
