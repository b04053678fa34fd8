"""A library of policies over a whole province: counts, the result table, and what changed.

Run as ``python -m bench.rules_scale --rows 10000,100000,1000000``; the whole province is
``--rows 24600000``. People are made up by a formula and stand in a file in the order of their
counties; 50 policy files of five conditions are made up too, some with a sum over the household,
some with a decision table. What is measured is ``longmai rules run`` itself, step by step. The peer
is the interpreter, one record at a time, as every DMN engine does it: timed on a sample in the same
run.

CPU is the time of all processors together, which a busy machine changes less. Each size runs in a
process of its own, so that its peak of memory is its own.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from bench.made_up_policies import policies

from longmai.rules.columns.many import Counts
from longmai.rules.policy.model import Policy
from longmai.store.columns.changes import Update, update
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.judging import Night, compile_all
from longmai.store.columns.manifest import read_certificate, read_manifest
from longmai.store.columns.overlay import compact
from longmai.store.columns.people import People, bounded, rows_of
from longmai.store.columns.province import CPU, Job, run
from longmai.store.columns.rows import RowJudge

DAY = date(2026, 6, 1)
COUNTY_ROWS = 286_000  # as in a province of 24.6 million and 86 counties
_PEOPLE = """
COPY (
  SELECT i::BIGINT AS id, (i // 3)::INTEGER AS household,
    '99' || (11 + (i * {counties} // {rows}) // 10) || (11 + (i * {counties} // {rows}) % 10)
      || '001000' AS region,
    (hash(i) % 100)::SMALLINT AS age,
    CASE WHEN hash(i + 1) % 20 = 0 THEN NULL
      ELSE (hash(i + 1) % 1200000 / 100)::DECIMAL(9, 2) END AS pay,
    CASE WHEN hash(i + 2) % 50 = 0 THEN NULL ELSE hash(i + 2) % 12 = 1 END AS disabled,
    hash(i + 3) % 5 < 2 AS urban,
    CASE hash(i + 4) % 6 WHEN 0 THEN 'low income' WHEN 1 THEN 'extreme hardship'
      WHEN 2 THEN 'near poverty' WHEN 3 THEN 'none' WHEN 4 THEN 'none' END AS status,
    DATE '1926-01-01' + (hash(i + 5) % 36500)::INTEGER AS birth,
    (hash(i + 6) % 500)::SMALLINT AS insured_months
  FROM range({rows}) AS t(i)
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""
_SIZES = "10000,100000,1000000"
_SAMPLE_ROWS = 2_000
_SHOWN_S = 0.005
_HELD_ROWS = 2_000_000
_RAISED = (
    "SELECT * REPLACE (CASE WHEN {who} THEN (insured_months + 1)::SMALLINT "
    "ELSE insured_months END AS insured_months, CASE WHEN {who} THEN (pay * 0.9)::DECIMAL(9, 2) "
    "ELSE pay END AS pay) FROM '{source}'"
)
_SCATTERED = "hash(id, 'changed') % 100 = 0"


def timed(run: Callable[[], object], found: dict[str, float], name: str) -> None:
    """Note the seconds that something takes, and those of all processors together."""
    started, before = time.perf_counter(), time.process_time()
    run()
    found[f"{name}_cpu"] = time.process_time() - before
    found[name] = time.perf_counter() - started


def counties(rows: int) -> int:
    """Return how many counties so many people live in."""
    return max(2, min(86, rows // COUNTY_ROWS))


def people_of(file: Path) -> People:
    """Return people whose households are among them."""
    return People(file, members=file, parent="household")


def measured(rows: int, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Run one size, and return what it took."""
    source = folder / "people.parquet"
    with DuckDB(memory_mb=options.memory_mb, threads=options.threads) as maker:
        maker.connection.execute(_PEOPLE.format(rows=rows, path=source, counties=counties(rows)))
    chosen = policies(folder / "policies", options.policies)
    found: dict[str, float] = {"people_mb": source.stat().st_size / 1e6}

    def job(name: str, **more: Any) -> Job:
        return Job(
            chosen,
            people_of(source),
            DAY,
            folder / name,
            recheck=options.recheck,
            threads=options.threads,
            memory_mb=options.memory_mb,
            **more,
        )

    whole = job("whole", keeps_people=not options.no_changes)
    timed(lambda: run(whole), found, "run")
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found |= {f"  {name}": took for name, took in whole.took.items()}
    found["results_mb"] = _size(folder / "whole") / 1e6
    _counted(chosen, source, folder, options, found)
    if not options.no_changes:
        _changed(job, source, folder, rows, found)
    found["interpreter"] = _interpreted(chosen, source, min(rows, options.sample))
    return found


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def _counted(
    chosen: Sequence[Policy],
    source: Path,
    folder: Path,
    options: argparse.Namespace,
    found: dict[str, float],
) -> None:
    """Count without writing, and hold the counts against the certificate."""
    people = people_of(source)
    counts: dict[str, Counts] = {}
    with DuckDB(
        folder / "counts.duckdb", memory_mb=options.memory_mb, threads=options.threads
    ) as duck:
        people.register(duck)
        population = bounded(duck, people.population(), chosen)
        rules, refused = compile_all(chosen, population, people, DAY)
        assert not refused
        night = Night(duck, people, {}, folder, threads=options.threads)
        timed(lambda: counts.update(night.count(rules)), found, "counts")
    total = read_certificate(folder / "whole").total()
    for name in ("met", "not_met", "unknown", "manual"):
        assert sum(getattr(each, name) for each in counts.values()) == total[name], name


def _changed(
    job: Callable[..., Job], source: Path, folder: Path, rows: int, found: dict[str, float]
) -> None:
    """Change one county, and one person in a hundred everywhere; judge what changed."""
    own = rows // counties(rows)
    county, listed = folder / "county.parquet", folder / "county_list.parquet"
    who = f"id BETWEEN {own + 1} AND {2 * own - 1}"
    _write(_RAISED.format(who=who, source=source), county)
    _write(f"SELECT id, region FROM '{source}' WHERE {who}", listed)
    for way, changed in (("list", listed), ("scan", None)):
        name = f"county_{way}"
        again = replace(
            job(name, old=folder / "whole", changed=changed), people=people_of(county), recheck=1
        )
        timed(partial(run, again), found, name)
        found |= {f"  {name}: {step}": took for step, took in again.took.items()}
    ways = [read_manifest(folder / f"county_{way}").files for way in ("list", "scan")]
    assert ways[0] == ways[1]
    for way in ("list", "scan"):
        shutil.rmtree(folder / f"county_{way}")
    county.unlink()
    _scattered(job, source, folder, rows, found)


def _write(query: str, file: Path) -> None:
    with DuckDB(memory_mb=500) as duck:
        duck.connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")


def _scattered(
    job: Callable[..., Job], source: Path, folder: Path, rows: int, found: dict[str, float]
) -> None:
    """Change one person in a hundred; hold the result to a whole run where that is not long."""
    changes = folder / "changes.parquet"
    _write(f"{_RAISED.format(who=_SCATTERED, source=source)} WHERE {_SCATTERED}", changes)
    policies = job("none").policies
    again = Update(folder / "whole", changes, folder / "night", DAY, policies, recheck=1)
    timed(partial(update, again), found, "one in a hundred")
    found |= {f"  one in a hundred: {step}": took for step, took in again.took.items()}
    if rows > _HELD_ROWS:
        return
    timed(partial(compact, folder / "night", folder / "compact"), found, "worked in")
    after = folder / "after.parquet"
    _write(_RAISED.format(who=_SCATTERED, source=source), after)
    run(replace(job("whole_after"), people=people_of(after)))
    ways = [read_manifest(folder / name).files for name in ("compact", "whole_after")]
    assert ways[0] == ways[1]


def _interpreted(chosen: Sequence[Policy], source: Path, sample: int) -> float:
    """Return what the interpreter does a second, in rows times rules, on a sample of people."""
    people = people_of(source)
    with DuckDB(memory_mb=500) as duck:
        people.register(duck)
        keys = duck.connection.sql(f"SELECT id FROM person LIMIT {sample}").to_arrow_table()
        rows = list(rows_of(duck, people, people.population(), keys.column("id")))
    some = [each for each in chosen if not each.steps][:10]
    started = time.perf_counter()
    for policy in some:
        judge = RowJudge(policy, DAY)
        for row in rows:
            judge.decision(row)
    return sample * len(some) / (time.perf_counter() - started)


def _lines(rows: int, count: int, found: Mapping[str, float]) -> Iterator[str]:
    each = rows * count
    for name, took in found.items():
        if (
            name.endswith(("_cpu", CPU))
            or took < _SHOWN_S
            or name in {"peak_mb", "results_mb", "people_mb", "interpreter"}
        ):
            continue
        used = found.get(f"{name}_cpu", found.get(f"{name}{CPU}", 0.0))
        cpu = f"{used:8.2f} s"
        rate = f"{each / took:16,.0f}" if took and not name.startswith(" ") else ""
        yield f"{rows:>11,} {count:>5} {name:34} {took:8.2f} s {cpu} {rate}"
    ratio = each / found["run"] / found["interpreter"]
    yield f"{rows:>11,} {count:>5} {'interpreter':34} {'':21} {found['interpreter']:16,.0f}"
    yield (
        f"{'':16} {ratio:,.0f} times as fast as the interpreter; peak {found['peak_mb']:,.0f} MB, "
        f"people {found['people_mb']:,.1f} MB, results {found['results_mb']:,.1f} MB"
    )


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", default=_SIZES, help="sizes, with commas")
    arguments.add_argument("--policies", type=int, default=50)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--memory-mb", type=int, default=1200)
    arguments.add_argument("--recheck", type=int, default=200)
    arguments.add_argument("--sample", type=int, default=_SAMPLE_ROWS, help="rows of the peer")
    arguments.add_argument("--no-changes", action="store_true", help="only the whole run")
    arguments.add_argument("--folder", type=Path, help="for the files; a temporary one")
    arguments.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    return arguments.parse_args()


def main() -> None:
    """Measure each size in a process of its own, and print a table of growth."""
    options = _arguments()
    sizes = [int(each) for each in options.rows.split(",")]
    if options.one is not None:
        print(json.dumps(measured(sizes[0], options.one, options)))
        return
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {options.threads} threads")
    print(f"{'rows':>11} rules {'step':34} {'time':>10} {'CPU':>10} {'rows x rules/s':>16}")
    for rows in sizes:
        folder = Path(tempfile.mkdtemp(prefix="rules-scale-", dir=options.folder))
        load = os.getloadavg()[0]
        try:
            found = _in_a_process(rows, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for line in _lines(rows, options.policies, found):
            print(line, flush=True)
        print(f"{'':16} load {load:.1f} before, {os.getloadavg()[0]:.1f} after", flush=True)


def _in_a_process(rows: int, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.rules_scale", *sys.argv[1:]]
    own = [*command, "--rows", str(rows), "--one", str(folder)]
    done = subprocess.run(own, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
