"""``longmai ledger …``: verify a certificate offline, audit the log, rebuild the tables."""

import json
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from sqlalchemy import func, select

from longmai.app import build_house
from longmai.kernel.errors import NotFound
from longmai.kernel.settings import load_settings
from longmai.ledger import audit as auditing
from longmai.ledger import verifier
from longmai.portal.ledger_api import bundle_of, tlog_proof_of
from longmai.store.database import drop_traces, reading
from longmai.store.export import export_log
from longmai.store.ledger import LEAF, SqlLog
from longmai.store.rebuild import rebuild as rebuild_tables
from longmai.store.rotation import rotate

app = typer.Typer(
    name="ledger",
    help="The ledger: verify certificates, audit the log, rebuild the tables from it.",
    no_args_is_help=True,
)

_FAILED = 1
Data = Annotated[Path | None, typer.Option("--data", help="Data folder (LONGMAI_DATA).")]


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
        raise typer.Exit(_FAILED) from None
    for record in verdict.records:
        _tell(record)
    typer.echo(f"log {verdict.origin}, {verdict.size} records, root {verdict.root}")
    for above in verdict.anchors:
        typer.echo(f"anchored in {above.origin}, {above.size} records, root {above.root}")
    if verdict.witnesses:
        typer.echo(f"cosigned by {', '.join(verdict.witnesses)}")
    if not verdict.key_given:
        typer.echo("The key came from the file itself; give the one you trust with --key.")
    raise typer.Exit(0 if verdict.holds else _FAILED)


def _tell(record: verifier.RecordVerdict) -> None:
    name = f"leaf {record.leaf_index}  {record.header.get('kind', '?')}"
    if record.problem:
        typer.secho(f"✗ {name}: {record.problem.what}  [{record.problem.code}]", fg="red")
    else:
        erased = "  (content erased by law)" if record.erased else ""
        typer.secho(f"✓ {name}{erased}", fg=typer.colors.GREEN)


@app.command()
def audit(data: Data = None) -> None:
    """Compute everything anew from the stored records and name whatever differs.

    Example: `longmai ledger audit`

    Exit codes: 0 clean; 1 findings.
    """
    house = build_house(load_settings(data=data))
    findings = 0
    with reading(house.store.engine) as connection, _progress() as bar:
        total = connection.scalar(select(func.count()).select_from(LEAF)) or 0
        task = bar.add_task("audit", total=total)
        log, key = SqlLog(connection), house.signer.verifier_key
        for finding in auditing.audit(log, key, lambda done: bar.update(task, completed=done)):
            findings += 1
            bar.console.print(f"[red]✗[/red] {finding}", highlight=False, soft_wrap=True)
    typer.echo(f"audit: {total} records, {findings} findings")
    raise typer.Exit(_FAILED if findings else 0)


@app.command()
def rebuild(
    *,
    data: Data = None,
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
    raise typer.Exit(_FAILED if differences and not apply else 0)


@app.command()
def checkpoint(data: Data = None) -> None:
    """Print the newest signed checkpoint, after placing what still waits.

    Example: `longmai ledger checkpoint`
    """
    house = build_house(load_settings(data=data))
    house.integrate()
    with house.store.read() as connection:
        typer.echo(SqlLog(connection).checkpoint(), nl=False)


@app.command()
def erase(
    record: Annotated[UUID, typer.Argument(help="Record ID.")],
    basis: Annotated[str, typer.Option("--basis", help="The law and the request it follows.")],
    actor: Annotated[str, typer.Option("--actor", help="Who carries it out.")],
    data: Data = None,
) -> None:
    """Erase a record's content by lawful request; proofs still hold, the erasure is recorded.

    Example: `longmai ledger erase 0199… --basis 'PIPL art. 47, request 12/2026' --actor clerk-7`

    Exit codes: 0 erased; 3 no such record; 4 erased before.
    """
    house = build_house(load_settings(data=data))
    with house.store.begin() as work:
        erasure = work.ledger.erase(record, basis=basis, actor=actor)
    drop_traces(house.store.engine)
    typer.echo(f"erased {record}; recorded as {erasure.id}")


@app.command()
def rotate_key(
    reason: Annotated[str, typer.Option("--reason", help="Why, such as 'yearly' or 'leaked'.")],
    actor: Annotated[str, typer.Option("--actor", help="Who carries it out.")],
    data: Data = None,
) -> None:
    """Let a new key sign the log from now on; the log records it, and the old key is destroyed.

    Certificates given out stay valid under the old key. The server may keep running.

    Example: `longmai ledger rotate-key --reason yearly --actor security-1`

    Exit codes: 0 done; 6 too few witnesses cosigned, run it again.
    """
    house = build_house(load_settings(data=data))
    new = rotate(
        house.store, house.keys, house.clock, reason=reason, actor=actor, witnesses=house.witnesses
    )
    typer.echo(str(new))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write into.")], data: Data = None
) -> None:
    """Write the log as plain files that others' tools read (C2SP tlog-tiles).

    Example: `longmai ledger export public/`

    Exit codes: 0 written; 4 the folder holds files of another log.
    """
    house = build_house(load_settings(data=data))
    house.integrate()
    with _progress() as bar:
        task = bar.add_task("export", total=None)
        size = export_log(house.store, folder, lambda done: bar.update(task, completed=done))
    typer.echo(f"export: {size} records in {folder}")


@app.command()
def key(data: Data = None) -> None:
    """Print the log's verifier key, which others need to trust it."""
    typer.echo(str(build_house(load_settings(data=data)).signer.verifier_key))


@app.command()
def certificate(
    record: Annotated[UUID, typer.Argument(help="Record ID.")],
    data: Data = None,
    *,
    as_tlog_proof: Annotated[
        bool, typer.Option("--tlog-proof", help="Print a C2SP .tlog-proof instead of JSON.")
    ] = False,
) -> None:
    """Print the certificate of a record.

    Example: `longmai ledger certificate 0199… > certificate.json`
    """
    house = build_house(load_settings(data=data))
    house.integrate()
    if as_tlog_proof:
        typer.echo(tlog_proof_of(house, record), nl=False)
    else:
        typer.echo(json.dumps(bundle_of(house, [record]), ensure_ascii=False, indent=2))


def _progress() -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn()
    # Where nobody watches, a bar would only leave an empty line.
    return Progress(*columns, transient=True, disable=not sys.stdout.isatty())
