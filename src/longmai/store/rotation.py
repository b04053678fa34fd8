"""Key rotation, carried out: prepare, record, publish under both keys, then destroy the old one."""

import json

from sqlalchemy import Connection, select

from longmai.kernel.clock import Clock
from longmai.kernel.errors import Unavailable
from longmai.ledger.keys import KeyFile
from longmai.ledger.note import VerifierKey, parse_checkpoint, signers_named, split_note
from longmai.ledger.rotation import ROTATED_KIND, rotation_act
from longmai.store.integrator import integrate_all
from longmai.store.ledger import RECORD, SqlLog
from longmai.store.unit_of_work import Store
from longmai.store.witnesses import Witnesses


def rotate(
    store: Store,
    keys: KeyFile,
    clock: Clock,
    *,
    reason: str,
    actor: str,
    witnesses: Witnesses | None = None,
) -> VerifierKey:
    """Let a new key sign the log from now on, and return it; an interrupted rotation goes on.

    Raises:
        Invalid: no reason or actor is given.
        Unavailable: too few witnesses cosigned; say it again later.
    """
    # The act is made first: a reason that is missing must not leave a key file behind.
    old = keys.signer.verifier_key
    rotation_act(old, old, reason=reason, actor=actor, at=clock.now())
    new = keys.prepare().verifier_key
    with store.begin() as work:
        if not _recorded(work.connection, new):
            act = rotation_act(old, new, reason=reason, actor=actor, at=clock.now())
            work.ledger.append([act])
    integrate_all(store, keys, clock, witnesses)
    if not finish_rotation(store, keys):
        raise Unavailable(
            "the rotation is recorded and not yet published under both keys",
            code="ledger.rotation",
            mend="run the command again",
        )
    return new


def finish_rotation(store: Store, keys: KeyFile) -> bool:
    """Put the next key in place if the log has published its rotation; return whether it did."""
    signers = keys.signers()
    if len(signers) == 1:
        return False
    new = signers[-1].verifier_key
    with store.read() as connection:
        log = SqlLog(connection)
        note = log.published()
        placed = [leaf for leaf, record in log.rotations() if _names(record.payload, new)]
    if note is None or not placed:
        return False
    names = {(name, key_hash) for name, key_hash, _ in signers_named(note)}
    covered = parse_checkpoint(split_note(note)[0]).size > placed[-1]
    if not covered or (new.name, new.key_hash) not in names:
        return False
    keys.promote(new)
    return True


def _recorded(connection: Connection, new: VerifierKey) -> bool:
    query = select(RECORD.c.payload).where(RECORD.c.kind == ROTATED_KIND)
    return any(_names(payload, new) for payload in connection.scalars(query))


def _names(payload: bytes | None, new: VerifierKey) -> bool:
    return bool(json.loads(payload or b"{}").get("to") == str(new))
