"""What an audit reads and what it says: stored leaves, findings, the result of a clean run."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from longmai.ledger.merkle import TileReader


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A leaf as it is stored; ``header`` is None where the record's row is gone.

    Attributes:
        record_id: as it is stored, whether it is an ID or not.
        columns: copies of header fields that the storage keeps for searching.
        subjects: the storage's index of subjects, in any order.
        fields: of the header, where who gives the leaf has just read them from it.
    """

    leaf_index: int
    record_id: str
    header: bytes | None
    payload: bytes | None
    salt: bytes | None
    columns: Mapping[str, Any]
    subjects: Sequence[str]
    fields: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the log says.

    Attributes:
        code: machine-readable kind of finding.
        what: in words.
        leaf_index: of the record concerned, if one is.
        record_id: of the record concerned, if one is.
        place: of the tile or checkpoint concerned, if one is.
    """

    code: str
    what: str
    leaf_index: int | None = None
    record_id: str | None = None
    place: str | None = None

    def __str__(self) -> str:
        where = [f"record {self.record_id}"] if self.record_id else []
        where += [f"leaf {self.leaf_index}"] if self.leaf_index is not None else []
        where += [self.place] if self.place else []
        return f"{', '.join(where) or 'log'}: {self.what}"


class AuditedLog(TileReader, Protocol):
    """What the audit reads, in one consistent snapshot."""

    def leaves(self, first: int = 0) -> Iterator[StoredLeaf]:
        """Yield the leaves from an index on, by leaf index."""
        ...

    def tile_places(self) -> Iterator[tuple[int, int]]:
        """Yield (level, index) of all stored tiles."""
        ...

    def checkpoints(self) -> Iterator[tuple[int, str, str]]:
        """Yield (size, signed note, time it is kept as published at) by size."""
        ...

    def receipts(self) -> Iterator[tuple[int, str, bytes]]:
        """Yield (size, our checkpoint of it, JSON of its proof in the logs above) by size."""
        ...

    def erased(self) -> Collection[str]:
        """Return the records that an erasure names."""
        ...

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield records that neither stand in the log nor wait rightly, and why."""
        ...


@dataclass(frozen=True)
class Audited:
    """What an audit without findings leaves for the next one to go on from.

    Attributes:
        size: number of leaves looked at.
        root: of their tree, hexadecimal.
        checkpoint: size of the newest checkpoint looked at; None if there was none.
    """

    size: int
    root: str
    checkpoint: int | None
