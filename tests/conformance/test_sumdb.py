"""Our log under somebody else's verifier: Go's checksum database code."""

import pytest
from tests.conformance import sumdb
from tests.conftest import missing


@pytest.mark.slow
def test_an_outside_verifier_takes_our_log_and_refuses_a_tampered_one() -> None:
    """Twenty thousand entries, their tiles, our proofs; then one changed byte at a time."""
    if not sumdb.available():
        missing("SKIPPED LOUDLY: no Go with golang-golang-x-mod-dev on this machine")
    results = list(sumdb.suites(sumdb.SOURCE))
    assert [result.failures for result in results] == [()] * 4
    assert results[0].passed == results[0].total == sumdb.LEAVES
