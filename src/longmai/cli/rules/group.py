"""The group of commands about rules."""

import typer

app = typer.Typer(help="Rules: decision tables read, checked, written in other forms.")
