"""The REST suites themselves: all operations, and a client that another program generates."""

from pathlib import Path

import pytest
from tests.conformance.epcis_rest import CLIENT_PYTHON, OPERATIONS, suites
from tests.conftest import missing


@pytest.mark.slow
def test_every_operation_and_a_generated_client(tmp_path: Path) -> None:
    """Each of the 63 answers as described; the generated client captures and finds."""
    if not CLIENT_PYTHON.exists():
        missing("SKIPPED LOUDLY: no generator of clients (make .setup/client)")
    operations, client = suites(tmp_path)
    assert operations.failures == ()
    assert operations.total == OPERATIONS
    assert client.failures == ()
    assert client.total == 7
