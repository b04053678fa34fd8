"""Reads of an asset's life: its timeline, leases told, rights, marks and equity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from longmai.domains.assets.register.model.rights import RIGHTS, Holding, Mark, Party
from longmai.domains.assets.register.model.workflow import State
from longmai.domains.assets.register.tables import (
    EQUITY,
    LIFE,
    MARK,
    MARK_LIFTED,
    RIGHT,
)
from longmai.store.reading import chunks


@dataclass(frozen=True)
class LifeRow:
    """A step of a timeline; ``told`` is what a line of it needs."""

    record_id: UUID
    version: int
    deed: str
    state: State
    on_day: date
    told: Mapping[str, Any]
    actor: str


def life_of(connection: Connection, asset_id: UUID) -> list[LifeRow]:
    """Return the timeline of an asset, from its first record on."""
    query = select(LIFE).where(LIFE.c.asset_id == asset_id).order_by(LIFE.c.version)
    return [
        LifeRow(
            row.record_id,
            row.version,
            row.deed,
            State(row.version, row.stage, row.condition),
            row.on_day,
            row.told,
            row.actor,
        )
        for row in connection.execute(query)
    ]


@dataclass(frozen=True)
class Leased:
    """A contract about an asset as its timeline tells it: its ID, number and last day."""

    contract_id: str
    number: str
    until: date


def leases_told(life: Sequence[LifeRow], on: date) -> list[Leased]:
    """Return the contracts that a timeline tells of and that are not over on a day."""
    # Of several rows about one contract the newest counts.
    told = {
        row.told["contract"]: row.told for row in life if {"contract", "until"} <= set(row.told)
    }
    found = [
        Leased(own, each["number"], date.fromisoformat(each["until"])) for own, each in told.items()
    ]
    return [each for each in found if each.until >= on]


@dataclass(frozen=True)
class Held:
    """A right as it is held since a day.

    Attributes:
        holdings: that sum to one; empty before the right was determined.
        version: of the asset when it came to be so.
    """

    right: str
    holdings: tuple[Holding, ...]
    since: date | None = None
    basis: str = ""
    record_id: UUID | None = None
    version: int = 0


def right_history(connection: Connection, asset_id: UUID, right: str) -> list[Held]:
    """Return who held a right of an asset, oldest first."""
    query = (
        select(RIGHT)
        .where(RIGHT.c.asset_id == asset_id, RIGHT.c.right == right)
        .order_by(RIGHT.c.version, RIGHT.c.position)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.version, []).append(row)
    return [_held(right, rows) for rows in found.values()]


def _held(right: str, rows: Sequence[Row[Any]]) -> Held:
    first = rows[0]
    holdings = tuple(
        Holding(Party(row.party_kind, row.party_key, row.party_name), Fraction(row.share))
        for row in rows
    )
    return Held(right, holdings, first.since, first.basis, first.record_id, first.version)


def holdings_of(connection: Connection, asset_id: UUID, right: str, on: date | None = None) -> Held:
    """Return who holds a right of an asset: now, or on a day."""
    history = right_history(connection, asset_id, right)
    on_day = [each for each in history if on is None or (each.since and each.since <= on)]
    return on_day[-1] if on_day else Held(right, ())


def rights_of(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, dict[str, Held]]:
    """Return who holds each right now, by asset and right."""
    rows: dict[tuple[UUID, str, int], list[Row[Any]]] = {}
    for chunk in chunks(asset_ids):
        query = select(RIGHT).where(RIGHT.c.asset_id.in_(chunk))
        for row in connection.execute(query.order_by(RIGHT.c.version, RIGHT.c.position)):
            rows.setdefault((row.asset_id, row.right, row.version), []).append(row)
    found = {each: {right: Held(right, ()) for right in RIGHTS} for each in asset_ids}
    for (asset_id, right, _), held in sorted(rows.items(), key=lambda item: item[0][2]):
        found[asset_id][right] = _held(right, held)
    return found


@dataclass(frozen=True)
class Marked:
    """A mark on an asset's right, and when it was lifted."""

    record_id: UUID
    mark: Mark
    creditor: str
    amount_fen: int | None
    document: str
    lifted_on: date | None


def marks_of(connection: Connection, asset_id: UUID) -> list[Marked]:
    """Return all marks of an asset, oldest first."""
    query = (
        select(MARK, MARK_LIFTED.c.on_day)
        .outerjoin(MARK_LIFTED, MARK_LIFTED.c.mark_id == MARK.c.record_id)
        .where(MARK.c.asset_id == asset_id)
        .order_by(MARK.c.record_id)
    )
    return [
        Marked(
            row.record_id,
            Mark(row.kind, row.right, row.since, row.until),
            row.creditor,
            row.amount_fen,
            row.document,
            row.on_day,
        )
        for row in connection.execute(query)
    ]


@dataclass(frozen=True)
class Quantified:
    """Equity of an asset in units, by household or member."""

    record_id: UUID
    units: tuple[tuple[Party, int], ...]
    basis: str


def equity_of(connection: Connection, asset_id: UUID) -> Quantified | None:
    """Return how an asset's equity is quantified now; None if it is not."""
    newest = select(func.max(EQUITY.c.version)).where(EQUITY.c.asset_id == asset_id)
    query = (
        select(EQUITY)
        .where(EQUITY.c.asset_id == asset_id, EQUITY.c.version == newest.scalar_subquery())
        .order_by(EQUITY.c.position)
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    units = tuple((Party(r.party_kind, r.party_key, r.party_name), r.units) for r in rows)
    return Quantified(rows[0].record_id, units, rows[0].basis)
