"""Integration: committed records get their places in the log, and the log signs its new size.

Records are appended by business transactions and wait. One integrator at a time then takes those
that waited, gives them leaf indexes, extends the tree and publishes a signed checkpoint — all in
one transaction of the storage, so that a crash leaves either the old log or the new one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from longmai.kernel.clock import Clock
from longmai.ledger.merkle import MemoryTiles, TileStore, append, hash_leaf, tree_root
from longmai.ledger.note import Signer, checkpoint_text

BATCH = 16_384


class LogStorage(TileStore, Protocol):
    """What integration needs of a storage; one instance lives in one transaction, locked."""

    def size(self) -> int | None:
        """Return the size of the newest checkpoint, or None before the first."""
        ...

    def waiting(self, limit: int) -> Sequence[tuple[UUID, bytes]]:
        """Return (record ID, header) of committed records without a place, oldest first."""
        ...

    def place(self, first_leaf_index: int, record_ids: Sequence[UUID]) -> None:
        """Give records their leaf indexes; they wait no longer."""
        ...

    def publish(self, size: int, checkpoint: str, at: datetime) -> None:
        """Keep a signed checkpoint."""
        ...


def integrate(storage: LogStorage, signer: Signer, clock: Clock, limit: int = BATCH) -> int:
    """Integrate at most ``limit`` waiting records and return how many there were.

    The first call publishes the checkpoint of the empty log, so that there always is one.
    """
    before = storage.size()
    waiting = storage.waiting(limit)
    if not waiting and before is not None:
        return 0
    tiles = MemoryTiles(behind=storage)
    start = before or 0
    size = append(tiles, start, [hash_leaf(header) for _, header in waiting])
    for level, index in sorted(tiles.written):
        storage.write_tile(level, index, tiles.read_tile(level, index))
    storage.place(start, [record_id for record_id, _ in waiting])
    text = checkpoint_text(signer.verifier_key.name, size, tree_root(tiles, size))
    storage.publish(size, signer.sign(text), clock.now())
    return len(waiting)
