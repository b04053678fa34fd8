"""The grid: what is written is read back, and what is wrong is said where it stands."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from tests.rules.grid.tables import SUBSIDY, tables

from longmai.kernel.errors import Invalid, InvalidMany, TooLarge
from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule
from longmai.rules.grid.normal import normal
from longmai.rules.grid.places import GridInvalid
from longmai.rules.grid.reading import read_grid, survey_grid
from longmai.rules.grid.rows import width
from longmai.rules.grid.scope import Scope
from longmai.rules.grid.writing import write_grid

NAMES = Scope(["人均年收入", "类别", "家庭人数"], [])


def wrong(text: str, scope: Scope | None = None) -> Sequence[Invalid]:
    """Return the errors of a grid."""
    with pytest.raises(Invalid) as caught:
        read_grid(text, "p.yaml", 10, first_column=3, scope=scope)
    error = caught.value
    return error.findings if isinstance(error, InvalidMany) else [error]


@given(tables())
def test_what_is_written_is_read_back(table: DecisionTable) -> None:
    """Any table, whatever stands in its cells; in both languages."""
    for language in ("zh", "en"):
        found, _ = survey_grid(write_grid(table, language))
        assert found == table


@given(tables())
def test_columns_are_aligned(table: DecisionTable) -> None:
    """Each line takes as much room on a terminal as the next."""
    assert len({width(line) for line in write_grid(table).splitlines()}) == 1


def test_the_example_of_the_documents() -> None:
    """Columns, types, allowed values, defaults and notes stand where they belong."""
    table = read_grid(SUBSIDY)
    assert table.inputs[1] == Input("类别", "string", '"A", "B"')
    assert list(table.outputs) == [Output("月补助", "number", "", "0")]
    assert list(table.annotations) == ["说明"]
    assert table.rules[0] == Rule(["< 3000", '"A"'], ["800"], ["第一档"])
    assert write_grid(table) == SUBSIDY


def test_the_normal_form_is_a_fixed_point() -> None:
    """Breaks in strings are escaped, comments kept, short rules filled up."""
    table = DecisionTable(
        [Input("a\n+ b")], [Output("c"), Output("d")], [Rule([""], ['"x\ny" // why\n+ "z"'])]
    )
    found = normal(table)
    assert found.inputs[0].expression == "a + b"
    assert found.rules[0] == Rule(["-"], [r'"x\ny" /* why */ + "z"', ""], [])
    assert normal(found) == found


@pytest.mark.parametrize(
    ("change", "place", "what"),
    [
        (("| U ", "| X "), "line 10, column 5", "the corner has no hit policy"),
        (("| 1 ", "｜ 1 "), "line 13, column 3", "a row begins with '|'"),
        (("|| 800 ", "| 800 "), "line 13", "the row has cells 4 || 1"),
        (("|-----", "|a----"), "line 11", "a line of dashes"),
        (("| 3  ", "| 三 "), "line 15, column 5", "the first cell of a row is its number"),
        (("| 默认 |    ", "| 默认 | 5  "), "line 16, column 10", "the default has conclusions"),
        (("第一档 |", "第一档"), "line 13", "a row ends with '|'"),
        (("|| 600", "||| 600"), "line 14", "too many bars"),
        (("| 1 ", "| 取值 "), "line 13", "this row stands twice"),
    ],
)
def test_a_malformed_grid_is_refused_where_it_is(
    change: tuple[str, str], place: str, what: str
) -> None:
    """The line in the file, and what to do."""
    [error] = wrong(SUBSIDY.replace(*change, 1))
    assert str(error).startswith(f"p.yaml, {place}")
    assert what in error.what
    assert error.mend
    assert isinstance(error, GridInvalid)
    assert place.startswith(f"line {error.line}")


@pytest.mark.parametrize(
    ("change", "place", "what", "mend"),
    [
        (
            ("< 3000 ", "< (3000 "),
            'line 13, column 19 (row 1, column "人均年收入")',
            "')' is",
            None,
        ),
        (('"A"  ', "“A”  "), 'line 13, column 34 (row 1, column "类别")', "“ is a full", 'write "'),
        (("< 3000", "＜ 3000"), "line 13, column 12 ", "＜ is a full", "write <"),
        (("< 3000", "< ３０００"), "line 13, column 14 ", "３０００ is a full", "write 3000"),
        (('"A", "B" ', '"A"，"B" '), "line 12, column 35 (allowed values, ", "，", "write ,"),
        (("| 800 ", "| 家庭人口 * 2 "), "", "nothing is called '家庭人口'", "家庭人数"),
        (("人均年收入 (", "人均收入 ("), "line 10, column 12 (heading", "nothing", "人均年收入?"),
        (('| "A"   ', "| A     "), "line 13", "without quotes", 'write "A"'),
        (('| "B"   ', '| "C"   '), "line 14", "none of the allowed", "allowed are"),
        (("(number) ||", "(nummer) ||"), "", "no type is called 'nummer'", "number"),
        (("| 300 ", "| 2026-01-31 "), "line 15", "a date is not", '@"2026-01-31"'),
        (("U    ", "C+   "), "", "", ""),
        (("U    ", "P    "), "line 10, column 5 (hit policy)", "orders by", "list the values"),
    ],
)
def test_a_wrong_cell_is_named(
    change: tuple[str, str], place: str, what: str, mend: str | None
) -> None:
    """Its line and column in the file, its row and column in the table, and the mend."""
    text = SUBSIDY.replace(*change, 1)
    if not what:
        assert read_grid(text, scope=NAMES).aggregation == "SUM"
        return
    error = wrong(text, NAMES)[0]
    assert place in str(error)
    assert what in error.what
    assert mend is None or mend in (error.mend or "")


def test_all_errors_come_at_once() -> None:
    """So that they are mended in one go."""
    text = SUBSIDY.replace("< 3000", "＜ 3000").replace("300 ", "300) ")
    assert [each.code for each in wrong(text)] == [
        "table.full_width",
        "table.full_width",
        "table.feel",
    ]


def test_a_place_after_escapes_is_counted_in_the_file() -> None:
    """A bar in a string moves what comes after it."""
    text = '| U | a || b |\n|---|---||---|\n| 1 | "x\\|y" + + || 1 |'
    [error] = wrong(text)
    assert "line 12, column 18" in str(error)


def test_names_of_several_words_stand_in_headings_and_in_scopes() -> None:
    """A heading of words is a name, and cells may use it."""
    text = "| U | Applicant Age || b |\n|---|---||---|\n| 1 | - || Applicant Age + other name |"
    read_grid(text, scope=Scope(["Applicant Age", "other name"]))
    assert wrong(text)[0].code == "table.feel"


def test_functions_and_local_names_are_known() -> None:
    """What an expression itself names is not asked for."""
    loop = "sum(for i in a return i * {x: i}.x)"
    text = f"| U | a || b |\n|---|---||---|\n| 1 | count(?) > 0 || {loop} |"
    read_grid(text, scope=Scope(["a"]))


def test_a_note_may_hold_anything() -> None:
    """Full-width signs, quotes, bars and lines."""
    text = SUBSIDY.replace("第一档", r"“一”，见\|三<br>四")
    assert list(read_grid(text).rules[0].annotations) == ["“一”，见|三\n四"]


def test_bounds_are_kept() -> None:
    """A grid has so many cells and characters, and no more."""
    head = "| U | a || b |\n|---|---||---|\n"
    with pytest.raises(TooLarge):
        read_grid(head + "| 1 | 1 || 1 |\n" * 20_000)
    with pytest.raises(TooLarge):
        read_grid("|" * 1_000_001)


@pytest.mark.parametrize(
    "cell",
    [
        "a" + " " * 400_000 + "b",
        "a (" + " " * 400_000 + "(b)",
        '"' + '\\"' * 200_000,
        "/*" * 200_000,
        "<br>/*" * 60_000,
        "０" * 400_000 + "a",
        " + ".join(f"x{i}" for i in range(50_000)),
        "(" * 400_000,
    ],
)
def test_a_hostile_cell_ends(cell: str) -> None:
    """Whatever fills it, it is read in a time that grows with its length alone."""
    for row in (
        "| U | a || b |\n|-|-||-|\n| 1 | CELL || 1 |",
        "| U | a || CELL |\n|-|-||-|\n| | 1 || 1 |",
    ):
        _, findings = survey_grid(row.replace("CELL", cell), scope=NAMES)
        assert len(findings) < 300
