"""A shopper scans what was mixed of a recalled lot, and reports a problem without an account."""

from collections.abc import Iterator

import pytest
from tests.domains.brand.recall.test_recall import BOXES, OTHER, WISH, ordered, season
from tests.house import anybody, opened_house
from tests.visitor import account_with, signed_in, visitor

from longmai.domains.brand.service import capture
from longmai.portal.house import House
from longmai.portal.rights.model import Grant
from longmai.store.rebuild import rebuild


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with one season and a recall of its harvest."""
    with opened_house(tmp_path_factory.mktemp("shopper")) as opened:
        with opened.store.begin() as work:
            capture(work, season(str(opened.regions.about["sample_village"])), anybody(opened))
        opened.integrate()
        ordered(opened)
        yield opened


def test_what_was_mixed_of_a_recalled_lot_says_so(house: House) -> None:
    """The banner stands on a box, two mixings on; not on the harvest that was not recalled."""
    reader = visitor(house, Accept="text/html")
    assert WISH.note in reader.get(f"/{BOXES[0]}").text
    assert WISH.note not in reader.get(f"/{OTHER}").text


def test_a_report_goes_to_the_county_and_is_answered(house: House) -> None:
    """No account; the county's official finds it in the work list, another county's does not."""
    shopper = visitor(house, peer="192.0.2.7", Accept="text/html", Origin="http://127.0.0.1")
    form = {"key": BOXES[0], "what": "bad", "text": "mouldy inside", "contact": "13800000000"}
    assert shopper.post("/brand/report", data=form | {"text": " "}).status_code == 422
    page = shopper.post("/brand/report", data=form)
    assert page.status_code == 200
    assert "13800000000" not in page.text
    village = str(house.regions.about["sample_village"])
    codes = [each.code for each in house.regions.children(house.regions.code)]
    other = next(code for code in codes if not village.startswith(code[:4]))
    for county, login, sees in ((village[:6], "here", True), (other, "there", False)):
        grant = Grant("official", county.ljust(12, "0"), "supervision")
        official = signed_in(house, account_with(house, grant, login=login))
        assert ("mouldy inside" in official.get("/work").text) is sees
        if sees:
            assert "13800000000" in official.get(page.url.path).text
            assert official.post(page.url.path, data={"text": "taken back"}).status_code == 200
            assert official.post(page.url.path, data={"text": "again"}).status_code == 409
    assert "taken back" in shopper.get(page.url.path).text
    assert list(rebuild(house.store)) == []


def test_an_address_may_not_flood(house: House) -> None:
    """More than a handful of reports a minute from one address are refused."""
    shopper = visitor(house, peer="192.0.2.8", Origin="http://127.0.0.1")
    form = {"key": BOXES[0], "what": "bad", "text": ""}
    states = [shopper.post("/brand/report", data=form).status_code for _ in range(6)]
    assert states == [422] * 5 + [429]
