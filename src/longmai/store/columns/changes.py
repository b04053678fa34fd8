"""A night in which some people changed: they and their households are judged, before and after.

Nothing else is looked at. What comes out otherwise than the night before is written as an overlay;
the counts of the counties follow from the differences.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from longmai.kernel.errors import Conflict, Invalid
from longmai.rules.columns.many import named_alike, small
from longmai.rules.columns.population import Population, quoted
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.sql import select
from longmai.rules.columns.verdicts import Verdict, Verdicts, verdict_of
from longmai.rules.policy.library import read_file
from longmai.rules.policy.model import Policy
from longmai.store.columns.borders import Borders, Some
from longmai.store.columns.differences import Differences, told_apart
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.judging import Names, Told, compile_all
from longmai.store.columns.manifest import (
    CERTIFICATE,
    MANIFEST,
    Certificate,
    Manifest,
    OverlayFile,
    SecondLook,
    certified,
    read_certificate,
    read_manifest,
)
from longmai.store.columns.overlay import OVERLAYS, digest_of, linked
from longmai.store.columns.people import (
    People,
    bounded,
    hold_choices,
    rows_by_county,
    rows_of,
    source_of,
    text_literal,
    with_members,
)
from longmai.store.columns.province import KEPT, meaning, programs, timed
from longmai.store.columns.results import GROUP_ROWS
from longmai.store.columns.row import people_of
from longmai.store.columns.rows import RowJudge, clauses_of

_LISTED = 100


@dataclass(frozen=True)
class Update:
    """What is to be judged.

    Attributes:
        old: folder of the run before.
        changes: file of the people who changed, whole rows; who has no region is gone.
        out: folder to write; it must not be there.
        policies: those of the run before, where they are at hand; else they are read from there.
        recheck: people of each policy's borders, and at random, that are judged a second time; 0:
            everyone on a border.
        told: of progress.
        took: gets the seconds of each step.
    """

    old: Path
    changes: Path
    out: Path
    day: date
    policies: Sequence[Policy] = ()
    recheck: int = 200
    threads: int = 2
    memory_mb: int = 1200
    told: Told = field(default=lambda _done: None)
    took: dict[str, float] = field(default_factory=dict)


def update(job: Update) -> Certificate:
    """Judge who changed; write a run that has the files of the one before, and an overlay.

    Raises:
        Conflict: the folder is there already; the run before is of other programs; a policy means
            something else on the day.
        Invalid, InvalidMany: the changes do not fit the people's file, or the certificate does not
            hold.
    """
    if job.out.exists():
        raise Conflict(
            "the folder is there already",
            code="run.folder",
            place=str(job.out),
            mend="name another, or remove it",
        )
    partial = job.out.with_name(job.out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with DuckDB(memory_mb=job.memory_mb, threads=job.threads, spill=partial / "spill") as duck:
        certificate = _Update.of(job, duck, partial).done()
    shutil.rmtree(partial / "spill", ignore_errors=True)
    certificate.check()
    partial.rename(job.out)
    return certificate


@dataclass
class _Update:
    job: Update
    duck: DuckDB
    folder: Path
    before: Manifest
    certificate: Certificate
    policies: Sequence[Policy]
    people: People
    population: Population
    _moves: bool = False

    @classmethod
    def of(cls, job: Update, duck: DuckDB, folder: Path) -> "_Update":
        with timed(job.took, "read"):
            before, certificate = read_manifest(job.old), read_certificate(job.old)
            policies = list(_policies(before, job))
        _hold(before, policies, job)
        kept = job.old / KEPT
        people = people_of(before, folder=job.old)
        people = replace(people, kept=kept if kept.is_file() else None)
        return cls(job, duck, folder, before, certificate, policies, people, people.population())

    def done(self) -> Certificate:
        job, took = self.job, self.job.took
        with timed(took, "find households"):
            self._find()
        with timed(took, "digests of rows"):
            rows = self._rows()
        with timed(took, "bounds and choices"):
            self.show(_BOTH)
            population = bounded(self.duck, self.population, self.policies)
            self.show(_AFTER)
            hold_choices(self.duck, population, self.policies)
        with timed(took, "compile"):
            rules, _ = compile_all(self.policies, population, self.people, job.day)
        with timed(took, "judge"):
            found, looks = self._judged(rules, population)
        with timed(took, "write"):
            overlay = self._written(found)
        with timed(took, "take over"):
            changes = self._taken_over()
        with timed(took, "judge again"):
            second = self._second(looks)
        return self._told(rows, overlay, changes, second)

    def _find(self) -> None:
        """Make tables of who changed and of who lives with them, before and after."""
        duck, key, home = self.duck.connection, quoted(self.people.key), quoted(self.people.link)
        self.people.register(self.duck)
        duck.execute("CREATE TABLE _new AS FROM person LIMIT 0")
        self._read_changes()
        duck.execute(
            f"CREATE TABLE _own AS SELECT {key}, {home} FROM person SEMI JOIN _new USING ({key})"
            if home != key
            else f"CREATE TABLE _own AS SELECT {key} FROM person SEMI JOIN _new USING ({key})"
        )
        if self.people.has_own_members and home != key:
            homes = f"SELECT {home} FROM _own UNION SELECT {home} FROM _new"
            duck.execute(f"CREATE TABLE _homes AS {homes}")
            # Who has no household is nobody's co-member.
            query = f"FROM person SEMI JOIN _homes USING ({home})"
            if duck.execute(f"SELECT 1 FROM _own WHERE {home} IS NULL LIMIT 1").fetchall():
                query += f" UNION ALL FROM person SEMI JOIN _own USING ({key}) WHERE {home} IS NULL"
        else:
            query = f"FROM person SEMI JOIN _new USING ({key})"
        duck.execute(f"CREATE TABLE _before AS {query}")
        duck.execute(
            f"CREATE TABLE _after AS (FROM _before ANTI JOIN _new USING ({key}))"
            f" UNION ALL FROM _new WHERE {quoted(self.people.region)} IS NOT NULL"
        )
        if self.people.members is not None and not self.people.has_own_members:
            homes = f"SELECT {home} FROM _before UNION SELECT {home} FROM _new"
            duck.execute(f"CREATE TABLE _members AS FROM member SEMI JOIN ({homes}) USING ({home})")
        county = self.people.county
        duck.execute(
            f"CREATE TABLE _stay AS SELECT {key} FROM (SELECT {key}, {county} AS c FROM _before)"
            f" JOIN (SELECT {key}, {county} AS d FROM _after) USING ({key}) WHERE c = d"
        )

        query = "SELECT 1 FROM {} ANTI JOIN _stay USING ({}) LIMIT 1"
        sides = [duck.execute(query.format(side, key)).fetchall() for side in (_BEFORE, _AFTER)]
        self._moves = any(sides)

    def _read_changes(self) -> None:
        file, key = self.job.changes, quoted(self.people.key)
        try:
            missing = [
                n for n in self.population.people.types if n not in pq.read_schema(file).names
            ]
        except (FileNotFoundError, pa.ArrowInvalid):
            raise Invalid(
                "no Parquet file of people is here", code="run.changes", place=str(file)
            ) from None
        if missing:
            raise Invalid(
                f"the file has no column '{missing[0]}'",
                code="run.changes",
                place=str(file),
                mend="write whole rows, as in the people's file",
            )
        duck = self.duck.connection
        try:
            source = f"FROM read_parquet({text_literal(str(file))})"
            duck.execute(f"INSERT INTO _new BY NAME {source}")
        except duckdb.Error as error:
            raise Invalid(
                "the file does not fit that of the people",
                code="run.changes",
                place=str(file),
                value=str(error).splitlines()[0],
                mend="write the columns as they are there",
            ) from None
        query = f"SELECT COUNT(*), COUNT({key}), COUNT(DISTINCT {key}) FROM _new"
        rows, known, different = duck.execute(query).fetchall()[0]
        if different < rows:
            wrong = "have no key" if known < rows else "have a key that stands there before"
            raise Invalid(
                f"{rows - min(known, different):,} rows {wrong}",
                code="run.changes",
                place=f"{file}, column {self.people.key}",
                mend="write one row for each person who changed",
            )

    def show(self, side: str, where: str = "") -> None:
        """Let the tables be those of before, of after, or of both, perhaps of some people."""
        duck = self.duck.connection
        source = "(FROM _before UNION ALL FROM _after)" if side == _BOTH else side
        duck.execute(f"CREATE OR REPLACE VIEW person AS FROM {source}{where}")
        if self.people.members is not None:
            own = source if self.people.has_own_members else "_members"
            duck.execute(f"CREATE OR REPLACE VIEW member AS FROM {own}")

    def _rows(self) -> dict[str, tuple[int, str]]:
        """Return people and digest of each county: what is taken away and added is a sum."""
        found = dict(self.before.rows)
        for side, sign in ((_BEFORE, -1), (_AFTER, 1)):
            self.show(side)
            for county, (count, digest) in rows_by_county(
                self.duck, self.people, self.population
            ).items():
                known, old = found.get(county, (0, "0"))
                total = int(old, 16) + sign * int(digest, 16)
                found[county] = (known + sign * count, f"{total:x}")
        return {county: each for county, each in sorted(found.items()) if each[0]}

    def _judged(
        self, rules: Mapping[str, RuleColumns], population: Population
    ) -> tuple[list[Differences], list["_Looked"]]:
        """Judge before and after; return what differs, and whom to judge a second time."""
        found = {p.id: Differences(Names(p.id, p.digest, clauses_of(p))) for p in self.policies}
        looks = {p.id: _Looked(p, self.job.recheck) for p in self.policies}
        by_hand = [p for p in self.policies if p.id not in rules]
        of_homes = [p for p in self.policies if p.id in rules and p.members]
        others = [p for p in self.policies if p.id in rules and not p.members]
        for some, only_new in ((of_homes, False), (others, True), (by_hand, False)):
            if not some:
                continue
            judge: _Judge
            if some is by_hand:
                judge = _ByHand(self, some, population)
            else:
                judge = _ByColumns(self, [rules[p.id] for p in some])
            own = [found[p.id] for p in some]
            self._compare(judge, own, [looks[p.id] for p in some], only_new)
        return [found[p.id] for p in self.policies], list(looks.values())

    def _compare(
        self,
        judge: "_Judge",
        found: Sequence[Differences],
        looks: Sequence["_Looked"],
        only_new: bool,
    ) -> None:
        key = quoted(self.people.key)
        own = f" SEMI JOIN _new USING ({key})" if only_new else ""
        stay, other = f"{own} SEMI JOIN _stay USING ({key})", f"{own} ANTI JOIN _stay USING ({key})"
        pairs = zip(judge.groups(_BEFORE, stay), judge.groups(_AFTER, stay), strict=True)
        with ThreadPoolExecutor(self.job.threads) as pool:
            work = [
                (after, pool.submit(judge.judge, before), pool.submit(judge.judge, after))
                for before, after in pairs
            ]
            for rows, before, after in work:
                keys, counties = rows.column("key"), rows.column("county")
                for each, one, two, look in zip(
                    found, before.result(), after.result(), looks, strict=True
                ):
                    each.changed(keys, counties, one, two)
                    look.add(keys, two)
                self.job.told(rows.num_rows * len(found))
        if not self._moves:
            return
        for rows in judge.groups(_BEFORE, other):
            for each, one in zip(found, judge.judge(rows), strict=True):
                each.left(rows.column("county"), one)
        for rows in judge.groups(_AFTER, other):
            keys = rows.column("key")
            for each, two, look in zip(found, judge.judge(rows), looks, strict=True):
                each.came(keys, rows.column("county"), two)
                look.add(keys, two)
        gone = self._column(f"SELECT {key} AS key FROM _before ANTI JOIN _after USING ({key})")
        for each in found:
            each.gone(gone)

    def _column(self, query: str) -> pa.Array:
        table = self.duck.connection.sql(query).to_arrow_table()
        return table.column(0).combine_chunks()

    def _written(self, found: Sequence[Differences]) -> OverlayFile | None:
        tables = [each.table() for each in found if not each.is_empty]
        if not tables:
            return None
        own = f"{OVERLAYS}/{len(self.before.overlays) + 1:04}.parquet"
        file = self.folder / own
        file.parent.mkdir()
        pq.write_table(pa.concat_tables(tables), file, compression="zstd", compression_level=1)
        return OverlayFile(own, digest_of(file), dict(told_apart(found)))

    def _taken_over(self) -> Path:
        """Give the files of the run before a name here; return the file of changes."""
        old = self.job.old
        for name in ("results", "policies", OVERLAYS, "changes"):
            if (old / name).is_dir():
                own = self.folder / name
                shutil.copytree(old / name, own, copy_function=linked, dirs_exist_ok=True)
        if (old / KEPT).is_file():
            linked(str(old / KEPT), str(self.folder / KEPT))
        changes = self.folder / "changes" / f"{len(self.before.changes) + 1:04}.parquet"
        changes.parent.mkdir(exist_ok=True)
        # The file may be written over tomorrow: a copy is kept.
        shutil.copyfile(self.job.changes, changes)
        return changes

    def _second(self, looks: Sequence["_Looked"]) -> SecondLook:
        self.show(_AFTER)
        keys = sorted({key for each in looks for key in each.asked()})
        rows: dict[Any, Mapping[str, Any]] = {}
        if keys:
            asked = pa.array(keys, self.population.people.types[self.people.key])
            found = rows_of(self.duck, self.people, self.population, asked)
            rows = {row[self.people.key]: row for row in found}
        differences = [text for each in looks for text in each.differences(rows, self.job.day)]
        return SecondLook(
            sum(each.near.found for each in looks),
            sum(len(each.near.kept()) for each in looks),
            sum(len(each.random.kept()) for each in looks),
            tuple(differences[:_LISTED]),
        )

    def _told(
        self,
        rows: Mapping[str, tuple[int, str]],
        overlay: OverlayFile | None,
        changes: Path,
        second: SecondLook,
    ) -> Certificate:
        source = replace(source_of(changes), path=str(changes.relative_to(self.folder)))
        manifest = replace(
            self.before,
            day=str(self.job.day),
            rows=rows,
            changes=(*self.before.changes, source),
            overlays=(*self.before.overlays, *([] if overlay is None else [overlay])),
        )
        certificate = certified(manifest, {c: n for c, (n, _) in rows.items()}, second)
        (self.folder / MANIFEST).write_bytes(manifest.bytes)
        (self.folder / CERTIFICATE).write_bytes(certificate.bytes())
        return certificate


_BEFORE, _AFTER, _BOTH = "_before", "_after", "both"


def _policies(before: Manifest, job: Update) -> Iterator[Policy]:
    known = {each.digest: each for each in job.policies}
    for each in before.policies:
        file = job.old / "policies" / each.digest / "policy.yaml"
        yield known.get(each.digest) or read_file(file)


def _hold(before: Manifest, policies: Sequence[Policy], job: Update) -> None:
    if before.programs != programs():
        raise Conflict(
            "the run before is of another version",
            code="run.programs",
            place=str(job.old),
            mend="run the whole of it anew",
        )
    for policy, judged in zip(policies, before.policies, strict=True):
        if meaning(policy, job.day) != judged.meaning:
            raise Conflict(
                f"{policy.id} means something else on {job.day} than on {before.day}",
                code="run.meaning",
                place=str(job.old),
                mend="judge everybody by it: longmai rules run --incremental",
            )


class _Judge:
    """Judges groups of rows by some policies."""

    def groups(self, side: str, where: str) -> Iterator[pa.RecordBatch]:
        """Yield people of a side, by key; those of both sides are cut alike."""
        raise NotImplementedError

    def judge(self, rows: pa.RecordBatch) -> list[Verdict]:
        """Return what each policy says."""
        raise NotImplementedError


class _ByColumns(_Judge):
    def __init__(self, run: _Update, rules: Sequence[RuleColumns]) -> None:
        self._run = run
        self._verdicts = Verdicts.of(rules, named_alike(run.duck.dialect))

    def groups(self, side: str, where: str) -> Iterator[pa.RecordBatch]:
        run, leaves = self._run, self._verdicts.leaves
        run.show(side, where)
        keep = {"key": quoted(run.people.key), "county": run.people.county}
        query = select(leaves, "person", run.duck.dialect, keep, small(leaves, run.duck.dialect))
        table = run.duck.run(query.order_by('"key"')).combine_chunks()
        return iter(table.to_batches(max_chunksize=GROUP_ROWS) if table.num_rows else [])

    def judge(self, rows: pa.RecordBatch) -> list[Verdict]:
        return list(self._verdicts.judge(rows))


class _ByHand(_Judge):
    def __init__(self, run: _Update, policies: Sequence[Policy], population: Population) -> None:
        self._run, self._population = run, population
        self._judges = [RowJudge(each, run.job.day) for each in policies]

    def groups(self, side: str, where: str) -> Iterator[pa.RecordBatch]:
        run = self._run
        run.show(side, where)
        key = quoted(run.people.key)
        query = (
            f"SELECT *, {key} AS key, {run.people.county} AS county,"
            f" {run.people.region_text} AS _region FROM person ORDER BY {key}"
        )
        rows = run.duck.connection.sql(query).to_arrow_table()
        whole = list(with_members(run.duck, run.people, self._population, rows))
        if not whole:
            return
        found = {"key": rows.column("key"), "county": rows.column("county")}
        for i, judge in enumerate(self._judges):
            pairs = [judge.judge(row) for row in whole]
            found[f"d{i}"] = pa.array([code for code, _ in pairs], pa.int16())
            found[f"a{i}"] = pa.array([fen for _, fen in pairs], pa.int64())
        yield from pa.table(found).combine_chunks().to_batches()

    def judge(self, rows: pa.RecordBatch) -> list[Verdict]:
        return [
            verdict_of(rows.column(f"d{i}"), rows.column(f"a{i}"), len(clauses_of(each.policy)))
            for i, each in enumerate(self._judges)
        ]


class _Looked:
    """People that a policy judged, some of whom the interpreter judges again."""

    def __init__(self, policy: Policy, most: int) -> None:
        self.policy = policy
        self.near, self.random = Borders(most), Borders(most)
        self._most = most

    def add(self, keys: pa.Array, verdict: Verdict) -> None:
        def told(at: pa.Array) -> list[Any]:
            columns = [each.take(at) for each in (keys, verdict.decided(), verdict.amounts())]
            return list(zip(*(each.to_pylist() for each in columns), strict=True))

        if verdict.near is not None:
            self.near.add(Some.of(verdict.near, whole=not self._most), told)
        if self._most:
            step = max(1, len(keys) // self._most)
            self.random.add(Some(len(keys), pa.array(range(0, len(keys), step), pa.int64())), told)

    def asked(self) -> Iterator[Any]:
        yield from (key for key, _, _ in self._all())

    def _all(self) -> list[Any]:
        return [*self.near.kept(), *self.random.kept()]

    def differences(self, rows: Mapping[Any, Mapping[str, Any]], day: date) -> Iterator[str]:
        judge = RowJudge(self.policy, day)
        for key, code, fen in self._all():
            again = judge.judge(rows[key])
            if again != (code, fen):
                yield f"{self.policy.id}, {key}: judged {code}, {fen}, and again {again}"
