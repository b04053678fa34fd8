"""Reads a finding: counts, rows by page, and the reasons of one person.

Nothing here decides anything: rows stand in the finding's files, and reasons are the interpreter's
own, held to the row as it is written.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from longmai.domains.livelihood.finding.changes import SCHEMA as CHANGE_SCHEMA
from longmai.domains.livelihood.finding.finding import CHANGES, FINDING, FORMAT, RUN, SOON
from longmai.domains.livelihood.finding.verdict import NEAR, NOT, STATE_OF_RUN, STATES
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.region_codes import prefix
from longmai.rules.columns.population import quoted
from longmai.rules.policy.evaluation import Decision
from longmai.rules.policy.explanation import Explanation, explain
from longmai.rules.policy.gaps import Plan, plan
from longmai.rules.policy.missing import Missing, missing_of
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import Certificate, Manifest, read_certificate, read_manifest
from longmai.store.columns.people import People, text_literal
from longmai.store.columns.results import file_of
from longmai.store.columns.row import people_of, row_of

POPULATION = "population.parquet"
MOST_ROWS = 1000
_COUNTY_DIGITS = 6
_TOGETHER = 500_000
"""People of counties that are read together, where a county has not more."""
_MEMORY_MB = 400
_HEAD = "户主"
"""Of a household, as ``relation`` says."""


@dataclass(frozen=True)
class FoundPolicy:
    """A policy of a finding.

    Attributes:
        applies_to: ``person`` or ``household``: each member has the household's state.
        counties: people by state, by county.
        unknown: by clause: ``people``, and the ``data`` (name, holder) and ``values`` of the policy
            (to be confirmed) that it may be unknown for.
    """

    id: str
    version: str
    digest: str
    title: str
    en: str
    applies_to: str
    status: str
    counties: Mapping[str, Mapping[str, int]]
    unknown: Mapping[str, Mapping[str, Any]]

    def total(self, region: str = "") -> dict[str, int]:
        """Count people by state in a region, counties at least."""
        inside = [each for code, each in self.counties.items() if code.startswith(region)]
        return {state: sum(each[state] for each in inside) for state in STATES}


@dataclass(frozen=True)
class FoundRow:
    """What a policy means for a person.

    Attributes:
        region: as exact as it is known.
        state: one of ``STATES``; ``near`` is not eligible, which a day or a small number mends.
        amount_fen: None where none is due, or it is not known.
        failing: clause that is false; ``unknown``: clause that is unknown or waits for a person.
        near: ``day``, ``number`` or empty; ``near_fact``: which number.
        gain_on: first day met if nothing but time goes on; ``lose_on``: first day no longer met.
    """

    person: str
    region: str
    household: str
    relation: str
    policy: str
    version: str
    state: str
    amount_fen: int | None
    failing: str
    unknown: str
    near: str
    near_fact: str
    gain_on: date | None
    lose_on: date | None


@dataclass(frozen=True)
class Reasons:
    """Why a person has a state, clause by clause.

    Attributes:
        holds: the policy applies in the person's region at all.
        plan: what would have to change, and from which day it would be otherwise.
        missing: what is not known, and which department has it.
    """

    decision: Decision
    explanation: Explanation
    plan: Plan
    missing: tuple[Missing, ...]
    holds: bool


@dataclass(frozen=True)
class Change:
    """What has changed for a person since the finding before.

    Attributes:
        before: state; None: there was no such row; ``after`` alike.
        kind: one of ``changes.KINDS``.
    """

    person: str
    policy: str
    before: str | None
    after: str | None
    before_fen: int | None
    after_fen: int | None
    kind: str


@dataclass(frozen=True)
class Finding:
    """A finding's folder.

    Attributes:
        told: what ``finding.json`` says.
    """

    folder: Path
    told: Mapping[str, Any]

    @classmethod
    def load(cls, folder: Path) -> "Finding":
        """Open a finding.

        Raises:
            NotFound: there is none in the folder.
            Invalid: it is of another form.
        """
        file = folder / FINDING
        if not file.is_file():
            raise NotFound(
                "no finding",
                code="finding.folder",
                place=str(folder),
                mend="make one: longmai livelihood find",
            )
        told = json.loads(file.read_text("utf-8"))
        if told.get("format") != FORMAT:
            raise Invalid(
                "not a finding of this program",
                code="finding.format",
                place=str(file),
                value=str(told.get("format")),
                mend="make it anew",
            )
        return cls(folder, told)

    @property
    def day(self) -> date:
        """The day it was made for."""
        return date.fromisoformat(self.told["day"])

    @cached_property
    def policies(self) -> Mapping[str, FoundPolicy]:
        """Its policies by id."""
        return {own: FoundPolicy(id=own, **each) for own, each in self.told["policies"].items()}

    def policy(self, own: str) -> FoundPolicy:
        """Return a policy.

        Raises:
            NotFound: the finding has none of this id.
        """
        if own not in self.policies:
            raise NotFound(
                "the finding has no such policy",
                code="finding.policy",
                value=own,
                mend=f"it has {', '.join(self.policies)}",
            )
        return self.policies[own]

    @cached_property
    def manifest(self) -> Manifest:
        """What the run was made from."""
        return read_manifest(self.folder / RUN)

    @cached_property
    def certificate(self) -> Certificate:
        """That nobody was left out."""
        return read_certificate(self.folder / RUN)

    @cached_property
    def people(self) -> People:
        """The people's files: those kept with the finding, else where they were."""
        kept = self.folder / POPULATION
        if not kept.is_file():
            return people_of(self.manifest)
        return people_of(self.manifest, kept, kept if self.manifest.members else None)

    def rows(  # noqa: PLR0913 - what one may ask for
        self,
        *,
        policy: str = "",
        region: str = "",
        states: Sequence[str] = STATES,
        person: str = "",
        heads: bool = False,
        ahead: bool = False,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[list[FoundRow], int]:
        """Return rows by region and person, and how many there are.

        Args:
            policy: one; empty: all.
            region: code of any length; empty: everywhere.
            states: that are asked for.
            person: one; empty: all.
            heads: of policies for households only the head's row.
            ahead: only who gains or loses in the coming days, by day.
            offset: rows to pass over.
            limit: most rows, up to 1,000.
        """
        codes = prefix(region) if region else ""
        counties = [each for each in self.manifest.rows if each.startswith(codes[:_COUNTY_DIGITS])]
        policies = [self.policy(policy)] if policy else list(self.policies.values())
        if not counties or not states:
            return [], 0
        people = self.people
        with DuckDB(memory_mb=_MEMORY_MB) as duck:
            people.register(duck, counties)
            if person:
                counties = _counties_of(duck, people, person)
                people.register(duck, counties)
            if not counties:
                return [], 0
            found = self._joined(policies, counties, people, person)
            where = [f"state IN ({', '.join(map(text_literal, states))})"]
            where += [f"region LIKE {text_literal(codes + '%')}"] if codes else []
            where += ["(gain_on IS NOT NULL OR lose_on IS NOT NULL)"] if ahead else []
            where += [_heads(policies)] if heads else []
            order = "LEAST(gain_on, lose_on), " if ahead else ""
            chosen = f"SELECT * FROM ({found}) WHERE {' AND '.join(where)}"
            page = duck.connection.sql(
                f"SELECT *, COUNT(*) OVER () AS total FROM ({chosen})"
                f" ORDER BY {order}region, person, policy"
                f" LIMIT {max(1, min(limit, MOST_ROWS))} OFFSET {max(0, offset)}"
            ).to_arrow_table()
            if not page.num_rows:
                # Past the last page.
                count = duck.connection.sql(f"SELECT COUNT(*) FROM ({chosen})").fetchall()
                return [], int(count[0][0])
        total = int(page["total"][0].as_py())
        rows = page.drop_columns(["total"]).to_pylist()
        return self._found(rows), total

    def each(self, policy: str, states: Sequence[str]) -> Iterator[FoundRow]:
        """Yield the rows of a policy in some states, of a household its head's.

        However many there are, no more than some counties' people are looked at together.
        """
        chosen = self.policy(policy)
        where = f"state IN ({', '.join(map(text_literal, states))}) AND {_heads([chosen])}"
        with DuckDB(memory_mb=_MEMORY_MB) as duck:
            for counties in self._some_counties():
                self.people.register(duck, counties)
                query = f"SELECT * FROM ({self._joined([chosen], counties, self.people, '')})"
                found = duck.connection.sql(f"{query} WHERE {where} ORDER BY region, person")
                for batch in found.to_arrow_reader(MOST_ROWS):
                    yield from self._found(batch.to_pylist())

    def _some_counties(self) -> Iterator[list[str]]:
        together, people = list[str](), 0
        for county, (count, _digest) in self.manifest.rows.items():
            if together and people + count > _TOGETHER:
                yield together
                together, people = [], 0
            together.append(county)
            people += count
        if together:
            yield together

    def _found(self, rows: Sequence[Mapping[str, Any]]) -> list[FoundRow]:
        versions = {own: each.version for own, each in self.policies.items()}
        return [FoundRow(**each, version=versions[each["policy"]]) for each in rows]

    def _joined(
        self, policies: Sequence[FoundPolicy], counties: Sequence[str], people: People, person: str
    ) -> str:
        """Return the query of all rows: of the run, the people, and who is near."""
        files = ", ".join(
            text_literal(str(file_of(self.folder / RUN, policy.id, policy.digest, each)))
            for policy in policies
            for each in counties
        )
        types = people.population().people.types
        household, relation = (
            f"COALESCE(CAST({quoted(name)} AS VARCHAR), '')" if name in types else "''"
            for name in ("household", "relation")
        )
        words = " ".join(
            f"WHEN {text_literal(a)} THEN {text_literal(b)}" for a, b in STATE_OF_RUN.items()
        )
        own = f" WHERE CAST(key AS VARCHAR) = {text_literal(person)}" if person else ""
        run = (
            f"SELECT key, CAST(key AS VARCHAR) AS person, policy, CASE CAST(state AS VARCHAR)"
            f" {words} END AS state, amount_fen, CAST(failing AS VARCHAR) AS failing,"
            f" CAST(unknown AS VARCHAR) AS unknown FROM read_parquet([{files}],"
            f" hive_partitioning = true, hive_types_autocast = false){own}"
        )
        somebody = (
            f"SELECT {quoted(people.key)} AS key, {people.region_text} AS region,"
            f" {household} AS household, {relation} AS relation FROM person"
        )
        return (
            "SELECT r.person, p.region, p.household, p.relation, r.policy,"
            f" CASE WHEN r.state = '{NOT}' AND s.near <> '' THEN '{NEAR}' ELSE r.state END"
            " AS state, r.amount_fen, r.failing, r.unknown, COALESCE(s.near, '') AS near,"
            " COALESCE(s.near_fact, '') AS near_fact, s.gain_on, s.lose_on"
            f" FROM ({run}) AS r JOIN ({somebody}) AS p ON r.key = p.key"
            f" LEFT JOIN read_parquet({text_literal(str(self.folder / SOON))}) AS s"
            " ON r.person = s.person AND r.policy = s.policy"
        )

    def reasons(self, person: str, policy: str, language: str = "zh") -> Reasons:
        """Return why a person has a state, judged again by the row interpreter.

        Raises:
            NotFound: the finding has no such person or policy.
            Conflict: the person is judged otherwise now than it is written.
        """
        people = self.people
        row = row_of(self.folder / RUN, person, policy, people.file, people.members)
        decision = row.decision
        missing = tuple(
            dict.fromkeys(
                each
                for condition in decision.policy.rules.values()
                if condition.rule is not None
                for each in missing_of(condition.rule.node, decision)
            )
        )
        return Reasons(
            decision, explain(decision, language), plan(decision, language), missing, not row.outer
        )

    def changes(
        self, *, kinds: Sequence[str] = (), policy: str = "", offset: int = 0, limit: int = 50
    ) -> tuple[list[Change], int]:
        """Return what has changed since the finding before, by policy and person, and how many."""
        file = self.folder / CHANGES
        if not file.is_file():
            return [], 0
        names = ", ".join(each.name for each in CHANGE_SCHEMA)
        where = [f"kind IN ({', '.join(map(text_literal, kinds))})"] if kinds else []
        where += [f"policy = {text_literal(policy)}"] if policy else []
        query = f"SELECT {names} FROM read_parquet({text_literal(str(file))})"
        query += f" WHERE {' AND '.join(where)}" if where else ""
        with DuckDB(memory_mb=_MEMORY_MB) as duck:
            total = duck.connection.sql(f"SELECT COUNT(*) FROM ({query})").fetchall()[0][0]
            page = duck.connection.sql(
                f"{query} ORDER BY policy, person LIMIT {min(limit, MOST_ROWS)}"
                f" OFFSET {max(0, offset)}"
            ).to_arrow_table()
        return [Change(**row) for row in page.to_pylist()], int(total)


def _heads(policies: Sequence[FoundPolicy]) -> str:
    """Return the condition that leaves of a household only its head, where it has one decision."""
    listed = ["", *(each.id for each in policies if each.applies_to == "household")]
    return f"(relation = '{_HEAD}' OR policy NOT IN ({', '.join(map(text_literal, listed))}))"


def _counties_of(duck: DuckDB, people: People, person: str) -> list[str]:
    key = quoted(people.key)
    found = duck.connection.sql(
        f"SELECT {people.county} FROM person WHERE CAST({key} AS VARCHAR) = {text_literal(person)}"
    )
    return [str(county) for (county,) in found.fetchall()]
