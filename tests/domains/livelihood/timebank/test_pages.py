"""Pages and API of the time bank: who sees what, what a form refuses, files, the sample."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.domains.livelihood.timebank.town import SAMPLES
from tests.house import opened_house
from tests.visitor import TestClient, account_with, holder, signed_in, token_for, visitor

from longmai.domains.livelihood.timebank.books import banks, faults, memberships
from longmai.domains.livelihood.timebank.desk import KEEP, Desk
from longmai.domains.livelihood.timebank.founding import NewBank, open_bank
from longmai.domains.livelihood.timebank.members import NewMember, join
from longmai.domains.livelihood.timebank.model.rules import rules_in
from longmai.domains.livelihood.timebank.model.sign import write_code
from longmai.domains.livelihood.timebank.sample.season import load_sample
from longmai.domains.livelihood.timebank.signing import new_code, sign_key
from longmai.domains.livelihood.timebank.tables import ENTRY, MEMBER, SERVICE
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House
from longmai.store.rebuild import rebuild

HOME = "/livelihood/hours"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with the sample of the time bank alone."""
    with opened_house(tmp_path_factory.mktemp("house")) as house:
        load_sample(house, lambda _said: None)
        house.integrate()
        yield house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with one empty bank."""
    with opened_house(tmp_path) as opened:
        with opened.store.begin() as work:
            desk = Desk(work, operator(opened), opened.clock.now())
            wish = NewBank("测试银行", opened.regions.code, rules_in(SAMPLES, "east"))
            open_bank(desk, wish)
        yield opened


def bank_of(house: House, place: int = 0) -> UUID:
    """Return one of the house's banks."""
    with house.store.read() as connection:
        return banks(connection)[place].id


def test_the_sample_s_books_are_right(shown: House) -> None:
    """Two banks, even, in agreement; loading again adds nothing; rebuilding gives the same."""
    load_sample(shown, lambda _said: None)
    with shown.store.read() as connection:
        assert len(banks(connection)) == 2
        assert list(faults(connection)) == []
        names = connection.scalars(select(MEMBER.c.name)).all()
    assert all(name.startswith("样例") for name in names)
    assert list(rebuild(shown.store)) == []


def test_what_everybody_sees_names_nobody(shown: House) -> None:
    """Figures, rules and needs are open; a member's name stands on none of these pages."""
    client, bank = visitor(shown), bank_of(shown)
    for path in (
        "",
        f"/banks/{bank}",
        f"/banks/{bank}/rules",
        "/notices",
        "/notices?item=chat&day=2026-12-07",
    ):
        page = client.get(HOME + path)
        assert page.status_code == 200
        assert "样例" not in page.text.replace("示例", "")
    assert "认不出来" in client.get(f"{HOME}/notices?region=nowhere").text
    told = client.get("/api/v1/livelihood/hours/banks").json()
    assert {each["difference"] for each in told} == {0}
    assert client.get(f"/api/v1/livelihood/hours/banks/{bank}/rules").json()["status"] == "sample"


@pytest.mark.parametrize(
    "path",
    [
        "/mine",
        "/banks/{bank}/desk",
        "/banks/{bank}/members",
        "/banks/{bank}/entries",
        "/clearing",
        "/reports",
    ],
)
def test_the_rest_asks_who_comes(shown: House, path: str) -> None:
    """Nobody is led to the sign-in."""
    address = HOME + path.format(bank=bank_of(shown))
    answer = visitor(shown, Accept="text/html").get(address, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")


def test_the_coordinator_s_pages(shown: House) -> None:
    """Each shows its things; lists come as files; the report has its months."""
    client, bank = holder(shown, "official"), bank_of(shown)
    for path, text in (
        ("desk", "样例"), ("members?q=ylg", "样例庚07"), ("entries?deed=reversal", "重复登记"),
        ("entries.csv", "served"), ("members.xlsx", ""),
    ):  # fmt: skip
        page = client.get(f"{HOME}/banks/{bank}/{path}")
        assert page.status_code == 200, path
        assert path.endswith((".csv", ".xlsx")) or text in page.text, path
    assert (
        "互不相欠" in client.get(f"{HOME}/clearing").text
        or "付给" in client.get(f"{HOME}/clearing").text
    )
    assert re.search(r"20\d\d-\d\d", client.get(f"{HOME}/reports").text)
    assert client.get(f"{HOME}/reports?since=x").status_code == 200
    assert client.get(f"{HOME}/reports.csv").status_code == 200
    with shown.store.read() as connection:
        member = connection.scalar(select(MEMBER.c.id).where(MEMBER.c.bank_id == bank))
    assert client.get(f"{HOME}/members/{member}").status_code == 200
    assert client.get(f"{HOME}/members/{member}/statement.csv").status_code == 200


def test_settling_by_the_button(shown: House) -> None:
    """An official of the whole region settles; a village's coordinator cannot."""
    below = shown.regions.children(shown.regions.code)[0].code
    clerk = holder(shown, "village_accountant", below, login="clerk")
    assert clerk.post(f"{HOME}/clearing/settle").status_code == 403
    official = holder(shown, "official", login="settler")
    assert official.post(f"{HOME}/clearing/settle", follow_redirects=False).status_code in {
        303,
        409,
    }
    with shown.store.read() as connection:
        assert list(faults(connection)) == []


def person(house: House, bank: UUID, login: str, year: int = 1950) -> tuple[TestClient, UUID]:
    """Let somebody with an account join; return their browser and the member."""
    who = account_with(house, login=login)
    with house.store.begin() as work:
        desk = Desk(work, operator(house), house.clock.now())
        wish = NewMember(
            login, house.regions.code, born=date(year, 1, 1), account_id=who.id,
            traits=[("低保", "低保证")],
        )  # fmt: skip
        member = join(desk, bank, wish)
    return signed_in(house, who), member


def test_from_joining_to_a_certificate(house: House) -> None:
    """The coordinator takes in and agrees; two phones sign; the helper has an account, a PDF."""
    bank = bank_of(house)
    keeper = holder(house, "official", login="keeper")
    bad = keeper.post(
        f"{HOME}/banks/{bank}/members", data={"name": "张三", "region": house.regions.code}
    )
    assert (bad.status_code, "出生日期不对" in bad.text, 'value="张三"' in bad.text) == (
        422,
        True,
        True,
    )
    (one, anna), (two, old) = person(house, bank, "anna", 1990), person(house, bank, "old")
    form = {
        "helper": str(anna),
        "recipient": str(old),
        "item": "chat",
        "planned_at": "2026-12-01T09:00",
        "planned": "60",
    }
    assert (
        keeper.post(f"{HOME}/banks/{bank}/services", data=form | {"planned": "x"}).status_code
        == 422
    )
    assert "约好了" in keeper.post(f"{HOME}/banks/{bank}/services", data=form).text
    with house.store.read() as connection:
        service = connection.scalar(select(SERVICE.c.id))
    assert service is not None
    for shower, signer, member, said in (
        (one, two, anna, "签到好了"), (two, one, old, "签退好了"),
    ):  # fmt: skip
        page = shower.get(f"{HOME}/services/{service}")
        assert "<svg" in page.text
        code = code_of(house, service, member)
        assert "帮忙的人" in signer.get(f"{HOME}/sign/{code}").text
        assert "另一方" in shower.post(f"{HOME}/sign/{code}").text
        assert said in signer.post(f"{HOME}/sign/{code}").text
    assert "办完" in one.get(f"{HOME}/services/{service}").text
    assert "服务" in one.get(f"{HOME}/mine").text
    form = {"since": "2020-01-01", "until": "2030-01-01"}
    page = one.post(f"{HOME}/members/{anna}/certificates", data=form)
    [address] = set(re.findall(rf"{HOME}/certificates/[0-9a-f-]+\.pdf", page.text))
    assert one.get(address).content.startswith(b"%PDF")
    assert two.get(address).status_code == 403
    record = address.rsplit("/", 1)[1].removesuffix(".pdf")
    house.integrate()
    assert "anna" in one.get(f"/ledger/records/{record}").text
    assert '"anna"' not in two.get(f"/ledger/records/{record}").text


def code_of(house: House, service: UUID, member: UUID) -> str:
    """Return the code that a member's phone shows."""
    with house.store.begin() as work:
        desk = Desk(work, operator(house), house.clock.now())
        return write_code(new_code(desk, service, member), sign_key(house.settings.data))


def test_needs_offers_gifts_and_what_is_refused(house: House) -> None:
    """Forms come back with what was typed and what was wrong."""
    bank = bank_of(house)
    one, anna = person(house, bank, "anna")
    two, _ = person(house, bank, "old")
    form = {
        "kind": "need",
        "item": "chat",
        "weekdays": ["1", "3"],
        "starts": "09:00",
        "ends": "08:00",
        "text": "爱下棋",
    }
    bad = one.post(f"{HOME}/members/{anna}/notices", data=form)
    assert (bad.status_code, "爱下棋" in bad.text) == (422, True)
    assert (
        one.post(f"{HOME}/members/{anna}/notices", data=form | {"ends": "10:00"}).status_code == 200
    )
    assert "爱下棋" in visitor(house).get(f"{HOME}/notices?kind=need").text
    assert (
        "可用的时间不够" in one.post(f"{HOME}/members/{anna}/donate", data={"minutes": "10"}).text
    )
    assert two.post(f"{HOME}/members/{anna}/donate", data={"minutes": "10"}).status_code == 403
    page = one.get(f"{HOME}/mine").text
    [down] = re.findall(rf"{HOME}/members/{anna}/notices/[0-9a-f-]+/down", page)
    assert one.post(down).status_code == 200
    assert "爱下棋" not in visitor(house).get(f"{HOME}/notices").text


def test_opening_a_bank_with_a_file(house: House) -> None:
    """A style alone is refused rule by rule; with all declared the bank opens."""
    client = holder(house, "official")
    data = {"name": "新银行", "region": house.regions.code}
    file = {"file": ("rules.yaml", b"extends: nanjing-style\n", "text/yaml")}
    bad = client.post(f"{HOME}/new", data=data, files=file)
    assert (bad.status_code, "规则没有写全" in bad.text) == (422, True)
    whole = (
        (SAMPLES / "east.yaml")
        .read_text("utf-8")
        .replace("[nanjing-style, items]", "nanjing-style")
    )
    items = (SAMPLES / "items.yaml").read_text("utf-8")
    text = whole.replace("status: sample\n", "", 1) + items[items.index("sources:") :]
    good = client.post(
        f"{HOME}/new", data=data, files={"file": ("rules.yaml", text.encode(), "text/yaml")}
    )
    assert (good.status_code, "新银行" in good.text) == (200, True)


def test_the_api_serves_a_program_with_the_right(house: House) -> None:
    """A service by hand, its reversal, the account and the report, as JSON."""
    bank = bank_of(house)
    (_, anna), (_, old) = person(house, bank, "anna", 1990), person(house, bank, "old")
    api, head = visitor(house), {"Authorization": f"Bearer {token_for(house, KEEP, 'official')}"}
    base = "/api/v1/livelihood/hours"
    wish = {
        "helper": str(anna),
        "recipient": str(old),
        "item": "chat",
        "planned_at": "2026-12-01T09:00:00+08:00",
        "planned_minutes": 60,
    }
    service = api.post(f"{base}/services", json=wish, headers=head).json()["id"]
    for end, at in (("in", "2026-01-02T09:00:00+08:00"), ("out", "2026-01-02T09:50:00+08:00")):
        told = api.post(
            f"{base}/services/{service}/signed",
            json={"end": end, "moment": at, "reason": "x"},
            headers=head,
        )
        assert told.status_code == 201, told.text
    state = api.get(f"{base}/members/{anna}", headers=head).json()
    assert (state["balance"], state["lines"][0]["deed"]) == (50, "service")
    entry = told.json()["entry_id"]
    assert (
        api.post(f"{base}/entries/{entry}/reversal", json={"reason": "x"}, headers=head).status_code
        == 201
    )
    again = api.post(f"{base}/entries/{entry}/reversal", json={"reason": "x"}, headers=head)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "hours.taken_back")
    given = api.post(f"{base}/members/{anna}/gifts", json={"minutes": 1}, headers=head)
    assert given.json()["error"]["code"] == "hours.member_short"
    assert api.get(f"{base}/members/{anna}").status_code == 401
    with house.store.read() as connection:
        assert len(connection.scalars(select(ENTRY.c.record_id)).all()) == 2
        assert memberships(connection, None) == []
