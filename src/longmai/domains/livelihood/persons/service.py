"""Use-cases on persons: merge, split, undo, decide a doubtful pair. Services never commit.

All of them are records that move rows from one person to another, one step further each; nothing is
overwritten, so each can be undone, and two people who act at once do not undo each other unseen.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from longmai.domains.livelihood.persons.importing import Desk
from longmai.domains.livelihood.persons.queries import person_region
from longmai.domains.livelihood.persons.refreshing import refresh
from longmai.domains.livelihood.persons.tables import (
    LINK,
    MERGED,
    PAIR,
    PAIR_DECIDED,
    SPLIT,
    UNDONE,
    is_current,
)
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.ledger.record import Act
from longmai.store.reading import chunks
from longmai.store.unit_of_work import UnitOfWork

REVIEW = "livelihood.person.review"
MAX_BECAUSE = 200
Verdict = Literal["same", "different", "open"]


def merge(work: UnitOfWork, desk: Desk, persons: tuple[UUID, UUID], because: str) -> UUID:
    """Say that two persons are one; the older keeps its ID. Return that.

    Raises:
        NotFound: one of them has no rows.
        Forbidden: one lies outside the visitor's regions.
        Invalid: it is the same person, or no reason is given.
        Conflict: somebody moved a row of them at this moment.
    """
    kept, gone = sorted(persons)
    if kept == gone:
        raise Invalid("this is one person already", code="persons.same")
    regions = [_may(work, desk, person) for person in (kept, gone)]
    rows = [(link, kept) for link in _links_of(work, gone)]
    _move(work, desk, MERGED, rows, region=regions[0], because=because, persons=[kept, gone])
    return kept


def split(work: UnitOfWork, desk: Desk, row_ids: Sequence[UUID], because: str) -> UUID:
    """Say that rows are of another person than the one they are with; return the new person.

    Raises:
        NotFound: a row is linked to nobody.
        Invalid: the rows are of several persons, or all the rows of one; or no reason is given.
        Forbidden, Conflict: as for ``merge``.
    """
    links = list(_links(work, LINK.c.row_id.in_(row_ids)))
    persons = {link.person_id for link in links}
    if len(links) != len(set(row_ids)) or not links:
        raise NotFound("a row is linked to nobody", code="persons.row")
    if len(persons) > 1:
        raise Invalid("the rows are of several persons", code="persons.split_several")
    person = persons.pop()
    if len(_links_of(work, person)) == len(links):
        raise Invalid(
            "all rows of the person are chosen: nobody would be left",
            code="persons.split_all",
            mend="leave those that are rightly here",
        )
    region, fresh = _may(work, desk, person), new_id()
    rows = [(link, fresh) for link in links]
    _move(work, desk, SPLIT, rows, region=region, because=because, persons=[person, fresh])
    return fresh


def undo(work: UnitOfWork, desk: Desk, record_id: UUID, because: str) -> list[UUID]:
    """Undo a merge, a split or an undoing: each row goes back to where it was.

    A row that a file's linking brought to a person goes to a person of its own.
    Returns the persons that changed.

    Raises:
        NotFound: there is no such record.
        Conflict: rows were moved since: that is undone first.
        Forbidden, Invalid: as for ``merge``.
    """
    steps = list(work.connection.execute(select(LINK).where(LINK.c.record_id == record_id)))
    if not steps:
        raise NotFound("no such record of a link", code="persons.link", value=str(record_id))
    now = {row.row_id: row for each in chunks(steps, 500) for row in _links_now(work, each)}
    if any(now[each.row_id].person_id != each.person_id for each in steps):
        raise Conflict(
            "rows were moved since", code="persons.undo_later", mend="undo the later act first"
        )
    before = _before(work, steps)
    rows = [(now[each.row_id], before.get(each.row_id) or new_id()) for each in steps]
    persons = list(dict.fromkeys(p for each, to in rows for p in (each.person_id, to)))
    region = _may(work, desk, steps[0].person_id)
    _move(
        work, desk, UNDONE, rows, region=region, because=because, persons=persons, undoes=record_id
    )
    return persons


def decide(
    work: UnitOfWork, desk: Desk, pair: tuple[UUID, UUID], verdict: Verdict, because: str
) -> None:
    """Say of two rows whether they are of one person; merges or splits what follows.

    ``open`` takes an earlier word back: the pair waits again.

    Raises:
        NotFound: the pair does not wait for anybody.
        Forbidden, Conflict, Invalid: as for ``merge``.
    """
    left, right = sorted(pair)
    here = (PAIR.c.left_row == left) & (PAIR.c.right_row == right)
    found = work.connection.execute(select(PAIR).where(here)).one_or_none()
    if found is None:
        raise NotFound("no such pair", code="persons.pair")
    desk.visitor.require(REVIEW, found.region)
    _require_because(because)
    payload = {"left": str(left), "right": str(right), "verdict": verdict, "because": because}
    act = Act(PAIR_DECIDED, [], found.region, desk.actor, desk.now, payload)
    work.ledger.append([act])
    persons = {link.row_id: link.person_id for link in _links(work, LINK.c.row_id.in_(pair))}
    together = persons.get(left) == persons.get(right)
    if verdict == "same" and not together:
        merge(work, desk, (persons[left], persons[right]), because)
    elif verdict == "different" and together:
        split(work, desk, [right], because)


def _may(work: UnitOfWork, desk: Desk, person: UUID) -> str:
    region = person_region(work.connection, person)
    desk.visitor.require(REVIEW, region)
    return region


def _links(work: UnitOfWork, condition: Any) -> Iterable[Row[Any]]:
    query = select(LINK).where(condition, is_current()).order_by(LINK.c.row_id)
    return work.connection.execute(query).all()


def _links_of(work: UnitOfWork, person: UUID) -> Sequence[Row[Any]]:
    return list(_links(work, LINK.c.person_id == person))


def _links_now(work: UnitOfWork, steps: Sequence[Row[Any]]) -> Iterable[Row[Any]]:
    return _links(work, LINK.c.row_id.in_([each.row_id for each in steps]))


def _before(work: UnitOfWork, steps: Sequence[Row[Any]]) -> dict[UUID, UUID]:
    found: dict[UUID, UUID] = {}
    for chunk in chunks(steps, 500):
        wanted = {each.row_id: each.step - 1 for each in chunk}
        query = select(LINK).where(LINK.c.row_id.in_(wanted))
        for row in work.connection.execute(query):
            if row.step == wanted[row.row_id]:
                found[row.row_id] = row.person_id
    return found


def _require_because(because: str) -> None:
    if not 0 < len(because.strip()) <= MAX_BECAUSE:
        raise Invalid(
            "say why",
            code="persons.because",
            place="because",
            mend=f"in 1 to {MAX_BECAUSE} characters",
        )


def _move(  # noqa: PLR0913 - what a record of moves says
    work: UnitOfWork,
    desk: Desk,
    kind: str,
    rows: Sequence[tuple[Row[Any], UUID]],
    *,
    region: str,
    because: str,
    persons: Sequence[UUID],
    undoes: UUID | None = None,
) -> None:
    _require_because(because)
    how = "undone" if kind == UNDONE else "clerk"
    moves = [[str(link.row_id), link.step + 1, str(to), how, None] for link, to in rows]
    act = Act(
        kind=kind,
        subjects=[f"person:{each}" for each in persons[:60]],
        region=region,
        actor=desk.actor,
        occurred_at=desk.now,
        payload={
            "because": because.strip(),
            "moves": moves,
            **({"undoes": str(undoes)} if undoes else {}),
        },
    )
    try:
        work.ledger.append([act])
    except IntegrityError:
        raise Conflict(
            "somebody moved a row at this moment", code="persons.moved", mend="look again"
        ) from None
    refresh(work.connection, [*persons, *(to for _, to in rows)])
