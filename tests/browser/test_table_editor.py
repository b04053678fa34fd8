"""The editor of decision tables, in Chromium: edited, checked, tried out, downloaded."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.test_pages import WIDTHS
from tests.conftest import missing
from tests.house import Served, serving
from tests.rules.grid.tables import SUBSIDY
from tests.rules.grid.test_forms import MODEL

from longmai.portal.rendering import STATIC
from longmai.rules.grid.forms import open_table
from longmai.rules.grid.reading import read_grid
from longmai.rules.grid.sheet_writing import write_sheet

pytestmark = pytest.mark.browser

MODULES = Path(__file__).parents[2] / "node_modules"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(params=WIDTHS)
def editor(request: pytest.FixtureRequest, chromium: Browser, served: Served) -> Iterator[Page]:
    """The page with its editor, at a phone's or a desk's width, in Chinese."""
    width, height = WIDTHS[request.param]
    with chromium.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN"
    ) as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        opened(page, served)
        yield page
        # dmn-js ships the development build of Inferno, which says so.
        assert [each for each in faults if "Content Security" in each or "Error" in each] == []


def opened(page: Page, served: Served, query: str = "") -> None:
    """Open the page and wait for its editor."""
    page.goto(f"{served.address}/rules/tables/edit{query}")
    page.locator("[data-table-editor][data-ready]").wait_for()


def cell(rule: int, column: int) -> str:
    """Return the selector of a cell."""
    return f".tjs-table tbody tr:nth-child({rule}) td:nth-child({column + 1}) [contenteditable]"


def grid(page: Page) -> str:
    """Return the text of the table."""
    return page.locator("textarea[name=grid]").input_value()


def type_into(page: Page, where: str, text: str) -> None:
    """Write into a cell, as a person does."""
    page.locator(where).click()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_what_is_edited_is_checked_beside_its_cell(editor: Page) -> None:
    """The text follows, the finding stands in the cell and leads to it, undo takes it away."""
    assert "| 1    | < 3000 " in grid(editor)
    type_into(editor, cell(1, 1), "＜ 1")
    found = editor.locator("[data-table-findings] button")
    expect(found).to_contain_text("第 1 条规则“人均年收入”列：“＜”是全角符号")
    said = editor.locator(".tjs-table tbody tr:nth-child(1) td:nth-child(2)").evaluate(
        "cell => getComputedStyle(cell, '::after').content"
    )
    assert "全角符号" in said
    found.click()
    assert editor.evaluate("document.activeElement.textContent.trim()") == "＜ 1"
    undo = editor.get_by_role("button", name="撤销")
    while undo.is_enabled():
        undo.click()
    expect(editor.locator("[data-table-findings]")).to_contain_text("没有发现问题")
    assert "| 1    | < 3000 " in grid(editor)
    expect(editor.get_by_role("button", name="重做")).to_be_enabled()


def test_the_text_is_edited_and_the_table_follows(editor: Page) -> None:
    """A new column; what is no table leaves the last one."""
    editor.locator("[data-table-text] summary").click()
    area = editor.locator("textarea[name=grid]")
    area.fill(
        "| F | 年龄 || 津贴 || 依据 | 备注 |\n|-|-||-||-|-|\n| 1 | >= 80 || 100 || 第三条 | x |"
    )
    expect(editor.locator(".tjs-table")).to_contain_text("第三条 | x")
    expect(editor.locator(".hit-policy")).to_contain_text("首个")
    area.fill("| F | 年龄")
    expect(editor.locator("[data-table-findings]")).to_contain_text("每一行都以 | 开头")
    expect(editor.locator(".tjs-table")).to_contain_text("津贴")


def test_rules_are_added_and_tried_out(editor: Page) -> None:
    """In place: the conclusion, and the rules that hold are marked."""
    editor.locator("[name='given:人均年收入']").fill("2000")
    editor.locator("[name='given:类别']").select_option('"B"')
    editor.get_by_role("button", name="算一算").click()
    expect(editor.locator("[data-table-outcome]")).to_contain_text("600")
    expect(editor.locator("[data-table-outcome]")).to_contain_text("符合的规则：2")
    colours = [
        editor.locator(f".tjs-table tbody tr:nth-child({row}) td.input-cell").first.evaluate(
            "cell => getComputedStyle(cell).backgroundColor"
        )
        for row in (1, 2, 3)
    ]
    assert colours[0] == colours[2] != colours[1]
    editor.locator(".add-rule-add button").click()
    expect(editor.locator(".tjs-table tbody tr")).to_have_count(4)
    expect(editor.locator("[name='given:人均年收入']")).to_have_value("2000")


def test_files_are_opened_and_given(editor: Page, tmp_path: Path) -> None:
    """A workbook in, a model out; of a model with several tables one is chosen."""
    file = tmp_path / "补助.xlsx"
    file.write_bytes(write_sheet(read_grid(SUBSIDY.replace("600", "650"))))
    editor.locator("input[type=file]").set_input_files(file)
    editor.get_by_role("button", name="打开", exact=True).click()
    editor.locator("[data-table-editor][data-ready]").wait_for()
    assert "650" in grid(editor)
    expect(editor.locator("[name=name]")).to_have_value("补助")
    with editor.expect_download() as download:
        editor.get_by_role("button", name="下载 DMN").click()
    assert download.value.suggested_filename == "补助.dmn"
    found = open_table(Path(download.value.path()).read_bytes())
    assert found.table.rules[1].conclusions[0] == "650"
    model = tmp_path / "m.dmn"
    model.write_bytes(MODEL)
    editor.locator("input[type=file]").set_input_files(model)
    editor.get_by_role("button", name="打开", exact=True).click()
    editor.get_by_label("模型中的决策").select_option("First")
    editor.get_by_role("button", name="打开", exact=True).click()
    editor.locator("[data-table-editor][data-ready]").wait_for()
    expect(editor.locator(".tjs-table")).to_contain_text("Applicant Age")
    expect(editor.locator("[data-table-findings]")).to_contain_text("没有发现问题")


def test_the_mark_of_its_makers_stays_in_view(editor: Page) -> None:
    """As the licence of dmn-js asks: seen, whole, with nothing over it."""
    mark = editor.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    expect(mark).to_be_visible()
    assert mark.evaluate(
        """mark => {
          const { left, top, width, height } = mark.getBoundingClientRect();
          const corners = [[1, 1], [width - 1, 1], [1, height - 1], [width - 1, height - 1]];
          return corners.every(([x, y]) => {
            const found = document.elementFromPoint(left + x, top + y);
            return mark === found || mark.contains(found);
          });
        }"""
    )


def test_it_speaks_english(chromium: Browser, served: Served) -> None:
    """The editor's own words, and the page's."""
    with chromium.new_context(locale="en-US") as context:
        page = context.new_page()
        opened(page, served, "?lang=en")
        expect(page.locator(".hit-policy")).to_contain_text("Hit policy:")
        expect(page.locator("[data-table-findings]")).to_have_text("Nothing wrong was found")


def test_the_editor_is_a_part_of_other_pages(chromium: Browser, served: Served) -> None:
    """A page mounts it, hears of changes, and takes it down."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{served.address}/rules/tables/edit")
        page.locator("[data-table-editor][data-ready]").wait_for()
        told = page.evaluate(
            """async (grid) => {
              const { mount } = await import("/static/table-editor.js");
              const place = document.createElement("div");
              document.querySelector("main").append(place);
              const heard = [];
              const onChange = (told) => heard.push(told.grid);
              const editor = await mount(place, { grid, onChange });
              const buttons = place.querySelectorAll("button.button").length;
              await editor.setGrid(grid.replace("600", "650"));
              editor.destroy();
              return { heard, buttons, left: place.children.length };
            }""",
            SUBSIDY,
        )
    assert told["heard"] == [SUBSIDY, SUBSIDY.replace("600", "650")]
    assert (told["buttons"], told["left"]) == (2, 0)


def test_every_word_of_the_editor_is_translated() -> None:
    """What dmn-js hands to its translator has Chinese words here."""
    folders = [MODULES / name / "lib" for name in ("dmn-js-decision-table", "dmn-js-shared")]
    if not all(folder.is_dir() for folder in folders):
        missing("SKIPPED LOUDLY: no dmn-js in node_modules; run 'npm ci'")
    asked: set[str] = set()
    for folder in folders:
        for file in folder.rglob("*.js"):
            asked |= set(re.findall(r"translate\([^)'\"]*'([^']+)'", file.read_text("utf-8")))
            if file.name == "HitPolicies.js":
                told = re.findall(r"(?:label|explanation): '([^']+)'", file.read_text("utf-8"))
                asked |= set(told)
    words = (STATIC / "table-editor-zh.js").read_text("utf-8")
    known = {
        json.loads(double) if double else single
        for double, single in re.findall(
            r"^  (?:(\"(?:[^\"\\]|\\.)*\")|'([^']*)'):", words, re.MULTILINE
        )
    }
    assert len(asked) > 100
    assert asked - known == set()
