"""Subscriptions over a WebSocket: as long as it is open, events come through it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from longmai.domains.brand.epcis import named
from longmai.domains.brand.epcis.discovery import PREFIX
from longmai.domains.brand.epcis.problems import problem_of
from longmai.domains.brand.epcis.shapes import Schedule, Wanted
from longmai.domains.brand.epcis.subscriptions import Timing, messages
from longmai.domains.brand.service import QUERY
from longmai.kernel.errors import Forbidden, LongmaiError
from longmai.kernel.ids import new_id
from longmai.portal.house import House, house_of
from longmai.portal.rights.gates import visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.ledger import SqlLog

router = APIRouter(prefix=PREFIX)

_REFUSED = 1008
_INTERVAL_S = 1.0
_MOST_OPEN = 64


@dataclass
class _Row:
    """A subscription that lives in memory, with the fields of one in the table."""

    id: UUID
    query: str
    owner: str
    regions: list[str]
    report_if_empty: bool
    schedule: Mapping[str, str] | None
    initial_record_time: Any
    cursor: int


class _Open:
    """How many sockets are open in this process."""

    count = 0


@router.websocket("/queries/{query_name}/events")
@router.websocket("/queries/{query_name}/subscriptions")
async def subscribe(socket: WebSocket, query_name: str) -> None:
    """Send the events of a query as messages, as they come (``stream=true``) or by a schedule."""
    await socket.accept()
    try:
        row, timing = await run_in_threadpool(_begin, socket, query_name)
    except LongmaiError as refusal:
        _, body = problem_of(refusal, socket.url.path)
        await socket.send_json(body)
        await socket.close(_REFUSED)
        return
    _Open.count += 1
    listening = asyncio.create_task(_until_closed(socket))
    try:
        await _report(socket, row, timing, listening)
    except (WebSocketDisconnect, RuntimeError):
        pass  # the other side is gone
    finally:
        _Open.count -= 1
        listening.cancel()


def _begin(socket: WebSocket, query_name: str) -> tuple[_Row, Timing]:
    # What finds a visitor asks for headers and cookies, which both kinds of connection have.
    request = cast("Request", socket)
    visitor, house = visitor_of(request), house_of(request)
    visitor.require(QUERY)
    _check_origin(socket, house, visitor)
    if _Open.count >= _MOST_OPEN:
        raise Forbidden("too many sockets are open", code="epcis.sockets", value=_Open.count)
    named.one(house, query_name)
    timing = Timing.of(_wanted(socket))
    with house.store.read() as connection:
        cursor = SqlLog(connection).size() if timing.since is None else 0
    row = _Row(
        new_id(),
        query_name,
        visitor.actor,
        sorted(visitor.scope(QUERY).regions),
        timing.report_if_empty,
        timing.schedule,
        timing.since,
        cursor,
    )
    return row, timing


def _check_origin(socket: WebSocket, house: House, visitor: Visitor) -> None:
    # A page elsewhere can open a socket with the visitor's cookie; it cannot hide where it is.
    origin = socket.headers.get("origin")
    if visitor.session is None or origin is None:
        return
    hosts = {socket.url.netloc, urlsplit(house.settings.public_url).netloc}
    if urlsplit(origin).netloc not in hosts:
        raise Forbidden("this was opened by a page elsewhere", code="guard.origin", value=origin)


def _wanted(socket: WebSocket) -> Wanted:
    given = socket.query_params
    fields = {name: given[name] for name in Schedule.model_fields if name in given}
    return Wanted(
        dest="",
        signatureToken="",
        stream=given.get("stream", "").lower() == "true" or not fields,
        schedule=Schedule(**fields) if fields else None,
        reportIfEmpty=given.get("reportIfEmpty", "").lower() == "true",
        initialRecordTime=given.get("initialRecordTime"),
    )


async def _until_closed(socket: WebSocket) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return


async def _report(
    socket: WebSocket, row: _Row, timing: Timing, listening: "asyncio.Task[None]"
) -> None:
    house = house_of(cast("Request", socket))
    due = timing.next(house.clock.now())
    while not listening.done():
        now = house.clock.now()
        if now >= due:
            for message in await run_in_threadpool(_look, house, row):
                await socket.send_json(message)
            due = timing.next(now)
        await asyncio.wait([listening], timeout=_INTERVAL_S)


def _look(house: House, row: _Row) -> list[dict[str, Any]]:
    with house.store.read() as connection:
        size = SqlLog(connection).size()
        if row.schedule is None and row.cursor >= size:
            return []
        found = list(messages(house, connection, cast("Any", row), size))
    row.cursor = size
    return found
