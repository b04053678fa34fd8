"""Our log under other people's verifiers: Go's checksum database code, and tlog-scales."""

import pytest
from tests.conformance import scales, sumdb
from tests.conftest import missing


@pytest.mark.slow
def test_an_outside_verifier_takes_our_log_and_refuses_a_tampered_one() -> None:
    """Twenty thousand entries, their tiles, our proofs; then one changed byte at a time."""
    if not sumdb.available():
        missing("SKIPPED LOUDLY: no Go with golang-golang-x-mod-dev on this machine")
    results = list(sumdb.suites(sumdb.SOURCE))
    assert [result.failures for result in results] == [()] * 4
    assert results[0].passed == results[0].total == sumdb.LEAVES


@pytest.mark.slow
def test_a_second_outside_reader_agrees() -> None:
    """tlog-scales: entries, proofs of its own and of ours, signature and cosignature; damage."""
    for result in scales.suites(sumdb.SOURCE):
        assert result.failures == (), result.name
