"""Decision tables made by hypothesis, and two that tests share."""

from hypothesis import strategies as st

from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule
from longmai.rules.grid.normal import normal
from longmai.rules.grid.policies import POLICIES

SUBSIDY = r"""
| U    | 人均年收入 (number) | 类别 (string) || 月补助 (number) || 说明   |
|------|---------------------|---------------||-----------------||--------|
| 取值 |                     | "A", "B"      ||                 ||        |
| 1    | < 3000              | "A"           || 800             || 第一档 |
| 2    | < 3000              | "B"           || 600             || 第二档 |
| 3    | [3000..5000)        | -             || 300             ||        |
| 默认 |                     |               || 0               ||        |
""".lstrip()
# What stands in cells, valid FEEL or not: the forms keep any text.
_SIGNS = st.sampled_from([*'ab人年 01.<>=|"\\()[]{},:-+*/@\n', "<br>", "\\|", "//", "/*"])
# Letters, marks, numbers, punctuation, symbols, blanks of every script; no control characters.
_PRINTED = st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"))
WORDS = st.one_of(st.lists(_SIGNS, max_size=12).map("".join), st.text(_PRINTED, max_size=8))
NAMES = st.builds(str.__add__, st.sampled_from(["a", "年", "(", '"', "x ("]), WORDS)
TYPES = st.sampled_from(["", "number", "string", "date and time", "list<number>", "tKind"])
TESTS = st.one_of(
    st.sampled_from(["-", "< 3000", '"A", "B"', "[1..5)", "not(5)", "true", "12", "0.25", "=5"]),
    WORDS,
)
RESULTS = st.one_of(
    st.sampled_from(["", "800", "-3", "0.1", '"一"', 'date("2026-01-31")', '@"2026-01-31"', "1e3"]),
    WORDS,
)


@st.composite
def tables(draw: st.DrawFn) -> DecisionTable:
    """Make a table in its normal form."""
    inputs = draw(st.lists(st.builds(Input, NAMES, TYPES, WORDS), min_size=1, max_size=3))
    outputs = draw(
        st.lists(st.builds(Output, NAMES, TYPES, WORDS, RESULTS), min_size=1, max_size=3)
    )
    notes = draw(st.lists(NAMES, max_size=2))
    shapes = ((TESTS, len(inputs)), (RESULTS, len(outputs)), (WORDS, len(notes)))
    lists = [st.lists(each, min_size=n, max_size=n) for each, n in shapes]
    rules = draw(st.lists(st.builds(Rule, *lists), max_size=4))
    hit_policy, aggregation = draw(st.sampled_from(list(POLICIES.values())))
    type_ = draw(TYPES)
    made = DecisionTable(inputs, outputs, rules, hit_policy, aggregation, type_, annotations=notes)
    return normal(made)
