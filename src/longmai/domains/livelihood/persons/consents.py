"""What a person agrees to and what they refuse: the one place where it is said, and asked.

Each purpose stands apart, and is withdrawn as easily as given. Where nothing was said, departments
work by their duty under the law (个人信息保护法 article 13 (3)); who refuses is heeded.

Source: 个人信息保护法 articles 14 to 16 (consent, withdrawal), 24 (a decision by a machine alone),
29 (separate consent for sensitive data), 31 (under 14: a guardian's).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, select

from longmai.domains.livelihood.persons.importing import Desk
from longmai.domains.livelihood.persons.queries import READ, person
from longmai.domains.livelihood.persons.tables import CONSENT, CONSENT_GIVEN, CONSENT_WITHDRAWN
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.region_codes import pad
from longmai.ledger.record import Act
from longmai.store.reading import chunks
from longmai.store.unit_of_work import UnitOfWork

FIND, CONTACT, SHARE, HEALTH, FINANCE = "find", "contact", "share", "health", "finance"
DECIDE, PUBLISH = "decide", "publish"
PURPOSES: Mapping[str, bool] = {
    FIND: False,
    CONTACT: False,
    SHARE: False,
    HEALTH: True,
    FINANCE: True,
    DECIDE: True,
    PUBLISH: False,
}
"""What is consented to, each apart; True: it concerns sensitive data (PIPL article 28)."""
GIVERS = ("self", "guardian")
WAYS = ("paper", "spoken", "online")
ADULT_CONSENT_AGE = 14
"""Below it a guardian consents (PIPL article 31)."""
_AT_ONCE = 400


@dataclass(frozen=True)
class Consent:
    """The last word on a purpose.

    Attributes:
        purpose: one of ``PURPOSES``.
        given: or refused.
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


@dataclass(frozen=True)
class Somebody:
    """Whose word it is.

    Attributes:
        id: in the population that policies are judged on; a registered person's ID as text.
        region: where they live, up to 12 digits.
        born: None where that is not known.
    """

    id: str
    region: str
    born: date | None


def consents_of(connection: Connection, person_id: UUID | str) -> dict[str, Consent]:
    """Return the last word on each purpose that there was one on."""
    return words_of(connection, [str(person_id)])[str(person_id)]


def words_of(connection: Connection, people: Iterable[str]) -> dict[str, dict[str, Consent]]:
    """Return the last word of several people on each purpose."""
    ids = list(dict.fromkeys(people))
    found: dict[str, dict[str, Consent]] = {each: {} for each in ids}
    for chunk in chunks(ids, _AT_ONCE):
        query = select(CONSENT).where(CONSENT.c.person_id.in_(chunk))
        for row in connection.execute(query.order_by(CONSENT.c.record_id)):
            found[row.person_id][row.purpose] = Consent(
                row.purpose, row.given, row.given_by, row.guardian, row.way, row.at
            )
    return found


def refusing(connection: Connection, purpose: str) -> frozenset[str]:
    """Return who refuses a purpose: the IDs of all people whose last word on it is no."""
    later = CONSENT.alias()
    said_after = later.select().where(
        later.c.person_id == CONSENT.c.person_id,
        later.c.purpose == CONSENT.c.purpose,
        later.c.record_id > CONSENT.c.record_id,
    )
    query = select(CONSENT.c.person_id).where(
        CONSENT.c.purpose == purpose, ~CONSENT.c.given, ~said_after.exists()
    )
    return frozenset(connection.scalars(query))


def refuses(words: Mapping[str, Consent], purpose: str) -> bool:
    """Tell whether somebody said no to a purpose; who said nothing does not refuse."""
    return purpose in words and not words[purpose].given


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
    """Record that a registered person consents to a purpose.

    Raises:
        NotFound: there is no such person in the visitor's regions.
        Invalid, Conflict: as for ``say``.
    """
    say(work, _registered(work, desk, person_id), word, (desk.actor, desk.now), given=True)


def withdraw(work: UnitOfWork, desk: Desk, person_id: UUID, word: Word) -> None:
    """Record that a registered person withdraws a consent, or refuses where none was asked.

    Raises:
        NotFound: there is no such person in the visitor's regions.
        Invalid, Conflict: as for ``say``.
    """
    say(work, _registered(work, desk, person_id), word, (desk.actor, desk.now), given=False)


def say(
    work: UnitOfWork, who: Somebody, word: Word, noted: tuple[str, datetime], *, given: bool
) -> None:
    """Record somebody's word on a purpose; the caller checks that the visitor may.

    Args:
        work: one transaction.
        who: whose word it is.
        word: what is said.
        noted: who wrote it down, as records name them, and when.
        given: consented to; or refused.

    Raises:
        Invalid: no such purpose, giver or way; under 14 it is not the guardian who consents.
        Conflict: that is their last word already.
    """
    _check(word)
    if given and under_age(who.born, beijing_day(noted[1])) and word.given_by != "guardian":
        raise Invalid(
            "under 14 a guardian consents",
            code="persons.consent_guardian",
            place="given_by",
            mend="ask the guardian, and write down the guardian's name",
        )
    now = consents_of(work.connection, who.id).get(word.purpose)
    if now is not None and now.given == given:
        if given:
            raise Conflict("this is consented to already", code="persons.consent_given")
        raise Conflict("this is refused already", code="persons.consent_missing")
    act = Act(
        kind=CONSENT_GIVEN if given else CONSENT_WITHDRAWN,
        subjects=[f"person:{who.id}"],
        region=pad(who.region),
        actor=noted[0],
        occurred_at=noted[1],
        payload={
            "person": who.id,
            "purpose": word.purpose,
            "given_by": word.given_by,
            "guardian": word.guardian.strip()[:80],
            "way": word.way,
        },
    )
    work.ledger.append([act])


def _registered(work: UnitOfWork, desk: Desk, person_id: UUID) -> Somebody:
    found = person(work.connection, person_id, desk.visitor.scope(READ))
    return Somebody(str(person_id), found.region, found.birth_date)


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
