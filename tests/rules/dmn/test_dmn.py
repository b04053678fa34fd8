"""Decision models: hit policies by their definitions, and files that are none."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.dmn.models import decision, definitions, engine, inputs, literal, table

from longmai.kernel.errors import Invalid, NotFound, TooLarge
from longmai.rules.dmn import reading
from longmai.rules.dmn.reading import read_model

LAUGHS = b"""<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><definitions
xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="&b;" namespace="urn:m"/>"""
ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=6
)


def decided(body: str, **given: Any) -> Any:
    """Return what the decision ``d`` comes to."""
    return engine(body).decide("d", given).value


@given(ROWS, st.integers(0, 9), st.sampled_from(["SUM", "MIN", "MAX", "COUNT", ""]))
def test_hit_policies_by_their_definitions(
    rows: list[tuple[int, int, int]], x: int, aggregation: str
) -> None:
    """Against a few lines of Python over the same rows."""
    tests = [f"[{min(a, b)}..{max(a, b)}]" for a, b, _ in rows]
    outputs = [Decimal(output) for _, _, output in rows]
    hits = [Decimal(o) for a, b, o in rows if min(a, b) <= x <= max(a, b)]

    def run(policy: str, more: str = "") -> Any:
        logic = table(policy, tests, [str(each) for each in outputs], "0,1,2,3,4", more)
        return decided(inputs(x="number") + decision("d", logic, "x"), x=Decimal(x))

    assert run("UNIQUE") == (hits[0] if len(hits) == 1 else None)
    assert run("FIRST") == (hits[0] if hits else None)
    assert run("ANY") == (hits[0] if len(set(hits)) == 1 else None)
    assert run("PRIORITY") == (min(hits) if hits else None)
    assert run("RULE ORDER") == hits
    assert run("OUTPUT ORDER") == sorted(hits)
    expected: Any = {"": hits, "COUNT": Decimal(len(hits))}.get(aggregation)
    if expected is None and hits:
        expected = {"SUM": sum(hits), "MIN": min(hits), "MAX": max(hits)}[aggregation]
    assert run("COLLECT", aggregation) == expected


def test_a_value_is_fitted_to_its_type_or_null() -> None:
    """A list of one becomes its element and back; what does not fit is null, with the reason."""
    for type_, text, expected in (
        ("number", "[1]", Decimal(1)),
        ("number", '"1"', None),
        ("tNumbers", "1", [Decimal(1)]),
        ("tGrade", '"A"', "A"),
        ("tGrade", '"Z"', None),
        ("tFew", "[1,2]", [Decimal(1), Decimal(2)]),
        ("tFew", "[1,2,3]", None),
    ):
        items = (
            '<itemDefinition name="tNumbers" isCollection="true">'
            "<typeRef>number</typeRef></itemDefinition>"
            '<itemDefinition name="tGrade"><typeRef>string</typeRef>'
            '<allowedValues><text>"A","B"</text></allowedValues></itemDefinition>'
            '<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef>'
            "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>"
        )
        found = engine(items + decision("d", literal(text), type_=type_)).decide("d", {})
        assert found.value == expected
        assert bool(found.problems) == (expected is None)


def test_a_decision_that_requires_itself_is_null() -> None:
    """With the reason, and without end."""
    body = decision("d", literal("e"), "e") + decision("e", literal("d"), "d")
    found = engine(body).decide("d", {})
    assert found.value is None
    assert any("requires itself" in each.what for each in found.problems)


def test_what_is_not_there_is_not_found() -> None:
    """A decision of another name."""
    with pytest.raises(NotFound):
        engine(decision("d", literal("1"))).decide("e", {})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"<definitions/>",
        definitions("", "http://www.omg.org/spec/DMN/20151101/dmn.xsd"),
        LAUGHS,
        b"\xff\xfe<",
        definitions("<decision>" * 300 + "</decision>" * 300),
    ],
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    """No XML, another version, entities, nested too deep: one sentence each."""
    with pytest.raises(Invalid):
        read_model(data, "m.dmn")


def test_a_model_of_any_size_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound nothing is parsed."""
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(TooLarge):
        read_model(b" " * 101)
