"""Erasure by law: payload and salt go, the header and every proof stay; the erasure is a record."""

from datetime import datetime
from uuid import UUID

from longmai.kernel.errors import Invalid
from longmai.ledger.record import Act

ERASED_KIND = "ledger.record.erased"


def erasure_act(record_id: UUID, *, basis: str, actor: str, at: datetime) -> Act:
    """Return the act that records an erasure: which record, on what legal basis, by whom.

    The basis must not repeat what is erased: this record stays for ever.

    Raises:
        Invalid: no basis or no actor is given.
    """
    for name, value in (("basis", basis), ("actor", actor)):
        if not value.strip():
            raise Invalid(
                f"an erasure needs its {name}",
                code="ledger.erasure",
                mend="name the law and the request it follows, and who carried it out",
            )
    return Act(
        kind=ERASED_KIND,
        subjects=[str(record_id)],
        region="",
        actor=actor,
        occurred_at=at,
        payload={"record": str(record_id), "basis": basis},
    )
