"""The command line: ``longmai serve``, ``longmai ledger …`` and a group per domain.

Exit codes: 0 done; 1 failed (an audit with findings, too); 2 invalid input or usage; 3 not found;
4 conflict; 5 forbidden; 6 unavailable.
"""

import gc
import sys
from typing import Annotated

import typer

from longmai import __version__
from longmai.app import build_house
from longmai.cli import account, backup, ledger, rules, serve, witness
from longmai.kernel.errors import LongmaiError
from longmai.registry import DOMAINS

app = typer.Typer(
    name="longmai",
    help="Longmai 陇脉: records that prove themselves, from orchard to phone.",
    epilog="Exit codes: 0 done, 1 failed, 2 invalid input, 3 not found, 4 conflict, "
    "5 forbidden, 6 unavailable.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(serve.serve)
app.command()(witness.witness)
app.command()(backup.backup)
app.command()(backup.restore)
app.add_typer(ledger.app, name="ledger")
app.add_typer(account.app, name="account")
app.add_typer(rules.app, name="rules")
for _domain in DOMAINS:
    if _domain.commands is not None:
        app.add_typer(_domain.commands, name=_domain.slug)


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    context.obj = build_house
    if version:
        typer.echo(f"longmai {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; a known error is one clear sentence, not a trace."""
    # What was imported lives as long as the program: looking through it again and again for
    # garbage costs bulk work a tenth of its time.
    gc.freeze()
    try:
        app()
    except LongmaiError as error:
        typer.secho(f"longmai: {error}", fg=typer.colors.RED, err=True)
        sys.exit(error.exit_code)
