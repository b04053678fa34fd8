"""Judges the people of both sides of a night, by columns or row by row, and some of them twice."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from longmai.rules.columns.many import named_alike, small
from longmai.rules.columns.population import Population, quoted
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.sql import select
from longmai.rules.columns.verdicts import Verdict, Verdicts, verdict_of
from longmai.rules.policy.model import Policy
from longmai.store.columns.borders import Borders, Some
from longmai.store.columns.people import with_members
from longmai.store.columns.results import GROUP_ROWS
from longmai.store.columns.rows import RowJudge, clauses_of
from longmai.store.columns.sides import Sides


class Judge:
    """Judges groups of rows by some policies."""

    def groups(self, side: str, where: str) -> Iterator[pa.RecordBatch]:
        """Yield people of a side, by key; those of both sides are cut alike."""
        raise NotImplementedError

    def judge(self, rows: pa.RecordBatch) -> list[Verdict]:
        """Return what each policy says."""
        raise NotImplementedError


class ByColumns(Judge):
    """Judges by compiled rules."""

    def __init__(self, sides: Sides, rules: Sequence[RuleColumns]) -> None:
        self._sides = sides
        self._verdicts = Verdicts.of(rules, named_alike(sides.duck.dialect))

    def groups(self, side: str, where: str) -> Iterator[pa.RecordBatch]:
        """Yield people of a side, by key."""
        sides, leaves = self._sides, self._verdicts.leaves
        sides.show(side, where)
        keep = {"key": quoted(sides.people.key), "county": sides.people.county}
        query = select(
            leaves, "person", sides.duck.dialect, keep, small(leaves, sides.duck.dialect)
        )
        table = sides.duck.run(query.order_by('"key"')).combine_chunks()
        return iter(table.to_batches(max_chunksize=GROUP_ROWS) if table.num_rows else [])

    def judge(self, rows: pa.RecordBatch) -> list[Verdict]:
        """Return what each policy says."""
        return list(self._verdicts.judge(rows))


class ByHand(Judge):
    """Judges by the interpreter, row by row."""

    def __init__(
        self, sides: Sides, policies: Sequence[Policy], population: Population, day: date
    ) -> None:
        self._sides, self._population = sides, population
        self._judges = [RowJudge(each, day) for each in policies]

    def groups(self, side: str, where: str) -> Iterator[pa.RecordBatch]:
        """Yield people of a side, by key, with what was judged of them."""
        sides = self._sides
        sides.show(side, where)
        key = quoted(sides.people.key)
        query = (
            f"SELECT *, {key} AS key, {sides.people.county} AS county,"
            f" {sides.people.region_text} AS _region FROM person ORDER BY {key}"
        )
        rows = sides.duck.connection.sql(query).to_arrow_table()
        whole = list(with_members(sides.duck, sides.people, self._population, rows))
        if not whole:
            return
        found = {"key": rows.column("key"), "county": rows.column("county")}
        for i, judge in enumerate(self._judges):
            pairs = [judge.judge(row) for row in whole]
            found[f"d{i}"] = pa.array([code for code, _ in pairs], pa.int16())
            found[f"a{i}"] = pa.array([fen for _, fen in pairs], pa.int64())
        yield from pa.table(found).combine_chunks().to_batches()

    def judge(self, rows: pa.RecordBatch) -> list[Verdict]:
        """Return what each policy says."""
        return [
            verdict_of(
                rows.column(f"d{i}"), rows.column(f"a{i}"), len(clauses_of(each.policy, each.day))
            )
            for i, each in enumerate(self._judges)
        ]


class Looked:
    """People that a policy judged, some of whom the interpreter judges again."""

    def __init__(self, policy: Policy, most: int) -> None:
        self.policy = policy
        self.near, self.random = Borders(most), Borders(most)
        self._most = most

    def add(self, keys: pa.Array, verdict: Verdict) -> None:
        """Note some of those who were judged."""

        def told(at: pa.Array) -> list[Any]:
            columns = [each.take(at) for each in (keys, verdict.decided(), verdict.amounts())]
            return list(zip(*(each.to_pylist() for each in columns), strict=True))

        if verdict.near is not None:
            self.near.add(Some.of(verdict.near, whole=not self._most), told)
        if self._most:
            step = max(1, len(keys) // self._most)
            self.random.add(Some(len(keys), pa.array(range(0, len(keys), step), pa.int64())), told)

    def asked(self) -> Iterator[Any]:
        """Yield the keys of those who are judged again."""
        yield from (key for key, _, _ in self._all())

    def _all(self) -> list[Any]:
        return [*self.near.kept(), *self.random.kept()]

    def differences(self, rows: Mapping[Any, Mapping[str, Any]], day: date) -> Iterator[str]:
        """Judge again, and yield what comes out otherwise."""
        judge = RowJudge(self.policy, day)
        for key, code, fen in self._all():
            again = judge.judge(rows[key])
            if again != (code, fen):
                yield f"{self.policy.id}, {key}: judged {code}, {fen}, and again {again}"
