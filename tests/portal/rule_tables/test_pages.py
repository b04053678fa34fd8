"""The page of a decision table without scripts: opened, checked, tried out, downloaded."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.house import opened_house
from tests.rules.grid.tables import SUBSIDY
from tests.rules.grid.test_forms import MODEL
from tests.visitor import TestClient, visitor

from longmai.portal.guard import CONTENT_POLICY
from longmai.rules.grid.forms import open_table, plain
from longmai.rules.grid.reading import read_grid
from longmai.rules.grid.sheet_writing import write_sheet

PAGE = "/rules/tables/edit"
TABLE = read_grid(SUBSIDY)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Anybody, without an account, who reads Chinese."""
    with opened_house(tmp_path) as house:
        yield visitor(house, **{"Accept": "text/html", "Accept-Language": "zh"})


def sent(client: TestClient, action: str, file: bytes = b"", **fields: str) -> str:
    """Press a button; return the page."""
    return sent_fields(client, {"action": action} | fields, file)


def sent_fields(client: TestClient, fields: Mapping[str, str], file: bytes = b"") -> str:
    """Send a form; return the page."""
    files = {"file": ("t.bin" if file else "", file)}
    answer = client.post(PAGE, data={"grid": SUBSIDY} | dict(fields), files=files)
    assert answer.status_code == 200
    return str(answer.text)


def test_only_styles_are_freer_here(client: TestClient) -> None:
    """The editor writes styles into the page; scripts stay as strict as everywhere."""
    answer = client.get(PAGE)
    policy = answer.headers["content-security-policy"]
    assert policy == f"{CONTENT_POLICY}; style-src 'self' 'unsafe-inline'"
    assert "script-src" not in policy
    assert "没有发现问题" in answer.text


def test_what_is_wrong_stands_in_its_cell(client: TestClient) -> None:
    """And in the list."""
    text = sent(client, "check", grid=SUBSIDY.replace("< 3000", "＜ 3000", 1))
    assert text.count("“＜”是全角符号") == 2
    assert "第 1 条规则“人均年收入”列" in text
    broken = sent(client, "check", grid="| U | a |")
    assert "决策表要有标题行和一行短横" in broken
    assert "| U | a |" in broken


def test_the_table_is_tried_out(client: TestClient) -> None:
    """The rule that holds is marked, in words too."""
    given = {"action": "try", "given:人均年收入": "2000", "given:类别": '"B"'}
    text = sent_fields(client, given)
    assert "<code>600</code>" in text
    assert "符合的规则：2" in text
    assert text.count('class="decision-hit"') == 1
    assert 'value="2000"' in text
    assert "填的不是值" in sent_fields(client, given | {"given:人均年收入": "x +"})


@pytest.mark.parametrize("form", ["grid", "xlsx", "dmn"])
def test_the_table_is_downloaded(client: TestClient, form: str) -> None:
    """In each form, under its name."""
    answer = client.post(PAGE, data={"action": form, "grid": SUBSIDY, "name": "月补助/甲"})
    assert plain(open_table(answer.content).table) == plain(TABLE)
    assert "月补助/甲." in unquote(answer.headers["content-disposition"])
    refused = client.post(PAGE, data={"action": form, "grid": "x"})
    assert refused.status_code == 422
    assert "每一行都以 | 开头" in refused.text


def test_files_are_opened(client: TestClient) -> None:
    """A workbook, a grid, and a model of which a decision is chosen; the model stays around it."""
    assert "第二档" in sent(client, "open", write_sheet(TABLE), grid="")
    assert "第二档" in sent(client, "open", SUBSIDY.encode("gb18030"), grid="")
    several = sent(client, "open", MODEL)
    assert "模型里有几张决策表" in several
    assert "<option>Second</option>" in several
    chosen = sent(client, "open", model=MODEL.decode(), decision="First")
    assert "&gt; 60" in chosen
    fields = {"action": "dmn", "grid": "| U || o |\n|-||-|\n| || Applicant Age |"}
    answer = client.post(PAGE, data=fields | {"model": MODEL.decode(), "name": "First"})
    assert b"Applicant Age</" in answer.content
    assert b'name="Second"' in answer.content


def test_a_file_that_is_no_table_is_refused_in_words(client: TestClient) -> None:
    """What stood in the form stays."""
    text = sent(client, "open", b"PK\x03\x04 nothing")
    assert "文件读不成表格" in text
    assert "第二档" in text
