"""The result table of a run as files of Parquet: one for each policy and county, rows by key.

The same rows give the same bytes: row groups are cut at a fixed number of rows, and nothing that
changes from night to night stands in a file.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from longmai.rules.columns.rule import State

GROUP_ROWS = 131_072
STATE_NAMES = ("not met", "met", "unknown", "manual")
"""In the order of ``State``."""
_DICTIONARIES = ["state", "failing", "unknown", "amount_fen"]


@dataclass(frozen=True)
class Outcomes:
    """Turns what decided into the columns of the table.

    Attributes:
        clauses: ids, in order.
    """

    clauses: tuple[str, ...]

    def table(self, keys: pa.Array, decided: pa.Array, amounts: pa.Array) -> pa.Table:
        """Return rows: key, state, amount_fen, failing, unknown.

        ``failing`` is the first clause that is false, of who does not meet the rule; ``unknown``
        the first that is unknown, or waits for a person. Both are empty where there is none.
        """
        many = len(self.clauses)
        names = ("", *self.clauses)
        numbers, none = range(1, many + 1), [0] * many
        states = [State.MET, *_states(many)]
        return pa.table(
            [
                keys,
                _looked_up(states, decided, STATE_NAMES, pa.int8()),
                amounts.cast(pa.int64()),
                _looked_up([0, *numbers, *none, *none], decided, names, pa.int16()),
                _looked_up([0, *none, *numbers, *numbers], decided, names, pa.int16()),
            ],
            _schema(keys.type),
        )


def _schema(key: pa.DataType) -> pa.Schema:
    text = pa.dictionary(pa.int8(), pa.string())
    clause = pa.dictionary(pa.int16(), pa.string())
    # Measured: a column that may be null takes twice as long to write, so that no clause is an
    # empty text; an amount that is not due is null, and never 0.
    return pa.schema(
        [
            pa.field("key", key, nullable=False),
            pa.field("state", text, nullable=False),
            pa.field("amount_fen", pa.int64()),
            pa.field("failing", clause, nullable=False),
            pa.field("unknown", clause, nullable=False),
        ]
    )


def _states(many: int) -> Iterator[State]:
    for state in (State.NOT_MET, State.UNKNOWN, State.MANUAL):
        yield from [state] * many


def _looked_up(
    numbers: Sequence[int], at: pa.Array, names: Sequence[str], type_: pa.DataType
) -> pa.Array:
    indices = pc.take(pa.array(numbers, type_), at)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def state_counts(table: pa.Table) -> tuple[int, int, int, int]:
    """Count the states of rows: not met, met, unknown, manual."""
    indices = table.column("state").combine_chunks().indices
    found = {row["values"]: row["counts"] for row in pc.value_counts(indices).to_pylist()}
    return found.get(0, 0), found.get(1, 0), found.get(2, 0), found.get(3, 0)


def file_of(folder: Path, policy: str, digest: str, county: str) -> Path:
    """Return the file of a policy and a county; names and values of folders are columns too."""
    own = f"policy={quote(policy, safe='')}"
    return folder / "results" / own / f"digest={digest}" / f"{quote(county, safe='')}.parquet"


class Sheet:
    """One file while it is written: in memory, where it stays small, and to the disk at the end."""

    def __init__(self, file: Path, outcomes: Outcomes) -> None:
        self._file, self._outcomes = file, outcomes
        self._sink = pa.BufferOutputStream()
        self._writer: pq.ParquetWriter | None = None
        self.counts = (0, 0, 0, 0)

    def add(self, keys: pa.Array, decided: pa.Array, amounts: pa.Array) -> None:
        """Write a group of rows."""
        rows = self._outcomes.table(keys, decided, amounts)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._sink, rows.schema, **_options(keys.type))
        self._writer.write_table(rows, row_group_size=GROUP_ROWS)
        own = zip(self.counts, state_counts(rows), strict=True)
        self.counts = tuple(a + b for a, b in own)  # type: ignore[assignment] # four states

    def close(self) -> str:
        """Finish the file; return the SHA-256 of its bytes."""
        if self._writer is None:
            raise AssertionError("a county has people")
        self._writer.close()
        content = self._sink.getvalue()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_bytes(content)
        return hashlib.sha256(content).hexdigest()


def _options(key: pa.DataType) -> Mapping[str, object]:
    # Keys stand in order, so that their differences are small.
    encoding = "DELTA_BINARY_PACKED" if pa.types.is_integer(key) else "DELTA_BYTE_ARRAY"
    return {
        "compression": "snappy",
        "use_dictionary": _DICTIONARIES,
        "column_encoding": {"key": encoding},
        "write_statistics": ["key"],
        "store_schema": False,
    }
