"""A PostgreSQL server that the tests start themselves from the machine's own binaries."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_UNPRIVILEGED = "nobody"


def postgres_programs() -> Path | None:
    """Return the folder of ``initdb`` and ``pg_ctl``, newest version first, or None."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if versions:
        return versions[0].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@dataclass(frozen=True)
class PostgresServer:
    """A running server, reached over loopback."""

    port: int

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://longmai@127.0.0.1:{self.port}/{database}"

    @classmethod
    @contextmanager
    def running(cls, programs: Path) -> Iterator["PostgresServer"]:
        """Start a server in a folder of its own; stop and remove it at the end."""
        folder = Path(tempfile.mkdtemp(prefix="longmai-pg-"))
        # PostgreSQL refuses to run as root, so root hands it to an unprivileged user.
        user = _UNPRIVILEGED if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        port = _free_port()

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [programs / program, "-D", folder / "db", *arguments],
                check=True,
                user=user,
                cwd=folder,
                stdout=subprocess.DEVNULL,
            )

        try:
            run("initdb", "-U", "longmai", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
            options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -F"
            run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
            try:
                yield cls(port)
            finally:
                run("pg_ctl", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
