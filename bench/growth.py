"""How the cost of a proof and of its verification grows with the log."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.logs import Ours, Scales, as_text, entries, pymerkle_tree, scales_log
from pymerkle import SqliteTree
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader

from longmai.ledger import verifier
from longmai.ledger.merkle import inclusion_proof
from longmai.store.ledger import LEAF, SqlLog
from longmai.store.proving import Prover

BATCH = 8_192
PROOFS = 2_000
VERIFIED = 200
# Beyond this the peers' proofs take so long that the run would be about them.
PEERS_UP_TO = 1_000_000


@dataclass
class Grown:
    """What was measured of logs of one size; times in milliseconds, None where not measured.

    Attributes:
        size: number of records.
        appended: records a second while the log grew to this size, integration included.
        bytes_a_record: of our database.
        p50, p99: of a proof, by name of the log.
        verified_p50: of a whole certificate, signature included.
    """

    size: int
    appended: float
    bytes_a_record: float
    verified_p50: float
    p50: dict[str, float | None] = field(default_factory=dict)
    p99: dict[str, float | None] = field(default_factory=dict)


def measure(folder: Path, largest: int) -> Iterator[Grown]:
    """Let logs grow tenfold from 10,000 records on, and measure at each step."""
    ours, size = Ours.opened(folder / "ours.db"), 0
    tree, scales = pymerkle_tree(folder / "pymerkle.db"), scales_log(folder / "scales")
    target = 10_000
    while target <= largest:
        appended = _grow(ours, size, target)
        with_peers = target <= PEERS_UP_TO
        if with_peers:
            _grow_peers(tree, scales, size, target)
        size = target
        grown = Grown(
            size,
            appended,
            (folder / "ours.db").stat().st_size / size,
            _quantile(_verifications(ours, size), 0.5),
        )
        timings = {"Longmai": _proofs(ours, size)}
        if with_peers:
            timings["pymerkle"] = _timed(_chosen(size, PROOFS // 4), _pymerkle(tree, size))
            timings["tlog-scales"] = _timed(_chosen(size, PROOFS), _scales(folder, size))
        for name in ("Longmai", "pymerkle", "tlog-scales"):
            found = timings.get(name)
            grown.p50[name] = _quantile(found, 0.5) if found else None
            grown.p99[name] = _quantile(found, 0.99) if found else None
        yield grown
        target *= 10
    ours.close()
    tree.con.close()


def _grow(log: Ours, size: int, target: int) -> float:
    started = time.perf_counter()
    for start in range(size, target, BATCH):
        log.append(start, min(start + BATCH, target))
        log.integrate()
    return (target - size) / (time.perf_counter() - started)


def _grow_peers(tree: SqliteTree, scales: Scales, size: int, target: int) -> None:
    for start in range(size, target, BATCH):
        end = min(start + BATCH, target)
        tree.append_entries(list(entries(start, end)), chunksize=BATCH)
        scales.append(start, end)


def _proofs(ours: Ours, size: int) -> list[float]:
    with ours.store.read() as connection:
        log = SqlLog(connection)
        return _timed(
            _chosen(size, PROOFS), lambda i: inclusion_proof(log.near([i], size), i, size)
        )


def _pymerkle(tree: SqliteTree, size: int) -> Callable[[int], object]:
    return lambda leaf: tree.prove_inclusion(leaf + 1, size)


def _scales(folder: Path, size: int) -> Callable[[int], object]:
    reader = TilesReader(LocalBackend(folder / "scales"))
    reader.get_checkpoint()
    return lambda leaf: reader.get_inclusion_proof(leaf, size)


def _verifications(ours: Ours, size: int) -> list[float]:
    key = str(ours.signer.verifier_key)
    with ours.store.read() as connection:
        prover = Prover(connection, ours.signer.verifier_key)
        query = LEAF.select().where(LEAF.c.leaf_index.in_(_chosen(size, VERIFIED)))
        ids = [row.record_id for row in connection.execute(query)]
        files = [as_text(prover.bundle([record_id])) for record_id in ids]
    return _timed(range(len(files)), lambda number: verifier.verify(files[number], key))


def _chosen(size: int, count: int) -> list[int]:
    return random.Random(1).sample(range(size), min(count, size))  # noqa: S311 - a fixed choice


def _timed(leaves: Sequence[int], work: Callable[[int], object]) -> list[float]:
    durations = []
    for leaf in leaves:
        started = time.perf_counter()
        work(leaf)
        durations.append((time.perf_counter() - started) * 1e3)
    return sorted(durations)


def _quantile(durations: Sequence[float], at: float) -> float:
    return durations[min(int(len(durations) * at), len(durations) - 1)]


def print_growth(grown: Sequence[Grown]) -> None:
    """Print the table."""
    print("\nGrowth with the size of the log: proofs and verification in milliseconds\n")
    print(
        "| records | appends a second | bytes a record | verification p50 | proof p50 | p99 "
        "| pymerkle p50 | p99 | tlog-scales p50 | p99 |"
    )
    print("|---:" * 10 + "|")
    for each in grown:
        cells = [f"{each.size:,}", f"{each.appended:,.0f}", f"{each.bytes_a_record:,.0f}"]
        cells.append(f"{each.verified_p50:.3f}")
        for name in ("Longmai", "pymerkle", "tlog-scales"):
            cells += [_cell(each.p50[name]), _cell(each.p99[name])]
        print(f"| {' | '.join(cells)} |")


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
