"""A regulator recalls; a shopper scans, verifies, sees the banner and reports a problem."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.rooms import enter_as, with_samples
from tests.house import BOX, LOT, Served, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application with the sample season."""
    with serving(tmp_path_factory.mktemp("recall")) as running:
        with_samples(running.house)
        yield running


def test_from_a_recall_to_the_shoppers_phone(chromium: Browser, served: Served) -> None:
    """Look at the reach, recall with one button; the box in a shopper's hand says so, proven."""
    desk = chromium.new_context(locale="zh-CN")
    enter_as(desk, served, "enterprise")
    page = desk.new_page()
    page.goto(f"{served.address}/brand/recalls/new?keys={LOT}")
    expect(page.get_by_role("heading", name="将要召回")).to_be_visible()
    page.locator("#field-note").fill("检出异味，请退回。")
    page.get_by_role("button", name="下达召回并通知").click()
    expect(page.get_by_role("heading", name="在谁手里")).to_be_visible()
    expect(page.get_by_text("检出异味，请退回。").first).to_be_visible()
    desk.close()
    phone = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = phone.new_page()
    page.goto(f"{served.address}/{BOX}")
    expect(page.get_by_role("alert")).to_contain_text("检出异味")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "ok")
    page.get_by_role("link", name="这件产品有问题").click()
    page.locator("#field-text").fill("有霉点")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您反映的问题")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.close()
