"""Files of every form: told apart, read, and written into each other."""

import json

import pytest
from hypothesis import given, settings
from tests.rules.grid.tables import SUBSIDY, tables

from longmai.kernel.errors import Invalid, NotFound
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.writing import write_model
from longmai.rules.grid.editor_xml import to_editor
from longmai.rules.grid.forms import open_table, plain, write_table
from longmai.rules.grid.models import table_in, table_names, with_table
from longmai.rules.grid.reading import read_grid

TABLE = read_grid(SUBSIDY)
MODEL = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
name="m" namespace="n"><inputData id="i1" name="Applicant Age">
<variable name="Applicant Age" typeRef="number"/></inputData>
<decision id="d1" name="First"><variable name="First"/><informationRequirement>
<requiredInput href="#i1"/></informationRequirement><decisionTable hitPolicy="FIRST">
<input><inputExpression><text>Applicant Age</text></inputExpression></input><output name="o"/>
<rule><description>as the law says | twice</description>
<inputEntry><text>&gt; 60</text></inputEntry>
<outputEntry><text>1</text></outputEntry></rule></decisionTable></decision>
<decision id="d2" name="Second"><variable name="Second"/><decisionTable><output name="p"/>
<annotation name="a"/><rule><outputEntry><text>2</text></outputEntry>
<annotationEntry><text>x</text></annotationEntry></rule></decisionTable></decision>
<decision id="d3" name="Third"><variable name="Third"/><literalExpression><text>3</text>
</literalExpression></decision></definitions>"""


@pytest.mark.parametrize("form", ["grid", "xlsx", "dmn"])
def test_each_form_is_read_back(form: str) -> None:
    """The same table, told by how the file begins."""
    opened = open_table(write_table(TABLE, form, "月补助"))  # type: ignore[arg-type] # one of them
    assert (opened.form, opened.table, list(opened.findings)) == (form, TABLE, [])
    assert opened.name == ("月补助" if form == "dmn" else "")


def test_json_has_all_of_it() -> None:
    """Keys as the model names them."""
    told = json.loads(write_table(TABLE, "json"))
    assert told["outputs"] == [{"name": "月补助", "type": "number", "values": "", "default": "0"}]
    assert told["rules"][0]["tests"] == ["< 3000", '"A"']


@settings(max_examples=60)
@given(tables())
def test_the_editor_in_the_browser_gets_and_gives_the_same(table: DecisionTable) -> None:
    """Through XML of DMN 1.3 with notes as descriptions, and back."""
    xml = to_editor(table, "某表")
    assert "20191111" in xml
    opened = open_table(xml.encode(), edited=True)
    assert (opened.name, plain(opened.table)) == ("某表", plain(table))


def test_a_grid_stands_in_a_document() -> None:
    """Lines are counted from its beginning; Chinese Windows text is read, too."""
    text = f"# 标题\n\n说明。\n\n{SUBSIDY}\n完。\n"
    assert open_table(text.replace("\n", "\r\n").encode("gb18030")).table == TABLE
    wrong = text.replace("800", "800)")
    [error] = open_table(wrong.encode(), "a.md").findings
    assert (error.place or "").startswith("a.md, line 8,")
    with pytest.raises(Invalid, match="several grids"):
        open_table(f"{text}\n{SUBSIDY}".encode())
    with pytest.raises(Invalid, match="neither"):
        open_table(b"\xff\xff\xff")


def test_a_decision_is_chosen() -> None:
    """By name where there are several; its names are known in its cells."""
    assert table_names(read_model(MODEL)) == ["First", "Second"]
    with pytest.raises(Invalid, match="several"):
        open_table(MODEL)
    with pytest.raises(NotFound):
        open_table(MODEL, decision="Third")
    opened = open_table(MODEL, decision="First")
    assert list(opened.table.annotations) == ["说明"]
    assert list(opened.table.rules[0].annotations) == ["as the law says | twice"]
    assert list(opened.findings) == []
    assert list(open_table(MODEL, decision="Second").table.annotations) == ["a"]


def test_a_table_takes_its_place_in_a_model() -> None:
    """The rest of the model stays."""
    model = read_model(MODEL)
    written = read_model(write_model(with_table(model, "First", TABLE)))
    assert table_in(written, "First") == ("First", TABLE)
    assert table_in(written, "Second")[1] == table_in(model, "Second")[1]
    assert [each.variable.name for each in written.elements] == [
        each.variable.name for each in model.elements
    ]
    with pytest.raises(NotFound):
        with_table(model, "Third", TABLE)
