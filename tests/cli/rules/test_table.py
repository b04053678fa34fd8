"""``longmai rules table``: from one form into another, with errors that name their place."""

from pathlib import Path

import pytest
from tests.rules.grid.tables import SUBSIDY
from tests.rules.grid.test_forms import MODEL
from typer.testing import CliRunner

from longmai.cli import app
from longmai.kernel.errors import Invalid, NotFound, Unavailable
from longmai.rules.grid.forms import open_table, plain


def run(*words: object) -> str:
    """Run the command; return what it printed."""
    result = CliRunner().invoke(app, ["rules", "table", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_table_goes_through_every_form(tmp_path: Path) -> None:
    """Grid, workbook, model, and grid again: the same text."""
    grid, sheet, model = (tmp_path / f"月补助.{ending}" for ending in ("md", "xlsx", "dmn"))
    grid.write_text(f"# 依据\n\n{SUBSIDY}", "utf-8")
    run(grid, "--to", "xlsx", "-o", sheet)
    run(sheet, "--to", "dmn", "-o", model)
    assert run(model) == SUBSIDY
    assert open_table(model.read_bytes()).name == "月补助"
    assert '"hit_policy": "U"' in run(grid, "--to", "json")
    assert "values" in run(grid, "--lang", "en")


def test_a_model_keeps_its_other_parts(tmp_path: Path) -> None:
    """And a decision is named where there are several."""
    file, out = tmp_path / "m.dmn", tmp_path / "out.dmn"
    file.write_bytes(MODEL)
    run(file, "--decision", "First", "--to", "dmn", "-o", out)
    found = open_table(out.read_bytes(), decision="Second")
    assert plain(found.table) == plain(open_table(MODEL, decision="Second").table)
    with pytest.raises(Invalid, match="several"):
        run(file)


def test_what_is_wrong_is_said_with_its_place(tmp_path: Path) -> None:
    """Of a grid it stops the work, of a model it is told beside it."""
    grid = tmp_path / "t.md"
    grid.write_text(SUBSIDY.replace("800", "800)"), "utf-8")
    with pytest.raises(Invalid) as caught:
        run(grid)
    assert f"{grid}, line 4, column" in str(caught.value)
    with pytest.raises(NotFound):
        run(tmp_path / "none.md")
    grid.write_text(SUBSIDY, "utf-8")
    with pytest.raises(Invalid, match="no text for a terminal"):
        run(grid, "--to", "xlsx")
    with pytest.raises(Unavailable):
        run(grid, "-o", tmp_path / "no" / "folder")
    model = tmp_path / "m.dmn"
    model.write_bytes(MODEL.replace(b"&gt; 60", b"&gt; (60"))
    result = CliRunner().invoke(app, ["rules", "table", str(model), "--decision", "First"])
    assert result.exit_code == 0
    assert "')' is missing" in result.stderr
