"""Key rotation: the log itself records that another key signs from now on.

The record is covered by a checkpoint that both keys signed. Who trusts the old key can therefore
go on to the new one by a proof, without asking anyone.
"""

from datetime import datetime

from longmai.kernel.errors import Invalid
from longmai.ledger.note import VerifierKey
from longmai.ledger.record import Act

ROTATED_KIND = "ledger.key.rotated"


def rotation_act(
    old: VerifierKey, new: VerifierKey, *, reason: str, actor: str, at: datetime
) -> Act:
    """Return the act that records a rotation.

    Raises:
        Invalid: no reason or actor is given, or the keys are of different logs.
    """
    for name, value in (("reason", reason), ("actor", actor)):
        if not value.strip():
            raise Invalid(f"a key rotation needs its {name}", code="ledger.rotation")
    if old.name != new.name:
        raise Invalid("both keys must be of the same log", code="ledger.rotation", value=new.name)
    return Act(
        kind=ROTATED_KIND,
        subjects=[old.name],
        region="",
        actor=actor,
        occurred_at=at,
        payload={"from": str(old), "to": str(new), "reason": reason},
    )
