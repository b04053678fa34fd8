"""The documents keep their word: commands run, links lead somewhere, references are complete."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from tests.browser.rooms import ROOMS
from tests.conftest import missing
from tests.house import opened_house

from longmai.app import create_app
from longmai.cli import app as command_line
from longmai.kernel.settings import Settings
from longmai.rules.policy.keys import SECTIONS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TUTORIAL = ROOT / "docs" / "tutorials" / "follow-one-box.md"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link and picture is there."""
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            path = target.partition("#")[0]
            assert not path or (document.parent / path).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_twin_names_its_twin(document: Path) -> None:
    """A Chinese page has its English one."""
    if document.name.endswith(".zh.md"):
        assert document.with_name(document.name.replace(".zh.md", ".md")).exists()


def test_every_setting_is_described() -> None:
    """The settings page has each variable with its meaning."""
    page = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert f"| `LONGMAI_{name.upper()}` |" in page
        assert field.description
        assert field.description in page


def test_every_page_is_pictured() -> None:
    """At both widths, with its address: ``make screenshots`` keeps them."""
    page = (ROOT / "docs/reference/pages.md").read_text("utf-8")
    for room in ROOMS:
        assert f"`{room.path}`" in page
        for size in ("desk", "phone"):
            assert (ROOT / "docs/images/pages" / f"{room.name}-{size}.jpg").is_file()


def test_every_command_is_described() -> None:
    """The command page has each command with the first sentence of its help."""
    page = (ROOT / "docs/reference/cli.md").read_text("utf-8")
    told = dict(_commands(typer.main.get_command(command_line), "longmai"))
    assert told
    for name, summary in told.items():
        assert f"| `{name}` | {summary} |" in page


def _commands(command: object, name: str) -> Iterator[tuple[str, str]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, str(getattr(command, "help", "")).splitlines()[0]
        return
    for word, each in inner.items():
        yield from _commands(each, f"{name} {word}")


def test_every_route_is_described(tmp_path: Path) -> None:
    """The HTTP page has each route of the OpenAPI description, and no other."""
    page = (ROOT / "docs/reference/http-api.md").read_text("utf-8")
    with opened_house(tmp_path) as house:
        paths = create_app(house).openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert set(re.findall(r"^\| `([A-Z]+ /\S+)` \|", page, re.MULTILINE)) == routes


def test_the_worked_example_of_proofs_is_right() -> None:
    """The hashes on the page follow from its own header and payload."""
    page = (ROOT / "docs/reference/proofs.md").read_text("utf-8")
    told = dict(re.findall(r"^\| ([a-z][^|]*?) \| `(.*)` \|$", page, re.MULTILINE))
    header = told["header"].encode()
    commitment = hashlib.sha256(b"\x07" * 32 + told["payload"].encode()).hexdigest()
    leaf = hashlib.sha256(b"\x00" + header).digest()
    first = hashlib.sha256(b"\x00{}").digest()
    assert commitment == told["commitment"]
    assert commitment.encode() in header
    assert leaf.hex() == told["leaf hash"]
    assert hashlib.sha256(b"\x01" + first + leaf).hexdigest() == told["root"]


# The tutorial, run ------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_tutorial_runs_as_written(tmp_path: Path) -> None:
    """Each command of the tutorial is run, in order, and prints what the page shows."""
    if shutil.which("curl") is None:
        missing("SKIPPED LOUDLY: no curl, which the tutorial uses")
    text = TUTORIAL.read_text("utf-8")
    [script] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "tamper.py").write_text(script, "utf-8")
    port = _free_port()
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LONGMAI_PORT": str(port),
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "longmai", "serve", "--sample"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        for command, shown in _console(text):
            if command.startswith(("make", "export")):
                continue
            _run(command.replace("8062", str(port)), shown, tmp_path, environment)
    finally:
        server.terminate()
        server.wait()


@pytest.mark.slow
def test_the_tutorial_on_policies_runs_as_written(tmp_path: Path) -> None:
    """Its files are written and its commands run, in their order; its twin has the same policy."""
    text = (ROOT / "docs/tutorials/write-a-policy.md").read_text("utf-8")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "NO_COLOR": "1",
    }
    for language, block in re.findall(r"```(yaml|console)\n(.*?)```", text, re.DOTALL):
        if language == "yaml":
            head, _, body = block.partition("\n")
            how, name = re.fullmatch(r"# (file|add): (\S+)", head).groups()  # type: ignore[union-attr]
            with (tmp_path / name).open("w" if how == "file" else "a", encoding="utf-8") as file:
                file.write(body)
        for command, shown in _console(f"```console\n{block}```"):
            _run(command, shown, tmp_path, environment)
    policy = re.search(r"# file: childcare.yaml\n(.*?)```", text, re.DOTALL)
    twin = (ROOT / "docs/tutorials/write-a-policy.zh.md").read_text("utf-8")
    assert policy is not None
    assert policy[1] in twin


def test_every_key_of_a_policy_file_is_described() -> None:
    """In both languages, with its help."""
    for ending, language in ((".md", 1), (".zh.md", 0)):
        page = (ROOT / f"docs/reference/policy-files{ending}").read_text("utf-8")
        for keys in SECTIONS.values():
            for key in keys:
                names = f"| `{key.names()[language]}` | `{key.names()[1 - language]}` |"
                assert names in page
                assert key.help[language] in page


def _run(command: str, shown: list[str], folder: Path, environment: dict[str, str]) -> None:
    ran = subprocess.run(  # noqa: S602 - the page speaks to the reader's shell
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert _is_shown(shown, ran.stdout), (command, ran.stdout, ran.stderr)


def _console(text: str) -> Iterator[tuple[str, list[str]]]:
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            yield command, shown


def _is_shown(shown: list[str], printed: str) -> bool:
    """Tell whether the lines on the page stand in the output in this order; … is anything."""
    lines = iter(printed.splitlines())
    return all(
        any(re.search(".*".join(map(re.escape, line.split("…"))), said) for said in lines)
        for line in shown
        if line != "…"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(480):  # the sample people take their time on a busy machine
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/ledger/checkpoint")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.25)
        else:
            return
    pytest.fail("the server did not come up")
