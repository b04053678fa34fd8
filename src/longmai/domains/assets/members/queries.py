"""Reads of the roll: within a scope, or of one village for who was allowed it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from longmai.domains.assets.members.model import Household, Member, Office, Roll
from longmai.domains.assets.members.tables import (
    HOUSEHOLD,
    KIN,
    MEMBER,
    OFFICE,
    OFFICE_END,
    ORGANISATION,
)
from longmai.kernel.errors import Forbidden, NotFound
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

SORTS = ("number", "shares", "since")
FAR = date(9999, 12, 31)


@dataclass(frozen=True)
class Organisation:
    """A collective; its region is its key."""

    region: str
    name: str
    code: str
    version: int
    sample: bool


@dataclass(frozen=True)
class Seat:
    """Who somebody is that signs in with an account."""

    region: str
    household_id: UUID
    member_id: UUID


def organisation_of(connection: Connection, region: str) -> Organisation:
    """Return the collective of a village.

    Raises:
        NotFound: none is entered.
    """
    query = select(ORGANISATION).where(ORGANISATION.c.region == region)
    row = connection.execute(query.order_by(ORGANISATION.c.version.desc()).limit(1)).first()
    if row is None:
        raise NotFound(
            "no collective is entered for this village", code="assets.organisation", value=region,
            mend="import its roll first",
        )  # fmt: skip
    return Organisation(row.region, row.name, row.code, row.version, row.sample)


def organisations(connection: Connection, scope: Scope) -> list[Organisation]:
    """Return the collectives of a scope, by region."""
    newest = select(func.max(ORGANISATION.c.version)).where(
        ORGANISATION.c.region == (other := ORGANISATION.alias()).c.region
    )
    query = (
        select(other)
        .where(scope.rows(other.c.region), other.c.version == newest.scalar_subquery())
        .order_by(other.c.region)
    )
    return [
        Organisation(row.region, row.name, row.code, row.version, row.sample)
        for row in connection.execute(query)
    ]


def roll_of(connection: Connection, region: str, on: date) -> Roll:
    """Return the roll of a village as it holds on a day."""
    homes = tuple(_households(connection, _standing(on).where(HOUSEHOLD.c.region == region)))
    held = (
        select(OFFICE)
        .outerjoin(OFFICE_END, OFFICE_END.c.office_id == OFFICE.c.record_id)
        .where(
            OFFICE.c.region == region,
            OFFICE.c.since <= on,
            or_(OFFICE_END.c.until.is_(None), OFFICE_END.c.until > on),
        )
        .order_by(OFFICE.c.record_id)
    )
    offices = tuple(
        Office(row.member_id, row.office, row.since, row.record_id)
        for row in connection.execute(held)
    )
    pairs = select(KIN.c.one, KIN.c.other).where(KIN.c.region == region).order_by(KIN.c.record_id)
    kin = tuple((row.one, row.other) for row in connection.execute(pairs))
    return Roll(region, on, homes, offices, kin)


def households(
    connection: Connection, scope: Scope, text: str, window: Window, region: str = ""
) -> tuple[int, list[Household]]:
    """Return how many households are found, and a window of them.

    Args:
        connection: to read from.
        scope: of who asks.
        text: part of a number, of a name or of its initials.
        window: sorted by ``SORTS``.
        region: of one village; empty: of the whole scope.
    """
    query = _standing(FAR).where(scope.rows(HOUSEHOLD.c.region))
    if region:
        query = query.where(HOUSEHOLD.c.region == region)
    if text:
        low = text.lower()
        named = select(MEMBER.c.record_id).where(
            or_(MEMBER.c.name.contains(text, autoescape=True),
                MEMBER.c.initials.startswith(low, autoescape=True))
        )  # fmt: skip
        query = query.where(
            or_(
                HOUSEHOLD.c.number.contains(text, autoescape=True), HOUSEHOLD.c.record_id.in_(named)
            )
        )
    total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    sorts = {"number": HOUSEHOLD.c.number, "since": HOUSEHOLD.c.since}
    ordered = window.of(query, sorts, HOUSEHOLD.c.record_id)
    return total, list(_households(connection, ordered))


def household_of(connection: Connection, household_id: UUID) -> tuple[str, Household]:
    """Return the region of a household, and the household as it stands.

    Raises:
        NotFound: there is none.
    """
    query = _standing(FAR).where(HOUSEHOLD.c.household_id == household_id)
    region = connection.scalar(query.with_only_columns(HOUSEHOLD.c.region))
    found = list(_households(connection, query))
    if region is None or not found:
        raise NotFound("no such household", code="assets.household", value=str(household_id))
    return region, found[0]


def history_of(connection: Connection, household_id: UUID) -> list[Row[Any]]:
    """Return the states of a household, newest first: record, version, since, shares."""
    query = select(HOUSEHOLD).where(HOUSEHOLD.c.household_id == household_id)
    return list(connection.execute(query.order_by(HOUSEHOLD.c.version.desc())))


def seats_of(connection: Connection, login: str) -> list[Seat]:
    """Return who a login is, in the villages that say so."""
    if not login:
        return []
    query = (
        _standing(FAR)
        .join(MEMBER, MEMBER.c.record_id == HOUSEHOLD.c.record_id)
        .where(MEMBER.c.login == login)
        .with_only_columns(HOUSEHOLD.c.region, HOUSEHOLD.c.household_id, MEMBER.c.member_id)
    )
    return [Seat(*row) for row in connection.execute(query.order_by(HOUSEHOLD.c.region))]


def seat_in(connection: Connection, login: str, region: str) -> Seat:
    """Return who a login is in a village.

    Raises:
        Forbidden: nobody of its roll.
    """
    for each in seats_of(connection, login):
        if each.region == region:
            return each
    raise Forbidden(
        "this account belongs to nobody of the roll",
        code="assets.seat",
        mend="ask the village accountant to enter your login in the roll",
    )


def _standing(on: date) -> Select[Any]:
    """Return the query of households as they hold on a day."""
    newer = HOUSEHOLD.alias("newer")
    later = select(newer.c.record_id).where(
        newer.c.household_id == HOUSEHOLD.c.household_id,
        newer.c.version > HOUSEHOLD.c.version,
        newer.c.since <= on,
    )
    return (
        select(HOUSEHOLD)
        .where(and_(HOUSEHOLD.c.since <= on, ~later.exists(), HOUSEHOLD.c.dissolved.is_(False)))
        .order_by(HOUSEHOLD.c.number, HOUSEHOLD.c.record_id)
    )


def _households(connection: Connection, query: Select[Any]) -> Iterator[Household]:
    rows = list(connection.execute(query))
    people: dict[UUID, list[Row[Any]]] = {}
    for chunk in _chunks([row.record_id for row in rows]):
        asked = select(MEMBER).where(MEMBER.c.record_id.in_(chunk))
        for person in connection.execute(asked.order_by(MEMBER.c.record_id, MEMBER.c.position)):
            people.setdefault(person.record_id, []).append(person)
    for row in rows:
        home = Household(
            row.household_id, row.number, row.since, row.version, (), Fraction(row.shares),
            row.account, row.payee, row.sample,
        )  # fmt: skip
        members = tuple(_member(row.household_id, each) for each in people.get(row.record_id, ()))
        yield replace(home, members=members)


def _member(household_id: UUID, row: Row[Any]) -> Member:
    return Member(
        member_id=row.member_id,
        household_id=household_id,
        name=row.name,
        sex=row.sex,
        born_on=row.born_on,
        capacity=row.capacity,
        belongs=row.belongs,
        villager=row.villager,
        head=row.head,
        shares=Fraction(row.shares),
        login=row.login,
    )


def _chunks(ids: Sequence[UUID], size: int = 500) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
