"""The scan page in Chromium: what it shows is held against what was proven."""

import copy
from dataclasses import dataclass
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Page, expect
from tests.browser import bundles
from tests.browser.bundles import Entry, Key, b64, bundle, entry, unb64
from tests.browser.conftest import INSECURE_HOST
from tests.browser.site import Answer, Site

from longmai.kernel.i18n import Catalogue
from longmai.portal.rendering import FOLDER

pytestmark = pytest.mark.browser

KEY = Key()
CATALOGUE = Catalogue.load([FOLDER / "locales"])

_PAGE = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><title>scan</title>
<link rel="icon" href="/static/favicon.svg">
<link rel="stylesheet" href="/static/tokens.css">
<link rel="stylesheet" href="/static/base.css">
<link rel="stylesheet" href="/static/components.css"></head><body>
{% from "components/verdict.html" import verdict_banner with context %}
{% from "components/timeline.html" import timeline %}
{% from "components/facts.html" import facts, fact %}
{{ verdict_banner("/proof", key) }}
{% call(step) timeline(steps) %}{% call facts() %}
{{ fact("Action", step.action, "/event/action") }}
{{ fact("Weight", step.weight ~ " kg", "/event/weight", step.weight) }}
{{ fact("Note", "-", "/event/note", "") }}
{{ fact("Actor", step.actor, "header:/actor") }}
{% endcall %}{% endcall %}
<div class="step" id="group"><h3>Group</h3><details><summary>all</summary>
{% for step in group %}
<div data-record="{{ step.record_id }}">
<time data-fact="/event/time" data-kind="time" data-value="{{ step.time }}"></time>
<span data-fact="/event/step" data-kind="word" data-value="{{ step.action }}"></span>
</div>
{% endfor %}
</details></div>
</body></html>"""


@dataclass(frozen=True)
class Step:
    """What the page shows of a record."""

    record_id: str
    title: str
    time: str
    place: str | None
    action: str
    weight: str
    actor: str


def events() -> list[Entry]:
    """A log of four events."""
    return [entry(i, {"event": {"action": "ADD", "weight": 10 + i}}) for i in range(4)]


def shown(index: int, **changes: str) -> Step:
    """Show an event as it is, except for the changes."""
    true = {
        "record_id": f"00000000-0000-0000-0000-{index + 1:012x}",
        "title": f"Step {index}",
        "time": "2025-10-01",
        "place": "Orchard",
        "action": "ADD",
        "weight": str(10 + index),
        "actor": "tester",
    }
    return Step(**(true | changes))


@pytest.fixture
def scan(site: Site, page: Page) -> "Scan":
    """A scan page of two events, and its proof."""
    return Scan(site, page)


class Scan:
    """Lays out a scan page and its proof, opens it, and reads what it says."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page
        self.proof: dict[str, Any] = bundle(events(), KEY, shown=[1, 2])
        self.steps = [shown(1), shown(2)]
        self.group: list[Step] = []
        self.host = "127.0.0.1"
        self.console: list[str] = []
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        site.put_json("/proof", self.proof)

    def open(self, verdict: str, query: str = "", language: str = "en") -> None:
        """Open the page and wait for its verdict."""
        source = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            undefined=StrictUndefined,
            autoescape=True,
        ).from_string(_PAGE)
        html = source.render(
            t=lambda key: CATALOGUE.translate(language, key),
            static=lambda path: f"/static/{path}",
            language=language,
            key=KEY.verifier,
            steps=self.steps,
            group=self.group,
        )
        self.site.put("/scan", Answer(html))
        self.page.goto(self.site.url(f"/scan{query}", self.host))
        expect(self.banner).to_have_attribute("data-verdict", verdict, timeout=15_000)

    @property
    def banner(self) -> Any:
        """The banner's element."""
        return self.page.locator("[data-verdict]")

    def problems(self) -> list[str]:
        """Return the problems that the banner lists."""
        texts: list[str] = self.banner.locator("[data-problems] li").all_text_contents()
        return texts

    def states(self) -> list[str | None]:
        """Return the state of each step."""
        steps = self.page.locator("[data-record]").all()
        return [step.get_attribute("data-state") for step in steps]

    def how(self, name: str) -> str | None:
        """Return a detail of how it was checked."""
        text: str | None = self.banner.locator(f"[data-how={name}]").text_content()
        return text

    def spoil(self, index: int, **changes: Any) -> None:
        """Serve the proof with changes to one of its records."""
        spoiled = copy.deepcopy(self.proof)
        spoiled["records"][index] |= changes
        self.site.put_json("/proof", spoiled)


def test_a_true_page_is_green_and_says_how_it_was_checked(scan: Scan) -> None:
    """Every step is marked, the details name the log, and nothing is asked of another host."""
    asked: list[str] = []
    scan.page.on("request", lambda request: asked.append(request.url))
    scan.open("ok")
    assert scan.states() == ["ok", "ok"]
    assert scan.problems() == []
    assert scan.how("origin") == bundles.ORIGIN
    assert scan.how("size") == "4"
    assert scan.how("root") == unb64(scan.proof["checkpoint"].split("\n")[2]).hex()
    assert scan.how("crypto") == CATALOGUE.translate("en", "verify.webcrypto")
    assert all(url.startswith(scan.site.url("/")) for url in asked)
    assert scan.console == []  # the security policy had nothing to refuse


def test_the_banner_is_announced_and_speaks_the_pages_language(scan: Scan) -> None:
    """A screen reader is told the verdict, in Chinese where the page is Chinese."""
    scan.open("ok", language="zh")
    status = scan.banner.locator("[role=status][aria-live=polite]")
    assert CATALOGUE.translate("zh", "verify.ok") in status.inner_text()


def test_noble_can_be_forced_by_the_address(scan: Scan) -> None:
    """?crypto=noble verifies with the libraries where WebCrypto exists."""
    scan.open("ok", query="?crypto=noble")
    assert scan.how("crypto") == CATALOGUE.translate("en", "verify.noble")


def test_a_phone_on_plain_http_sees_the_tick_too(scan: Scan) -> None:
    """From another host without TLS the page verifies with noble."""
    scan.host = INSECURE_HOST
    scan.open("ok")
    assert scan.how("crypto") == CATALOGUE.translate("en", "verify.noble")


@pytest.mark.parametrize("query", ["", "?crypto=noble"])
def test_a_tampered_payload_is_red_at_its_step_and_says_what_differs(
    scan: Scan, query: str
) -> None:
    """One changed byte: step, banner and differing fact say so; the other step stays."""
    payload = unb64(scan.proof["records"][1]["payload"]).replace(b"12", b"92")
    scan.spoil(1, payload=b64(payload))
    scan.open("bad", query=query)
    assert scan.states() == ["ok", "bad"]
    changed, differs = scan.problems()
    assert changed == f"2 Step 2: {CATALOGUE.translate('en', 'verify.problem.payload')}"
    for part in ("Weight", "12", "92"):
        assert part in differs
    assert scan.page.locator("[data-differs]").text_content() == "12 kg"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"action": "DELETE"}, ("Action", "DELETE", "ADD")),
        ({"weight": "12.0"}, ("Weight", "12.0", "12")),
        ({"weight": ""}, ("Weight", "(nothing)", "12")),
        ({"actor": "someone"}, ("Actor", "someone", "tester")),
    ],
)
def test_a_page_that_shows_something_else_is_red_and_names_the_fact(
    scan: Scan, changes: dict[str, str], named: tuple[str, ...]
) -> None:
    """The proof holds, but the page's words are not the ledger's."""
    scan.steps[1] = shown(2, **changes)
    scan.open("bad")
    assert scan.states() == ["ok", "bad"]
    [problem] = scan.problems()
    for part in named:
        assert part in problem


def test_a_fact_the_page_leaves_out_is_named(scan: Scan) -> None:
    """A page that claims the record says nothing there is red when it says something."""
    noted = [*events()[:2], entry(2, {"event": {"action": "ADD", "weight": 12, "note": "bruised"}})]
    scan.site.put_json("/proof", bundle(noted, KEY, shown=[1, 2]))
    scan.open("bad")
    [problem] = scan.problems()
    assert "Note" in problem
    assert "bruised" in problem


def test_a_step_without_a_proof_is_red(scan: Scan) -> None:
    """A step the bundle does not hold is not believed."""
    scan.steps.append(shown(3))
    scan.open("bad")
    assert scan.states() == ["ok", "ok", "bad"]


def test_a_false_record_that_the_page_does_not_show_is_red_too(scan: Scan) -> None:
    """A bundle with any false record is not believed as a whole."""
    scan.steps.pop()
    scan.spoil(1, salt=b64(bytes(32)))
    scan.open("bad")
    assert scan.states() == ["ok"]
    assert scan.problems() == [CATALOGUE.translate("en", "verify.problem.payload")]


def test_another_key_turns_every_step_red(scan: Scan) -> None:
    """A log that is consistent in itself but signed by another key proves nothing."""
    scan.site.put_json("/proof", bundle(events(), Key(), shown=[1, 2]))
    scan.open("bad")
    assert scan.states() == ["bad", "bad"]
    assert scan.problems() == [CATALOGUE.translate("en", "verify.problem.key")]


def test_an_erased_record_that_still_shows_its_content_is_in_doubt(scan: Scan) -> None:
    """Facts of an erased payload cannot be checked: neither right nor wrong."""
    scan.spoil(1, payload=None, salt=None)
    scan.open("cannot")
    assert scan.states() == ["ok", "cannot"]


def test_an_unreachable_server_is_amber_and_can_be_tried_again(scan: Scan) -> None:
    """Without the proof nothing is claimed; the button checks again."""
    scan.page.route("**/proof", lambda route: route.abort())
    scan.open("cannot")
    assert scan.states() == ["cannot", "cannot"]
    assert scan.problems() == [CATALOGUE.translate("en", "verify.problem.offline")]
    scan.page.unroute("**/proof")
    scan.banner.locator("[data-retry]").click()
    expect(scan.banner).to_have_attribute("data-verdict", "ok")
    assert scan.states() == ["ok", "ok"]
    assert scan.banner.locator("[data-retry]").is_hidden()


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_server_error_is_amber_and_names_the_status(scan: Scan, status: int) -> None:
    """The server's failure says nothing about the records."""
    scan.site.put_json("/proof", {"error": {"code": "other"}}, status)
    scan.open("cannot")
    assert str(status) in scan.problems()[0]


def test_an_answer_that_is_no_bundle_is_red(scan: Scan) -> None:
    """A proof that cannot be read is refused, not excused."""
    scan.site.put("/proof", Answer("<html>", "application/json"))
    scan.open("bad")


def test_a_record_not_yet_in_the_log_is_waited_for(scan: Scan) -> None:
    """Right after a capture the integrator has not placed the record; the page asks again."""
    waiting = Answer('{"error":{"code":"ledger.pending"}}', "application/json", 503)
    [good] = scan.site.answers["/proof"]
    scan.site.put("/proof", waiting, good)
    scan.open("ok")


def test_a_libraries_failure_is_amber(scan: Scan) -> None:
    """Where the cryptography does not load, nothing is claimed."""
    scan.page.route("**/vendor/noble-*/**", lambda route: route.abort())
    scan.open("cannot", query="?crypto=noble")
    assert scan.states() == ["cannot", "cannot"]


@pytest.mark.parametrize(
    ("recorded", "shown_word", "verdict"),
    [
        ("urn:epcglobal:cbv:bizstep:shipping", "shipping", "ok"),
        ("https://ref.gs1.org/cbv/BizStep-shipping", "shipping", "ok"),
        ("shipping", "shipping", "ok"),
        ("https://other.example/shipping", "https://other.example/shipping", "ok"),
        ("https://other.example/shipping", "shipping", "bad"),
        ("urn:epcglobal:cbv:bizstep:shipping", "ship", "bad"),
    ],
)
def test_standard_words_and_instants_are_compared_by_meaning(
    scan: Scan, recorded: str, shown_word: str, verdict: str
) -> None:
    """A CBV word may be a URI, and an instant another notation; nothing else is the same."""
    event = {"event": {"step": recorded, "time": "2025-10-01T08:00:00.000+08:00"}}
    scan.site.put_json("/proof", bundle([entry(0, event)], KEY))
    scan.steps = []
    scan.group = [shown(0, action=shown_word, time="2025-10-01T00:00:00+00:00")]
    scan.open(verdict)
    assert scan.page.locator("#group").get_attribute("data-state") == verdict


def test_a_group_is_as_its_worst_record_and_unfolds_it(scan: Scan) -> None:
    """A fault inside a folded group is seen without opening it."""
    event = {"event": {"step": "shipping", "time": "2025-10-01T08:00:00Z"}}
    scan.site.put_json("/proof", bundle([entry(i, event) for i in range(3)], KEY))
    scan.steps = []
    scan.group = [shown(i, action="shipping", time="2025-10-01T08:00:00Z") for i in range(3)]
    scan.group[1] = shown(1, action="shipping", time="2025-10-01T08:00:01Z")
    scan.open("bad")
    assert scan.page.locator("#group").get_attribute("data-state") == "bad"
    assert scan.page.locator("#group details").get_attribute("open") is not None
    [problem] = scan.problems()
    assert problem.startswith("Group: ")


def test_words_of_a_record_are_shown_as_text_never_as_markup(scan: Scan) -> None:
    """Content that looks like HTML is quoted in the problems, not run."""
    attack = "<img src=x onerror=alert(1)>"
    scan.steps[0] = shown(1, action=attack)
    scan.open("bad")
    assert attack in scan.problems()[0]
    assert scan.page.locator("img").count() == 0


def test_without_scripts_the_page_claims_nothing(scan: Scan) -> None:
    """Before any script has run, the banner says that nothing was checked."""
    scan.page.route("**/static/scan.js", lambda route: route.abort())
    scan.open("waiting")
    assert CATALOGUE.translate("en", "verify.waiting") in scan.banner.inner_text()
    assert scan.states() == [None, None]
