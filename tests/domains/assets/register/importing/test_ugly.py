"""The corpus of ugly ledgers: each row comes in, or is refused with a reason that has words."""

from datetime import date

import pytest
from tests.domains.assets.register.importing.ugly import Ugly, cases

from longmai.domains.assets.register.importing.reading import Book, Reading, read_book
from longmai.domains.assets.register.model.asset import Asset, check
from longmai.kernel.errors import Invalid
from longmai.kernel.i18n import Catalogue
from longmai.kernel.regions import RegionPack, find_pack
from longmai.portal.rendering import FOLDER
from longmai.registry import DOMAINS

TODAY = date(2026, 6, 1)
REGIONS = RegionPack.load(find_pack())
VILLAGE = REGIONS.get(str(REGIONS.about["sample_village"]))
TOWNSHIP = REGIONS.get(VILLAGE.parent)
COUNTY = TOWNSHIP.parent
WORDS = Catalogue.load(
    [FOLDER / "locales", *(each for domain in DOMAINS for each in domain.rooms("locales"))]
)


def _old_code() -> str:
    codes = (
        row.new_code
        for row in REGIONS.crosswalk
        if row.new_code
        and row.old_code
        and row.old_code.startswith(COUNTY[:6])
        and row.old_code != row.new_code
    )
    return next(codes, TOWNSHIP.code)


CASES = dict(cases(VILLAGE.code, VILLAGE.name, TOWNSHIP.name, _old_code()))


def _read(name: str) -> tuple[Ugly, Book]:
    case = CASES[name]
    within = (
        COUNTY if any(word in name for word in ("village", "code of", "township")) else VILLAGE.code
    )
    return case, read_book(case.data, Reading(REGIONS, within, TODAY, case.unit_fen))


def test_there_are_enough() -> None:
    """At least thirty, as the issue asks."""
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_ugly(name: str) -> None:
    """What comes in, what is refused and why, what is said of the sheets."""
    if CASES[name].refused:
        with pytest.raises(Invalid) as refused:
            _read(name)
        assert refused.value.code in {CASES[name].refused, "sheet.unreadable"}
        return
    case, book = _read(name)
    good, bad = [], {}
    for row in book.rows:
        faults = [each.code for each in row.faults]
        if not faults:
            faults = [each.code for each in check(Asset(**row.given), TODAY)]
        if faults:
            bad[row.number] = faults[0]
        else:
            good.append(row)
    assert [row.given["code"] for row in good] == list(case.good)
    assert bad == dict(case.bad)
    assert [each.code for each in book.notes] == list(case.notes)
    for column, value in case.expect.items():
        found = good[0].given.get(column)
        if column == "funding":
            found = tuple((each.source, each.amount_fen) for each in found or ())
        assert found == value, column


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_has_words(language: str) -> None:
    """In both languages, so that nobody reads a code."""
    codes = {code for case in CASES.values() for code in (*case.bad.values(), case.refused) if code}
    for code in codes:
        assert f"error.{code}.what" in WORDS.words[language], code
    for note in {each for case in CASES.values() for each in case.notes}:
        assert f"register.import.note.{note}" in WORDS.words[language], note
