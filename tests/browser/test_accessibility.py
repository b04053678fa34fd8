"""axe, the accessibility checker, finds nothing serious on any page, at either width and language.

Source of the rules: WCAG 2.1 A and AA as axe-core (Deque) words them; it comes through npm for the
tests alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.rooms import ROOMS, Room, address_of, enter_as, with_samples
from tests.browser.test_pages import WIDTHS
from tests.conftest import missing
from tests.house import Served, serving

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}
_RUN = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
})).violations"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's program."""
    if not AXE.is_file():
        missing("SKIPPED LOUDLY: axe-core is not in node_modules; run 'npm ci'")
    return AXE.read_text("utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application with the sample season, and one job that has ended."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        with_samples(running.house)
        yield running


@pytest.fixture(params=WIDTHS)
def screen(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A page of a phone's or a desk's width that lets the test's own script in."""
    width, height = WIDTHS[request.param]
    size = {"width": width, "height": height}
    with chromium.new_context(viewport=size, bypass_csp=True) as context:  # type: ignore[arg-type] # a size
        yield context.new_page()


def serious(page: Page, axe: str) -> list[str]:
    """Return what axe finds serious on a page: the rule, and where it is broken."""
    page.evaluate(axe)
    violations: list[dict[str, Any]] = page.evaluate(_RUN)
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in violations
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


# Each width in one language: every page in both, at half the time.
@pytest.mark.parametrize(
    ("screen", "language"), [("phone", "zh"), ("desk", "en")], indirect=["screen"]
)
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_nothing_serious_on_any_page(
    screen: Page, served: Served, axe: str, room: Room, language: str
) -> None:
    """Contrast, names, labels, headings, landmarks, tables, languages of parts."""
    if room.role:
        enter_as(screen.context, served, room.role)
    address = address_of(room, served)
    screen.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
    screen.wait_for_timeout(300)
    assert serious(screen, axe) == []


def test_records_and_jobs_too(screen: Page, served: Served, axe: str) -> None:
    """Pages that are reached by a click."""
    screen.goto(f"{served.address}/ledger")
    screen.locator("table a").first.click()
    screen.wait_for_timeout(500)
    assert serious(screen, axe) == []
    enter_as(screen.context, served, "admin_system")
    screen.goto(f"{served.address}/ledger")
    screen.locator("form[action='/ledger/audit'] button").click()
    screen.wait_for_selector("#job")
    assert serious(screen, axe) == []


def test_the_checker_finds_what_is_wrong(screen: Page, axe: str) -> None:
    """A page with faults does not pass."""
    screen.set_content("<p style='color:#eee;background:#fff'>x</p><img src='data:,'><input>")
    found = {each.partition(":")[0] for each in serious(screen, axe)}
    assert {"image-alt", "label"} <= found
