"""Two phones sign in and out by each other's codes, and the helper sees the account."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import zxingcpp
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from tests.domains.livelihood.timebank.town import SAMPLES
from tests.house import Served, opened_house, served_house
from tests.pictures import grey_of
from tests.visitor import account_with

from longmai.domains.livelihood.timebank.agreeing import Agreement, agree
from longmai.domains.livelihood.timebank.desk import Desk
from longmai.domains.livelihood.timebank.founding import NewBank, open_bank
from longmai.domains.livelihood.timebank.members import NewMember, join
from longmai.domains.livelihood.timebank.model.rules import rules_in
from longmai.domains.livelihood.timebank.tables import PRESENCE
from longmai.portal.accounts.queries import Account
from longmai.portal.accounts.sessions import Caller, enter
from longmai.portal.accounts.visiting import cookie_name, operator

pytestmark = pytest.mark.browser

HOME = "/livelihood/hours"


@pytest.fixture
def served(tmp_path: Path, static_files: None) -> Iterator[Served]:  # noqa: ARG001 - only needs them to be there
    """A house with one bank."""
    with opened_house(tmp_path) as house, served_house(house) as running:
        yield running


def agreed(served: Served, *people: Account) -> UUID:
    """Open a bank, let two people join, and agree on a service of theirs."""
    house = served.house
    with house.store.begin() as work:
        desk = Desk(work, operator(house), house.clock.now())
        region = house.regions.code
        bank = open_bank(desk, NewBank("测试银行", region, rules_in(SAMPLES, "east")))
        helper, recipient = (
            join(
                desk, bank,
                NewMember(each.name, region, born=date(1950, 1, 1), account_id=each.id,
                          traits=[("低保", "低保证")]),
            )
            for each in people
        )  # fmt: skip
        return agree(desk, Agreement(helper, recipient, "hair", desk.now, 60))


def phone(chromium: Browser, served: Served, who: Account) -> Page:
    """Return a phone on which somebody is signed in."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    entered = enter(served.house.store, who, Caller("127.0.0.1", "Chromium"))
    name = cookie_name(served.house.settings)
    cookie = {"name": name, "value": entered.secret.text, "url": served.address}
    context.add_cookies([cookie])  # type: ignore[list-item] # its keys
    return context.new_page()


def scanned(page: Page, served: Served) -> str:
    """Return the address in the code on a phone's screen, as another phone's camera reads it."""
    [found] = zxingcpp.read_barcodes(grey_of(page.locator("figure.qr").screenshot()))
    return served.address + found.text[found.text.index(HOME) :]


def half_an_hour_later(served: Served) -> None:
    """Let the service have begun earlier: the test does not wait for it."""
    house = served.house
    with house.store.begin() as work:
        began = house.clock.now() - timedelta(minutes=30)
        work.connection.execute(update(PRESENCE).values(moment=began))


def test_two_phones_sign_in_and_out(chromium: Browser, served: Served) -> None:
    """Either shows, either scans; the phone that showed the code notices by itself."""
    helper, elder = (account_with(served.house, login=each) for each in ("helper", "elder"))
    service = agreed(served, helper, elder)
    hers, his = phone(chromium, served, helper), phone(chromium, served, elder)
    hers.goto(f"{served.address}{HOME}/mine")
    hers.get_by_role("link", name="签到").click()
    his.goto(scanned(hers, served))
    his.get_by_role("button", name="签到").click()
    expect(his.get_by_role("heading", name="签到好了")).to_be_visible()
    expect(hers.locator("#code h2")).to_have_text("签退")
    half_an_hour_later(served)
    his.goto(f"{served.address}{HOME}/services/{service}")
    hers.goto(scanned(his, served))
    hers.get_by_role("button", name="签退").click()
    expect(hers.get_by_role("heading", name="签退好了")).to_be_visible()
    expect(his.get_by_text("这次服务已经办完了")).to_be_visible()
    hers.get_by_role("main").get_by_role("link", name="我的时间账户").click()
    expect(hers.locator("#statement tbody tr")).to_have_count(1)
    expect(hers.locator("#statement")).to_contain_text("上门理发")
    for page in (hers, his):
        page.context.close()
