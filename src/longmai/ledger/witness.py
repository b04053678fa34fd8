"""What a witness checks before it cosigns: the log only ever grew.

A request carries the size the witness saw last, a proof that the tree of that size is a prefix of
the new one, and the checkpoint. The same check lets a log take another's checkpoint as a record.

Source: https://c2sp.org/tlog-witness
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.ledger.merkle import EMPTY_ROOT, verify_consistency
from longmai.ledger.note import Checkpoint, VerifierKey, open_note, parse_checkpoint

MAX_PROOF_LINES = 63
MAX_REQUEST_BYTES = 64 * 1024
SIZE_TYPE = "text/x.tlog.size"


class Malformed(Invalid):
    """Not a request of the protocol, or its old size lies beyond the checkpoint."""

    status = 400


class WrongOldSize(Conflict):
    """The request builds on another size than the one seen last, or forks from it.

    Attributes:
        size: seen last.
    """

    def __init__(self, what: str, size: int, mend: str) -> None:
        super().__init__(what, code="witness.size", value=size, mend=mend)
        self.size = size


class Inconsistent(Invalid):
    """The proof does not show that the log grew: a fork, or a broken client."""

    default_code = "witness.inconsistent"


@dataclass(frozen=True)
class Submission:
    """A request to cosign.

    Attributes:
        old_size: that the witness is thought to have seen last.
        proof: consistency proof from there, empty from 0.
        note: the signed checkpoint.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        steps = "".join(f"{base64.b64encode(step).decode()}\n" for step in self.proof)
        return f"old {self.old_size}\n{steps}\n{self.note}"


def parse_submission(text: str) -> Submission:
    """Read a request body.

    Raises:
        Malformed: it is not one.
    """
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    size = re.fullmatch(r"old (0|[1-9]\d{0,18})", first, re.ASCII)
    if not blank or size is None or len(lines) > MAX_PROOF_LINES:
        raise Malformed("not an add-checkpoint request", code="witness.request", value=first)
    try:
        proof = tuple(base64.b64decode(line, validate=True) for line in lines)
    except ValueError:
        raise Malformed("a proof line is not base64", code="witness.request") from None
    return Submission(int(size[1]), proof, note)


def check_submission(
    submission: Submission, keys: Sequence[VerifierKey], seen: Checkpoint | None
) -> tuple[Checkpoint, VerifierKey]:
    """Return the checkpoint of a submission, and the key that signed it, if the log only grew.

    Args:
        submission: what was handed in.
        keys: of the logs that are known.
        seen: what was seen last of this origin; None if nothing was.

    Raises:
        Malformed: not a checkpoint, or the old size lies beyond it.
        NotFound: no known log has this origin.
        Forbidden: no known key of it signed.
        WrongOldSize: the old size is not the one seen last, or at the same size the root differs.
        Inconsistent: the proof does not hold.
    """
    claimed, key = _signed(submission, keys)
    if submission.old_size > claimed.size:
        raise Malformed("the old size lies beyond the checkpoint", code="witness.request")
    size, root = (0, EMPTY_ROOT) if seen is None else (seen.size, seen.root)
    if submission.old_size != size:
        raise WrongOldSize("this is not the size seen last", size, f"prove growth from {size}")
    if size == claimed.size:
        if claimed.root != root:
            mend = "somebody shows different logs to different people: find out who"
            raise WrongOldSize("at this size another root was seen: the log forked", size, mend)
        if submission.proof:
            raise Inconsistent("a proof between equal sizes is empty")
    elif size == 0:
        if submission.proof:
            raise Inconsistent("a proof from size 0 is empty")
    elif not verify_consistency(size, claimed.size, submission.proof, root, claimed.root):
        raise Inconsistent("the proof does not show that the log only grew")
    return claimed, key


def size_told(content_type: str, text: str) -> int | None:
    """Return the size that a refusal (409) tells was seen last; None if it tells none.

    >>> size_told("text/x.tlog.size; charset=utf-8", "300"), size_told("text/plain", "300")
    (300, None)
    """
    told = re.fullmatch(r"(0|[1-9]\d{0,18})\n?", text, re.ASCII)
    typed = content_type.partition(";")[0].strip() == SIZE_TYPE
    return int(told[1]) if typed and told else None


def origin_of(submission: Submission) -> str:
    """Return the origin that a submission names; nothing is checked."""
    return submission.note.partition("\n")[0]


def _signed(submission: Submission, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, VerifierKey]:
    origin = origin_of(submission)
    known = [key for key in keys if key.name == origin]
    if not known:
        raise NotFound("no log of this origin is known", code="witness.origin", value=origin)
    for key in known:
        try:
            text = open_note(submission.note, key)
        except Invalid:
            continue
        try:
            return parse_checkpoint(text), key
        except Invalid as fault:
            raise Malformed(fault.what, code=fault.code) from None
    raise Forbidden("no known key of this log signed it", code="witness.key", value=origin)
