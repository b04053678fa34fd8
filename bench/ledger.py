"""The ledger beside pymerkle and tlog-scales, in the same run: appends, proofs, verification.

Run: ``make bench``; ``python -m bench.ledger --largest 100000`` for a quick one,
``--largest 10000000 --plot docs/images/ledger-growth.svg`` for the table and plot of the documents.

All write durably (SQLite ``synchronous=FULL``; tlog-scales calls fsync for each file). They do not
do the same work: for each record Longmai seals a canonical header, commits to a salted payload,
keeps an index of subjects, and signs checkpoints; the others hash the entry they are given.
"""

import argparse
import gc
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.growth import measure, print_growth
from bench.logs import Ours, act, entries, entry, pymerkle_tree, scales_log
from bench.plot import write_plot

from longmai.store.archive import archive_log
from longmai.store.importing import import_log
from longmai.store.unit_of_work import UnitOfWork

BULK = 16_384
BATCHES = {1: 400, 64: 12_800, 1_024: 102_400, BULK: 131_072}
THREADS = {1: 400, 8: 1_600, 32: 3_200}


def main() -> None:
    """Run all measurements and print them as tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--largest", type=int, default=1_000_000, help="size of the largest log")
    parser.add_argument("--plot", type=Path, help="SVG file to draw the growth into")
    given = parser.parse_args()
    print(_machine())
    gc.freeze()  # as the program itself does
    with tempfile.TemporaryDirectory() as folder:
        _print_throughput(Path(folder))
        _print_threads(Path(folder))
        _print_bulk(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        grown = list(measure(Path(folder), given.largest))
    print_growth(grown)
    if given.plot:
        write_plot(grown, given.plot)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, entries of {len(entry(0))} bytes"
    )


def _print_throughput(folder: Path) -> None:
    print("\nAppends a second, durable\n")
    print(
        "| batch | records | Longmai | with integration | pymerkle | ratio | tlog-scales | ratio |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for batch, records in BATCHES.items():
        appended, integrated = _append_ours(folder / f"ours-{batch}.db", records, batch)
        other = _append_pymerkle(folder / f"pymerkle-{batch}.db", records, batch)
        scales = _append_scales(folder / f"scales-{batch}", records, batch)
        print(
            f"| {batch:,} | {records:,} | {appended:,.0f} | {integrated:,.0f} | {other:,.0f} "
            f"| {appended / other:.2f} | {scales:,.0f} | {integrated / scales:.2f} |"
        )


def _append_ours(file: Path, records: int, batch: int) -> tuple[float, float]:
    log = Ours.opened(file)
    started = time.perf_counter()
    for start in range(0, records, batch):
        log.append(start, start + batch)
    appended = time.perf_counter() - started
    log.integrate()
    integrated = time.perf_counter() - started
    log.close()
    return records / appended, records / integrated


def _append_pymerkle(file: Path, records: int, batch: int) -> float:
    with pymerkle_tree(file) as tree:
        return _rate(
            records,
            batch,
            lambda first, end: tree.append_entries(list(entries(first, end)), chunksize=batch),
        )


def _append_scales(folder: Path, records: int, batch: int) -> float:
    return _rate(records, batch, scales_log(folder).append)


def _rate(records: int, batch: int, append: Callable[[int, int], object]) -> float:
    started = time.perf_counter()
    for start in range(0, records, batch):
        append(start, start + batch)
    return records / (time.perf_counter() - started)


def _print_threads(folder: Path) -> None:
    print("\nSingle records of many threads, appends a second, durable\n")
    print("| threads | records | each its transaction | group commit | ratio |")
    print("|---:|---:|---:|---:|---:|")
    for threads, records in THREADS.items():
        alone = _append_threads(folder / f"alone-{threads}.db", threads, records, grouped=False)
        grouped = _append_threads(folder / f"group-{threads}.db", threads, records, grouped=True)
        ratio = grouped / alone
        print(f"| {threads} | {records:,} | {alone:,.0f} | {grouped:,.0f} | {ratio:.2f} |")


def _append_threads(file: Path, threads: int, records: int, *, grouped: bool) -> float:
    log = Ours.opened(file)

    def one(number: int) -> None:
        if grouped:
            log.store.submit(lambda work: _append_one(work, number))
        else:
            with log.store.begin() as work:
                _append_one(work, number)

    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(records)))
    taken = time.perf_counter() - started
    log.close()
    return records / taken


def _append_one(work: UnitOfWork, number: int) -> None:
    work.ledger.append([act(number)])


def _print_bulk(folder: Path) -> None:
    log = Ours.opened(folder / "whole.db")
    records = BATCHES[BULK]
    for start in range(0, records, BULK):
        log.append(start, start + BULK)
    log.integrate()
    copy = Ours.opened(folder / "copy.db")
    print("\nA whole log, records a second\n")
    print("| deed | records | Longmai |\n|---|---:|---:|")
    started = time.perf_counter()
    archive_log(log.store, folder / "archive")
    rate = records / (time.perf_counter() - started)
    print(f"| export, everything | {records:,} | {rate:,.0f} |")
    started = time.perf_counter()
    import_log(copy.store, folder / "archive", [log.signer.verifier_key])
    rate = records / (time.perf_counter() - started)
    print(f"| import, audited on the way | {records:,} | {rate:,.0f} |")
    log.close()
    copy.close()


if __name__ == "__main__":
    main()
