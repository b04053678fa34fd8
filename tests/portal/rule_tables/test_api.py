"""Decision tables over HTTP: checked in words, written in other forms, tried out."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.house import opened_house
from tests.rules.grid.tables import SUBSIDY
from tests.rules.grid.test_forms import MODEL
from tests.visitor import TestClient, visitor

from longmai.rules.grid.forms import open_table, plain
from longmai.rules.grid.reading import read_grid

API = "/api/v1/rules/tables"
GRID = {"form": "grid", "text": SUBSIDY}
DMN = {"form": "dmn", "text": MODEL.decode()}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Anybody, without an account."""
    with opened_house(tmp_path) as house:
        yield visitor(house)


def asked(client: TestClient, what: str, language: str = "zh", **question: Any) -> Any:
    """Ask; return the answer."""
    answer = client.post(f"{API}/{what}", json=question, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_table_is_read_in_every_form(client: TestClient) -> None:
    """The check gives the table, its text, the editor's XML, and what it needs."""
    told = asked(client, "check", **GRID, name="月补助")
    assert told["findings"] == []
    assert told["table"] == plain(read_grid(SUBSIDY))
    assert told["grid"] == SUBSIDY
    assert told["needs"] == [
        {"name": "人均年收入", "type": "number", "choices": []},
        {"name": "类别", "type": "string", "choices": ['"A"', '"B"']},
    ]
    again = asked(client, "check", form="editor", text=told["xml"])
    assert (again["table"], again["name"]) == (told["table"], "月补助")


@pytest.mark.parametrize(
    ("language", "place", "what"),
    [
        ("zh", "第 1 条规则“人均年收入”列", "“＜”是全角符号"),
        ("en", "rule 1, column “人均年收入”", "“＜” is a full-width sign"),
    ],
)
def test_findings_are_told_in_the_readers_language(
    client: TestClient, language: str, place: str, what: str
) -> None:
    """With the cell for programs, and the place and mend for people."""
    text = SUBSIDY.replace("< 3000", "＜ 3000", 1)
    [found] = asked(client, "check", language, form="grid", text=text)["findings"]
    assert found["cell"] == {"part": "rule", "column": 0, "rule": 1}
    assert (found["place"], found["what"], found["advice"]) == (place, what, False)
    assert "<" in found["mend"]


def test_what_cannot_be_read_at_all_is_a_finding(client: TestClient) -> None:
    """No table, and why; of a model with several tables their names."""
    told = asked(client, "check", form="grid", text="a\n| b |")
    assert told["table"] is None
    assert told["findings"][0]["code"] == "grid.empty"
    for text in ("?", "表"):
        found = asked(client, "check", form="xlsx", text=text)["findings"]
        assert found[0]["code"] == "table.base64"
    several = asked(client, "check", **DMN)
    assert several["decisions"] == ["First", "Second"]
    assert asked(client, "check", **DMN, decision="Second")["table"]["annotations"] == ["a"]


def test_a_table_alone_gets_advice(client: TestClient) -> None:
    """A name like a heading, a bare word where a text is due, a type nobody knows."""
    text = SUBSIDY.replace("|| 800 ", "|| 人均收入 ").replace("(number) ||", "(nummer) ||")
    found = asked(client, "check", form="grid", text=text)["findings"]
    assert {each["code"] for each in found} == {"table.name.near", "table.type"}
    assert all(each["advice"] for each in found)


def test_a_table_is_written_in_other_forms(client: TestClient) -> None:
    """And read again it is the same."""
    table = read_grid(SUBSIDY)
    for form in ("grid", "xlsx", "dmn"):
        told = asked(client, "convert", source=GRID | {"name": "补助"}, to=form)
        data = told["text"].encode()
        found = open_table(base64.b64decode(data) if form == "xlsx" else data)
        assert plain(found.table) == plain(table)
        assert told["file"].startswith("补助.")


def test_a_table_goes_back_into_its_model(client: TestClient) -> None:
    """The other decisions stay; its own names are known."""
    source = {"form": "grid", "name": "Second", "within": DMN["text"]}
    source["text"] = "| U || p |\n|---||---|\n| 1 || Applicant Age + Aplicant Age |"
    found = asked(client, "check", **source)["findings"]
    assert [each["code"] for each in found] == ["table.feel"]
    source["text"] = source["text"].replace("+ Aplicant", "+ Applicant")
    assert asked(client, "check", **source)["findings"] == []
    told = asked(client, "convert", source=source, to="dmn")
    assert "Applicant Age + Applicant Age" in told["text"]
    assert 'name="First"' in told["text"]


def test_a_table_is_tried_out(client: TestClient) -> None:
    """The conclusion, the rules that hold, and which tests do."""
    given = {"人均年收入": "2000", "类别": "B"}
    told = asked(client, "evaluate", source=GRID, given=given)
    assert told == {
        "value": "600",
        "inputs": ["2000", '"B"'],
        "hits": [2],
        "holds": [[True, False], [True, True], [False, True]],
        "problems": [],
    }


def test_what_cannot_be_tried_is_refused(client: TestClient) -> None:
    """In the one shape of errors: a value that is none, a table that is none, one too large."""
    wrong = {"source": GRID, "given": {"人均年收入": "x +"}}
    answer = client.post(f"{API}/evaluate", json=wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "table.given")
    answer = client.post(f"{API}/evaluate", json={"source": {"form": "grid", "text": "x"}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "grid.bar")
    large = {"form": "grid", "text": "x" * 1_000_001}
    assert client.post(f"{API}/check", json=large).status_code == 422
