"""The sample province: fitted to what is published, the same for the same seed, truth kept."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.livelihood.province.generating import Order, generate
from longmai.domains.livelihood.province.households import ROLES, Wanted, draw, fitted, kinds
from longmai.domains.livelihood.province.id_numbers import check_digit, is_sample
from longmai.domains.livelihood.province.people import births
from longmai.domains.livelihood.province.places import divided
from longmai.domains.livelihood.province.statistics import Statistics, read_statistics
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.regions import RegionPack, find_pack

DAY = date(2026, 9, 1)
PEOPLE = 8_000


@pytest.fixture(scope="module")
def pack() -> RegionPack:
    """The region pack."""
    return RegionPack.load(find_pack("62"))


@pytest.fixture(scope="module")
def statistics(pack: RegionPack) -> Statistics:
    """Its totals."""
    return read_statistics(pack)


@pytest.fixture(scope="module")
def folder(pack: RegionPack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample province."""
    found = tmp_path_factory.mktemp("province") / "made"
    generate(pack, Order(PEOPLE, 7, found, DAY, "high"))
    return found


@pytest.fixture(scope="module")
def people(folder: Path) -> pa.Table:
    """Its people."""
    return pq.read_table(folder / "population.parquet")


def test_prefectures_have_their_published_share_of_people(
    people: pa.Table, statistics: Statistics
) -> None:
    """To the person, by the largest remainder."""
    found = pc.value_counts(pc.utf8_slice_codeunits(people["region"], 0, 4)).to_pylist()
    wanted = divided(PEOPLE, list(statistics.people.values()))
    assert {each["values"]: each["counts"] for each in found} == dict(
        zip(statistics.people, wanted, strict=True)
    )


def test_shares_are_the_published_ones(
    people: pa.Table, statistics: Statistics, pack: RegionPack
) -> None:
    """Children, elders, sexes, town and country: within a percentage point and a half."""
    code = str(pack.about["code"])
    birth = [each for each in people["出生日期"].to_pylist() if each is not None]
    ages = np.array([DAY.year - b.year - ((DAY.month, DAY.day) < (b.month, b.day)) for b in birth])
    found = {
        "aged_0_14": (ages < 15).mean(),
        "aged_60_up": (ages >= 60).mean(),
        "aged_65_up": (ages >= 65).mean(),
        "male": pc.mean(pc.equal(people["sex"], "男").cast(pa.int8())).as_py(),
        "urban": pc.mean(pc.equal(people["户籍类别"], "城市").cast(pa.int8())).as_py(),
    }
    for name, share in found.items():
        assert share == pytest.approx(statistics.share(name, code), abs=0.015), name


def test_people_are_nobody_real(people: pa.Table) -> None:
    """No number is twice there, and a checker of real numbers refuses each."""
    numbers = people["id_number"].to_pylist()
    assert len(set(numbers)) == PEOPLE
    assert all(is_sample(each) and check_digit(each[:17]) != each[17] for each in numbers)
    assert all(each.startswith("10") for each in people["phone"].to_pylist())


def test_households_hold_together(people: pa.Table) -> None:
    """One head each, one home each; children are younger than the head."""
    found: dict[int, list[Mapping[str, object]]] = {}
    for row in people.select(["household", "relation", "region", "address"]).to_pylist():
        found.setdefault(row["household"], []).append(row)
    for household in found.values():
        assert [each["relation"] for each in household].count("户主") >= 1
        assert len({(each["region"], each["address"]) for each in household}) == 1
    assert PEOPLE / len(found) == pytest.approx(2.79, abs=0.05)
    keys = people["id"].to_pylist()
    assert keys == sorted(keys)
    regions = people["region"].to_pylist()
    assert regions == sorted(regions)


def test_the_same_seed_gives_the_same_bytes(pack: RegionPack, folder: Path, tmp_path: Path) -> None:
    """All files but the workbook, which says when it was written; another seed, other people."""
    generate(pack, Order(PEOPLE, 7, tmp_path / "again", DAY, "high"))
    generate(pack, Order(PEOPLE, 8, tmp_path / "other", DAY, ""))
    for file in folder.rglob("*.parquet"):
        own = file.relative_to(folder)
        assert (tmp_path / "again" / own).read_bytes() == file.read_bytes(), own
    one, other = (each / "population.parquet" for each in (folder, tmp_path / "other"))
    assert one.read_bytes() != other.read_bytes()


def test_the_truth_names_each_row_of_each_file(folder: Path, people: pa.Table) -> None:
    """Rows are as many as the truth says, and those without a mistake say what is true."""
    truth = pq.read_table(folder / "truth.parquet").to_pylist()
    told = {(row["file"], row["record"]): row for row in truth}
    assert len(told) == len(truth)
    known = {row["id"]: row for row in people.select(["id", "name", "id_number"]).to_pylist()}
    police = pacsv.read_csv(
        folder / "departments" / "公安-户籍.csv",
        convert_options=pacsv.ConvertOptions(
            column_types={"登记号": pa.string(), "身份证号": pa.string()}
        ),
    ).to_pylist()
    assert len(police) == sum(file == "公安-户籍.csv" for file, _ in told)
    kinds_seen: set[str] = set()
    for row in police:
        said = told["公安-户籍.csv", row["登记号"]]
        mistakes = set(filter(None, said["errors"].split(",")))
        kinds_seen |= mistakes
        if said["person"] > 0 and not mistakes & {"same_sound", "shape", "swapped"}:
            assert row["姓名"] == known[said["person"]]["name"]
        if said["person"] > 0 and not mistakes & {"digit", "old_id"}:
            assert row["身份证号"] == known[said["person"]]["id_number"]
        assert (row["状态"] == "死亡") == ("dead" in mistakes)
    assert kinds_seen >= {"same_sound", "shape", "digit", "old_id", "duplicate", "moved", "dead"}


@settings(max_examples=25, deadline=None)
@given(st.floats(0.12, 0.26), st.floats(0.1, 0.28), st.floats(2.4, 3.3))
def test_kinds_of_households_are_fitted(children: float, elders: float, size: float) -> None:
    """Whatever shares are published in reason, the mean of the kinds is theirs."""
    shares = fitted(Wanted(children, elders, elders * 0.7, 0.5, size))
    sizes = np.array([len(each) for each in kinds()])
    people = float(shares @ sizes)
    young = sum(s * each.count("C") for s, each in zip(shares, kinds(), strict=True))
    assert shares.sum() == pytest.approx(1)
    assert people == pytest.approx(size, rel=1e-3)
    assert young / people == pytest.approx(children, abs=1e-3)


def test_a_county_has_exactly_its_people() -> None:
    """The last household is cut; nobody is below nought or above the oldest."""
    drawn = draw(257, Wanted(0.19, 0.17, 0.12, 0.5, 2.8), np.random.default_rng(3))
    assert len(drawn.age) == 257
    assert drawn.age.min() >= 0
    assert drawn.age.max() < 125
    heads = drawn.age[drawn.role == ROLES.index("H")]
    assert heads.min() >= 22


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.integers(0, 100))
def test_who_is_drawn_is_as_old_as_drawn(day: date, age: int) -> None:
    """In full years, on leap days too."""
    found = births(np.full(40, age), np.datetime64(day), np.random.default_rng(1))
    for each in found.astype(object):
        full = day.year - each.year - ((day.month, day.day) < (each.month, each.day))
        assert full == age, each


def test_what_cannot_be_made_is_refused(pack: RegionPack, folder: Path, tmp_path: Path) -> None:
    """Too few people, a folder that is there, a level that is none: nothing is written."""
    with pytest.raises(Invalid, match="1,000"):
        generate(pack, Order(10, 1, tmp_path / "few", DAY))
    with pytest.raises(Conflict):
        generate(pack, Order(PEOPLE, 1, folder, DAY))
    with pytest.raises(NotFound, match="middle"):
        generate(pack, Order(1000, 1, tmp_path / "odd", DAY, "odd"))
    assert not list(tmp_path.iterdir())
