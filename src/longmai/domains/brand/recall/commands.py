"""``longmai brand recall …``: order, list, prove and check recalls."""

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from longmai.domains.brand.code_pages import known_key
from longmai.domains.brand.recall.letters import desk_of, letter_of
from longmai.domains.brand.recall.proof import Finding, check_file, check_log, proof_of
from longmai.domains.brand.recall.queries import recall_of, recalls
from longmai.domains.brand.recall.service import Order, lift, order
from longmai.kernel.errors import Invalid, NotFound
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.store.table_window import Window

app = typer.Typer(name="recall", help="Recalls: order, prove, check.", no_args_is_help=True)

_FAILED = 1


@app.command("order")
def order_recall(
    context: typer.Context,
    keys: Annotated[list[str], typer.Argument(help="Lots or things: keys or Digital Links.")],
    note: Annotated[str, typer.Option(help="Why, in words; everybody reads it.")],
    level: Annotated[str, typer.Option(help="1, 2 or 3.")] = "2",
    reason: Annotated[str, typer.Option(help="residue, pathogen, foreign, …")] = "other",
    data: DataFolder = None,
) -> None:
    """Recall lots and all that was made of them; tell who holds it.

    Example: `longmai brand recall order 01/09521234543213/10/A1 --note 'residue above the limit'`
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        desk = desk_of(house, work, operator(house))
        wish = Order(tuple(map(known_key, keys)), level, reason, note)
        recall_id = order(desk, wish, letter_of(house, wish))
    with house.store.read() as connection:
        found = recall_of(connection, recall_id)
    typer.echo(f"{recall_id}  {found.things} things  digest {found.digest}")


@app.command("lift")
def lift_recall(
    context: typer.Context,
    recall_id: UUID,
    note: Annotated[str, typer.Option(help="Why.")],
    data: DataFolder = None,
) -> None:
    """Lift a recall.

    Example: `longmai brand recall lift 0192… --note 'second test within the limit'`
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        lift(desk_of(house, work, operator(house)), recall_id, note)


@app.command("list")
def list_recalls(context: typer.Context, data: DataFolder = None) -> None:
    """List recalls, the newest first.

    Example: `longmai brand recall list`
    """
    with house_for(context, data).store.read() as connection:
        _, found = recalls(connection, Window("at", size=200))
    for each in found:
        state = "lifted" if each.lifted_at else "open"
        typer.echo(
            f"{each.recall_id}  {each.at:%Y-%m-%d}  {state:<6}  {each.things:>6}  {each.note}"
        )


@app.command("prove")
def prove(
    context: typer.Context,
    recall_id: UUID,
    file: Annotated[Path, typer.Argument(help="Proof file to write.")],
    data: DataFolder = None,
) -> None:
    """Write the proof file of a recall: its order and the events it follows from, proven.

    Example: `longmai brand recall prove 0192… proof.json`
    """
    house = house_for(context, data)
    with house.store.read() as connection:
        found = recall_of(connection, recall_id)
    bundle = proof_of(house, found, operator(house))
    file.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    typer.echo(f"{len(bundle['records'])} records")


@app.command("check")
def check(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A proof file, or with --data a recall's ID.")],
    key: Annotated[str | None, typer.Option(help="Verifier key you trust.")] = None,
    data: DataFolder = None,
    *,
    whole: Annotated[
        bool, typer.Option("--whole", help="Against all events of the log in --data.")
    ] = False,
) -> None:
    """Check offline that a recall left nothing out and added nothing.

    Example: `longmai brand recall check proof.json --key 'longmai.example/log+…'`

    Exit codes: 0 it holds; 1 it does not; 2 no proof of a recall; 3 there is no such file.
    """
    if whole:
        with house_for(context, data).store.read() as connection:
            found = check_log(connection, recall_of(connection, _uuid(what)))
    else:
        try:
            found = check_file(Path(what).read_bytes(), key)
        except OSError as error:
            raise NotFound("cannot read the file", place=what, value=error.strerror) from None
    _say(found, whole=whole)
    raise typer.Exit(0 if found.holds else _FAILED)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("not the ID of a recall", value=text) from None


def _say(found: Finding, *, whole: bool) -> None:
    sign, colour = ("✓", typer.colors.GREEN) if found.holds else ("✗", typer.colors.RED)
    said = f"{sign} recall {found.recall_id}: {found.things} things from {found.events} events"
    typer.secho(f"{said}, {found.stated} in the order", fg=colour)
    typer.echo(f"looked from a checkpoint of {found.size} records")
    if found.problem:
        typer.echo(found.problem)
    if not whole:
        typer.echo("That nothing was left out only the whole log shows: --whole --data COPY")
