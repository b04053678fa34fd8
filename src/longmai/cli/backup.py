"""``longmai backup`` and ``longmai restore``: everything that Longmai keeps, and back again."""

from pathlib import Path
from typing import Annotated

import typer

from longmai.app import build_house
from longmai.kernel.clock import SystemClock
from longmai.kernel.settings import load_settings
from longmai.ledger.audit import Audit
from longmai.portal.commands import DataFolder
from longmai.store import backup as backing
from longmai.store.database import connect, inspecting
from longmai.store.inspection import InspectedLog

_FAILED = 1


def backup(
    folder: Annotated[Path, typer.Argument(help="Empty folder to write into.")],
    data: DataFolder = None,
) -> None:
    """Write the database and the log's key into a folder; the server may keep running.

    The folder holds personal data and the key: keep it as safe as the house itself.

    Example: `longmai backup /safe/2026-11-23`

    Exit codes: 0 written; 4 the folder is not empty; 6 it cannot be written.
    """
    settings = load_settings(data=data)
    engine = connect(settings.database)
    made = backing.back_up(engine, settings.data / "ledger.key", folder, SystemClock())
    backing.checked(folder)
    for name, digest in made.files.items():
        typer.echo(f"{digest}  {folder / name}")


def restore(
    folder: Annotated[Path, typer.Argument(help="Folder that backup wrote.")],
    data: DataFolder = None,
) -> None:
    """Put a backup into an empty data folder (or PostgreSQL database), and audit it.

    Witnesses and the log above refuse to go on from an old backup: see the how-to.

    Example: `longmai restore /safe/2026-11-23 --data data`

    Exit codes: 0 restored and clean; 1 restored, with findings; 2 the backup is damaged;
    4 there is data already.
    """
    backed = backing.checked(folder)
    settings = load_settings(data=data)
    if not settings.database.startswith("sqlite"):
        backing.refuse_full(connect(settings.database))
    backing.restore(backed, settings.database, settings.data)
    house = build_house(settings)
    with inspecting(house.store.engine) as connection:
        log = InspectedLog(connection)
        audit = Audit(log, house.audit_keys(log), unpublished=house.witnesses is not None)
        findings = [str(finding) for finding in audit.findings()]
        size = log.size()
    for finding in findings:
        typer.secho(f"✗ {finding}", fg=typer.colors.RED)
    typer.echo(f"restore: {size} records, {len(findings)} findings")
    raise typer.Exit(_FAILED if findings else 0)
