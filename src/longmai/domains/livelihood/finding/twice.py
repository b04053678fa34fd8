"""Nobody is missed: who is near a threshold, and a sample of all outcomes, judged a second time.

The second evaluation is the row interpreter's, over the people's file; it is held to what was
written. Counties come one after the other, so that memory holds few people at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from longmai.domains.livelihood.finding.laying import Laid
from longmai.domains.livelihood.finding.near import to_judge_again, written_otherwise
from longmai.domains.livelihood.finding.verdict import written
from longmai.rules.columns.population import quoted
from longmai.rules.policy.model import Policy
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import read_manifest
from longmai.store.columns.people import People, text_literal, with_members
from longmai.store.columns.results import file_of
from longmai.store.columns.rows import RowJudge, clauses_of

_BATCH = 20_000
_LISTED = 100


@dataclass(frozen=True)
class Twice:
    """What the second evaluation came to, in people times policies.

    Attributes:
        near: on a border of a policy.
        near_judged: of them judged again, themselves or by somebody of whom the same is known and
            who was written alike.
        near_cases: how many were judged for that.
        sampled: judged of each policy, county and deciding clause.
        differences: what came out otherwise; some of them.
    """

    near: int
    near_judged: int
    near_cases: int
    sampled: int
    differences: tuple[str, ...]


def judge_twice(laid: Laid, run: Path, of_each: int, near_most: int | None) -> Twice:
    """Judge people again and hold them to the table of a run.

    Args:
        laid: people.
        run: folder of the run.
        of_each: people of each policy, county and deciding clause.
        near_most: cases on each policy's borders; None: all.
    """
    again = to_judge_again(laid, of_each, near_most)
    asked = again.table
    if not asked.num_rows:
        return Twice(again.near, 0, 0, 0, ())
    near = int(pc.sum(asked["near"]).as_py() or 0)
    look = _Look(laid, run, {each.id: RowJudge(each, laid.day) for each in laid.policies})
    found = [each for batch in _batches(asked) for each in look.differences(*batch)]
    for policy in laid.policies:
        if policy.id in laid.rules:
            files = look.files(policy, list(read_manifest(run).rows))
            found += written_otherwise(laid, policy, files)
    sampled = asked.num_rows - near
    return Twice(again.near, again.covered, near, sampled, tuple(found[:_LISTED]))


def _batches(asked: pa.Table) -> Iterator[tuple[list[str], pa.Table]]:
    """Yield counties, about so many rows together, with who is asked for there."""
    asked = asked.sort_by("county")
    counted = pc.value_counts(asked["county"]).to_pylist()
    counties: list[str] = []
    start = length = 0
    for each in counted:
        counties.append(each["values"])
        length += each["counts"]
        if length >= _BATCH:
            yield counties, asked.slice(start, length)
            counties, start, length = [], start + length, 0
    if counties:
        yield counties, asked.slice(start, length)


@dataclass(frozen=True)
class _Look:
    laid: Laid
    run: Path
    judges: Mapping[str, RowJudge]

    def differences(self, counties: Sequence[str], asked: pa.Table) -> list[str]:
        duck, people = self.laid.duck, self.laid.people
        people.register(duck, counties)
        self._narrow(duck, people)
        duck.register("_asked", asked.select(["key", "policy"]))
        key = quoted(people.key)
        names = ", ".join(quoted(each) for each in self._columns())
        query = (
            f"SELECT {names}, {people.region_text} AS _region FROM person"
            f" WHERE {key} IN (SELECT key FROM _asked) ORDER BY {key}"
        )
        found = duck.connection.sql(query).to_arrow_table()
        rows = {
            row[people.key]: row for row in with_members(duck, people, self.laid.population, found)
        }
        return [
            each
            for policy in self.laid.policies
            for each in self._of_policy(policy, counties, asked, rows)
        ]

    def files(self, policy: Policy, counties: Sequence[str]) -> str:
        """Return the paths of a policy's results, as literals."""
        return ", ".join(
            text_literal(str(file_of(self.run, policy.id, policy.digest, each)))
            for each in counties
        )

    def _narrow(self, duck: DuckDB, people: People) -> None:
        """Let members have only what policies look at: a row is copied for each of them."""
        asked = self.laid.population.asked(self.laid.policies)
        own = sorted({name for of, name in asked if of == "member"} | {people.link})
        if people.members is not None:
            named = ", ".join(map(quoted, own))
            duck.connection.execute(
                f"CREATE OR REPLACE VIEW member AS SELECT {named}"
                f" FROM read_parquet({text_literal(str(people.members))})"
                f" WHERE {quoted(people.link)} IN (SELECT {quoted(people.link)} FROM person)"
            )

    def _columns(self) -> list[str]:
        people, population = self.laid.people, self.laid.population
        own = {name for of, name in population.asked(self.laid.policies) if of == "person"}
        return sorted(own | {people.key, people.region, people.link})

    def _of_policy(
        self,
        policy: Policy,
        counties: Sequence[str],
        asked: pa.Table,
        rows: Mapping[Any, Mapping[str, Any]],
    ) -> Iterator[str]:
        mine = asked.filter(pc.equal(asked["policy"], policy.id))["key"].unique()
        if not len(mine):
            return
        self.laid.duck.register("_mine", pa.table({"key": mine}))
        files = self.files(policy, counties)
        query = (
            f"SELECT key, state, amount_fen, failing, unknown FROM read_parquet([{files}])"
            " WHERE key IN (SELECT key FROM _mine)"
        )
        told = {row[0]: row[1:] for row in self.laid.duck.connection.execute(query).fetchall()}
        clauses = clauses_of(policy, self.laid.day)
        for key in mine.to_pylist():
            again = written(*self.judges[policy.id].judge(rows[key]), clauses)
            if told.get(key) != again:
                yield f"{policy.id}, {key}: written {told.get(key)}, judged {again}"
