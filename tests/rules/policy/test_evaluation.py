"""One case against one policy: states, amounts, what is unknown, the law of the day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.policy.policies import household

from longmai.kernel.errors import InvalidMany
from longmai.rules.policy.evaluation import (
    Case,
    Decision,
    State,
    all_of,
    any_of,
    case_of,
    evaluate,
)

POLICY = household()
DAY = date(2026, 3, 1)


def judged(day: date = DAY, region: str = "9902", **given_: Any) -> Decision:
    """Judge a household."""
    return evaluate(POLICY, case_of(POLICY, given_, day, region))


def member(income: Any = 0, level: Any = "二级", age: Any = 40) -> Mapping[str, Any]:
    """Return a member."""
    return {"月收入": income, "残疾等级": level, "年龄": age}


def test_met_with_the_amount_to_the_fen() -> None:
    """(500 - 100.335) x 1, half up."""
    found = judged(商品房=False, 成员=[member("100.335")])
    assert (found.state, found.amount_fen) == (State.MET, 39967)


def test_the_law_of_the_day_counts() -> None:
    """The same household, before and after the standard went up, and in a city of its own."""
    rows = [member(520)]
    states = [
        judged(day, region, 商品房=False, 成员=rows).state
        for day, region in (
            (date(2026, 6, 30), "9902"),
            (date(2026, 7, 1), "9902"),
            (date(2026, 6, 30), "9901"),
        )
    ]
    assert states == [State.NOT_MET, State.MET, State.MET]


@pytest.mark.parametrize(
    ("given_", "state"),
    [
        ({"商品房": True, "成员": [member()]}, State.NOT_MET),
        ({"商品房": None, "成员": [member()]}, State.UNKNOWN),
        ({"商品房": False, "成员": [member(None)]}, State.UNKNOWN),
        ({"商品房": False, "成员": [member(None), member(9000)]}, State.UNKNOWN),
        ({"商品房": False, "成员": [member(level="无")]}, State.MANUAL),
        # One of them has a grade that nobody knows: the review may settle it all the same.
        ({"商品房": False, "成员": [member(level=None)]}, State.MANUAL),
        ({"商品房": False}, State.UNKNOWN),
        ({"商品房": True}, State.NOT_MET),
    ],
)
def test_states(given_: Mapping[str, Any], state: State) -> None:
    """What is not known refuses nobody, and is counted for nobody."""
    assert judged(**given_).state is state


def test_a_filter_drops_nobody_whose_datum_is_missing() -> None:
    """In plain FEEL the count would be 1; here it is not known."""
    policy = household(("'count(成员[残疾等级 in", "'count(成员[年龄 > 7 and 残疾等级 in"))
    case = case_of(
        policy,
        {"商品房": False, "成员": [member(), member(age=None)]},
        DAY,
        "9902",
        {"c2.2": False},
    )
    assert evaluate(policy, case).state is State.UNKNOWN


@pytest.mark.parametrize(("opinion", "state"), [(True, State.MET), (False, State.NOT_MET)])
def test_a_person_settles_what_is_left_to_a_person(opinion: bool, state: State) -> None:
    """By the id of the condition, or by its name."""
    for name in ("c2.2", "经评议"):
        case = case_of(
            POLICY, {"商品房": False, "成员": [member(level="无")]}, DAY, "9902", {name: opinion}
        )
        assert evaluate(POLICY, case).state is state


def test_data_that_do_not_fit_are_refused_with_their_place() -> None:
    """An unknown name, a wrong kind, a value outside the choices, all at once."""
    with pytest.raises(InvalidMany) as caught:
        judged(商品房="maybe", 成员=[member("much", "三级")], 商品楼=True)
    places = [each.place for each in caught.value.findings]
    assert places == ["商品房", "成员[1].月收入", "成员[1].残疾等级", "商品楼"]


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(0, 1500),
            st.none() | st.sampled_from(["无", "一级", "二级"]),
        ),
        min_size=1,
        max_size=5,
    ),
    st.none() | st.booleans(),
)
def test_more_knowledge_never_turns_a_decision_round(
    rows: list[tuple[int | None, str | None]], flat: bool | None
) -> None:
    """Whatever the missing data turn out to be, met stays met and not met stays not met."""
    found = judged(商品房=flat, 成员=[member(income, level) for income, level in rows])
    if found.state not in {State.MET, State.NOT_MET}:
        return
    incomes = [[0, 800] if income is None else [income] for income, _ in rows]
    levels = [["无", "一级"] if level is None else [level] for _, level in rows]
    flats = [True, False] if flat is None else [flat]
    choices = product(flats, product(*incomes), product(*levels))
    for (owned, earned, graded), _ in zip(choices, range(64), strict=False):
        full = judged(
            商品房=owned, 成员=[member(*each) for each in zip(earned, graded, strict=True)]
        )
        assert full.state is found.state


@given(st.lists(st.sampled_from(list(State)), max_size=5))
def test_groups_agree_with_the_logic_of_their_parts(states: list[State]) -> None:
    """All and any are dual: turning every part round turns the outcome round."""
    turned = {State.MET: State.NOT_MET, State.NOT_MET: State.MET}
    dual = [turned.get(each, each) for each in states]
    one, other = all_of(states), any_of(dual)
    if {one, other} <= {State.MET, State.NOT_MET}:
        assert turned[one] is other
    assert (one is State.MET) == (set(states) <= {State.MET})


def test_nothing_is_held_back_between_cases() -> None:
    """A case leaves nothing behind that the next one sees."""
    first = judged(商品房=False, 成员=[member(100)])
    judged(商品房=True, 成员=[member(900)])
    assert judged(商品房=False, 成员=[member(100)]) == first
    assert first.values["人均收入"] == Decimal(100)
    assert Case(DAY).values == {}
