"""A county of assets: how long its pages take, and how long it is built and imported.

Run: ``python -m bench.assets``; ``--assets 2000 --villages 25`` for a quick one, ``--data folder``
to ask one that ``longmai assets generate`` built before.

The county is built through the services that people use. Then each page is asked for over and over
by a client in this process, places and words drawn from a seed: what it measures is our time, not
the network's. Times are processor seconds, so that a busy machine does not count.
"""

import argparse
import platform
import random
import sqlite3
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.exceptions import StarletteDeprecationWarning

from longmai.app import build_house, create_app
from longmai.domains.assets.county.generating import generate
from longmai.domains.assets.county.inventing import Extent
from longmai.domains.assets.register import queries
from longmai.domains.assets.register.importing.reading import Reading, read_book
from longmai.domains.assets.register.importing.workbooks import ledger_workbook
from longmai.kernel.clock import beijing_day
from longmai.kernel.settings import load_settings
from longmai.portal.house import House
from longmai.store.table_window import Window

with warnings.catch_warnings():
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

ASKED = 100
_SEED = 8


def main() -> None:
    """Run all measurements and print them as tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--assets", type=int, default=20_000)
    parser.add_argument("--villages", type=int, default=250)
    parser.add_argument("--data", type=Path, help="a data folder that holds a county")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}\n")
    with _folder(given.data) as folder:
        house = build_house(load_settings(data=folder))
        if given.data is None:
            _build(house, Extent(villages=given.villages, assets=given.assets))
        _ask(house)
        _read(house)
        house.store.engine.dispose()


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def _build(house: House, extent: Extent) -> None:
    began = time.process_time()
    count = generate(house, extent=extent)
    spent = time.process_time() - began
    with house.store.read() as connection:
        records = sum(1 for _ in connection.exec_driver_sql("SELECT 1 FROM ledger_record"))
    print(f"built: {count} assets, {records} records, {spent:.0f} s ({records / spent:.0f} a s)\n")


def _ask(house: House) -> None:
    client = TestClient(create_app(house), base_url="http://127.0.0.1")
    chance = random.Random(_SEED)  # noqa: S311 - draws what to ask for
    with house.store.read() as connection:
        total, _ = queries.assets(connection, queries.Filters(), Window(size=0))
        every = queries.page(connection, queries.Filters(), Window(size=total))
        ids = [each.asset_id for each in every]
        regions = [code for code, _ in queries.sums_below(connection, queries.Filters(), 12)]
    conditions = ("good", "normal", "low", "idle", "damaged")
    county = f"{regions[0][:6]}000000"
    asked: dict[str, Callable[[], str]] = {
        "register, first page": lambda: "/assets/register?size=20",
        "register, some page": lambda: f"/assets/register?page={chance.randrange(1, 900)}",
        "register, of a village": lambda: f"/assets/register?region={chance.choice(regions)}",
        "register, by condition": lambda: f"/assets/register?condition={chance.choice(conditions)}",
        "register, by words": lambda: f"/assets/register?q={chance.choice('冷库路井车间灯')}",
        "map, county": lambda: f"/assets/map?region={county}",
        "map, township": lambda: f"/assets/map?region={chance.choice(regions)[:9]}000",
        "map, village": lambda: f"/assets/map?region={chance.choice(regions)}",
        "one asset": lambda: f"/assets/a/{chance.choice(ids)}",
        "its timeline": lambda: f"/assets/a/{chance.choice(ids)}/life",
    }
    print(f"| page ({total} assets) | median ms | p95 ms |\n|---|---:|---:|")
    for name, address in asked.items():
        median, p95 = _timed(client, address)
        print(f"| {name} | {median:.0f} | {p95:.0f} |")
    print()


def _timed(client: TestClient, address: Callable[[], str]) -> tuple[float, float]:
    client.get(address())
    times = []
    for _ in range(ASKED):
        began = time.process_time()
        answer = client.get(address())
        times.append((time.process_time() - began) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.url}: {answer.status_code}")
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _read(house: House) -> None:
    with house.store.read() as connection:
        found = queries.page(connection, queries.Filters(), Window("code", size=5_000))
    book = ledger_workbook(each.asset for each in found)
    within = found[0].asset.region[:6]
    began = time.process_time()
    rows = read_book(book, Reading(house.regions, within, beijing_day(house.clock.now()))).rows
    spent = time.process_time() - began
    print(f"read: a ledger of {len(rows)} rows, {spent:.1f} s ({len(rows) / spent:.0f} a s)")


if __name__ == "__main__":
    main()
