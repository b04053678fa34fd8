"""The REST binding of EPCIS 2.0: every operation, held against the description it gives of itself.

``epcis-rest operations``: each of the 63 operations on 29 paths is asked for something that it
grants; status, media type and body must be as ``/api/openapi.json`` says. ``epcis-rest client``: a
client that another program generates from that description captures events and finds them again.
"""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
from tests.conformance.suite import SuiteResult
from tests.domains.brand.epcis.shop import BOX, EVENTS, FARM, STORE, opened
from tests.house import Served, document, serving
from tests.visitor import TestClient, token_for

OPERATIONS, PATHS = 63, 29
_ROOT = Path(__file__).parents[2]
CLIENT_PYTHON = _ROOT / ".setup" / "client-venv" / "bin" / "python"
DRIVER = Path(__file__).parent / "outside" / "client.py"
_ITEMS = {
    "eventType": "ObjectEvent",
    "epc": BOX.format(1),
    "bizStep": "packing",
    "bizLocation": FARM,
    "readPoint": STORE,
    "disposition": "active",
    "eventID": "urn:event:3",
    "queryName": "packed",
}
_QUERY = {"name": "packed", "query": {"EQ_bizStep": ["packing"]}}
_SUBSCRIPTION = {"dest": "https://example.com/hook", "stream": True}
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def suites(_data: Path) -> Iterable[SuiteResult]:
    """Run the suites; they need no outside data."""
    with TemporaryDirectory() as folder, opened(Path(folder)) as (_, client):
        faults = dict(_Exercise(client).faults())
    failures = tuple(f"{name}: {why}" for name, why in faults.items() if why)
    yield SuiteResult("epcis-rest operations", len(faults) - len(failures), len(faults), failures)
    if not CLIENT_PYTHON.exists():
        print("epcis-rest client: skipped (no generator: make .setup/client)")  # noqa: T201 - loud
        return
    with TemporaryDirectory() as folder, serving(Path(folder)) as served:
        told = _round_trip(served, Path(folder))
    failures = tuple(f"{name}: {why}" for name, why in told.items() if why)
    yield SuiteResult("epcis-rest client", len(told) - len(failures), len(told), failures)


@dataclass
class _Exercise:
    """Asks for each operation once, those that make things first, those that end them last."""

    client: TestClient
    made: dict[str, str] = field(default_factory=dict)

    def faults(self) -> Iterator[tuple[str, str | None]]:
        """Yield each operation with what is wrong with its answer; None if nothing is."""
        described = self.client.get("/api/openapi.json").json()
        paths = {p: o for p, o in described["paths"].items() if p.split("/")[1] == "epcis"}
        operations = [(method, path) for path, ways in paths.items() for method in ways]
        if (len(operations), len(paths)) != (OPERATIONS, PATHS):
            yield "all", f"{len(operations)} operations on {len(paths)} paths"
        order = {"post": 0, "get": 1, "options": 2, "delete": 3}
        # A query is deleted after what hangs on it.
        operations.sort(key=lambda each: (order[each[0]], -len(each[1]) * (each[0] == "delete")))
        for method, path in operations:
            yield f"{method.upper()} {path}", self._fault(described, method, path)

    def _fault(self, described: Mapping[str, Any], method: str, path: str) -> str | None:
        address = self._address(path)
        body = self._body(path) if method == "post" else None
        answer = self.client.request(method, address, content=body, headers=_JSON)
        if answer.status_code >= 300:
            return f"it answered with {answer.status_code}: {answer.text[:200]}"
        if method == "post" and path.endswith("/subscriptions"):
            self.made["subscriptionID"] = answer.headers["Location"].rpartition("/")[2]
        if method == "post" and path.endswith("/capture"):
            self.made["captureID"] = answer.headers["Location"].rpartition("/")[2]
        operation = described["paths"][path][method]
        return _why_not_as_described(described, operation, answer)

    def _address(self, path: str) -> str:
        if "{token}" in path:
            link = self.client.get("/epcis/events?perPage=1", headers=_JSON).headers["Link"]
            self.made["token"] = link.partition("nextPageToken=")[2].partition(">")[0]
        known = {**_ITEMS, **self.made}
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return path

    def _body(self, path: str) -> bytes:
        event = {**EVENTS[2], "eventID": f"urn:sent:{path}"}
        bodies: dict[str, Any] = {
            "/epcis/queries": _QUERY,
            "/epcis/queries/{queryName}/subscriptions": _SUBSCRIPTION,
            "/epcis/events": {**json.loads(document([])), **event},
        }
        if path == "/epcis/events":
            bodies[path] = {"@context": json.loads(document([]))["@context"], **event}
            bodies[path]["@context"].append({"ex": "https://ns.example.com/epcis/"})
        if path in bodies:
            return json.dumps(bodies[path]).encode()
        event["eventID"] = "urn:sent:document"
        return document([{k: v for k, v in event.items() if not k.startswith("ex:")}])


def _why_not_as_described(
    described: Mapping[str, Any], operation: Mapping[str, Any], answer: Any
) -> str | None:
    response = operation["responses"].get(str(answer.status_code))
    if response is None:
        return f"the description knows no status {answer.status_code}"
    content = response.get("content", {})
    media = answer.headers.get("content-type", "").partition(";")[0]
    if not answer.content:
        return None if not content else "the description promises a body"
    if media not in content:
        return f"the description knows no {media}"
    schema = {**content[media]["schema"], "components": described["components"]}
    errors = [each.message for each in jsonschema_rs.iter_errors(schema, answer.json())]
    return errors[0] if errors else None


# A client that is generated -----------------------------------------------------------------------


def _round_trip(served: Served, folder: Path) -> dict[str, str | None]:
    """Return what the generated client did not get right, by step; None where it did."""
    described = httpx.get(f"{served.address}/api/openapi.json").json()
    (folder / "openapi.json").write_text(json.dumps(_with_one_media_type(described)), "utf-8")
    token = token_for(served.house, "brand.capture brand.query", "enterprise")
    event = {k: v for k, v in EVENTS[1].items() if not k.startswith("ex:")}
    told = {
        "folder": str(folder),
        "address": served.address,
        "token": token,
        "event": "urn:client:1",
        "document": json.loads(document([{**event, "eventID": "urn:client:1"}])),
        "query": _QUERY,
    }
    ran = subprocess.run(
        [CLIENT_PYTHON, DRIVER],
        input=json.dumps(told),
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        return {"generation": (ran.stderr or ran.stdout)[-500:]}
    steps: dict[str, str | None] = json.loads(ran.stdout.splitlines()[-1])
    return steps


def _with_one_media_type(value: Any) -> Any:
    """Return a description without other media types where there is JSON.

    The generator writes code that does not run for a body in two JSON media types.
    """
    if isinstance(value, list):
        return [_with_one_media_type(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "application/json" in value:
        value = {"application/json": value["application/json"]}
    return {name: _with_one_media_type(each) for name, each in value.items()}
