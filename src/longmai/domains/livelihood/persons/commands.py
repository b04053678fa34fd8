"""``longmai livelihood persons …``: import lists, link, write the population, train, erase."""

from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from longmai.domains.livelihood.persons import importing
from longmai.domains.livelihood.persons.content import identity_of
from longmai.domains.livelihood.persons.erasing import erase_person
from longmai.domains.livelihood.persons.jobs import desk_of, take_and_link
from longmai.domains.livelihood.persons.linking import link_file, unlinked_files
from longmai.domains.livelihood.persons.population import build, write_population
from longmai.domains.livelihood.persons.reading import read_file
from longmai.domains.livelihood.persons.refreshing import refresh_all
from longmai.domains.livelihood.persons.tables import FILE, ROW, UPLOAD
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid, LongmaiError
from longmai.match.linkage.records import table
from longmai.match.linkage.weighing import train as train_model
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.house import House
from longmai.store.database import drop_traces
from longmai.store.linkage import splink_database

app = typer.Typer(
    name="persons", help="一人一档: departments' lists, linked to persons.", no_args_is_help=True
)


@app.command("import")
def import_files(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="CSV, XLSX or Parquet.")],
    department: Annotated[str, typer.Option(help="Whose lists they are.")],
    region: Annotated[str, typer.Option(help="Code of the region; the house's own.")] = "",
    day: Annotated[str, typer.Option("--date", help="Day the lists are of; today.")] = "",
    data: DataFolder = None,
    *,
    part: Annotated[bool, typer.Option("--part", help="Only additions and changes.")] = False,
    leave_faulty: Annotated[
        bool, typer.Option("--leave-faulty", help="Take the sound rows, tell of the others.")
    ] = False,
    sample: Annotated[bool, typer.Option("--sample", help="The people are made up.")] = False,
) -> None:
    """Import departments' lists, each whole or not at all, and link their rows to persons.

    Columns are taken as an earlier list of the same shape had them, or guessed.

    Example: `longmai livelihood persons import households.csv --department 公安`

    Exit codes: 0 all imported; 2 the last refusal's.
    """
    house = house_for(context, data)
    as_of = _day(day) if day else beijing_day(house.clock.now())
    sent = importing.Sent(
        department, region or house.regions.code, as_of, whole=not part, sample=sample
    )
    exit_code = 0
    for file in files:
        try:
            told = _import(house, file, sent, leave_faulty=leave_faulty)
        except LongmaiError as error:
            typer.secho(f"✗ {file}: {error}", fg=typer.colors.RED, err=True)
            exit_code = error.exit_code
            continue
        typer.secho(f"{'✗' if 'stopped' in told else '✓'} {file}: {told}", err="stopped" in told)
        exit_code = Invalid.exit_code if "stopped" in told else exit_code
    raise typer.Exit(exit_code)


def _import(
    house: House, file: Path, sent: importing.Sent, *, leave_faulty: bool
) -> dict[str, object]:
    desk = desk_of(house, operator(house))
    with house.store.begin() as work:
        upload_id = importing.send(work, desk, read_file(file), sent)
    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(file.name, total=None)
        told = take_and_link(
            house,
            desk,
            upload_id,
            lambda done, total: bars.update(bar, completed=done, total=total),
            leave_faulty=leave_faulty,
        )
    if "stopped" in told:
        _tell_faults(house, upload_id)
    kept = ("rows", "stopped", "left_out", "persons_known", "persons_fresh", "doubts")
    return {name: told[name] for name in kept if name in told}


def _tell_faults(house: House, upload_id: UUID) -> None:
    with house.store.begin() as work:
        query = select(UPLOAD.c.faults).where(UPLOAD.c.id == upload_id)
        for row, column, value, code, stops in work.connection.scalar(query) or ():
            if stops:
                what = house.catalogue.translate("en", f"persons.fault.{code}.what")
                typer.secho(f"  row {row}, column {column}: {what} (got {value!r})", err=True)
        work.connection.execute(UPLOAD.delete().where(UPLOAD.c.id == upload_id))


@app.command("link")
def link_rows(context: typer.Context, data: DataFolder = None) -> None:
    """Link rows that were taken and not linked, as after a crash between the two.

    Example: `longmai livelihood persons link`
    """
    house = house_for(context, data)
    desk = desk_of(house, operator(house))
    with house.store.read() as connection:
        waiting = list(unlinked_files(connection))
    for file_id in waiting:
        told = link_file(house.store, desk, file_id)
        typer.echo(f"✓ {file_id}: {told.rows} rows, {told.fresh} new persons, {told.doubts} doubts")
    typer.echo(f"{len(waiting)} files linked")


@app.command("export")
def export_population(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Parquet; the house's own.")] = None,
    data: DataFolder = None,
) -> None:
    """Write the population that policies are judged on: one row a person, each value's source.

    Without a file it is the house's own, as the nightly job works it out.

    Example: `longmai livelihood persons export population.parquet`
    """
    house = house_for(context, data)
    if file is None:
        built = build(house)
        if built is None:
            typer.echo("nobody is registered, or the population there is a file of your own")
            return
        said = "wrote" if built.fresh else "nothing has changed since:"
        typer.echo(f"{said} {built.people} people, {built.registered} of them registered")
        return
    with house.store.read() as connection:
        count = write_population(connection, file)
    typer.echo(f"wrote {count} people to {file}")


@app.command("rebuild")
def rebuild_persons(context: typer.Context, data: DataFolder = None) -> None:
    """Work the list of persons out anew from links and rows.

    Example: `longmai livelihood persons rebuild`
    """
    with house_for(context, data).store.begin() as work:
        count = refresh_all(work.connection)
    typer.echo(f"{count} persons")


@app.command("train")
def train(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The model to write, JSON.")],
    version: Annotated[str, typer.Option(help="Names the model in records.")],
    seed: Annotated[int, typer.Option(help="Of the random pairs.")] = 1,
    data: DataFolder = None,
) -> None:
    """Estimate a model of linkage from all rows that are kept; some ten thousand are needed.

    Example: `longmai livelihood persons train model.json --version 2026-12`
    """
    with house_for(context, data).store.read() as connection:
        query = select(ROW.c.id, ROW.c.content, FILE.c.sample).join(
            FILE, FILE.c.id == ROW.c.file_id
        )
        rows = connection.execute(query.where(ROW.c.content.is_not(None)))
        records = table((str(r.id), identity_of(r.content, sample=r.sample), True) for r in rows)
    with splink_database() as database:
        model = train_model(database, records, version=version, seed=seed)
    file.write_text(model.text(), "utf-8")
    typer.echo(f"wrote {file}")


@app.command("erase")
def erase(
    context: typer.Context,
    person: Annotated[UUID, typer.Argument(help="Number of the file.")],
    basis: Annotated[str, typer.Option(help="The law, and the request it follows.")],
    data: DataFolder = None,
) -> None:
    """Erase what is kept about a person: rows of lists, consents, looks. Proofs still hold.

    Example: `longmai livelihood persons erase 0192… --basis "PIPL art. 47, request 12"`
    """
    house = house_for(context, data)
    with house.store.begin() as work:
        count = erase_person(work, desk_of(house, operator(house)), person, basis)
    drop_traces(house.store.engine)
    typer.echo(f"erased {count} rows of lists")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            "not a day", code="persons.as_of", place="--date", value=text, mend="like 2026-08-31"
        ) from None
