"""Policies over HTTP: judged, explained, checked, replayed after the file has changed."""

from pathlib import Path
from typing import Any

import pytest
from tests.house import opened_house
from tests.rules.checks.policies import FAULTY
from tests.rules.policy.policies import HOUSEHOLD
from tests.visitor import TestClient, holder, visitor

from longmai.portal.house import House

API = "/api/v1/rules"
GIVEN: dict[str, Any] = {
    "商品房": False,
    "成员": [
        {"年龄": 40, "月收入": 301, "残疾等级": "无"},
        {"年龄": 8, "月收入": "0", "残疾等级": "二级"},
    ],
}
ASKED = {"given": GIVEN, "day": "2026-03-01", "region": "9902"}


def test_the_versions_in_force_are_listed(client: TestClient) -> None:
    """On a day, in a region; with the digest that names each."""
    found = client.get(API, params={"day": "2026-03-01", "region": "99"}).json()
    [item] = [each for each in found if each["id"] == "livelihood.aid"]
    assert len(item["digest"]) == 64
    early = client.get(API, params={"day": "2020-01-01", "region": "99"}).json()
    assert all(each["id"] != "livelihood.aid" for each in early)


def test_a_case_is_judged_by_several_policies(client: TestClient) -> None:
    """What is not known is named; a name that no policy asks for is refused."""
    asked: dict[str, Any] = {"given": GIVEN, "day": "2026-03-01", "region": "9902"}
    found = {each["id"]: each for each in client.post(f"{API}/evaluate", json=asked).json()}
    aid = found["livelihood.aid"]
    assert (aid["state"], aid["gives_way_to"], aid["choose"]) == ("met", "", [])
    assert aid["amount_fen"] > 0
    asked["policies"] = ["assets.collective-board", "livelihood.aid"]
    asked["given"] = {**GIVEN, "全体理事": 5}
    board, same = client.post(f"{API}/evaluate", json=asked).json()
    assert same == aid
    assert board["state"] == "unknown"
    assert board["asks_for"] == ["出席理事", "同意理事", "应回避而未回避"]
    wrong = client.post(f"{API}/evaluate", json={**asked, "given": {"商品": True}})
    assert wrong.status_code == 422
    assert "did you mean 商品房" in wrong.text


def test_the_rules_of_a_file_are_checked_where_that_is_asked(client: TestClient) -> None:
    """Each finding with its severity, clauses and people; what runs row by row among them."""
    text = (FAULTY / "by-rows.yaml").read_text("utf-8")
    assert client.post(f"{API}/check", json={"text": text}).json()["rules"] == []
    asked = {"text": text, "rules": True, "language": "en"}
    found = client.post(f"{API}/check", json=asked).json()["rules"]
    [row] = [each for each in found if each["code"] == "by-rows"]
    assert (row["severity"], row["clauses"]) == ("advice", ["第一条"])
    assert "small letters" in row["what"]


def test_a_policy_says_what_it_asks_for(client: TestClient) -> None:
    """Inputs with types and holders, for who builds a form."""
    found = client.get(f"{API}/livelihood.aid").json()
    assert found["inputs"][0]["holder"] == "住建"
    assert found["members_name"] == "成员"
    assert client.get(f"{API}/livelihood.aids").status_code == 404


@pytest.mark.parametrize(("language", "amount"), [("zh", "699 元/月"), ("en", "699 元/月")])
def test_a_case_is_judged_with_reasons_and_a_record(
    client: TestClient, language: str, amount: str
) -> None:
    """Numbers come as JSON numbers or texts, and are exact either way."""
    found = client.post(f"{API}/livelihood.aid/evaluate", json=ASKED | {"language": language})
    told = found.json()
    assert (told["state"], told["amount_fen"]) == ("met", 69900)
    assert told["amount"].endswith(amount)
    assert told["reasons"][1]["parts"][0]["state"] == "met"
    assert told["record"]["steps"] == {"人均收入": "150.5"}


def test_data_that_do_not_fit_are_refused(client: TestClient) -> None:
    """In the shape of all errors, with each place."""
    wrong = {"given": {"商品房": "maybe", "车": 1}, "day": "2026-03-01"}
    answer = client.post(f"{API}/livelihood.aid/evaluate", json=wrong)
    assert answer.status_code == 422
    places = [each["place"] for each in answer.json()["error"]["findings"]]
    assert places == ["商品房", "车"]


def test_a_file_is_checked(client: TestClient) -> None:
    """Findings with lines, in either language; nothing is stored."""
    text = HOUSEHOLD.replace("对象: 家庭", "对象: 家")
    found = client.post(f"{API}/check", json={"text": text, "language": "en"}).json()
    assert [each["line"] for each in found["findings"]] == [6]
    assert found["findings"][0]["mend"].startswith("did you mean")
    assert client.post(f"{API}/check", json={"text": HOUSEHOLD}).json()["findings"] == []
    assert client.get(f"{API}/schema.json").json()["title"].startswith("Longmai policy file")


def test_an_issued_version_is_replayed_after_its_file_has_changed(
    house: House, tmp_path: Path, database_url: str
) -> None:
    """The record of the decision, and the ledger, are all that is needed."""
    official = holder(house, "official")
    assert official.post("/rules/livelihood.aid/issue", follow_redirects=False).status_code == 303
    record = official.post(f"{API}/livelihood.aid/evaluate", json=ASKED).json()["record"]
    house.integrate()
    file = tmp_path / "policies" / "aid.yaml"
    changed = file.read_text(encoding="utf-8").replace("值: 600", "值: 610")
    file.write_text(changed, encoding="utf-8")
    with opened_house(tmp_path, policies=file.parent, database=database_url) as later:
        client = visitor(later)
        assert client.post(f"{API}/replay", json=record).json()["amount_fen"] == 69900
        assert client.post(f"{API}/replay", json=record | {"state": "unknown"}).status_code == 409
        assert client.post(f"{API}/replay", json=record | {"digest": "0" * 64}).status_code == 404
