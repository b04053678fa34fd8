"""A small OpenID Connect provider on this machine: what it says can be bent by the test."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Provider:
    """What the provider answers; ``claims`` and ``bend`` change it.

    Attributes:
        url: its issuer.
        asked: the form of the last token request.
        claims: put over the ID token's claims.
        signer: key that signs; another than ``key`` forges.
        answers: put over its whole answers, by path.
    """

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signer: RSAKey | None = None
    now: int = 0
    nonce: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)

    def answer(self, path: str) -> bytes:
        """Return what it answers at a path."""
        if path in self.answers:
            return self.answers[path]
        told: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            },
            "/keys": {"keys": [self.key.as_dict(private=False)]},
            "/token": {"id_token": self._token()} if path == "/token" else {},
        }
        return json.dumps(told[path]).encode()

    def _token(self) -> str:
        claims = {
            "iss": self.url,
            "aud": "longmai",
            "sub": "subject-1",
            "name": "外部 用户",
            "nonce": self.nonce,
            "exp": self.now + 300,
            "iat": self.now,
        }
        signer = self.signer or self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims | self.claims, signer)


@contextmanager
def running() -> Iterator[Provider]:
    """Run a provider on a free port."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.asked = {name: values[0] for name, values in parse_qs(body).items()}
            self._say()

        def _say(self) -> None:
            body = provider.answer(urlsplit(self.path).path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
