"""The law of a case: no path cuts who was not heard, reversal restores, money follows decisions."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.livelihood.casework.model.case import (
    MOVES,
    Act,
    Case,
    Deed,
    Standing,
    next_act,
)
from longmai.kernel.errors import Conflict, Forbidden, Invalid, LongmaiError

WORDS: dict[Deed, dict[str, Any]] = {
    Deed.OPENED: {},
    Deed.NOTIFIED: {},
    Deed.VISITED: {"note": "看过"},
    Deed.ASKED: {"holder": "公安", "datum": "户籍"},
    Deed.CONFIRMED: {"amount_fen": 10_000, "start": "2026-09", "note": "看过", "machine": False},
    Deed.REFUSED: {"clause": "对象", "reasons": "年龄不够"},
    Deed.CUT_PROPOSED: {"clause": "对象", "reasons": "迁出", "amount_fen": 0, "start": "2026-11"},
    Deed.HEARD: {"manner": "phone", "note": "没有意见"},
    Deed.CUT: {},
    Deed.KEPT: {"note": "没有迁"},
    Deed.OBJECTED: {"note": "不服"},
    Deed.UPHELD: {"note": "查过"},
    Deed.OVERTURNED: {"note": "确实"},
    Deed.CLOSED: {"note": "本人不要"},
}


def done(case: Case, deed: Deed, actor: str = "a", **more: Any) -> Case:
    """Return a case after an act."""
    data = {"of": -1, "note": "办错了"} if deed is Deed.REVERSED else WORDS[deed]
    return Case((*case.acts, next_act(case, deed, actor, {**data, **more})))


def of(*deeds: Deed) -> Case:
    """Return a case with these acts."""
    case = done(Case(()), Deed.OPENED)
    for deed in deeds:
        case = done(case, deed)
    return case


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(sorted(Deed)), max_size=25),
    st.lists(st.booleans(), min_size=25, max_size=25),
)
def test_no_path_cuts_who_was_not_heard(deeds: list[Deed], cuts: list[bool]) -> None:
    """Whatever is tried in whatever order, also with reversals."""
    case = done(Case(()), Deed.OPENED)
    for deed, part in zip(deeds, cuts, strict=False):
        more: dict[str, Any] = {}
        if deed is Deed.REVERSED and (last := case.reversible()):
            more["of"] = last.number
        if deed is Deed.CUT_PROPOSED and part:
            more["amount_fen"] = 4_000
        try:
            case = done(case, deed, "b" if deed in {Deed.UPHELD, Deed.OVERTURNED} else "a", **more)
        except LongmaiError:
            continue
        effective = case.effective()
        for place, act in enumerate(effective):
            if act.deed is Deed.CUT:
                before = [each.deed for each in effective[:place]]
                assert Deed.HEARD in before
                heard = len(before) - before[::-1].index(Deed.HEARD)
                proposed = len(before) - before[::-1].index(Deed.CUT_PROPOSED)
                assert heard > proposed
        assert case.standing in set(Standing)
        assert case.due_fen("2030-01") >= 0


@settings(max_examples=100)
@given(st.lists(st.sampled_from(sorted(set(Deed) - {Deed.REVERSED})), max_size=12))
def test_reversal_restores(deeds: list[Deed]) -> None:
    """What a case was before its last act, it is after the reversal of it."""
    case = done(Case(()), Deed.OPENED)
    for deed in deeds:
        try:
            after = done(case, deed, "b")
        except LongmaiError:
            continue
        back = done(after, Deed.REVERSED, of=after.acts[-1].number)
        assert back.standing is case.standing
        assert back.grants() == case.grants()
        case = after


def test_a_cut_is_refused_by_name_before_the_hearing() -> None:
    """It says what to do, and is allowed after."""
    case = of(Deed.CONFIRMED, Deed.CUT_PROPOSED)
    with pytest.raises(Conflict, match="heard") as refused:
        done(case, Deed.CUT)
    assert refused.value.code == "case.unheard"
    assert case.due_fen("2026-11") == 10_000
    case = done(done(case, Deed.HEARD), Deed.CUT)
    assert case.standing is Standing.ENDED
    assert (case.due_fen("2026-10"), case.due_fen("2026-11")) == (10_000, 0)


def test_the_cut_is_what_was_heard() -> None:
    """Another amount cannot be slipped in with the decision."""
    case = of(Deed.CONFIRMED)
    case = done(case, Deed.CUT_PROPOSED, amount_fen=6_000)
    case = done(done(case, Deed.HEARD), Deed.CUT, amount_fen=1)
    assert case.standing is Standing.GRANTED
    assert case.due_fen("2026-12") == 6_000


def test_an_objection_is_judged_by_somebody_else() -> None:
    """A cut that does not hold is undone; a refusal is examined anew."""
    case = of(Deed.CONFIRMED, Deed.CUT_PROPOSED, Deed.HEARD, Deed.CUT, Deed.OBJECTED)
    with pytest.raises(Conflict, match="does not judge"):
        done(case, Deed.OVERTURNED, "a")
    after = done(case, Deed.OVERTURNED, "b")
    assert after.standing is Standing.GRANTED
    assert after.due_fen("2026-12") == 10_000
    assert done(case, Deed.UPHELD, "b").standing is Standing.ENDED
    refused = of(Deed.REFUSED, Deed.OBJECTED)
    assert done(refused, Deed.OVERTURNED, "b").standing is Standing.OPEN
    assert done(refused, Deed.UPHELD, "b").standing is Standing.REFUSED


def test_who_wants_a_person_is_not_decided_by_a_machine() -> None:
    """And a person who decides says why; against somebody no machine ever decides."""
    case = replace(of(), needs_person=True)
    with pytest.raises(Conflict) as refused:
        done(case, Deed.CONFIRMED, machine=True)
    assert refused.value.code == "case.person"
    with pytest.raises(Invalid):
        done(case, Deed.CONFIRMED, note=" ")
    assert done(case, Deed.CONFIRMED).standing is Standing.GRANTED
    with pytest.raises(Conflict, match="machine alone"):
        done(of(), Deed.REFUSED, machine=True)


@pytest.mark.parametrize(
    ("deed", "wrong"),
    [
        (Deed.REFUSED, {"reasons": " "}),
        (Deed.REFUSED, {"clause": ""}),
        (Deed.VISITED, {"note": ""}),
        (Deed.CONFIRMED, {"amount_fen": 0}),
        (Deed.CONFIRMED, {"amount_fen": 1.5}),
        (Deed.CONFIRMED, {"start": "2026-13"}),
        (Deed.CONFIRMED, {"until": "2026-08"}),
        (Deed.CONFIRMED, {"amount_fen": 10**16}),
        (Deed.CONFIRMED, {"colour": "red"}),
    ],
)
def test_what_an_act_must_say(deed: Deed, wrong: dict[str, Any]) -> None:
    """A refusal names its clause and reasons; money is whole fen."""
    with pytest.raises(Invalid):
        done(of(), deed, **wrong)


def test_every_deed_can_happen_and_every_standing_be_reached() -> None:
    """The table has no dead ends that nobody meant."""
    deeds = {deed for moves in MOVES.values() for deed in moves}
    assert deeds == set(Deed) - {Deed.OPENED, Deed.REVERSED}
    reached = {Standing.OPEN, Standing.ENDED} | {
        target for moves in MOVES.values() for target in moves.values() if target
    }
    assert reached == set(Standing)


def test_erased_acts_leave_the_rest_readable() -> None:
    """An act that was erased by law is a gap, not a fault."""
    case = of(Deed.CONFIRMED, Deed.CUT_PROPOSED, Deed.HEARD, Deed.CUT)
    left = Case(tuple(each for each in case.acts if each.deed is not Deed.CUT_PROPOSED))
    assert left.standing is Standing.GRANTED
    assert next_act(left, Deed.VISITED, "a", WORDS[Deed.VISITED]).number == case.acts[-1].number + 1


def test_only_the_last_act_is_reversed() -> None:
    """And nothing but the opening is left at the end."""
    case = of(Deed.VISITED, Deed.CONFIRMED)
    with pytest.raises(Conflict):
        done(case, Deed.REVERSED, of=2)
    case = done(case, Deed.REVERSED, of=3)
    case = done(case, Deed.REVERSED, of=2)
    assert case.reversible() is None
    assert isinstance(case.acts[0], Act)
    assert issubclass(Forbidden, LongmaiError)
