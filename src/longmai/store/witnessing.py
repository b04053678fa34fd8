"""A witness's memory: the newest checkpoint of each log it cosigned, and the rule it follows."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, String, Table, delete, insert, select, text

from longmai.kernel.clock import Clock
from longmai.kernel.errors import Conflict
from longmai.ledger.keys import KeyFile
from longmai.ledger.note import (
    WITNESS_KEY,
    Checkpoint,
    Signer,
    VerifierKey,
    parse_checkpoint,
    split_note,
)
from longmai.ledger.witness import (
    Inconsistent,
    Submission,
    WrongOldSize,
    check_submission,
    origin_of,
    parse_submission,
)
from longmai.store.database import metadata, reading, writing
from longmai.store.types import Bytes, UtcDateTime

WITNESSED = Table(
    "ledger_witnessed",
    metadata,
    Column("origin", String, primary_key=True),
    Column("note", Bytes, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

# The row by which the memory says whose it is; no log has an empty origin.
_OWNER = ""
# Any fixed number, the same in every process of this program.
_WITNESS_LOCK = 6_210_002


class Witness:
    """Cosigns checkpoints of logs that only grow, and never forgets the newest it cosigned.

    Args:
        engine: of its own database, already migrated.
        signer: its key, of the kind ``WITNESS_KEY``.
        logs: keys of the logs it watches.
        clock: gives the time of a cosignature.
        evidence: folder for requests that show a fork.
    """

    def __init__(
        self,
        engine: Engine,
        signer: Signer,
        logs: Sequence[VerifierKey],
        clock: Clock,
        evidence: Path,
    ) -> None:
        self._engine, self._signer, self._logs = engine, signer, logs
        self._clock, self._evidence = clock, evidence

    @property
    def verifier_key(self) -> VerifierKey:
        """Return the key others need to check its cosignatures."""
        return self._signer.verifier_key

    def seen(self) -> list[Checkpoint]:
        """Return the newest checkpoint cosigned of each log, by origin."""
        query = select(WITNESSED.c.note).where(WITNESSED.c.origin != _OWNER)
        with reading(self._engine) as connection:
            notes = list(connection.scalars(query.order_by(WITNESSED.c.origin)))
        return [parse_checkpoint(split_note(note.decode())[0]) for note in notes]

    def add_checkpoint(self, request: str) -> str:
        """Check a request, remember its checkpoint, and return our signature line.

        The checkpoint is on disk before the line is returned.

        Raises:
            Malformed, NotFound, Forbidden, WrongOldSize, Inconsistent: see ``ledger.witness``.
        """
        submission = parse_submission(request)
        try:
            self._remember(submission)
        except (Inconsistent, WrongOldSize) as refusal:
            if not isinstance(refusal, WrongOldSize) or refusal.size == submission.old_size:
                self._keep(request)
            raise
        body, _ = split_note(submission.note)
        return self._signer.cosignature_line(body, self._clock.now())

    def _remember(self, submission: Submission) -> None:
        origin = origin_of(submission)
        with writing(self._engine) as connection:
            _lock(connection)
            seen = seen_of(connection, origin)
            check_submission(submission, self._logs, seen)
            connection.execute(delete(WITNESSED).where(WITNESSED.c.origin == origin))
            values = {
                "origin": origin,
                "note": submission.note.encode(),
                "seen_at": self._clock.now(),
            }
            connection.execute(insert(WITNESSED).values(values))

    def _keep(self, request: str) -> None:
        # A log signed something that does not fit: that is the proof of its misbehaviour.
        self._evidence.mkdir(parents=True, exist_ok=True)
        name = self._clock.now().strftime("%Y%m%dT%H%M%S%f")
        (self._evidence / f"{name}.txt").write_text(request, encoding="utf-8")


def seen_of(connection: Connection, origin: str) -> Checkpoint | None:
    """Return the newest checkpoint cosigned of a log, or None."""
    if origin == _OWNER:
        return None
    note: bytes | None = connection.scalar(
        select(WITNESSED.c.note).where(WITNESSED.c.origin == origin)
    )
    return None if note is None else parse_checkpoint(split_note(note.decode())[0])


def claim_memory(engine: Engine, keys: KeyFile, clock: Clock) -> Signer:
    """Return the witness's key, made together with its memory at the first start.

    A key whose memory is lost must not sign again: it would cosign a second history.

    Raises:
        Conflict: key and memory do not belong together.
    """
    had_key = keys.file.exists()
    with writing(engine) as connection:
        _lock(connection)
        owner: bytes | None = connection.scalar(
            select(WITNESSED.c.note).where(WITNESSED.c.origin == _OWNER)
        )
        if had_key != (owner is not None):
            raise Conflict(
                "the witness's key and its memory do not belong together",
                code="witness.memory",
                place=str(keys.file.parent),
                mend="bring both back from where they were; if one is lost, start a new witness "
                "in an empty folder under a new name, and tell the logs its new key",
            )
        signer = keys.signer
        if owner is None:
            values = {"origin": _OWNER, "note": _name(signer), "seen_at": clock.now()}
            connection.execute(insert(WITNESSED).values(values))
        elif owner != _name(signer):
            raise Conflict("this memory is of another witness", code="witness.memory")
    return signer


def witness_key(folder: Path, name: str) -> KeyFile:
    """Return the key file of a witness in its folder."""
    return KeyFile(folder / "witness.key", name, WITNESS_KEY)


def _name(signer: Signer) -> bytes:
    return str(signer.verifier_key).encode()


def _lock(connection: Connection) -> None:
    # On SQLite the write lock is enough.
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_WITNESS_LOCK})"))
