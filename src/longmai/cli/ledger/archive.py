"""``longmai ledger export`` and ``import``: the log as files, for others to check or to move it."""

from pathlib import Path
from typing import Annotated

import typer

from longmai.app import build_house
from longmai.cli.ledger.group import app, progress_bar
from longmai.kernel.settings import load_settings
from longmai.ledger.note import VerifierKey
from longmai.portal.commands import DataFolder
from longmai.store.archive import archive_log
from longmai.store.export import export_log
from longmai.store.importing import import_log


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write into.")],
    data: DataFolder = None,
    *,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole",
            help="Also what the records contain, personal data included, under archive/.",
        ),
    ] = False,
) -> None:
    """Write the log as plain files that others' tools read (C2SP tlog-tiles).

    With --whole the folder is all that `longmai ledger import` needs; keep it as safe as the store.

    Example: `longmai ledger export public/`

    Exit codes: 0 written; 4 the folder holds files of another log.
    """
    house = build_house(load_settings(data=data))
    house.integrate()
    write = archive_log if whole else export_log
    with progress_bar() as bar:
        task = bar.add_task("export", total=None)
        size = write(house.store, folder, lambda done: bar.update(task, completed=done))
    typer.echo(f"export: {size} records in {folder}")


@app.command(name="import")
def import_(
    folder: Annotated[Path, typer.Argument(help="Folder that export --whole wrote.")],
    data: DataFolder = None,
    *,
    key: Annotated[
        str | None,
        typer.Option("--key", help="Verifier key of the log, if this store's own is another."),
    ] = None,
) -> None:
    """Read a whole log into an empty store: audited first, then all tables derived from it.

    To go on writing in it, put the log's `ledger.key` into the data folder beforehand.

    Example: `longmai ledger import archive-2026/ --data copy`

    Exit codes: 0 imported; 2 the archive is damaged, nothing was imported; 4 the store has a log.
    """
    house = build_house(load_settings(data=data))
    keys = [*([VerifierKey.parse(key)] if key else []), *house.known_keys()]
    with progress_bar() as bar:
        task = bar.add_task("import", total=None)
        size = import_log(house.store, folder, keys, lambda done: bar.update(task, completed=done))
    typer.echo(f"import: {size} records, audited, tables derived")
