"""``longmai brand …``: capture EPCIS files, trace a thing, load the sample season."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from longmai.domains.brand.capturing import capturer
from longmai.domains.brand.checking import check_text
from longmai.domains.brand.intake import take_in
from longmai.domains.brand.model import gs1
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.queries import SqlEvents
from longmai.domains.brand.season import load_sample
from longmai.domains.brand.service import MAX_DOCUMENT_BYTES, Receipt, capture
from longmai.kernel.errors import Invalid, LongmaiError, NotFound
from longmai.kernel.ids import new_id
from longmai.portal.accounts.visiting import operator
from longmai.portal.commands import DataFolder, house_for
from longmai.portal.house import House

_PIECE_BYTES = 1024 * 1024

app = typer.Typer(no_args_is_help=True)


@app.command("capture")
def capture_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="EPCIS 2.0 in JSON-LD, 1.2 or 2.0 in XML.")],
    data: DataFolder = None,
    *,
    proceed: Annotated[
        bool, typer.Option("--proceed", help="Take good events although others are bad.")
    ] = False,
) -> None:
    """Capture EPCIS files, each whole or not at all; a bad file does not stop the others.

    Files of any length are read piece by piece; more than 20,000 events need `--proceed`.

    Example: `longmai brand capture harvest.jsonld shipping.xml`

    Exit codes: 0 all captured; 2 or 4 the last refusal's.
    """
    house = house_for(context, data)
    exit_code = 0
    for file in files:
        try:
            if proceed or _size(file) > MAX_DOCUMENT_BYTES:
                exit_code = _stream(house, file, proceed=proceed) or exit_code
                continue
            receipt = _capture(house, file)
        except LongmaiError as error:
            typer.secho(f"✗ {file}: {error}", fg=typer.colors.RED, err=True)
            exit_code = error.exit_code
            continue
        typer.secho(f"✓ {file}: {len(receipt.events)} events", fg=typer.colors.GREEN)
        for advice in receipt.advice:
            typer.echo(f"  note: {advice}")
    raise typer.Exit(exit_code)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _stream(house: House, file: Path, *, proceed: bool) -> int:
    """Capture a file piece by piece, with a bar; return the exit code."""

    def chunks() -> Iterator[bytes]:
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE_BYTES):
                yield piece

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(file.name, total=None)
        found = take_in(
            house.store,
            chunks,
            (new_id(), capturer(house, operator(house))),
            proceed=proceed,
            progress=lambda done, total: bars.update(bar, completed=done, total=total),
        )
    for fault in found.faults:
        typer.secho(f"  {fault}", fg=typer.colors.RED, err=True)
    sign, colour = ("✗", typer.colors.RED) if found.faults else ("✓", typer.colors.GREEN)
    typer.secho(f"{sign} {file}: {found.taken} of {found.events} events", fg=colour)
    return Invalid.exit_code if found.faults else 0


@app.command("check")
def check_files(
    files: Annotated[list[Path], typer.Argument(help="Documents, answers to queries, queries.")],
) -> None:
    """Check EPCIS files without capturing them: documents, answers to queries, queries.

    Example: `longmai brand check from-a-partner.xml`

    Exit codes: 0 all are valid; 2 one is not.
    """
    exit_code = 0
    for file in files:
        try:
            says = check_text(_read(file))
        except LongmaiError as error:
            typer.secho(f"✗ {file}: {error}", fg=typer.colors.RED, err=True)
            exit_code = error.exit_code
            continue
        typer.secho(f"✓ {file}: {says}", fg=typer.colors.GREEN)
    raise typer.Exit(exit_code)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound("cannot read the file", value=error.strerror) from None


def _capture(house: House, file: Path) -> Receipt:
    text = _read(file)
    with house.store.begin() as work:
        return capture(work, text, capturer(house, operator(house)))


@app.command("trace")
def trace_key(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="GS1 key or Digital Link, like 01/…/10/….")],
    data: DataFolder = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Trace a thing back to its sources and forward to where it went.

    Example: `longmai brand trace https://id.gs1.org/01/09521234543213/10/LOT1`
    """
    known = gs1.canonical_key(key) if ":" in key else gs1.parse_digital_link_path(key)
    with house_for(context, data).store.read() as connection:
        found = trace(SqlEvents(connection), known)
    if not found.steps:
        raise NotFound("nothing is recorded about this thing", value=known)
    if as_json:
        told = {
            "nodes": [asdict(node) for node in found.nodes],
            "links": [asdict(link) for link in found.links],
            "balances": [asdict(balance) for balance in found.balances],
        }
        typer.echo(json.dumps(told, default=str, indent=2))
        return
    for step in found.steps:
        event = step.event
        place = event.biz_location or event.read_point or "-"
        when = event.event_time.strftime("%Y-%m-%d %H:%M")
        typer.echo(f"{when}  {step.relation:<9}  {event.biz_step or event.type:<22}  {place}")
    for link in found.links:
        amount = "" if link.quantity is None else f"  {link.quantity} {link.uom or ''}"
        typer.echo(f"{link.kind:<11}  {link.source} → {link.target}{amount}")


@app.command()
def sample(context: typer.Context, data: DataFolder = None) -> None:
    """Load the sample season into a store that has none.

    Example: `longmai brand sample`
    """
    load_sample(house_for(context, data), typer.echo)
