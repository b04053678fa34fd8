"""The result table of a run as files of Parquet: one for each policy and county, rows by key.

The same rows give the same bytes: row groups are cut at a fixed number of rows, and nothing that
changes from night to night stands in a file.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from longmai.rules.columns.rule import State
from longmai.rules.columns.verdicts import Verdict, state_of
from longmai.store.columns.parquet import (
    Chunk,
    FileContent,
    Indices,
    key_column,
    text_column,
    whole_chunk,
    whole_column,
)

GROUP_ROWS = 131_072
STATE_NAMES = ("not met", "met", "unknown", "manual")
"""In the order of ``State``."""


def words_of(code: int, clauses: Sequence[str]) -> tuple[str, str, str]:
    """Return state, failing and unknown clause of an outcome, as ``RuleColumns.decided`` has it.

    ``failing`` is the first clause that is false, of who does not meet the rule; ``unknown`` the
    first that is unknown, or waits for a person. Both are empty where there is none.

    >>> words_of(1, ("age", "pay")), words_of(4, ("age", "pay"))
    (('not met', 'age', ''), ('unknown', '', 'pay'))
    """
    state = state_of(code, len(clauses))
    clause = clauses[(code - 1) % len(clauses)] if code else ""
    fails = state is State.NOT_MET
    return STATE_NAMES[state], clause if fails else "", "" if fails else clause


@lru_cache(1000)
def dictionaries(clauses: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the states, failing and unknown clauses of all outcomes of a rule, by number."""
    words = [words_of(code, clauses) for code in range(3 * len(clauses) + 1)]
    return tuple(zip(*words, strict=True))


def file_of(folder: Path, policy: str, digest: str, county: str) -> Path:
    """Return the file of a policy and a county; names and values of folders are columns too."""
    own = f"policy={quote(policy, safe='')}"
    return folder / "results" / own / f"digest={digest}" / f"{quote(county, safe='')}.parquet"


@dataclass(frozen=True)
class Encoded:
    """A group of rows of a file, as it is written.

    Attributes:
        counts: of the states.
    """

    rows: int
    chunks: tuple[Chunk, ...]
    counts: tuple[int, int, int, int]

    @classmethod
    def of(cls, keys: Chunk, verdict: Verdict, clauses: Sequence[str]) -> "Encoded":
        """Encode what a rule of some clauses says of rows."""
        rows = verdict.rows
        indices = Indices.of(verdict.digits, rows)
        state, failing, unknown = (indices.chunk(each) for each in dictionaries(tuple(clauses)))
        fen = whole_chunk(verdict.due, verdict.fen, rows)
        return cls(rows, (keys, state, fen, failing, unknown), verdict.states(len(clauses)))


class Sheet:
    """One file while it is written: in memory, where it stays small, and to the disk at the end."""

    def __init__(self, file: Path, keys: pa.DataType) -> None:
        self._file = file
        texts = [text_column(each) for each in ("state", "failing", "unknown")]
        columns = [key_column(keys), texts[0], whole_column("amount_fen"), *texts[1:]]
        self._content = FileContent(columns)
        self.counts = (0, 0, 0, 0)

    def add(self, group: Encoded) -> None:
        """Add a group of rows."""
        self._content.add(group.rows, group.chunks)
        own = zip(self.counts, group.counts, strict=True)
        self.counts = tuple(a + b for a, b in own)  # type: ignore[assignment] # four states

    def close(self) -> str:
        """Write the file; return the SHA-256 of its bytes."""
        content = self._content.finished()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_bytes(content)
        return hashlib.sha256(content).hexdigest()
