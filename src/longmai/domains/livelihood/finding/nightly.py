"""The nightly finding of a house: a job over the people it knows, day after day.

First the population is worked out of the registry of persons (``persons.population``), so that
whoever a department's file brought is judged the same night. In the data folder,
``livelihood/population.parquet`` is who is judged; each day's finding lies under
``livelihood/findings/``, with the population it was made from; ``latest`` names the newest.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq

from longmai.domains.livelihood.finding.finding import Search, find, policies_of
from longmai.domains.livelihood.finding.reading import POPULATION, Finding
from longmai.domains.livelihood.persons.population import build, has_people
from longmai.domains.livelihood.province.generating import Order, generate
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import NotFound
from longmai.portal.house import House
from longmai.store.columns.people import People
from longmai.store.worker import Task

KIND = "livelihood.find"
LATEST = "latest"
SAMPLE_PEOPLE, SAMPLE_SEED = 20_000, 1
_SAMPLED_OF_SAMPLE, _NEAR_OF_SAMPLE = 1_000, 50


def folder_of(house: House) -> Path:
    """Return where a house keeps its population and findings."""
    return house.settings.data / "livelihood"


def population_of(house: House) -> Path:
    """Return the file of who is judged; it is put there in one step."""
    return folder_of(house) / POPULATION


def latest(house: House) -> Finding | None:
    """Return the newest finding; None: there is none yet."""
    names = folder_of(house) / "findings" / LATEST
    return Finding.load(names.parent / names.read_text("utf-8")) if names.is_file() else None


def enqueue(house: House, owner: str, day: date | None = None) -> UUID:
    """Ask for a finding; it is made in the queue of jobs.

    Args:
        house: whose population is judged.
        owner: who asks.
        day: by whose law; None: the day on which the job runs.
    """
    return house.jobs.enqueue(KIND, {"day": str(day) if day else ""}, owner)


def wanted(house: House, day: date) -> bool:
    """Tell whether there are people to look through, and no finding of a day."""
    found = latest(house)
    if found is not None and found.day >= day:
        return False
    with house.store.read() as connection:
        return population_of(house).is_file() or has_people(connection)


def work(house: House, task: Task) -> Mapping[str, Any]:
    """Make the finding of a job, telling how many people times policies are judged."""
    asked = task.job.arguments.get("day") or ""
    day = date.fromisoformat(asked) if asked else beijing_day(house.clock.now())
    build(house)
    population = population_of(house)
    if not population.is_file():
        raise NotFound(
            "there is no population to look through",
            code="finding.population",
            place=str(population),
            mend="import people first, or put the file there",
        )
    policies = policies_of(house.policies, day)
    total = pq.read_metadata(population).num_rows * len(policies)
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        task.progress(done, total)

    finding = make(house, day, told)
    return {
        "note": "job.note.found",
        "page": "/livelihood/cases",
        "folder": finding.folder.name,
        "day": str(day),
        "people": finding.certificate.people,
        "counts": {own: each.total() for own, each in finding.policies.items()},
    }


def make(house: House, day: date, told: Callable[[int], None], **more: Any) -> Finding:
    """Make the finding of a day anew, and let it be the newest.

    Raises:
        Invalid, InvalidMany: the population does not fit the policies.
    """
    findings = folder_of(house) / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    before = latest(house)
    name = _free_name(findings, str(day))
    people_file = findings / f"{name}.{POPULATION}"
    # Whoever puts a new population in place leaves this one as it is.
    people_file.unlink(missing_ok=True)
    _linked(population_of(house), people_file)
    people = People(people_file, members=people_file, parent="household", absent_unknown=True)
    since = None if before is None else before.folder
    find(
        Search(
            policies_of(house.policies, day), people, day, findings / name, since, told=told, **more
        )
    )
    people_file.rename(findings / name / POPULATION)
    fresh = findings / f"{LATEST}.new"
    fresh.write_text(name, "utf-8")
    fresh.rename(findings / LATEST)
    return Finding.load(findings / name)


def _free_name(findings: Path, day: str) -> str:
    """Return the name of a day's finding; one that is made again the same day gets a number."""
    name, number = day, 1
    while (findings / name).exists():
        number += 1
        name = f"{day}.{number}"
    return name


def _linked(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Make sample people for a house that has no population, and find who is entitled."""
    if population_of(house).is_file():
        return
    tell(f"Making {SAMPLE_PEOPLE:,} sample people and what departments know of them …")
    day, folder = beijing_day(house.clock.now()), folder_of(house)
    made = folder / "sample"
    generate(house.regions, Order(SAMPLE_PEOPLE, SAMPLE_SEED, made, day))
    build(house)
    finding = make(
        house, day, lambda _done: None, sampled=_SAMPLED_OF_SAMPLE, near_most=_NEAR_OF_SAMPLE
    )
    eligible = sum(each.total()["eligible"] for each in finding.policies.values())
    tell(f"Found {eligible:,} entitlements by {len(finding.policies)} policies.")
