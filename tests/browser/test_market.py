"""A villager bids from a phone: the bid is sealed there, and revealed after the deadline."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from tests.browser.rooms import enter_as, with_samples
from tests.house import Served, serving

from longmai.allocate.sealing import opens
from longmai.domains.assets.market.queries import Listing, listing_of
from longmai.domains.assets.market.tables import LISTING
from longmai.kernel.clock import Clock

pytestmark = pytest.mark.browser


@dataclass
class Moved:
    """A clock that can be set ahead."""

    real: Clock
    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Return the instant it shows."""
        return self.real.now() + self.ahead


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application with the sample village, and a clock of its own."""
    with serving(tmp_path_factory.mktemp("market")) as running:
        with_samples(running.house)
        clock = Moved(running.house.clock)
        object.__setattr__(running.house, "clock", clock)
        yield running


def phone(chromium: Browser, served: Served, role: str) -> Page:
    """Return a phone on which somebody is signed in."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    enter_as(context, served, role)
    return context.new_page()


def sealed_offer(served: Served) -> Listing:
    """Return the sample's auction at the second price."""
    with served.house.store.read() as connection:
        own = connection.scalar(select(LISTING.c.listing_id).where(LISTING.c.method == "second"))
        assert own is not None
        return listing_of(connection, own)


def entered(villager: Page, clerk: Page, served: Served) -> str:
    """Register the villager and take the deposit; return the address of the listing."""
    villager.goto(f"{served.address}/assets/market")
    villager.get_by_role("link", name=sealed_offer(served).row.title).click()
    address = villager.url
    villager.get_by_label("联系电话").fill("示例电话")
    villager.get_by_label("您（或者法定代表人、股东）").select_option("no")
    villager.get_by_label("我承诺没有失信记录").check()
    villager.get_by_role("button", name="核对资格并报名").click()
    expect(villager.get_by_text("还没有到账")).to_be_visible()
    clerk.goto(f"{address}/desk")
    clerk.get_by_label("收据号").fill("收据 7")
    clerk.get_by_role("button", name="记下保证金").click()
    expect(clerk.get_by_text("保证金 已收")).to_be_visible()
    villager.goto(address)
    return address


def sealed_on(villager: Page, listing: Listing, slip: Path) -> tuple[dict[str, Any], str]:
    """Seal a bid on the phone; return its slip, and all that the phone sent."""
    villager.get_by_label("报价（元）").fill("31,500.50")
    sent: list[str] = []
    villager.on("request", lambda request: sent.append(request.post_data or ""))
    with villager.expect_download() as downloaded:
        villager.get_by_role("button", name="封好并交上").click()
    expect(villager.get_by_text("已交封条").first).to_be_visible()
    assert villager.evaluate("document.documentElement.scrollWidth <= innerWidth")
    downloaded.value.save_as(slip)
    assert not listing.bidders
    return json.loads(slip.read_text()), " ".join(sent)


def opened_by(clerk: Page, address: str) -> None:
    """Open the bids at the desk."""
    clerk.goto(f"{address}/desk")
    clerk.get_by_label("监督人").fill("示例监事")
    clerk.get_by_label("地点").fill("村部")
    clerk.get_by_role("button", name="开标").click()
    expect(clerk.get_by_text("28,000.00 元/年").first).to_be_visible()
    expect(clerk.get_by_text("1 号").first).to_be_visible()


def test_a_villager_seals_and_reveals(chromium: Browser, served: Served, tmp_path: Path) -> None:
    """Register, pay, seal on the phone, reveal; the clerk opens; nobody could read it before."""
    villager, clerk = (phone(chromium, served, r) for r in ("citizen", "village_accountant"))
    before = sealed_offer(served)
    address = entered(villager, clerk, served)
    slip, posted = sealed_on(villager, before, tmp_path / "slip.json")
    listing = sealed_offer(served)
    [bidder] = listing.bidders
    seal = listing.seal_of(bidder.bidder_id)
    assert seal is not None
    assert slip["amount_fen"] == 3_150_050
    # The phone and the engine compute the same seal; neither amount nor salt was sent.
    lot, own = str(listing.listing_id), str(bidder.bidder_id)
    assert opens(seal.seal, lot, own, slip["amount_fen"], slip["salt"])
    assert seal.seal in posted
    assert not any(text in posted for text in (slip["salt"], "3150050", "31500", "31%2C500"))

    clock = served.house.clock
    assert isinstance(clock, Moved)
    clock.ahead = listing.row.closes_at + timedelta(minutes=1) - clock.real.now()
    enter_as(villager.context, served, "citizen")
    enter_as(clerk.context, served, "village_accountant")
    villager.goto(address)
    expect(villager.get_by_label("报价（元）")).to_have_value("31500.50")
    villager.get_by_label("盐").fill("")
    villager.get_by_label("选封条文件").set_input_files(tmp_path / "slip.json")
    expect(villager.get_by_label("盐")).to_have_value(slip["salt"])
    villager.get_by_role("button", name="揭示").click()
    expect(villager.get_by_text("已揭示，等开标")).to_be_visible()

    opened_by(clerk, address)
    villager.goto(address)
    expect(villager.get_by_text("成交价 28,000.00 元/年")).to_be_visible()
    villager.get_by_text("提异议").click()
    with villager.expect_response(lambda answer: "minutes.pdf" in answer.url) as answered:
        villager.evaluate("fetch(location.pathname + '/minutes.pdf')")
    assert answered.value.headers["content-type"] == "application/pdf"
    for page in (villager, clerk):
        page.context.close()
