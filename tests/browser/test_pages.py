"""The pages people use, in Chromium, at the widths of a phone and of a desk, with sample data."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import INSECURE_HOST
from tests.browser.rooms import ROOMS, Room, address_of, enter_as, with_samples
from tests.house import BOX, LOT, Served, change_payload, serving

pytestmark = pytest.mark.browser

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application with the sample season."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        with_samples(running.house)
        yield running


@pytest.fixture(params=WIDTHS)
def screen(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A page of a phone's or a desk's width, in Chinese; errors in its console fail the test."""
    width, height = WIDTHS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: _must_be_ours(asked.url, faults))
    yield page
    context.close()
    # Asked-for refusals, a header that browsers leave aside on plain HTTP, and dmn-js, which ships
    # the development build of Inferno, are no faults.
    expected = ("status of 4", "Cross-Origin-Opener-Policy", "development build of Inferno")
    assert [fault for fault in faults if not any(text in fault for text in expected)] == []


def _must_be_ours(url: str, faults: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", f"http://{INSECURE_HOST}:", "data:")):
        faults.append(f"asked an outside host: {url}")


# What fits in large letters fits in small ones; the desk shows the layout of wide screens.
@pytest.mark.parametrize(
    ("screen", "size"), [("phone", "large"), ("desk", "normal")], indirect=["screen"]
)
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_page_fits_its_screen(screen: Page, served: Served, room: Room, size: str) -> None:
    """No page scrolls sideways, each has one heading, and says what it is in its title."""
    if room.role:
        enter_as(screen.context, served, room.role)
    address = address_of(room, served)
    screen.goto(f"{address}{'&' if '?' in address else '?'}size={size}")
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(screen.locator("h1")).to_have_count(1)
    expect(screen).to_have_title(re.compile(r".+ · 陇脉"))


def test_from_the_first_page_to_a_verified_batch(screen: Page, served: Served) -> None:
    """A live cell leads to the batches, a batch to its journey and its tick."""
    screen.goto(served.address + "/")
    expect(screen.get_by_text("尚未建成").first).to_be_visible()
    screen.locator("main a.door", has_text="产品追溯").click()
    screen.get_by_role("searchbox").fill(LOT.rsplit("/", maxsplit=1)[-1])
    screen.get_by_role("button", name="搜索").click()
    screen.locator("#batches td a").first.click()
    expect(screen.locator("[data-verdict]")).to_have_attribute("data-verdict", "ok")
    expect(screen.get_by_text("示例数据").first).to_be_visible()


def test_a_box_is_verified_with_the_libraries_too(screen: Page, served: Served) -> None:
    """On plain HTTP of a local network there is no WebCrypto, and the tick stands all the same."""
    screen.goto(f"http://{INSECURE_HOST}:{served.port}/{BOX}")
    assert screen.evaluate("isSecureContext") is False
    expect(screen.locator("[data-verdict]")).to_have_attribute("data-verdict", "ok")
    how = screen.locator("[data-how='crypto']")
    expect(how).to_contain_text("noble")


def test_every_record_of_a_box_is_verified(screen: Page, served: Served) -> None:
    """Each record on the page is held against the ledger, those in groups too."""
    screen.goto(f"{served.address}/{BOX}")
    expect(screen.locator("[data-verdict]")).to_have_attribute("data-verdict", "ok")
    records = screen.locator("[data-record]")
    assert records.count() > 10
    expect(screen.locator("[data-record][data-state='ok']")).to_have_count(records.count())


def test_the_language_is_kept(screen: Page, served: Served) -> None:
    """English is chosen once and stays."""
    screen.goto(served.address + "/")
    screen.get_by_role("link", name="English").click()
    expect(screen.locator("html")).to_have_attribute("lang", "en")
    screen.goto(served.address + "/brand/batches")
    expect(screen.get_by_role("heading", level=1)).to_have_text("Batches")


def test_a_bad_file_is_refused_in_words(screen: Page, served: Served, tmp_path: Path) -> None:
    """The capture page says what is wrong and where, and nothing is taken."""
    enter_as(screen.context, served, "enterprise")
    file = tmp_path / "bad.json"
    file.write_text('{"@context": "x", "type": "EPCISDocument"}', "utf-8")
    screen.goto(served.address + "/brand/capture")
    screen.locator("input[type=file]").set_input_files(file)
    screen.get_by_role("button", name="导入").click()
    alert = screen.get_by_role("alert")
    expect(alert).to_contain_text("bad.json")
    expect(alert).to_contain_text("epcisBody")


def test_an_audit_is_asked_for_and_followed_to_its_end(screen: Page, served: Served) -> None:
    """One button; the page follows the work by itself and says what came of it."""
    enter_as(screen.context, served, "admin_audit")
    screen.goto(f"{served.address}/ledger")
    screen.get_by_role("button", name="现在审计账本").click()
    expect(screen.get_by_role("heading", level=1)).to_have_text("审计账本")
    expect(screen.get_by_text("没有发现问题")).to_be_visible(timeout=30_000)
    expect(screen.locator("#job")).not_to_have_attribute("data-poll", "")


def test_a_changed_byte_turns_the_page_red(
    chromium: Browser,
    tmp_path: Path,
    static_files: None,  # noqa: ARG001 - only needs them there
) -> None:
    """One byte of one payload, changed in the database, is seen and named by the browser."""
    with serving(tmp_path) as running:
        serial = BOX.rsplit("/", maxsplit=1)[-1]
        database = running.house.settings.data / "longmai.db"
        changed = change_payload(database, ["retail_selling", serial], "retail_s", "retail_z")
        page = chromium.new_page()
        page.goto(f"{running.address}/{BOX}")
        expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "bad")
        assert page.locator("[data-state='bad'][data-record]").count() == len(changed) == 1
        page.close()
