"""Lists become persons: whole or not at all, incremental, reversible, with sources."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.domains.livelihood.persons.world import (
    AS_OF,
    Village,
    desk,
    everybody,
    named,
    sheet,
    take,
    taken_id,
)

from longmai.domains.livelihood.persons import consents, importing
from longmai.domains.livelihood.persons.consents import Word
from longmai.domains.livelihood.persons.content import digest_of
from longmai.domains.livelihood.persons.erasing import erase_person
from longmai.domains.livelihood.persons.population import Built, build, write_population
from longmai.domains.livelihood.persons.queries import (
    acts_of,
    household_of,
    open_pairs,
    profile_of,
    shown_rows,
)
from longmai.domains.livelihood.persons.refreshing import refresh, refresh_all
from longmai.domains.livelihood.persons.sample import load_sample
from longmai.domains.livelihood.persons.service import decide, merge, split, undo
from longmai.domains.livelihood.persons.tables import FILE, LINK, PERSON, ROW
from longmai.kernel.errors import Conflict, Invalid
from longmai.ledger.record import commitment
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE
from longmai.store.rebuild import rebuild


def of_persons(house: House) -> list[tuple[object, ...]]:
    """Return the list of persons, whole."""
    with house.store.read() as connection:
        return [tuple(row) for row in connection.execute(select(PERSON).order_by(PERSON.c.id))]


def population(house: House) -> dict[str, dict[str, Any]]:
    """Return who is judged by name, of whom a number is known."""
    file = house.settings.data / "population.parquet"
    with house.store.read() as connection:
        write_population(connection, file)
    return {row["name"]: row for row in pq.read_table(file).to_pylist() if row["id_number"]}


def two_lists(house: House) -> Village:
    """Take the register and civil affairs' list of a village."""
    village = Village.of(house)
    take(house, sheet(village.register(), "公安-户籍.csv"))
    take(house, sheet(village.assistance(), "民政-低保.csv"), "民政")
    return village


def test_two_lists_become_persons_with_sources(house: House) -> None:
    """The same sound under one number is one person, whose names both stay visible."""
    two_lists(house)
    assert len(everybody(house)) == 7
    found = named(house, "李月芳")
    with house.store.read() as connection:
        told = {each.key: each for each in profile_of(connection, found.id)}
        family = household_of(connection, found, EVERYWHERE)
    assert told["name"].used.source.department == "公安"
    assert [each.value for each in told["name"].differing] == ["李月方"]
    assert told["name"].conflict
    assert found.conflicts == 1
    assert told["低保家庭"].used.source.title == "民政-低保"
    assert [each.name for each in family] == ["王天来"]


def test_a_faulty_file_writes_nothing_and_is_taken_once_mended(house: House) -> None:
    """The meaning of its columns is kept meanwhile."""
    village = Village.of(house)
    rows = village.register()
    told = take(house, sheet([rows[0] | {"出生日期": "1950-13-04"}, *rows[1:]]))
    assert (told["note"], told["stopped"]) == ("job.note.file_faulty", 1)
    assert everybody(house) == []
    with house.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(ROW)) == 0
    assert take(house, sheet(rows))["persons_fresh"] == 6


def test_a_list_said_anew_takes_the_place_of_the_old(house: House) -> None:
    """Who is missing from a whole list is no longer on it; it can be taken back."""
    village = Village.of(house)
    rows = village.register()
    take(house, sheet(rows))
    before = {each.name: each.id for each in everybody(house)}
    changed = [rows[0] | {"电话": "10007777777"}, *rows[1:5]]
    told = take(house, sheet(changed))
    assert told["persons_fresh"] == 0
    assert {each.name: each.id for each in everybody(house)} == {
        name: key for name, key in before.items() if name != "赵成岁"
    }
    with house.store.begin() as work:
        touched = importing.withdraw(work, desk(house), taken_id(told))
        persons = work.connection.scalars(
            select(LINK.c.person_id).where(LINK.c.row_id.in_(touched))
        )
        refresh(work.connection, persons.all())
    assert {each.name: each.id for each in everybody(house)} == before


def test_a_file_that_others_build_on_is_not_taken_back(house: House) -> None:
    """The later one goes first."""
    rows = Village.of(house).register()
    first = take(house, sheet(rows))
    take(house, sheet(rows))
    with pytest.raises(Conflict, match="later file"), house.store.begin() as work:
        importing.withdraw(work, desk(house), taken_id(first))


def test_a_pair_is_reviewed_merged_and_undone(house: House) -> None:
    """Merging and undoing is nothing, bit for bit; the pair then waits again."""
    two_lists(house)
    with house.store.read() as connection:
        total, [pair] = open_pairs(connection, EVERYWHERE)
        rows = shown_rows(connection, [pair.left_row, pair.right_row])
    assert total == 1
    assert {row.who["name"] for row in rows.values()} == {"陈秋收"}
    before = of_persons(house)
    with house.store.begin() as work:
        decide(work, desk(house), (pair.left_row, pair.right_row), "same", "一样的住处")
    assert len(everybody(house)) == 6
    with house.store.read() as connection:
        assert open_pairs(connection, EVERYWHERE)[0] == 0
        [act] = acts_of(connection, named(house, "陈秋收").id)
    with house.store.begin() as work:
        undo(work, desk(house), act.record_id, "看错了")
    assert of_persons(house) == before
    with house.store.read() as connection:
        assert open_pairs(connection, EVERYWHERE)[0] == 1
    with house.store.begin() as work:
        decide(work, desk(house), (pair.left_row, pair.right_row), "different", "两个人")
    with house.store.read() as connection:
        assert open_pairs(connection, EVERYWHERE)[0] == 0
    assert list(rebuild(house.store)) == []


def test_of_two_pairs_the_other_waits_on(house: House) -> None:
    """The sample village has two; loading it again brings nothing."""
    load_sample(house, lambda _said: None)
    load_sample(house, lambda _said: None)
    with house.store.read() as connection:
        total, [first, second] = open_pairs(connection, EVERYWHERE)
    assert total == 2
    with house.store.begin() as work:
        decide(work, desk(house), (first.left_row, first.right_row), "same", "同一个人")
    with house.store.read() as connection:
        assert open_pairs(connection, EVERYWHERE) == (1, [second])


def test_the_later_act_is_undone_first(house: House) -> None:
    """A row that was moved since cannot go back past it."""
    two_lists(house)
    one, other, third = (named(house, name).id for name in ("王天来", "王冬藏", "赵成岁"))
    with house.store.begin() as work:
        kept = merge(work, desk(house), (one, other), "试一试")
        merge(work, desk(house), (kept, third), "再试一试")
    with house.store.read() as connection:
        acts = acts_of(connection, kept)
    first = acts[-1].record_id
    with house.store.begin() as work:
        rows = [link.row_id for link in work.connection.execute(
            select(LINK).where(LINK.c.record_id == first))]  # fmt: skip
        split(work, desk(house), rows, "拆开")
    with pytest.raises(Conflict, match="moved since"), house.store.begin() as work:
        undo(work, desk(house), first, "不行")


deeds = st.lists(
    st.tuples(st.sampled_from(("merge", "split", "undo")), st.integers(0, 5), st.integers(0, 5)),
    max_size=5,
)


@given(deeds)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_undoing_all_in_reverse_is_nothing(
    house: House, wanted: Sequence[tuple[str, int, int]]
) -> None:
    """Whatever was merged and split; and the list is always what a rebuild gives."""
    if not everybody(house):
        two_lists(house)
    before = of_persons(house)
    done: list[UUID] = []
    for deed, first, second in wanted:
        _do(house, done, deed, first, second)
    kept = of_persons(house)
    with house.store.begin() as work:
        refresh_all(work.connection)
    assert of_persons(house) == kept
    for record_id in reversed(done):
        with house.store.begin() as work:
            undo(work, desk(house), record_id, "退回")
    assert of_persons(house) == before


def _do(house: House, done: list[UUID], deed: str, first: int, second: int) -> None:
    people = sorted(each.id for each in everybody(house))
    one, other = people[first % len(people)], people[second % len(people)]
    try:
        with house.store.begin() as work:
            newest = func.max(LINK.c.record_id)
            if deed == "merge":
                merge(work, desk(house), (one, other), "合并")
            elif deed == "split":
                rows = select(LINK.c.row_id).where(LINK.c.person_id == one).order_by(LINK.c.row_id)
                split(work, desk(house), list(work.connection.scalars(rows))[:1], "拆分")
            elif done:
                undo(work, desk(house), done[-1], "撤销")
            else:
                return
            done.append(work.connection.scalar(select(newest)) or UUID(int=0))
    except Invalid:
        return


def test_one_percent_more_touches_nobody_else(house: House) -> None:
    """New rows link to persons or make new ones; whoever they do not concern stays as they are."""
    village = two_lists(house)
    before = {row[0]: row for row in of_persons(house)}
    newcomer = village.person(9, "周吕调", "男", "1988-02-03", 户号="F900")
    known = village.register()[0] | {"电话": "10001234567", "登记号": "M1"}
    take(house, sheet([newcomer, known], "医保-参保.csv"), "医保")
    after = {row[0]: row for row in of_persons(house)}
    touched = {named(house, "王天来").id}
    assert {key: after[key] for key in before if key not in touched} == {
        key: row for key, row in before.items() if key not in touched
    }
    assert len(after) == len(before) + 1


def test_consent_is_by_purpose_and_a_guardians_for_a_child(house: House) -> None:
    """Each apart; withdrawn as it was given."""
    two_lists(house)
    child, adult = named(house, "王冬藏").id, named(house, "王天来").id
    at = replace(desk(house))
    with house.store.begin() as work:
        consents.give(work, at, adult, Word("find", "self", "spoken"))
        with pytest.raises(Conflict):
            consents.give(work, at, adult, Word("find", "self", "spoken"))
        with pytest.raises(Invalid, match="guardian"):
            consents.give(work, at, child, Word("health", "self", "paper"))
        consents.give(work, at, child, Word("health", "guardian", "paper", "王天来"))
        consents.withdraw(work, at, adult, Word("find", "self", "online"))
        told = consents.consents_of(work.connection, adult)
    assert list(told) == ["find"]
    assert not told["find"].given


def test_erasure_leaves_proofs_and_nothing_else(house: House) -> None:
    """The digest of the file is still told from the commitments; the content is gone."""
    two_lists(house)
    found = named(house, "李月芳")
    with house.store.begin() as work:
        consents.give(work, desk(house), found.id, Word("find", "self", "paper"))
        assert erase_person(work, desk(house), found.id, "个人信息保护法第四十七条") == 2
    assert "李月芳" not in {each.name for each in everybody(house)}
    with house.store.read() as connection:
        for file in connection.execute(select(FILE)):
            rows = connection.execute(
                select(ROW).where(ROW.c.file_id == file.id).order_by(ROW.c.number)
            ).all()
            assert digest_of(row.commitment for row in rows) == file.digest
            for row in rows:
                if row.content is not None:
                    assert commitment(row.salt, row.content) == row.commitment
                else:
                    assert row.name is row.id_number is row.salt is None
    assert list(rebuild(house.store)) == []


def test_the_population_has_the_values_used(house: House) -> None:
    """Who stands on no complete list is not on it; what nobody told is unknown."""
    two_lists(house)
    rows = population(house)
    assert rows["李月芳"]["低保家庭"] is True
    assert rows["王天来"]["低保家庭"] is False
    assert rows["王天来"]["残疾等级"] is None
    assert rows["王天来"]["household"] == rows["李月芳"]["household"]
    told = json.loads(rows["李月芳"]["sources"])
    assert len(rows) == 6
    assert told["低保家庭"][:3] == ["民政", "民政-低保", AS_OF.isoformat()]


def test_what_sources_tell_differently_is_unknown_and_said(house: House) -> None:
    """Nobody settles it silently: the value is unknown, with who says what."""
    village = two_lists(house)
    row = {**village.register()[1], "低保家庭": "否", "残疾等级": "二级"}
    take(house, sheet([row], "村里的名册.csv"), "村（社区）", whole=False)
    found = population(house)["李月芳"]
    assert (found["低保家庭"], found["残疾等级"]) == (None, "二级")
    assert json.loads(found["unsettled"])["低保家庭"] == {
        "why": "conflict",
        "said": [
            ["民政", "民政-低保", AS_OF.isoformat(), "是"],
            ["村（社区）", "村里的名册", AS_OF.isoformat(), "否"],
        ],
    }


def test_what_a_person_refuses_is_not_used(house: House) -> None:
    """Health alone, what other departments know, or all; asked for or not, and taken back."""
    village = two_lists(house)
    row = {**village.register()[1], "残疾等级": "二级"}
    take(house, sheet([row], "残联-持证.csv"), "残联", whole=False)
    who = named(house, "李月芳").id

    def say(purpose: str, deed: Callable[..., None]) -> dict[str, Any]:
        with house.store.begin() as work:
            deed(work, desk(house), who, Word(purpose, "self", "spoken"))
        return population(house)["李月芳"]

    found = say("health", consents.withdraw)
    assert (found["残疾等级"], found["低保家庭"]) == (None, True)
    assert json.loads(found["unsettled"])["残疾等级"]["purpose"] == "health"
    assert say("health", consents.give)["残疾等级"] == "二级"
    found = say("share", consents.withdraw)
    assert (found["低保家庭"], found["出生日期"]) == (None, date(1952, 10, 11))
    assert say("find", consents.withdraw)["出生日期"] is None


def test_the_house_works_its_population_out_by_itself(house: House) -> None:
    """Once, until something changes; a file that somebody put there is left alone."""
    assert build(house) is None
    two_lists(house)
    assert build(house) == Built(7, 7, fresh=True)
    assert build(house) == Built(7, 7, fresh=False)
    village = Village.of(house)
    take(house, sheet([village.person(7, "钱露霜", "女", "1960-02-03")], "新来.csv"), whole=False)
    assert build(house) == Built(8, 8, fresh=True)
    file = house.settings.data / "livelihood" / "population.parquet"
    own = pq.read_table(file).replace_schema_metadata()
    pq.write_table(own, file)
    assert build(house) is None
