"""The group ``longmai ledger``, and what its commands share."""

import sys

import typer
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

app = typer.Typer(
    name="ledger",
    help="The ledger: verify certificates, audit the log, keep its keys, copy it.",
    no_args_is_help=True,
)

FAILED = 1


def progress_bar() -> Progress:
    """Return a bar for long work."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn()
    # Where nobody watches, a bar would only leave an empty line.
    return Progress(*columns, transient=True, disable=not sys.stdout.isatty())
