"""Consents of a person: given for each purpose apart, withdrawn as easily as given.

Source: 个人信息保护法 articles 14 to 16 (consent, withdrawal), 29 (separate consent for sensitive
data), 31 (under 14: a guardian's).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, select

from longmai.domains.livelihood.persons.importing import Desk
from longmai.domains.livelihood.persons.queries import READ, person
from longmai.domains.livelihood.persons.tables import CONSENT, CONSENT_GIVEN, CONSENT_WITHDRAWN
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid
from longmai.ledger.record import Act
from longmai.store.unit_of_work import UnitOfWork

PURPOSES: Mapping[str, bool] = {
    "find": False,
    "contact": False,
    "share": False,
    "health": True,
    "finance": True,
    "decide": True,
}
"""What is consented to, each apart; True: it concerns sensitive data (PIPL article 28)."""
GIVERS = ("self", "guardian")
WAYS = ("paper", "spoken", "online")
ADULT_CONSENT_AGE = 14
"""Below it a guardian consents (PIPL article 31)."""


@dataclass(frozen=True)
class Consent:
    """The last word on a purpose.

    Attributes:
        purpose: one of ``PURPOSES``.
        given: or withdrawn.
        given_by: one of ``GIVERS``.
        guardian: name of the guardian; empty for who speaks for themselves.
        way: one of ``WAYS``.
        at: when.
    """

    purpose: str
    given: bool
    given_by: str
    guardian: str
    way: str
    at: datetime


@dataclass(frozen=True)
class Word:
    """What somebody says about a purpose: see ``Consent``."""

    purpose: str
    given_by: str
    way: str
    guardian: str = ""


def consents_of(connection: Connection, person_id: UUID) -> dict[str, Consent]:
    """Return the last word on each purpose that there was one on."""
    query = select(CONSENT).where(CONSENT.c.person_id == person_id)
    return {
        row.purpose: Consent(row.purpose, row.given, row.given_by, row.guardian, row.way, row.at)
        for row in connection.execute(query.order_by(CONSENT.c.record_id))
    }


def under_age(born: date | None, day: date) -> bool:
    """Tell whether somebody's guardian has to consent; not told of whom no birth is known.

    >>> under_age(date(2012, 9, 2), date(2026, 9, 1)), under_age(date(2012, 9, 1), date(2026, 9, 1))
    (True, False)
    """
    if born is None:
        return False
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years < ADULT_CONSENT_AGE


def give(work: UnitOfWork, desk: Desk, person_id: UUID, word: Word) -> None:
    """Record that somebody consents to a purpose.

    Raises:
        NotFound: there is no such person in the visitor's regions.
        Invalid: no such purpose, giver or way; under 14 it is not the guardian who consents.
        Conflict: it is given already.
    """
    found = person(work.connection, person_id, desk.visitor.scope(READ))
    _check(word)
    if under_age(found.birth_date, beijing_day(desk.now)) and word.given_by != "guardian":
        raise Invalid(
            "under 14 a guardian consents",
            code="persons.consent_guardian",
            place="given_by",
            mend="ask the guardian, and write down the guardian's name",
        )
    now = consents_of(work.connection, person_id).get(word.purpose)
    if now is not None and now.given:
        raise Conflict("this is consented to already", code="persons.consent_given")
    work.ledger.append([_act(desk, person_id, found.region, word, CONSENT_GIVEN)])


def withdraw(work: UnitOfWork, desk: Desk, person_id: UUID, word: Word) -> None:
    """Record that a consent is withdrawn.

    Raises:
        NotFound, Invalid: as for ``give``.
        Conflict: it is not given.
    """
    found = person(work.connection, person_id, desk.visitor.scope(READ))
    _check(word)
    now = consents_of(work.connection, person_id).get(word.purpose)
    if now is None or not now.given:
        raise Conflict("this is not consented to", code="persons.consent_missing")
    work.ledger.append([_act(desk, person_id, found.region, word, CONSENT_WITHDRAWN)])


def _check(word: Word) -> None:
    for name, value, known in (
        ("purpose", word.purpose, PURPOSES),
        ("given_by", word.given_by, GIVERS),
        ("way", word.way, WAYS),
    ):
        if value not in known:
            raise Invalid("not one of the choices", code="persons.choice", place=name, value=value)
    if word.given_by == "guardian" and not word.guardian.strip():
        raise Invalid(
            "write down the guardian's name", code="persons.consent_guardian", place="guardian"
        )


def _act(desk: Desk, person_id: UUID, region: str, word: Word, kind: str) -> Act:
    return Act(
        kind=kind,
        subjects=[f"person:{person_id}"],
        region=region,
        actor=desk.actor,
        occurred_at=desk.now,
        payload={
            "person": str(person_id),
            "purpose": word.purpose,
            "given_by": word.given_by,
            "guardian": word.guardian.strip()[:80],
            "way": word.way,
        },
    )
