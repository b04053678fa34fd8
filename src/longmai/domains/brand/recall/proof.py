"""The proof that a recall left nothing out, and its check without this house.

An order names the checkpoint it looked from and the digest of all it reached. What it reached
follows from the events alone, so whoever has them computes it again:

- from the *proof file*: the order and the events it follows from, each proven to be in the log.
  That shows that nothing was added, and that what was listed follows;
- from a *copy of the log* (a backup, a mirror): all events below the checkpoint. That shows that
  nothing was left out either.

Events captured while the order was written (``beyond``) are named one by one.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from longmai.domains.brand.model.epcis import Event, read_event
from longmai.domains.brand.model.lots import lot_of
from longmai.domains.brand.recall.kinds import ORDERED
from longmai.domains.brand.recall.model.standing import digest_of
from longmai.domains.brand.recall.queries import Recall
from longmai.domains.brand.tables import EVENT_KIND
from longmai.domains.brand.trace.model.edges import edges_of, event_node, node
from longmai.domains.brand.trace.model.walk import forward, in_memory
from longmai.kernel.errors import Invalid, TooLarge
from longmai.ledger import verifier
from longmai.portal.house import House
from longmai.portal.ledger_api import bundle_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.ledger import LEAF, SqlLog


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        things: how many the events reach; ``stated`` how many the order says.
        digest_holds: the reached things are those of the order.
        size: records under the checkpoint the order looked from.
        events: how many were read.
        problem: in words; empty where all holds.
    """

    recall_id: str
    things: int
    stated: int
    digest_holds: bool
    size: int
    events: int
    problem: str

    @property
    def holds(self) -> bool:
        """Tell whether the order reached all it must and nothing else."""
        return self.digest_holds and not self.problem


def proof_of(house: House, found: Recall, visitor: Visitor) -> dict[str, Any]:
    """Return the proof file of a recall: its order and the events it follows from, proven.

    Raises:
        TooLarge: it follows from more events than one file takes; check it in a copy of the log.
        Unavailable: no checkpoint covers them yet.
    """
    with house.store.read() as connection:
        told = json.loads(SqlLog(connection).record(found.record_id).payload or b"{}")
    behind = told.get("behind")
    if behind is None:
        raise TooLarge(
            "this recall follows from too many events for one file",
            code="recall.proof",
            mend="check it against a copy of the log: longmai brand recall check --data",
        )
    return bundle_of(house, [found.record_id, *map(UUID, behind)], visitor)


def check_file(text: bytes, key: str | None) -> Finding:
    """Check a proof file by itself; needs no house, no network.

    Args:
        text: the file.
        key: verifier key that you trust; None: the file vouches for itself.

    Raises:
        Invalid: it is no proof of a recall, or its proofs do not hold.
    """
    try:
        verdict = verifier.verify(text, key)
    except verifier.Refused as refusal:
        raise Invalid(refusal.what, code="recall.proof", value=refusal.code) from None
    wrong = next((each.problem for each in verdict.records if each.problem), None)
    orders = [r for r in verdict.records if r.header.get("kind") == ORDERED and r.payload]
    if wrong is not None or len(orders) != 1:
        raise Invalid(
            wrong.what if wrong else "this is not the proof of one recall", code="recall.proof"
        )
    order, beyond = orders[0].payload, set(orders[0].payload["beyond"])
    told = [r for r in verdict.records if r.header.get("kind") == EVENT_KIND and r.payload]
    late = [r for r in told if r.leaf_index >= order["size"] and r.header["id"] not in beyond]
    problem = f"{len(late)} events are younger than the order" if late else ""
    return _finding(order, [read_event(each.payload["event"]) for each in told], (), problem)


def check_log(connection: Connection, found: Recall) -> Finding:
    """Check a recall against all events of a log, here or in a copy: none was left out.

    Raises:
        Conflict: a payload is not the one that was recorded.
    """
    log = SqlLog(connection)
    covered = select(LEAF.c.record_id).where(LEAF.c.leaf_index < found.size)
    known = {str(each) for each in connection.scalars(covered)} | set(found.beyond)
    events = [
        read_event(entry.payload["event"])
        for entry in log.entries({EVENT_KIND})
        if entry.payload is not None and str(entry.record_id) in known
    ]
    void = {event_node(each.event_id) for each in events if "errorDeclaration" in each.body}
    told = {
        "recall": str(found.recall_id),
        "roots": found.roots,
        "things": found.things,
        "digest": found.digest,
        "size": found.size,
    }
    return _finding(told, events, void, "")


def _finding(
    order: Mapping[str, Any], events: Sequence[Event], void: Collection[int], problem: str
) -> Finding:
    told = [each for each in events if "errorDeclaration" not in each.body]
    kept = in_memory((edge for each in told for edge in edges_of(each)), void)
    reach = forward(kept, {node(key) for key in order["roots"]})
    named = {node(key): key for key in _keys(told, order["roots"])}
    keys = [named[number] for number in reach.things if number in named]
    return Finding(
        recall_id=str(order["recall"]),
        things=len(keys),
        stated=int(order["things"]),
        digest_holds=digest_of(keys) == order["digest"],
        size=int(order["size"]),
        events=len(events),
        problem=problem,
    )


def _keys(events: Iterable[Event], roots: Iterable[str]) -> set[str]:
    keys = set(roots)
    for event in events:
        for item in event.items:
            keys.update(each for each in (item.key, lot_of(item, event)) if each)
    return keys
