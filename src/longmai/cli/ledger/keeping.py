"""``longmai ledger …``: the log's checkpoint, keys, certificates and erasures."""

import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from longmai.app import build_house
from longmai.cli.ledger.group import app
from longmai.kernel.i18n import LANGUAGES, SOURCE_LANGUAGE
from longmai.kernel.settings import load_settings
from longmai.portal.accounts.visiting import operator
from longmai.portal.certificate_pdf import certificate_pdf
from longmai.portal.commands import DataFolder
from longmai.portal.ledger_api import bundle_of, tlog_proof_of
from longmai.portal.ledger_pages import proven_of
from longmai.portal.rendering import Words
from longmai.store.database import drop_traces
from longmai.store.ledger import SqlLog
from longmai.store.rotation import rotate


@app.command()
def checkpoint(data: DataFolder = None) -> None:
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
    data: DataFolder = None,
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
    data: DataFolder = None,
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
def key(data: DataFolder = None) -> None:
    """Print the log's verifier key, which others need to trust it."""
    typer.echo(str(build_house(load_settings(data=data)).signer.verifier_key))


@app.command()
def certificate(
    record: Annotated[UUID, typer.Argument(help="Record ID.")],
    data: DataFolder = None,
    *,
    as_tlog_proof: Annotated[
        bool, typer.Option("--tlog-proof", help="Print a C2SP .tlog-proof instead of JSON.")
    ] = False,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Write a PDF for printing to this file instead.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Of the PDF: zh or en.")] = "zh",
) -> None:
    """Print the certificate of a record.

    Example: `longmai ledger certificate 0199… > certificate.json`
    """
    house = build_house(load_settings(data=data))
    house.integrate()
    if pdf is not None:
        words = Words(house, language if language in LANGUAGES else SOURCE_LANGUAGE)
        pdf.write_bytes(certificate_pdf(proven_of(house, record, words, operator(house)), words))
        typer.echo(f"certificate: {pdf}")
    elif as_tlog_proof:
        typer.echo(tlog_proof_of(house, record), nl=False)
    else:
        typer.echo(
            json.dumps(bundle_of(house, [record], operator(house)), ensure_ascii=False, indent=2)
        )
