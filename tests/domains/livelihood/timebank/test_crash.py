"""Random acts on two banks, killed in the middle, again and again: the books agree all the same."""

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.domains.livelihood.timebank.busy import open_two_banks
from tests.domains.livelihood.timebank.town import town

from longmai.domains.livelihood.timebank.books import banks, faults, owed, totals
from longmai.domains.livelihood.timebank.tables import ENTRY, SERVICE
from longmai.store.ledger import RECORD
from longmai.store.rebuild import rebuild

ROOT = Path(__file__).parents[4]


def begun(url: str, seed: int, acts: int, batch: int) -> subprocess.Popen[str]:
    """Start a process that does random acts."""
    module = "tests.domains.livelihood.timebank.busy"
    command = [sys.executable, "-m", module, url, str(seed), str(acts), str(batch)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": "."}
    )


def told_by(process: subprocess.Popen[str], most: int | None) -> list[str]:
    """Return what a process tells; kill it (-9) once it has told so much."""
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line.strip())
        if most is not None and len(told) == most:
            process.kill()
            break
    # What it had told before it died is in the pipe still.
    told += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    process.wait()
    return told


def hold_to(url: str, told: list[str]) -> None:
    """See that the books are right, and have every act that was told."""
    names = {UUID(name) for line in told if line.startswith("done") for name in line.split()[1:]}
    with town(url) as here:
        with here.store.read() as connection:
            assert list(faults(connection)) == []
            books = owed(connection)
            assert all(books[other, one] == -minutes for (one, other), minutes in books.items())
            assert all(totals(connection, bank.id).difference == 0 for bank in banks(connection))
            known = set(connection.scalars(select(RECORD.c.id)))
            for column in (ENTRY.c.reference, SERVICE.c.id):
                known |= set(connection.scalars(select(column)))
            assert names <= known
        assert list(rebuild(here.store)) == []


@pytest.mark.slow
def test_ten_thousand_acts_and_three_crashes(sqlite_url: str) -> None:
    """Killed -9 in the middle of work; what was told is there, nothing is half."""
    with town(sqlite_url) as here:
        open_two_banks(here)
    dice, told, seed = random.Random(7), list[str](), 0
    while len(told) < 10_000:
        seed += 1
        killed = seed <= 3
        left = 10_000 - len(told)
        # The process is given work without end, so that it surely dies in the middle of it.
        process = begun(sqlite_url, seed, 10**9 if killed else left, 50)
        told += told_by(process, dice.randint(400, 2_500) if killed else None)
        assert killed or process.returncode == 0
    hold_to(sqlite_url, told)
    kinds = Counter(line.split()[0] for line in told)
    assert kinds["done"] > 2_500


@pytest.mark.postgres
def test_two_at_once_and_a_crash_on_postgres(postgres_url: str) -> None:
    """Two processes book in the same two banks; one is killed, and the books agree."""
    with town(postgres_url) as here:
        open_two_banks(here)
    dying, living = begun(postgres_url, 1, 10**9, 1), begun(postgres_url, 2, 400, 1)
    told = told_by(dying, 150) + told_by(living, None)
    assert living.returncode == 0
    hold_to(postgres_url, told)
