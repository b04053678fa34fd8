"""The courier goes on whatever the log above answers; it keeps nothing that does not hold."""

import httpx
import pytest
from tests.store.conftest import Log

from longmai.kernel.errors import Unavailable
from longmai.ledger.note import Signer
from longmai.ledger.policy import Party
from longmai.store.anchoring import newest_receipt
from longmai.store.courier import Courier

RECORD = {"record_id": "0199a000-0000-7000-8000-000000000001"}


def courier(log: Log, *answers: httpx.Response) -> Courier:
    """Carry to an upper log that gives these answers, one after the other."""
    waiting = iter(answers)
    http = httpx.Client(transport=httpx.MockTransport(lambda _request: next(waiting)))
    upper = Party(Signer.generate("city.example/log").verifier_key, "http://city.example")
    return Courier(log.store, upper, log.store.clock, http)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="not JSON"),
        httpx.Response(200, json=[1]),
        httpx.Response(200, json={"record_id": "seven"}),
        httpx.Response(500, text="broken"),
    ],
)
def test_a_strange_answer_is_put_off(sqlite_log: Log, answer: httpx.Response) -> None:
    """Told in words; nothing is remembered as handed over."""
    sqlite_log.append(1)
    sqlite_log.integrate()
    made = courier(sqlite_log, answer)
    with pytest.raises(Unavailable):
        made.round()
    made.close()
    with sqlite_log.store.read() as connection:
        assert newest_receipt(connection) is None


@pytest.mark.parametrize("given", ["not JSON", "[]", "{}", '{"anchors": 7}', '{"anchors": [7]}'])
def test_a_strange_receipt_is_not_kept(sqlite_log: Log, given: str) -> None:
    """Handed over, yes; proven, no."""
    sqlite_log.append(1)
    sqlite_log.integrate()
    made = courier(sqlite_log, httpx.Response(200, json=RECORD), httpx.Response(200, text=given))
    with pytest.raises(Unavailable):
        made.round()
    made.close()
    with sqlite_log.store.read() as connection:
        receipt = newest_receipt(connection)
    assert receipt is not None
    assert receipt.chain is None
