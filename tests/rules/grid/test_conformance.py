"""Tables of the OMG's test kit: without findings, and the same after each form."""

from pathlib import Path

import pytest

from longmai.rules.dmn.reading import read_model
from longmai.rules.grid.checking import check_table
from longmai.rules.grid.editor_xml import to_editor
from longmai.rules.grid.forms import open_table, plain
from longmai.rules.grid.models import scope_of, table_in, table_names
from longmai.rules.grid.normal import normal
from longmai.rules.grid.reading import read_grid
from longmai.rules.grid.sheet_reading import read_sheet
from longmai.rules.grid.sheet_writing import write_sheet
from longmai.rules.grid.writing import write_grid

pytestmark = pytest.mark.conformance


def test_every_table_of_the_kit_goes_through_every_form(conformance_data: Path) -> None:
    """Nothing is found wrong in it, and grid, workbook and editor give it back."""
    count = 0
    for file in sorted(conformance_data.rglob("*.dmn")):
        model = read_model(file.read_bytes(), file.name)
        scope = scope_of(model)
        for name in table_names(model):
            table = normal(table_in(model, name)[1])
            assert check_table(table, scope) == [], (file.name, name)
            edited = open_table(to_editor(table, name).encode(), scope=scope, edited=True)
            grid = read_grid(write_grid(table), scope=scope)
            for found in (edited.table, grid, read_sheet(write_sheet(table), scope=scope)):
                assert plain(found) == plain(table), (file.name, name)
            count += 1
    assert count >= 40
