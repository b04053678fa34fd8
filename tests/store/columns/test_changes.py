# ruff: noqa: S608 - queries are made of our own files' names
"""Some people changed: what becomes of them and their households is what a whole run says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bench.made_up_policies import policies as made_up
from tests.store.columns.made_up import write_people
from tests.store.columns.test_province import DAY, FOLDERS, contents

from longmai.kernel.errors import Conflict, Invalid, InvalidMany
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Policy
from longmai.store.columns import judging
from longmai.store.columns.changes import Update, update
from longmai.store.columns.checking import check_files
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import read_certificate, read_manifest
from longmai.store.columns.overlay import compact, table_query
from longmai.store.columns.people import People
from longmai.store.columns.province import KEPT, Job, in_force, run
from longmai.store.columns.row import row_of

ROWS = 900
_HOMES = """
SELECT i::BIGINT AS id, CASE WHEN i % 50 = 7 THEN NULL ELSE (i // 3)::INTEGER END AS household,
  '99' || (11 + i // 300) || '01001000' AS region,
  (hash(i) % 100)::SMALLINT AS age,
  CASE WHEN hash(i + 1) % 20 = 0 THEN NULL
    ELSE (hash(i + 1) % 500000 / 100)::DECIMAL(9, 2) END AS pay,
  CASE WHEN hash(i + 2) % 50 = 0 THEN NULL ELSE hash(i + 2) % 3 = 1 END AS disabled,
  hash(i + 3) % 5 < 2 AS urban,
  CASE hash(i + 4) % 3 WHEN 0 THEN 'low income' WHEN 1 THEN 'extreme hardship' END AS status,
  DATE '1926-01-01' + (hash(i + 5) % 20000)::INTEGER AS birth,
  (hash(i + 6) % 500)::SMALLINT AS insured_months
FROM range({rows}) AS t(i)
"""


def job(source: Path, policies: Sequence[Policy], out: Path, **more: Any) -> Job:
    """Return a run over people whose households are among them."""
    people = People(source, members=source, parent="household")
    return Job(policies, people, DAY, out, **{"recheck": 20, "memory_mb": 300} | more)


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Policy, ...]:
    """Make policies up, two of them with a household's sum."""
    return made_up(tmp_path_factory.mktemp("policies") / "own", 12)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, policies: tuple[Policy, ...]) -> Path:
    """Run once over everybody; return the folder of the people and the run."""
    folder = tmp_path_factory.mktemp("first")
    _write(_HOMES.format(rows=ROWS), folder / "people.parquet")
    run(job(folder / "people.parquet", policies, folder / "run", keeps_people=True))
    return folder


def _write(query: str, file: Path) -> Path:
    duckdb.sql(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    return file


def test_who_comes_late_out_of_a_join_is_judged(
    policies: tuple[Policy, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last few of a row group come after others of later counties: the people are sorted."""
    monkeypatch.setattr(judging, "GROUP_ROWS", 2048)
    made = pq.read_table(_write(_HOMES.format(rows=9_000), tmp_path / "made.parquet"))
    pq.write_table(made, tmp_path / "ordered.parquet", row_group_size=2048 + 30)
    pq.write_table(made.sort_by([("id", "descending")]), tmp_path / "shuffled.parquet")
    for name in ("ordered", "shuffled"):
        run(job(tmp_path / f"{name}.parquet", policies, tmp_path / name))
    assert contents(tmp_path / "ordered") == contents(tmp_path / "shuffled")


def _night(source: Path, folder: Path, night: int) -> tuple[Path, Path]:
    """Return the changes of a night, and all people after it: changed, moved, gone, new."""
    key = f"(hash(id + {night}) % 100)"
    changes = f"""
        SELECT * REPLACE (
          CASE WHEN {key} < 8 THEN (age + 7) % 100 ELSE age END::SMALLINT AS age,
          CASE WHEN {key} IN (3, 4) THEN household + 1 ELSE household END AS household,
          CASE {key} WHEN 5 THEN NULL WHEN 6 THEN '991401001000' ELSE region END AS region,
          CASE WHEN {key} = 7 THEN NULL ELSE pay END AS pay)
        FROM '{source}' WHERE {key} < 9
        UNION ALL BY NAME
        SELECT * REPLACE ({ROWS + 10 * night} + id AS id) FROM '{source}' WHERE id IN (3, 5)
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = _write(changes, folder / f"changes{night}.parquet")
    after = f"""
        SELECT * FROM '{source}' ANTI JOIN '{file}' USING (id)
        UNION ALL BY NAME SELECT * FROM '{file}' WHERE region IS NOT NULL
    """
    return file, _write(f"FROM ({after}) ORDER BY region, id", folder / f"people{night}.parquet")


def _table(folder: Path, files_only: bool = False) -> list[tuple[Any, ...]]:
    manifest = read_manifest(folder)
    if files_only:
        manifest = replace(manifest, overlays=())
    with DuckDB() as duck:
        query = f"FROM ({table_query(folder, manifest)}) ORDER BY policy, county, key"
        return duck.connection.sql(query).fetchall()


@pytest.mark.parametrize("kept", [True, False])
def test_two_nights_are_what_whole_runs_say(
    first: Path, policies: tuple[Policy, ...], tmp_path: Path, kept: bool
) -> None:
    """Read, and worked in: the table, the counts, the digests of rows, the bytes of the files."""
    source, before = first / "people.parquet", first / "run"
    if not kept:
        run(job(source, policies, tmp_path / "run"))
        before = tmp_path / "run"
    for night in (1, 2):
        changes, source = _night(source, tmp_path / "people", night)
        done = tmp_path / f"night{night}"
        certificate = update(Update(before, changes, done, DAY, recheck=20))
        whole = tmp_path / f"whole{night}"
        run(job(source, policies, whole))
        assert _table(done) == _table(whole) != _table(done, files_only=True)
        assert certificate.counties == read_certificate(whole).counties
        assert read_manifest(done).rows == read_manifest(whole).rows
        assert certificate.second.near_judged > 0
        assert check_files(done) == len(read_manifest(done).files) + night
        compact(done, tmp_path / f"compact{night}")
        assert contents(tmp_path / f"compact{night}") == contents(whole)
        assert read_manifest(tmp_path / f"compact{night}").files == read_manifest(whole).files
        before = done
    assert (before / KEPT).is_file() == kept
    row = row_of(before, str(ROWS + 13), policies[1].id)
    assert row.written["state"] in {"met", "not met", "unknown"}
    with pytest.raises(Conflict, match="has overlays"):
        run(job(source, policies, tmp_path / "more", old=before))
    run(job(source, policies, tmp_path / "more", old=tmp_path / "compact2"))
    assert contents(tmp_path / "more") == contents(whole)


def test_the_table_is_read_as_the_page_says(
    first: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """By the query of the how-to page."""
    before, source = first / "run", first / "people.parquet"
    for night in (1, 2):
        changes, source = _night(source, tmp_path / "people", night)
        update(Update(before, changes, tmp_path / f"night{night}", DAY, policies))
        before = tmp_path / f"night{night}"
    for page in ("judge-a-province.md", "judge-a-province.zh.md"):
        text = (Path(__file__).parents[3] / "docs/how-to" / page).read_text("utf-8")
        blocks = [each.split("```")[0] for each in text.split("```sql")[1:]]
        query = next(each for each in blocks if "overlays" in each)
        query = query.split(";")[0].replace("tomorrow", str(before))
        rows = duckdb.execute(query).fetchall()
        assert sorted(map(repr, rows)) == sorted(repr((p, *more)) for p, _, *more in _table(before))


def test_who_lives_with_somebody_who_changed_is_judged_too(
    first: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """One person's pay is what the others' household has."""
    (home,) = duckdb.execute(
        f"SELECT household FROM '{first / 'people.parquet'}' GROUP BY 1 HAVING count(*) = 3"
        " ORDER BY sum(pay) LIMIT 1"
    ).fetchall()
    query = f"FROM '{first / 'people.parquet'}' WHERE household = {home[0]} ORDER BY id LIMIT 1"
    rich = f"SELECT * REPLACE (90000::DECIMAL(9, 2) AS pay) FROM ({query})"
    judged: list[int] = []
    update(
        Update(
            first / "run",
            _write(rich, tmp_path / "changes.parquet"),
            tmp_path / "out",
            DAY,
            recheck=0,
            told=judged.append,
        )
    )
    with_homes = sum(bool(each.members) for each in policies)
    assert sum(judged) == 3 * with_homes + (len(policies) - with_homes)
    assert check_files(tmp_path / "out")


def test_a_list_names_only_who_changed(
    first: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """A county in which somebody lives with them is judged too."""
    source = first / "people.parquet"
    # The household of the last person of a county is parted by its border.
    parted = "CASE WHEN id = 300 THEN 99 ELSE household END AS household"
    before = _write(f"SELECT * REPLACE ({parted}) FROM '{source}'", tmp_path / "before.parquet")
    run(job(before, policies, tmp_path / "run"))
    poor = "CASE WHEN id = 300 THEN 1 ELSE pay END::DECIMAL(9, 2) AS pay"
    after = _write(f"SELECT * REPLACE ({poor}) FROM '{before}'", tmp_path / "after.parquet")
    listed = _write(f"SELECT id, region FROM '{after}' WHERE id = 300", tmp_path / "list.parquet")
    run(job(after, policies, tmp_path / "part", old=tmp_path / "run", changed=listed))
    run(job(after, policies, tmp_path / "whole"))
    assert contents(tmp_path / "part") == contents(tmp_path / "whole")
    assert read_manifest(tmp_path / "part").rows == read_manifest(tmp_path / "whole").rows


def test_nothing_changed(first: Path, tmp_path: Path) -> None:
    """No overlay is written."""
    same = _write(f"FROM '{first / 'people.parquet'}' LIMIT 5", tmp_path / "changes.parquet")
    update(Update(first / "run", same, tmp_path / "out", DAY))
    assert read_manifest(tmp_path / "out").overlays == ()
    assert read_certificate(tmp_path / "out").counties == read_certificate(first / "run").counties


def test_policies_that_ship_and_members_in_a_file_of_their_own(tmp_path: Path) -> None:
    """Those that are judged row by row too."""
    shipped = [
        each
        for each in in_force(Library.load(FOLDERS), DAY)
        if all(not i.type.startswith("list") for i in each.inputs.values())
    ]
    files = write_people(tmp_path / "people", shipped, 300)
    people = People(files / "people.parquet", members=files / "members.parquet")
    run(Job(shipped, people, DAY, tmp_path / "run", recheck=1, memory_mb=300))
    table = pq.read_table(files / "people.parquet")
    rows = table.to_pylist()[::9]
    for row in rows:
        for name, value in row.items():
            if isinstance(value, bool):
                row[name] = not value
    changes = tmp_path / "changes.parquet"
    pq.write_table(pa.Table.from_pylist(rows, table.schema), changes)
    update(Update(tmp_path / "run", changes, tmp_path / "night", DAY, recheck=0))
    of_key: Mapping[int, Any] = {row["id"]: row for row in rows}
    after = [of_key.get(row["id"], row) for row in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(after, table.schema), files / "people.parquet")
    run(Job(shipped, people, DAY, tmp_path / "whole", recheck=1, memory_mb=300))
    compact(tmp_path / "night", tmp_path / "compact")
    assert contents(tmp_path / "compact") == contents(tmp_path / "whole")


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("SELECT * EXCLUDE (pay) FROM p LIMIT 1", "no column 'pay'"),
        ("SELECT * REPLACE (1 AS id) FROM p LIMIT 2", "have a key that stands there before"),
        ("SELECT * REPLACE (NULL AS id) FROM p LIMIT 2", "have no key"),
        ("SELECT * REPLACE ('99' AS region) FROM p LIMIT 1", "1 people have no region"),
        ("SELECT * REPLACE ('much' AS pay) FROM p LIMIT 1", "does not fit that of the people"),
        ("SELECT *, 1 AS more FROM p LIMIT 1", "does not fit that of the people"),
    ],
)
def test_changes_that_do_not_fit_are_named(
    first: Path, tmp_path: Path, query: str, what: str
) -> None:
    """And nothing is written."""
    source = query.replace("FROM p", f"FROM '{first / 'people.parquet'}'")
    changes = _write(source, tmp_path / "changes.parquet")
    with pytest.raises((Invalid, InvalidMany), match=what):
        update(Update(first / "run", changes, tmp_path / "out", DAY))
    assert not (tmp_path / "out").exists()


def test_a_policy_that_means_something_else_is_not_mixed(tmp_path: Path) -> None:
    """A rule that asks for the day."""
    folder = tmp_path / "policies"
    made_up(folder, 1)
    file = folder / "p000.yaml"
    text = file.read_text("utf-8").replace("age >= 40", 'age >= 40 and today() > @"2020-01-01"')
    file.write_text(text, "utf-8")
    source = _write(_HOMES.format(rows=60), tmp_path / "people.parquet")
    run(job(source, Library.load([folder]).policies, tmp_path / "run"))
    with pytest.raises(Conflict, match="means something else on 2026-06-02"):
        update(Update(tmp_path / "run", source, tmp_path / "out", date(2026, 6, 2)))
