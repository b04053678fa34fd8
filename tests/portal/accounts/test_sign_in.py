"""Signing in: password, second factor, lock-out, sessions, links; each guard by its failure."""

import re

import pyotp
import pytest
from tests.portal.accounts.conftest import PASSWORD, MovedClock, with_password
from tests.visitor import LOOPBACK, TestClient, account_with, signed_in, visitor

from longmai.portal.accounts.credentials import MAX_FAILURES, set_second_factor
from longmai.portal.accounts.first import first_link, new_link
from longmai.portal.accounts.queries import Account
from longmai.portal.accounts.sign_in_pages import safe_next
from longmai.portal.accounts.visiting import cookie_name
from longmai.portal.house import House
from longmai.portal.rights.model import Grant

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105 - of RFC 6238
HERE = {"Origin": f"http://{LOOPBACK}", "Accept": "text/html"}


def browser(house: House) -> TestClient:
    """Return a browser that nobody is signed in with."""
    return visitor(house, **HERE)


def sign_in(
    client: TestClient, login: str = "wang.li", password: str = PASSWORD, **more: str
) -> int:
    """Send the form; return the status."""
    form = {"login": login, "password": password} | more
    return int(client.post("/sign-in", data=form, follow_redirects=False).status_code)


def code(clock: MovedClock) -> str:
    """Return the code of the second factor now."""
    return pyotp.TOTP(SECRET).at(int(clock.instant.timestamp()))


@pytest.mark.usefixtures("person")
def test_the_right_password_opens_the_house(house: House) -> None:
    """Case and blanks around the login do not matter; the cookie is out of scripts' reach."""
    client = browser(house)
    answer = client.post(
        "/sign-in",
        data={"login": " Wang.Li ", "password": PASSWORD, "next": "/account?x=1"},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?x=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "wang.li" in client.get("/account").text


def test_cookies_are_secure_where_there_is_tls(house: House, person: Account) -> None:
    """With the prefix that browsers hold a site to."""
    secure = house.settings.model_copy(update={"public_url": "https://county.example"})
    object.__setattr__(house, "settings", secure)
    client = visitor(house, Origin="https://county.example")
    client.base_url = "https://127.0.0.1"
    form = {"login": person.login, "password": PASSWORD}
    cookie = client.post("/sign-in", data=form, follow_redirects=False).headers["set-cookie"]
    assert cookie.startswith("__Host-longmai=")
    assert "Secure" in cookie


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("login", "password"), [("wang.li", "wrong"), ("nobody", PASSWORD), ("", "")]
)
def test_what_is_wrong_is_not_told_apart(house: House, login: str, password: str) -> None:
    """The same words for a wrong password and for nobody."""
    answer = browser(house).post("/sign-in", data={"login": login, "password": password})
    assert answer.status_code == 422
    assert "用户名或密码不对" in answer.text
    assert cookie_name(house.settings) not in answer.headers.get("set-cookie", "")


@pytest.mark.usefixtures("person")
def test_who_guesses_is_locked_out_and_let_in_again(house: House, clock: MovedClock) -> None:
    """After five wrong tries the right password does not help, for a quarter of an hour."""
    client = browser(house)
    for _ in range(MAX_FAILURES):
        assert sign_in(client, password="wrong") == 422
    assert sign_in(client) == 422
    clock.move(minutes=14)
    assert sign_in(client) == 422
    clock.move(minutes=2)
    assert sign_in(client) == 303


@pytest.mark.usefixtures("person")
def test_a_right_password_forgets_the_wrong_ones(house: House) -> None:
    """Four wrong, one right, four wrong, one right."""
    client = browser(house)
    for _ in range(2):
        for _ in range(MAX_FAILURES - 1):
            assert sign_in(client, password="wrong") == 422
        assert sign_in(client) == 303


def test_the_second_factor_is_asked_for(house: House, person: Account, clock: MovedClock) -> None:
    """The password alone opens nothing; a code counts once; wrong codes lock."""
    with house.store.begin() as work:
        set_second_factor(work.connection, person.id, SECRET)
    client = browser(house)
    answer = client.post(
        "/sign-in", data={"login": "wang.li", "password": PASSWORD}, follow_redirects=False
    )
    assert answer.headers["location"].startswith("/sign-in/code")
    assert client.get("/account", follow_redirects=False).status_code == 303
    half = client.cookies[cookie_name(house.settings)]
    right = code(clock)
    assert client.post("/sign-in/code", data={"code": "000000"}).status_code == 422
    assert (
        client.post("/sign-in/code", data={"code": right}, follow_redirects=False).status_code
        == 303
    )
    assert client.get("/account").status_code == 200
    assert client.cookies[cookie_name(house.settings)] != half
    other = browser(house)
    sign_in(other)
    assert other.post("/sign-in/code", data={"code": right}).status_code == 422
    clock.move(seconds=60)
    for _ in range(MAX_FAILURES):
        other.post("/sign-in/code", data={"code": "000000"})
    assert other.post("/sign-in/code", data={"code": code(clock)}).status_code == 422


def test_a_session_known_before_does_not_count_after(house: House, person: Account) -> None:
    """Session fixation: a cookie planted in the browser is replaced, and was worth nothing."""
    client = browser(house)
    client.cookies.set(cookie_name(house.settings), "planted")
    assert sign_in(client, person.login) == 303
    planted = browser(house)
    planted.cookies.set(cookie_name(house.settings), "planted")
    assert planted.get("/account", follow_redirects=False).status_code == 303


def test_signing_in_again_ends_the_old_session(house: House, person: Account) -> None:
    """One browser, one session."""
    client = browser(house)
    sign_in(client, person.login)
    old = client.cookies[cookie_name(house.settings)]
    sign_in(client, person.login)
    stolen = browser(house)
    stolen.cookies.set(cookie_name(house.settings), old)
    assert stolen.get("/account", follow_redirects=False).status_code == 303


def test_signing_out_ends_the_session_itself(house: House, person: Account) -> None:
    """Not the cookie alone."""
    client = signed_in(house, person)
    kept = client.cookies[cookie_name(house.settings)]
    client.post("/sign-out")
    again = browser(house)
    again.cookies.set(cookie_name(house.settings), kept)
    assert again.get("/account", follow_redirects=False).status_code == 303


def test_sessions_end_by_themselves(house: House, person: Account, clock: MovedClock) -> None:
    """After an hour without a visit, and after twelve hours whatever happens."""
    idle, busy = signed_in(house, person), signed_in(house, person)
    for _ in range(14):
        clock.move(minutes=50)
        assert busy.get("/account").status_code == 200
    assert idle.get("/account", follow_redirects=False).status_code == 303
    clock.move(minutes=50)
    assert busy.get("/account", follow_redirects=False).status_code == 303


def test_a_session_is_ended_from_another(house: House, person: Account) -> None:
    """By its owner; of others it is not found."""
    lost, here = signed_in(house, person), signed_in(house, person)
    [address] = re.findall(r"/account/sessions/[0-9a-f]{64}/end", here.get("/account").text)
    stranger = signed_in(house, account_with(house, login="stranger"))
    assert stranger.post(address).status_code == 404
    assert lost.get("/account").status_code == 200
    assert here.post(address).status_code == 200
    assert lost.get("/account", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil.example",
        "",
        "///evil.example",
    ],
)
def test_nobody_is_sent_elsewhere(house: House, person: Account, address: str) -> None:
    """Open redirects: what does not lead into this house leads to the work list."""
    assert safe_next(address) == "/work"
    form = {"login": person.login, "password": PASSWORD, "next": address}
    answer = browser(house).post("/sign-in", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/work"


def test_the_first_administrator_comes_by_a_link(house: House) -> None:
    """The link works once, asks for a good password, and leads to the second factor."""
    link = first_link(house, "首任")
    assert link is not None
    assert first_link(house, "首任") is None
    path = link.removeprefix(house.settings.public_url)
    client = browser(house)
    assert "admin" in client.get(path).text
    weak = client.post(path, data={"password": "password123", "again": "password123"})
    assert (weak.status_code, "太容易被猜中" in weak.text) == (422, True)
    differing = client.post(path, data={"password": PASSWORD, "again": "other"})
    assert (differing.status_code, "不一样" in differing.text) == (422, True)
    taken = client.post(
        path, data={"password": PASSWORD, "again": PASSWORD}, follow_redirects=False
    )
    assert taken.status_code == 303
    assert "第二道验证" in client.get("/work").text
    assert client.get("/admin/accounts").status_code == 403
    assert client.get(path).status_code == 404
    assert client.post(path, data={"password": PASSWORD, "again": PASSWORD}).status_code == 404


def test_an_administrators_post_counts_with_a_second_factor(
    house: House, clock: MovedClock
) -> None:
    """Set up with its code and the password; after that the pages open."""
    admin = with_password(
        house,
        account_with(house, Grant("admin_system", house.regions.code, "operation"), login="a1b"),
    )
    client = signed_in(house, admin, strong=False)
    assert client.get("/admin/accounts").status_code == 403
    [secret] = re.findall(
        r'name="secret" value="([A-Z2-7]{32})"', client.get("/account/second-factor").text
    )
    right = pyotp.TOTP(secret).at(int(clock.instant.timestamp()))
    form = {"secret": secret, "code": right, "password": "wrong"}
    assert client.post("/account/second-factor", data=form).status_code == 422
    form["password"] = PASSWORD
    assert client.post("/account/second-factor", data=form | {"code": "1"}).status_code == 422
    assert client.post("/account/second-factor", data=form).status_code == 200
    assert client.get("/admin/accounts").status_code == 200


def test_a_recovery_link_ends_sessions_and_the_second_factor(house: House, person: Account) -> None:
    """Who lost phone and password gets in with the link alone; too old it is worth nothing."""
    with house.store.begin() as work:
        set_second_factor(work.connection, person.id, SECRET)
    client = signed_in(house, person)
    link = new_link(house, person.login)
    assert link is not None
    assert client.get("/account", follow_redirects=False).status_code == 303
    fresh = "moss seventeen tractor plum"
    path = link.removeprefix(house.settings.public_url)
    fresh_browser = browser(house)
    answer = fresh_browser.post(
        path, data={"password": fresh, "again": fresh}, follow_redirects=False
    )
    assert answer.headers["location"] == "/account"
    assert sign_in(browser(house)) == 422
    assert sign_in(browser(house), password=fresh) == 303


def test_an_old_link_is_worth_nothing(house: House, person: Account, clock: MovedClock) -> None:
    """After three days, and once there is a newer one."""
    first, second = new_link(house, person.login), new_link(house, person.login)
    assert first is not None
    assert second is not None
    client = browser(house)
    assert client.get(first.removeprefix(house.settings.public_url)).status_code == 404
    assert client.get(second.removeprefix(house.settings.public_url)).status_code == 200
    clock.move(hours=73)
    assert client.get(second.removeprefix(house.settings.public_url)).status_code == 404


def test_a_password_is_changed_by_who_knows_it(house: House, person: Account) -> None:
    """All other sessions end."""
    here, elsewhere = signed_in(house, person), signed_in(house, person)
    form = {
        "old": PASSWORD,
        "password": "moss seventeen tractor plum",
        "again": "moss seventeen tractor plum",
    }
    assert here.post("/account/password", data=form | {"old": "wrong"}).status_code == 422
    assert (
        here.post(
            "/account/password", data=form | {"password": "short", "again": "short"}
        ).status_code
        == 422
    )
    assert here.post("/account/password", data=form).status_code == 200
    assert elsewhere.get("/account", follow_redirects=False).status_code == 303
    assert sign_in(browser(house)) == 422
