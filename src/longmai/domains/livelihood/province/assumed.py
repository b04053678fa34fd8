"""What the sample province assumes where nothing is published: read from ``assumptions.toml``."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("assumptions.toml")


@cache
def assumptions() -> dict[str, Any]:
    """Return the assumptions as they stand in the file."""
    return tomllib.loads(FILE.read_text("utf-8"))
