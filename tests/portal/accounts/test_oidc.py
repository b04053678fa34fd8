"""Signing in with an outside provider, and every way its answer can be false."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from tests.portal.accounts.conftest import MovedClock
from tests.portal.accounts.provider import Provider, running
from tests.visitor import LOOPBACK, TestClient, account_with, signed_in, visitor

from longmai.ledger.provider import digest
from longmai.portal.accounts.oidc import _base64
from longmai.portal.accounts.queries import Account
from longmai.portal.house import House


@pytest.fixture
def provider(house: House, clock: MovedClock) -> Iterator[Provider]:
    """A provider that the house signs in with."""
    with running() as found:
        found.now = int(clock.instant.timestamp())
        told = {"oidc_issuer": found.url, "oidc_client": "longmai", "oidc_name": "示例平台"}
        object.__setattr__(house, "settings", house.settings.model_copy(update=told))
        yield found


def browser(house: House) -> TestClient:
    """Return a browser that nobody is signed in with."""
    return visitor(house, Origin=f"http://{LOOPBACK}", Accept="text/html")


def leave(client: TestClient, provider: Provider, start: str = "/sign-in/oidc") -> dict[str, str]:
    """Go to the provider; return what it was asked for."""
    answer = client.get(start, follow_redirects=False)
    assert answer.headers["location"].startswith(f"{provider.url}/authorize?")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    provider.nonce = asked["nonce"]
    return asked


def back(client: TestClient, state: str, code: str = "a-code") -> httpx.Response:
    """Come back from the provider."""
    path = f"/sign-in/oidc/back?state={state}&code={code}"
    answer: httpx.Response = client.get(path, follow_redirects=False)
    return answer


def test_an_identity_is_tied_and_then_signs_in(
    house: House, person: Account, provider: Provider
) -> None:
    """Tied under my account; the next time it is enough; PKCE holds."""
    here = signed_in(house, person)
    asked = leave(here, provider, "/account/identity")
    assert back(here, asked["state"]).headers["location"] == "/account"
    assert asked["code_challenge"] == _base64(digest(provider.asked["code_verifier"].encode()))
    assert asked["code_challenge_method"] == "S256"
    client = browser(house)
    assert "示例平台" in client.get("/sign-in").text
    asked = leave(client, provider, "/sign-in/oidc?next=/search")
    assert back(client, asked["state"]).headers["location"] == "/search"
    assert person.login in client.get("/account").text


def test_a_stranger_is_refused_or_becomes_a_citizen(house: House, provider: Provider) -> None:
    """As the setting says."""
    client = browser(house)
    assert back(client, leave(client, provider)["state"]).status_code == 403
    told = {"oidc_opens": "citizen"}
    object.__setattr__(house, "settings", house.settings.model_copy(update=told))
    assert back(client, leave(client, provider)["state"]).status_code == 303
    page = client.get("/account").text
    assert "外部 用户" in page
    assert "群众" in page


def test_a_state_counts_once_and_in_its_browser(
    house: House, person: Account, provider: Provider, clock: MovedClock
) -> None:
    """Replayed, in another browser, made up, or too late: refused."""
    here = signed_in(house, person)
    asked = leave(here, provider, "/account/identity")
    assert back(browser(house), asked["state"]).status_code == 403
    assert back(here, asked["state"]).status_code == 303
    here.cookies.set("longmai_oidc", asked["state"], path="/sign-in/oidc/back")
    assert back(here, asked["state"]).status_code == 403
    assert back(here, "made-up").status_code == 403
    late = leave(here, provider, "/account/identity")
    clock.move(minutes=11)
    assert back(here, late["state"]).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"nonce": "another"},
        {"exp": 1},
        {"sub": None},
    ],
)
def test_a_false_token_is_refused(
    house: House, person: Account, provider: Provider, claims: dict[str, Any]
) -> None:
    """Of another issuer, for another house, of another sign-in, too old, or of nobody."""
    here = signed_in(house, person)
    provider.claims = claims
    asked = leave(here, provider, "/account/identity")
    assert back(here, asked["state"]).status_code == 403


def test_a_forged_token_is_refused(house: House, person: Account, provider: Provider) -> None:
    """Signed with a key that is not the provider's."""
    here = signed_in(house, person)
    provider.signer = RSAKey.generate_key(2048, {"kid": "one"})
    assert back(here, leave(here, provider, "/account/identity")["state"]).status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/token", b"{}"),
        ("/token", b'{"id_token": "a.b.c"}'),
        ("/token", b'{"id_token": "eyJhbGciOiJub25lIn0.e30."}'),
        ("/token", b"["),
        ("/keys", b'{"keys": []}'),
        ("/keys", b"{}"),
    ],
)
def test_a_broken_answer_is_no_sign_in(
    house: House, person: Account, provider: Provider, path: str, body: bytes
) -> None:
    """Unsigned, empty or no JSON at all."""
    here = signed_in(house, person)
    asked = leave(here, provider, "/account/identity")
    provider.answers[path] = body
    assert back(here, asked["state"]).status_code in {403, 503}


def test_a_provider_of_another_name_is_not_asked(house: House, provider: Provider) -> None:
    """What its configuration says must be of the issuer."""
    path = "/.well-known/openid-configuration"
    provider.answers[path] = provider.answer(path).replace(b'"issuer": "', b'"issuer": "x')
    assert browser(house).get("/sign-in/oidc").status_code == 503


def test_a_house_without_a_provider(house: House) -> None:
    """Not found, and nothing on the sign-in page."""
    client = browser(house)
    assert client.get("/sign-in/oidc").status_code == 404
    assert "/sign-in/oidc" not in client.get("/sign-in").text


def test_an_identity_belongs_to_one_account(
    house: House, person: Account, provider: Provider
) -> None:
    """A second account cannot take it."""
    here = signed_in(house, person)
    assert back(here, leave(here, provider, "/account/identity")["state"]).status_code == 303
    other = signed_in(house, account_with(house, login="other"))
    assert back(other, leave(other, provider, "/account/identity")["state"]).status_code == 403
