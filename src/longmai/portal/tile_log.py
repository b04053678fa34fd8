"""The log as static files over HTTP (C2SP tlog-tiles): anyone may copy and check it.

Entries are the records' headers: they commit to payloads and do not contain them.
"""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from longmai.kernel.errors import NotFound
from longmai.ledger.merkle import HASH_BYTES
from longmai.ledger.tiles import MAX_LEVEL, parse_index
from longmai.portal.house import house_of
from longmai.portal.rights.gates import OPEN
from longmai.store.ledger import SqlLog

router = APIRouter(prefix="/tlog", tags=["ledger"], dependencies=[OPEN])

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_BYTES = "application/octet-stream"


class _Bytes(Response):
    media_type = _BYTES


@router.get("/checkpoint", response_class=PlainTextResponse)
def checkpoint(request: Request) -> Response:
    """Return the newest checkpoint, a C2SP signed note."""
    with house_of(request).store.read() as connection:
        note = SqlLog(connection).checkpoint()
    return PlainTextResponse(note, headers={"Cache-Control": "no-cache"})


@router.get("/tile/entries/{index:path}", response_class=_Bytes)
def entries(request: Request, index: str) -> Response:
    """Return a bundle of entries, `NNN` or `NNN.p/W` as tlog-tiles names them."""
    number, width = parse_index(index)
    with house_of(request).store.read() as connection:
        bundle = SqlLog(connection).entry_bundle(number, width)
    return _Bytes(bundle, headers=_FOR_EVER)


@router.get("/tile/{level}/{index:path}", response_class=_Bytes)
def tile(request: Request, level: int, index: str) -> Response:
    """Return a tile of hashes, `NNN` or `NNN.p/W` as tlog-tiles names them."""
    number, width = parse_index(index)
    if not 0 <= level <= MAX_LEVEL:
        raise NotFound("no tile has such a level", code="ledger.tile", value=level)
    with house_of(request).store.read() as connection:
        hashes = SqlLog(connection).read_tile(level, number)
    if len(hashes) < width * HASH_BYTES:
        raise NotFound("the log has no such tile", code="ledger.tile", value=index)
    return _Bytes(hashes[: width * HASH_BYTES], headers=_FOR_EVER)
