"""Say in one sentence what a machine lacks, before set-up runs into it.

Runs on any Python from 3.7, so that it can say that this one is too old.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys

NEWEST_UNFIT_PYTHON = (3, 10)
OLDEST_NODE = 20


def fault_of_python() -> str | None:
    """Return what is wrong with this Python for set-up, or None."""
    if sys.version_info[:2] <= NEWEST_UNFIT_PYTHON:
        found = "{}.{}".format(*sys.version_info[:2])
        return (
            "Longmai needs Python 3.11 or newer, and this is " + found + "; set PYTHON=python3.11."
        )
    if importlib.util.find_spec("ensurepip") is None:
        return "Python has no ensurepip; on Debian install the package python3-venv."
    if not os.access(".", os.W_OK):
        return "This folder is read-only; copy the project to a folder you can write."
    return None


def fault_of_node() -> str | None:
    """Return what is wrong with Node.js for set-up, or None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return (
            "Node.js with npm is missing; it is needed once, to fetch the front-end files. "
            "On Debian: install the packages nodejs and npm. (A wheel of Longmai needs no Node.js.)"
        )
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    if int(said.lstrip("v").split(".")[0] or 0) < OLDEST_NODE:
        return f"Longmai's set-up needs Node.js {OLDEST_NODE} or newer, and this is {said.strip()}."
    return None


def main() -> None:
    """Check what the argument names (python or node) and exit 1 with a sentence if it lacks."""
    fault = {"python": fault_of_python, "node": fault_of_node}[sys.argv[1]]()
    if fault:
        sys.exit(fault)


if __name__ == "__main__":
    main()
