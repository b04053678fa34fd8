"""The second evaluation: people on the border of a rule, and some at random, judged row by row.

It shares nothing with the first but the policy's trees: no SQL, no types with bounds, no layout.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from longmai.rules.columns.borders import near_a_border
from longmai.rules.columns.population import Population, quoted
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.sql import select
from longmai.rules.policy.model import Policy
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.judging import PREPARED
from longmai.store.columns.manifest import SecondLook
from longmai.store.columns.people import People, rows_of
from longmai.store.columns.results import Outcomes, file_of
from longmai.store.columns.rows import RowJudge, clauses_of

_LISTED = 100
_PASS = 50


@dataclass(frozen=True)
class Looker:
    """Judges again.

    Attributes:
        folder: of the result table.
        counties: of the people.
        most: about so many people on a border of each policy, and at random, are judged; 0:
            everyone on a border, and nobody at random.
    """

    duck: DuckDB
    people: People
    population: Population
    folder: Path
    counties: Sequence[str]
    day: date
    most: int

    def look(self, policies: Sequence[Policy], rules: Mapping[str, RuleColumns]) -> SecondLook:
        """Judge again, and return what differs.

        Args:
            policies: of the run.
            rules: those that were compiled, as they were prepared.
        """
        near: dict[str, list[Any]] = {}
        found = 0
        items = list(rules.items())
        for start in range(0, len(items), _PASS):
            total, some = self._near(dict(items[start : start + _PASS]))
            found += total
            near |= some
        at_random = self._at_random()
        wanted = {each.id: sorted({*near.get(each.id, ()), *at_random}) for each in policies}
        differences = self._differences(policies, wanted)
        return SecondLook(
            found,
            sum(map(len, near.values())),
            len(at_random) * len(policies),
            tuple(differences[:_LISTED]),
        )

    def _near(self, rules: Mapping[str, RuleColumns]) -> tuple[int, dict[str, list[Any]]]:
        asked = {f"n{i}": near_a_border(rule) for i, rule in enumerate(rules.values())}
        below = select(asked, PREPARED, self.duck.dialect, {"key": '"key"'}).sql("duckdb")
        counted = ", ".join(f"SUM(CASE WHEN {name} THEN 1 ELSE 0 END)" for name in asked)
        counts = [int(n or 0) for n in self._row(f"SELECT {counted} FROM ({below})")]
        steps: dict[int, list[str]] = {}
        for own, count in zip(rules, counts, strict=True):
            steps.setdefault(self._step(count) if self.most else 1, []).append(own)
        keys: dict[str, list[Any]] = {}
        for step, some in steps.items():
            keys |= self._listed({own: rules[own] for own in some}, step)
        return sum(counts), keys

    def _listed(self, rules: Mapping[str, RuleColumns], step: int) -> dict[str, list[Any]]:
        """Return people on the borders of rules, one in so many; few rows are looked at."""
        asked = {f"n{i}": near_a_border(rule) for i, rule in enumerate(rules.values())}
        below = select(asked, PREPARED, self.duck.dialect, {"key": '"key"'}).sql("duckdb")
        lists = ", ".join(f"LIST(key) FILTER (WHERE {name})" for name in asked)
        row = self._row(f"SELECT {lists} FROM ({below}) WHERE HASH(key) % {step} = 0")
        return {own: list(found or ()) for own, found in zip(rules, row, strict=True)}

    def _row(self, query: str) -> Sequence[Any]:
        found: Sequence[Any] = self.duck.connection.execute(query).fetchall()[0]
        return found

    def _step(self, count: int) -> int:
        """Return a power of two: one in so many of a number of people is judged."""
        return 1 << max(0, (count // self.most).bit_length() - 1)

    def _at_random(self) -> list[Any]:
        if not self.most:
            return []
        key = quoted(self.people.key)
        step = self._step(int(self._row("SELECT COUNT(*) FROM person")[0]))
        query = f"SELECT LIST({key}) FROM person WHERE HASH({key}, 'random') % {step} = 0"
        return list(self._row(query)[0] or ())

    def _differences(
        self, policies: Sequence[Policy], wanted: Mapping[str, Sequence[Any]]
    ) -> list[str]:
        keys = sorted({key for some in wanted.values() for key in some})
        if not keys:
            return []
        key_type = self.population.people.types[self.people.key]
        rows = {
            row[self.people.key]: row
            for row in rows_of(self.duck, self.people, self.population, pa.array(keys, key_type))
        }
        found: list[str] = []
        for policy in policies:
            own = wanted[policy.id]
            written = written_rows(self.duck, self.folder, policy, own, self.counties)
            again = judged_rows(policy, self.day, [rows[key] for key in own], self.people.key)
            found += [
                f"{policy.id}, {key}: written {written.get(key)}, judged {again[key]}"
                for key in own
                if written.get(key) != again[key]
            ]
        return found


def judged_rows(
    policy: Policy, day: date, rows: Sequence[Mapping[str, Any]], key: str
) -> dict[Any, dict[str, Any]]:
    """Return rows of the result table as the interpreter has them, by key."""
    judge = RowJudge(policy, day)
    pairs = [judge.judge(row) for row in rows]
    table = Outcomes(clauses_of(policy, day)).table(
        pa.array(range(len(rows)), pa.int64()),
        pa.array([code for code, _ in pairs], pa.int16()),
        pa.array([fen for _, fen in pairs], pa.int64()),
    )
    own = (each | {"key": row[key]} for each, row in zip(table.to_pylist(), rows, strict=True))
    return {each["key"]: each for each in own}


def written_rows(
    duck: DuckDB, folder: Path, policy: Policy, keys: Sequence[Any], counties: Iterable[str]
) -> dict[Any, dict[str, Any]]:
    """Return rows of the written table of some counties, by key."""
    if not keys:
        return {}
    duck.register("_asked", pa.table({"_key": pa.array(keys)}))
    files = [str(file_of(folder, policy.id, policy.digest, each)) for each in counties]
    listed = exp.Array(expressions=[exp.Literal.string(each) for each in files])
    query = (
        exp.select("key", "state", "amount_fen", "failing", "unknown")
        .from_(exp.func("read_parquet", listed, dialect="duckdb"))
        .where("key IN (SELECT _key FROM _asked)")
    )
    return {row["key"]: row for row in duck.run(query).to_pylist()}
