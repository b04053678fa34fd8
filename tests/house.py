"""A whole house in a folder of its own, for tests that go through the front door."""

import atexit
import fcntl
import json
import shutil
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from longmai.app import build_house, create_app
from longmai.domains.brand.sample import first_box_key, first_lot_key
from longmai.domains.brand.service import Capturer
from longmai.kernel.settings import load_settings
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE

BOX = first_box_key()
LOT = first_lot_key()


@contextmanager
def opened_house(folder: Path, *, sample: bool = False, **settings: object) -> Iterator[House]:
    """Build a house; with the sample season where asked, all of it in the log."""
    data = folder / "data"
    if sample and not settings and not data.exists():
        shutil.copytree(_sample_house(), data)
    house = build_house(load_settings(data=data, **settings))
    try:
        if sample and settings:
            shutil.copytree(_sample_house() / "livelihood", data / "livelihood")
            _load(house)
        house.integrate()
        yield house
    finally:
        house.store.engine.dispose()


MADE: list[Path] = []
"""The folder of what every house has alike: made once, by whichever process comes first."""


def _sample_house() -> Path:
    """Return the data folder of a house with the sample: loading it takes many seconds."""
    if not MADE:
        MADE.append(Path(tempfile.mkdtemp()))
        atexit.register(shutil.rmtree, MADE[0], ignore_errors=True)
    MADE[0].mkdir(exist_ok=True)
    with (MADE[0] / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = MADE[0] / "data"
        if not made.exists():
            house = build_house(load_settings(data=MADE[0] / "partial"))
            _load(house)
            house.integrate()
            house.store.engine.dispose()
            (MADE[0] / "partial").rename(made)
    return made


def _load(house: House) -> None:
    for domain in house.domains:
        if domain.load_sample is not None:
            domain.load_sample(house, lambda _said: None)


def anybody(house: House) -> Capturer:
    """Return somebody who may capture anywhere."""
    return Capturer("tester", EVERYWHERE, house.regions.code, house.clock.now())


@dataclass(frozen=True)
class Served:
    """A running house: the house itself, and the port it answers on."""

    house: House
    port: int

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(folder: Path, **settings: object) -> Iterator[Served]:
    """Serve a house with the sample season on a free port."""
    with opened_house(folder, sample=True, **settings) as house, served_house(house) as running:
        yield running


@contextmanager
def served_house(house: House) -> Iterator[Served]:
    """Serve a house on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(house), log_level="error", access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Served(house, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def document(events: Sequence[dict[str, Any]], **more: Any) -> bytes:
    """Write an EPCIS document around events."""
    body = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            {"lm": "https://longmai.example/voc#"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2025-10-01T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **more,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def change_payload(database: Path, containing: Sequence[str], old: str, new: str) -> list[str]:
    """Change payloads by hand, as somebody with the database file would; return record IDs."""
    connection = sqlite3.connect(database)
    where = " AND ".join("CAST(payload AS TEXT) LIKE ?" for _ in containing)
    found = connection.execute(
        f"SELECT id FROM ledger_record WHERE {where}",  # noqa: S608 - only question marks are joined
        [f"%{text}%" for text in containing],
    ).fetchall()
    for (record_id,) in found:
        connection.execute(
            "UPDATE ledger_record SET payload = replace(CAST(payload AS TEXT), ?, ?) WHERE id = ?",
            (old, new, record_id),
        )
    connection.commit()
    connection.close()
    return [record_id for (record_id,) in found]
