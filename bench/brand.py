"""Capture and tracing: events a second, and how long a trace and a recall take.

Run: ``make bench``; ``python -m bench.brand --events 100000`` for a quick one,
``--events 10000000`` for the largest.

Capture reads one EPCIS document piece by piece, checks every event, seals each into the ledger, and
commits durably (SQLite ``synchronous=FULL``); the peer only parses the same text and inserts the
same rows, without checks and without a ledger. Traces go eight levels of mixing deep; the peer is a
recursive SQL query over the same tables, which knows no time, no packing windows and no errors.
"""

import argparse
import gc
import json
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.supply import WIDTH, document, events_of, lot
from sqlalchemy import text

from longmai.domains.brand.intake import take_in
from longmai.domains.brand.model.epcis import read_event
from longmai.domains.brand.model.epcis.json_stream import JsonSplitter
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.model.way import Direction
from longmai.domains.brand.queries import SqlEvents
from longmai.domains.brand.service import Capturer
from longmai.domains.brand.tables import PROJECTIONS
from longmai.kernel.clock import SystemClock
from longmai.kernel.ids import new_id
from longmai.ledger.note import Signer
from longmai.portal.rights.model import EVERYWHERE
from longmai.store.database import connect, migrate
from longmai.store.integrator import integrate_all
from longmai.store.pressure import Pressure
from longmai.store.unit_of_work import Store

DEPTH = 8
ASKED = 200
_FORWARD = ("input", "child"), ("output", "parent")
_BACK = ("output", "parent"), ("input", "child")
_QUESTIONS: Sequence[tuple[str, Sequence[Direction], int]] = (
    ("backward, from a last lot", ("back",), DEPTH - 1),
    ("recall: forward, from a first lot", ("forward",), 0),
    ("both ways, of a lot in the middle", ("back", "forward"), DEPTH // 2),
)
# What the peer asks: everything reached over events, and the events of all that.
_RECURSIVE = """
WITH RECURSIVE reached(key) AS (
  SELECT :root
  UNION
  SELECT there.key FROM reached
  JOIN brand_event_item here ON here.key = reached.key AND here.role IN {here}
  JOIN brand_event_item there ON there.record_id = here.record_id AND there.role IN {there}
)
SELECT DISTINCT e.record_id, r.payload FROM reached
JOIN brand_event_item i ON i.key = reached.key
JOIN brand_event e ON e.record_id = i.record_id
JOIN ledger_record r ON r.id = e.record_id
"""


def main() -> None:
    """Run all measurements and print them as tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000, help="how many events there are")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, depth {DEPTH}")
    gc.freeze()
    a_family = sum(1 for _ in events_of(0, DEPTH))
    families = max(1, given.events // a_family)
    with tempfile.TemporaryDirectory() as folder:
        store = _store(Path(folder) / "ours.db")
        print("\nCapture, events a second, durable\n")
        print("| events | by | Longmai | with places in the log | rows alone | ratio |")
        print("|---:|---|---:|---:|---:|---:|")
        _print_capture(store, families, a_family, Path(folder) / "rows.db")
        print(f"\nMilliseconds to trace a lot at {families * a_family:,} events\n")
        print("| question | events found | p50 | p95 | SQL p50 | SQL p95 | ratio p95 |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for name, directions, level in _QUESTIONS:
            _print_trace(store, families, name, directions, level)
        store.engine.dispose()


def _store(file: Path) -> Store:
    engine = connect(f"sqlite:///{file}")
    migrate(engine)
    return Store(engine, PROJECTIONS, SystemClock(), pressure=Pressure(0))


def _print_capture(store: Store, families: int, a_family: int, rows: Path) -> None:
    chunks = partial(document, range(families), DEPTH)
    by = Capturer("bench", EVERYWHERE, "99", store.clock.now())
    generating = _timed(lambda: sum(len(chunk) for chunk in chunks()))
    taking = _timed(lambda: take_in(store, chunks, (new_id(), by), proceed=True))
    signer = Signer.generate("bench.example/log")
    placing = _timed(lambda: integrate_all(store, signer, store.clock))
    some = min(families, 100_000 // a_family + 1)
    inserting = _timed(lambda: _insert_rows(rows, partial(document, range(some), DEPTH)))
    # Making the text is not the work: it is made twice for us, once for the peer.
    for i, clock in enumerate(("the wall's clock", "the processor's")):
        taken = taking[i] - 2 * generating[i]
        ours, peer = (
            families * a_family / taken,
            some * a_family / (inserting[i] - generating[i] * some / families),
        )
        placed = families * a_family / (taken + placing[i])
        print(
            f"| {families * a_family:,} | {clock} | {ours:,.0f} | {placed:,.0f} "
            f"| {peer:,.0f} | {ours / peer:.2f} |"
        )


def _insert_rows(file: Path, chunks: Callable[[], Iterator[bytes]]) -> None:
    connection = sqlite3.connect(file)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE event (id INTEGER PRIMARY KEY, time TEXT, body TEXT);"
        "CREATE TABLE item (event INTEGER, role TEXT, key TEXT);"
        "CREATE INDEX by_key ON item (key)"
    )
    batch: list[tuple[int, dict[str, Any]]] = []
    for number, piece in enumerate(JsonSplitter().feed(chunks())):
        batch.append((number, json.loads(piece.text)))
        if len(batch) == 500:
            _insert(connection, batch)
            batch = []
    _insert(connection, batch)
    connection.close()


def _insert(connection: sqlite3.Connection, batch: Sequence[tuple[int, dict[str, Any]]]) -> None:
    with connection:
        rows = [(number, body["eventTime"], json.dumps(body)) for number, body in batch]
        connection.executemany("INSERT INTO event VALUES (?, ?, ?)", rows)
        items = [
            (number, item.role, item.key)
            for number, body in batch
            for item in read_event(body).items
        ]
        connection.executemany("INSERT INTO item VALUES (?, ?, ?)", items)


def _print_trace(
    store: Store, families: int, name: str, directions: Sequence[Direction], level: int
) -> None:
    rng = random.Random(7)  # noqa: S311 - a sample, the same each time
    roots = [lot(rng.randrange(families), level, rng.randrange(WIDTH)) for _ in range(ASKED)]
    with store.read() as connection:
        ours, found = [], 0
        for root in roots:
            began = time.perf_counter()
            found = len(trace(SqlEvents(connection), root, directions).steps)
            ours.append(time.perf_counter() - began)
        peers = []
        for root in roots:
            began = time.perf_counter()
            for direction in directions:
                here, there = _FORWARD if direction == "forward" else _BACK
                query = _RECURSIVE.format(here=here, there=there)
                for row in connection.execute(text(query), {"root": root}):
                    json.loads(row.payload)
            peers.append(time.perf_counter() - began)
    (p50, p95), (peer50, peer95) = _percentiles(ours), _percentiles(peers)
    print(
        f"| {name} | {found} | {p50:.1f} | {p95:.1f} | {peer50:.1f} | {peer95:.1f} "
        f"| {p95 / peer95:.2f} |"
    )


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(seconds, n=20)
    return 1000 * cuts[9], 1000 * cuts[18]


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that work takes: on the wall, and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


if __name__ == "__main__":
    main()
