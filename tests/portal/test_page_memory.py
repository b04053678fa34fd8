"""Pages kept in memory: never an old one, never somebody's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.house import BOX, anybody, document, opened_house
from tests.visitor import holder, visitor

from longmai.domains.brand import pages
from longmai.domains.brand.service import capture
from longmai.portal.house import House
from longmai.portal.page_memory import PageMemory


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with the sample season."""
    with opened_house(tmp_path, sample=True) as opened:
        yield opened


def test_a_page_is_made_once_until_the_ledger_grows(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second visitor gets the same bytes; a new event is on the next page."""
    made: list[object] = []
    original: Any = pages._scan_page

    def counted(request: Any) -> Any:
        made.append(request)
        return original(request)

    monkeypatch.setattr(pages, "_scan_page", counted)
    client = visitor(house)
    first, second = client.get(f"/{BOX}"), client.get(f"/{BOX}")
    assert (len(made), first.text) == (1, second.text)
    for name in ("content-language", "vary", "content-type", "content-security-policy"):
        assert first.headers[name] == second.headers[name]
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": "2026-11-01T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": [f"https://id.gs1.org/{BOX}"],
        "disposition": "recalled",
    }
    with house.store.begin() as work:
        capture(work, document([event]), anybody(house))
    assert client.get(f"/{BOX}").text != first.text
    house.integrate()
    client.get(f"/{BOX}")
    assert len(made) == 2


def test_languages_sizes_and_people_have_pages_of_their_own(house: House) -> None:
    """Nobody gets another's masthead or words."""
    client = visitor(house)
    client.get(f"/{BOX}")
    assert 'lang="en"' in client.get(f"/{BOX}", headers={"Accept-Language": "en"}).text
    large = client.get(f"/{BOX}", headers={"Cookie": "longmai_size=large"}).text
    assert 'data-size="large"' in large
    person = holder(house, "citizen", login="person")
    assert "某人 person" in person.get(f"/{BOX}").text
    assert "某人 person" not in client.get(f"/{BOX}").text


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 3), st.binary(max_size=20))))
def test_memory_is_bounded_and_never_wrong(puts: list[tuple[str, int, bytes]]) -> None:
    """It returns the last page of a name and version, or none; its size stays within bounds."""
    memory, last = PageMemory(most_bytes=40), dict[str, tuple[int, bytes]]()
    for name, version, body in puts:
        memory.put(name, version, body)
        last[name] = (version, body)
        assert sum(len(page) for _, page in memory._pages.values()) <= 40
    for name, (version, body) in last.items():
        assert memory.get(name, version) in {body, None}
        assert memory.get(name, version + 1) is None
