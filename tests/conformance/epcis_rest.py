"""The REST binding of EPCIS 2.0: every operation, held against the description it gives of itself.

``epcis-rest operations``: each of the 63 operations on 29 paths is asked for something that it
grants; status, media type and body must be as ``/api/openapi.json`` says. ``epcis-rest client``: a
client that another program generates from that description captures events and finds them again.
"""

import importlib
import json
import subprocess
import sys
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
    with TemporaryDirectory() as folder, serving(Path(folder)) as served:
        told = dict(_round_trip(served, Path(folder)))
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


def _round_trip(served: Served, folder: Path) -> Iterator[tuple[str, str | None]]:
    try:
        client = _Generated(served, folder)
    except (ImportError, subprocess.CalledProcessError) as error:
        yield "generation", str(getattr(error, "stderr", "") or error)[-500:]
        return
    yield "generation", None
    for name, check in (
        ("capture", client.captures),
        ("capture job", client.reads_the_job),
        ("events", client.finds_the_event),
        ("named query", client.keeps_a_query),
        ("resources", client.lists_steps),
        ("problem", client.is_told_a_problem),
    ):
        yield name, check()
    client.close()


class _Generated:
    """A client that openapi-python-client makes of our description."""

    def __init__(self, served: Served, folder: Path) -> None:
        self._package = _generate(served, folder)
        token = token_for(served.house, "brand.capture brand.query", "enterprise")
        module = importlib.import_module(f"{self._package}.client")
        self._client = module.AuthenticatedClient(base_url=served.address, token=token)
        self._served = served
        self._job = ""

    def close(self) -> None:
        self._client.get_httpx_client().close()

    def _call(self, operation: str, **arguments: Any) -> Any:
        module = importlib.import_module(f"{self._package}.api.epcis_2_0.{operation}")
        return module.sync_detailed(client=self._client, **arguments)

    def _model(self, name: str, value: Any) -> Any:
        models = importlib.import_module(f"{self._package}.models")
        return getattr(models, name).from_dict(value)

    def captures(self) -> str | None:
        event = {**EVENTS[1], "eventID": "urn:client:1"}
        del event["ex:shift"]
        body = self._model("EPCISDocument", json.loads(document([event])))
        answer = self._call("epcis_post_capture", body=body)
        self._job = str(answer.headers.get("location", "")).rpartition("/")[2]
        return None if answer.status_code == 202 and self._job else repr(answer)

    def reads_the_job(self) -> str | None:
        answer = self._call("epcis_get_capture", capture_id=self._job)
        return None if answer.parsed.success and not answer.parsed.running else repr(answer)

    def finds_the_event(self) -> str | None:
        answer = self._call("epcis_get_events", eq_event_id=["urn:client:1"])
        results = answer.parsed.epcis_body.query_results
        found = [event.event_id for event in results.results_body.event_list]
        return None if found == ["urn:client:1"] else repr(found)

    def keeps_a_query(self) -> str | None:
        self._call("epcis_post_query", body=self._model("NamedQuery", _QUERY))
        answer = self._call("epcis_get_query_events", query_name="packed")
        results = answer.parsed.epcis_body.query_results
        kept = results.query_name == "packed" and len(results.results_body.event_list) > 0
        return None if kept else repr(answer)

    def lists_steps(self) -> str | None:
        answer = self._call("epcis_lists_biz_steps")
        return None if "packing" in answer.parsed.member else repr(answer.parsed)

    def is_told_a_problem(self) -> str | None:
        answer = self._call("epcis_get_event", event_id="urn:none")
        told = answer.parsed.type_ if answer.parsed else json.loads(answer.content)["type"]
        wanted = "epcisException:NoSuchResourceException"
        return None if told == wanted else repr(answer)


def _generate(served: Served, folder: Path) -> str:
    package = "epcis_generated_client"
    described = httpx.get(f"{served.address}/api/openapi.json").json()
    (folder / "openapi.json").write_text(json.dumps(_with_one_media_type(described)), "utf-8")
    (folder / "config.yml").write_text(f"package_name_override: {package}\npost_hooks: []\n")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--path",
            str(folder / "openapi.json"),
            "--output-path",
            str(folder / "client"),
            "--config",
            str(folder / "config.yml"),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    sys.path.insert(0, str(folder / "client"))
    return package


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
