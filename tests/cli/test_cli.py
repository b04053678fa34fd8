"""The command line as a user meets it: sentences, exit codes, and files that prove themselves."""

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from tests.house import anybody, document, opened_house

from longmai import __version__
from longmai.domains.brand.service import capture
from longmai.portal.accounts.visiting import nobody
from longmai.portal.house import House
from longmai.portal.ledger_api import bundle_of

EVENT = {
    "type": "ObjectEvent",
    "action": "OBSERVE",
    "eventID": "urn:a",
    "eventTime": "2025-10-01T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["https://id.gs1.org/01/09521234543213/21/BOX7"],
}


def run(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``longmai`` in a folder, without settings from outside."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LONGMAI_")}
    return subprocess.run(
        [sys.executable, "-m", "longmai", *map(str, arguments)],
        cwd=folder,
        env=environment | {"COLUMNS": "200", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with one captured event, placed in the log, in ``data`` of the folder."""
    with opened_house(tmp_path) as opened:
        with opened.store.begin() as work:
            capture(work, document([EVENT]), anybody(opened))
        opened.integrate()
        yield opened


@pytest.fixture
def bundle(house: House, tmp_path: Path) -> Path:
    """A certificate file in a folder that has no data folder."""
    connection = sqlite3.connect(tmp_path / "data" / "longmai.db")
    [(hexadecimal,)] = connection.execute("SELECT id FROM ledger_record").fetchall()
    connection.close()
    file = tmp_path / "elsewhere" / "certificate.json"
    file.parent.mkdir()
    file.write_text(json.dumps(bundle_of(house, [UUID(hexadecimal)], nobody(house))), "utf-8")
    return file


def test_version() -> None:
    """``--version`` prints the version and ends well."""
    told = run("--version", folder=Path.cwd())
    assert (told.returncode, told.stdout) == (0, f"longmai {__version__}\n")


@pytest.mark.parametrize(
    "command",
    ["serve", "ledger verify", "ledger audit", "ledger rebuild", "brand capture", "brand trace"],
)
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    """The help of each command shows how it is typed."""
    told = run(*command.split(), "--help", folder=tmp_path)
    assert told.returncode == 0
    assert f"longmai {command}" in told.stdout.partition("Example")[2]


def test_a_wrong_option_is_a_usage_error(tmp_path: Path) -> None:
    """Exit code 2, and no trace."""
    told = run("ledger", "audit", "--wrong", folder=tmp_path)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_a_good_certificate_holds(bundle: Path) -> None:
    """Verified in a folder without data, which is not made either."""
    told = run("ledger", "verify", bundle, folder=bundle.parent)
    assert told.returncode == 0, told.stdout
    assert "✓ leaf 0  brand.epcis.event" in told.stdout
    assert [each.name for each in bundle.parent.iterdir()] == ["certificate.json"]


def test_a_tampered_certificate_does_not_hold(bundle: Path) -> None:
    """One byte of the payload: exit code 1 and the word for it."""
    body = json.loads(bundle.read_text("utf-8"))
    [record] = body["records"]
    payload = base64.b64decode(record["payload"]).replace(b"BOX7", b"BOX8")
    record["payload"] = base64.b64encode(payload).decode()
    bundle.write_text(json.dumps(body), "utf-8")
    told = run("ledger", "verify", bundle, folder=bundle.parent)
    assert told.returncode == 1
    assert "[payload]" in told.stdout


@pytest.mark.parametrize("text", ["", "{}", "not JSON", "[]", "\x00\xff"])
def test_what_is_no_certificate_is_refused(text: str, tmp_path: Path) -> None:
    """Exit code 1 and a sentence."""
    (tmp_path / "file").write_text(text, "utf-8")
    told = run("ledger", "verify", "file", folder=tmp_path)
    assert told.returncode == 1
    assert "✗" in told.stdout
    assert "Traceback" not in told.stderr


def test_a_missing_certificate_is_not_found(tmp_path: Path) -> None:
    """Exit code 3, naming the file."""
    told = run("ledger", "verify", "nowhere.json", folder=tmp_path)
    assert told.returncode == 3
    assert "nowhere.json" in told.stderr


def test_an_audit_names_the_changed_record(house: House, tmp_path: Path) -> None:
    """Clean before; after one byte was changed by hand, exit code 1 and the record's ID."""
    del house
    clean = run("ledger", "audit", folder=tmp_path)
    assert (clean.returncode, clean.stdout.strip()) == (0, "audit: 1 records, 0 findings")
    changed = changed_by_hand(
        tmp_path,
        "UPDATE ledger_record SET payload = "
        "CAST(replace(CAST(payload AS TEXT), 'BOX7', 'BOX8') AS BLOB)",
    )
    told = run("ledger", "audit", folder=tmp_path)
    assert told.returncode == 1
    assert changed in told.stdout.replace("-", "")
    assert "1 findings" in told.stdout


def test_a_rebuild_finds_and_mends_a_changed_row(house: House, tmp_path: Path) -> None:
    """Exit code 1 while it differs; ``--apply`` mends it."""
    del house
    assert run("ledger", "rebuild", folder=tmp_path).returncode == 0
    changed_by_hand(tmp_path, "UPDATE brand_event SET type = 'Other'")
    told = run("ledger", "rebuild", folder=tmp_path)
    assert told.returncode == 1
    assert "type is 'Other', the ledger says 'ObjectEvent'" in told.stdout
    assert run("ledger", "rebuild", "--apply", folder=tmp_path).returncode == 0
    assert run("ledger", "rebuild", folder=tmp_path).stdout == "rebuild: 0 differences\n"


def changed_by_hand(folder: Path, statement: str) -> str:
    """Change the database as somebody with its file would; return the only record's ID."""
    connection = sqlite3.connect(folder / "data" / "longmai.db")
    connection.execute(statement)
    connection.commit()
    [(record_id,)] = connection.execute("SELECT id FROM ledger_record").fetchall()
    connection.close()
    return str(record_id)


def test_a_bad_file_does_not_stop_a_good_one(tmp_path: Path) -> None:
    """The good one is captured and can be traced, the bad one is named with its fault."""
    (tmp_path / "bad.json").write_bytes(document([EVENT | {"action": "LOOK"}]))
    (tmp_path / "good.json").write_bytes(document([EVENT]))
    told = run("brand", "capture", "bad.json", "good.json", "none.json", folder=tmp_path)
    assert told.returncode == 3
    assert "✓ good.json: 1 events" in told.stdout
    assert "✗ bad.json" in told.stderr
    assert "epcisBody.eventList[0].action" in told.stderr
    assert "✗ none.json" in told.stderr
    again = run("brand", "capture", "good.json", folder=tmp_path)
    assert again.returncode == 4
    found = run("brand", "trace", "01/09521234543213/21/BOX7", "--json", folder=tmp_path)
    assert json.loads(found.stdout)["nodes"][0]["key"] == "01/09521234543213/21/BOX7"
    assert run("brand", "trace", "01/09521234543213/21/NONE", folder=tmp_path).returncode == 3


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    """Exit code 6, the port, what to do, no trace."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = run("serve", "--port", port, folder=tmp_path)
    assert told.returncode == 6, told.stderr
    assert told.stderr.count("\n") == 1
    assert port in told.stderr
    assert "LONGMAI_PORT" in told.stderr


def test_a_data_folder_that_cannot_be_one_is_said_in_one_sentence(tmp_path: Path) -> None:
    """A file stands where the folder should: exit code 6, its name, what to do."""
    (tmp_path / "data").write_text("", "utf-8")
    told = run("ledger", "audit", folder=tmp_path)
    assert told.returncode == 6
    assert told.stderr.count("\n") == 1
    assert "LONGMAI_DATA" in told.stderr


def test_a_backup_is_taken_and_restored(house: House, tmp_path: Path) -> None:
    """Two commands; the restored house audits clean, and a second restore is refused."""
    del house
    taken = run("backup", str(tmp_path / "safe"), folder=tmp_path)
    assert taken.returncode == 0, taken.stderr
    assert "longmai.db" in taken.stdout
    back = run("restore", str(tmp_path / "safe"), "--data", str(tmp_path / "new"), folder=tmp_path)
    assert back.returncode == 0, back.stderr
    assert "0 findings" in back.stdout
    again = run("restore", str(tmp_path / "safe"), "--data", str(tmp_path / "new"), folder=tmp_path)
    assert again.returncode == 4


def test_files_are_checked_without_being_captured(tmp_path: Path) -> None:
    """A document, a query, and one that cannot be; nothing is written."""
    (tmp_path / "good.json").write_bytes(document([EVENT]))
    (tmp_path / "query.json").write_text('{"EQ_bizStep": ["shipping"]}', "utf-8")
    (tmp_path / "bad.json").write_text('{"EQ_bizStp": ["shipping"]}', "utf-8")
    told = run("brand", "check", "good.json", "query.json", "bad.json", folder=tmp_path)
    assert told.returncode == 2
    assert "a document of 1 events" in told.stdout
    assert "a query of 1 condition" in told.stdout
    assert "EQ_bizStep" in told.stderr
    assert not (tmp_path / "data").exists()


def test_a_file_is_captured_as_far_as_it_is_good(tmp_path: Path) -> None:
    """Piece by piece, telling what was not taken."""
    bad = EVENT | {"eventID": "urn:bad", "action": "CREATE"}
    (tmp_path / "mixed.json").write_bytes(document([EVENT, bad]))
    told = run("brand", "capture", "--proceed", "mixed.json", folder=tmp_path)
    assert told.returncode == 2
    assert "1 of 2 events" in told.stdout
    assert "epcisBody.eventList[1].action" in told.stderr
