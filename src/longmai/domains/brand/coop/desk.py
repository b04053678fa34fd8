"""The desk where a co-operative registers and records: by whom, when, in which house."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import text

from longmai.domains.brand.coop.documents import Body, document
from longmai.domains.brand.coop.queries import Coop, coop_of
from longmai.domains.brand.service import Capturer, capture
from longmai.kernel.clock import BEIJING, beijing_day
from longmai.kernel.errors import Forbidden
from longmai.kernel.regions import RegionPack
from longmai.ledger.record import Act
from longmai.portal.accounts.visiting import SAMPLE_ACTOR
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE, Scope
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.library import Library
from longmai.store.unit_of_work import UnitOfWork

KEEP = "brand.coop.keep"
"""Keep a co-operative of one's own."""
HELP = "brand.coop.help"
"""Read and keep those of others, in one's region."""

# Any fixed number apart from the store's and the other domains'; a check sum is added.
_LOCK = 6_219_000_000_000


@dataclass(frozen=True)
class Desk:
    """Where a co-operative registers and records.

    Attributes:
        work: the unit of work; the desk never commits.
        resolver: that Digital Links lead to.
        sample: what is entered here is sample data, and says so.
    """

    work: UnitOfWork
    visitor: Visitor
    regions: RegionPack
    policies: Library
    now: datetime
    resolver: str
    sample: bool = False

    @classmethod
    def of(
        cls, house: House, work: UnitOfWork, visitor: Visitor, *, sample: bool = False
    ) -> "Desk":
        """Return the desk of a visitor in a house."""
        now, resolver = house.clock.now(), house.settings.public_url
        return cls(work, visitor, house.regions, house.policies, now, resolver, sample)

    @property
    def today(self) -> date:
        """Return the day in Beijing."""
        return beijing_day(self.now)

    @property
    def actor(self) -> str:
        """Return who acts, as records name them."""
        return SAMPLE_ACTOR if self.sample else self.visitor.actor

    @property
    def within(self) -> Scope:
        """Return the regions that may be written about."""
        if self.sample:
            return EVERYWHERE
        return scope_of(self.visitor)

    def moment(self, day: date) -> datetime:
        """Return when something of a day happened: now, or noon of a day before."""
        return self.now if day == self.today else datetime.combine(day, time(12), BEIJING)

    def hold(self, name: str) -> None:
        """Keep others who write about the same out until the work ends.

        On SQLite the write lock does that already.
        """
        if self.work.connection.dialect.name == "postgresql":
            key = _LOCK + zlib.crc32(name.encode())
            self.work.connection.execute(text(f"SELECT pg_advisory_xact_lock({key})"))

    def coop(self, coop_id: UUID) -> Coop:
        """Return a co-operative that the visitor may write for; nobody else writes for it now.

        Raises:
            NotFound: there is none.
            Forbidden: it is kept by somebody else.
        """
        self.hold(str(coop_id))
        found = coop_of(self.work.connection, coop_id)
        if not self.sample:
            require_kept(self.visitor, found)
        return found

    def record(self, kind: str, subjects: list[str], region: str, told: Mapping[str, Any]) -> None:
        """Append a record."""
        payload = {**told, **({"sample": True} if self.sample else {})}
        self.work.ledger.append([Act(kind, subjects, region, self.actor, self.now, payload)])

    def capture(self, *events: Body, words: Mapping[str, Any] | None = None) -> None:
        """Capture events and master data, as anybody's are."""
        by = Capturer(self.actor, self.within, self.regions.code, self.now)
        capture(self.work, document(self.now, events=events, words=words or {}), by)


def scope_of(visitor: Visitor) -> Scope:
    """Return where a visitor may keep co-operatives."""
    return Scope(visitor.scope(KEEP).regions | visitor.scope(HELP).regions)


def may_keep(visitor: Visitor, coop: Coop) -> bool:
    """Tell whether a visitor keeps a co-operative, or helps those of its region."""
    own = coop.keeper == visitor.actor and visitor.may(KEEP)
    everybodys = coop.sample and visitor.may(KEEP, coop.region)
    return own or everybodys or visitor.may(HELP, coop.region)


def require_kept(visitor: Visitor, coop: Coop) -> None:
    """Refuse who does not keep a co-operative.

    Raises:
        Forbidden: the visitor does not.
    """
    if not may_keep(visitor, coop):
        raise Forbidden(
            "this co-operative is kept by somebody else",
            code="coop.keeper",
            value=coop.name,
            mend="ask who registered it, or the official of the county",
        )
