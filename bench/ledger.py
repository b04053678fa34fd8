"""Append throughput and proof latency of the ledger, beside pymerkle in the same run.

Run: ``make bench``, or ``python bench/ledger.py --records 100000`` for a quick one.

Both write durably to SQLite (``synchronous=FULL``). They do not do the same work: for each
record Longmai seals a canonical header, commits to a salted payload, keeps an index of subjects
and signs checkpoints; pymerkle stores and hashes the entry it is given. The same bytes go in.
"""

import argparse
import os
import platform
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pymerkle import SqliteTree

from longmai.kernel.clock import SystemClock
from longmai.ledger.canonical import canonical
from longmai.ledger.merkle import MemoryTiles, inclusion_proof
from longmai.ledger.note import Signer
from longmai.ledger.record import Act
from longmai.store.database import connect, migrate
from longmai.store.integrator import integrate_all
from longmai.store.ledger import SqlLog
from longmai.store.unit_of_work import Store

BATCHES = {1: 400, 64: 12_800, 1_024: 102_400}
FILL_BATCH = 8_192
PROOFS = 2_000


def main() -> None:
    """Run all measurements and print them as two tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000, help="size of the log for proofs")
    size = parser.parse_args().records
    print(_machine())
    with tempfile.TemporaryDirectory() as folder:
        _print_throughput(Path(folder))
        _print_latency(Path(folder), size)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, entries of {len(canonical(_payload(0)))} bytes"
    )


def _print_throughput(folder: Path) -> None:
    print("\nAppends a second, durable\n")
    print("| batch | records | Longmai | with integration | pymerkle | ratio |")
    print("|---:|---:|---:|---:|---:|---:|")
    for batch, records in BATCHES.items():
        appended, integrated = _append_ours(folder / f"ours-{batch}.db", records, batch)
        theirs = _append_theirs(folder / f"theirs-{batch}.db", records, batch)
        ratio = appended / theirs
        print(
            f"| {batch:,} | {records:,} | {appended:,.0f} | {integrated:,.0f} "
            f"| {theirs:,.0f} | {ratio:.2f} |"
        )


def _append_ours(file: Path, records: int, batch: int) -> tuple[float, float]:
    store, signer = _open(file)
    started = time.perf_counter()
    for start in range(0, records, batch):
        with store.begin() as work:
            work.ledger.append([_act(i) for i in range(start, start + batch)])
    appended = time.perf_counter() - started
    integrate_all(store, signer, store.clock)
    integrated = time.perf_counter() - started
    store.engine.dispose()
    return records / appended, records / integrated


def _append_theirs(file: Path, records: int, batch: int) -> float:
    with SqliteTree(str(file)) as tree:
        # What pymerkle leaves to its user: durability on a par with ours.
        tree.con.execute("PRAGMA journal_mode = WAL")
        tree.con.execute("PRAGMA synchronous = FULL")
        started = time.perf_counter()
        for start in range(0, records, batch):
            entries = [canonical(_payload(i)) for i in range(start, start + batch)]
            tree.append_entries(entries, chunksize=batch)
        return records / (time.perf_counter() - started)


def _print_latency(folder: Path, size: int) -> None:
    store, signer = _open(folder / "ours.db")
    for start in range(0, size, FILL_BATCH):
        with store.begin() as work:
            work.ledger.append([_act(i) for i in range(start, min(start + FILL_BATCH, size))])
        integrate_all(store, signer, store.clock)
    chosen = random.Random(1).sample(range(size), PROOFS)  # noqa: S311 - a fixed choice, no secret
    with store.read() as connection:
        log = SqlLog(connection)
        ours = _timed(chosen, lambda i: inclusion_proof(MemoryTiles(behind=log), i, size))
    with SqliteTree(str(folder / "theirs.db")) as tree:
        tree.append_entries(_entries(size), chunksize=FILL_BATCH)
        theirs = _timed(chosen, lambda i: tree.prove_inclusion(i + 1, size))
    print(f"\nInclusion proof in a log of {size:,} records, {PROOFS:,} random leaves, ms\n")
    print("| | Longmai | pymerkle | ratio |\n|---|---:|---:|---:|")
    for name, at in (("p50", 0.5), ("p99", 0.99)):
        mine, other = _quantile(ours, at) * 1e3, _quantile(theirs, at) * 1e3
        print(f"| {name} | {mine:.3f} | {other:.3f} | {mine / other:.3f} |")


def _timed(leaves: Sequence[int], prove: Callable[[int], object]) -> list[float]:
    durations = []
    for leaf in leaves:
        started = time.perf_counter()
        prove(leaf)
        durations.append(time.perf_counter() - started)
    return sorted(durations)


def _quantile(durations: Sequence[float], at: float) -> float:
    return durations[min(int(len(durations) * at), len(durations) - 1)]


def _open(file: Path) -> tuple[Store, Signer]:
    engine = connect(f"sqlite:///{file}")
    migrate(engine)
    return Store(engine, (), SystemClock()), Signer.generate("bench.example/log")


def _act(number: int) -> Act:
    now = datetime.now(UTC)
    return Act("bench.thing.made", [f"urn:example:{number}"], "", "bench", now, _payload(number))


def _payload(number: int) -> dict[str, object]:
    return {"number": number, "text": "x" * 200, "amount": 12.5}


def _entries(size: int) -> Iterator[bytes]:
    return (canonical(_payload(i)) for i in range(size))


if __name__ == "__main__":
    main()
