"""Judges everybody by many policies in one pass, and writes the result table.

The people are laid in the order of county and key once, with just what the rules look at. One query
then says of each row what decided, for many policies at once; it streams, in groups of rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from longmai.kernel.errors import Conflict
from longmai.rules.columns.many import prepare, small
from longmai.rules.columns.plan import Column, Constant
from longmai.rules.columns.policies import compile_policy
from longmai.rules.columns.population import Population, quoted
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.schema import Given
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import string
from longmai.rules.policy.model import Policy
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import ResultFile
from longmai.store.columns.people import People, with_members
from longmai.store.columns.results import GROUP_ROWS, Outcomes, Sheet, file_of
from longmai.store.columns.rows import RowJudge, clauses_of

_PASS = 100
"""Policies in one query; each group of rows is held in memory for all of them."""
PREPARED = "_prepared"

Told = Callable[[int], None]
"""Is told of people times policies that are done."""


@dataclass(frozen=True)
class Names:
    """What a policy's files are called.

    Attributes:
        id: of the policy.
        digest: of its version.
        clauses: ids, in order.
    """

    id: str
    digest: str
    clauses: tuple[str, ...]


def compile_all(
    policies: Sequence[Policy], population: Population, people: People, day: date
) -> tuple[dict[str, RuleColumns], dict[str, str]]:
    """Return policies as columns by id, and the reasons of those that are not compiled."""
    region = Given(string(nullable=False), people.region_text)
    compiled: dict[str, RuleColumns] = {}
    refused: dict[str, str] = {}
    for policy in policies:
        try:
            compiled[policy.id] = compile_policy(
                policy,
                population.schema(policy),
                day,
                region,
                only_where_it_holds=True,
                opinions=population.opinions_on(policy),
            )
        except NotCompiled as reason:
            refused[policy.id] = str(reason)
    return compiled, refused


@dataclass(frozen=True)
class Night:
    """A night's run over people who are registered with a database.

    Attributes:
        counts: people by county, in order.
        folder: of the result table.
        threads: that write.
        told: of progress.
    """

    duck: DuckDB
    people: People
    counts: Mapping[str, int]
    folder: Path
    threads: int = 2
    told: Told = lambda _done: None

    def prepare(self, rules: Mapping[str, RuleColumns]) -> dict[str, RuleColumns]:
        """Lay the people in order; return the rules over what was laid."""
        keep = {"key": quoted(self.people.key), "county": self.people.county}
        ready = prepare(rules, "person", self.duck.dialect, keep)
        self.duck.create(PREPARED, ready.query.order_by('"county"', '"key"'))
        return dict(ready.rules)

    def by_columns(
        self, rules: Mapping[str, RuleColumns], names: Mapping[str, Names]
    ) -> Iterator[ResultFile]:
        """Judge by prepared rules; yield the files."""
        waiting = iter(rules.items())
        while some := dict(islice(waiting, _PASS)):
            batches = self.duck.batches(self._query(some), GROUP_ROWS)
            yield from self._written(groups(batches, self.counts), [names[own] for own in some])

    def _query(self, rules: Mapping[str, RuleColumns]) -> exp.Select:
        asked: dict[str, Column] = {}
        for i, rule in enumerate(rules.values()):
            asked[f"d{i}"] = rule.decided
            if not isinstance(rule.amount_fen, Constant):
                asked[f"a{i}"] = rule.amount_fen
        keep = {"key": '"key"', "county": '"county"'}
        return select(asked, PREPARED, self.duck.dialect, keep, small(asked, self.duck.dialect))

    def by_rows(
        self, policies: Sequence[Policy], population: Population, day: date
    ) -> Iterator[ResultFile]:
        """Judge by the interpreter, row by row; yield the files."""
        if not policies:
            return
        judges = [RowJudge(each, day) for each in policies]
        own = [Names(each.id, each.digest, clauses_of(each, day)) for each in policies]
        query = exp.select(
            "*", f"{self.people.region_text} AS _region", f"{self.people.county} AS county"
        )
        query = query.from_("person").order_by("county", quoted(self.people.key))
        judged = (
            (county, last, self._judged(judges, population, rows))
            for county, last, rows in groups(self.duck.batches(query, GROUP_ROWS), self.counts)
        )
        yield from self._written(judged, own)

    def _judged(
        self, judges: Sequence[RowJudge], population: Population, rows: pa.Table
    ) -> pa.Table:
        found: dict[str, Any] = {"key": rows.column(self.people.key)}
        whole = list(with_members(self.duck, self.people, population, rows))
        for i, judge in enumerate(judges):
            pairs = [judge.judge(row) for row in whole]
            found[f"d{i}"] = pa.array([code for code, _ in pairs], pa.int16())
            found[f"a{i}"] = pa.array([fen for _, fen in pairs], pa.int64())
        return pa.table(found)

    def _written(
        self, judged: Iterable[tuple[str, bool, pa.Table]], names: Sequence[Names]
    ) -> Iterator[ResultFile]:
        sheets: list[Sheet] = []
        with ThreadPoolExecutor(self.threads) as pool:
            for county, last, rows in judged:
                sheets = sheets or [self._sheet(each, county) for each in names]
                keys = _chunk(rows.column("key"))

                def write(
                    i: int, keys: pa.Array = keys, rows: pa.Table = rows, last: bool = last
                ) -> str:
                    sheets[i].add(keys, _chunk(rows.column(f"d{i}")), _amounts(rows, i))  # noqa: B023 - awaited below
                    return sheets[i].close() if last else ""  # noqa: B023 - awaited below

                digests = list(pool.map(write, range(len(names))))
                self.told(rows.num_rows * len(names))
                if last:
                    for each, sheet, digest in zip(names, sheets, digests, strict=True):
                        yield ResultFile(each.id, each.digest, county, digest, sheet.counts)
                    sheets = []

    def _sheet(self, names: Names, county: str) -> Sheet:
        return Sheet(file_of(self.folder, names.id, names.digest, county), Outcomes(names.clauses))


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    # A table of one group has one chunk, or none where it has no rows.
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _amounts(rows: pa.Table, number: int) -> pa.Array:
    name = f"a{number}"
    if name in rows.column_names:
        return _chunk(rows.column(name))
    return pa.nulls(rows.num_rows, pa.int64())


def groups(
    batches: Iterable[pa.RecordBatch], counts: Mapping[str, int]
) -> Iterator[tuple[str, bool, pa.Table]]:
    """Cut rows that come in the order of counties into groups of fixed size.

    Yields:
        County, whether it is its last group, and the rows.

    Raises:
        Conflict: other people come than were counted.
    """
    waiting = iter(batches)
    held: list[pa.RecordBatch] = []
    for county, count in counts.items():
        for start in range(0, count, GROUP_ROWS):
            want = min(GROUP_ROWS, count - start)
            while sum(each.num_rows for each in held) < want:
                held.append(_next(waiting))
            table = pa.Table.from_batches(held)
            group = table.slice(0, want).combine_chunks()
            held = table.slice(want).to_batches()
            ends = {group.column("county")[at].as_py() for at in (0, want - 1)}
            if ends != {county}:
                raise _other_people()
            yield county, start + want == count, group
    if (held and sum(each.num_rows for each in held)) or any(each.num_rows for each in waiting):
        raise _other_people()


def _next(waiting: Iterator[pa.RecordBatch]) -> pa.RecordBatch:
    try:
        return next(waiting)
    except StopIteration:
        raise _other_people() from None


def _other_people() -> Conflict:
    return Conflict(
        "other people came than were counted",
        code="run.people",
        mend="do not change the files while they are read",
    )
