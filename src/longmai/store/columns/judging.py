"""Judges everybody by many policies in one pass, and writes the result table.

One query lays the people in the order of county and key, with just what the rules look at; it
streams in groups of rows. Each group is judged by all rules in memory, and written.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from sqlglot import exp

from longmai.kernel.errors import Conflict
from longmai.rules.columns.many import Counts, named_alike, small
from longmai.rules.columns.policies import compile_policy
from longmai.rules.columns.population import Population, quoted
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.schema import Given
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import string
from longmai.rules.columns.verdicts import Verdict, Verdicts, verdict_of
from longmai.rules.policy.model import Policy
from longmai.store.columns.borders import Borders, Some
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import ResultFile
from longmai.store.columns.order import is_rising
from longmai.store.columns.parquet import keys_chunk
from longmai.store.columns.people import People, with_members
from longmai.store.columns.results import GROUP_ROWS, Encoded, Sheet, file_of
from longmai.store.columns.rows import RowJudge, clauses_of

_PASS = 200
"""Policies in one query; each group of rows is held in memory for all of them."""
_T = TypeVar("_T")

Told = Callable[[int], None]
"""Is told of people times policies that are done."""


class Disordered(Exception):
    """People did not come in the order in which they stand in their file."""


class OtherPeople(Conflict):
    """Other people came than were counted: somebody is missing, or is there twice."""


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


@dataclass(frozen=True)
class Judged:
    """A group of rows of a county, in the order of their keys.

    Attributes:
        last: of the county.
        all_near: everybody on a border is told, however many they are.
        verdicts: of each rule, worked out when it is called.
    """

    county: str
    last: bool
    keys: pa.Array
    verdicts: Callable[[], Iterable[Verdict]]
    all_near: bool = False

    def told(self, at: pa.Array) -> list[Any]:
        """Return the keys of rows at some places."""
        keys: list[Any] = self.keys.take(at).to_pylist()
        return keys

    def encoded(
        self, clauses: Sequence[Sequence[str]]
    ) -> tuple["Judged", list[Encoded], list[Some | None]]:
        """Return what is written of each rule, whose clauses are named, and rows on its border."""
        keys = keys_chunk(self.keys)
        parts, near = [], []
        for verdict, own in zip(self.verdicts(), clauses, strict=True):
            parts.append(Encoded.of(keys, verdict, own))
            near.append(
                None if verdict.near is None else Some.of(verdict.near, whole=self.all_near)
            )
        return self, parts, near


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
        is_ordered: the people's file is in the order of county and key.
        threads: that judge and write.
        told: of progress.
    """

    duck: DuckDB
    people: People
    counts: Mapping[str, int]
    folder: Path
    is_ordered: bool = False
    threads: int = 2
    told: Told = lambda _done: None

    def by_columns(
        self,
        rules: Mapping[str, RuleColumns],
        names: Mapping[str, Names],
        near: Mapping[str, Borders],
    ) -> Iterator[ResultFile]:
        """Judge by compiled rules; yield the files, and note who is on a border."""
        waiting = iter(rules.items())
        all_near = any(not each.most for each in near.values())
        while some := dict(islice(waiting, _PASS)):
            verdicts = Verdicts.of(list(some.values()), named_alike(self.duck.dialect))
            judged = (
                Judged(county, last, rows.column("key"), partial(verdicts.judge, rows), all_near)
                for county, last, rows in self._groups(verdicts)
            )
            yield from self._written(judged, [names[own] for own in some], [near[o] for o in some])

    def count(self, rules: Mapping[str, RuleColumns]) -> dict[str, Counts]:
        """Return how many rows each rule says what of; nothing is written."""
        verdicts = Verdicts.of(list(rules.values()), named_alike(self.duck.dialect), counts=True)
        clauses = [len(each.clauses) for each in rules.values()]
        found = [[0, 0, 0, 0] for _ in rules]

        def counted(rows: pa.RecordBatch) -> list[tuple[int, int, int, int]]:
            pairs = zip(verdicts.judge(rows), clauses, strict=True)
            return [verdict.states(many) for verdict, many in pairs]

        with ThreadPoolExecutor(self.threads) as pool:
            batches = self._batches(verdicts, {})
            for states in _in_order(
                pool, (partial(counted, each) for each in batches), self.threads
            ):
                for own, more in zip(found, states, strict=True):
                    own[:] = [a + b for a, b in zip(own, more, strict=True)]
        return {own: Counts(*each) for own, each in zip(rules, found, strict=True)}

    def _groups(self, verdicts: Verdicts) -> Iterator[tuple[str, bool, pa.RecordBatch]]:
        keep = {"key": quoted(self.people.key), "county": self.people.county}
        try:
            yield from groups(self._batches(verdicts, keep), self.counts)
        except OtherPeople:
            if not self.is_ordered:
                raise
            # A join is free to come in any order: DuckDB keeps fewer than 64 rows, as a row group
            # of a file may end with, until more come.
            raise Disordered from None

    def _batches(self, verdicts: Verdicts, keep: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        """Yield what rules look at, in the order of county and key where these are kept."""
        dialect, leaves = self.duck.dialect, verdicts.leaves
        query = select(leaves, "person", dialect, keep, small(leaves, dialect), self.duck.create)
        if keep and not self.is_ordered:
            query = query.order_by('"county"', '"key"')
        if not (keep and self.is_ordered):
            yield from self.duck.batches(query, GROUP_ROWS)
            return
        with self.duck.in_order_of_the_table():
            last: pa.RecordBatch | None = None
            for batch in self.duck.batches(query, GROUP_ROWS):
                own = batch.select(["county", "key"])
                if not is_rising(own if last is None else pa.concat_batches([last, own])):
                    raise Disordered
                last = own.slice(max(0, own.num_rows - 1))
                yield batch

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
            self._by_hand(judges, population, *group)
            for group in groups(self.duck.batches(query, GROUP_ROWS), self.counts)
        )
        yield from self._written(judged, own, [None] * len(own))

    def _by_hand(
        self,
        judges: Sequence[RowJudge],
        population: Population,
        county: str,
        last: bool,
        rows: pa.RecordBatch,
    ) -> Judged:
        whole = list(with_members(self.duck, self.people, population, rows))
        found = []
        for judge in judges:
            pairs = [judge.judge(row) for row in whole]
            codes = pa.array([code for code, _ in pairs], pa.int16())
            fen = pa.array([fen for _, fen in pairs], pa.int64())
            found.append(verdict_of(codes, fen, len(clauses_of(judge.policy, judge.day))))
        return Judged(county, last, rows.column(self.people.key), lambda: found)

    def _written(
        self, judged: Iterable[Judged], names: Sequence[Names], near: Sequence[Borders | None]
    ) -> Iterator[ResultFile]:
        clauses = [each.clauses for each in names]
        sheets: list[Sheet] = []
        with ThreadPoolExecutor(self.threads) as pool:
            work = (partial(each.encoded, clauses) for each in judged)
            for group, parts, borders in _in_order(pool, work, self.threads):
                county = group.county
                sheets = sheets or [self._sheet(each, county, group.keys.type) for each in names]
                for sheet, part in zip(sheets, parts, strict=True):
                    sheet.add(part)
                for own, at in zip(near, borders, strict=True):
                    if own is not None and at is not None:
                        own.add(at, group.told)
                self.told(len(group.keys) * len(names))
                if group.last:
                    digests = pool.map(Sheet.close, sheets)
                    for each, sheet, digest in zip(names, sheets, digests, strict=True):
                        yield ResultFile(each.id, each.digest, county, digest, sheet.counts)
                    sheets = []

    def _sheet(self, names: Names, county: str, keys: pa.DataType) -> Sheet:
        return Sheet(file_of(self.folder, names.id, names.digest, county), keys)


def _in_order(
    pool: ThreadPoolExecutor, work: Iterable[Callable[[], _T]], threads: int
) -> Iterator[_T]:
    """Do work beside each other, and yield what comes of it in order; little waits."""
    waiting: deque[Future[_T]] = deque()
    for each in work:
        waiting.append(pool.submit(each))
        if len(waiting) > threads:
            yield waiting.popleft().result()
    for found in waiting:
        yield found.result()


def groups(
    batches: Iterable[pa.RecordBatch], counts: Mapping[str, int]
) -> Iterator[tuple[str, bool, pa.RecordBatch]]:
    """Cut rows that come in the order of counties into groups of fixed size.

    Yields:
        County, whether it is its last group, and the rows.

    Raises:
        OtherPeople: others come than were counted.
    """
    waiting = iter(batches)
    held: list[pa.RecordBatch] = []
    for county, count in counts.items():
        for start in range(0, count, GROUP_ROWS):
            want = min(GROUP_ROWS, count - start)
            while sum(each.num_rows for each in held) < want:
                held.append(_next(waiting))
            table = pa.Table.from_batches(held)
            (group,) = table.slice(0, want).combine_chunks().to_batches()
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


def _other_people() -> OtherPeople:
    return OtherPeople(
        "other people came than were counted",
        code="run.people",
        mend="do not change the files while they are read",
    )
