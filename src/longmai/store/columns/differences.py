"""What became of people since the night before: rows of the result table that differ, and counts.

A row of an overlay replaces the row of the same policy and key; one with an empty state takes it
away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from longmai.rules.columns.bits import numbers
from longmai.rules.columns.verdicts import Verdict, state_of
from longmai.store.columns.judging import Names
from longmai.store.columns.results import dictionaries

GONE = ""
"""The state of who is no longer there."""
TEXTS = ("policy", "county", "state", "failing", "unknown")
_NO_COUNTS = (0, 0, 0, 0)


def differing(before: Verdict, after: Verdict) -> pa.Array:
    """Return the places of the rows of which a rule says something else than before."""
    apart: pa.BooleanArray | None = None
    pairs = zip((*before.digits, before.due), (*after.digits, after.due), strict=True)
    for one, other in pairs:
        if one is not None or other is not None:
            own = other if one is None else one if other is None else pc.xor(one, other)
            apart = own if apart is None else pc.or_(apart, own)
    found = pa.array([], pa.uint64()) if apart is None else pc.indices_nonzero(apart)
    more = _other_amounts(before, after)
    return found if not len(more) else pc.unique(pa.concat_arrays([found, more])).sort()


def _other_amounts(before: Verdict, after: Verdict) -> pa.Array:
    if before.due is None or after.due is None:
        return pa.array([], pa.uint64())
    both = pc.and_(before.due, after.due)
    one = before.fen.filter(both.filter(before.due))
    other = after.fen.filter(both.filter(after.due))
    return pc.indices_nonzero(both).filter(pc.not_equal(one, other))


@dataclass
class Differences:
    """Collects the rows of one policy that differ, and by how much each county's counts do.

    Attributes:
        counts: not met, met, unknown, manual more than before, by county.
    """

    names: Names
    counts: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _tables: list[pa.Table] = field(default_factory=list)

    def changed(
        self, keys: pa.Array, counties: pa.DictionaryArray, before: Verdict, after: Verdict
    ) -> None:
        """Note people who were there before, in the same county."""
        at = differing(before, after)
        if len(at):
            where = counties.take(at)
            self._count(where, numbers(before.digits, before.rows).take(at), -1)
            self._came(keys.take(at), where, after, at)

    def came(self, keys: pa.Array, counties: pa.DictionaryArray, after: Verdict) -> None:
        """Note people who were not there before, or in another county."""
        self._came(keys, counties, after, pa.array(range(len(keys)), pa.int64()))

    def left(self, counties: pa.DictionaryArray, before: Verdict) -> None:
        """Note people who are not there any more, or are in another county."""
        self._count(counties, numbers(before.digits, before.rows), -1)

    def gone(self, keys: pa.Array) -> None:
        """Note people who are nowhere any more."""
        none = pa.repeat(pa.scalar(0, pa.uint8()), len(keys))
        words = {name: _texts([GONE], none) for name in TEXTS[1:]}
        self._add(keys, words, pa.nulls(len(keys), pa.int64()))

    def table(self) -> pa.Table:
        """Return the rows, by key."""
        return pa.concat_tables(self._tables).unify_dictionaries().sort_by("key")

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing differs."""
        return not self._tables

    def _came(
        self, keys: pa.Array, counties: pa.DictionaryArray, after: Verdict, at: pa.Array
    ) -> None:
        codes = numbers(after.digits, after.rows).take(at)
        self._count(counties, codes, 1)
        words: dict[str, pa.Array] = {"county": counties}
        for name, texts in zip(TEXTS[2:], dictionaries(self.names.clauses), strict=True):
            words[name] = _texts(texts, codes)
        self._add(keys, words, after.amounts().cast(pa.int64()).take(at))

    def _add(self, keys: pa.Array, words: Mapping[str, pa.Array], fen: pa.Array) -> None:
        if len(keys):
            own = {"policy": _texts([self.names.id], pa.nulls(len(keys), pa.int32()).fill_null(0))}
            own |= words
            columns = {"key": keys, **{name: own[name] for name in TEXTS}, "amount_fen": fen}
            self._tables.append(pa.table(columns))

    def _count(self, counties: pa.DictionaryArray, codes: pa.Array, sign: int) -> None:
        clauses = len(self.names.clauses)
        width = 3 * clauses + 1
        both = counties.indices.to_numpy() * width + codes.to_numpy()
        found = np.bincount(both, minlength=1)
        for at in np.flatnonzero(found).tolist():
            county, code = counties.dictionary[at // width].as_py(), at % width
            own = list(self.counts.get(county, _NO_COUNTS))
            own[state_of(code, clauses)] += sign * int(found[at])
            self.counts[county] = tuple(own)


def _texts(texts: Sequence[str], codes: pa.Array) -> pa.DictionaryArray:
    """Return texts by number, of which only the numbers are held row by row."""
    return pa.DictionaryArray.from_arrays(codes.cast(pa.int32()), pa.array(texts, pa.string()))


def told_apart(found: Sequence[Differences]) -> Iterator[tuple[str, dict[str, tuple[int, ...]]]]:
    """Yield the policies of which counts differ, with the counties where they do."""
    for each in found:
        own = {county: counts for county, counts in sorted(each.counts.items()) if any(counts)}
        if own:
            yield each.names.id, own
