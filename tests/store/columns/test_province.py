"""A province judged by the policies that ship: nobody left out, and the interpreter agrees."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.rules.checks.policies import FAULTY
from tests.store.columns.made_up import OUTSIDE, regions_of, write_people

import longmai
from longmai.kernel.errors import Conflict, Invalid, InvalidMany, NotFound
from longmai.rules.policy.library import Library, read_file
from longmai.rules.policy.model import Policy
from longmai.store.columns import province
from longmai.store.columns.checking import check_files
from longmai.store.columns.manifest import (
    CERTIFICATE,
    Manifest,
    read_certificate,
    read_manifest,
)
from longmai.store.columns.people import People
from longmai.store.columns.province import Job, in_force, run
from longmai.store.columns.row import row_of

DAY = date(2026, 6, 1)
ROWS = 600
FOLDERS = [
    Path(longmai.__file__).parents[2] / "regions",
    Path(longmai.__file__).parent / "domains/brand/policies",
]


@pytest.fixture(scope="module")
def policies() -> tuple[Policy, ...]:
    """Return the policies in force, and one that is not compiled."""
    shipped = in_force(Library.load(FOLDERS), DAY)
    lists = [each for each in shipped if any("list" in i.type for i in each.inputs.values())]
    kept = [each for each in shipped if each not in lists]
    return (*kept, read_file(FAULTY / "by-rows.yaml"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, policies: tuple[Policy, ...]) -> Path:
    """Make people up once."""
    return write_people(tmp_path_factory.mktemp("people"), policies, ROWS)


def job(files: Path, policies: tuple[Policy, ...], out: Path, **more: Any) -> Job:
    """Return a run over all of them, with everybody on a border judged twice."""
    people = People(files / "people.parquet", members=files / "members.parquet")
    return Job(policies, people, DAY, out, **{"recheck": 0, "memory_mb": 300} | more)


@pytest.fixture(scope="module")
def done(
    files: Path, policies: tuple[Policy, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Run once."""
    out = tmp_path_factory.mktemp("runs") / "first"
    run(job(files, policies, out))
    return out


def contents(folder: Path) -> Mapping[str, bytes]:
    """Return the result table's bytes, file by file."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted((folder / "results").rglob("*.parquet"))
    }


def test_nobody_is_left_out(done: Path, policies: tuple[Policy, ...]) -> None:
    """Met, not met, unknown and manual are people times policies, in every county."""
    found = read_certificate(done)
    assert (found.people, found.policies) == (ROWS, len(policies))
    assert sorted(found.counties) == sorted({each[:6] for each in regions_of(policies)})
    total = found.total()
    assert sum(total[name] for name in ("met", "not_met", "unknown", "manual")) == ROWS * len(
        policies
    )
    assert min(total.values()) > 0
    assert found.second.near_judged == found.second.near > 50
    assert check_files(done) == len(policies) * 3
    hows = {each.how for each in read_manifest(done).policies}
    assert hows == {"columns", "rows"}


def test_every_row_is_what_the_interpreter_says(
    files: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """Everybody judged twice, at random too: no difference."""
    found = run(job(files, policies, tmp_path / "out", recheck=ROWS))
    assert found.second.random_judged == ROWS * len(policies)
    assert found.second.differences == ()


def test_the_table_reads_like_any_parquet(done: Path, policies: tuple[Policy, ...]) -> None:
    """Columns, and what stands in folders' names."""
    table = pq.read_table(done / "results", partitioning="hive")
    assert table.num_rows == ROWS * len(policies)
    assert {"key", "state", "amount_fen", "failing", "unknown", "policy", "digest"} == set(
        table.column_names
    )
    failing = table.filter(pc.equal(table["state"], "not met"))
    assert pc.all(pc.not_equal(failing["failing"], "")).as_py()
    assert failing["amount_fen"].null_count == failing.num_rows
    met = table.filter(pc.equal(table["state"], "met"))
    assert {*met["failing"].to_pylist(), *met["unknown"].to_pylist()} == {""}


def test_the_same_people_give_the_same_bytes(
    done: Path, files: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """With other threads, and on the next day where no rule asks for it."""
    run(job(files, policies, tmp_path / "again", threads=1))
    assert contents(tmp_path / "again") == contents(done)


def _changed(files: Path, folder: Path, county: str) -> Path:
    """Change people of one county; one leaves for another."""
    table = pq.read_table(files / "people.parquet")
    rows = table.to_pylist()
    for row in [each for each in rows if each["region"].startswith(county)][::3]:
        for name, value in row.items():
            if isinstance(value, bool):
                row[name] = not value
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(rows, table.schema), folder / "people.parquet")
    shutil.copy(files / "members.parquet", folder / "members.parquet")
    return folder


@pytest.mark.parametrize("listed", [True, False])
def test_only_what_changed_is_judged_again(
    done: Path,
    files: Path,
    policies: tuple[Policy, ...],
    tmp_path: Path,
    listed: bool,
) -> None:
    """The result is that of a whole run, byte for byte; the rest are the old files."""
    changed = _changed(files, tmp_path / "people", regions_of(policies)[2][:6])
    run(job(changed, policies, tmp_path / "whole"))
    pq.write_table(
        pa.table({"id": [1], "region": [regions_of(policies)[2]]}), tmp_path / "list.parquet"
    )
    judged: list[int] = []
    run(
        job(
            changed,
            policies,
            tmp_path / "part",
            old=done,
            changed=tmp_path / "list.parquet" if listed else None,
            told=judged.append,
        )
    )
    assert contents(tmp_path / "part") == contents(tmp_path / "whole") != contents(done)
    assert sum(judged) == ROWS // 4 * len(policies)
    part, whole = (read_manifest(tmp_path / name) for name in ("part", "whole"))
    assert (part.files, part.rows) == (whole.files, whole.rows)
    assert (
        read_certificate(tmp_path / "part").counties
        == read_certificate(tmp_path / "whole").counties
    )


def test_a_member_that_changed_is_found(
    done: Path, files: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """The digest of a person's row has the household's in it."""
    folder = tmp_path / "people"
    shutil.copytree(files, folder)
    table = pq.read_table(files / "members.parquet")
    pq.write_table(table.slice(0, table.num_rows - 1), folder / "members.parquet")
    judged: list[int] = []
    run(job(folder, policies, tmp_path / "part", old=done, told=judged.append))
    run(job(folder, policies, tmp_path / "whole"))
    assert 0 < sum(judged) < ROWS * len(policies)
    assert contents(tmp_path / "part") == contents(tmp_path / "whole")


def test_a_policy_that_changed_is_judged_for_everybody(
    done: Path, files: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """The others are taken over."""
    other = replace(policies[0], digest="0" * 64)
    judged: list[int] = []
    run(job(files, (other, *policies[1:]), tmp_path / "out", old=done, told=judged.append))
    assert sum(judged) == ROWS
    assert check_files(tmp_path / "out") == 3 * len(policies)


def test_a_list_of_changes_that_is_not_whole_is_refused(
    done: Path, files: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """Somebody is gone, and the list does not say so."""
    folder = tmp_path / "people"
    shutil.copytree(files, folder)
    pq.write_table(pq.read_table(files / "people.parquet").slice(1), folder / "people.parquet")
    listed = tmp_path / "list.parquet"
    pq.write_table(pa.table({"id": [1], "region": [OUTSIDE]}), listed)
    with pytest.raises(Conflict, match=f"{ROWS} people, and the file has {ROWS - 1}"):
        run(job(folder, policies, tmp_path / "out", old=done, changed=listed))
    assert not (tmp_path / "out").exists()


def test_a_row_is_explained_and_held_to_what_is_written(
    done: Path, files: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """And a file of people that was changed since is noticed."""
    for policy in policies:
        row = row_of(done, "10007", policy.id)
        assert row.written["key"] == 10_007
        assert row.outer or row.decision.amount_fen == row.written["amount_fen"]
    with pytest.raises(NotFound, match="no such person"):
        row_of(done, "nobody", policies[0].id)
    with pytest.raises(NotFound, match="it has"):
        row_of(done, "10007", "none")
    changed = _changed(files, tmp_path / "people", regions_of(policies)[0][:6])
    with pytest.raises(Conflict, match="judged otherwise now"):
        for policy in policies:
            row_of(done, "10000", policy.id, population=changed / "people.parquet")


def test_a_run_that_dies_leaves_nothing(
    files: Path, policies: tuple[Policy, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one writes over what lies beside."""

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(province, "certified", dies)
        with pytest.raises(KeyboardInterrupt):
            run(job(files, policies, tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    run(job(files, policies, tmp_path / "out"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out"]
    with pytest.raises(Conflict, match="there already"):
        run(job(files, policies, tmp_path / "out"))


def _rewritten(files: Path, folder: Path, column: str, values: pa.Array | None) -> Path:
    table = pq.read_table(files / "people.parquet")
    at = table.column_names.index(column)
    table = table.remove_column(at)
    if values is not None:
        table = table.add_column(at, column, values)
    folder.mkdir()
    pq.write_table(table, folder / "people.parquet")
    shutil.copy(files / "members.parquet", folder / "members.parquet")
    return folder


@pytest.mark.parametrize(
    ("column", "values", "what"),
    [
        ("", None, "no column '.*' .number.*--absent-unknown"),
        ("", pa.array([1.5] * ROWS), "type double.*cast it to a whole number"),
        ("id", pa.array([1] * ROWS), "599 rows have a key that stands there before"),
        ("id", pa.array([None, *range(1, ROWS)], pa.int64()), "1 rows have no key"),
        ("id", None, "no column 'id'"),
        ("region", pa.array(["99"] * ROWS), "600 people have no region"),
        ("region", pa.array([None] * ROWS, pa.string()), "600 people have no region"),
    ],
)
def test_files_that_do_not_fit_are_named(
    files: Path,
    policies: tuple[Policy, ...],
    tmp_path: Path,
    column: str,
    values: pa.Array | None,
    what: str,
) -> None:
    """File, column and mend."""
    numbers = (n for p in policies for n, each in p.inputs.items() if each.type == "number")
    folder = _rewritten(files, tmp_path / "people", column or next(numbers), values)
    with pytest.raises((Invalid, InvalidMany), match=what) as found:
        run(job(folder, policies, tmp_path / "out"))
    assert "people.parquet" in str(found.value)
    assert not (tmp_path / "out").exists()


def test_texts_that_no_policy_knows_are_named(
    files: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """A misspelt choice would silently be no match."""
    name = next(n for p in policies for n, each in p.inputs.items() if each.values)
    folder = _rewritten(files, tmp_path / "people", name, pa.array(["misspelt"] * ROWS))
    with pytest.raises(InvalidMany, match=r"misspelt.*write one of"):
        run(job(folder, policies, tmp_path / "out"))


def test_absent_data_may_be_unknown(
    files: Path, policies: tuple[Policy, ...], tmp_path: Path
) -> None:
    """Where one says so; the interpreter agrees."""
    people = People(files / "people.parquet", absent_unknown=True)
    found = run(Job(policies, people, DAY, tmp_path / "out", recheck=ROWS, memory_mb=300))
    assert found.second.differences == ()


@pytest.mark.parametrize("name", ["met", "people"])
def test_a_certificate_that_was_changed_does_not_hold(
    done: Path, tmp_path: Path, name: str
) -> None:
    """One judgement more, or one person."""
    folder = tmp_path / "run"
    shutil.copytree(done, folder)
    file = folder / CERTIFICATE
    text = file.read_text("utf-8")
    at = text.index(f'"{name}": ', text.index('"counties"')) + len(name) + 4
    file.write_text(text[:at] + "1" + text[at:], "utf-8")
    with pytest.raises((InvalidMany, Conflict), match="certificate"):
        read_certificate(folder)


def test_a_file_that_was_changed_is_found(done: Path, tmp_path: Path) -> None:
    """Digest, missing file, file too many."""
    folder = tmp_path / "run"
    shutil.copytree(done, folder)
    some = sorted((folder / "results").rglob("*.parquet"))
    some[0].write_bytes(some[0].read_bytes()[:-1] + b"x")
    some[1].unlink()
    shutil.copy(some[2], some[2].with_name("other.parquet"))
    with pytest.raises(InvalidMany) as found:
        check_files(folder)
    assert [each.what for each in found.value.findings] == [
        "the file was changed",
        "the file is missing",
        "the manifest does not know the file",
    ]


def test_two_versions_in_force_are_not_mixed(policies: tuple[Policy, ...]) -> None:
    """Whoever runs says which; and a day before all policies has none."""
    twice = Library((policies[0], replace(policies[0], version="other", digest="0" * 64)))
    with pytest.raises(InvalidMany, match="several versions"):
        in_force(twice, DAY)
    with pytest.raises(Invalid, match="no policy"):
        in_force(twice, date(1990, 1, 1))


def test_a_manifest_is_read_back_as_it_was(done: Path) -> None:
    """The same bytes."""
    found = read_manifest(done)
    assert isinstance(found, Manifest)
    assert found.bytes == (done / "manifest.json").read_bytes()
    with pytest.raises(NotFound):
        read_manifest(done / "none")
