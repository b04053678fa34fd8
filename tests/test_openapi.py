"""The API keeps its own description: no server error, and answers of the shapes it promises."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error, response_schema_conformance
from tests.house import serving

EXAMPLES = int(os.environ.get("LONGMAI_API_EXAMPLES", "25"))


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The operations that a running house with sample data describes, by their labels."""
    with serving(tmp_path_factory.mktemp("api")) as running:
        schema = schemathesis.openapi.from_url(f"{running.address}/api/openapi.json")
        # An operation that the description gets wrong has no ok() and fails right here.
        found: list[Any] = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
        yield {operation.label: operation for operation in found}


def test_every_operation_answers_as_described(operations: dict[str, Any]) -> None:
    """Whatever is asked, the answer is of a described shape, and never a 5xx."""
    assert len(operations) >= 10
    for operation in operations.values():
        _ask(operation)


def _ask(operation: Any) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        case.call_and_validate(checks=[not_a_server_error, response_schema_conformance])

    asked()
