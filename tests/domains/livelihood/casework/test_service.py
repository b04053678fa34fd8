"""Cases through the service: rights by place, one case at a time, letters, the book behind it."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.domains.livelihood.casework.world import COUNTY, ELSEWHERE, World, visiting, world

from longmai.domains.livelihood.casework import service
from longmai.domains.livelihood.casework.kinds import READ
from longmai.domains.livelihood.casework.letters import letter
from longmai.domains.livelihood.casework.model.case import Deed, Standing
from longmai.domains.livelihood.casework.opening import take_on
from longmai.domains.livelihood.casework.publication import published
from longmai.domains.livelihood.casework.queries import (
    KeptCase,
    case_of,
    cases,
    lead_counts,
    leads,
)
from longmai.domains.livelihood.papers import paper_pdf
from longmai.domains.livelihood.persons.consents import refusing
from longmai.kernel.errors import Conflict, Forbidden, NotFound
from longmai.portal.rendering import Words
from longmai.portal.rights.model import EVERYWHERE
from longmai.store.rebuild import rebuild
from longmai.store.table_window import Window


@pytest.fixture
def made(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A house with leads."""
    with world(tmp_path, database=database_url) as opened:
        yield opened


def kept(made: World, case_id: object) -> KeptCase:
    """Return a case."""
    with made.house.store.read() as connection:
        return case_of(connection, case_id, EVERYWHERE)  # type: ignore[arg-type] # an ID


def test_a_finding_becomes_work_lists(made: World) -> None:
    """By why; within the regions of the post; with the department that holds a datum."""
    with made.house.store.read() as connection:
        assert lead_counts(connection, EVERYWHERE) == {
            "eligible": 3, "manual": 0, "near": 1, "unknown": 1, "losing": 1,
        }  # fmt: skip
        assert lead_counts(connection, made.worker.scope(READ))["eligible"] == 2
        _, [missing] = leads(connection, EVERYWHERE, Window(), lead="unknown")
    assert (missing.datum, missing.holder) == ("本地户籍", "公安")


def test_a_case_that_is_open_is_no_lead_and_is_opened_once(made: World) -> None:
    """Who opens it again gets the same; after a refusal there may be another."""
    first = made.opened()
    assert made.house.store.engine.dialect.name in {"sqlite", "postgresql"}
    with made.house.store.begin() as work:
        _, found = leads(work.connection, EVERYWHERE, Window(size=10), lead="eligible")
        assert {each.person_id for each in found} == {"p2", "p5"}
    told = kept(made, first)
    assert told.name == "陇甲一"
    assert told.found["person"]["phone"] == "13900001234"
    assert [each["state"] for each in told.found["reasons"]] == ["met", "met"]
    made.act(first, Deed.REFUSED, clause="对象", reasons="试一试")
    second = made.opened()
    assert second != first
    assert kept(made, second).round == 2


def test_acts_are_records_and_the_book_rebuilds_them(made: World) -> None:
    """Row for row, with messages and reversals."""
    case_id = made.confirmed()
    with made.house.store.begin() as work:
        message = service.Message("file", "13900001234", "告知", "您好")
        service.notify(made.desk(work), case_id, message)
    made.act(case_id, Deed.VISITED, note="上门看过")
    with made.house.store.begin() as work:
        service.reverse(made.desk(work), case_id, "写错了")
    made.house.integrate()
    assert list(rebuild(made.house.store)) == []
    assert kept(made, case_id).case.standing is Standing.GRANTED


def test_rights_end_at_the_border_and_at_the_post(made: World) -> None:
    """Elsewhere there is nothing; a village accountant does not decide."""
    case_id = made.opened()
    stranger = visiting(made.house, "qian", ("official", "service"), region=ELSEWHERE[:6])
    with pytest.raises(NotFound):
        made.act(case_id, Deed.VISITED, stranger, note="越界")
    village = visiting(made.house, "sun", ("village_accountant", "service"))
    made.act(case_id, Deed.VISITED, village, note="上门")
    with pytest.raises(Forbidden):
        made.act(case_id, Deed.REFUSED, village, clause="对象", reasons="不给")
    with pytest.raises(Forbidden):
        made.opened("p5")


def test_two_at_once_are_told(made: World) -> None:
    """Who acts on what changed since they looked, looks again; nothing is done twice."""
    case_id = made.opened()
    with made.house.store.begin() as work:
        service.act(made.desk(work), case_id, Deed.VISITED, {"note": "一"}, seen=1)
    with pytest.raises(Conflict, match="meanwhile"), made.house.store.begin() as work:
        service.act(made.desk(work), case_id, Deed.CLOSED, {"note": "二"}, seen=1)
    assert len(kept(made, case_id).acts) == 2


def test_leads_are_taken_on_in_one_go(made: World) -> None:
    """Told, or confirmed by the rules; who wants a person is left out and said."""
    words = Words(made.house, "zh")
    case_id = made.opened()
    made.wished(case_id, decide=False)
    with made.house.store.begin() as work:
        _, found = leads(work.connection, EVERYWHERE, Window(size=10), lead="eligible")
        mine = [each for each in found if each.region.startswith(COUNTY)]
        opened, refused = take_on(made.house, made.desk(work), mine, "confirm", words)
    assert len(opened) == 1
    assert not refused
    with pytest.raises(Conflict), made.house.store.begin() as work:
        service.confirm_found(made.desk(work), case_id, "2026-09")
    with made.house.store.read() as connection:
        total, _ = cases(connection, EVERYWHERE, Window(), standings=(Standing.GRANTED,))
    assert total == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_is_in_writing_with_the_way_to_object(made: World, language: str) -> None:
    """The letter names the clause, quotes it, gives the reasons and the way to object."""
    case_id = made.opened()
    made.act(case_id, Deed.REFUSED, clause="对象", reasons="户口不在本地")
    case = kept(made, case_id)
    policy = made.house.policies.version(case.policy_id, "2026")
    paper = letter(case, case.acts[-1], policy, Words(made.house, language))
    text = "".join(line for block in paper.blocks for line in block.lines)
    for part in ("对象", "六十岁以上的本地人", "户口不在本地", "60"):
        assert part in text
    pdf = PdfReader(BytesIO(paper_pdf(paper)))
    assert len(pdf.pages) == 1
    with pytest.raises(NotFound):
        letter(case, case.acts[0], policy, Words(made.house, language))


def test_what_is_published_says_the_least(made: World) -> None:
    """Nothing without consent or law; then a masked name, and no number or phone."""
    words = Words(made.house, "zh")
    case_id = made.confirmed()
    with made.house.store.read() as connection:
        assert list(published(made.house, connection, COUNTY, words)) == []
    made.wished(case_id, publish=True)
    with made.house.store.read() as connection:
        [row] = published(made.house, connection, COUNTY, words)
    assert (row.name, row.decided_on) == ("陇**", None)
    made.wished(case_id, publish=False)
    with made.house.store.read() as connection:
        assert list(published(made.house, connection, COUNTY, words)) == []


def test_who_wants_no_message_gets_a_paper(made: World) -> None:
    """The word stands at the person, not at the case: a second case hears it too."""
    case_id = made.opened()
    made.wished(case_id, contact=False)
    told = service.Message("file", "13900001234", "告知", "请看")
    with pytest.raises(Conflict, match="no message"), made.house.store.begin() as work:
        service.notify(made.desk(work), case_id, told)
    with made.house.store.begin() as work:
        service.notify(made.desk(work), case_id, replace(told, channel="paper", recipient=""))
    with made.house.store.read() as connection:
        assert refusing(connection, "contact") == {"p1"}
    made.wished(case_id, contact=True)
    with made.house.store.read() as connection:
        assert refusing(connection, "contact") == frozenset()
