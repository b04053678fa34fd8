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

import pyarrow as pa
import pyarrow.parquet as pq

from longmai.kernel.errors import Conflict
from longmai.rules.columns.population import Population, quoted
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.policy.library import read_file
from longmai.rules.policy.model import Policy
from longmai.store.columns.differences import Differences, told_apart
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.judges import ByColumns, ByHand, Judge, Looked
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
from longmai.store.columns.meaning import meaning, programs
from longmai.store.columns.overlay import OVERLAYS, digest_of, linked
from longmai.store.columns.people import (
    People,
    bounded,
    hold_choices,
    rows_of,
    source_of,
)
from longmai.store.columns.province import KEPT, timed
from longmai.store.columns.row import people_of
from longmai.store.columns.rows import clauses_of
from longmai.store.columns.sides import AFTER, BEFORE, BOTH, NOW, OLD, Sides

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
    sides: Sides

    @classmethod
    def of(cls, job: Update, duck: DuckDB, folder: Path) -> "_Update":
        with timed(job.took, "read"):
            before, certificate = read_manifest(job.old), read_certificate(job.old)
            policies = list(_policies(before, job))
        _hold(before, policies, job)
        kept = job.old / KEPT
        people = people_of(before, folder=job.old)
        people = replace(people, kept=kept if kept.is_file() else None)
        population = people.population()
        sides = Sides(duck, people, population, job.changes)
        return cls(job, duck, folder, before, certificate, policies, people, population, sides)

    def done(self) -> Certificate:
        job, took = self.job, self.job.took
        with timed(took, "find households"):
            self.sides.find()
        with timed(took, "digests of rows"):
            rows = self.sides.rows(self.before.rows)
        with timed(took, "bounds and choices"):
            self.sides.show(BOTH)
            population = bounded(self.duck, self.population, self.policies)
            self.sides.show(AFTER)
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

    def _judged(
        self, rules: Mapping[str, RuleColumns], population: Population
    ) -> tuple[list[Differences], list["Looked"]]:
        """Judge before and after; return what differs, and whom to judge a second time."""
        found = {
            p.id: Differences(Names(p.id, p.digest, clauses_of(p, self.job.day)))
            for p in self.policies
        }
        looks = {p.id: Looked(p, self.job.recheck) for p in self.policies}
        by_hand = [p for p in self.policies if p.id not in rules]
        of_homes = [p for p in self.policies if p.id in rules and p.members]
        others = [p for p in self.policies if p.id in rules and not p.members]
        for some, only_new in ((of_homes, False), (others, True), (by_hand, False)):
            if not some:
                continue
            judge: Judge
            if some is by_hand:
                judge = ByHand(self.sides, some, population, self.job.day)
            else:
                judge = ByColumns(self.sides, [rules[p.id] for p in some])
            own = [found[p.id] for p in some]
            self._compare(judge, own, [looks[p.id] for p in some], only_new)
        return [found[p.id] for p in self.policies], list(looks.values())

    def _compare(
        self,
        judge: "Judge",
        found: Sequence[Differences],
        looks: Sequence["Looked"],
        only_new: bool,
    ) -> None:
        key = quoted(self.people.key)
        was, now = (OLD, NOW) if only_new else (BEFORE, AFTER)
        stay, other = (f" {how} JOIN _moved USING ({key})" for how in ("ANTI", "SEMI"))
        if not self.sides.moves:
            stay = ""
        pairs = zip(judge.groups(was, stay), judge.groups(now, stay), strict=True)
        with ThreadPoolExecutor(self.job.threads) as pool:
            work = [
                (after, pool.submit(judge.judge, before), pool.submit(judge.judge, after))
                for before, after in pairs
            ]
            for rows, before, after in work:
                keys, counties = rows.column("key"), rows.column("county").dictionary_encode()
                for each, one, two, look in zip(
                    found, before.result(), after.result(), looks, strict=True
                ):
                    each.changed(keys, counties, one, two)
                    look.add(keys, two)
                self.job.told(rows.num_rows * len(found))
        if not self.sides.moves:
            return
        for rows in judge.groups(was, other):
            counties = rows.column("county").dictionary_encode()
            for each, one in zip(found, judge.judge(rows), strict=True):
                each.left(counties, one)
        for rows in judge.groups(now, other):
            keys, counties = rows.column("key"), rows.column("county").dictionary_encode()
            for each, two, look in zip(found, judge.judge(rows), looks, strict=True):
                each.came(keys, counties, two)
                look.add(keys, two)
        gone = self.sides.column(f"SELECT {key} AS key FROM _old ANTI JOIN _now USING ({key})")
        for each in found:
            each.gone(gone)

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

    def _second(self, looks: Sequence["Looked"]) -> SecondLook:
        self.sides.show(AFTER)
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
    if before.opinions is not None or len({each.id for each in policies}) < len(policies):
        raise Conflict(
            "the run before has opinions, or several versions of a policy",
            code="run.versions",
            place=str(job.old),
            mend="judge again what changed: longmai rules run --incremental",
        )
    for policy, judged in zip(policies, before.policies, strict=True):
        if meaning(policy, job.day, [policy]) != judged.meaning:
            raise Conflict(
                f"{policy.id} means something else on {job.day} than on {before.day}",
                code="run.meaning",
                place=str(job.old),
                mend="judge everybody by it: longmai rules run --incremental",
            )
