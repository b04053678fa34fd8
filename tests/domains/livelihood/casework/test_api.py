"""The API of cases and payments, asked by who may: described shapes, and never a 5xx."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error, response_schema_conformance
from tests.domains.livelihood.casework.world import COUNTY, PAID, World, world
from tests.house import served_house
from tests.visitor import TestClient, token_for, visitor

from longmai.domains.livelihood.casework.kinds import DECIDE, READ, WORK
from longmai.domains.livelihood.payments.kinds import ACCOUNT, PREPARE
from longmai.domains.livelihood.payments.kinds import READ as PAY

SCOPES = f"{READ} {WORK} {DECIDE} {PAY} {PREPARE} {ACCOUNT}"
CASES, PAYMENTS = "/api/v1/livelihood/cases", "/api/v1/livelihood/pay"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    """A house with leads."""
    with world(tmp_path) as opened:
        yield opened


def client(made: World) -> TestClient:
    """Return a program with an official's token."""
    token = token_for(made.house, SCOPES, "official")
    return visitor(made.house, Authorization=f"Bearer {token}")


def test_a_program_takes_a_case_to_its_pay(made: World) -> None:
    """Read, act, read again; an account, a batch; the second person is missing."""
    program, case_id = client(made), made.opened()
    address = f"{CASES}/{case_id}"
    assert program.get(address).json()["may"]
    told = {"deed": "confirmed", "data": {"amount_fen": 10_001, "start": "2026-01"}, "seen": 1}
    assert program.post(f"{address}/acts", json=told).status_code == 201
    assert program.post(f"{address}/acts", json=told).status_code == 409
    message = {"channel": "paper", "recipient": "", "title": "告知", "body": "您好"}
    told = {"deed": "notified", "data": message, "seen": 2}
    assert program.post(f"{address}/acts", json=told).status_code == 201
    told = {"deed": "reversed", "data": {"note": "写错"}, "seen": 3}
    assert program.post(f"{address}/acts", json=told).status_code == 201
    assert program.get(address).json()["standing"] == "granted"
    assert program.get(CASES, params={"list": "granted"}).json()["total"] == 1
    account = {"person": "p1", "holder": "陇甲一", "account": "6200000012345678", "region": COUNTY}
    assert program.post(f"{PAYMENTS}/accounts", json=[account]).json() == {"new": 1}
    wish = {"policy": PAID, "region": COUNTY, "period": "2026-09"}
    batch = program.post(PAYMENTS, json=wish).json()["batch"]
    assert program.get(f"{PAYMENTS}/{batch}").json()["total_fen"] == 10_001
    assert program.post(f"{PAYMENTS}/{batch}/approve").status_code == 403
    assert program.get(f"{PAYMENTS}/balance").json() == []


def test_every_operation_answers_as_described(made: World) -> None:
    """Whatever an official's program sends."""
    made.opened()
    token = token_for(made.house, SCOPES, "official")
    with served_house(made.house) as running:
        schema = schemathesis.openapi.from_url(f"{running.address}/api/openapi.json")
        found: list[Any] = [
            result.ok()  # type: ignore[union-attr] # fails right here
            for result in schema.include(path_regex="/livelihood/").get_all_operations()
        ]
        assert len(found) >= 10
        for operation in found:
            _ask(operation, {"Authorization": f"Bearer {token}"})


def _ask(operation: Any, headers: dict[str, str]) -> None:
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        checks = [not_a_server_error, response_schema_conformance]
        case.call_and_validate(checks=checks, headers=headers)

    asked()
