"""Graph of batches: how long it takes to go back, forward and to recall, at a million events.

Run: ``python -m bench.trace``; ``--events 100000`` for a quick one, ``--events 10000000`` for the
largest. Events are made by ``bench.supply`` and projected by the product's own code, in bulk and
without a ledger, so that ten million can be had; capture itself is timed by ``bench.brand``.

Each question is asked of the same lots in three ways: by the product (a search over integer edges,
a look-up a level), by one recursive SQL query over the same edges, and by one over the tables of
events, which knows no time and no events in error. Times are the processor's.
"""

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from bench.supply import WIDTH, events_of, lot
from sqlalchemy import Connection, text

from longmai.domains.brand.recall.reach import extent_of
from longmai.domains.brand.tables import EVENT_KIND, PROJECTIONS
from longmai.domains.brand.trace.graph import SqlEdges, keys_of
from longmai.domains.brand.trace.model.edges import Kind, node
from longmai.domains.brand.trace.model.walk import back, forward
from longmai.kernel.clock import to_text
from longmai.store.database import connect, migrate, writing
from longmai.store.projection import Entry

DEPTH = 8
ASKED = 100
_BATCH = 20_000
_DOCUMENT = str(UUID(int=7))
_NOW = to_text(datetime(2026, 1, 1, tzinfo=UTC))
# A set of (node, earliest moment): of several moments of one node the earliest says all, but SQL
# keeps them all. Made: at its own moment, or when what it was made of came, if that is earlier.
_OVER_EDGES = f"""
WITH RECURSIVE reached(node, since) AS (
  SELECT :root, 0
  UNION
  SELECT e.target, CASE WHEN e.kind = {int(Kind.MADE)} THEN min(r.since, e.at) ELSE e.at END
  FROM reached r JOIN brand_edge e ON e.source = r.node
  WHERE e.kind <= {int(Kind.MEMBER)} AND (e.kind = {int(Kind.MADE)} OR e.at >= r.since)
)
SELECT DISTINCT node FROM reached
"""
_OVER_EVENTS = """
WITH RECURSIVE reached(key) AS (
  SELECT :root
  UNION
  SELECT there.key FROM reached
  JOIN brand_event_item here ON here.key = reached.key AND here.role IN ({here})
  JOIN brand_event_item there ON there.record_id = here.record_id AND there.role IN ({there})
)
SELECT DISTINCT key FROM reached
"""
_FORWARD = ("'input', 'child'", "'output', 'parent'")


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    given = parser.parse_args()
    a_family = sum(1 for _ in events_of(0, DEPTH))
    families = max(1, given.events // a_family)
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/trace.db")
        migrate(engine)
        began = time.process_time()
        with writing(engine) as connection:
            built = _build(connection, families)
        took = time.process_time() - began
        size = Path(folder, "trace.db").stat().st_size / 2**30
        print(f"SQLite {sqlite3.sqlite_version}; {built:,} events, {size:.1f} GiB, {took:.0f} s")
        print("\n| question | things | p50 ms | p95 ms |\n|---|---:|---:|---:|")
        with engine.connect() as connection:
            for name, level, ask in _questions(connection):
                _print(name, families, level, ask)
        engine.dispose()


def _build(connection: Connection, families: int) -> int:
    [of_events] = (each for each in PROJECTIONS if each.kind == EVENT_KIND)
    events = (event for family in range(families) for event in events_of(family, DEPTH))
    number = 0
    while batch := list(islice(events, _BATCH)):
        of_events.apply(connection, [_entry(number + n, body) for n, body in enumerate(batch, 1)])
        number += len(batch)
    return number


def _entry(number: int, body: dict[str, object]) -> Entry:
    header = {"recorded_at": _NOW, "region": "", "actor": "bench"}
    payload = {"document": _DOCUMENT, "event": {"eventID": f"urn:e:{number}", **body}}
    return Entry(UUID(int=number), header, payload)


def _questions(
    connection: Connection,
) -> Iterator[tuple[str, int, Callable[[str], int]]]:
    def walked_back(root: str) -> int:
        found = back(SqlEdges(connection), {node(root)})
        return len(keys_of(connection, found.things.keys(), [root]))

    def walked_forward(root: str) -> int:
        found = forward(SqlEdges(connection), {node(root)})
        return len(keys_of(connection, found.things.keys(), [root]))

    def recalled(root: str) -> int:
        return len(extent_of(connection, [root]).standings)

    def bare(root: str) -> int:
        return len(forward(SqlEdges(connection), {node(root)}).things)

    def over_edges(root: str) -> int:
        return len(connection.execute(text(_OVER_EDGES), {"root": node(root)}).all())

    def over_events(root: str) -> int:
        query = _OVER_EVENTS.format(here=_FORWARD[0], there=_FORWARD[1])
        return len(connection.execute(text(query), {"root": root}).all())

    yield "backward to the plot, keys", DEPTH - 1, walked_back
    yield "forward, keys", 0, walked_forward
    yield "recall: forward, holders, quantities, states", 0, recalled
    yield "forward, numbers alone: search by levels", 0, bare
    yield "forward, numbers alone: recursive SQL over edges", 0, over_edges
    yield "forward: recursive SQL over the event tables (baseline)", 0, over_events


def _print(name: str, families: int, level: int, ask: Callable[[str], int]) -> None:
    rng = random.Random(7)  # noqa: S311 - a sample, the same each time
    roots = [lot(rng.randrange(families), level, rng.randrange(WIDTH)) for _ in range(ASKED)]
    ask(roots[0])
    took, found = [], 0
    for root in roots:
        began = time.process_time()
        found = ask(root)
        took.append(time.process_time() - began)
    p50, p95 = _percentiles(took)
    print(f"| {name} | {found} | {p50:.1f} | {p95:.1f} |", flush=True)


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(seconds, n=20)
    return 1000 * cuts[9], 1000 * cuts[18]


if __name__ == "__main__":
    main()
