"""A what-if over HTTP: rows that are sent, made-up people, and what is refused."""

from typing import Any

from tests.visitor import TestClient

API = "/api/v1/rules/livelihood.grant/what-if"
REFORM = "标题: 试\n政策: livelihood.grant\n日期: 2026-03-01\n参数: [{名称: 标准, 值: 600}]"
ROWS: list[dict[str, Any]] = [
    {"收入": 300, "有房": False, "类别": "甲", "区划": "990101"},
    {"收入": "510.5", "有房": "否", "类别": "乙", "区划": "990203"},
]


def test_rows_are_judged_before_and_after(client: TestClient) -> None:
    """By the parameter of each row's region; by county."""
    found = client.post(API, json={"reform": REFORM, "whom": {"rows": ROWS}}).json()
    assert found["total"]["cost_before"] == {"value": 12500, "margin": None}
    assert found["total"]["cost_after"]["value"] == 19475
    assert [each["key"] for each in found["regions"]] == ["990101", "990203"]
    assert found["digest_before"] != found["digest_after"]


def test_weights_make_a_sample(client: TestClient) -> None:
    """Each row stands for as many as it says."""
    rows = [{**row, "权重": "2.5"} for row in ROWS]
    found = client.post(API, json={"reform": REFORM, "whom": {"rows": rows}}).json()
    assert found["total"]["people"]["value"] == 5
    assert found["total"]["cost_before"]["value"] == 31250
    assert not found["exact"]


def test_a_budget_is_met(client: TestClient) -> None:
    """By the parameter and step asked for."""
    wish = {"parameter": "比例", "step": "0.001"}
    asked = {"reform": REFORM, "whom": {"households": 100}, "wish": wish}
    found = client.post(API, json=asked).json()["search"]
    assert found["outcome"] == "found"
    assert 0 < float(found["value"]) < 0.5


def test_what_does_not_fit_is_refused(client: TestClient) -> None:
    """A mistyped reform with its line, a nested cell, a parameter that is none, too many people."""
    wrong = REFORM.replace("标准", "标谁")
    told = client.post(API, json={"reform": wrong, "whom": {"rows": ROWS}})
    assert told.status_code == 422
    assert "line 4" in told.text
    nested = client.post(API, json={"reform": REFORM, "whom": {"rows": [{"收入": [1]}]}})
    assert nested.status_code == 422
    wish = {"parameter": "标谁"}
    no = client.post(API, json={"reform": REFORM, "whom": {"rows": ROWS}, "wish": wish})
    assert (no.status_code, no.json()["error"]["code"]) == (422, "search.parameter")
    many = client.post(API, json={"reform": REFORM, "whom": {"households": 150_000}})
    assert many.status_code == 413


def test_the_grammar_is_there_for_editors(client: TestClient) -> None:
    """As a JSON Schema."""
    found = client.get("/api/v1/rules/reform-schema.json").json()
    assert found["$id"] == "urn:longmai:reform"
