"""``longmai rules run, explain, certificate``: a small province, as somebody would judge it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from longmai.cli import app
from longmai.kernel.errors import Conflict, Invalid, InvalidMany

POLICIES = Path(__file__).parents[3] / "bench" / "openfisca_policies"


def run(*words: object) -> str:
    """Run a command; return what it printed."""
    result = CliRunner().invoke(app, ["rules", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Write three people of two counties; of one the salary is not known."""
    file = tmp_path / "people.parquet"
    table = {
        "id": ["a", "b", "c"],
        "region": ["990102000000", "990102001000", "990201"],
        "age": pa.array([18, 17, 70], pa.int16()),
        "salary": pa.array([0, 1_000, None], pa.int64()),
        "capital_returns": pa.array([0, 0, 0], pa.int64()),
        "pension": pa.array([0, 0, 5], pa.int64()),
        "rent": pa.array([300, 0, 1], pa.int64()),
    }
    pq.write_table(pa.table(table), file)
    return file


def test_a_province_is_judged_explained_and_checked(people: Path, tmp_path: Path) -> None:
    """From the file of the people to the explanation of one row."""
    out = tmp_path / "out"
    told = run("run", POLICIES, "--population", people, "--day", "2016-06-01", "--out", out)
    assert "3 people × 4 policies: 8 met, 1 not met, 3 unknown, 0 manual" in told
    assert "nobody left out in 2 counties" in told
    assert "0 differences" in told
    assert "8 files are as the manifest says" in run("certificate", out, "--files")
    row = ("--key", "b", "--policy", "bench.basic-income")
    told = run("explain", out, *row, "--lang", "en")
    assert "state: not met  failing: c1" in told
    assert "✗ adult" in told
    again = tmp_path / "again"
    told = run(
        "run", POLICIES, "--population", people, "--day", "2016-06-02", "-o", again,
        "--incremental", out,
    )  # fmt: skip
    assert "3 people × 4 policies" in told
    moved = people.with_name("moved.parquet")
    people.rename(moved)
    assert "met" in run("explain", again, *row, "--population", moved)


def test_what_is_wrong_is_said(people: Path, tmp_path: Path) -> None:
    """A day that is none, a list without a run, a folder that is there, a missing column."""
    words = ("run", POLICIES, "--population", people, "--out", tmp_path / "out")
    with pytest.raises(Invalid, match="not a day"):
        run(*words, "--day", "tomorrow")
    with pytest.raises(Invalid, match="needs a run before"):
        run(*words, "--changed", people)
    with pytest.raises(Conflict, match="there already"):
        run("run", POLICIES, "--population", people, "--out", tmp_path, "--day", "2016-06-01")
    with pytest.raises(InvalidMany, match="no column 'pid'"):
        run(*words, "--day", "2016-06-01", "--key", "pid")


def test_a_night_in_which_one_person_changed(people: Path, tmp_path: Path) -> None:
    """Told, checked, explained, and worked in."""
    out = tmp_path / "out"
    day = ("--day", "2016-06-01")
    run("run", POLICIES, "--population", people, *day, "--out", out, "--keep-people")
    row = pq.read_table(people).slice(1, 1).to_pylist()[0] | {"age": 18, "salary": 0}
    changes = tmp_path / "changes.parquet"
    pq.write_table(pa.Table.from_pylist([row], pq.read_schema(people)), changes)
    night = tmp_path / "night"
    told = run("update", out, "--changes", changes, *day, "--out", night)
    assert "3 people × 4 policies: 9 met, 0 not met, 3 unknown, 0 manual" in told
    assert "9 files are as the manifest says" in run("certificate", night, "--files")
    asked = ("--key", "b", "--policy", "bench.basic-income", "--lang", "en")
    assert "state: met" in run("explain", night, *asked)
    run("compact", night, "--out", tmp_path / "whole")
    assert "8 files are as the manifest says" in run("certificate", tmp_path / "whole", "--files")
    with pytest.raises(Conflict, match="the folder is there already"):
        run("update", out, "--changes", changes, *day, "--out", night)
