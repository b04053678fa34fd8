"""Pages of policies: list, words beside rules, self-check, editor, issuing."""

import re
from html import unescape

import pytest
from tests.rules.policy.policies import HOUSEHOLD
from tests.rules.policy.test_tables import GRID, HEAD, TAIL
from tests.visitor import TestClient, holder

from longmai.portal.house import House

POLICY = "/rules/livelihood.aid"
CASE = {
    "v.商品房": "false",
    "members": "2",
    "m.1.年龄": "40",
    "m.1.月收入": "301",
    "m.1.残疾等级": "无",
    "m.2.年龄": "8",
    "m.2.月收入": "0",
    "m.2.残疾等级": "二级",
    "day": "2026-03-01",
    "region": "9902",
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_finds_and_narrows(client: TestClient, language: str) -> None:
    """By a word of the title, by field and status; what is not there is said kindly."""
    found = client.get("/rules", params={"q": "困难家庭", "lang": language})
    assert f'href="{POLICY}"' in found.text
    assert "livelihood.aid" in client.get("/livelihood/rules").text
    assert "livelihood.aid" not in client.get("/innovation/rules").text
    empty = client.get("/rules", params={"q": "没有这项", "lang": language})
    assert 'class="empty"' in empty.text


def test_the_list_leaves_as_a_file(client: TestClient) -> None:
    """CSV with its headings in the language."""
    answer = client.get("/rules.csv", params={"q": "困难家庭补助"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "困难家庭补助" in answer.text
    assert len(answer.text.strip().splitlines()) == 2


def test_a_policy_shows_words_rules_parameters_and_examples(client: TestClient) -> None:
    """Each clause beside what rests on it; the whole history of a parameter."""
    page = client.get(POLICY).text
    for part in ("人均收入低于标准的家庭", "人均收入 &lt; 标准", "600 元/月", "二人户", "699.00"):
        assert part in page
    assert client.get(POLICY, params={"version": "1999"}).status_code == 404
    file = client.get(f"{POLICY}/policy.yaml")
    assert file.text.startswith("标题: 困难家庭补助")


def test_a_case_is_judged_and_forgotten(client: TestClient, house: House) -> None:
    """Met, with the arithmetic; nothing of it stands in the store."""
    page = client.post(f"{POLICY}/try", data=CASE)
    assert page.status_code == 200
    assert "(500 − 150.5) × 2 = 699 元/月" in page.text
    assert "outcome-good" in page.text
    with house.store.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM ledger_record").scalar()
    assert count == 0


def test_what_is_missing_and_wrong_is_told(client: TestClient) -> None:
    """The unknown with who has it; a wrong number at its field, and what was typed is kept."""
    unknown = client.post(f"{POLICY}/try", data=CASE | {"v.商品房": ""}).text
    assert "缺少“商品房”，由住建掌握" in unknown
    wrong = client.post(f"{POLICY}/try", data=CASE | {"m.1.月收入": "三百", "day": "soon"})
    assert wrong.status_code == 422
    assert 'value="三百"' in wrong.text
    assert "成员[1].月收入" in wrong.text


def test_a_member_more_keeps_what_was_typed(client: TestClient) -> None:
    """The button adds a row and judges nothing."""
    page = client.post(f"{POLICY}/try", data=CASE | {"add": "1"}).text
    assert 'name="m.3.年龄"' in page
    assert 'value="301"' in page
    assert 'class="outcome ' not in page


def test_an_example_opens_filled_in(client: TestClient) -> None:
    """The form shows it with its outcome."""
    page = client.get(f"{POLICY}/try", params={"example": 1}).text
    assert 'value="301"' in page
    assert "outcome-good" in page


def test_the_editor_judges_what_is_written(client: TestClient) -> None:
    """Right, with examples told; wrong, with line and mend; as a file with plain line ends."""
    right = client.post("/rules/edit", data={"text": HOUSEHOLD.replace("\n", "\r\n")}).text
    assert "二人户" in right
    assert "data-line=" not in right
    wrong = client.post("/rules/edit", data={"text": HOUSEHOLD.replace("< 标准", "< 标淮")}).text
    assert re.search(r'data-line="33"', wrong)
    assert "是不是“标准”？" in wrong
    file = client.post("/rules/edit/policy.yaml", data={"text": HOUSEHOLD.replace("\n", "\r\n")})
    assert file.text == HOUSEHOLD
    assert "livelihood.aid.yaml" in file.headers["content-disposition"]
    assert client.get("/rules/edit").status_code == 200
    opened = client.get("/rules/edit", params={"policy": "livelihood.aid"}).text
    assert "困难家庭补助" in opened


def test_a_version_is_issued_once_by_who_may(client: TestClient, house: House) -> None:
    """It becomes a record whose page anybody reads."""
    assert client.post(f"{POLICY}/issue").status_code == 401
    assert holder(house, "citizen", login="a-citizen").post(f"{POLICY}/issue").status_code == 403
    official = holder(house, "official")
    assert "/issue?version=2026" in official.get(POLICY).text
    page = official.post(f"{POLICY}/issue?version=2026").text
    house.integrate()
    record = re.search(r'href="(/ledger/records/[^"]+)"', page)
    assert record is not None
    assert client.get(record[1]).status_code == 200
    assert official.post(f"{POLICY}/issue?version=2026").status_code == 409


def test_a_policy_is_found_by_a_name_or_its_initials(client: TestClient) -> None:
    """The search of the house knows policies."""
    for text in ("困难家庭", "knjtbz", "livelihood.aid"):
        assert f'href="{POLICY}"' in client.get("/search", params={"q": text}).text


def test_a_table_of_a_policy_opens_in_the_editor_of_tables(client: TestClient) -> None:
    """Its grid goes along."""
    page = client.post("/rules/edit", data={"text": HEAD + GRID + TAIL}).text
    form = re.search(r'name="grid" value="([^"]+)"', page)
    assert form is not None
    opened = client.post(
        "/rules/tables/edit", data={"action": "check", "name": "月补助", "grid": unescape(form[1])}
    )
    assert opened.status_code == 200
    assert "[3000..5000)" in opened.text
