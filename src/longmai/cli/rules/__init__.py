"""``longmai rules …``: each module adds its commands to the group."""

from longmai.cli.rules import table
from longmai.cli.rules.group import app

__all__ = ["app", "table"]
