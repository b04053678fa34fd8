"""Erasure by law: what files say of a person goes, with its salt; links and commitments stay.

Records about the person that hold personal data (consents, looks) are erased by the ledger's own
erasure. The digest of each file can still be told, from the commitments of its rows.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from longmai.domains.livelihood.persons.importing import Desk
from longmai.domains.livelihood.persons.queries import person_region
from longmai.domains.livelihood.persons.refreshing import refresh
from longmai.domains.livelihood.persons.tables import (
    CONSENT_GIVEN,
    CONSENT_WITHDRAWN,
    LINK,
    ROW,
    ROWS_ERASED,
    is_current,
)
from longmai.kernel.errors import Invalid
from longmai.ledger.record import Act
from longmai.portal.accounts.acts import LOOKED
from longmai.store.ledger import RECORD, SUBJECT
from longmai.store.reading import chunks
from longmai.store.unit_of_work import UnitOfWork

_PERSONAL = (CONSENT_GIVEN, CONSENT_WITHDRAWN, LOOKED)
_GONE = dict.fromkeys(
    ("content", "salt", "id_number", "name", "sound", "birth_date", "phone"), None
)


def erase_person(work: UnitOfWork, desk: Desk, person_id: UUID, basis: str) -> int:
    """Erase what is kept about a person; return how many rows of files that was.

    Args:
        work: one transaction.
        desk: who carries it out.
        person_id: of whom.
        basis: the law and the request; it must not repeat what is erased.

    Raises:
        NotFound: there is no such person.
        Invalid: no basis is given.
    """
    if not basis.strip():
        raise Invalid(
            "an erasure needs its basis", code="ledger.erasure", mend="name the law and the request"
        )
    region = person_region(work.connection, person_id)
    query = select(LINK.c.row_id).where(LINK.c.person_id == person_id, is_current())
    rows = list(work.connection.scalars(query))
    act = Act(
        kind=ROWS_ERASED,
        subjects=[f"person:{person_id}"],
        region=region,
        actor=desk.actor,
        occurred_at=desk.now,
        payload={"rows": [str(each) for each in rows], "basis": basis.strip()},
    )
    work.ledger.append([act])
    for chunk in chunks(rows, 500):
        here = ROW.c.id.in_(chunk)
        work.connection.execute(update(ROW).where(here).values(record_key="", **_GONE))
    for record_id in _records(work, person_id):
        work.ledger.erase(record_id, basis=basis, actor=desk.actor)
    refresh(work.connection, [person_id])
    return len(rows)


def _records(work: UnitOfWork, person_id: UUID) -> Sequence[UUID]:
    query = (
        select(RECORD.c.id)
        .join(SUBJECT, SUBJECT.c.record_id == RECORD.c.id)
        .where(SUBJECT.c.subject == f"person:{person_id}", RECORD.c.kind.in_(_PERSONAL))
        .where(RECORD.c.payload.is_not(None))
        .order_by(RECORD.c.id)
    )
    return list(work.connection.scalars(query))
