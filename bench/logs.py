"""Logs to measure: ours, and the same entries in pymerkle and in tlog-scales."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymerkle import SqliteTree
from tlog_scales.signing import PlainEd25519Signer
from tlog_scales.writer import TilesWriter

from longmai.kernel.clock import SystemClock
from longmai.ledger.canonical import canonical
from longmai.ledger.note import Signer
from longmai.ledger.record import Act
from longmai.store.database import connect, migrate
from longmai.store.integrator import integrate_all
from longmai.store.unit_of_work import Store

ORIGIN = "bench.example/log"


@dataclass(frozen=True)
class Ours:
    """A log of ours on SQLite, ``synchronous=FULL``."""

    store: Store
    signer: Signer

    @classmethod
    def opened(cls, file: Path) -> "Ours":
        """Open a new log."""
        engine = connect(f"sqlite:///{file}")
        migrate(engine)
        return cls(Store(engine, (), SystemClock()), Signer.generate(ORIGIN))

    def append(self, first: int, end: int) -> None:
        """Record entries in one durable transaction."""
        with self.store.begin() as work:
            work.ledger.append([act(i) for i in range(first, end)])

    def integrate(self) -> None:
        """Place what waits, and publish."""
        integrate_all(self.store, self.signer, self.store.clock)

    def close(self) -> None:
        """Close the database."""
        self.store.engine.dispose()


def pymerkle_tree(file: Path) -> SqliteTree:
    """Open a pymerkle tree as durable as ours."""
    tree = SqliteTree(str(file))
    # What pymerkle leaves to its user.
    tree.con.execute("PRAGMA journal_mode = WAL")
    tree.con.execute("PRAGMA synchronous = FULL")
    return tree


def scales_log(folder: Path) -> "Scales":
    """Open a new log of tlog-scales, which writes each file durably."""
    key = Ed25519PrivateKey.generate()
    return Scales(TilesWriter.create(folder, ORIGIN), PlainEd25519Signer(ORIGIN, key))


@dataclass(frozen=True)
class Scales:
    """A log of tlog-scales, as files."""

    writer: TilesWriter
    signer: PlainEd25519Signer

    def append(self, first: int, end: int) -> None:
        """Append entries and sign a checkpoint."""
        before = self.writer.size
        for number in range(first, end):
            self.writer.add_leaf(entry(number))
        self.writer.commit([self.signer], gc=False)
        # Its 0.0.3 leaves both to the caller.
        self.writer.size = before + end - first
        self.writer.pending.clear()


def act(number: int) -> Act:
    """Return the act of a number."""
    now = datetime.now(UTC)
    return Act("bench.thing.made", [f"urn:example:{number}"], "", "bench", now, payload(number))


def payload(number: int) -> dict[str, object]:
    """Return the content of a number."""
    return {"number": number, "text": "x" * 200, "amount": 12.5}


def entry(number: int) -> bytes:
    """Return what the peers are given: the same content, canonical."""
    return canonical(payload(number))


def entries(first: int, end: int) -> Iterator[bytes]:
    """Return the entries of a range."""
    return (entry(number) for number in range(first, end))


def as_text(bundle: dict[str, object]) -> bytes:
    """Return a bundle as the file that a verifier reads."""
    return json.dumps(bundle).encode()
