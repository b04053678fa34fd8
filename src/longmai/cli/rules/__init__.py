"""``longmai rules …``: policies and decision tables on the command line."""

import typer

from longmai.cli.rules import cases, examples, files, run, table, update, whatif

app = typer.Typer(
    name="rules",
    help="Policies: write, check, evaluate, replay, change; decision tables in other forms.",
    no_args_is_help=True,
)
app.command("new")(files.new)
app.command("check")(files.check)
app.command("examples")(examples.examples)
app.command("schema")(files.schema)
app.command("evaluate")(cases.evaluate)
app.command("replay")(cases.replay)
app.command("what-if")(whatif.what_if)
app.command("table")(table.table)
app.command("run")(run.run)
app.command("update")(update.update)
app.command("compact")(update.compact)
app.command("explain")(run.explain)
app.command("certificate")(run.certificate)
