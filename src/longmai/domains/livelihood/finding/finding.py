"""Finds who is entitled: everybody by all policies in force, on one day, into one folder.

On top of a night's run (``store.columns``) stand who is near, who gains or loses in the coming
days, a second evaluation of people on a border and of a sample of all outcomes, and what has
changed since the finding before.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from longmai.domains.livelihood.finding.changes import changes_between
from longmai.domains.livelihood.finding.horizon import changes_ahead
from longmai.domains.livelihood.finding.laying import Laid, lay, margins, waits_for
from longmai.domains.livelihood.finding.near import near_by_number
from longmai.domains.livelihood.finding.twice import Twice, judge_twice
from longmai.domains.livelihood.finding.verdict import ELIGIBLE, MANUAL, NEAR, NOT, UNKNOWN
from longmai.kernel.errors import Conflict, Invalid, InvalidMany, NotFound
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Policy
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import CERTIFICATE, MANIFEST, read_manifest
from longmai.store.columns.people import People, text_literal
from longmai.store.columns.province import Job, in_force, run, timed
from longmai.store.columns.results import file_of

FORMAT = "longmai-finding/1"
FINDING, RUN, SOON, CHANGES = "finding.json", "run", "soon.parquet", "changes.parquet"
FIELD, OF_PEOPLE = "livelihood", ("person", "household")
HORIZON_DAYS = 90
_SAMPLED = 100_000
NEAR_MOST = 200_000
"""All of a county; of a province all that is asked of a person alone, and so many households."""
_RUN_RECHECK = 200
"""The run looks at some again itself, before anything is built on it."""
SOON_SCHEMA = pa.schema(
    [
        ("person", pa.string()),
        ("policy", pa.string()),
        ("near", pa.string()),
        ("near_fact", pa.string()),
        ("gain_on", pa.date32()),
        ("lose_on", pa.date32()),
    ]
)


@dataclass(frozen=True)
class Search:
    """What is to be found.

    Attributes:
        policies: one version of each, in force on the day.
        people: their files; the members of households may be the people's own file.
        out: folder to write; it must not be there.
        since: folder of the finding before.
        sampled: people times policies that are judged twice at least, besides those on a border.
        near_most: cases (people of whom a policy sees the same) on each policy's borders that are
            judged twice, where there are more about so many; None: all, so that everybody near a
            border is covered.
        told: of people times policies that are done.
        took: gets the seconds of each step.
    """

    policies: Sequence[Policy]
    people: People
    day: date
    out: Path
    since: Path | None = None
    horizon_days: int = HORIZON_DAYS
    sampled: int = _SAMPLED
    near_most: int | None = NEAR_MOST
    threads: int = 2
    memory_mb: int = 1200
    told: Callable[[int], None] = field(default=lambda _done: None)
    took: dict[str, float] = field(default_factory=dict)


def policies_of(library: Library, day: date) -> tuple[Policy, ...]:
    """Return the policies for people that are in force on a day.

    Raises:
        Invalid, InvalidMany: none is, or two versions of one are.
    """
    own = [
        each for each in library.policies if each.field == FIELD and each.applies_to in OF_PEOPLE
    ]
    # Each policy judges everybody by one version here, also where an ended one holds on for some.
    return tuple(each for each in in_force(Library(own), day) if each.holds_on(day))


def find(search: Search) -> Mapping[str, Any]:
    """Judge everybody, and write the finding; return what ``finding.json`` says.

    Raises:
        Conflict: the folder is there already.
        Invalid, InvalidMany: the files do not fit the policies; the two evaluations differ.
    """
    if search.out.exists():
        raise Conflict(
            "the folder is there already",
            code="finding.folder",
            place=str(search.out),
            mend="name another, or remove it",
        )
    if search.since is not None and not (search.since / FINDING).is_file():
        raise NotFound("no finding", code="finding.since", place=str(search.since))
    partial = search.out.with_name(search.out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    old = None if search.since is None else search.since / RUN
    job = Job(
        search.policies, search.people, search.day, partial / RUN, old,
        recheck=min(_RUN_RECHECK, search.near_most or _RUN_RECHECK), threads=search.threads,
        memory_mb=search.memory_mb, told=search.told, took=search.took,
    )  # fmt: skip
    run(job)
    with DuckDB(
        partial / "people.duckdb",
        memory_mb=search.memory_mb,
        threads=search.threads,
        spill=partial / "spill",
        keeps_order=False,
    ) as duck:
        told = _Finding(search, duck, partial).written()
    (partial / "people.duckdb").unlink()
    shutil.rmtree(partial / "spill", ignore_errors=True)
    partial.rename(search.out)
    return told


@dataclass(frozen=True)
class _Finding:
    search: Search
    duck: DuckDB
    folder: Path

    def written(self) -> Mapping[str, Any]:
        search, took = self.search, self.search.took
        with timed(took, "lay out"):
            laid = lay(self.duck, search.people, search.policies, search.day)
        with timed(took, "near by a number"):
            near = near_by_number(laid)
        with timed(took, "days ahead"):
            ahead = changes_ahead(laid, search.horizon_days)
        with timed(took, "write who is near"):
            soon = self._soon(near, ahead)
            pq.write_table(soon, self.folder / SOON, compression="zstd")
        with timed(took, "judge twice"):
            twice = judge_twice(laid, self.folder / RUN, self._of_each(laid), search.near_most)
        if twice.differences:
            raise InvalidMany(
                "the two evaluations differ",
                [Invalid(each, code="finding.twice") for each in twice.differences],
                code="finding.twice",
            )
        if search.since is not None:
            with timed(took, "changes"):
                changes = changes_between(self.duck, search.since / RUN, self.folder / RUN)
                pq.write_table(changes, self.folder / CHANGES, compression="zstd")
        told = self._told(twice)
        content = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
        (self.folder / FINDING).write_text(content + "\n", "utf-8")
        return told

    def _of_each(self, laid: Laid) -> int:
        """Return how many of each policy, county and deciding clause make the sample."""
        manifest = read_manifest(self.folder / RUN)
        outcomes = sum(sum(n > 0 for n in each.counts) for each in manifest.files)
        return max(1, -(-self.search.sampled // max(1, outcomes))) if laid.rules else 0

    def _soon(self, near: pa.Table, ahead: pa.Table) -> pa.Table:
        """Put together who is near and who gains or loses, by policy and person."""
        self.duck.register("_near", near)
        self.duck.register("_ahead", ahead)
        query = (
            "SELECT key AS person, policy, CASE WHEN gain_on IS NOT NULL THEN 'day'"
            " WHEN near_fact IS NOT NULL THEN 'number' ELSE '' END AS near,"
            " COALESCE(near_fact, '') AS near_fact, gain_on, lose_on"
            " FROM _near FULL JOIN _ahead USING (key, policy) ORDER BY policy, person"
        )
        return self.duck.connection.sql(query).to_arrow_table().cast(SOON_SCHEMA)

    def _told(self, twice: Twice) -> dict[str, Any]:
        search = self.search
        told: dict[str, Any] = {
            "format": FORMAT,
            "day": str(search.day),
            "horizon_days": search.horizon_days,
            "margins": dict(margins()),
            "files": {
                str(each.relative_to(self.folder)): _digest(each)
                for each in (
                    self.folder / RUN / MANIFEST,
                    self.folder / RUN / CERTIFICATE,
                    self.folder / SOON,
                    self.folder / CHANGES,
                )
                if each.is_file()
            },
            "policies": {each.id: self._of_policy(each) for each in search.policies},
            "twice": {
                "near": twice.near,
                "near_judged": twice.near_judged,
                "near_cases": twice.near_cases,
                "sampled": twice.sampled,
                "differences": 0,
            },
        }
        if search.since is not None:
            told["since"] = _digest(search.since / FINDING)
        return told

    def _of_policy(self, policy: Policy) -> dict[str, Any]:
        manifest = read_manifest(self.folder / RUN)
        near = self._near_by_county(policy)
        counties: dict[str, dict[str, int]] = {}
        for each in manifest.files:
            if each.policy == policy.id:
                not_met, met, unknown, manual = each.counts
                some = near.get(each.county, 0)
                counties[each.county] = {
                    ELIGIBLE: met, NEAR: some, UNKNOWN: unknown, MANUAL: manual,
                    NOT: not_met - some,
                }  # fmt: skip
        return {
            "version": policy.version,
            "digest": policy.digest,
            "title": policy.title,
            "en": policy.en,
            "applies_to": policy.applies_to,
            "status": policy.status,
            "counties": counties,
            "unknown": self._unknown(policy),
        }

    def _unknown(self, policy: Policy) -> dict[str, Any]:
        """Say by clause how many are unknown for it, and for want of which data or values."""
        query = (
            f"SELECT CAST(unknown AS VARCHAR), COUNT(*) FROM read_parquet([{self._files(policy)}])"
            " WHERE state = 'unknown' GROUP BY 1 ORDER BY 1"
        )
        return {
            clause: {"people": count, **waits_for(policy, clause, self.search.day)}
            for clause, count in self.duck.connection.sql(query).fetchall()
        }

    def _files(self, policy: Policy) -> str:
        run = self.folder / RUN
        return ", ".join(
            text_literal(str(file_of(run, policy.id, policy.digest, each)))
            for each in read_manifest(run).rows
        )

    def _near_by_county(self, policy: Policy) -> dict[str, int]:
        """Count who does not meet a policy and is near it; who is unknown stays unknown."""
        soon = pq.read_table(
            self.folder / SOON, filters=(pc.field("policy") == policy.id) & (pc.field("near") != "")
        )
        if not soon.num_rows:
            return {}
        found: dict[str, int] = {}
        self.duck.register("_soon", soon.select(["person"]))
        query = (
            "SELECT PARSE_FILENAME(filename, TRUE), COUNT(*) FROM read_parquet("
            f"[{self._files(policy)}], filename = true) WHERE state = 'not met'"
            " AND CAST(key AS VARCHAR) IN (SELECT person FROM _soon) GROUP BY 1"
        )
        for county, count in self.duck.connection.execute(query).fetchall():
            found[str(county)] = int(count)
        return found


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
