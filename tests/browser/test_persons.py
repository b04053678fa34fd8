"""The accountant's way in Chromium: a list with faults, mended and sent again; a pair reviewed."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.rooms import enter_as, with_samples
from tests.house import Served, serving

pytestmark = pytest.mark.browser

_HEADINGS = ("姓名", "性别", "出生日期", "联系电话", "残疾等级")
_ROWS = (
    ("周宙", "女", "1966-13-02", "10003330001", "三级"),
    ("吴昃", "男", "1970年5月6日", "10003330002", "二级"),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application, with the sample village."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        with_samples(running.house)
        yield running


@pytest.fixture
def accountant(chromium: Browser, served: Served) -> Iterator[Page]:
    """A village's accountant at a phone's width, in Chinese."""
    size = {"width": 390, "height": 844}
    with chromium.new_context(viewport=size, locale="zh-CN") as context:  # type: ignore[arg-type] # its keys
        enter_as(context, served, "village_accountant")
        yield context.new_page()


def _send(page: Page, file: Path) -> None:
    page.get_by_label("文件").set_input_files(file)
    page.get_by_label("部门", exact=False).first.fill("村（社区）")
    page.get_by_role("button", name="下一步：看列名").click()
    page.get_by_role("button", name="检查并导入").click()
    page.locator("#job a.button").click()


def _write(file: Path, rows: tuple[tuple[str, ...], ...]) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows([_HEADINGS, *rows])
    file.write_text(out.getvalue(), "utf-8")
    return file


def test_a_list_with_a_fault_is_mended_and_sent_again(
    accountant: Page, served: Served, tmp_path: Path
) -> None:
    """Row, column and what to do are told; the report is a file; then the person is there."""
    page = accountant
    page.goto(f"{served.address}/livelihood/persons/files/new")
    _send(page, _write(tmp_path / "残疾人台账.csv", _ROWS))
    expect(page.get_by_text("共 2 行，有 1 行不能导入")).to_be_visible()
    expect(page.get_by_role("cell", name="1966-13-02").first).to_be_visible()
    with page.expect_download() as report:
        page.get_by_role("link", name="下载错误清单").click()
    assert report.value.suggested_filename == "import-report.xlsx"
    page.get_by_role("link", name="重新上传").click()
    mended = ((*_ROWS[0][:2], "1966-12-02", *_ROWS[0][3:]), _ROWS[1])
    page.get_by_label("文件").set_input_files(_write(tmp_path / "残疾人台账.csv", mended))
    page.get_by_label("部门", exact=False).first.fill("村（社区）")
    page.get_by_role("button", name="下一步：看列名").click()
    expect(page.get_by_text("列名照上次的对应")).to_be_visible()
    page.get_by_role("button", name="检查并导入").click()
    page.locator("#job a.button").click()
    page.get_by_role("link", name="一人一档").last.click()
    page.get_by_role("searchbox").fill("周宙")
    page.get_by_role("button", name="搜索").click()
    expect(page.get_by_role("link", name="周宙")).to_be_visible()
    expect(page.get_by_role("link", name="王")).to_have_count(0)


def test_a_pair_is_reviewed_by_key(accountant: Page, served: Served) -> None:
    """Two records side by side, differences marked; one key decides and the next one comes."""
    page = accountant
    page.goto(f"{served.address}/livelihood/persons/review")
    before = page.get_by_role("row").count()
    page.get_by_role("button", name="开始核对").click()
    expect(page.locator("mark").first).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("1")
    page.goto(f"{served.address}/livelihood/persons/review")
    expect(page.get_by_role("row")).to_have_count(before - 1 if before > 2 else 0)
