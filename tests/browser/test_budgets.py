"""What a page may weigh on the wire, measured in Chromium; the explanation of the house names it.

Counted are all bytes of a first visit as they are sent (compressed), without the Chinese font,
which devices that have one do not ask for, and without the chart library, which waits for a chart.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.house import BOX, Served, serving

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
MAX_BYTES = {"/": 60_000, "/brand/batches": 100_000, "/ledger": 100_000, f"/{BOX}": 200_000}
NOT_COUNTED = ("/vendor/noto-sans-sc/", "/vendor/echarts/")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application with the sample season."""
    with serving(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.mark.parametrize("path", MAX_BYTES)
def test_a_first_visit_weighs_little(chromium: Browser, served: Served, path: str) -> None:
    """Below its budget, and the budget stands in the documents."""
    sent: dict[str, float] = {}
    named: dict[str, str] = {}
    with chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN") as context:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on(
            "Network.responseReceived",
            lambda event: named.update({event["requestId"]: event["response"]["url"]}),
        )
        session.on(
            "Network.loadingFinished",
            lambda event: sent.update({event["requestId"]: event["encodedDataLength"]}),
        )
        page.goto(served.address + path)
        page.wait_for_load_state("networkidle")
    counted = {
        named.get(request, request): size
        for request, size in sent.items()
        if not any(part in named.get(request, "") for part in NOT_COUNTED)
    }
    assert counted
    assert sum(counted.values()) < MAX_BYTES[path], counted
    told = (ROOT / "docs" / "explanation" / "house.md").read_text("utf-8")
    assert f"{MAX_BYTES[path] // 1000} KB" in told
