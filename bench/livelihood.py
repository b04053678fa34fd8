"""Policies find people: everybody of a sample province by all policies of the field that ship.

Run as ``python -m bench.livelihood --people 100000,1000000``; the whole province is ``--people
24600000``. The people are those of ``longmai livelihood generate``; what is measured is ``longmai
livelihood find`` itself, step by step, and then a second finding of the day after with what has
changed. The peer is the row interpreter, which judges again whoever is on a border and a sample of
all outcomes: the finding stands only if no row differs.

CPU is the time of all processors together. Each size runs in a process of its own, so that its peak
of memory is its own; the disk's cache is no part of it.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from longmai.domains.livelihood.finding.finding import NEAR_MOST, Search, find, policies_of
from longmai.domains.livelihood.province.generating import POPULATION, Order, generate
from longmai.kernel.regions import RegionPack, find_pack
from longmai.rules.policy.library import Library
from longmai.store.columns.people import People
from longmai.store.columns.province import CPU

DAY = date(2026, 9, 1)


def measure(people: int, folder: Path, near_most: int, *, next_day: bool) -> dict[str, Any]:
    """Make people up, find who is entitled, and measure both."""
    pack = RegionPack.load(find_pack())
    made = folder / "made"
    told: dict[str, Any] = {"people": people}
    if not made.exists():
        started, used = time.perf_counter(), time.process_time()
        generate(pack, Order(people, 1, made, DAY, ""))
        told["generate"] = _spent(started, used)
    told["file_mb"] = (made / POPULATION).stat().st_size >> 20
    told["first"] = _found(pack, made, folder / "one", DAY, None, near_most)
    if next_day:
        day = DAY + timedelta(days=1)
        told["second"] = _found(pack, made, folder / "two", day, folder / "one", near_most)
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return told


def _found(
    pack: RegionPack, made: Path, out: Path, day: date, since: Path | None, near_most: int
) -> dict[str, Any]:
    shutil.rmtree(out, ignore_errors=True)
    file = made / POPULATION
    own = People(file, members=file, parent="household", absent_unknown=True)
    policies = policies_of(Library.load([pack.policies]), day)
    search = Search(policies, own, day, out, since, near_most=near_most or None)
    started, used = time.perf_counter(), time.process_time()
    found = find(search)
    spent = _spent(started, used)
    steps = {name: round(s, 1) for name, s in search.took.items() if name.endswith(CPU)}
    return {**spent, "policies": len(policies), "twice": found["twice"], "steps": steps}


def _spent(started: float, used: float) -> dict[str, float]:
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_s": round(time.process_time() - used, 1),
    }


def main() -> None:
    """Measure each size in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", default="20000,100000,1000000")
    parser.add_argument("--folder", type=Path, help="Where people made before lie, and stay.")
    parser.add_argument("--near-most", type=int, default=NEAR_MOST, help="0: everybody on a border")
    parser.add_argument("--next-day", action="store_true")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sizes = [int(each.replace("_", "")) for each in asked.people.split(",")]
    if asked.one:
        told = measure(sizes[0], asked.folder, asked.near_most, next_day=asked.next_day)
        print(json.dumps(told))
        return
    print(f"{'people':>12} {'seconds':>8} {'CPU s':>8} {'peak MB':>8} {'judged twice':>13}  differ")
    for size in sizes:
        with tempfile.TemporaryDirectory() as temporary:
            folder = asked.folder or Path(temporary)
            command = [sys.executable, "-m", "bench.livelihood", "--one", "--people", str(size)]
            command += ["--folder", str(folder), "--near-most", str(asked.near_most)]
            command += ["--next-day"] if asked.next_day else []
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
            told = json.loads(done.stdout.splitlines()[-1])
        first = told["first"]
        twice = first["twice"]["near_judged"] + first["twice"]["sampled"]
        print(
            f"{size:>12,} {first['seconds']:>8} {first['cpu_s']:>8} {told['peak_mb']:>8,}"
            f" {twice:>13,}  {first['twice']['differences']}"
        )
        print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
