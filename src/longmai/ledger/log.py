"""Integration and publication: records get their places in the log, and the log signs its size.

Records are appended by business transactions and wait. One integrator at a time takes those that
waited, gives them leaf indexes and extends the tree, in one transaction of the storage. Then the
log signs a checkpoint of its new size; where witnesses are asked for, it is published only once
enough of them have cosigned it. A crash leaves either the old log or the new one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from longmai.kernel.clock import Clock
from longmai.kernel.errors import Conflict
from longmai.ledger.keys import KeyRing
from longmai.ledger.merkle import MemoryTiles, TileReader, TileStore, append, hash_leaf, tree_root
from longmai.ledger.note import (
    PUBLICATION_KEY,
    Signer,
    VerifierKey,
    checkpoint_text,
    open_stamped,
    parse_checkpoint,
    signers_named,
)

BATCH = 16_384
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PublishedLog(TileReader, Protocol):
    """What signing a checkpoint needs to know of a log."""

    def size(self) -> int:
        """Return the number of records that have their place."""
        ...

    def published(self) -> str | None:
        """Return the newest published checkpoint, or None before the first."""
        ...

    def rotated_to(self) -> str | None:
        """Return the key that the newest placed rotation names, or None if there was none."""
        ...


class LogStorage(TileStore, Protocol):
    """What integration needs of a storage; one instance lives in one transaction, locked."""

    def size(self) -> int:
        """Return the number of records that have their place."""
        ...

    def waiting(self, limit: int) -> Sequence[tuple[UUID, bytes]]:
        """Return (record ID, header) of committed records without a place, oldest first."""
        ...

    def place(self, first_leaf_index: int, record_ids: Sequence[UUID]) -> None:
        """Give records their leaf indexes; they wait no longer."""
        ...


def integrate(storage: LogStorage, limit: int = BATCH) -> int:
    """Place at most ``limit`` waiting records and return how many there were."""
    waiting = storage.waiting(limit)
    if not waiting:
        return 0
    tiles = MemoryTiles(behind=storage)
    start = storage.size()
    append(tiles, start, [hash_leaf(header) for _, header in waiting])
    for level, index in sorted(tiles.written):
        storage.write_tile(level, index, tiles.read_tile(level, index))
    storage.place(start, [record_id for record_id, _ in waiting])
    return len(waiting)


@dataclass(frozen=True)
class Publication:
    """A checkpoint about to be published.

    Attributes:
        size: of the tree.
        note: signed by the log, not yet by witnesses.
        at: the time it states.
        previous: size of the checkpoint published before; None if it is the first.
    """

    size: int
    note: str
    at: datetime
    previous: int | None


def next_checkpoint(log: PublishedLog, keys: KeyRing, clock: Clock) -> Publication | None:
    """Sign a checkpoint of all that is placed; None where the newest one covers it already.

    The first is that of the empty log, so that there always is one.

    Raises:
        Conflict: the keys at hand are not those that signed this log so far.
    """
    newest, size, signers = log.published(), log.size(), keys.signers()
    previous = None if newest is None else parse_checkpoint(newest).size
    if previous is not None and previous >= size:
        return None
    _check_keys(newest, log.rotated_to(), signers)
    at = clock.now()
    text = checkpoint_text(signers[0].verifier_key.name, size, tree_root(log, size))
    # During a rotation the next key signs, too, so that holders of either can go on.
    lines = [each.signature_line(text) for each in signers]
    lines.append(signers[0].publication_line(text, publication_stamp(at, previous)))
    return Publication(size, f"{text}\n{''.join(lines)}", at, previous)


def _check_keys(newest: str | None, rotated_to: str | None, signers: Sequence[Signer]) -> None:
    ours = {str(signer.verifier_key) for signer in signers}
    if rotated_to is not None:
        known = rotated_to in ours
    elif newest is not None:
        names = {(name, key_hash) for name, key_hash, _ in signers_named(newest)}
        known = any((s.verifier_key.name, s.verifier_key.key_hash) in names for s in signers)
    else:
        known = True
    if not known:
        raise Conflict(
            "the key at hand is not the one that signed this log so far",
            code="ledger.key.other",
            value=str(signers[0].verifier_key),
            mend="bring back the key file that belongs to this database",
        )


def publication_stamp(at: datetime, previous: int | None) -> bytes:
    """Return what a log signs beside a checkpoint: when it published it, and after which size.

    It binds the time, and makes a removed checkpoint leave a gap. It stands in a signature line of
    its own, so that verifiers who do not know it read the checkpoint as any other.

    Returns:
        16 bytes: microseconds since 1970, and the size before plus one (0 for the first), each in
        8 bytes, big-endian.

    >>> from datetime import UTC
    >>> publication_stamp(datetime(2025, 10, 1, tzinfo=UTC), 400).hex()
    '0006400d8cb9c0000000000000000191'
    """
    microseconds = (at - _EPOCH) // timedelta(microseconds=1)
    return microseconds.to_bytes(8, "big") + (0 if previous is None else previous + 1).to_bytes(
        8, "big"
    )


def publication_of(note: str, key: VerifierKey) -> tuple[datetime, int | None]:
    """Return when a key's line says that a checkpoint was published, and after which size.

    Raises:
        Invalid: it has no such line, or one that does not hold.
    """
    _, stamp = open_stamped(note, key.of_kind(PUBLICATION_KEY))
    microseconds, before = int.from_bytes(stamp[:8], "big"), int.from_bytes(stamp[8:], "big")
    return _EPOCH + timedelta(microseconds=microseconds), before - 1 if before else None


def signing_key(note: str, keys: Sequence[VerifierKey]) -> VerifierKey:
    """Return the last of these keys that a note names as a signer; the signature is unchecked.

    Raises:
        Conflict: it names none of them.
    """
    named = {(name, key_hash) for name, key_hash, _ in signers_named(note)}
    for key in reversed(keys):
        if (key.name, key.key_hash) in named:
            return key
    raise Conflict("the checkpoint is not signed by any key of this log", code="ledger.key.other")
