"""Versions that have ended and hold on for some, and what people found: as for a single case."""

import random
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
import pytest
from tests.store.columns.made_up import write_people
from typer.testing import CliRunner

import longmai
from longmai.cli import app
from longmai.kernel.errors import Invalid, InvalidMany, NotFound
from longmai.rules.columns.population import case_values
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.policy.evaluation import State, case_of, evaluate
from longmai.rules.policy.library import Library, in_transition
from longmai.store.columns import lasting
from longmai.store.columns.checking import check_files
from longmai.store.columns.manifest import read_certificate, read_manifest
from longmai.store.columns.people import People
from longmai.store.columns.province import Job, in_force, run
from longmai.store.columns.row import row_of

FOLDER = Path(longmai.__file__).parent / "domains/innovation/policies"
LIBRARY = Library.load([FOLDER / "little-giant-2022.yaml", FOLDER / "little-giant-2026.yaml"])
OLD, NEW = sorted(LIBRARY.policies, key=lambda each: each.start)
DAY = OLD.transition[0].to
ROWS = 400
REGIONS = ("980102000000", "980102001000", "990202000000")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make enterprises up, and opinions on some of them."""
    folder = write_people(tmp_path_factory.mktemp("people"), LIBRARY.policies, ROWS)
    table = pq.read_table(folder / "people.parquet")
    places = pa.array([REGIONS[i % 3] for i in range(ROWS)])
    table = table.set_column(table.column_names.index("region"), "region", places)
    kinds = ["复核" if i % 3 else "新申报" for i in range(ROWS)]
    table = table.set_column(table.column_names.index("申报类型"), "申报类型", pa.array(kinds))
    pq.write_table(_likely(table), folder / "people.parquet")
    pc_csv.write_csv(pa.Table.from_pylist(opinions()), folder / "opinions.csv")
    return folder


def _likely(table: pa.Table) -> pa.Table:
    """Let most be like the examples of the policies, so that a person has to look at many."""
    chance = random.Random(3)
    givens = [each.given for policy in LIBRARY.policies for each in policy.examples]
    for name in table.column_names[2:]:
        known = [given[name] for given in givens if given.get(name) is not None]
        column = table.column(name)
        if not known or name == "申报类型":
            continue
        best = max(set(known), key=known.count)
        mixed = [value if chance.random() < 0.03 else best for value in column.to_pylist()]
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array(mixed, column.type))
    return table


def opinions() -> list[dict[str, Any]]:
    """Return opinions by name and id, older and newer ones, on most who are asked about."""
    chance = random.Random(5)
    found = []
    for policy in LIBRARY.policies:
        for each in policy.rules.values():
            for row in range(ROWS) if each.review else ():
                if chance.random() < 0.85:
                    days = sorted(chance.sample(range(1, 28), 2))
                    found += [
                        {
                            "id": 10_000 + 7 * row,
                            "policy": policy.id,
                            "version": policy.version,
                            "clause": chance.choice((each.id, each.name)),
                            "opinion": chance.choice(("是", "yes", "yes", "是", "no")),
                            "by": "审核员甲",
                            "date": date(2026, 10, day).isoformat(),
                        }
                        for day in days
                    ]
    return found


@cache
def counted() -> Mapping[tuple[int, str], dict[str, bool]]:
    """Return the latest opinions by key and version."""
    found: dict[tuple[int, str], dict[str, bool]] = {}
    for each in sorted(opinions(), key=lambda each: str(each["date"])):
        policy = LIBRARY.version(each["policy"], each["version"])
        own = next(c.id for c in policy.rules.values() if each["clause"] in {c.id, c.name})
        if date.fromisoformat(each["date"]) <= DAY:
            said = found.setdefault((each["id"], policy.version), {})
            said[own] = each["opinion"] in {"是", "yes"}
    return found


def job(files: Path, out: Path, library: Library = LIBRARY, **more: Any) -> Job:
    """Return a run with everybody on a border judged twice."""
    people = People(files / "people.parquet", opinions=files / "opinions.csv")
    return Job(in_force(library, DAY), people, DAY, out, **{"recheck": 0, "memory_mb": 300} | more)


def table_of(folder: Path) -> dict[int, dict[str, Any]]:
    """Return the result table by key; nobody stands there twice."""
    rows = pq.read_table(folder / "results", partitioning="hive").to_pylist()
    found = {row["key"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def wanted(key: int, row: Mapping[str, Any]) -> tuple[str, str, int | None]:
    """Return the version, state and amount of one case, judged by itself."""
    region = str(row["region"]).rstrip("0")
    old, new = (
        case_of(each, case_values(each, row, None), DAY, region, counted().get((key, each.version)))
        for each in (OLD, NEW)
    )
    policy, case = (OLD, old) if in_transition(OLD, old) else (NEW, new)
    decision = evaluate(policy, case)
    state = "manual" if decision.state is State.MANUAL else decision.state.value
    return policy.digest, state, decision.amount_fen


@pytest.fixture(scope="module")
def done(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run once."""
    out = tmp_path_factory.mktemp("runs") / "first"
    run(job(files, out, recheck=ROWS))
    return out


def test_everybody_is_judged_by_the_version_and_opinions_of_the_case(
    files: Path, done: Path
) -> None:
    """Each enterprise stands in the files of one version, as it is judged by itself."""
    found = table_of(done)
    rows = {row["id"]: row for row in pq.read_table(files / "people.parquet").to_pylist()}
    assert found.keys() == rows.keys()
    for key, row in rows.items():
        got = found[key]
        assert (got["digest"], got["state"], got["amount_fen"]) == wanted(key, row)
    states = {(row["digest"], row["state"]) for row in found.values()}
    assert {digest for digest, _ in states} == {OLD.digest, NEW.digest}
    assert {state for _, state in states} == {"met", "not met", "unknown", "manual"}
    certificate = read_certificate(done)
    assert (certificate.people, certificate.policies) == (ROWS, 1)
    assert certificate.second.differences == ()
    assert check_files(done) == len(list((done / "results").rglob("*.parquet")))


def test_without_opinions_everybody_waits(files: Path, done: Path, tmp_path: Path) -> None:
    """Whom somebody has to look at is manual; with opinions most are settled."""
    alone = job(files, tmp_path / "out")
    people = People(files / "people.parquet")
    run(Job(alone.policies, people, DAY, alone.out, recheck=0, memory_mb=300))
    before, after = (read_certificate(each).total() for each in (alone.out, done))
    assert before["manual"] > after["manual"] > 0
    assert before["met"] < after["met"]


def test_an_incremental_run_is_the_whole_one(files: Path, done: Path, tmp_path: Path) -> None:
    """Opinions that changed make their county new, and no other."""
    table = pc_csv.read_csv(files / "opinions.csv").to_pylist()
    key = next(row["id"] for row in table if (row["id"] - 10_000) // 7 % 3 == 2)
    for row in table:
        if row["id"] == key:
            row["opinion"] = "no"
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "people.parquet").hardlink_to(files / "people.parquet")
    pc_csv.write_csv(pa.Table.from_pylist(table), folder / "opinions.csv")
    judged: list[int] = []
    run(job(folder, tmp_path / "small", old=done, told=judged.append))
    run(job(folder, tmp_path / "whole"))
    small, whole = (table_of(tmp_path / name) for name in ("small", "whole"))
    assert small == whole
    assert sum(judged) == ROWS // 3
    for each in (tmp_path / "whole" / "results").rglob("*.parquet"):
        twin = tmp_path / "small" / each.relative_to(tmp_path / "whole")
        assert twin.read_bytes() == each.read_bytes()


def test_a_transition_that_is_not_compiled_is_the_same(
    files: Path, done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interpreter says for whom the old version holds on."""

    def refuses(*_: object) -> None:
        raise NotCompiled("no", "way")

    monkeypatch.setattr(lasting, "holds_on_for", refuses)
    run(job(files, tmp_path / "out"))
    assert table_of(tmp_path / "out") == table_of(done)


def test_a_version_that_ended_alone_applies_to_nobody_else(files: Path, tmp_path: Path) -> None:
    """Without a version after it, the others are told that it has ended."""
    alone = Library((OLD,))
    run(job(files, tmp_path / "out", alone, recheck=ROWS))
    found = table_of(tmp_path / "out")
    rows = pq.read_table(files / "people.parquet").to_pylist()
    for row in rows:
        holds_on = row["申报类型"] == "复核"
        assert (found[row["id"]]["failing"] == "day") is not holds_on
    key = next(row["id"] for row in rows if row["申报类型"] != "复核")
    assert row_of(tmp_path / "out", str(key), OLD.id).outer == "day"
    assert read_certificate(tmp_path / "out").second.differences == ()


def test_each_row_is_explained_by_its_version(files: Path, done: Path) -> None:
    """With the opinions that counted."""
    found = table_of(done)
    for digest in (OLD.digest, NEW.digest):
        key = next(own for own, row in found.items() if row["digest"] == digest)
        row = row_of(done, str(key), OLD.id)
        assert row.decision.policy.digest == digest
        said = counted().get((key, row.decision.policy.version), {})
        assert {each.clause: each.is_met for each in row.opinions} == said
    moved = files / "moved.csv"
    (files / "opinions.csv").rename(moved)
    assert row_of(done, str(key), OLD.id, opinions=moved).written == row.written
    with pytest.raises(NotFound):
        row_of(done, str(key), OLD.id)
    moved.rename(files / "opinions.csv")


def _with(files: Path, tmp_path: Path, *rows: Mapping[str, Any]) -> Job:
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "people.parquet").hardlink_to(files / "people.parquet")
    pc_csv.write_csv(pa.Table.from_pylist(list(rows)), folder / "opinions.csv")
    return job(folder, tmp_path / "out")


GOOD: Mapping[str, Any] = {
    "id": 10_000,
    "policy": NEW.id,
    "version": NEW.version,
    "clause": "六基或关键环节",
    "opinion": "yes",
    "by": "甲",
    "date": "2026-10-01",
}


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"clause": "六基或关键环"}, "did you mean '六基或关键环节'"),
        ({"clause": "c1"}, "no condition of this name"),
        ({"opinion": "maybe"}, "neither yes nor no"),
        ({"by": " "}, "nobody is named"),
        ({"date": "yesterday"}, "not a day"),
        ({"opinion": "no"}, "two opinions of one day"),
    ],
)
def test_an_opinion_that_does_not_fit_is_named(
    files: Path, tmp_path: Path, wrong: Mapping[str, Any], what: str
) -> None:
    """With its row, and nothing is written."""
    asked = _with(files, tmp_path, GOOD, {**GOOD, **wrong})
    with pytest.raises(InvalidMany, match=what) as found:
        run(asked)
    assert "row 3" in str(found.value)
    assert not asked.out.exists()


def test_a_file_that_holds_no_opinions_is_refused(files: Path, tmp_path: Path) -> None:
    """A column is missing; keys are of another type."""
    bare = {name: value for name, value in GOOD.items() if name != "by"}
    with pytest.raises(Invalid, match="no column 'by'"):
        run(_with(files, tmp_path, bare))
    (tmp_path / "people" / "opinions.csv").write_text(
        "id,policy,clause,opinion,by,date\na,b,c,1,d,e"
    )
    with pytest.raises(Invalid, match="a key is of type int64"):
        run(job(tmp_path / "people", tmp_path / "out"))
    (tmp_path / "people" / "opinions.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="neither Parquet nor CSV"):
        run(job(tmp_path / "people", tmp_path / "out"))


def test_opinions_that_do_not_count_are_told(files: Path, tmp_path: Path) -> None:
    """Of a later day, on another policy or version, of nobody among the people."""
    later = {**GOOD, "date": "2027-01-01"}
    run(
        _with(
            files, tmp_path, GOOD, later, {**GOOD, "policy": "other"}, {**GOOD, "version": "1999"},
            {**GOOD, "id": 3},
        )
    )  # fmt: skip
    found = read_manifest(tmp_path / "out")
    assert found.set_aside == {"later": 1, "other": 2, "nobody": 1}
    assert found.opinions is not None
    assert found.bytes == (tmp_path / "out" / "manifest.json").read_bytes()


@pytest.mark.parametrize("state", ["met", "not met", "unknown", "manual"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_row_of_any_state_is_explained_on_the_command_line(
    done: Path, state: str, lang: str
) -> None:
    """Clause by clause, with what is missing, what waits for a person, and who found what."""
    found = table_of(done)
    some = {row["digest"]: key for key, row in found.items() if row["state"] == state}
    assert some
    for digest, key in some.items():
        policy = LIBRARY.by_digest(digest)
        words = ["rules", "explain", str(done), "--key", str(key), "--policy", policy.id]
        said = CliRunner().invoke(app, [*words, "--lang", lang])
        assert said.exit_code == 0, said.output
        lines = said.stdout.splitlines()
        assert lines[0].startswith(f"key: {key}  state: {state}")
        marks = {"met": "✓", "not met": "✗", "unknown": "?", "manual": "☐"}
        assert f"  {marks[state]} " in said.stdout
        named = found[key]["unknown"] or found[key]["failing"]
        if named in policy.rules:
            clause = policy.rules[named]
            assert (clause.en if lang == "en" and clause.en else clause.name) in said.stdout
        opinions = counted().get((key, policy.version), {})
        assert said.stdout.count("☑") == len(opinions)
