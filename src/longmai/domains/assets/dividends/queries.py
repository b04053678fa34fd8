"""Reads of charters and distributions: sums are public, what a household gets is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select

from longmai.domains.assets.dividends.charter import MODEL, read_charter
from longmai.domains.assets.dividends.model import Floor, Line, Part, Plan, Work
from longmai.domains.assets.dividends.tables import (
    CHARTER,
    DEED,
    PART,
    PLAN,
    STATEMENT,
)
from longmai.kernel.errors import NotFound
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Policy
from longmai.store.table_window import Window

SORTS = {"year": PLAN.c.year, "available": PLAN.c.available_fen}


@dataclass(frozen=True)
class Drafted:
    """The newest version of a plan, worked out, with what was done about it."""

    record_id: UUID
    plan_id: UUID
    version: int
    plan: Plan
    charter: str
    available_fen: int
    fund_fen: int
    kept_fen: int
    labour_fen: int
    decision: Mapping[str, Any]
    sample: bool
    parts: Mapping[UUID, Part]
    deeds: Mapping[tuple[str, str], Row[Any]]

    @property
    def state(self) -> str:
        """Return ``drafted``, ``approved`` or ``paid``."""
        if ("paid", "") in self.deeds:
            return "paid"
        return "approved" if ("approved", "") in self.deeds else "drafted"

    @property
    def refers(self) -> str:
        """Return how a meeting names this version of the plan."""
        return f"dividend:{self.plan_id}:{self.version}"

    @property
    def decided_by(self) -> UUID | None:
        """Return the record of the meeting's decision."""
        found = self.deeds.get(("approved", ""))
        return UUID(found.told["decision"]) if found else None

    @property
    def returned(self) -> frozenset[UUID]:
        """Return the households whose payment came back."""
        return frozenset(UUID(about) for deed, about in self.deeds if deed == "returned")


@dataclass(frozen=True)
class Charter:
    """A charter that was adopted."""

    record_id: UUID
    version: int
    policy: Policy


def charter_of(connection: Connection, region: str) -> Charter | None:
    """Return the charter of a village that holds; None if none was adopted."""
    query = select(CHARTER).where(CHARTER.c.region == region).order_by(CHARTER.c.version.desc())
    row = connection.execute(query.limit(1)).first()
    return Charter(row.record_id, row.version, read_charter(row.text)) if row else None


def charter_in(connection: Connection, region: str) -> Charter:
    """Return the charter of a village that holds.

    Raises:
        NotFound: none was adopted.
    """
    found = charter_of(connection, region)
    if found is None:
        raise NotFound(
            "this village has adopted no charter",
            code="assets.charter.none",
            value=region,
            mend="enter the numbers of its charter first",
        )
    return found


def charter_by_digest(connection: Connection, digest: str) -> Policy:
    """Return the charter that a plan was worked out by.

    Raises:
        NotFound: there is none.
    """
    query = select(CHARTER.c.text).where(CHARTER.c.digest == digest).limit(1)
    text = connection.scalar(query)
    if text is None:
        raise NotFound("no such charter", code="assets.charter", value=digest)
    return read_charter(text)


def model_of(library: Library) -> Policy:
    """Return the model charter."""
    return library.versions(MODEL)[0]


def _newest() -> Select[Any]:
    newer = PLAN.alias("newer")
    later = select(newer.c.record_id).where(
        newer.c.plan_id == PLAN.c.plan_id, newer.c.version > PLAN.c.version
    )
    return select(PLAN).where(~later.exists())


def plans(connection: Connection, window: Window, region: str = "") -> tuple[int, list[Row[Any]]]:
    """Return how many plans there are, and a window of them with ``deed``; sums are public."""
    done = (
        select(DEED.c.plan_id, func.max(DEED.c.deed).label("deed"))
        .where(DEED.c.deed != "returned")
        .group_by(DEED.c.plan_id)
        .subquery()
    )
    query = _newest().outerjoin(done, done.c.plan_id == PLAN.c.plan_id).add_columns(done.c.deed)
    if region:
        query = query.where(PLAN.c.region.startswith(region))
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    return total, list(connection.execute(window.of(query, SORTS, PLAN.c.record_id)))


def plan_of(connection: Connection, plan_id: UUID) -> Drafted:
    """Return a plan in its newest version.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(_newest().where(PLAN.c.plan_id == plan_id)).one_or_none()
    if row is None:
        raise NotFound("no such plan", code="assets.dividend", value=str(plan_id))
    parts = connection.execute(
        select(PART).where(PART.c.record_id == row.record_id).order_by(PART.c.household_id)
    )
    deeds = connection.execute(select(DEED).where(DEED.c.plan_id == plan_id))
    names = ("record_id", "plan_id", "version", "charter", "decision", "sample")
    amounts = ("available_fen", "fund_fen", "kept_fen", "labour_fen")
    return Drafted(
        **{name: getattr(row, name) for name in (*names, *amounts)},
        plan=_plan(row),
        parts={
            each.household_id: Part(
                each.household_id, Fraction(each.shares), each.floor_fen, each.dividend_fen,
                each.labour_fen,
            )
            for each in parts
        },
        deeds={(each.deed, each.about): each for each in deeds},
    )  # fmt: skip


def statement_of(connection: Connection, plan_id: UUID, household_id: UUID) -> Row[Any]:
    """Return the statement of a household: ``record_id``, ``told``.

    Raises:
        NotFound: there is none.
    """
    query = select(STATEMENT).where(
        STATEMENT.c.plan_id == plan_id, STATEMENT.c.household_id == household_id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no statement for this household", code="assets.dividend.statement",
                       value=str(household_id))  # fmt: skip
    return row


def statements_for(connection: Connection, household_id: UUID) -> list[Row[Any]]:
    """Return the statements of a household, newest first."""
    query = select(STATEMENT).where(STATEMENT.c.household_id == household_id)
    return list(connection.execute(query.order_by(STATEMENT.c.record_id.desc())))


def _plan(row: Row[Any]) -> Plan:
    told = row.told
    return Plan(
        region=row.region,
        year=row.year,
        as_of=row.as_of,
        lines=tuple(
            Line(kind, title, amount, _day(start), _day(end), basis)
            for kind, title, amount, start, end, basis in told["lines"]
        ),
        work=tuple(Work(UUID(own), *rest) for own, *rest in told["work"]),
        floors=tuple(Floor(UUID(own), *rest) for own, *rest in told["floors"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
