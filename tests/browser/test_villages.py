"""A village on its phones: the family's dividend, a vote, and the clerk who runs the meeting."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from tests.browser.rooms import enter_as, with_samples
from tests.house import Served, serving

from longmai.domains.assets.meetings.tables import MEETING

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """The whole application with the sample village."""
    with serving(tmp_path_factory.mktemp("villages")) as running:
        with_samples(running.house)
        yield running


def phone(chromium: Browser, served: Served, role: str) -> Page:
    """Return a phone on which somebody is signed in."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    enter_as(context, served, role)
    return context.new_page()


def open_meeting(served: Served) -> str:
    """Return the address of the sample's open meeting, which votes in secret."""
    query = select(MEETING.c.meeting_id).where(MEETING.c.secret.is_(True))
    with served.house.store.read() as connection:
        return f"{served.address}/assets/meetings/{connection.scalar(query)}"


def test_a_villager_checks_the_familys_dividend(chromium: Browser, served: Served) -> None:
    """The amount, how it came about, and the certificate: verified by the phone itself."""
    page = phone(chromium, served, "citizen")
    page.goto(f"{served.address}/assets/dividends")
    page.get_by_role("link", name="我家的分红").click()
    page.locator("a.card").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("01 号户")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "ok")
    expect(page.locator("[data-record][data-state='ok']")).to_have_count(1)
    expect(page.get_by_text("按劳取酬").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    others = page.url.rsplit("/", 1)[0] + "/0197a000-0000-7000-8000-000000000000"
    page.goto(others)
    expect(page.get_by_text("这是别家的分红单")).to_be_visible()
    page.context.close()


def test_a_villager_votes_and_the_clerk_closes(chromium: Browser, served: Served) -> None:
    """A secret vote on a phone; the clerk lets people in, counts the paper box and closes."""
    meeting = open_meeting(served)
    villager = phone(chromium, served, "citizen")
    villager.goto(f"{served.address}/work")
    expect(villager.get_by_text("冷库扩建").first).to_be_visible()
    villager.get_by_role("link", name="投票", exact=True).click()
    villager.get_by_label("同意").check()
    villager.get_by_role("button", name="投出").click()
    receipt = villager.locator("code.secret").inner_text()
    villager.goto(f"{meeting}/vote")
    expect(villager.get_by_text("您已经参加了表决")).to_be_visible()

    clerk = phone(chromium, served, "village_accountant")
    clerk.goto(f"{meeting}/desk")
    expect(clerk.locator("#quorum")).to_contain_text(re.compile(r"1 / \d\d 人"))
    expect(clerk.get_by_text("未达到").first).to_be_visible()
    for number in range(2, 5):
        clerk.locator("ul.electors").get_by_role("button", name="到会").first.click()
        expect(clerk.locator("#quorum")).to_contain_text(f"{number} / ")
    clerk.get_by_label("同意", exact=True).fill("9")
    for name in ("反对", "弃权", "废票"):
        clerk.get_by_label(name, exact=True).fill("0")
    clerk.get_by_role("button", name="记下清点结果").click()
    expect(clerk.get_by_role("alert")).to_contain_text("9 + 0 + 0 + 0 = 9 > 3")
    clerk.get_by_label("同意", exact=True).fill("3")
    for name in ("反对", "弃权", "废票"):
        clerk.get_by_label(name, exact=True).fill("0")
    clerk.get_by_role("button", name="记下清点结果").click()
    for name in ("主持人", "记录人", "计票人、监票人"):
        clerk.get_by_label(name).fill("示例")
    clerk.get_by_role("button", name="结束表决并计票").click()
    expect(clerk.get_by_text("未通过").first).to_be_visible()
    needed = re.compile(r"应不低于 全体成员（\d\d 人）的 2/3")
    expect(clerk.get_by_text(needed).first).to_be_visible()

    villager.goto(meeting)
    villager.get_by_text("无记名线上选票 1 张").click()
    expect(villager.get_by_text(receipt)).to_be_visible()
    with villager.expect_response(re.compile("minutes.pdf")) as answered:
        villager.evaluate("fetch(location.pathname + '/minutes.pdf')")
    assert answered.value.headers["content-type"] == "application/pdf"
    for page in (villager, clerk):
        page.context.close()


def test_the_law_refuses_in_words(chromium: Browser, served: Served) -> None:
    """Public works before the members' assembly: the other law, by its name."""
    clerk = phone(chromium, served, "village_accountant")
    clerk.goto(f"{served.address}/assets/meetings/new")
    clerk.get_by_label("由谁决定").select_option("collective_assembly")
    clerk.get_by_label("会议名称").fill("修路")
    clerk.get_by_label("开会日期").fill("2040-01-01")
    clerk.get_by_label("地点").fill("村部")
    clerk.get_by_label("事项").first.select_option("village_works")
    clerk.get_by_label("议题名称").first.fill("修村道")
    clerk.get_by_role("button", name="发出通知").click()
    expect(clerk.get_by_role("alert")).to_contain_text("村民委员会组织法")
    expect(clerk.get_by_label("会议名称")).to_have_value("修路")
    clerk.context.close()
