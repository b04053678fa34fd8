"""Every route with every role, held against the committed table ``rights.csv``.

A new route stands in the table, or the test fails; ``python -m tests.portal.rights.table`` writes
the table anew, and its diff says what changed.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house import opened_house
from tests.portal.rights.table import TABLE, VISITORS, clients, outcome, routes
from tests.visitor import visitor

from longmai.portal.house import House
from longmai.portal.rights.gates import require_gates


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path) as opened:
        yield opened


def committed() -> dict[str, dict[str, str]]:
    """Read the table: what each visitor meets, by route."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("route"): row for row in csv.DictReader(file)}


def test_every_route_meets_every_role_as_the_table_says(house: House) -> None:
    """In, sign in, or refused: nothing else, and nothing new."""
    expected = committed()
    found: dict[str, dict[str, str]] = {}
    for name, client in clients(house).items():
        for method, path in routes(client.app):
            found.setdefault(f"{method} {path}", {})[name] = outcome(client, method, path)
    assert found == expected
    assert all(tuple(row) == VISITORS for row in expected.values())


def test_a_route_without_a_gate_does_not_start(house: House) -> None:
    """Nobody can forget one."""
    app = visitor(house).app
    app.add_api_route("/forgotten", lambda: None)  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="/forgotten"):
        require_gates(app.routes, house.policy.posts)  # type: ignore[attr-defined]
