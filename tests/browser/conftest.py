"""Chromium, and a small site on the loopback with the portal's static files and test pages."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.browser.site import Site
from tests.conftest import missing

from longmai.portal.rendering import STATIC

# A name that is not the loopback's, so that the browser gives the page no WebCrypto.
INSECURE_HOST = "insecure.test"
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        missing("SKIPPED LOUDLY: no Chromium on this machine")
        raise AssertionError
    rules = [f"--host-resolver-rules=MAP {INSECURE_HOST} 127.0.0.1"]
    # Chromium refuses its sandbox to root, as whom CI runs.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=rules + as_root)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def static_files() -> None:
    """The front-end packages, which set-up lays down."""
    if not (STATIC / "vendor" / "manifest.json").is_file():
        missing("SKIPPED LOUDLY: no front-end packages; run 'make setup'")


@pytest.fixture
def site(static_files: None) -> Iterator[Site]:  # noqa: ARG001 - only needs them to be there
    """A site with the portal's static files and headers; tests add pages."""
    with Site.running() as running:
        yield running


@pytest.fixture
def browser_context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield context
    context.close()


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    """A page as wide as a phone."""
    return browser_context.new_page()
