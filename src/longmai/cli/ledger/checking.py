"""``longmai ledger verify``, ``audit`` and ``rebuild``: is everything as it was recorded?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from longmai.app import build_house
from longmai.cli.ledger.group import FAILED, app, progress_bar
from longmai.kernel.errors import NotFound
from longmai.kernel.settings import load_settings
from longmai.ledger import verifier
from longmai.ledger.audit import Audit
from longmai.portal.commands import DataFolder
from longmai.store.audit_memory import AuditMemory
from longmai.store.database import inspecting
from longmai.store.inspection import InspectedLog
from longmai.store.rebuild import rebuild as rebuild_tables


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="Certificate or proof bundle, a JSON file.")],
    key: Annotated[
        str | None,
        typer.Option("--key", help="Verifier key you trust, of the log or of one above it."),
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option("--witness", help="Key of a witness; may be repeated.")
    ] = None,
    quorum: Annotated[
        int | None, typer.Option("--quorum", help="How many of them must have cosigned; all.")
    ] = None,
) -> None:
    """Verify a certificate offline. Needs no data folder and no network.

    Example: `longmai ledger verify certificate.json --key 'longmai.example/log+…'`

    Exit codes: 0 it holds; 1 it does not; 3 there is no such file.
    """
    try:
        text = file.read_bytes()
    except OSError as error:
        raise NotFound("cannot read the file", place=str(file), value=error.strerror) from None
    try:
        verdict = verifier.verify(text, key, witness or (), quorum)
    except verifier.Refused as refusal:
        typer.secho(f"✗ {refusal.what}  [{refusal.code}]", fg=typer.colors.RED)
        raise typer.Exit(FAILED) from None
    for record in verdict.records:
        _tell(record)
    typer.echo(f"log {verdict.origin}, {verdict.size} records, root {verdict.root}")
    for above in verdict.anchors:
        typer.echo(f"anchored in {above.origin}, {above.size} records, root {above.root}")
    if verdict.witnesses:
        typer.echo(f"cosigned by {', '.join(verdict.witnesses)}")
    if not verdict.key_given:
        typer.echo("The key came from the file itself; give the one you trust with --key.")
    raise typer.Exit(0 if verdict.holds else FAILED)


def _tell(record: verifier.RecordVerdict) -> None:
    name = f"leaf {record.leaf_index}  {record.header.get('kind', '?')}"
    if record.problem:
        typer.secho(f"✗ {name}: {record.problem.what}  [{record.problem.code}]", fg="red")
    else:
        erased = "  (content erased by law)" if record.erased else ""
        typer.secho(f"✓ {name}{erased}", fg=typer.colors.GREEN)


@app.command()
def audit(
    data: DataFolder = None,
    *,
    since_last: Annotated[
        bool,
        typer.Option(
            "--since-last",
            help="Only what is newer than the last clean audit, and that the log still extends it; "
            "the payloads and rows audited then are not read again.",
        ),
    ] = False,
) -> None:
    """Compute everything anew from the stored records and name whatever differs.

    A clean audit is remembered in the data folder (`audit.json`) for `--since-last`.

    Example: `longmai ledger audit`

    Exit codes: 0 clean; 1 findings.
    """
    house = build_house(load_settings(data=data))
    memory = AuditMemory(house.settings.data / "audit.json")
    findings = 0
    with inspecting(house.store.engine) as connection, progress_bar() as bar:
        log = InspectedLog(connection)
        since = memory.load() if since_last else None
        audit = Audit(log, house.audit_keys(log), since, unpublished=house.witnesses is not None)
        total = log.size()
        task = bar.add_task("audit", total=total, completed=since.size if since else 0)
        for finding in audit.findings(lambda done: bar.update(task, completed=done)):
            findings += 1
            told = f"[red]✗[/red] {escape(str(finding))}"
            bar.console.print(told, highlight=False, soft_wrap=True)
    if audit.audited is not None:
        memory.save(audit.audited)
    looked_at = total - (since.size if since else 0)
    typer.echo(f"audit: {looked_at} records, {findings} findings")
    raise typer.Exit(FAILED if findings else 0)


@app.command()
def rebuild(
    *,
    data: DataFolder = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the rebuilt rows over the live ones.")
    ] = False,
) -> None:
    """Derive all tables from the ledger anew and compare them row for row.

    Example: `longmai ledger rebuild`

    Exit codes: 0 equal (or mended with --apply); 1 differences.
    """
    house = build_house(load_settings(data=data))
    differences = 0
    for difference in rebuild_tables(house.store, apply=apply):
        differences += 1
        typer.secho(f"✗ {difference}", fg=typer.colors.RED)
    ending = ", mended" if apply and differences else ""
    typer.echo(f"rebuild: {differences} differences{ending}")
    raise typer.Exit(FAILED if differences and not apply else 0)
