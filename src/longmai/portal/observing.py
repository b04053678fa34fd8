"""What an operator sees of the requests: one log line each, counts and durations, and an ID.

A line names the route, never the path or the query, and no address: a path may hold a code that
leads to a person.
"""

import logging
import re
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from longmai.kernel.ids import new_id
from longmai.portal.house import House
from longmai.store.ledger import SqlLog

_log = logging.getLogger("longmai.access")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

# Of the request that is being answered; log lines carry it.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class Metrics:
    """The figures of one application, for Prometheus."""

    def __init__(self, house: House) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "longmai_http_request_seconds",
            "Duration of requests.",
            ["method", "route", "status"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.registry.register(_LedgerFigures(house))


class _LedgerFigures(Collector):
    """Read when they are asked for."""

    def __init__(self, house: House) -> None:
        self._house = house

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is read before somebody asks

    def collect(self) -> Iterator[Metric]:
        with self._house.store.read() as connection:
            log = SqlLog(connection)
            size, published, waiting = log.size(), log.published_size() or 0, log.waiting_count()
        for name, words, value in (
            ("longmai_ledger_records", "Records that have their place in the log.", size),
            ("longmai_ledger_published", "Records under the newest checkpoint.", published),
            ("longmai_ledger_waiting", "Records that wait for their place.", waiting),
        ):
            yield GaugeMetricFamily(name, words, value=value)


class Observed:
    """Middleware around everything: ID, log line, figures."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        own = given if _GIVEN_ID.fullmatch(given) else str(new_id())
        token, started, status = request_id.set(own), time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = own
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - started
            route = _route_of(scope)
            self._metrics.requests.labels(scope["method"], route, str(status)).observe(seconds)
            told = {"method": scope["method"], "route": route, "status": status}
            told["ms"] = round(seconds * 1e3, 1)
            _log.info("%(method)s %(route)s %(status)d %(ms).1f ms", told, extra={"told": told})
            request_id.reset(token)


def _route_of(scope: Scope) -> str:
    route = getattr(scope.get("route"), "path", None)
    if route is not None:
        return str(route)
    return "/static" if scope["path"].startswith("/static/") else "unknown"
