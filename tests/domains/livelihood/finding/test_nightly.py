"""The nightly finding of a house: a job, day after day, over the population that is there."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from tests.domains.livelihood.persons.world import Village, desk, named, sheet, take
from tests.house import opened_house
from typer.testing import CliRunner

from longmai.cli import app
from longmai.domains.livelihood.casework.tables import LAID
from longmai.domains.livelihood.casework.taking import lay_latest
from longmai.domains.livelihood.finding import nightly
from longmai.domains.livelihood.finding.reading import Finding
from longmai.domains.livelihood.persons import consents
from longmai.domains.livelihood.persons.consents import Word
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import NotFound
from longmai.portal.house import House
from longmai.portal.jobs_pages import nights_of
from longmai.store.worker import Task


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with the sample."""
    with opened_house(tmp_path_factory.mktemp("nightly"), sample=True) as found:
        yield found


def test_the_sample_has_people_and_a_finding(house: House) -> None:
    """About 20,000 people; the departments' files and what is true lie beside them."""
    # Other tests make more findings in this house; the sample's is the first.
    first = min(each for each in (nightly.folder_of(house) / "findings").iterdir() if each.is_dir())
    found = Finding.load(first)
    # Beside them stand those whom the sample village's lists brought.
    assert 20 < found.certificate.people - nightly.SAMPLE_PEOPLE < 100
    folder = nightly.folder_of(house) / "sample"
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["sample"] is True
    assert len(list((folder / "departments").iterdir())) == 8
    rows, total = found.rows(states=["eligible"], limit=3)
    assert total > 500
    assert found.reasons(rows[0].person, rows[0].policy).explanation.reasons


def test_a_job_makes_the_next_finding(house: House) -> None:
    """It tells its progress, keeps the people it was made from, and says what has changed."""
    before = nightly.latest(house)
    assert before is not None
    population = nightly.population_of(house)
    # Without the mark of the registry, it is a file of somebody's own.
    fewer = pq.read_table(population).slice(0, 2000).replace_schema_metadata()
    beside = population.with_suffix(".new")
    pq.write_table(fewer, beside)
    beside.rename(population)
    nightly.enqueue(house, "tester")
    job = house.jobs.claim([nightly.KIND])
    assert job is not None
    result = nightly.work(house, Task(job, house.jobs, threading.Event()))
    found = nightly.latest(house)
    assert found is not None
    assert found.folder.name == result["folder"] != before.folder.name
    assert result["people"] == found.certificate.people == 2000
    assert house.jobs.job(job.id).done > 0
    changes, total = found.changes(kinds=["left"])
    assert total > 10_000
    assert changes[0].after is None
    kept = before.rows(limit=1)[0][0]
    assert before.reasons(kept.person, kept.policy).explanation.reasons


def test_without_people_there_is_nothing_to_find(tmp_path: Path) -> None:
    """The job fails with a clear sentence."""
    with opened_house(tmp_path) as house:
        assert nightly.latest(house) is None
        nightly.enqueue(house, "tester")
        job = house.jobs.claim([nightly.KIND])
        assert job is not None
        with pytest.raises(NotFound, match="population"):
            nightly.work(house, Task(replace(job), house.jobs, threading.Event()))


def test_whom_a_departments_file_brings_is_judged_the_same_night(tmp_path: Path) -> None:
    """From the list to the work list: read, linked, judged by itself, with what is unsettled."""
    with opened_house(tmp_path, nightly="02:30") as house:
        nights = nights_of(house)
        assert nights.enqueue_due() == []
        village = Village.of(house)
        born = date(house.clock.now().year - 1, 3, 4).isoformat()
        child = village.person(9, "王秋月", "女", born, 中国国籍="是", 在户籍地申领="是")
        take(house, sheet([*village.register(), child]))
        assert nightly.wanted(house, date(2100, 1, 1))
        nightly.enqueue(house, "tester")
        job = house.jobs.claim([nightly.KIND])
        assert job is not None
        nightly.work(house, Task(job, house.jobs, threading.Event()))
        found = nightly.latest(house)
        assert found is not None
        assert found.day == beijing_day(house.clock.now())
        rows, total = found.rows(policy="livelihood.childcare-subsidy", states=["eligible"])
        assert total == 1
        assert rows[0].person == str(named(house, "王秋月").id)
        assert not nightly.wanted(house, found.day)
        assert lay_latest(house)["eligible"] >= 1
        with house.store.begin() as work:
            word = Word("find", "guardian", "spoken", "王天来")
            consents.withdraw(work, desk(house), UUID(rows[0].person), word)
            work.connection.execute(LAID.delete())
        assert lay_latest(house).get("eligible", 0) == 0


def test_commands_find_explain_and_tell_changes(house: House, tmp_path: Path) -> None:
    """From the command line: a finding, one person's reasons in Chinese, and what has changed."""
    file = tmp_path / "few.parquet"
    pq.write_table(pq.read_table(nightly.population_of(house)).slice(0, 200), file)
    run = CliRunner().invoke
    out = str(tmp_path / "out")
    arguments = ["livelihood", "find", "--population", str(file), "--date", "2026-09-01"]
    made = run(app, [*arguments, "--out", out, "--sampled", "50", "--near-most", "50"])
    assert made.exit_code == 0, made.output
    assert "nobody left out: 200 people × 12 policies" in made.output
    person = str(pq.read_table(file)["id"][0])
    told = run(app, ["livelihood", "explain", person, "--finding", out])
    assert "高龄津贴: 缺数据" in told.output
    assert "待核定" in told.output
    changes = run(app, ["livelihood", "changes", out])
    assert changes.output.endswith("0 of 0\n")
