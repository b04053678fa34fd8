"""Use-cases of the roll: enter a collective, its households, offices and kin. They never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from longmai.domains.assets.members.model import Household, Member
from longmai.domains.assets.members.tables import (
    HOUSEHOLD_KIND,
    KIN_KIND,
    OFFICE_END_KIND,
    OFFICE_KIND,
    ORGANISATION_KIND,
)
from longmai.domains.assets.register.desk import Desk as AssetDesk
from longmai.kernel.errors import Conflict
from longmai.ledger.record import Act
from longmai.portal.accounts.visiting import SAMPLE_ACTOR

KEEP = "assets.roll.keep"
READ = "assets.roll.read"


@dataclass(frozen=True)
class Desk(AssetDesk):
    """The desk of the register, for acts that are about a village and not about assets."""

    def record(
        self, kind: str, subjects: Sequence[str], region: str, payload: dict[str, Any]
    ) -> UUID:
        """Append one act; return its record."""
        return self.record_all([(kind, subjects, region, payload)])[0]

    def record_all(
        self, acts: Sequence[tuple[str, Sequence[str], str, dict[str, Any]]]
    ) -> list[UUID]:
        """Append acts (kind, subjects, region, payload); return their records.

        Raises:
            Conflict: somebody else changed the same thing at the same moment.
        """
        actor = SAMPLE_ACTOR if self.sample else self.visitor.actor
        made = [
            Act(kind, subjects, region, actor, self.now, payload)
            for kind, subjects, region, payload in acts
        ]
        try:
            return [record.id for record in self.append(made)]
        except IntegrityError:
            raise Conflict(
                "somebody else changed this at the same moment",
                code="assets.changed",
                mend="look at it again, then send it again",
            ) from None


def enter_organisation(desk: Desk, region: str, name: str, code: str, version: int) -> UUID:
    """Enter a collective, or say anew what it is called."""
    desk.visitor.require(KEEP, region)
    told = {"name": name, "code": code, "version": version, "sample": desk.sample}
    return desk.record(ORGANISATION_KIND, [f"organisation:{region}"], region, told)


def enter_households(
    desk: Desk, region: str, homes: Sequence[Household], *, dissolved: bool = False
) -> None:
    """Enter the state of households, each as a record of its own that can be erased alone.

    Raises:
        Forbidden: the roll of this village is not the visitor's to keep.
    """
    desk.visitor.require(KEEP, region)
    desk.record_all(
        [
            (
                HOUSEHOLD_KIND,
                [f"household:{home.household_id}"],
                region,
                _told(home, dissolved=dissolved, sample=desk.sample),
            )
            for home in homes
        ]
    )


def take_office(desk: Desk, region: str, member_id: UUID, office: str, since: date) -> UUID:
    """Record that somebody takes an office."""
    desk.visitor.require(KEEP, region)
    told = {"member": str(member_id), "office": office, "since": since.isoformat()}
    return desk.record(OFFICE_KIND, [f"member:{member_id}"], region, told)


def leave_office(desk: Desk, region: str, office_id: UUID, until: date) -> UUID:
    """Record that somebody leaves an office; ``until`` is the first day without it."""
    desk.visitor.require(KEEP, region)
    told = {"office": str(office_id), "until": until.isoformat()}
    return desk.record(OFFICE_END_KIND, [f"office:{office_id}"], region, told)


def declare_kin(desk: Desk, region: str, one: UUID, other: UUID, relation: str) -> UUID:
    """Record that two people are kin."""
    desk.visitor.require(KEEP, region)
    told = {"one": str(one), "other": str(other), "relation": relation}
    return desk.record(KIN_KIND, [f"member:{one}", f"member:{other}"], region, told)


def _told(home: Household, *, dissolved: bool, sample: bool) -> dict[str, Any]:
    return {
        "household": str(home.household_id),
        "version": home.version,
        "number": home.number,
        "since": home.since.isoformat(),
        "shares": str(home.shares),
        "account": home.account,
        "payee": home.payee,
        "dissolved": dissolved,
        "sample": sample,
        "members": [_told_member(each) for each in home.members],
    }


def _told_member(person: Member) -> dict[str, Any]:
    return {
        "member": str(person.member_id),
        "name": person.name,
        "sex": person.sex,
        "born_on": person.born_on.isoformat() if person.born_on else None,
        "capacity": person.capacity,
        "belongs": person.belongs,
        "villager": person.villager,
        "head": person.head,
        "shares": str(person.shares),
        "login": person.login,
    }
