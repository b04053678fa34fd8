"""The second evaluation: people on the border of a rule, and some at random, judged row by row.

It shares nothing with the first but the policy's trees: no SQL, no types with bounds, no layout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from longmai.rules.columns.population import Population, quoted
from longmai.rules.policy.model import Policy
from longmai.store.columns.borders import Borders
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import SecondLook
from longmai.store.columns.people import People, rows_of, text_literal
from longmai.store.columns.results import file_of, words_of
from longmai.store.columns.rows import RowJudge, clauses_of

_LISTED = 100


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

    def look(self, policies: Sequence[Policy], near: Mapping[str, Borders]) -> SecondLook:
        """Judge again, and return what differs.

        Args:
            policies: of the run.
            near: who is on a border of each policy that was compiled.
        """
        keys = {own: each.kept() for own, each in near.items()}
        at_random = self._at_random()
        wanted = {each.id: sorted({*keys.get(each.id, ()), *at_random}) for each in policies}
        differences = self._differences(policies, wanted)
        return SecondLook(
            sum(each.found for each in near.values()),
            sum(map(len, keys.values())),
            len(at_random) * len(policies),
            tuple(differences[:_LISTED]),
        )

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
            written = written_rows(self.duck, self._query(policy), own)
            again = judged_rows(policy, self.day, [rows[key] for key in own], self.people.key)
            found += [
                f"{policy.id}, {key}: written {written.get(key)}, judged {again[key]}"
                for key in own
                if written.get(key) != again[key]
            ]
        return found

    def _query(self, policy: Policy) -> str:
        files = [file_of(self.folder, policy.id, policy.digest, each) for each in self.counties]
        return f"FROM read_parquet([{', '.join(text_literal(str(each)) for each in files)}])"


def judged_rows(
    policy: Policy, day: date, rows: Sequence[Mapping[str, Any]], key: str
) -> dict[Any, dict[str, Any]]:
    """Return rows of the result table as the interpreter has them, by key."""
    judge = RowJudge(policy, day)
    clauses = clauses_of(policy, day)
    found = {}
    for row in rows:
        code, fen = judge.judge(row)
        state, failing, unknown = words_of(code, clauses)
        found[row[key]] = {
            "key": row[key],
            "state": state,
            "amount_fen": fen,
            "failing": failing,
            "unknown": unknown,
        }
    return found


def written_rows(duck: DuckDB, query: str, keys: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Return some rows of a query of the written table of one policy, by key."""
    if not keys:
        return {}
    duck.register("_asked", pa.table({"key": pa.array(keys)}))
    columns = "key, state, amount_fen, failing, unknown"
    found = duck.connection.sql(f"SELECT {columns} FROM ({query}) SEMI JOIN _asked USING (key)")
    return {row["key"]: row for row in found.to_arrow_table().to_pylist()}
