"""A what-if in Chromium: filled in, run, its charts drawn, at both widths."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from tests.house import Served, serving

pytestmark = pytest.mark.browser

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
PAGE = "/rules/livelihood.elder-care-voucher/what-if"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.mark.parametrize("width", WIDTHS)
def test_a_change_is_filled_in_and_its_charts_are_drawn(
    chromium: Browser, served: Served, width: str
) -> None:
    """Winners and losers with their uncertainty; every chart has its table; nothing scrolls."""
    wide, high = WIDTHS[width]
    context = chromium.new_context(viewport={"width": wide, "height": high}, locale="zh-CN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(served.address + PAGE)
    page.locator("[name='a.3']").fill("45")
    page.locator("[name='n.1']").fill("65")
    page.locator("[name='stands_for']").fill("50000")
    page.locator("[name='group']").fill("失能等级")
    page.get_by_role("button", name="开始试算").click()
    expect(page.get_by_text("示例数据").first).to_be_visible()
    expect(page.locator(".figures")).to_contain_text("±")
    charts = page.locator("[data-chart]")
    assert charts.count() >= 4
    for number in range(charts.count()):
        charts.nth(number).scroll_into_view_if_needed()
        expect(charts.nth(number)).to_have_attribute("data-chart", "ready")
        expect(charts.nth(number).locator("table")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults == []
    context.close()
