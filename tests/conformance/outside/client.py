"""Makes a client of our description and uses it; run by the generator's own Python.

Reads what it needs as JSON from standard input; the last line it prints is JSON: what went wrong,
by step, null where nothing did.
"""

import contextlib
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGE = "generated_client"


def main() -> None:
    """Generate, then capture, find, keep a query, list, and be told a problem."""
    told = json.load(sys.stdin)
    _generate(Path(told["folder"]))
    use = _Use(told)
    steps: dict[str, str | None] = {"generation": None}
    with contextlib.redirect_stdout(sys.stderr):
        for step in (
            use.captures,
            use.reads_the_job,
            use.finds_the_event,
            use.keeps_a_query,
            use.lists_steps,
            use.is_told_a_problem,
        ):
            steps[step.__name__] = step()
    sys.stdout.write(json.dumps(steps) + "\n")


def _generate(folder: Path) -> None:
    config = folder / "config.yml"
    config.write_text(f"package_name_override: {PACKAGE}\npost_hooks: []\n")
    program = Path(sys.executable).with_name("openapi-python-client")
    subprocess.run(
        [
            program,
            "generate",
            "--path",
            folder / "openapi.json",
            "--output-path",
            folder / "client",
            "--config",
            config,
        ],
        check=True,
        stdout=sys.stderr,
    )
    sys.path.insert(0, str(folder / "client"))


class _Use:
    def __init__(self, told: dict[str, Any]) -> None:
        self._told, self._job = told, ""
        client = importlib.import_module(f"{PACKAGE}.client")
        self._client = client.AuthenticatedClient(base_url=told["address"], token=told["token"])

    def _call(self, operation: str, **arguments: Any) -> Any:
        module = importlib.import_module(f"{PACKAGE}.api.epcis_2_0.epcis_{operation}")
        return module.sync_detailed(client=self._client, **arguments)

    def _model(self, name: str, value: Any) -> Any:
        return getattr(importlib.import_module(f"{PACKAGE}.models"), name).from_dict(value)

    def captures(self) -> str | None:
        body = self._model("EPCISDocument", self._told["document"])
        answer = self._call("post_capture", body=body)
        self._job = str(answer.headers.get("location", "")).rpartition("/")[2]
        return None if answer.status_code == 202 and self._job else repr(answer)

    def reads_the_job(self) -> str | None:
        answer = self._call("get_capture", capture_id=self._job)
        return None if answer.parsed.success and not answer.parsed.running else repr(answer)

    def finds_the_event(self) -> str | None:
        answer = self._call("get_events", eq_event_id=[self._told["event"]])
        results = answer.parsed.epcis_body.query_results
        found = [event.event_id for event in results.results_body.event_list]
        return None if found == [self._told["event"]] else repr(found)

    def keeps_a_query(self) -> str | None:
        query = self._told["query"]
        self._call("post_query", body=self._model("NamedQuery", query))
        answer = self._call("get_query_events", query_name=query["name"])
        results = answer.parsed.epcis_body.query_results
        kept = results.query_name == query["name"] and results.results_body.event_list
        return None if kept else repr(answer)

    def lists_steps(self) -> str | None:
        answer = self._call("lists_biz_steps")
        return None if "packing" in answer.parsed.member else repr(answer.parsed)

    def is_told_a_problem(self) -> str | None:
        answer = self._call("get_event", event_id="urn:none")
        wanted = "epcisException:NoSuchResourceException"
        return None if json.loads(answer.content)["type"] == wanted else repr(answer)


if __name__ == "__main__":
    main()
