"""A case: a person and a policy, from the finding to the decision and whatever comes after.

A case is the sequence of its acts. Which act may follow which is one table, so that a cut without a
hearing cannot be written down at all (社会救助法: the person is heard before a benefit is cut, a
refusal is in writing with reasons). An act is undone by an act that reverses it, never by deletion.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from longmai.kernel.errors import Conflict, Invalid


class Standing(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    GRANTED = "granted"
    CUT_PROPOSED = "cut_proposed"
    HEARD = "heard"
    REFUSED = "refused"
    ENDED = "ended"
    OBJECTED = "objected"
    CLOSED = "closed"


class Deed(StrEnum):
    """An act on a case."""

    OPENED = "opened"
    NOTIFIED = "notified"
    VISITED = "visited"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CUT_PROPOSED = "cut_proposed"
    HEARD = "heard"
    CUT = "cut"
    KEPT = "kept"
    OBJECTED = "objected"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    CLOSED = "closed"
    REVERSED = "reversed"


_S, _D = Standing, Deed
_BACK = None
"""The standing before the objection: that of the decision it is against, or of before it."""

MOVES: Mapping[Standing, Mapping[Deed, Standing | None]] = {
    _S.OPEN: {
        _D.NOTIFIED: _S.OPEN,
        _D.VISITED: _S.OPEN,
        _D.ASKED: _S.OPEN,
        _D.CONFIRMED: _S.GRANTED,
        _D.REFUSED: _S.REFUSED,
        _D.CLOSED: _S.CLOSED,
    },
    _S.GRANTED: {
        _D.NOTIFIED: _S.GRANTED,
        _D.VISITED: _S.GRANTED,
        _D.ASKED: _S.GRANTED,
        _D.CUT_PROPOSED: _S.CUT_PROPOSED,
        _D.OBJECTED: _S.OBJECTED,
    },
    _S.CUT_PROPOSED: {
        _D.NOTIFIED: _S.CUT_PROPOSED,
        _D.VISITED: _S.CUT_PROPOSED,
        _D.HEARD: _S.HEARD,
        _D.KEPT: _S.GRANTED,
    },
    # Only who was heard can be cut.
    _S.HEARD: {
        _D.NOTIFIED: _S.HEARD,
        _D.VISITED: _S.HEARD,
        _D.CUT: _S.ENDED,
        _D.KEPT: _S.GRANTED,
    },
    _S.REFUSED: {_D.NOTIFIED: _S.REFUSED, _D.OBJECTED: _S.OBJECTED},
    _S.ENDED: {_D.NOTIFIED: _S.ENDED, _D.OBJECTED: _S.OBJECTED},
    _S.OBJECTED: {
        _D.NOTIFIED: _S.OBJECTED,
        _D.VISITED: _S.OBJECTED,
        _D.UPHELD: _BACK,
        _D.OVERTURNED: _BACK,
    },
    _S.CLOSED: {},
}
DECISIONS = frozenset({_D.CONFIRMED, _D.REFUSED, _D.CUT})
OVER = frozenset({_S.REFUSED, _S.ENDED, _S.CLOSED})
"""Standings after which the same person may have another case of the same policy."""
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Act:
    """One act on a case.

    Attributes:
        number: its place in the case, from 1.
        actor: as records name them.
        data: what it says; keys by deed, see ``demanded``.
    """

    number: int
    deed: Deed
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Grant:
    """What is paid from a month on; 0: nothing more."""

    start: str
    amount_fen: int
    until: str | None = None


@dataclass(frozen=True)
class Case:
    """A case as its acts make it.

    Attributes:
        needs_person: the person refuses a decision that a machine alone makes.
    """

    acts: tuple[Act, ...]
    needs_person: bool = False

    def effective(self) -> tuple[Act, ...]:
        """Return the acts that count: neither reversed nor reversing."""
        gone = {each.data["of"] for each in self.acts if each.deed is Deed.REVERSED}
        return tuple(
            each for each in self.acts if each.deed is not Deed.REVERSED and each.number not in gone
        )

    @property
    def standing(self) -> Standing:
        """Return where it stands."""
        return _standing(self.effective())

    def may(self) -> tuple[Deed, ...]:
        """Return the acts that can follow now."""
        found = tuple(MOVES[self.standing])
        if self.standing is Standing.GRANTED and self.decided() is None:
            found = tuple(each for each in found if each is not Deed.OBJECTED)
        return found

    def decided(self) -> Act | None:
        """Return the decision that an objection can be against: the last refusal or cut."""
        last = next((each for each in reversed(self.effective()) if each.deed in DECISIONS), None)
        return last if last is not None and last.deed is not Deed.CONFIRMED else None

    def reversible(self) -> Act | None:
        """Return the act that can be reversed: the last that counts, the opening apart."""
        last = next(iter(reversed(self.effective())), None)
        return None if last is None or last.deed is Deed.OPENED else last

    def grants(self) -> tuple[Grant, ...]:
        """Return what is paid from which month on, in the order of the decisions."""
        found: list[Grant] = []
        for each in self.effective():
            if each.deed is Deed.CONFIRMED and each.data["amount_fen"] is not None:
                until = each.data["until"]
                found = [Grant(each.data["start"], each.data["amount_fen"], until)]
            elif each.deed is Deed.CUT:
                found.append(Grant(each.data["start"], each.data["amount_fen"]))
            elif each.deed is Deed.OVERTURNED and len(found) > 1:
                found.pop()
        return tuple(found)

    def due_fen(self, month: str) -> int:
        """Return what is due in a month: what the last decision that holds then says.

        >>> Case(()).due_fen("2026-09")
        0
        """
        amount, until = 0, None
        for each in self.grants():
            if each.start <= month:
                amount, until = each.amount_fen, each.until or until
        return 0 if until is not None and month > until else amount


def next_act(case: Case, deed: Deed, actor: str, data: Mapping[str, Any]) -> Act:
    """Return the act that follows, checked against the law of the case.

    Args:
        case: so far; of a new one, without acts.
        deed: what is done.
        actor: who does it.
        data: what it says.

    Raises:
        Conflict: the case does not stand where this can follow.
        Invalid: it does not say what it must.
    """
    data = dict(data)
    if not case.acts:
        if deed is not Deed.OPENED:
            raise _out_of_place(deed, "none")
    elif deed is Deed.REVERSED:
        _reversal(case, data)
    else:
        _follows(case, deed)
        _known(deed, data)
        _for_person(case, deed, data)
        _demanded(case, deed, actor, data)
    number = case.acts[-1].number + 1 if case.acts else 1
    return Act(number, deed, actor, data)


def _follows(case: Case, deed: Deed) -> None:
    if deed is Deed.CUT and case.standing is Standing.CUT_PROPOSED:
        raise Conflict(
            "nobody is cut before they were heard",
            code="case.unheard",
            place=deed,
            mend="hear the person, and record what they say; then decide",
        )
    if deed not in case.may():
        raise _out_of_place(deed, case.standing)


def _known(deed: Deed, data: Mapping[str, Any]) -> None:
    unknown = data.keys() - {"note", *_NOTES.get(deed, ()), *_MORE.get(deed, ())}
    if unknown:
        raise Invalid(
            "an act of this kind says no such thing",
            code="case.data",
            place=f"{deed}.{min(unknown)}",
        )


def _out_of_place(deed: Deed, standing: str) -> Conflict:
    return Conflict(
        "this cannot follow now",
        code="case.order",
        place=deed,
        value=standing,
        mend="look at the case again: somebody may have acted on it meanwhile",
    )


def _reversal(case: Case, data: Mapping[str, Any]) -> None:
    last = case.reversible()
    if last is None or data.get("of") != last.number:
        raise Conflict(
            "only the last act can be reversed",
            code="case.reversal",
            value=data.get("of"),
            mend="reverse what came after it first",
        )
    _text(data, "note", Deed.REVERSED)


def _for_person(case: Case, deed: Deed, data: Mapping[str, Any]) -> None:
    if deed not in DECISIONS or not data.get("machine"):
        return
    if deed is not Deed.CONFIRMED:
        raise Conflict(
            "a machine alone never decides against somebody", code="case.machine", place=deed
        )
    if case.needs_person:
        raise Conflict(
            "this person wants a decision by a person",
            code="case.person",
            place=deed,
            mend="decide it by itself, with a note of why",
        )


def _demanded(case: Case, deed: Deed, actor: str, data: dict[str, Any]) -> None:
    for name in _NOTES.get(deed, ()):
        _text(data, name, deed)
    if deed is Deed.CONFIRMED:
        _confirmation(case, data)
    elif deed in {Deed.CUT_PROPOSED, Deed.CUT}:
        _cut(case, deed, data)
    elif deed in {Deed.UPHELD, Deed.OVERTURNED}:
        decided = case.decided()
        if decided is not None and decided.actor == actor:
            raise Conflict(
                "who decided does not judge the objection",
                code="case.own",
                place=deed,
                mend="have a colleague look at it",
            )


_NOTES: Mapping[Deed, tuple[str, ...]] = {
    Deed.VISITED: ("note",),
    Deed.ASKED: ("holder", "datum"),
    Deed.REFUSED: ("clause", "reasons"),
    Deed.CUT_PROPOSED: ("clause", "reasons"),
    Deed.HEARD: ("manner", "note"),
    Deed.KEPT: ("note",),
    Deed.OBJECTED: ("note",),
    Deed.UPHELD: ("note",),
    Deed.OVERTURNED: ("note",),
    Deed.CLOSED: ("note",),
}
"""What an act must say in words."""
_CUT = ("amount_fen", "start", "clause", "reasons")
_MORE: Mapping[Deed, tuple[str, ...]] = {
    Deed.NOTIFIED: ("message",),
    Deed.VISITED: ("photo", "photo_kept"),
    Deed.CONFIRMED: ("amount_fen", "start", "until", "machine"),
    Deed.REFUSED: ("machine",),
    Deed.CUT_PROPOSED: _CUT,
    Deed.CUT: (*_CUT, "machine"),
}
"""What it may say beside."""
_MOST_FEN = 10**13


def _confirmation(case: Case, data: dict[str, Any]) -> None:
    amount = data.setdefault("amount_fen", None)
    if amount is not None:
        _money(amount)
        _month(data, "start")
        if data.get("until"):
            _month(data, "until")
            if data["until"] < data["start"]:
                raise Invalid("it ends before it begins", code="case.until", place="until")
    data.setdefault("until", None)
    if case.needs_person and not str(data.get("note", "")).strip():
        raise Invalid(
            "this person wants a decision by a person: write down why",
            code="case.note",
            place="note",
        )


def _cut(case: Case, deed: Deed, data: dict[str, Any]) -> None:
    if deed is Deed.CUT:
        proposal = [each for each in case.effective() if each.deed is Deed.CUT_PROPOSED][-1]
        # The cut is what was proposed and heard, not something else.
        for name in _CUT:
            data[name] = proposal.data[name]
        return
    _money(data.get("amount_fen"), least=0)
    _month(data, "start")
    now = case.due_fen(str(data["start"]))
    if data["amount_fen"] >= now > 0:
        raise Invalid(
            "a cut pays less than before",
            code="case.cut",
            place="amount_fen",
            value=data["amount_fen"],
            mend=f"it is {now} fen now",
        )


def _money(amount: object, least: int = 1) -> None:
    if not isinstance(amount, int) or isinstance(amount, bool) or not least <= amount <= _MOST_FEN:
        raise Invalid(
            "an amount is whole fen above zero", code="case.amount", place="amount", value=amount
        )


def _month(data: Mapping[str, Any], name: str) -> None:
    if not _MONTH.fullmatch(str(data.get(name, ""))):
        raise Invalid(
            "this is no month",
            code="case.month",
            place=name,
            value=data.get(name),
            mend="write it like 2026-09",
        )


def _text(data: Mapping[str, Any], name: str, deed: Deed) -> None:
    if not str(data.get(name, "")).strip():
        raise Invalid("this has to be said in words", code=f"case.{name}", place=f"{deed}.{name}")


def _standing(acts: Sequence[Act]) -> Standing:
    standing = Standing.OPEN
    before: list[tuple[Standing, Act]] = []
    for act in acts:
        if act.deed is Deed.OBJECTED:
            before.append((standing, act))
        # Acts that were erased by law leave no trace here; what they did to the case stays said.
        if act.deed in MOVES[standing]:
            standing = _moved(standing, act, before)
    return standing


def _moved(standing: Standing, act: Act, before: Sequence[tuple[Standing, Act]]) -> Standing:
    if act.deed is Deed.CUT and act.data["amount_fen"] > 0:
        return Standing.GRANTED
    target = MOVES[standing][act.deed]
    if target is not _BACK:
        return target
    stood = before[-1][0]
    if act.deed is Deed.UPHELD:
        return stood
    # A refusal that does not hold is decided anew; a cut that does not hold never was.
    return Standing.OPEN if stood is Standing.REFUSED else Standing.GRANTED
