"""A co-operative's ten minutes on a phone, half of them without a network."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select
from tests.browser.rooms import enter_as, with_samples
from tests.house import Served, serving

from longmai.domains.brand.coop.tables import COOP
from longmai.domains.brand.tables import EVENT
from longmai.kernel.credit_code import uscc_check

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application with its samples."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        with_samples(running.house)
        yield running


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A phone, in Chinese."""
    with chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN") as context:
        yield context


def test_ten_minutes_of_a_cooperative(phone: BrowserContext, served: Served) -> None:
    """Register, plot, product; then offline harvest, packing, a mistake; all of it comes once."""
    enter_as(phone, served, "enterprise")
    page = phone.new_page()
    page.goto(f"{served.address}/brand/coop/new")
    code = "93620000MA0000002"
    village = str(served.house.regions.about["sample_village"])
    for label, value in (
        ("名称", "新果合作社"),
        ("统一社会信用代码", code + uscc_check(code)),
        ("所在村（社区）", village),
        ("联系人", "某人"),
        ("联系电话", "0000-0000000"),
    ):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="登记合作社").click()
    expect(page.get_by_text("头十分钟，照着做")).to_be_visible()
    base = page.url
    with served.house.store.read() as connection:
        events = connection.scalar(select(func.count()).select_from(EVENT))
        assert connection.scalar(select(func.count()).select_from(COOP)) == 2
    _fill(page, base, "plot", {"地块名称": "东坡", "面积": "12"}, "登记地块")
    _sent(page, 1)
    _fill(page, base, "product", {"产品名称": "原果"}, "登记产品")
    _sent(page, 2)
    _fill(page, base, "product", {"产品名称": "礼盒", "每件净含量": "5"}, "登记产品")
    _sent(page, 3)
    # Every form was seen once, or kept by the others, and opens without a network.
    page.goto(f"{base}/harvest")
    _kept(page, 6)
    phone.set_offline(True)
    _fill(page, base, "harvest", {"重量": "100", "批次号": "H1"}, "记下采收")
    expect(page.locator(".queue")).to_contain_text("现在没有网络")
    page.goto(f"{base}/packing")
    page.get_by_label("批次", exact=True).select_option("H1")
    page.get_by_label("包装成什么产品").select_option(index=0)
    page.get_by_label("重量（千克）", exact=True).fill("100")
    page.get_by_label("件数").fill("21")
    page.get_by_role("button", name="记下包装").click()
    expect(page.locator(".queue")).to_contain_text("2 张单子等着送出")
    phone.set_offline(False)
    # 21 × 5 > 100: refused, with the sum, mended and sent again.
    expect(page.locator(".queue")).to_contain_text("21 × 5 = 105 kg > 100 kg")
    page.get_by_role("button", name="改一改").click()
    expect(page.get_by_label("件数")).to_have_value("21")
    page.get_by_label("件数").fill("20")
    page.get_by_role("button", name="记下包装").click()
    _sent(page, 5)
    page.reload()
    page.get_by_role("link", name="新果合作社").first.click()
    expect(page.locator("#lots")).to_contain_text("100 / 100 千克")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with served.house.store.read() as connection:
        after = connection.scalar(select(func.count()).select_from(EVENT))
    assert after == (events or 0) + 2
    href = page.get_by_role("link", name="合格证标签").first.get_attribute("href")
    assert phone.request.get(served.address + str(href)).body().startswith(b"%PDF")


def _fill(page: Page, base: str, kind: str, values: dict[str, str], button: str) -> None:
    page.goto(f"{base}/{kind}")
    for label, value in values.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name=button).click()


def _sent(page: Page, number: int) -> None:
    expect(page.locator('.queue li[data-state="sent"]')).to_have_count(number)


def _kept(page: Page, number: int) -> None:
    page.wait_for_function(
        """async (number) => {
          const [name] = (await caches.keys()).filter((each) => each.startsWith("longmai-pages:"));
          const kept = name ? await (await caches.open(name)).keys() : [];
          return kept.filter((each) => !each.url.includes("/static/")).length >= number
            && navigator.serviceWorker.controller !== null;
        }""",
        arg=number,
    )
