"""The wheel carries all that a machine without Node.js needs, with its licences."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.conftest import missing

from longmai.portal.rendering import STATIC

ROOT = Path(__file__).parents[1]
BUILD = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]


@pytest.mark.slow
def test_the_wheel_is_complete(tmp_path: Path) -> None:
    """Templates, words, migrations, regions, fonts and scripts are in it, each with a licence."""
    if not (STATIC / "vendor" / "manifest.json").is_file():
        missing("SKIPPED LOUDLY: no front-end packages; run 'make setup'")
    command = [sys.executable, *BUILD, "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    vendor = "longmai/portal/static/vendor/"
    for package in json.loads((STATIC / "vendor" / "manifest.json").read_text("utf-8")):
        assert any(name.startswith(f"{vendor}{package['folder']}/LICENSE") for name in names)
    expected = {
        "longmai/_regions/62/divisions.csv",
        "longmai/_regions/62/policies/livelihood/childcare-subsidy.yaml",
        "longmai/domains/brand/label.typ",
        "longmai/domains/brand/locales/en.toml",
        "longmai/domains/brand/templates/scan.html",
        "longmai/domains/innovation/policies/little-giant-2026.yaml",
        "longmai/migrations/versions/0001_ledger.py",
        "longmai/portal/static/verify.js",
        f"{vendor}manifest.json",
    }
    assert expected <= names
