"""Use-cases of recalls: order one, tell who holds the things, lift it. Services never commit."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from longmai.domains.brand.model import gs1
from longmai.domains.brand.queries import has_events
from longmai.domains.brand.recall.kinds import (
    LIFTED,
    LISTED,
    NOTICED,
    ORDERED,
    REASONS,
    RECALL,
    levels,
    subject_of,
)
from longmai.domains.brand.recall.queries import open_recall_of, region_of_things
from longmai.domains.brand.recall.reach import Extent, Holder, extent_of, records_behind
from longmai.domains.brand.recall.tables import DELIVERY
from longmai.domains.brand.service import Capturer, capture
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.ledger.note import parse_checkpoint
from longmai.ledger.record import MAX_SUBJECTS, Act
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor
from longmai.store.ledger import LEAF, SqlLog
from longmai.store.unit_of_work import UnitOfWork

MOST_ROOTS = 50
_MOST_CHARACTERS = 2000
_A_RECORD = 1000
MOST_BEHIND = 20_000
"""Events whose records an order names, for its proof file; beyond, only a log can prove it."""
_ROAD = ""
_RESOLVER = "https://id.gs1.org"
Letter = Callable[[Holder], tuple[str, str]]


@dataclass(frozen=True)
class Desk:
    """Who acts, in which house, and when.

    Attributes:
        house: code of the house's own region.
        channel: the way out for messages to phones: ``webhook`` where the house has a gateway,
            else ``file``.
    """

    work: UnitOfWork
    visitor: Visitor
    now: datetime
    house: str
    channel: str = "file"


@dataclass(frozen=True)
class Order:
    """What is recalled and why.

    Attributes:
        roots: canonical keys of lots, things or containers.
        level: one of ``levels()``.
        reason: one of ``REASONS``.
        note: in words; shown to everybody.
        sample: marks a made-up recall.
    """

    roots: tuple[str, ...]
    level: str
    reason: str
    note: str
    sample: bool = False


def order(desk: Desk, wish: Order, letter: Letter) -> UUID:
    """Order a recall; what it reaches, who is told, and the event for partners go with it.

    Args:
        desk: who orders.
        wish: what and why.
        letter: writes title and text of the notice to a holder.

    Returns:
        the recall's ID.

    Raises:
        Invalid: no roots, too many, or a level or reason that is none.
        NotFound: nothing is recorded about a root.
        Conflict: one is recalled already.
        Forbidden: the thing comes from outside the regions of the visitor's posts.
    """
    connection = desk.work.connection
    roots = tuple(dict.fromkeys(wish.roots))
    _check(desk, wish, roots)
    region = region_of_things(connection, roots) or desk.house
    desk.visitor.require(RECALL, region)
    extent = extent_of(connection, roots)
    recall_id = new_id()
    desk.work.ledger.append([_order_act(desk, wish, extent, (recall_id, region))])
    desk.work.ledger.append(list(_list_acts(desk, extent, (recall_id, region))))
    _tell(desk, extent, recall_id, letter)
    _publish(desk, roots, recall_id, wish)
    return recall_id


def lift(desk: Desk, recall_id: UUID, note: str) -> UUID:
    """Lift a recall, with the reason; the record stays, and who scans the code reads both.

    Raises:
        Invalid: no reason is given.
        NotFound: no such open recall.
        Conflict: somebody lifted it meanwhile.
        Forbidden: it is outside the regions of the visitor's posts.
    """
    found = open_recall_of(desk.work.connection, recall_id)
    desk.visitor.require(RECALL, found.region)
    if not note.strip():
        raise Invalid("say why it is lifted", code="recall.note", place="note")
    act = Act(
        kind=LIFTED,
        subjects=[subject_of(recall_id)],
        region=found.region,
        actor=desk.visitor.actor,
        occurred_at=desk.now,
        payload={
            "recall": str(recall_id),
            "note": note.strip()[:_MOST_CHARACTERS],
            "by_name": desk.visitor.name,
        },
    )
    try:
        return desk.work.ledger.append([act])[0].id
    except IntegrityError as error:
        raise Conflict("it was lifted meanwhile", code="recall.lifted") from error


def _check(desk: Desk, wish: Order, roots: Sequence[str]) -> None:
    if not 1 <= len(roots) <= MOST_ROOTS:
        raise Invalid(f"name 1 to {MOST_ROOTS} lots", code="recall.roots", place="keys")
    if wish.level not in levels():
        raise Invalid("no such level", code="recall.level", place="level", value=wish.level)
    if wish.reason not in REASONS:
        raise Invalid("no such reason", code="recall.reason", place="reason", value=wish.reason)
    if not wish.note.strip() or len(wish.note) > _MOST_CHARACTERS:
        raise Invalid("say why, in words", code="recall.note", place="note")
    for key in roots:
        if not has_events(desk.work.connection, [key]):
            raise NotFound(
                "nothing is recorded about this lot", code="recall.unknown", place="keys",
                value=key, mend="check the number on the label",
            )  # fmt: skip
        if open_recall_of(desk.work.connection, None, key):
            raise Conflict("this is recalled already", code="recall.twice", value=key)


def _order_act(desk: Desk, wish: Order, extent: Extent, told: tuple[UUID, str]) -> Act:
    recall_id, region = told
    behind = records_behind(desk.work.connection, extent)
    note, size, beyond = _seen(desk, behind)
    return Act(
        kind=ORDERED,
        subjects=[subject_of(recall_id), *extent.roots][:MAX_SUBJECTS],
        region=region,
        actor=desk.visitor.actor,
        occurred_at=desk.now,
        payload={
            "recall": str(recall_id),
            "roots": list(extent.roots),
            "level": wish.level,
            "reason": wish.reason,
            "note": wish.note.strip(),
            "by_name": desk.visitor.name,
            "things": len(extent.standings),
            "digest": extent.digest,
            "checkpoint": note,
            "size": size,
            "beyond": beyond,
            "behind": [str(each) for each in behind] if len(behind) <= MOST_BEHIND else None,
            "sample": wish.sample,
        },
    )


def _seen(desk: Desk, behind: Sequence[UUID]) -> tuple[str, int, list[str]]:
    """Return the checkpoint that the recall looked from, its size, and what lay beyond it."""
    log = SqlLog(desk.work.connection)
    note = log.published()
    size = 0 if note is None else parse_checkpoint(note).size
    covered: set[UUID] = set()
    for start in range(0, len(behind), _A_RECORD // 2):
        ids = behind[start : start + _A_RECORD // 2]
        query = select(LEAF.c.record_id).where(LEAF.c.record_id.in_(ids), LEAF.c.leaf_index < size)
        covered.update(desk.work.connection.scalars(query))
    return note or "", size, [str(each) for each in behind if each not in covered]


def _list_acts(desk: Desk, extent: Extent, told: tuple[UUID, str]) -> Iterator[Act]:
    recall_id, region = told
    for start in range(0, len(extent.standings), _A_RECORD):
        part = extent.standings[start : start + _A_RECORD]
        listed = [
            [
                each.key,
                each.state,
                each.places[0] if each.places else _ROAD,
                None if each.quantity is None else format(each.quantity, "f"),
                each.uom,
            ]
            for each in part
        ]
        yield Act(
            kind=LISTED,
            subjects=[subject_of(recall_id)],
            region=region,
            actor=desk.visitor.actor,
            occurred_at=desk.now,
            payload={"recall": str(recall_id), "listed": listed},
        )


def _tell(desk: Desk, extent: Extent, recall_id: UUID, letter: Letter) -> None:
    acts = [
        _notice_act(desk, holder, recall_id, letter)
        for holder in extent.holders
        if holder.contact and (holder.states["held"] or holder.states["sold"])
    ]
    for record in desk.work.ledger.append(acts):
        desk.work.connection.execute(
            insert(DELIVERY).values(record_id=record.id, attempts=0, due_at=desk.now)
        )


def _notice_act(desk: Desk, holder: Holder, recall_id: UUID, letter: Letter) -> Act:
    title, body = letter(holder)
    told = holder.described
    return Act(
        kind=NOTICED,
        subjects=[subject_of(recall_id)],
        region=holder.region or desk.house,
        actor=desk.visitor.actor,
        occurred_at=desk.now,
        payload={
            "recall": str(recall_id),
            "place": holder.place,
            "name": told.name("zh") if told else holder.place,
            "things": holder.states["held"],
            "channel": "mail" if "@" in holder.contact else desk.channel,
            "recipient": holder.contact,
            "title": title,
            "body": body,
        },
    )


def _publish(desk: Desk, roots: Collection[str], recall_id: UUID, wish: Order) -> None:
    """Say it in EPCIS too: partners who subscribed to recalls are told by their own systems."""
    uris = {key: gs1.digital_link(key, _RESOLVER) if gs1.is_key(key) else key for key in roots}
    lots = [uri for key, uri in uris.items() if "/10/" in key and "/21/" not in key]
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventID": f"urn:uuid:{recall_id}",
        "eventTime": desk.now.isoformat(),
        "eventTimeZoneOffset": "+00:00",
        "bizStep": "https://longmai.example/voc#recalling",
        "disposition": "recalled",
        "quantityList": [{"epcClass": uri} for uri in lots],
        "epcList": [uri for uri in uris.values() if uri not in lots],
        "lm:reason": wish.note.strip(),
        "lm:sample": wish.sample,
    }
    document = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            {"lm": "https://longmai.example/voc#"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": desk.now.isoformat(),
        "epcisBody": {"eventList": [{k: v for k, v in event.items() if v not in ([], False)}]},
    }
    by = Capturer(desk.visitor.actor, EVERYWHERE, desk.house, desk.now)
    capture(desk.work, json.dumps(document, ensure_ascii=False), by)
