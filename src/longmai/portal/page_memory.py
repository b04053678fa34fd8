"""Pages that everybody gets alike, kept until the ledger grows.

What such a page shows follows from the ledger alone, so it stays right until a record is added. A
code on a carton is scanned by many; the second of them costs next to nothing.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import Response

from longmai.portal.house import house_of
from longmai.portal.language import language_of
from longmai.portal.rendering import size_of
from longmai.portal.rights.gates import visitor_of
from longmai.store.ledger import SqlLog

_MOST_BYTES = 64 * 1024 * 1024


@dataclass
class PageMemory:
    """Finished pages by name; those not asked for longest are forgotten.

    >>> memory = PageMemory(most_bytes=3)
    >>> memory.put("a", 1, b"aa"), memory.put("b", 1, b"bb")
    (None, None)
    >>> memory.get("a", 1), memory.get("b", 1), memory.get("b", 2)
    (None, b'bb', None)
    """

    most_bytes: int = _MOST_BYTES
    _pages: OrderedDict[object, tuple[int, bytes]] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, name: object, version: int) -> bytes | None:
        """Return a page of this version of the ledger."""
        with self._lock:
            found = self._pages.get(name)
            if found is None or found[0] != version:
                return None
            self._pages.move_to_end(name)
            return found[1]

    def put(self, name: object, version: int, body: bytes) -> None:
        """Keep a page, in the place of an older one."""
        with self._lock:
            _, old = self._pages.pop(name, (0, b""))
            self._pages[name] = (version, body)
            self._bytes += len(body) - len(old)
            while self._bytes > self.most_bytes:
                _, (_, dropped) = self._pages.popitem(last=False)
                self._bytes -= len(dropped)


def remembered(request: Request, make: Callable[[], Response]) -> Response:
    """Return a page, from memory where it is the same for all who ask.

    Who is signed in, and an address with a query, get a page of their own.
    """
    if request.url.query or visitor_of(request).known:
        return make()
    house, memory = house_of(request), request.app.state.pages
    with house.store.read() as connection:
        version = SqlLog(connection).record_count()
    language = language_of(request)
    # Undecoded: an encoded slash is not the slash between two parts.
    name = bytes(request.scope["raw_path"]), language, size_of(request)
    body = memory.get(name, version)
    if body is None:
        response = make()
        memory.put(name, version, bytes(response.body))
        return response
    headers = {
        "Content-Language": "zh-CN" if language == "zh" else "en",
        "Vary": "Cookie, Accept-Language",
    }
    return Response(body, media_type="text/html; charset=utf-8", headers=headers)
