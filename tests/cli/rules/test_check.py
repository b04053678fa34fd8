"""``longmai rules check`` and ``examples``: what is printed, and the exit code."""

import pytest
from tests.rules.checks.policies import FAULTY
from typer.testing import CliRunner

from longmai.cli import app
from longmai.rules.checks import solver


def test_only_errors_end_in_one() -> None:
    """A warning is printed and passes; an error does not."""
    runner = CliRunner()
    cliff = runner.invoke(app, ["rules", "check", str(FAULTY / "cliff.yaml"), "--lang", "en"])
    assert cliff.exit_code == 0
    assert "warning" in cliff.output
    assert "e.g. 2026-01-01" in cliff.output
    overlap = runner.invoke(app, ["rules", "check", str(FAULTY / "rows-overlap.yaml")])
    assert overlap.exit_code == 1
    assert "错误" in overlap.output
    assert "[第一条]" in overlap.output


def test_the_solver_can_be_left_out() -> None:
    """Then only what is read is checked."""
    file = str(FAULTY / "rows-overlap.yaml")
    found = CliRunner().invoke(app, ["rules", "check", file, "--reading-only"])
    assert found.exit_code == 0


def test_examples_are_printed_as_yaml() -> None:
    """With a note of what the file's own examples do not hold."""
    found = CliRunner().invoke(app, ["rules", "examples", str(FAULTY / "cliff.yaml")])
    assert found.exit_code == 0
    assert "# 收入低 800：改大一步，没有示例会发现" in found.output
    assert "月收入: 800.01" in found.output


def test_without_the_solver_examples_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clear error."""
    monkeypatch.setattr(solver, "find_spec", lambda _name: None)
    found = CliRunner().invoke(app, ["rules", "examples", str(FAULTY / "cliff.yaml")])
    assert found.exit_code != 0
    assert "longmai[check]" in found.output + str(found.exception)
