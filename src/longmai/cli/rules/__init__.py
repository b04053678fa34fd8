"""``longmai rules …``: policies on the command line: new, check, evaluate, explain, replay."""

import typer

from longmai.cli.rules import cases, files

app = typer.Typer(
    name="rules",
    help="Policies: write, check, evaluate, explain, replay.",
    no_args_is_help=True,
)
app.command("new")(files.new)
app.command("check")(files.check)
app.command("schema")(files.schema)
app.command("evaluate")(cases.evaluate)
app.command("replay")(cases.replay)
