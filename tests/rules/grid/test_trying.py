"""Trials: which rules hold, and the same outcome as the engine has."""

import contextlib
from decimal import Decimal

import pytest
from tests.rules.grid.tables import SUBSIDY

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import (
    DecisionTable,
    FunctionDefinition,
    ItemDefinition,
    Knowledge,
    Literal,
    Model,
    Variable,
)
from longmai.rules.feel.temporal import parse_date
from longmai.rules.grid.models import needed
from longmai.rules.grid.reading import read_grid, survey_grid
from longmai.rules.grid.trying import given_of, try_table

TABLE = read_grid(SUBSIDY)


def test_a_trial_says_which_tests_hold() -> None:
    """Each rule's tests, the rules that hold, the values looked at, and what comes of it."""
    trial = try_table(TABLE, {"人均年收入": Decimal(2000), "类别": "B"})
    assert (trial.value, trial.hits) == (Decimal(600), [2])
    assert trial.holds == [[True, False], [True, True], [False, True]]
    assert trial.inputs == [Decimal(2000), "B"]


def test_no_rule_leaves_the_default() -> None:
    """And nothing given is null."""
    assert try_table(TABLE, {"人均年收入": Decimal(9000), "类别": "A"}).value == 0
    assert try_table(TABLE, {}).hits == []


def test_a_value_that_is_not_allowed_is_a_problem() -> None:
    """The engine's own reason is told."""
    trial = try_table(TABLE, {"人均年收入": Decimal(1), "类别": "C"})
    assert trial.value is None
    assert any("not allowed" in str(each) for each in trial.problems)


def test_several_hits_collect() -> None:
    """The hit policy decides; the hits are the same."""
    text = "| C+ | a || b |\n|---|---||---|\n| | > 1 || 10 |\n| | > 2 || a |"
    trial = try_table(read_grid(text), {"a": Decimal(5)})
    assert (trial.value, trial.hits) == (Decimal(15), [1, 2])


def test_names_are_asked_for_once_in_order() -> None:
    """Those of conditions first; functions and entries are none."""
    table = read_grid(
        "| U | 收入 / 人数 || 补助 |\n|---|---||---|\n| | < 线 || max(收入, 户.基数) + sum([1]) |"
    )
    assert [each.name for each in needed(table)] == ["收入", "人数", "线", "户"]


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("string", "A", "A"),
        ("string", '"A"', "A"),
        ("number", "0.10", Decimal("0.10")),
        ("boolean", "true", True),
        ("date", "2026-01-31", parse_date("2026-01-31")),
        ("date", 'date("2026-01-31")', parse_date("2026-01-31")),
        ("", "[1, 2]", [Decimal(1), Decimal(2)]),
    ],
)
def test_values_are_written_by_their_types(type_: str, text: str, value: object) -> None:
    """A text needs no quotes and a date no sign where the type is known."""
    table = read_grid(f"| U | a ({type_}) || b |\n|---|---||---|\n| | - || 1 |")
    assert given_of(table, {"a": f" {text} ", "other": "x"}) == {"a": value}


@pytest.mark.parametrize("text", ["1 +", "甲", "2026-13-45"])
def test_what_is_no_value_is_refused(text: str) -> None:
    """With the name it was written for."""
    table = read_grid("| U | a (date) || b |\n|---|---||---|\n| | - || 1 |")
    with pytest.raises(Invalid) as caught:
        given_of(table, {"a": text})
    assert caught.value.place == "a"
    assert caught.value.mend


def test_a_model_around_lends_its_types_and_functions() -> None:
    """The table calls a function of the model, and has a type of it."""
    double = FunctionDefinition([Variable("x", "number")], Literal("x * 2"))
    model = Model(
        "m",
        "https://example.test/m",
        [ItemDefinition("tAge", "number", allowed=">= 0")],
        [Knowledge("k", Variable("翻倍"), [], double)],
        names=frozenset(["翻倍", "x", "年龄"]),
    )
    table: DecisionTable = read_grid(
        "| U | 年龄 (tAge) || 金额 |\n|---|---||---|\n| | >= 80 || 翻倍(年龄) |"
    )
    trial = try_table(table, given_of(table, {"年龄": "82"}, model), model)
    assert (trial.value, [each.name for each in needed(table, model)]) == (Decimal(164), ["年龄"])
    assert try_table(table, {"年龄": Decimal(-1)}, model).value is None


@pytest.mark.parametrize(
    "cell", [" + ".join(["a"] * 10_000), "(" * 400_000, "for i in 1..1000000000 return i", "a" * 9]
)
def test_a_hostile_cell_ends_in_a_trial_too(cell: str) -> None:
    """With a value, or a refusal of ours."""
    table, _ = survey_grid(f"| U | a || b |\n|-|-||-|\n| | - || {cell} |")
    with contextlib.suppress(Invalid):
        assert try_table(table, {"a": Decimal(1)}).hits == [1]
