"""The DMN test kit holds, whole; and a wrong expectation is noticed."""

from pathlib import Path

import pytest
from lxml import etree
from tests.conformance import dmn

from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.writing import write_model

KIT = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema"><modelName>m.dmn</modelName>
  <testCase id="1"><resultNode name="d"><expected>
  <value xsi:type="xsd:decimal">{expected}</value></expected></resultNode></testCase></testCases>"""
MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m"
  namespace="urn:m"><decision id="d" name="d"><variable name="d" typeRef="number"/>
  <literalExpression><text>1 + 1</text></literalExpression></decision></definitions>"""


@pytest.mark.conformance
def test_both_levels_hold(conformance_data: Path) -> None:
    """Every expected result of levels 2 and 3."""
    results = list(dmn.suites(conformance_data))
    assert [result.name for result in results] == ["dmn-tck level 2", "dmn-tck level 3"]
    assert [result.failures for result in results] == [(), ()]


@pytest.mark.conformance
def test_models_are_written_by_the_schema(conformance_data: Path) -> None:
    """Every model of the kit: valid against the schema of DMN 1.5, and read again the same."""
    kit = conformance_data / "dmn-tck"
    schema = etree.XMLSchema(etree.parse(str(kit / "DMN15.xsd")))
    files = sorted(kit.glob("*/*/*.dmn"))
    assert files
    for file in files:
        model = read_model(file.read_bytes(), file.name)
        written = write_model(model)
        assert read_model(written) == model, file.name
        schema.assertValid(etree.fromstring(written))


@pytest.mark.parametrize(("expected", "passed"), [("2", 1), ("2.000000001", 1), ("3", 0)])
def test_a_wrong_result_is_told(tmp_path: Path, expected: str, passed: int) -> None:
    """Another number than expected is a failure of the suite."""
    folder = tmp_path / "dmn-tck" / "compliance-level-2" / "0001-x"
    folder.mkdir(parents=True)
    (folder / "m.dmn").write_text(MODEL, "utf-8")
    (folder / "0001-x-test-01.xml").write_text(KIT.format(expected=expected), "utf-8")
    [result] = dmn.suites(tmp_path)
    dmn.write_results(tmp_path, tmp_path / "results.csv")
    row = (tmp_path / "results.csv").read_text("utf-8")
    assert row.startswith('"compliance-level-2/0001-x","0001-x-test-01","1",')
    assert ("SUCCESS" in row) is bool(passed)
    assert (result.passed, result.total) == (passed, 1)
