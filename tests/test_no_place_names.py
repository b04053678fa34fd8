"""No place stands in the program: names and codes of places are data of a region pack."""

import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from longmai.kernel import region_codes
from longmai.kernel.errors import NotFound
from longmai.kernel.regions import RegionPack, regions_folder

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = sorted(path for top in ("src", "scripts") for path in (ROOT / top).rglob("*.py"))
PACKS = [RegionPack.load(file.parent) for file in sorted(regions_folder().glob("*/region.toml"))]
TEXT_TOKENS = {"STRING", "COMMENT", "FSTRING_MIDDLE"}


class PlaceFinder:
    """Finds the names and codes of one pack's places in Python text."""

    def __init__(self, pack: RegionPack) -> None:
        self.pack = pack
        prefectures = pack.children(pack.code)
        counties = [county for above in prefectures for county in pack.children(above.code)]
        # Six, nine or twelve digits of a prefecture that there is: article numbers stay allowed.
        starts = "|".join(region_codes.prefix(place.code) for place in prefectures)
        self.code = re.compile(
            rf"(?<![0-9A-Za-z_.])(?:{starts})\d{{2}}(?:\d{{3}}(?:\d{{3}})?)?(?![0-9A-Za-z_])"
        )
        names = {place.name for place in [*prefectures, *counties]}
        # A prefecture is recognised without its generic term too; many counties' bare names are
        # common words, so those count in full only.
        table = tomllib.loads((pack.folder / "names.toml").read_text(encoding="utf-8"))
        generic = re.compile(rf"(?:市|(?:{'|'.join(table['peoples'])})+自治州)$")
        names |= {generic.sub("", place.name) for place in prefectures}
        self.chinese = re.compile("|".join(sorted(names, key=len, reverse=True)))
        pinyin = {place.name_en.split()[0] for place in prefectures}
        self.pinyin = re.compile(
            rf"(?<![a-z])(?:{'|'.join(sorted(pinyin))})(?![a-z])", re.IGNORECASE
        )

    def find(self, text: str) -> Iterator[str]:
        """Yield what stands in the text, as ``line: what``."""
        for number, line in enumerate(text.splitlines(), start=1):
            for pattern in (self.chinese, self.pinyin):
                yield from (f"{number}: {match[0]}" for match in pattern.finditer(line))
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = tokenize.tok_name[token.type]
            if kind in TEXT_TOKENS or (kind == "NUMBER" and self._known(token.string)):
                yield from (f"{token.start[0]}: {m[0]}" for m in self.code.finditer(token.string))

    def _known(self, number: str) -> bool:
        # A bare number is a code only when the pack has it.
        if not self.code.fullmatch(number):
            return False
        try:
            return bool(self.pack.get(number))
        except NotFound:
            return False


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.folder.name)
def test_no_name_or_code_of_a_place_stands_in_the_program(pack: RegionPack) -> None:
    """Another region needs another pack, not another program."""
    finder = PlaceFinder(pack)
    found = [
        f"{file.relative_to(ROOT)}:{place}"
        for file in PROGRAM
        for place in finder.find(file.read_text(encoding="utf-8"))
    ]
    assert not found, "move these into data:\n" + "\n".join(found)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.folder.name)
def test_the_finder_finds(pack: RegionPack) -> None:
    """Every way to write a place down is found: Chinese, pinyin, a name, text, comment, number."""
    finder = PlaceFinder(pack)
    prefecture = pack.children(pack.code)[0]
    county = pack.children(prefecture.code)[0]
    word = prefecture.name_en.split()[0]
    for text in (
        f"x = '{prefecture.name}'",
        f"x = '{prefecture.name[:-1]}'",
        f"# {county.name}",
        f"{word.lower()}_office = 1",
        f"x = 'to {word}'",
        f"x = '{county.code}'",
        f"x = '/region/{county.code[:6]}/'",
        f"x = {county.code[:6]}",
        f"# see {county.code[:9]}",
    ):
        assert list(finder.find(text + "\n")), text


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.folder.name)
def test_the_finder_leaves_other_numbers_alone(pack: RegionPack) -> None:
    """Digests, decimals, grouped numbers, years and other lengths are no codes."""
    finder = PlaceFinder(pack)
    start, county = pack.about["code"], pack.children(pack.children(pack.code)[0].code)[0]
    for text in (
        f"x = (1 << {start}) - 1",
        f"x = '{start}'",
        f"x = 0.{start}0102",
        f"x = {start}0_102",
        f"x = 'ab{start}0102cd'",
        f"x = '{start}010'",
        f"x = {county.code[:4]}99",
        f"x = '{start}9104150021'",
    ):
        assert not list(finder.find(text + "\n")), text
