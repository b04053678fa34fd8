"""Everybody by all policies: nobody missed, near misses and days right, changes an algebra."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.domains.livelihood.finding.filled import library

from longmai.domains.livelihood.finding import horizon
from longmai.domains.livelihood.finding.changes import changes_between
from longmai.domains.livelihood.finding.clocked import turning_parts
from longmai.domains.livelihood.finding.finding import RUN, Search, find, policies_of
from longmai.domains.livelihood.finding.laying import lay, margins, waits_for
from longmai.domains.livelihood.finding.reading import Finding
from longmai.domains.livelihood.finding.verdict import STATE_OF_RUN, STATES, written
from longmai.domains.livelihood.province.generating import Order, generate
from longmai.kernel.errors import Conflict, InvalidMany, NotFound
from longmai.kernel.regions import RegionPack, find_pack
from longmai.rules.feel.parser import parse_expression
from longmai.rules.policy.evaluation import State
from longmai.rules.policy.gaps import change_on
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Condition, Rule
from longmai.store.columns import results
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.people import People
from longmai.store.columns.rows import RowJudge

DAY = date(2026, 9, 1)
PEOPLE = 1500
DAYS = 60
SAID = {
    State.MET: "eligible",
    State.NOT_MET: "not",
    State.UNKNOWN: "unknown",
    State.MANUAL: "manual",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all of it lies."""
    return tmp_path_factory.mktemp("finding")


@pytest.fixture(scope="module")
def policies(folder: Path) -> Library:
    """The region's policies, with thresholds."""
    return library(folder / "policies")


@pytest.fixture(scope="module")
def people(folder: Path) -> Path:
    """Sample people."""
    generate(RegionPack.load(find_pack("62")), Order(16_000, 3, folder / "made", DAY, ""))
    table = pq.read_table(folder / "made" / "population.parquet")
    # Few counties, so that there are few files; more people on borders than chance makes.
    county = pc.utf8_slice_codeunits(table["region"], 0, 6)
    table = table.filter(pc.is_in(county, pc.unique(county)[:3])).slice(0, PEOPLE)
    rows = [row | _on_a_border(i) for i, row in enumerate(table.to_pylist())]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), folder / "few.parquet")
    return folder / "few.parquet"


def _on_a_border(number: int) -> dict[str, Any]:
    checked = {"财产符合规定": True} if number % 3 else {}
    if number % 12:
        return checked
    years = (60, 62)[number % 24 == 0]
    birth = date(DAY.year - years, DAY.month, DAY.day) + timedelta(days=number % 90 - 10)
    return checked | {"出生日期": birth, "失能等级": "中度失能"}


def search(policies: Library, file: Path, out: Path, day: date = DAY, **more: Any) -> Search:
    """Return a search over a file."""
    own = People(file, members=file, parent="household", absent_unknown=True)
    more = {"horizon_days": DAYS, "sampled": 500} | more
    return Search(policies_of(policies, day), own, day, out, **more)


@pytest.fixture(scope="module")
def found(folder: Path, policies: Library, people: Path) -> Finding:
    """A finding of the first day."""
    find(search(policies, people, folder / "first"))
    return Finding.load(folder / "first")


@pytest.fixture(scope="module")
def later(folder: Path, policies: Library, people: Path, found: Finding) -> Finding:
    """A finding of some days later: somebody came, somebody left, incomes changed."""
    table = pq.read_table(people)
    income = [None if v is None else v + 300 * (i % 50 == 0)
              for i, v in enumerate(table["月收入"].to_pylist())]  # fmt: skip
    table = table.set_column(
        table.column_names.index("月收入"), "月收入", pa.array(income, pa.int64())
    ).slice(1)
    care = ["能力完好" if i % 24 == 0 else v for i, v in enumerate(table["失能等级"].to_pylist())]
    at = table.column_names.index("失能等级")
    table = table.set_column(at, "失能等级", pa.array(care, pa.string()))
    new = table.slice(0, 1).to_pylist()[0] | {"id": 620102999999999, "household": 620102999999999}
    pq.write_table(
        pa.concat_tables([table, pa.Table.from_pylist([new], table.schema)]), folder / "two.parquet"
    )
    out = folder / "second"
    day = DAY + timedelta(days=20)
    find(search(policies, folder / "two.parquet", out, day, since=found.folder))
    return Finding.load(out)


def judged(policies: Library, file: Path) -> Iterator[tuple[Any, RowJudge, dict[str, Any]]]:
    """Yield each policy with its judge and each person as a row."""
    rows = pq.read_table(file).to_pylist()
    household: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        household.setdefault(row["household"], []).append(row)
    for policy in policies_of(policies, DAY):
        judge = RowJudge(policy, DAY)
        for row in rows:
            yield (
                policy,
                judge,
                row | {"_members": household[row["household"]], "_region": row["region"]},
            )


def test_nobody_is_left_out(found: Finding) -> None:
    """The states of each policy and county come to all its people; differences: none."""
    assert found.certificate.people == PEOPLE
    for policy in found.policies.values():
        assert sum(policy.total().values()) == PEOPLE
        for county, counts in policy.counties.items():
            assert sum(counts.values()) == found.certificate.counties[county]["people"]
            assert set(counts) == set(STATES)
    twice = found.told["twice"]
    assert twice["sampled"] >= 500
    # Everybody on a border, by those of whom the same is known.
    assert twice["near_judged"] == twice["near"] > 300
    assert 0 < twice["near_cases"] <= twice["near"]


def test_every_state_is_the_interpreters(found: Finding, policies: Library, people: Path) -> None:
    """Everybody, by all policies: state and amount; a near miss is not met."""
    told = _states(found)
    for policy, judge, row in judged(policies, people):
        decision = judge.decision(row)
        assert told[policy.id, str(row["id"])] == (SAID[decision.state], decision.amount_fen), row
    assert len(told) == PEOPLE * len(found.policies)
    rows, total = found.rows(policy="livelihood.subsistence-allowance", limit=1000)
    assert total == PEOPLE
    for each in rows:
        state = {"near": "not"}.get(each.state, each.state)
        assert (state, each.amount_fen) == told[each.policy, each.person]


def test_days_ahead_are_the_interpreters(found: Finding, policies: Library, people: Path) -> None:
    """Whoever gains or loses by time alone is told with the first such day; nobody else."""
    told = {
        (row["policy"], row["person"]): (row["gain_on"], row["lose_on"])
        for row in pq.read_table(found.folder / "soon.parquet").to_pylist()
        if row["gain_on"] or row["lose_on"]
    }
    seen = 0
    for policy, judge, row in judged(policies, people):
        birth = row["出生日期"]
        if not policy.asks_day or birth is None:
            continue
        # Only who has a birthday soon can change; the others are many, and asked one in twenty.
        soon = ((date(DAY.year, birth.month, min(birth.day, 28)) - DAY).days) % 365 <= DAYS + 3
        if not soon and row["id"] % 20:
            continue
        decision = judge.decision(row)
        met = decision.state in {State.MET, State.MANUAL}
        wanted = {State.NOT_MET} if met else {State.MET, State.MANUAL}
        day = change_on(policy, decision.case, wanted, DAYS)
        own = told.get((policy.id, str(row["id"])), (None, None))
        assert own == ((None, day) if met else (day, None)), (policy.id, row["id"])
        seen += day is not None
    assert seen > 3


def test_days_are_the_same_by_columns(
    policies: Library, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many cases are asked of the columns, day by day: the same days come out."""
    own = [each for each in policies_of(policies, DAY) if each.asks_day]
    few = pq.read_table(people).slice(0, 200)
    pq.write_table(few, tmp_path / "few.parquet")
    told = []
    for most in (20_000, -1):
        monkeypatch.setattr(horizon, "_ONE_BY_ONE", most)
        with DuckDB(memory_mb=300) as duck:
            laid = lay(duck, People(tmp_path / "few.parquet", absent_unknown=True), own, DAY)
            told.append(sorted(map(str, horizon.changes_ahead(laid, 15).to_pylist())))
    assert told[0] == told[1]
    assert told[0]


def test_what_may_turn_twice_is_known(policies: Library) -> None:
    """An age that must be exactly so many years is met for a year; each day is looked at."""
    [policy] = policies.by_id["livelihood.old-age-allowance"]
    turns = turning_parts(policy)
    assert turns is not None
    assert len(turns) == 1
    for text in ("年龄 = 起始年龄", 'today() - 出生日期 > duration("P1D")', "年龄 in [60..69]"):
        rule = Rule(text, parse_expression(text, names=("年龄", "起始年龄", "出生日期")))
        assert turning_parts(replace(policy, conditions=(Condition("c1", "", rule),))) is None, text


def test_a_near_miss_is_one_number_away(found: Finding, policies: Library, people: Path) -> None:
    """Moved by the margin, the number makes the person meet the policy; with other states never."""
    near = {
        (row["policy"], row["person"]): row["near_fact"]
        for row in pq.read_table(found.folder / "soon.parquet").to_pylist()
        if row["near"] == "number"
    }
    assert len(near) > 3
    seen = 0
    for policy, judge, row in judged(policies, people):
        fact = near.get((policy.id, str(row["id"])))
        if fact is None:
            continue
        unit = {**policy.inputs, **policy.members}[fact].unit
        states = {judge.decision(_moved(row, fact, way * margins()[unit])).state for way in (-1, 1)}
        assert judge.decision(row).state is State.NOT_MET
        assert states & {State.MET, State.MANUAL}
        seen += 1
    assert seen == len(near)


def _moved(row: dict[str, Any], fact: str, per_cent: int) -> dict[str, Any]:
    def moved(own: dict[str, Any]) -> dict[str, Any]:
        value = own[fact]
        return own | {fact: None if value is None else value * (100 + per_cent) // 100}

    return moved(row) | {"_members": [moved(each) for each in row["_members"]]}


def test_yesterday_and_changes_are_today(found: Finding, later: Finding) -> None:
    """The states of the first finding with the changes put in are those of the second."""
    before, after = _states(found), _states(later)
    changes = pq.read_table(later.folder / "changes.parquet").to_pylist()
    for each in changes:
        key = each["policy"], each["person"]
        old = (each["before"], each["before_fen"])
        assert before.get(key, (None, None)) == old
        if each["after"] is None:
            del before[key]
        else:
            before[key] = (each["after"], each["after_fen"])
    assert before == after
    kinds = {each["kind"] for each in changes}
    assert kinds >= {"gained", "lost", "arrived", "left"}
    some, total = later.changes(kinds=["gained"], limit=5)
    assert 0 < len(some) <= 5 <= total or total == len(some)
    assert all(each.kind == "gained" for each in some)


def _states(finding: Finding) -> dict[tuple[str, str], tuple[str, int | None]]:
    found = {}
    for policy in finding.manifest.policies:
        for county in finding.manifest.rows:
            file = results.file_of(finding.folder / RUN, policy.id, policy.digest, county)
            for row in pq.read_table(file).to_pylist():
                state = STATE_OF_RUN[row["state"]], row["amount_fen"]
                found[policy.id, str(row["key"])] = state
    return found


def test_nothing_changes_between_the_same(found: Finding) -> None:
    """Files that are the same are not read."""
    with DuckDB(memory_mb=300) as duck:
        assert changes_between(duck, found.folder / RUN, found.folder / RUN).num_rows == 0


def test_the_same_people_give_the_same_finding(
    found: Finding, policies: Library, people: Path, folder: Path
) -> None:
    """Byte for byte, whatever the threads; so a finding can be named by its digest."""
    find(search(policies, people, folder / "again", threads=1))
    for name in ("finding.json", "soon.parquet"):
        assert (folder / "again" / name).read_bytes() == (found.folder / name).read_bytes()


def test_rows_are_asked_for_by_page(found: Finding) -> None:
    """By region, state, person; heads of households only; in order, and no row twice."""
    rows, total = found.rows(states=["eligible", "near"], limit=20)
    more, _ = found.rows(states=["eligible", "near"], offset=20, limit=20)
    keys = [(row.region, row.person, row.policy) for row in (*rows, *more)]
    assert keys == sorted(set(keys))
    assert total == sum(p.total()["eligible"] + p.total()["near"] for p in found.policies.values())
    county = next(iter(found.manifest.rows))
    inside, count = found.rows(policy="livelihood.subsistence-allowance", region=county, heads=True)
    assert {row.relation for row in inside} <= {"户主"}
    assert all(row.region.startswith(county) for row in inside)
    assert 0 < count < found.certificate.counties[county]["people"]
    assert found.rows(region="99") == ([], 0)
    ahead, _ = found.rows(ahead=True, limit=200)
    days = [min(filter(None, (row.gain_on, row.lose_on))) for row in ahead]
    assert days == sorted(days)


def test_reasons_are_the_interpreters_own(found: Finding) -> None:
    """Clause by clause in plain words, with the datum that is missing and who has it."""
    [row, *_], _ = found.rows(policy="livelihood.elder-care-voucher", states=["unknown"])
    told = found.reasons(row.person, row.policy)
    assert ("失能等级", "民政") in {(each.name, each.holder) for each in told.missing}
    assert told.explanation.reasons
    waiting = found.policies[row.policy].unknown[row.unknown]
    assert {"name": "失能等级", "holder": "民政"} in waiting["data"]
    with pytest.raises(NotFound):
        found.reasons("1", row.policy)
    with pytest.raises(NotFound):
        found.rows(policy="livelihood.none")


def test_a_value_to_be_confirmed_is_no_datum_of_the_person() -> None:
    """Of the policies that ship, some wait for a value of their own: that is told apart."""
    shipped = Library.load([find_pack("62") / "policies" / "livelihood"])
    [policy] = shipped.by_id["livelihood.old-age-allowance"]
    told = waits_for(policy, "c1", DAY)
    assert told == {
        "data": [{"name": "出生日期", "holder": "公安"}],
        "values": [{"name": "起始年龄"}],
    }


def test_a_wrong_row_is_found(
    found: Finding, policies: Library, people: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the columns were wrong, the second evaluation would say so, and nothing would be left."""
    whole = search(policies, people, folder / "wrong")
    wrong = replace(whole.policies[0], digest=whole.policies[0].digest)
    honest = RowJudge.judge

    def other(self: RowJudge, row: Any) -> tuple[int, int | None]:
        code, fen = honest(self, row)
        return (code, fen) if self.policy.id != wrong.id else (code, (fen or 0) + 1)

    monkeypatch.setattr(RowJudge, "judge", other)
    with pytest.raises(InvalidMany, match=r"differ|certificate"):
        find(whole)
    assert not (folder / "wrong").exists()
    with pytest.raises(Conflict):
        find(replace(whole, out=found.folder))
    assert json.loads((found.folder / "finding.json").read_text("utf-8"))["format"]


def test_codes_are_told_in_words() -> None:
    """Each clause may be the one that failed, is unknown, or waits for a person."""
    assert written(0, 5, ("a", "b")) == ("met", 5, "", "")
    assert written(2, None, ("a", "b")) == ("not met", None, "b", "")
    assert written(3, None, ("a", "b")) == ("unknown", None, "", "a")
    assert written(6, 7, ("a", "b")) == ("manual", 7, "", "b")
