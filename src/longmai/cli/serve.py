"""``longmai serve``: set up the store, load the sample where asked, and serve until stopped."""

import errno
import os
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from longmai.app import build_house, create_app
from longmai.kernel.errors import Unavailable
from longmai.kernel.settings import load_settings
from longmai.portal import logs
from longmai.portal.accounts.first import FIRST_LOGIN, SAMPLE_FILE, first_link, open_samples
from longmai.portal.house import House
from longmai.portal.rendering import STATIC, Words


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Load the sample data into an empty store first.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 1,
) -> None:
    """Serve pages and API; the store is set up and migrated first.

    Example: `longmai serve --sample --port 8080`
    """
    settings = load_settings(host=host, port=port, data=data)
    _require_assets()
    listener = listen(settings.host, settings.port)
    house = build_house(settings)
    if sample:
        words = Words(house, settings.language)
        open_samples(house, lambda role: words("account.sample_name", role=words(f"role.{role}")))
        # After the people: a domain may give them things of their own.
        for domain in house.domains:
            if domain.load_sample is not None:
                domain.load_sample(house, typer.echo)
    _say_who_enters(house)
    shown = f"http://{settings.host}:{settings.port}/"
    typer.echo(f"Longmai 陇脉 is at {shown}  (data in {settings.data}; stop with Ctrl+C)")
    if workers > 1:
        _serve_by_many(house, listener, workers)
        return
    logs.configure(settings.log_format)
    config = uvicorn.Config(create_app(house), log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def _serve_by_many(house: House, listener: socket.socket, workers: int) -> None:
    # Each process builds a house of its own, from the environment: it inherits no connection.
    house.store.engine.dispose()
    settings = house.settings
    for name in ("host", "port", "data"):
        os.environ[f"LONGMAI_{name.upper()}"] = str(getattr(settings, name))
    config = uvicorn.Config(
        "longmai.app:served", factory=True, workers=workers, log_config=None, access_log=False
    )
    Multiprocess(config, sockets=[listener]).run()


def _say_who_enters(house: House) -> None:
    words = Words(house, house.settings.language)
    link = first_link(house, words("account.first_name"))
    if link is not None:
        typer.echo(f"First administrator '{FIRST_LOGIN}': set the password once, within 72 hours:")
        typer.echo(f"  {link}")
    file = house.settings.data / SAMPLE_FILE
    if file.is_file():
        typer.echo(f"Sample accounts, one for each role: {file}")


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address.

    Raises:
        Unavailable: it is taken, or cannot be listened on.
    """
    # Taken before the long set-up, so that a taken port is said at once.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        raise Unavailable(
            "the port is taken by another program" if taken else "cannot listen there",
            code="serve.port",
            place=f"{host}:{port}",
            value=None if taken else error.strerror,
            mend="stop that program, or choose another port with --port or LONGMAI_PORT",
        ) from None
    return listener


def _require_assets() -> None:
    if not (STATIC / "vendor").is_dir():
        raise Unavailable(
            "the front-end files are not there",
            code="serve.assets",
            place=str(STATIC / "vendor"),
            mend="run 'make setup' (needs Node.js 20 or newer)",
        )
