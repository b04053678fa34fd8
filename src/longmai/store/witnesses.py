"""The witnesses a log asks before it publishes a checkpoint (C2SP tlog-witness, the log's side)."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import httpx

from longmai.kernel.errors import Invalid, Unavailable
from longmai.ledger.merkle import MemoryTiles, TileReader, consistency_proof
from longmai.ledger.note import VerifierKey, open_note, parse_checkpoint, split_note
from longmai.ledger.policy import Policy
from longmai.ledger.witness import Submission, size_told

_log = logging.getLogger("longmai.witnesses")
_TIMEOUT_S = 10.0
_OK = 200
_CONFLICT = 409

Prove = Callable[[int], list[bytes]]


class Refused(Exception):
    """A witness did not cosign; says why."""


@dataclass
class WitnessClient:
    """One witness, and the size it saw last as far as we know: it corrects us when we are wrong."""

    key: VerifierKey
    url: str
    http: httpx.Client
    _seen: int = 0
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def cosign(self, note: str, size: int, prove: Prove) -> str:
        """Return the witness's signature line on a checkpoint, verified.

        Args:
            note: signed by the log.
            size: of its tree.
            prove: returns the consistency proof from a smaller size.

        Raises:
            Refused: it did not answer, refused, or signed something else.
        """
        if not self._busy.acquire(blocking=False):
            raise Refused("still answering the last request")
        try:
            answer = self._post(self._seen, note, prove)
            told = size_told(answer.headers.get("content-type", ""), answer.text)
            if answer.status_code == _CONFLICT and told is not None:
                self._seen = told
                if self._seen > size:
                    raise Refused(
                        f"it saw {self._seen} records, more than the {size} there are: "
                        "was this store put back from an old backup?"
                    )
                answer = self._post(self._seen, note, prove)
            if answer.status_code != _OK:
                raise Refused(f"it answered {answer.status_code}: {answer.text[:200].strip()}")
            line = self._verified(note, answer.text)
            self._seen = size
            return line
        finally:
            self._busy.release()

    def _post(self, old: int, note: str, prove: Prove) -> httpx.Response:
        size = parse_checkpoint(split_note(note)[0]).size
        proof = prove(old) if 0 < old < size else []
        body = str(Submission(old, tuple(proof), note))
        try:
            return self.http.post(f"{self.url.rstrip('/')}/add-checkpoint", content=body)
        except httpx.HTTPError as error:
            raise Refused(f"no answer: {str(error) or type(error).__name__}") from None

    def _verified(self, note: str, lines: str) -> str:
        # Each line alone, so that a strange one does not spoil a good one.
        text, _ = split_note(note)
        for line in lines.splitlines(keepends=True):
            try:
                open_note(f"{text}\n{line}", self.key)
            except Invalid:
                continue
            return line
        raise Refused("its answer carries no cosignature of its key")


class Witnesses:
    """The witnesses of a policy; asked side by side, until its quorum is satisfied.

    Raises:
        Invalid: too few of them have an address.
    """

    def __init__(self, policy: Policy, http: httpx.Client | None = None) -> None:
        # One without an address is known, for the audit of what it cosigned once, and not asked.
        asked = {name: party for name, party in policy.witnesses.items() if party.url}
        if not policy.satisfied(asked):
            raise Invalid(
                "the witnesses that have an address are too few for the policy's quorum",
                code="ledger.policy",
                mend="write: witness NAME KEY URL",
            )
        self.policy = policy
        self._http = http or httpx.Client(timeout=_TIMEOUT_S)
        self._clients = {
            name: WitnessClient(party.key, party.url, self._http) for name, party in asked.items()
        }
        self._pool = ThreadPoolExecutor(len(self._clients) or 1, thread_name_prefix="witness")

    def close(self) -> None:
        """Close the connections; requests that are under way end first."""
        self._pool.shutdown()
        self._http.close()

    def cosigned(self, note: str, tiles: TileReader) -> str:
        """Return the checkpoint with the cosignatures of a quorum.

        Raises:
            Unavailable: too few cosigned; says who did not and why.
        """
        size = parse_checkpoint(split_note(note)[0]).size
        near = _Prover(tiles, size)
        asked: dict[Future[str], str] = {
            self._pool.submit(client.cosign, note, size, near.prove): name
            for name, client in self._clients.items()
        }
        lines: dict[str, str] = {}
        refusals: dict[str, str] = {}
        for done in as_completed(asked):
            name = asked[done]
            try:
                lines[name] = done.result()
            except Refused as refusal:
                refusals[name] = str(refusal)
                _log.warning("the witness %s did not cosign: %s", name, refusal)
            if self.policy.satisfied(lines):
                return note + "".join(lines[each] for each in self._clients if each in lines)
        raise Unavailable(
            f"too few witnesses cosigned the checkpoint of {size} records: {len(lines)} of "
            f"{len(self._clients)}, and the policy asks for {self.policy.quorum}",
            code="ledger.witnesses",
            value="; ".join(f"{name}: {why}" for name, why in sorted(refusals.items())),
            mend="it is asked for again within seconds; the records are safe meanwhile",
        )


class _Prover:
    """Consistency proofs for several threads from one database connection."""

    def __init__(self, tiles: TileReader, size: int) -> None:
        self._tiles, self._size = MemoryTiles(behind=tiles), size
        self._one = threading.Lock()

    def prove(self, old: int) -> list[bytes]:
        with self._one:
            return consistency_proof(self._tiles, old, self._size)
