"""The courier: carries our checkpoints to the upper log, and its receipts back to us.

It works by itself in a thread. When the upper log cannot be reached nothing waits for it: the
next round tries again, and one checkpoint then stands for all that were missed.
"""

import logging
import threading
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.exc import SQLAlchemyError

from longmai.kernel.clock import Clock
from longmai.kernel.errors import LongmaiError, Unavailable
from longmai.ledger import verifier
from longmai.ledger.merkle import MemoryTiles, consistency_proof
from longmai.ledger.note import parse_checkpoint, split_note
from longmai.ledger.policy import Party
from longmai.ledger.witness import Submission, size_told
from longmai.store.anchoring import Receipt, keep_chain, keep_receipt, newest_receipt
from longmai.store.database import writing
from longmai.store.ledger import SqlLog
from longmai.store.unit_of_work import Store

_log = logging.getLogger("longmai.courier")
_INTERVAL_S = 5.0
_TIMEOUT_S = 10.0
_OK = 200
_CONFLICT = 409


class Courier:
    """Between this log and the one above it.

    Args:
        store: of this log.
        upper: key and base address of the log above.
        clock: gives the time a checkpoint was handed over.
    """

    def __init__(
        self, store: Store, upper: Party, clock: Clock, http: httpx.Client | None = None
    ) -> None:
        self._store, self._upper, self._clock = store, upper, clock
        self._http = http or httpx.Client(timeout=_TIMEOUT_S)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End; an open request is finished first."""
        self._stop.set()
        self._thread.join()
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.round()
            except (LongmaiError, SQLAlchemyError) as error:
                _log.warning("anchoring put off: %s", error)
            self._stop.wait(_INTERVAL_S)

    def round(self) -> bool:
        """Hand over what is new, fetch what is due; return whether the newest chain is complete.

        Raises:
            Unavailable: the upper log cannot be reached, refuses, or has no sound proof yet.
        """
        self._hand_over()
        with self._store.read() as connection:
            due = newest_receipt(connection)
        if due is None or due.complete:
            return due is not None
        return self._fetch(due)

    def _hand_over(self) -> None:
        with self._store.read() as connection:
            log = SqlLog(connection)
            note = log.published()
            receipt = newest_receipt(connection)
            size = 0 if note is None else parse_checkpoint(split_note(note)[0]).size
            old = 0 if receipt is None else receipt.size
            if note is None or size <= old:
                return
            answer = self._submit(log, note, old, size)
            seen = _size_seen(answer)
            if seen is not None and seen <= size:
                answer = self._submit(log, note, seen, size)
        if answer.status_code != _OK:
            raise Unavailable(
                f"the upper log refused our checkpoint of {size} records",
                code="courier.refused",
                place=self._upper.url,
                value=f"{answer.status_code}: {answer.text[:300]}",
            )
        with writing(self._store.engine) as connection:
            keep_receipt(connection, size, _id_of(_told(answer)), self._clock.now())

    def _submit(self, log: SqlLog, note: str, old: int, size: int) -> httpx.Response:
        tiles = MemoryTiles(behind=log)
        proof = consistency_proof(tiles, old, size) if 0 < old < size else []
        body = str(Submission(old, tuple(proof), note))
        return self._request("POST", "/api/v1/ledger/anchors", body)

    def _request(self, method: str, path: str, body: str | None = None) -> httpx.Response:
        try:
            return self._http.request(method, self._upper.url.rstrip("/") + path, content=body)
        except httpx.HTTPError as error:
            raise Unavailable(
                "the upper log cannot be reached",
                code="courier.contact",
                place=self._upper.url,
                value=str(error) or type(error).__name__,
            ) from None

    def _fetch(self, due: Receipt) -> bool:
        answer = self._request("GET", f"/api/v1/ledger/records/{due.record_id}/certificate")
        if answer.status_code != _OK:
            raise Unavailable(
                "the upper log has no proof of our checkpoint yet",
                code="courier.pending",
                place=self._upper.url,
                value=answer.status_code,
            )
        bundle = _told(answer)
        above = bundle.get("anchors", [])
        chain = [_plain(bundle), *(above if isinstance(above, list) else [None])]
        with self._store.read() as connection:
            found = SqlLog(connection).checkpoint_from(due.size)
        note = "" if found is None else found[1]
        _check_receipt(chain, note, str(self._upper.key))
        with writing(self._store.engine) as connection:
            return keep_chain(connection, due.size, chain)


def _size_seen(answer: httpx.Response) -> int | None:
    if answer.status_code != _CONFLICT:
        return None
    return size_told(answer.headers.get("content-type", ""), answer.text)


def _told(answer: httpx.Response) -> dict[str, Any]:
    # Whatever the other side sends, the courier goes on.
    try:
        return dict(answer.json())
    except (ValueError, TypeError, RecursionError):
        raise Unavailable("the upper log's answer is not readable", code="courier.answer") from None


def _id_of(told: dict[str, Any]) -> UUID:
    try:
        return UUID(str(told.get("record_id")))
    except ValueError:
        raise Unavailable("the upper log's answer names no record", code="courier.answer") from None


def _plain(bundle: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in bundle.items() if name != "anchors"}


def _check_receipt(chain: list[dict[str, Any]], note: str, upper_key: str) -> None:
    # Before it is kept, for the day when nobody can ask the upper log again.
    try:
        verifier.verify_chain(note, chain, upper_key)
    except verifier.Refused as refusal:
        raise Unavailable(
            "the upper log gave a receipt that does not hold",
            code="courier.receipt",
            value=refusal.what,
        ) from None
