"""What every visitor meets at every route; run as a program it writes ``rights.csv`` anew."""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.house import opened_house
from tests.visitor import TestClient, holder, visitor

from longmai.portal.house import House
from longmai.portal.rights.gates import guarded
from longmai.portal.rights.model import ROLES

TABLE = Path(__file__).with_name("rights.csv")
VISITORS = ("nobody", *ROLES)
_ID = "0199a000-0000-7000-8000-000000000001"
_VALUES = {
    "account_id": _ID,
    "given_id": _ID,
    "job_id": _ID,
    "record_id": _ID,
    "capture_id": _ID,
    "case_id": _ID,
    "batch_id": _ID,
    "message_id": _ID,
    "deed": "visited",
    "token_id": _ID,
    "digest": "0" * 64,
    "kind": "csv",
    "rest": "09521234543213",
    "key": "01/09521234543213",
    "token": "none",
}


def clients(house: House) -> dict[str, TestClient]:
    """Return a client for nobody, and for each role one that holds it and nothing else."""
    roles = {role: holder(house, role, login=f"a-{role.replace('_', '-')}") for role in ROLES}
    return {"nobody": visitor(house), **roles}


def routes(app: Any) -> Iterator[tuple[str, str]]:
    """Return method and path of each route."""
    for methods, path, _ in guarded(app.routes):
        yield from ((method, path) for method in sorted(methods))


def outcome(client: TestClient, method: str, path: str) -> str:
    """Return what a request meets: ``in``, ``sign in`` or ``refused``."""
    if path == "/sign-out":
        return "in"  # it would end the session that the next routes are tried with
    known = _VALUES | ({"kind": "acts"} if path.startswith("/admin/watch") else {})
    filled = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known.get(found[1], "1"), path)
    answer = client.request(method, filled, follow_redirects=False)
    location = answer.headers.get("location", "")
    if answer.status_code == 401 or location.startswith("/sign-in?next"):
        return "sign in"
    return "refused" if answer.status_code == 403 else "in"


def write() -> None:
    """Write the table."""
    with TemporaryDirectory() as folder, opened_house(Path(folder)) as house:
        known = clients(house)
        rows = [
            [f"{method} {path}", *(outcome(each, method, path) for each in known.values())]
            for method, path in routes(known["nobody"].app)
        ]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["route", *VISITORS])
        writer.writerows(rows)


if __name__ == "__main__":
    write()
    sys.stdout.write(f"wrote {TABLE}\n")
