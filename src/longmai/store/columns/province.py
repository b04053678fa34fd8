"""A whole province judged by a library of policies, tonight, or only what changed since last night.

Everything is written beside the folder that is asked for, and renamed at the end: a run that is
killed leaves nothing that looks like one.
"""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from longmai.kernel.errors import Conflict, Invalid, InvalidMany
from longmai.rules.columns.population import Population, quoted
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Policy
from longmai.store.columns.borders import Borders
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.judging import Disordered, Names, Night, Told, compile_all
from longmai.store.columns.manifest import (
    CERTIFICATE,
    MANIFEST,
    Certificate,
    JudgedBy,
    Manifest,
    ResultFile,
    SecondLook,
    certified,
    read_certificate,
    read_manifest,
)
from longmai.store.columns.meaning import meaning, programs
from longmai.store.columns.order import hold_keys, order_of
from longmai.store.columns.overlay import link
from longmai.store.columns.people import (
    People,
    bounded,
    hold_choices,
    rows_by_county,
    source_of,
    text_literal,
)
from longmai.store.columns.results import file_of
from longmai.store.columns.rows import clauses_of
from longmai.store.columns.second_look import Looker

KEPT = "people.duckdb"
"""Name of a copy of the people in the folder of a run."""
CPU = " (CPU)"
"""Ends the name of a step's seconds of all processors together."""


@dataclass(frozen=True)
class Job:
    """What is to be judged.

    Attributes:
        policies: one version of each, in force on the day.
        people: their files.
        out: folder to write; it must not be there.
        old: folder of a run before, of which what did not change is taken over.
        changed: file of keys and regions that changed since; None: changes are looked for.
        recheck: people of each policy's borders, and at random, that are judged a second time; 0:
            everyone on a border.
        told: of progress.
        took: gets the seconds of each step.
        keeps_people: a copy of the people is kept in the folder; who changed is found in it sooner.
    """

    policies: Sequence[Policy]
    people: People
    day: date
    out: Path
    old: Path | None = None
    changed: Path | None = None
    recheck: int = 200
    threads: int = 2
    memory_mb: int = 1200
    told: Told = field(default=lambda _done: None)
    took: dict[str, float] = field(default_factory=dict)
    keeps_people: bool = False


def in_force(library: Library, day: date) -> tuple[Policy, ...]:
    """Return the versions that a province is judged by on a day, one for each policy.

    Raises:
        InvalidMany: of a policy two versions hold, or one that ended holds on for some cases.
        Invalid: none holds.
    """
    found: list[Policy] = []
    findings: list[Invalid] = []
    for own, versions in library.by_id.items():
        holding = [each for each in versions if each.holds_on(day)]
        lasting = [
            each
            for each in versions
            if each.end is not None and day > each.end and any(day <= t.to for t in each.transition)
        ]
        if len(holding) + len(lasting) > 1:
            names = ", ".join(each.version for each in (*holding, *lasting))
            findings.append(
                Invalid(
                    "several versions of the policy hold on that day",
                    code="run.versions",
                    place=own,
                    value=names,
                    mend="name the file of one of them, and run the others into another folder",
                )
            )
        found += holding
    if findings:
        raise InvalidMany("which version judges?", findings, code="run.versions")
    if not found:
        raise Invalid(
            "no policy is in force on that day",
            code="run.policies",
            value=str(day),
            mend="name files or folders of policies that are, or another day",
        )
    return tuple(found)


def run(job: Job) -> Certificate:
    """Judge, write the result table, manifest and certificate; return the certificate.

    Raises:
        Conflict: the folder is there already, or is being written.
        Invalid, InvalidMany: the files do not fit the policies, or the certificate does not hold.
    """
    if job.out.exists():
        raise Conflict(
            "the folder is there already",
            code="run.folder",
            place=str(job.out),
            mend="name another, or remove it",
        )
    population = job.people.population()
    population.hold(job.policies)
    partial = job.out.with_name(job.out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    # Spilled data and the people in order go beside, and away with the run.
    with DuckDB(
        partial / "work.duckdb",
        memory_mb=job.memory_mb,
        threads=job.threads,
        spill=partial / "spill",
    ) as duck:
        certificate = _Run(job, duck, population, partial).done()
    (partial / "work.duckdb").unlink()
    shutil.rmtree(partial / "spill", ignore_errors=True)
    certificate.check()
    partial.rename(job.out)
    return certificate


@dataclass
class _Run:
    job: Job
    duck: DuckDB
    population: Population
    folder: Path
    is_ordered: bool = False

    def done(self) -> Certificate:
        job, people = self.job, self.job.people
        took = job.took
        with ThreadPoolExecutor(2) as pool:
            # Digests of large files take as long as reading them: meanwhile the work begins.
            digests = [
                pool.submit(source_of, each) for each in (people.file, people.members) if each
            ]
            before = None if job.old is None else self._before(job.old)
            with timed(took, "look through"):
                rows, touched = self._rows(before)
            policies = list(job.policies)
            with timed(took, "take over"):
                kept = [] if before is None else list(self._taken_over(before, rows, touched))
            files, second, judged = self._judge(policies, rows, touched, before)
            if job.keeps_people:
                with timed(took, "keep people"):
                    people.register(self.duck)
                    people.keep(self.duck, self.folder / KEPT)
            with timed(took, "digests of files"):
                sources = [each.result() for each in digests]
        order = {each.id: i for i, each in enumerate(policies)}
        whole = sorted([*kept, *files], key=lambda each: (order[each.policy], each.county))
        manifest = Manifest(
            day=str(job.day),
            population=sources[0],
            key=people.key,
            region=people.region,
            policies=judged,
            rows=rows,
            files=tuple(whole),
            programs=programs(),
            members=sources[1] if people.members else None,
            parent=people.link,
            child=people.link,
            absent_unknown=people.absent_unknown,
        )
        self._keep_policies()
        certificate = certified(manifest, {c: n for c, (n, _) in rows.items()}, second)
        (self.folder / MANIFEST).write_bytes(manifest.bytes)
        (self.folder / CERTIFICATE).write_bytes(certificate.bytes())
        return certificate

    def _keep_policies(self) -> None:
        for policy in self.job.policies:
            own = self.folder / "policies" / policy.digest
            own.mkdir(parents=True, exist_ok=True)
            (own / "policy.yaml").write_text(policy.text, "utf-8")
            for name, content in policy.files.items():
                (own / name).write_bytes(content)

    def _before(self, old: Path) -> Manifest | None:
        """Return the run before, where anything of it can be taken over."""
        found = read_manifest(old)
        read_certificate(old)
        if found.overlays:
            raise Conflict(
                "the run before has overlays",
                code="run.overlays",
                place=str(old),
                mend="work them into its files first: longmai rules compact",
            )
        same = (
            found.programs == programs()
            and (found.key, found.region, found.parent)
            == (self.job.people.key, self.job.people.region, self.job.people.link)
            and (found.members is None) == (self.job.people.members is None)
            and found.absent_unknown == self.job.people.absent_unknown
        )
        return found if same else None

    def _rows(self, before: Manifest | None) -> tuple[dict[str, tuple[int, str]], list[str]]:
        """Return the digest of the rows of each county, and the counties that changed."""
        people, duck = self.job.people, self.duck
        if before is None or self.job.changed is None:
            people.register(duck)
            self.is_ordered = hold_keys(duck, people)
            rows = rows_by_county(duck, people, self.population)
            known = {} if before is None else before.rows
            return rows, [county for county, each in rows.items() if known.get(county) != each]
        touched = sorted(set(_changed_counties(duck, people, self.job.changed)))
        people.register(duck, touched)
        self.is_ordered = hold_keys(duck, people)
        rows = {county: each for county, each in before.rows.items() if county not in touched}
        rows |= rows_by_county(duck, people, self.population)
        total, wanted = sum(n for n, _ in rows.values()), pq.read_metadata(people.file).num_rows
        if total != wanted:
            raise Conflict(
                f"with the changes that are listed there would be {total:,} people, "
                f"and the file has {wanted:,}",
                code="run.changed",
                place=str(self.job.changed),
                mend="list those who moved under both regions and those who left, or leave out "
                "--changed",
            )
        return dict(sorted(rows.items())), [each for each in touched if each in rows]

    def _taken_over(
        self, before: Manifest, rows: Mapping[str, object], touched: Sequence[str]
    ) -> Iterator[ResultFile]:
        same = {each.id: each for each in before.policies}
        wanted = {each.id: each for each in self.job.policies}
        old = self.job.old
        for each in before.files:
            policy = wanted.get(each.policy)
            if (
                old is None
                or policy is None
                or each.county in touched
                or each.county not in rows
                or same[each.policy].meaning != meaning(policy, self.job.day)
            ):
                continue
            names = (each.policy, policy.digest, each.county)
            link(file_of(old, *names), file_of(self.folder, *names))
            yield each

    def _judge(
        self,
        policies: Sequence[Policy],
        rows: Mapping[str, tuple[int, str]],
        touched: Sequence[str],
        before: Manifest | None,
    ) -> tuple[list[ResultFile], SecondLook, tuple[JudgedBy, ...]]:
        """Judge the counties that changed by all policies, and the others by those that changed."""
        known = {} if before is None else {each.id: each for each in before.policies}
        day = self.job.day
        fresh = [p for p in policies if p.id not in known or known[p.id].meaning != meaning(p, day)]
        changed = [each for each in policies if each not in fresh]
        files: list[ResultFile] = []
        looks: list[SecondLook] = []
        refused = {p.id: known[p.id].reason for p in changed if known[p.id].how == "rows"}
        for some, counties in ((fresh, sorted(rows)), (changed, sorted(touched))):
            if some and counties:
                found, look, reasons = self._pass(some, {c: rows[c][0] for c in counties}, rows)
                files += found
                looks.append(look)
                refused |= reasons
        judged = tuple(
            JudgedBy(
                p.id,
                p.version,
                p.digest,
                meaning(p, day),
                clauses_of(p),
                "rows" if p.id in refused else "columns",
                refused.get(p.id, ""),
            )
            for p in policies
        )
        return files, _together(looks), judged

    def _pass(
        self, policies: Sequence[Policy], counts: Mapping[str, int], rows: Mapping[str, object]
    ) -> tuple[list[ResultFile], SecondLook, dict[str, str]]:
        job, duck = self.job, self.duck
        whole = len(counts) == len(rows)
        job.people.register(duck, None if whole else list(counts))
        if whole and job.changed is not None:
            # Until now only those in the list of changes were looked at.
            self.is_ordered = order_of(duck, job.people).is_ordered
        with timed(job.took, "bounds and choices"):
            population = bounded(duck, self.population, policies)
            hold_choices(duck, population, policies)
        with timed(job.took, "compile"):
            compiled, refused = compile_all(policies, population, job.people, job.day)
        names = {p.id: Names(p.id, p.digest, clauses_of(p)) for p in policies}
        night = Night(duck, job.people, counts, self.folder, self.is_ordered, job.threads, job.told)
        with timed(job.took, "judge and write"):
            try:
                files, near = _judged(night, compiled, names, job.recheck)
            except Disordered:
                night = replace(night, is_ordered=False)
                files, near = _judged(night, compiled, names, job.recheck)
        by_hand = [each for each in policies if each.id in refused]
        with timed(job.took, "row by row"):
            files += night.by_rows(by_hand, population, job.day)
        looker = Looker(
            duck, job.people, population, self.folder, list(counts), job.day, job.recheck
        )
        with timed(job.took, "judge again"):
            return files, looker.look(policies, near), refused


@contextmanager
def timed(took: dict[str, float], name: str) -> Iterator[None]:
    """Add the seconds that a step takes, and those of all processors together."""
    started, used = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        took[name] = took.get(name, 0.0) + time.perf_counter() - started
        own = f"{name}{CPU}"
        took[own] = took.get(own, 0.0) + time.process_time() - used


def _judged(
    night: Night, rules: Mapping[str, RuleColumns], names: Mapping[str, Names], most: int
) -> tuple[list[ResultFile], dict[str, Borders]]:
    near = {own: Borders(most) for own in rules}
    return list(night.by_columns(rules, names, near)), near


def _together(looks: Sequence[SecondLook]) -> SecondLook:
    return SecondLook(
        sum(each.near for each in looks),
        sum(each.near_judged for each in looks),
        sum(each.random_judged for each in looks),
        tuple(difference for each in looks for difference in each.differences),
    )


def _changed_counties(duck: DuckDB, people: People, changed: Path) -> Iterator[str]:
    types = pq.read_schema(changed).names if changed.is_file() else []
    if people.region not in types:
        raise Invalid(
            f"the list of changes has no column '{people.region}'",
            code="run.changed",
            place=str(changed),
            mend=f"a Parquet file of {people.key} and {people.region}; who moved stands in both",
        )
    source, region = text_literal(str(changed)), quoted(people.region)
    query = (
        f"SELECT DISTINCT {people.county} FROM read_parquet({source}) WHERE {region} IS NOT NULL"
    )
    home, key = quoted(people.link), quoted(people.key)
    if people.members is not None and home != key and people.key in types:
        # Who lives with somebody who changed may be judged otherwise too, wherever that is.
        people.register(duck)
        own = f"SELECT {home} FROM person SEMI JOIN read_parquet({source}) USING ({key})"
        query += f" UNION SELECT {people.county} FROM person SEMI JOIN ({own}) USING ({home})"
    yield from (county for (county,) in duck.connection.execute(query).fetchall())
