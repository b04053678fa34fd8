"""民生 in Chromium: a work list cleared, three minutes on a phone, a second person."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.domains.livelihood.casework.world import World, world
from tests.house import Served, served_house

from longmai.domains.livelihood.payments.service import Desk, NewAccount, give_accounts
from longmai.portal.accounts.queries import account
from longmai.portal.accounts.sessions import Caller, enter
from longmai.portal.accounts.visiting import cookie_name
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def made(tmp_path: Path, static_files: None) -> Iterator[tuple[World, Served]]:  # noqa: ARG001 - only needs them to be there
    """A house with leads, served."""
    with world(tmp_path) as opened, served_house(opened.house) as running:
        yield opened, running


def as_visitor(chromium: Browser, served: Served, who: Visitor, width: int = 1280) -> Page:
    """Return a page of a browser that somebody is signed in with."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
    house = served.house
    with house.store.read() as connection:
        found = account(connection, UUID(str(who.account_id)), EVERYWHERE)
    entered = enter(house.store, found, Caller("127.0.0.1", "Chromium"), strong=True)
    cookie = {"name": cookie_name(house.settings), "value": entered.secret.text}
    context.add_cookies([cookie | {"url": served.address}])  # type: ignore[list-item] # its keys
    return context.new_page()


def open_deed(page: Page, name: str) -> None:
    """Open the form of an act."""
    page.locator("details.deed > summary", has_text=name).first.click()


def test_a_township_worker_clears_a_work_list(
    chromium: Browser, made: tuple[World, Served]
) -> None:
    """Everybody is told; who loses is heard first, and the letter is there."""
    opened, served = made
    page = as_visitor(chromium, served, opened.worker, 390)
    page.goto(f"{served.address}/livelihood/cases")
    expect(page.get_by_role("checkbox")).to_have_count(2)
    page.get_by_role("button", name="接手并告知本人").click()
    expect(page.get_by_text("办好了 2 件")).to_be_visible()
    expect(page.get_by_text("这一列没有要办的")).to_be_visible()
    page.get_by_role("link", name="办理中").click()
    page.get_by_role("link", name="陇甲一").click()
    open_deed(page, "确认享受")
    page.get_by_label("从哪个月起").fill("2026-09")
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.locator("h1")).to_contain_text("已确认")
    open_deed(page, "拟减发或停发")
    form = page.locator("details.deed[open]")
    form.get_by_label("理由").fill("十一月起不再符合")
    form.get_by_label("从哪个月起").fill("2026-11")
    form.get_by_role("button", name="提出").click()
    expect(page.locator("h1")).to_contain_text("待听取意见")
    # Before the hearing the page does not even offer the decision.
    expect(page.locator("summary", has_text="决定减发或停发")).to_have_count(0)
    open_deed(page, "听取意见")
    page.get_by_label("本人怎么说").fill("没有意见，知道了")
    page.locator("details.deed[open]").get_by_role("button", name="记下").click()
    open_deed(page, "决定减发或停发")
    page.locator("details.deed[open]").get_by_role("button", name="作出决定").click()
    expect(page.locator("h1")).to_contain_text("已停发")
    letter = page.get_by_role("link", name="书面文书").first.get_attribute("href")
    answer = page.request.get(f"{served.address}{letter}")
    assert answer.body().startswith(b"%PDF")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_a_citizen_has_an_answer_in_three_minutes_on_a_phone(
    chromium: Browser, made: tuple[World, Served]
) -> None:
    """Without an account and without scripts; a grandmother and a child."""
    _, served = made
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{served.address}/livelihood/ask")
    page.locator(".choice", has_text="2").first.click()
    page.get_by_role("button", name="开始").click()
    births = page.locator(".ask-entry input")
    births.nth(0).fill("19480229")
    births.nth(1).fill("2024年5月5日")
    page.get_by_label("第 2 人的称呼").fill("小宝")
    page.get_by_role("button", name="下一题").last.click()
    put = 1
    while (title := page.locator("h1.ask-title")).count():
        put += 1
        text = title.inner_text()
        if any(word in text for word in ("中国国籍", "户籍地申领", "户口在本地")):
            for choice in page.locator(".choice", has_text="是").all():
                choice.click()
            page.get_by_role("button", name="下一题").last.click()
        elif "失能" in text:
            page.locator("select").first.select_option("中度失能")
            page.get_by_role("button", name="下一题").last.click()
        elif page.get_by_role("button", name="都不是").count():
            page.get_by_role("button", name="都不是").click()
        else:
            page.get_by_role("button", name="跳过这一题").click()
    assert put < 22
    good = page.locator(".answers-eligible")
    expect(good.get_by_role("link", name="育儿补贴")).to_be_visible()
    expect(good.locator(".answer-who", has_text="小宝").first).to_be_visible()
    expect(good.get_by_text("到孩子户籍地申请")).to_be_visible()
    assert page.url == f"{served.address}/livelihood/ask"
    with page.expect_download() as coming:
        page.get_by_role("button", name="存成文件").click()
    assert Path(coming.value.path()).read_bytes().startswith(b"%PDF")
    context.close()


def test_a_second_person_approves_a_batch(chromium: Browser, made: tuple[World, Served]) -> None:
    """Who made it is not offered the approval; the other one is, and finds it on their desk."""
    opened, served = made
    for person in ("p1", "p2"):
        opened.confirmed(person, start="2026-01")
    with opened.house.store.begin() as work:
        desk = Desk(work, opened.worker, opened.house.clock.now())
        given = NewAccount("p1", "陇甲一", "6200000012345678", "某村信用社", "620102001001")
        give_accounts(desk, [given])
    mine = as_visitor(chromium, served, opened.worker)
    mine.goto(f"{served.address}/livelihood/pay")
    mine.get_by_label("政策").select_option(label="村里的补助 · 按月")
    mine.get_by_role("button", name="看看有多少").click()
    expect(mine.get_by_text("1 笔，100.01 元")).to_be_visible()
    expect(mine.get_by_text("1 人没有账号")).to_be_visible()
    mine.get_by_role("button", name="做成批次").click()
    expect(mine.get_by_text("做批次的人自己不能通过")).to_be_visible()
    expect(mine.get_by_role("button", name="复核通过")).to_have_count(0)
    other = as_visitor(chromium, served, opened.leader)
    other.goto(f"{served.address}/work")
    other.get_by_role("link", name="发放：复核批次").click()
    other.get_by_role("button", name="复核通过").click()
    expect(other.locator("h1")).to_contain_text("已通过")
    mine.reload()
    mine.get_by_role("button", name="生成银行文件").click()
    with mine.expect_download() as coming:
        mine.get_by_role("link", name="下载文件").click()
    text = Path(coming.value.path()).read_bytes().decode("gbk")
    assert "100.01" in text
    assert "合计|1|100.01" in text
    for page in (mine, other):
        page.context.close()
