"""The API keeps its own description: no server error, and answers of the shapes it promises."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error, response_schema_conformance
from tests.house import serving
from tests.visitor import token_for

EXAMPLES = int(os.environ.get("LONGMAI_API_EXAMPLES", "15"))


@pytest.fixture
def described(database_url: str, tmp_path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """The operations of a running house with sample data, by their labels, and a token."""
    with serving(tmp_path, database=database_url) as running:
        token = token_for(running.house, "brand.capture brand.query", "enterprise")
        schema = schemathesis.openapi.from_url(f"{running.address}/api/openapi.json")
        # An operation that the description gets wrong has no ok() and fails right here.
        found: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
        yield {operation.label: operation for operation in found}, token


def test_every_operation_answers_as_described(described: tuple[dict[str, Any], str]) -> None:
    """Whatever is asked, by who may and by nobody: a described shape, and never a 5xx."""
    operations, token = described
    assert len(operations) >= 10
    for operation in operations.values():
        _ask(operation, {"Authorization": f"Bearer {token}"})
        _ask(operation, {})


def _ask(operation: Any, headers: dict[str, str]) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        checks = [not_a_server_error, response_schema_conformance]
        case.call_and_validate(checks=checks, headers=headers)

    asked()
