"""Pages of the clerk: pairs that may be one person, side by side; same, not the same, later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.livelihood.persons.jobs import desk_of
from longmai.domains.livelihood.persons.masking import shown_value
from longmai.domains.livelihood.persons.model.fields import catalogue
from longmai.domains.livelihood.persons.person_pages import may_see
from longmai.domains.livelihood.persons.queries import (
    LOOKED,
    OpenPair,
    ShownRow,
    open_pairs,
    pair,
    shown_rows,
)
from longmai.domains.livelihood.persons.service import REVIEW, Verdict, decide
from longmai.kernel.errors import NotFound
from longmai.match.linkage.model import COMPARISONS
from longmai.portal.accounts.looks import look
from longmai.portal.accounts.sign_in_pages import SEE_OTHER
from longmai.portal.house import House, house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/livelihood/persons/review", include_in_schema=False)

Reviewer = Annotated[Visitor, needs(REVIEW)]
Text = Annotated[str, FormField(max_length=200)]
_LIST = "/livelihood/persons/review"


@dataclass(frozen=True)
class ListedPair:
    """A pair in the list: names and where they come from."""

    pair: OpenPair
    left: ShownRow
    right: ShownRow


@dataclass(frozen=True)
class ReviewContext:
    """Variables of ``livelihood/person_review.html``."""

    rows: Sequence[ListedPair]
    paging: Paging


@dataclass(frozen=True)
class Side:
    """A value of one record: pieces of text, and whether each differs from the other's."""

    pieces: Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Line:
    """A field of both records, side by side.

    Attributes:
        said: how they agree, in words; empty where nothing is to say.
        tone: good, bad or plain.
    """

    label: str
    left: Side
    right: Side
    said: str
    tone: str


@dataclass(frozen=True)
class PairContext:
    """Variables of ``livelihood/person_pair.html``."""

    pair: OpenPair
    left: ShownRow
    right: ShownRow
    lines: Sequence[Line]
    full: bool
    waiting: int
    after: str


@router.get("")
def review_list(request: Request, visitor: Reviewer) -> HTMLResponse:
    """List the pairs that wait for a clerk."""
    house, t = house_of(request), words_of(request)
    scope = visitor.scope(REVIEW)
    with house.store.read() as connection:
        total, _ = open_pairs(connection, scope, limit=0)
        paging = paging_of(request, total)
        _, found = open_pairs(connection, scope, offset=paging.offset, limit=paging.size)
        rows = shown_rows(
            connection, [r for each in found for r in (each.left_row, each.right_row)]
        )
    listed = [
        ListedPair(each, rows[each.left_row], rows[each.right_row])
        for each in found
        if each.left_row in rows and each.right_row in rows
    ]
    page = Page(t("persons.review"), _crumbs(t))
    return render(request, "livelihood/person_review.html", page, ReviewContext(listed, paging))


@router.get("/{left}/{right}")
def show_pair(
    request: Request, visitor: Reviewer, left: UUID, right: UUID, after: int = 0
) -> HTMLResponse:
    """Show two records side by side; in full once the look is recorded."""
    house, t = house_of(request), words_of(request)
    scope = visitor.scope(REVIEW)
    with house.store.read() as connection:
        found = pair(connection, left, right, scope)
        rows = shown_rows(connection, [left, right])
        total, _ = open_pairs(connection, scope, limit=0)
    if left not in rows or right not in rows:
        raise NotFound("no such pair", code="persons.pair")
    full = all(may_see(house, visitor, rows[each].person_id) for each in (left, right))
    context = PairContext(
        found,
        rows[left],
        rows[right],
        list(_lines(t, found, rows[left], rows[right], full=full)),
        full,
        total,
        str(after),
    )
    page = Page(t("persons.pair"), (*_crumbs(t, linked=True), (t("persons.pair"), None)))
    response = render(request, "livelihood/person_pair.html", page, context)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/{left}/{right}/look")
def look_at_pair(
    request: Request,
    visitor: Reviewer,
    left: UUID,
    right: UUID,
    after: Annotated[int, FormField()] = 0,
) -> Response:
    """Record that the clerk looks at both persons, and show them in full."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = pair(connection, left, right, visitor.scope(REVIEW))
        rows = shown_rows(connection, [left, right])
    _look(house, visitor, t, found, rows.values())
    return RedirectResponse(f"{_LIST}/{left}/{right}?after={after}", SEE_OTHER)


@router.post("/{left}/{right}")
def decide_pair(
    request: Request,
    visitor: Reviewer,
    left: UUID,
    right: UUID,
    verdict: Text = "",
    because: Text = "",
    after: Annotated[int, FormField()] = 0,
) -> Response:
    """Record what the clerk says, and go on to the next pair."""
    house, t = house_of(request), words_of(request)
    skipped = after
    if verdict in {"same", "different"}:
        said: Verdict = "same" if verdict == "same" else "different"
        reason = because.strip() or t("persons.because_compared")
        with house.store.begin() as work:
            decide(work, desk_of(house, visitor), (left, right), said, reason)
    else:
        skipped += 1
    with house.store.read() as connection:
        _, coming = open_pairs(connection, visitor.scope(REVIEW), offset=skipped, limit=1)
        if not coming:
            return RedirectResponse(_LIST, SEE_OTHER)
        found = coming[0]
        rows = shown_rows(connection, [found.left_row, found.right_row])
    _look(house, visitor, t, found, rows.values())
    return RedirectResponse(
        f"{_LIST}/{found.left_row}/{found.right_row}?after={skipped}", SEE_OTHER
    )


def _look(
    house: House, visitor: Visitor, t: Words, found: OpenPair, rows: Iterable[ShownRow]
) -> None:
    for each in rows:
        if not may_see(house, visitor, each.person_id):
            look(
                house.store,
                visitor,
                permission=LOOKED,
                subject=f"person:{each.person_id}",
                region=found.region,
                fields=["profile"],
                reason=t("persons.because_pair"),
            )


def _lines(
    t: Words, found: OpenPair, left: ShownRow, right: ShownRow, *, full: bool
) -> Iterator[Line]:
    levels = dict(zip((each.key for each in COMPARISONS), found.levels, strict=False))
    keys = [key for key in catalogue().fields if key in left.who or key in right.who]
    for key in keys:
        if key == "record_key":
            continue
        told = (left.who.get(key, ""), right.who.get(key, ""))
        shown = [
            shown_value(t, key, each, identity=True, full=full) if each else "" for each in told
        ]
        said, tone = _agreement(t, key, told, levels)
        yield Line(t(f"persons.field.{key}"), *_sides(shown[0], shown[1]), said, tone)
    for heading in sorted({*left.facts, *right.facts}):
        told = (left.facts.get(heading, ""), right.facts.get(heading, ""))
        shown = [
            shown_value(t, heading, each, identity=False, full=full) if each else ""
            for each in told
        ]
        yield Line(heading, *_sides(shown[0], shown[1]), "", "plain")


def _agreement(
    t: Words, key: str, told: tuple[str, str], levels: dict[str, int]
) -> tuple[str, str]:
    if not all(told):
        return "", "plain"
    if told[0] == told[1]:
        return t("persons.agree.same"), "good"
    comparison = next((each for each in COMPARISONS if each.key == key), None)
    level = levels.get(key, -1)
    if comparison is None or level < 0:
        return t("persons.agree.else"), "bad"
    name = comparison.levels[level].key
    if name in {"else", "both_valid"}:
        return t(f"persons.agree.{name}"), "bad"
    return t(f"persons.agree.{name}"), "doubt"


def _sides(left: str, right: str) -> tuple[Side, Side]:
    """Return both texts in pieces, those that differ marked.

    >>> _sides("王芳", "王方")[1].pieces
    [('王', False), ('方', True)]
    """
    if not left or not right:
        return Side([(left, False)]), Side([(right, False)])
    lefts, rights = [], []
    for deed, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        differs = deed != "equal"
        if left[i:j]:
            lefts.append((left[i:j], differs))
        if right[k:m]:
            rights.append((right[k:m], differs))
    return Side(lefts), Side(rights)


def _crumbs(t: Words, *, linked: bool = False) -> tuple[tuple[str, str | None], ...]:
    return (
        (t("nav.home"), "/"),
        (t("persons.title"), "/livelihood/persons"),
        (t("persons.review"), _LIST if linked else None),
    )
