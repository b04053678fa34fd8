"""Signing in with an OpenID Connect provider: the code flow with PKCE, state and nonce.

Source: OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700 (best current practice).
"""

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete, insert, select

from longmai.kernel.errors import Forbidden, Unavailable
from longmai.ledger.provider import digest
from longmai.portal.accounts.credentials import digest_of
from longmai.portal.accounts.tables import OIDC_FLOW
from longmai.portal.house import House

FLOW_HOLDS = timedelta(minutes=10)
_TIMEOUT_S = 10.0
_ALGORITHMS = ["RS256", "ES256", "EdDSA", "PS256"]
_MAX_ANSWER_BYTES = 256 * 1024
_LEEWAY_S = 60


@dataclass(frozen=True)
class Begun:
    """A sign-in that began: where to send the browser, and the state it must bring back."""

    address: str
    state: str


@dataclass(frozen=True)
class Identity:
    """Who came back from the provider, and where they wanted to go.

    Attributes:
        account_id: of who was signed in already and ties this identity to their account.
        second_factor: the provider says that two factors were shown.
    """

    issuer: str
    subject: str
    name: str
    back: str
    account_id: UUID | None
    second_factor: bool


def begin(house: House, back: str, redirect: str, account_id: UUID | None = None) -> Begun:
    """Begin to sign in.

    Raises:
        Unavailable: the provider does not answer as it should.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    now = house.clock.now()
    with house.store.begin() as work:
        work.connection.execute(delete(OIDC_FLOW).where(OIDC_FLOW.c.ends_at < now))
        work.connection.execute(
            insert(OIDC_FLOW).values(
                digest=digest_of(state),
                nonce=nonce,
                verifier=verifier,
                back=back,
                account_id=account_id,
                ends_at=now + FLOW_HOLDS,
            )
        )
    asked = {
        "response_type": "code",
        "client_id": house.settings.oidc_client,
        "redirect_uri": redirect,
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": _base64(digest(verifier.encode())),
        "code_challenge_method": "S256",
    }
    address = _discovered(house)["authorization_endpoint"]
    return Begun(f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", state)


def finish(house: House, state: str, code: str, redirect: str) -> Identity:
    """Take what the provider sent back; a state counts once.

    Raises:
        Forbidden: the state is unknown or too old, or the ID token does not hold.
        Unavailable: the provider does not answer as it should.
    """
    here, now = OIDC_FLOW.c.digest == digest_of(state), house.clock.now()
    with house.store.begin() as work:
        flow = work.connection.execute(select(OIDC_FLOW).where(here)).one_or_none()
        work.connection.execute(delete(OIDC_FLOW).where(here))
    if flow is None or flow.ends_at <= now:
        raise _refused("the sign-in began too long ago, or elsewhere")
    found = _discovered(house)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": house.settings.oidc_client,
        "code_verifier": flow.verifier,
    }
    if house.settings.oidc_secret:
        form["client_secret"] = house.settings.oidc_secret
    answer = _asked(found["token_endpoint"], form)
    claims = _claims(house, str(answer.get("id_token", "")), found, flow.nonce)
    return Identity(
        issuer=house.settings.oidc_issuer,
        subject=str(claims["sub"]),
        name=str(claims.get("name") or claims.get("preferred_username") or claims["sub"])[:64],
        back=flow.back,
        account_id=flow.account_id,
        second_factor="mfa" in (claims.get("amr") or ()),
    )


def _claims(house: House, token: str, found: dict[str, Any], nonce: str) -> dict[str, Any]:
    settings = house.settings
    try:
        keys = KeySet.import_key_set(_asked(found["jwks_uri"]))  # type: ignore[arg-type] # checked there
        claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=lambda: int(house.clock.now().timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_client},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _refused(f"the ID token does not hold: {error}") from error
    return claims


def _discovered(house: House) -> dict[str, Any]:
    issuer = house.settings.oidc_issuer
    found = _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if found.get("issuer") != issuer or not all(isinstance(found.get(key), str) for key in wanted):
        raise _silent(issuer, "its configuration is not that of this issuer")
    return found


def _asked(address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            answer = client.get(address) if form is None else client.post(address, data=form)
            answer.raise_for_status()
            if len(answer.content) > _MAX_ANSWER_BYTES:
                raise _silent(address, "its answer is too long")
            told = json.loads(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _silent(address, type(error).__name__) from error
    if not isinstance(told, dict):
        raise _silent(address, "its answer is no object")
    return told


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _refused(why: str) -> Forbidden:
    return Forbidden(why, code="signin.oidc", mend="begin to sign in again")


def _silent(address: str, why: str) -> Unavailable:
    return Unavailable(
        "the sign-in provider does not answer as it should",
        code="signin.provider",
        place=address,
        value=why,
        mend="try again in a moment, or sign in with a password",
    )
