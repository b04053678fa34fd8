"""How pages look and behave: readable in every state, on a phone and on a desk, by keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Page
from tests.browser.site import Answer, Site

from longmai.kernel.i18n import LANGUAGES, Catalogue
from longmai.portal.design_pages import TONES
from longmai.portal.domain import FIELDS, VERBS
from longmai.portal.rendering import FOLDER

pytestmark = pytest.mark.browser

CATALOGUE = Catalogue.load([FOLDER / "locales", FOLDER / "accounts" / "locales"])
LEAST_CONTRAST = 4.5
LEAST_CONTRAST_LARGE = 3.0

_FAINT = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Shown:
    """A page's frame, as portal.rendering.Page."""

    title: str = "Title"
    breadcrumbs: tuple[tuple[str, str | None], ...] = (("Home", "/"), ("Title", None))
    sample: bool = True


def rendered(template: str, language: str, **context: Any) -> str:
    """Render a template of the portal with the layout's context."""
    templates = FileSystemLoader(FOLDER / "templates")
    environment = Environment(loader=templates, undefined=StrictUndefined, autoescape=True)
    found = (
        environment.from_string(template) if "{" in template else environment.get_template(template)
    )
    return found.render(
        page=Shown(),
        language=language,
        languages=LANGUAGES,
        t=lambda key, **values: CATALOGUE.translate(language, key, **values),
        static=lambda path: f"/static/{path}",
        request_path="/",
        nav=[("Home", "/", True), ("Ledger", "/ledger", False)],
        with_query=lambda **_: "?",
        query=lambda: "",
        visitor=None,
        size="normal",
        **context,
    )


def pages_of(language: str) -> Iterator[tuple[str, str]]:
    """Yield each page's name and HTML."""
    words = {
        "verbs": [{"slug": verb, "title": verb, "hint": "hint"} for verb in VERBS],
        "fields": [
            {
                "slug": slug,
                "title": slug,
                "href": f"/fields/{slug}",
                "cells": [
                    {"title": "cell", "href": "/" if verb == VERBS[0] else None, "verb": verb}
                    for verb in VERBS
                ],
            }
            for slug in FIELDS
        ],
    }
    design = {
        "steps": [{"record_id": "r", "time": "2025", "title": "step", "place": "place"}],
        "proof_url": "/proof",
        "verifier_key": "key",
        "rows": [("1", "name", 2)],
        "sort": "code",
        "descending": False,
        "paging": {"page": 2, "pages": 3, "total": 9},
        "option": {
            "xAxis": {"type": "category", "data": ["a"]},
            "yAxis": {},
            "series": [{"type": "bar", "data": [1]}],
        },
        "map": None,
        "tones": TONES,
    }
    yield "home", rendered("home.html", language, **words)
    yield "error", rendered("error.html", language, status=404, what="x", place="y", mend="z")
    yield "design", rendered("design.html", language, **design)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_is_readable_and_nothing_overflows(
    page: Page, site: Site, language: str, width: int
) -> None:
    """Contrast of all text is enough in every state, and no page scrolls sideways."""
    page.set_viewport_size({"width": width, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.route(
        "**/static/scan.js", lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    for name, html in pages_of(language):
        site.put("/page", Answer(html))
        page.goto(site.url("/page"))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        for state in ("waiting", "checking", "ok", "bad", "cannot", "erased"):
            page.evaluate(
                "state => { for (const e of document.querySelectorAll('[data-verdict]'))"
                " e.dataset.verdict = state;"
                " for (const e of document.querySelectorAll('[data-record]'))"
                " e.dataset.state = state;"
                " for (const e of document.querySelectorAll('[data-finding]'))"
                " e.innerHTML = '<p>finding</p>'; }",
                state,
            )
            faint = page.evaluate(_FAINT, [LEAST_CONTRAST, LEAST_CONTRAST_LARGE])
            assert faint == [], f"{name}, {state}"
    assert complaints == []  # the security policy had nothing to refuse


def test_a_chart_is_drawn_when_it_comes_into_view(page: Page, site: Site) -> None:
    """ECharts is loaded only then, and the page's policy allows all it does."""
    html = dict(pages_of("en"))["design"]
    site.put("/page", Answer(html))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.url("/page"))
    assert not any("echarts" in url for url in asked)
    page.locator("[data-chart]").scroll_into_view_if_needed()
    page.locator("[data-chart=ready] canvas").wait_for()
    assert any("echarts" in url for url in asked)


def test_a_list_turns_its_page_in_place(page: Page, site: Site) -> None:
    """Htmx swaps only the list, and the address follows."""
    first = dict(pages_of("en"))["design"]
    site.put("/page", Answer(first), Answer(first.replace(">2</td>", ">turned</td>")))
    page.goto(site.url("/page"))
    page.evaluate("document.querySelector('h1').textContent = 'kept'")
    page.wait_for_function("document.querySelector('#rows [rel=next]')._htmx !== undefined")
    page.locator("#rows [rel=next]").click()
    page.locator("#rows", has_text="turned").wait_for()
    assert page.locator("h1").text_content() == "kept"


def test_a_chosen_file_is_named(page: Page, site: Site) -> None:
    """The file field says which file it holds."""
    site.put("/page", Answer(dict(pages_of("en"))["design"]))
    page.goto(site.url("/page"))
    chosen = {"name": "events.json", "mimeType": "application/json", "buffer": b"{}"}
    page.locator("input[type=file]").set_input_files(chosen)  # type: ignore[arg-type] # a FilePayload
    assert page.locator("[data-chosen]").text_content() == "Chosen: events.json"


def test_a_keyboard_reaches_the_content_first(page: Page, site: Site) -> None:
    """The first stop is the link that skips the navigation, and it is seen."""
    site.put("/page", Answer(dict(pages_of("en"))["home"]))
    page.goto(site.url("/page"))
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.get_attribute("href") == "#content"
    box = focused.bounding_box()
    assert box is not None
    assert box["y"] >= 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_system_without_chinese_fonts_gets_the_web_font(
    page: Page, site: Site, language: str
) -> None:
    """The font is asked for exactly where the system draws two characters alike."""
    page.add_init_script(
        "CanvasRenderingContext2D.prototype.fillText = function () { this.fillRect(0, 0, 9, 9); };"
    )
    site.put("/page", Answer(dict(pages_of(language))["home"]))
    with page.expect_response("**/noto-sans-sc/files/*.woff2") as font:
        page.goto(site.url("/page"))
    assert font.value.ok
