"""A plain installation has no extras: the program starts, and says what it would need for more."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]

STARTED = """
import sys
from importlib.machinery import PathFinder

class WithoutExtras:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            return None
        return PathFinder.find_spec(name, path, target)

    find_distributions = staticmethod(PathFinder.find_distributions)

sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutExtras()
from pathlib import Path
from typer.testing import CliRunner
from longmai.app import build_house, create_app
from longmai.cli import app
from longmai.kernel.settings import load_settings

create_app(build_house(load_settings(data=Path(sys.argv[1]))))
for name in ("--version", "rules", "assets", "livelihood", "brand"):
    arguments = [name] if name.startswith("-") else [name, "--help"]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, (arguments, found.output, found.exception)
asked = CliRunner().invoke(app, ["rules", "check", sys.argv[2]])
print(asked.output)
"""


def modules_of_extras() -> set[str]:
    """The modules that the optional dependencies bring, by their top name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {
        line.split(">")[0].split("[")[0].lower()
        for lines in project["optional-dependencies"].values()
        for line in lines
    }
    known = packages_distributions()
    return {module for module, own in known.items() if named & {each.lower() for each in own}}


def test_it_starts(tmp_path: Path) -> None:
    """The server's application is built, commands answer, and a check names the missing extra."""
    absent = modules_of_extras()
    assert {"z3", "psycopg", "pyspark"} <= absent
    policies = ROOT / "regions" / "62" / "policies" / "livelihood"
    done = subprocess.run(
        [sys.executable, "-c", STARTED.format(absent=absent), str(tmp_path), str(policies)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert "longmai[check]" in done.stdout, done.stdout
