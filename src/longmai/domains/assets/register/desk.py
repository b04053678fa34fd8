"""The desk where acts about assets are carried out: by whom, when, in which house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import text

from longmai.domains.assets.register import deeds
from longmai.domains.assets.register.model.workflow import State
from longmai.kernel.clock import BEIJING, beijing_day
from longmai.kernel.errors import Invalid, InvalidMany
from longmai.kernel.regions import RegionPack
from longmai.ledger.record import Act, Record
from longmai.portal.accounts.visiting import SAMPLE_ACTOR
from longmai.portal.house import House
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.library import Library
from longmai.store.unit_of_work import UnitOfWork

# Any fixed number apart from the store's; the six digits of a county are added.
_COUNTY_LOCK = 6_211_000_000


@dataclass(frozen=True)
class Desk:
    """Where an act is carried out.

    Attributes:
        work: the unit of work; the desk never commits.
        visitor: who acts.
        regions: of the house; ``policies`` its rules.
        now: the present instant.
        sample: what is entered here is sample data, and says so.
    """

    work: UnitOfWork
    visitor: Visitor
    regions: RegionPack
    policies: Library
    now: datetime
    sample: bool = False

    @classmethod
    def of(
        cls, house: House, work: UnitOfWork, visitor: Visitor, *, sample: bool = False
    ) -> "Desk":
        """Return the desk of a visitor in a house."""
        return cls(work, visitor, house.regions, house.policies, house.clock.now(), sample)

    @property
    def today(self) -> date:
        """Return the day in Beijing."""
        return beijing_day(self.now)

    def day(self, on: date | None) -> date:
        """Return the day of an act; None: today.

        Raises:
            Invalid: it lies in the future.
        """
        if on is not None and on > self.today:
            raise Invalid(
                "an act is recorded when it was done, not before",
                code="asset.future",
                place="on",
                value=on.isoformat(),
                mend="give the day on which it was done",
            )
        return on or self.today

    def hold(self, regions: Iterable[str]) -> None:
        """Keep others who write about assets of these counties out until the work ends.

        On SQLite the write lock does that already.
        """
        if self.work.connection.dialect.name != "postgresql":
            return
        for county in sorted({int(region[:6]) for region in regions}):
            key = _COUNTY_LOCK + county
            self.work.connection.execute(text(f"SELECT pg_advisory_xact_lock({key})"))

    def require(self, permission: str, regions: Iterable[str]) -> None:
        """Refuse what the visitor may not do in one of the regions.

        Raises:
            SignInNeeded: nobody is signed in.
            Forbidden: the permission is not held there.
        """
        for region in dict.fromkeys(regions):
            self.visitor.require(permission, region)

    def act(
        self,
        kind: str,
        region: str,
        on: date,
        states: Mapping[UUID, State],
        told: Mapping[str, Any],
    ) -> Act:
        """Return an act about assets, with the state that it leaves each in."""
        payload = {
            "on_day": on.isoformat(),
            "states": {str(asset_id): state.as_payload() for asset_id, state in states.items()},
            **({"sample": True} if self.sample else {}),
            **told,
        }
        at = self.now if on == self.today else datetime.combine(on, time(12), BEIJING)
        subjects = [deeds.subject_of(asset_id) for asset_id in states]
        actor = SAMPLE_ACTOR if self.sample else self.visitor.actor
        return Act(kind, subjects, region, actor, at, payload)

    def append(self, acts: Sequence[Act]) -> list[Record]:
        """Record acts, all or none."""
        return self.work.ledger.append(acts) if acts else []


def refuse(findings: Sequence[Invalid], what: str) -> None:
    """Raise findings, if there are any.

    Raises:
        InvalidMany: there are.
    """
    if findings:
        raise InvalidMany(f"{what}: {len(findings)} findings", findings, code="asset.findings")
