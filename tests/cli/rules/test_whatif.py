"""``longmai rules what-if``: a reform over a table, from a terminal."""

from pathlib import Path

import pytest
from tests.rules.simulate.reforms import PERSON
from typer.testing import CliRunner

from longmai.cli import app
from longmai.kernel.errors import InvalidMany, NotFound

REFORM = "标题: 试\n政策: livelihood.grant\n日期: 2026-03-01\n参数: [{名称: 标准, 值: 600}]"


def run(*words: object) -> str:
    """Run the command; return what it printed."""
    result = CliRunner().invoke(app, ["rules", "what-if", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A policy and a reform."""
    policy, reform = tmp_path / "grant.yaml", tmp_path / "reform.yaml"
    policy.write_text(PERSON, "utf-8")
    reform.write_text(REFORM, "utf-8")
    return policy, reform


def test_a_table_is_judged_before_and_after(tmp_path: Path, files: tuple[Path, Path]) -> None:
    """The costs by hand; the policy with the reform is written and can be read."""
    people, out = tmp_path / "people.csv", tmp_path / "after.yaml"
    people.write_text("收入,有房,类别\n300,否,甲\n510.5,否,乙\n", "utf-8")
    said = run(*files, "--population", people, "--group", "类别", "-o", out)
    assert "100.00 → 194.75" in said
    assert "值: 600" in out.read_text("utf-8")


def test_a_sample_shows_its_uncertainty_and_a_budget_is_met(files: tuple[Path, Path]) -> None:
    """Made-up people, by seed, in English."""
    words = ("--households", "100", "--stands-for", "5000", "--lang", "en")
    said = run(*files, *words, "--search", "比例", "--step", "0.01")
    assert "±" in said
    assert "made-up people" in said
    assert "比例: the value that meets it" in said
    assert said == run(*files, *words, "--search", "比例", "--step", "0.01")


def test_what_does_not_fit_is_said(tmp_path: Path, files: tuple[Path, Path]) -> None:
    """A mistyped name with its line; a file that is not there."""
    policy, reform = files
    reform.write_text(REFORM.replace("标准", "标谁"), "utf-8")
    with pytest.raises(InvalidMany, match="findings"):
        run(policy, reform)
    with pytest.raises(NotFound):
        run(*files, "--population", tmp_path / "none.csv")
