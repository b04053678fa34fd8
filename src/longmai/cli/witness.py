"""``longmai witness``: cosign the checkpoints of logs that only grow."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from longmai.cli.serve import listen
from longmai.kernel.clock import SystemClock
from longmai.kernel.errors import Invalid, NotFound
from longmai.ledger.note import VerifierKey
from longmai.ledger.policy import parse_policy
from longmai.portal.witness_app import create_witness_app
from longmai.store.database import connect, migrate
from longmai.store.witnessing import Witness, claim_memory, witness_key


def witness(
    name: Annotated[str, typer.Argument(help="Name of the witness, such as witness.example/w1.")],
    logs: Annotated[
        Path, typer.Option("--logs", help="Policy file whose log lines are the logs to watch.")
    ],
    folder: Annotated[
        Path, typer.Option("--data", help="Folder for the witness's key and memory.")
    ] = Path("witness"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8063,
) -> None:
    """Run a witness: it cosigns the checkpoints of logs that only grow (C2SP tlog-witness).

    It remembers what it cosigned, and refuses a fork or a log that was rolled back. Run it on
    another machine, under other people's control, than the logs it watches.

    Example: `longmai witness witness.example/w1 --logs logs.policy --port 8063`
    """
    watched = _logs(logs)
    listener = listen(host, port)
    folder.mkdir(parents=True, exist_ok=True)
    engine = connect(f"sqlite:///{folder / 'witness.db'}")
    migrate(engine)
    clock = SystemClock()
    signer = claim_memory(engine, witness_key(folder, name), clock)
    made = Witness(engine, signer, watched, clock, folder / "evidence")
    typer.echo(f"witness {made.verifier_key}")
    typer.echo(f"watches {len(watched)} logs at http://{host}:{listener.getsockname()[1]}/")
    config = uvicorn.Config(create_witness_app(made), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def _logs(file: Path) -> list[VerifierKey]:
    try:
        policy = parse_policy(file.read_text("utf-8"), str(file))
    except OSError as error:
        raise NotFound("cannot read the file", place=str(file), value=error.strerror) from None
    if not policy.logs:
        raise Invalid(
            "the file names no log to watch",
            code="witness.logs",
            place=str(file),
            mend="add a line: log KEY",
        )
    return [party.key for party in policy.logs]
