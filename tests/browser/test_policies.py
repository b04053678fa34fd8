"""Policies in Chromium: the editor judges as one types; a self-check is filled in and explained."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.house import Served, serving

pytestmark = pytest.mark.browser

EDITOR = "/rules/edit?policy=livelihood.childcare-subsidy"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(params=[(390, 844), (1280, 900)], ids=["phone", "desk"])
def screen(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A page of a phone's or a desk's width, in Chinese."""
    width, height = request.param
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    yield context.new_page()
    context.close()


def test_a_mistake_is_told_as_one_types_and_leads_to_its_line(screen: Page, served: Served) -> None:
    """Without a press of any button; undone by the browser's own undo."""
    screen.goto(served.address + EDITOR)
    text = screen.get_by_label("政策文件（YAML）")
    said = screen.locator("#checked")
    expect(said.get_by_text("没有问题")).to_be_visible()
    text.evaluate(
        "area => { const at = area.value.indexOf('判断: 中国国籍') + 4;"
        " area.focus(); area.setSelectionRange(at, at + 4); }"
    )
    screen.keyboard.insert_text("中国国藉")
    finding = said.get_by_text("是不是“中国国籍”？")
    expect(finding).to_be_visible()
    said.get_by_role("link", name="第", exact=False).first.click()
    chosen = text.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert "中国国藉" in chosen
    text.press("Control+z")
    expect(said.get_by_text("没有问题")).to_be_visible()


def test_a_file_is_opened_and_downloaded(screen: Page, served: Served, tmp_path: Path) -> None:
    """What was opened is judged, and comes back as it was."""
    screen.goto(served.address + EDITOR)
    content = screen.get_by_label("政策文件（YAML）").input_value()
    file = tmp_path / "mine.yaml"
    file.write_text(content.replace("标题: 育儿补贴", "标题: 我的补贴"), encoding="utf-8")
    screen.set_input_files("#policy-upload", file)
    expect(screen.get_by_label("政策文件（YAML）")).to_have_value(file.read_text(encoding="utf-8"))
    with screen.expect_download() as coming:
        screen.get_by_role("button", name="下载文件").click()
    assert Path(coming.value.path()).read_text(encoding="utf-8") == file.read_text("utf-8")


def test_a_self_check_is_filled_in_and_explained(screen: Page, served: Served) -> None:
    """What is missing first, then the amount with its arithmetic."""
    screen.goto(f"{served.address}/rules/livelihood.childcare-subsidy/try")
    screen.get_by_label("出生日期").fill("2024-12-01")
    screen.get_by_label("中国国籍").select_option("是")
    screen.get_by_role("button", name="试算").click()
    expect(screen.get_by_role("heading", name="缺数据")).to_be_visible()
    expect(screen.get_by_text("缺少“在户籍地申领”，由公安掌握").first).to_be_visible()
    screen.get_by_label("在户籍地申领").select_option("是")
    screen.get_by_role("button", name="试算").click()
    expect(screen.get_by_role("heading", name="符合", exact=True)).to_be_visible()
    expect(screen.get_by_text("36 × 3600 ÷ 12 = 10,800 元")).to_be_visible()


def test_examples_to_add_go_below_the_others(screen: Page, served: Served) -> None:
    """By a button; the editor judges them at once, and the browser's undo takes them back."""
    screen.goto(served.address + EDITOR)
    text = screen.get_by_label("政策文件（YAML）")
    before = text.input_value()
    said = screen.locator("#checked")
    said.get_by_text("个例子", exact=False).last.click()
    said.get_by_role("button", name="放进示例").click()
    expect(said.get_by_text("恰好", exact=False).first).to_be_attached()
    expect(said.get_by_text("没有问题")).to_be_visible()
    added = text.input_value()
    assert added.startswith(before.rstrip())
    assert "待确认" in added
    text.press("Control+z")
    expect(text).to_have_value(before)
