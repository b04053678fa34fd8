"""The page of a what-if: the form, the answer, files, bad input, and the long ones as jobs."""

import io
import re
from html import unescape
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select
from tests.visitor import TestClient, holder

from longmai.portal.house import House
from longmai.portal.jobs_pages import works_of
from longmai.portal.simulation import asking
from longmai.portal.simulation.models import Answer
from longmai.portal.simulation.work import KIND
from longmai.store.jobs import JOB
from longmai.store.worker import Worker

PAGE = "/rules/livelihood.grant/what-if"
CSV = "收入,有房,类别\n300,否,甲\n510.5,否,乙\n600,是,甲\n,否,甲\n"
DAY = {"day": "2026-03-01", "n.1": "600"}


def answer_in(page: str) -> Answer:
    """Return the answer that a page carries to have files made of it."""
    found = re.search(r'name="answer" value="([^"]*)"', page)
    assert found is not None, page[-2000:]
    return Answer.model_validate_json(unescape(found[1]))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_form_has_todays_values_beside_new_ones(client: TestClient, language: str) -> None:
    """Each parameter with its unit; the policy's page leads here."""
    page = client.get(PAGE, params={"lang": language})
    assert page.status_code == 200
    assert 'name="n.1"' in page.text
    assert "500 元/月" in page.text
    assert PAGE in client.get("/rules/livelihood.grant").text
    assert client.get("/rules/livelihood.nothing/what-if").status_code == 404


def test_a_table_that_is_sent_is_answered_to_the_fen(client: TestClient) -> None:
    """Three rows by hand: one gets more, one is new, one owns; the fourth is not known."""
    sent = {"file": ("people.csv", CSV.encode(), "text/csv")}
    page = client.post(PAGE, data=DAY | {"group": "类别"}, files=sent)
    total = answer_in(page.text).total
    assert (total.gain.value, total.newly.value, total.same.value, total.unknown.value) == (
        1,
        1,
        1,
        1,
    )
    assert (total.cost_before.value, total.cost_after.value) == (10000, 15000 + 4475)
    assert total.cost_before.margin is None
    assert [each.key for each in answer_in(page.text).groups] == ["乙", "甲"]
    assert "194.75" in page.text
    assert "示例，不是真实的人" not in page.text


def test_parquet_is_read_too(client: TestClient) -> None:
    """With numbers and truths as they are."""
    out = io.BytesIO()
    columns = {"income": [300, 600], "owns": [False, False], "kind": ["甲", "乙"]}
    pq.write_table(pa.table(columns), out)
    sent = {"file": ("people.parquet", out.getvalue(), "application/octet-stream")}
    page = client.post(PAGE, data={"day": "2026-03-01"}, files=sent)
    assert answer_in(page.text).total.cost_before.value == 10000


def test_made_up_people_are_marked_and_a_sample_is_uncertain(client: TestClient) -> None:
    """By seed, by county; ± on the page where they stand for more."""
    asked = DAY | {"households": "200", "seed": "7", "stands_for": "9000", "search": "2"}
    page = client.post(PAGE, data=asked | {"step": "0.01"})
    found = answer_in(page.text)
    assert "示例" in page.text
    assert "±" in page.text
    assert found.seed == 7
    assert not found.exact
    assert found.total.people.margin is not None
    assert len(found.regions) > 1
    assert found.search is not None
    assert found.search.value is not None
    assert page.text.count("data-chart") >= 4
    again = answer_in(client.post(PAGE, data=asked | {"step": "0.01"}).text)
    assert again == found


def test_the_answer_leaves_as_files(client: TestClient) -> None:
    """CSV and XLSX with all lines, and the reform, which reads back."""
    page = client.post(PAGE, data=DAY | {"households": "50"})
    found = answer_in(page.text)
    sent = {"answer": found.model_dump_json()}
    text = client.post(f"{PAGE}/file.csv", data=sent)
    assert len(text.text.strip().splitlines()) == 2 + len(found.regions)
    book = load_workbook(io.BytesIO(client.post(f"{PAGE}/file.xlsx", data=sent).content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert found.total.cost_after.value / 100 in rows[1]
    reform = client.post(f"{PAGE}/file.yaml", data=sent).text
    assert "{名称: 标准, 值: 600}" in reform
    again = client.post(PAGE, data={"reform": reform, "households": "50"})
    assert answer_in(again.text).total == found.total
    assert client.post(f"{PAGE}/file.csv", data={"answer": "{}"}).status_code == 422


def test_a_reform_changes_conditions(client: TestClient) -> None:
    """Written on the page, in place of the fields."""
    reform = (
        "标题: 有房的也给\n政策: livelihood.grant\n日期: 2026-03-01\n排除: [{原: x1, 删除: 是}]"
    )
    sent = {"file": ("people.csv", CSV.replace("600,是", "400,是").encode(), "text/csv")}
    found = answer_in(client.post(PAGE, data={"reform": reform}, files=sent).text)
    assert found.total.newly.value == 1
    assert found.title == "有房的也给"


BAD = {
    "n.1": ({"n.1": "many"}, "标准"),
    "households": ({"households": "-3"}, "户数"),
    "too many": ({"households": "9999999"}, "户数太多"),
    "step": ({"search": "1", "step": "0"}, "步长"),
    "target": ({"search": "1", "target": "x"}, "目标总额"),
    "group": ({"group": "颜色"}, "分组"),
    "reform": ({"reform": "标题: 试\n政策: livelihood.grant\n参数: [{名称: 标谁, 值: 3}]"}, "标谁"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_in_words(client: TestClient, name: str) -> None:
    """With the name of the field, and what was typed still there."""
    fields, told = BAD[name]
    page = client.post(PAGE, data=DAY | fields)
    assert page.status_code == 422
    alert = page.text.partition('role="alert"')[2].partition("</section>")[0]
    assert told in alert


def test_a_bad_cell_is_said_by_row_and_column(client: TestClient) -> None:
    """A file of another kind, too."""
    sent = {"file": ("people.csv", CSV.replace("510.5", "五百").encode(), "text/csv")}
    assert "row 3, column 收入" in client.post(PAGE, data=DAY, files=sent).text
    sent = {"file": ("people.parquet", b"PAR1 is not enough", "text/csv")}
    assert client.post(PAGE, data=DAY, files=sent).status_code == 422


def test_a_long_one_is_a_job_of_who_is_signed_in(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page shows the same answer; nobody else sees it; nobody without account runs one."""
    monkeypatch.setattr(asking, "_MOST_BY_COLUMNS", 10)
    asked = DAY | {"households": "60", "search": "2"}
    assert "登录以后可以排队算" in client.post(PAGE, data=asked).text
    mine = holder(house, "official", login="mine")
    answer = mine.post(PAGE, data=asked, follow_redirects=False)
    assert answer.status_code == 303
    assert Worker(house.jobs, works_of(house)).run_one()
    job = mine.get(answer.headers["location"])
    where = re.search(rf'href="({PAGE}/[^"]+)"', job.text)
    assert where is not None
    shown = answer_in(mine.get(where[1]).text)
    monkeypatch.undo()
    assert shown == answer_in(client.post(PAGE, data=asked).text)
    assert holder(house, "official", login="other").get(where[1]).status_code == 404


def test_nothing_that_is_sent_is_kept(
    house: House, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that is too large for a page is refused, and never put into the queue."""
    client.post(PAGE, data=DAY, files={"file": ("p.csv", CSV.encode(), "text/csv")})
    monkeypatch.setattr(asking, "_MOST_BY_COLUMNS", 1)
    mine = holder(house, "official", login="mine")
    page = mine.post(PAGE, data=DAY, files={"file": ("p.csv", CSV.encode(), "text/csv")})
    assert "上传的表不排队" in page.text
    with house.store.read() as connection:
        count = connection.scalar(select(func.count()).select_from(JOB).where(JOB.c.kind == KIND))
    assert count == 0
    data = Path(house.settings.data)
    assert not [
        file for file in data.rglob("*") if file.is_file() and b"510.5" in file.read_bytes()
    ]
