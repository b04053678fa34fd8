"""Region packs are read whole or refused, and codes form a tree."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import Invalid, InvalidMany, NotFound
from longmai.kernel.region_codes import LENGTHS, contains, pad, parent, prefix
from longmai.kernel.regions import RegionPack, find_pack, regions_folder

HEADER = "code,name,name_en,initials,level,parent,lon,lat,point,status\n"
UPPER = HEADER + (
    "990000000000,外省,Outer,ws,province,,100.5,35.5,polygon,current\n"
    "990100000000,东市,Dong,ds,prefecture,990000000000,,,,current\n"
    "990102000000,甲县,Jia County,jx,county,990100000000,100.1,35.1,polygon,current\n"
    "990102001000,一镇,Yi Town,yz,township,990102000000,100.2,35.2,gazetteer,current\n"
    "990102002000,二镇,Er Town,ez,township,990102000000,,,,current\n"
    "990102003000,旧场,Jiuchang,jc,township,990102000000,,,,statistical\n"
    "990103000000,乙县,Yi County,yx,county,990100000000,,,,current\n"
    "990103001000,一镇,Yi Town,yz,township,990103000000,,,,current\n"
)
VILLAGES = HEADER + "990102002001,河村,He Village,hc,village,990102002000,,,,unchecked\n"
CROSSWALK = (
    "old_code,old_name,new_code,new_name,kind,matched_by,"
    "old_code_in_new_list,new_code_in_old_list\n"
    "990102001000,一镇,990102002000,一镇,recoded,name,yes,yes\n"
    "990102002000,二镇,990102001000,二镇,recoded,name,yes,yes\n"
    "990102003000,旧场,,,old_only,no match,no,\n"
    ",,990102009000,新镇,new_only,no match,,no\n"
)
ABOUT = (
    'code = "99"\nname = "外省"\nname_en = "Outer"\nbbox = [100, 35, 101, 36]\n'
    '[files."villages.csv"]\nsha256 = "0"\n'
)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a small pack, with files replaced by name."""

    def _write(**replaced: str) -> Path:
        texts = {"divisions": UPPER, "villages": VILLAGES, "crosswalk": CROSSWALK}
        for name, text in (texts | replaced).items():
            if name != "region":
                (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        (tmp_path / "region.toml").write_text(replaced.get("region", ABOUT), encoding="utf-8")
        return tmp_path

    return _write


@pytest.fixture
def pack(write: Write) -> RegionPack:
    """A small pack, without faults."""
    return RegionPack.load(write())


def test_a_division_is_found_by_any_length_of_its_code(pack: RegionPack) -> None:
    """2, 4, 6, 9 and 12 digits lead to the same division."""
    assert pack.get("99").name == "外省"
    assert pack.get("990102") == pack.get("990102000") == pack.get("990102000000")
    assert pack.get("990102").point == (100.1, 35.1)
    assert pack.get("990102002001").level == "village"
    assert (pack.code, pack.name, pack.name_en) == ("990000000000", "外省", "Outer")
    assert pack.bbox == (100, 35, 101, 36)


def test_an_unknown_code_is_not_found_and_a_wrong_one_invalid(pack: RegionPack) -> None:
    """The error tells a well-formed code without a division from no code at all."""
    for unknown in ("98", "9902", "990102002009"):
        with pytest.raises(NotFound, match=unknown):
            pack.get(unknown)
    for wrong in ("", "9", "990", "99010", "99 01", "九九", "00", "9901020010001"):
        with pytest.raises(Invalid, match="digits"):
            pack.get(wrong)


def test_a_name_may_be_common_and_a_place_narrows_it(pack: RegionPack) -> None:
    """Both languages are searched, in order of code; within and level narrow."""
    assert [r.code for r in pack.find("一镇")] == ["990102001000", "990103001000"]
    assert [r.code for r in pack.find(" yi town", within="990103")] == ["990103001000"]
    assert [r.level for r in pack.find("Yi County")] == ["county"]
    assert pack.find("一镇", level="village") == ()
    assert pack.find("无此镇") == ()


def test_the_tree_is_walked_both_ways(pack: RegionPack) -> None:
    """Children in order of code; ancestors from the province down."""
    assert [r.name for r in pack.children("990102")] == ["一镇", "二镇", "旧场"]
    assert [r.name for r in pack.children("990102002")] == ["河村"]
    assert pack.children("990102002001") == ()
    assert [r.name for r in pack.ancestors("990102002001")] == ["外省", "东市", "甲县", "二镇"]
    assert pack.ancestors("99") == ()


def test_a_full_name_runs_as_the_language_does(pack: RegionPack) -> None:
    """Chinese from the largest, English from the smallest."""
    assert pack.path_name("990102002001") == "外省东市甲县二镇河村"
    assert pack.path_name("990102", "en") == "Jia County, Dong, Outer"


def test_a_division_without_a_point_stands_at_the_nearest_above(pack: RegionPack) -> None:
    """An inherited point says that it is approximate."""
    assert pack.locate("990102001") == ((100.2, 35.2), "gazetteer")
    assert pack.locate("990102002001") == ((100.1, 35.1), "approximate")
    assert pack.locate("990103001") == ((100.5, 35.5), "approximate")


def test_codes_that_changed_places_are_told_apart(pack: RegionPack) -> None:
    """Two townships that swapped codes translate there and back."""
    assert pack.current_code("990102001") == "990102002000"
    assert pack.pack_code("990102002") == "990102001000"
    assert pack.current_code("990103") == pack.pack_code("990103") == "990103000000"


def test_a_division_of_one_list_only_has_no_code_in_the_other(pack: RegionPack) -> None:
    """A farm has no civil-affairs code, a new town no code here, a village is not listed there."""
    assert pack.current_code("990102003") is None
    assert pack.pack_code("990102009") is None
    assert pack.pack_code("990102003") is None
    assert pack.current_code("990102002001") is None
    with pytest.raises(NotFound):
        pack.current_code("9907")


def test_divisions_are_counted_by_level(pack: RegionPack) -> None:
    """Every row counts once."""
    assert pack.counts() == {
        "province": 1, "prefecture": 1, "county": 2, "township": 4, "village": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column", "wrong", "right"),
    [
        (2, "code", "99000000000", "990000000000,外省"),
        (3, "code", "9901000000x0", "990100000000,东市"),
        (3, "level", "city", "prefecture"),
        (4, "level", "township", "county"),
        (4, "parent", "990200000000", "990100000000,100.1"),
        (4, "lon", "east", "100.1"),
        (4, "lon", "nan", "100.1"),
        (4, "lat", "91", "35.1"),
        (4, "lat", "", "35.1"),
        (5, "point", "", "gazetteer"),
        (5, "point", "guess", "gazetteer"),
        (7, "status", "old", "statistical"),
        (6, "name", "", "二镇"),
    ],
)
def test_a_malformed_row_is_named(
    write: Write, row: int, column: str, wrong: str, right: str
) -> None:
    """The error names file, row and column, and nothing is loaded."""
    wrong += right[right.index(",") :] if "," in right else ""
    broken = UPPER.replace(right, wrong, 1)
    assert broken != UPPER
    with pytest.raises(Invalid) as caught:
        RegionPack.load(write(divisions=broken))
    assert caught.value.place == f"divisions.csv row {row}, column {column}"
    assert caught.value.mend


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", "row 1", "must be code"),
        (UPPER.replace("lon,lat", "lat,lon"), "row 1", "must be code"),
        (UPPER + "990104000000,丙县\n", "row 10", "values"),
        (UPPER + UPPER.splitlines()[-1] + "\n", "row 10, column code", "twice"),
        (UPPER.replace("甲县", '"甲"县'), "divisions.csv", "not a CSV file"),
        (
            UPPER + "990204000000,丙县,C,bx,county,990200000000,,,,current\n",
            "row 10, column parent",
            "not among",
        ),
    ],
)
def test_a_malformed_file_is_refused(write: Write, text: str, place: str, what: str) -> None:
    """A wrong header, a short row, a code twice, a parent that is missing, broken quoting."""
    with pytest.raises(Invalid, match=what) as caught:
        RegionPack.load(write(divisions=text))
    assert str(caught.value.place).endswith(place)


def test_villages_and_crosswalk_are_checked_when_first_read(write: Write) -> None:
    """A fault there does not hide: the error names its own file."""
    pack = RegionPack.load(
        write(
            villages=VILLAGES.replace("990102002000", "990102003000"),
            crosswalk=CROSSWALK.replace("no match,no,", "no match,maybe,"),
        )
    )
    with pytest.raises(Invalid) as caught:
        pack.counts()
    assert caught.value.place == "villages.csv row 2, column parent"
    with pytest.raises(Invalid) as caught:
        pack.current_code("990102")
    assert caught.value.place == "crosswalk.csv row 4, column old_code_in_new_list"


def test_bytes_that_are_no_text_are_refused(write: Write) -> None:
    """A file in another encoding is named, not guessed."""
    folder = write()
    (folder / "divisions.csv").write_bytes(UPPER.encode("gb18030"))
    with pytest.raises(Invalid, match=r"divisions\.csv"):
        RegionPack.load(folder)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("code = ", "not a TOML file"),
        (ABOUT.replace('"99"', "99.5"), "code"),
        (ABOUT.replace("name_en", "english"), "name_en"),
        (ABOUT.replace("[100, 35, 101, 36]", "[100, 35]"), "bbox"),
        (ABOUT.split("[files", maxsplit=1)[0], "files"),
    ],
)
def test_a_malformed_description_is_refused(write: Write, text: str, what: str) -> None:
    """region.toml needs code, names, box and files."""
    with pytest.raises(Invalid, match=what):
        RegionPack.load(write(region=text))


def test_a_missing_file_is_not_found(write: Write, tmp_path: Path) -> None:
    """Neither an empty folder nor half a pack is a pack."""
    with pytest.raises(NotFound, match="no region pack"):
        RegionPack.load(tmp_path / "none")
    folder = write()
    (folder / "divisions.csv").unlink()
    with pytest.raises(NotFound, match=r"divisions\.csv"):
        RegionPack.load(folder)


def test_a_changed_file_does_not_verify(pack: RegionPack) -> None:
    """Each file whose digest differs is named."""
    with pytest.raises(InvalidMany, match=r"villages\.csv"):
        pack.verify()


def test_packs_are_found_by_code(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    """Empty means the only one; with several, or with a wrong code, the error lists them."""
    one = write()
    packs = one / "packs"
    monkeypatch.setattr("longmai.kernel.regions.regions_folder", lambda: packs)
    with pytest.raises(NotFound, match="none"):
        find_pack()
    for name in ("98", "99"):
        (packs / name).mkdir(parents=True)
        (packs / name / "region.toml").write_text(ABOUT, encoding="utf-8")
        if name == "98":
            assert find_pack() == packs / "98"
    assert find_pack("990000000000") == packs / "99"
    with pytest.raises(Invalid, match="98, 99"):
        find_pack()
    with pytest.raises(NotFound, match="98, 99"):
        find_pack("97")


def test_the_packs_lie_in_the_wheel_or_the_source_tree() -> None:
    """There is a folder, and it holds at least one pack."""
    assert list(regions_folder().glob("*/region.toml"))


def test_regions_are_values(pack: RegionPack) -> None:
    """A region cannot be changed, and what the pack says of itself neither."""
    with pytest.raises(AttributeError):
        pack.get("99").name = "x"  # type: ignore[misc] # the point of the test
    with pytest.raises(TypeError):
        pack.about["code"] = "98"  # type: ignore[index] # the point of the test
    assert json.dumps(pack.about["bbox"])


@st.composite
def codes(draw: st.DrawFn) -> str:
    """Well-formed codes of every length."""
    province = draw(st.integers(1, 99))
    rest = draw(st.text("0123456789", min_size=10, max_size=10))
    return f"{province:02}{rest}"[: draw(st.sampled_from(LENGTHS))]


@given(codes())
def test_prefix_and_pad_are_inverse(code: str) -> None:
    """Padding restores what the prefix dropped, and both are idempotent."""
    assert pad(prefix(code)) == pad(code)
    assert prefix(pad(code)) == prefix(code) == prefix(prefix(code))
    assert len(prefix(code)) in LENGTHS


@given(codes(), codes(), codes())
def test_contains_is_a_partial_order(a: str, b: str, c: str) -> None:
    """Reflexive, antisymmetric up to padding, transitive."""
    assert contains(a, a)
    if contains(a, b) and contains(b, a):
        assert pad(a) == pad(b)
    if contains(a, b) and contains(b, c):
        assert contains(a, c)


@given(codes())
def test_the_chain_of_parents_contains_the_code(code: str) -> None:
    """Climbing ends at the province, and every step contains the code strictly."""
    above, steps = parent(code), 0
    while above:
        assert contains(above, code)
        assert not contains(code, above)
        above, steps = parent(above), steps + 1
    assert steps <= len(LENGTHS) - 1


@given(codes(), st.sampled_from(LENGTHS), st.sampled_from(LENGTHS))
def test_two_codes_that_share_a_division_are_nested(code: str, one: int, other: int) -> None:
    """The codes form a tree: of two that contain a third, the shorter prefix contains the other."""
    a, b = sorted((pad(pad(code)[:one]), pad(pad(code)[:other])), key=lambda c: len(prefix(c)))
    assert contains(a, code)
    assert contains(b, code)
    assert contains(a, b)


@given(codes(), codes())
def test_different_prefixes_of_one_length_are_disjoint(a: str, b: str) -> None:
    """Two divisions of one level contain each other only when they are the same."""
    if len(prefix(a)) == len(prefix(b)):
        assert contains(a, b) == (pad(a) == pad(b))
