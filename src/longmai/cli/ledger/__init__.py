"""``longmai ledger …``: each module adds its commands to the group."""

from longmai.cli.ledger import archive, checking, keeping
from longmai.cli.ledger.group import app

__all__ = ["app", "archive", "checking", "keeping"]
