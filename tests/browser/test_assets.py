"""The register in Chromium: an objection from a phone, an ugly ledger mended and sent again."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.rooms import enter_as, things_named, with_samples
from tests.domains.assets.register.importing.ugly import book
from tests.house import Served, serving

from longmai.domains.assets.register import notice_queries

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application with the sample township."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        with_samples(running.house)
        yield running


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A phone, in Chinese."""
    with chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN") as context:
        yield context


def test_a_supervisor_files_an_objection_from_a_phone(
    phone: BrowserContext, served: Served
) -> None:
    """From the asset to its notice; the timer stops, and the asset's page says so."""
    enter_as(phone, served, "citizen")
    page = phone.new_page()
    notice = things_named(served.house)["notice"]
    page.goto(f"{served.address}/assets/notices/{notice}")
    page.get_by_label("哪里不对").fill("这项资产是三户合建的，不该全归集体。")
    page.get_by_label("您的姓名").fill("示例监事")
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_role("status")).to_contain_text("异议已收到")
    expect(page.locator(".posted")).to_contain_text("有 1 件异议，公示暂停")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with served.house.store.read() as connection:
        [ticket] = notice_queries.objections_to(connection, [UUID(notice)])
    page.goto(f"{served.address}/assets/a/{ticket.asset_id}")
    expect(page.locator(".notice").first).to_contain_text("公示暂停")


def test_an_accountant_mends_an_ugly_ledger(
    phone: BrowserContext, served: Served, tmp_path: Path
) -> None:
    """Looks first, takes the good rows in, mends the others, and sends them again."""
    enter_as(phone, served, "village_accountant")
    head = ("编码", "资产\n名称", "类别", "原值（万元）", "建成日期")
    ugly = tmp_path / "台账.xlsx"
    ugly.write_bytes(
        book(
            ["示例村资产台账"],
            head,
            ("B-1", "示例果库", "经营性", 12.5, "2020年3月5日"),
            ("B-2", "示例村道", "公益性", "约三万", "2020年"),
            ("小计", "", "", 15, ""),
        )
    )
    page = phone.new_page()
    _send(page, served, ugly)
    expect(page.locator("#preview")).to_contain_text("约三万")
    expect(page.locator("#preview")).to_contain_text("只写了年份")
    page.get_by_role("button", name="把 1 行写入台账").click()
    expect(page.locator(".notice-good")).to_contain_text("新增 1 项")
    with page.expect_download() as waited:
        page.get_by_role("link", name=re.compile("下载有问题的 1 行")).click()
    mended = tmp_path / "mended.xlsx"
    mended.write_bytes(_mended(waited.value.path().read_bytes()))
    _send(page, served, mended)
    page.get_by_role("button", name="把 1 行写入台账").click()
    expect(page.locator(".notice-good")).to_contain_text("新增 1 项")
    page.goto(f"{served.address}/assets/register?q=B-2")
    expect(page.locator("#assets")).to_contain_text("30,000.00")


def _send(page: Page, served: Served, file: Path) -> None:
    page.goto(f"{served.address}/assets/import")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="先看一看").click()
    expect(page).to_have_url(re.compile(r"/assets/import/[0-9a-f-]{36}"))


def _mended(data: bytes) -> bytes:
    wrong = load_workbook(io.BytesIO(data))
    sheet = wrong.active
    columns = {cell.value: cell.column_letter for cell in sheet[1]}
    sheet[f"{columns['资产原值（元）']}2"] = "3万元"
    sheet[f"{columns['建成日期']}2"] = "2020-05-01"
    out = io.BytesIO()
    wrong.save(out)
    return out.getvalue()
