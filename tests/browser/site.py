"""A small HTTP server for tests: the portal's static files and headers, and given pages."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from longmai.portal.guard import _HEADERS
from longmai.portal.rendering import STATIC

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass
class Answer:
    """What the site says at an address."""

    body: str
    kind: str = "text/html; charset=utf-8"
    status: int = 200


@dataclass
class Site:
    """A running site.

    Attributes:
        port: on 127.0.0.1.
        answers: by path; a list is given one by one, its last for ever.
    """

    port: int
    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a path."""
        return f"http://{host}:{self.port}{path}"

    def put(self, path: str, *answers: Answer) -> None:
        """Set what a path answers."""
        self.answers[path] = list(answers)

    def put_json(self, path: str, value: Any, status: int = 200) -> None:
        """Set a JSON answer."""
        self.put(path, Answer(json.dumps(value), "application/json", status))

    def take(self, path: str) -> Answer:
        """Return the next answer of a path."""
        answers = self.answers.get(path, [Answer("not here", status=404)])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["Site"]:
        """Serve until the end of the block."""
        site = cls(port=0)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, site))
        site.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *args: Any) -> None:
        self.site = site  # before the base class, whose constructor answers the request
        super().__init__(*args)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        file = STATIC / path.removeprefix("/static/")
        if path.startswith("/static/") and file.is_file():
            self._send(200, _TYPES.get(file.suffix, "text/plain"), file.read_bytes())
        else:
            answer = self.site.take(path)
            self._send(answer.status, answer.kind, answer.body.encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # Each test has its own connections, so that the server can close at once.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the tests' output is the tests' own."""
