"""Writes a sample province: county after county, so that memory holds one county at a time."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from longmai.domains.livelihood.province.assumed import assumptions
from longmai.domains.livelihood.province.departments import Departments
from longmai.domains.livelihood.province.facts import Facts
from longmai.domains.livelihood.province.households import Wanted, draw
from longmai.domains.livelihood.province.mistakes import level
from longmai.domains.livelihood.province.people import (
    County,
    addresses_of,
    births,
    names_of,
    numbers_of,
    phones_of,
)
from longmai.domains.livelihood.province.places import counties_of, other_codes
from longmai.domains.livelihood.province.statistics import SHARES, Statistics, read_statistics
from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.regions import RegionPack

POPULATION, MANIFEST = "population.parquet", "manifest.json"
FORMAT = "longmai-sample-province/1"
LEAST, MOST = 1000, 25_100_000
_GROUP_ROWS = 131_072
_COUNTY_UNIT = 10**9
"""A key is the county's six digits and nine more."""
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Order:
    """What is to be made.

    Attributes:
        people: 1,000 to 25.1 million.
        seed: the same gives the same bytes.
        folder: to write; it must not be there.
        day: on which people are as old as they are.
        errors: level of the mistakes in the departments' files; empty: no such files.
        told: of people who are done.
    """

    people: int
    seed: int
    folder: Path
    day: date
    errors: str = "middle"
    told: Callable[[int], None] = field(default=lambda _done: None)


def generate(pack: RegionPack, order: Order) -> dict[str, Any]:
    """Write the population, departments' files and what is true of them; return the manifest.

    Raises:
        Invalid: the number of people is out of bounds.
        Conflict: the folder is there already.
    """
    if not LEAST <= order.people <= MOST:
        raise Invalid("so many people cannot be made", code="generate.people",
                      value=f"{order.people:,}", mend=f"{LEAST:,} to {MOST:,}")  # fmt: skip
    if order.folder.exists():
        raise Conflict("the folder is there already", code="generate.folder",
                       place=str(order.folder), mend="name another, or remove it")  # fmt: skip
    if order.errors:
        level(order.errors)
    statistics = read_statistics(pack)
    counties = counties_of(pack, statistics, order.people)
    partial = order.folder.with_name(order.folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _write(partial, pack, counties, statistics, order)
    manifest = _manifest(partial, pack, statistics, order)
    content = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
    (partial / MANIFEST).write_text(content + "\n", "utf-8")
    partial.rename(order.folder)
    return manifest


def _write(
    partial: Path,
    pack: RegionPack,
    counties: Sequence[County],
    statistics: Statistics,
    order: Order,
) -> None:
    writer: pq.ParquetWriter | None = None
    day = np.datetime64(order.day, "D")
    files = (
        Departments(
            partial / "departments", order.errors, counties, other_codes(pack), day, order.seed
        )
        if order.errors
        else None
    )
    for table in tables(counties, statistics, order):
        if writer is None:
            writer = pq.ParquetWriter(partial / POPULATION, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=_GROUP_ROWS)
        if files is not None:
            files.add(table)
        order.told(table.num_rows)
    for each in (writer, files):
        if each is not None:
            each.close()


def tables(counties: Sequence[County], statistics: Statistics, order: Order) -> Iterator[pa.Table]:
    """Yield the people of each county, by village and key."""
    for county in counties:
        wanted = Wanted(
            children=statistics.share("aged_0_14", county.code),
            elders=statistics.share("aged_60_up", county.code),
            over_65=statistics.share("aged_65_up", county.code),
            male=statistics.share("male", county.code),
            size=assumptions()["mean_household"],
        )
        # A stream of its own for each county: more counties change nothing in the others.
        chance = np.random.default_rng([order.seed, int(county.code)])
        yield people_of(county, wanted, np.datetime64(order.day, "D"), chance)


def people_of(
    county: County, wanted: Wanted, day: np.datetime64, chance: np.random.Generator
) -> pa.Table:
    """Return the people of a county."""
    drawn = draw(county.people, wanted, chance)
    households = int(drawn.household[-1]) + 1
    lives = np.sort(chance.choice(len(county.villages), households, p=county.weights))
    village = lives[drawn.household]
    birth = births(drawn.age, day, chance)
    start = int(county.code) * _COUNTY_UNIT
    columns = {
        "id": pa.array(start + np.arange(1, county.people + 1)),
        "region": pa.array(county.villages).take(pa.array(village)),
        "household": pa.array(start + 1 + drawn.household),
        "relation": pa.array(drawn.relation),
        "name": pa.array(names_of(drawn, chance)),
        "sex": pa.array(np.where(drawn.male, "男", "女")),
        "id_number": pa.array(numbers_of(county, birth, drawn.male)).cast(pa.string()),
        "phone": phones_of(drawn, chance),
        "address": addresses_of(county, village, drawn.household, chance),
    }
    return pa.table(columns | Facts(drawn, birth, county.urban[village], day, chance).columns())


def _manifest(
    partial: Path, pack: RegionPack, statistics: Statistics, order: Order
) -> dict[str, Any]:
    files = sorted(each for each in partial.rglob("*") if each.is_file())
    prefectures = sorted(statistics.people)
    return {
        "format": FORMAT,
        "sample": True,
        "notice": "样本数据：随机生成，不是真实的人；证件号码的校验位是错的，真实系统不会接受",
        "region": pack.code,
        "day": str(order.day),
        "people": order.people,
        "seed": order.seed,
        "errors": order.errors,
        "statistics": statistics.sources,
        "assumed_for": {
            name: [code for code in prefectures if statistics.assumed(name, code)]
            for name in SHARES
        },
        "assumptions": assumptions(),
        "files": {str(each.relative_to(partial)): _digest(each) for each in files},
        "columns": {each.name: str(each.type) for each in pq.read_schema(partial / POPULATION)},
    }


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            found.update(piece)
    return found.hexdigest()
