"""Reads of cases and leads, within the regions somebody may see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from longmai.domains.livelihood.casework.model.case import OVER, Act, Case, Deed, Standing
from longmai.domains.livelihood.casework.tables import ACT, CASE, LAID, LEAD
from longmai.domains.livelihood.persons.consents import DECIDE, Consent, refuses, words_of
from longmai.kernel.errors import NotFound
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

LEADS = ("eligible", "manual", "near", "unknown", "losing")
"""What a finding asks to be done, by why."""
STANDINGS = tuple(Standing)


@dataclass(frozen=True)
class KeptAct:
    """An act with its record, who did it and where the case stood after it."""

    record_id: UUID
    act: Act
    standing: Standing
    at: datetime
    by_name: str


@dataclass(frozen=True)
class KeptCase:
    """A case as it is kept.

    Attributes:
        found: what the finding said: version, digest, day, amount, unit, reasons, person.
        lead: why it was opened.
        words: what the person agrees to and refuses, by purpose.
    """

    case_id: UUID
    person_id: str
    household: str
    name: str
    region: str
    policy_id: str
    round: int
    lead: str
    due: date | None
    found: Mapping[str, Any]
    opened_at: datetime
    sample: bool
    acts: Sequence[KeptAct]
    words: Mapping[str, Consent]

    @property
    def case(self) -> Case:
        """Return it as the law of a case sees it."""
        return Case(tuple(each.act for each in self.acts), refuses(self.words, DECIDE))


@dataclass(frozen=True)
class ShownCase:
    """A case in a list."""

    case_id: UUID
    name: str
    region: str
    policy_id: str
    lead: str
    standing: Standing
    due: date | None
    last_at: datetime
    sample: bool


@dataclass(frozen=True)
class Lead:
    """Something a finding asks to be done.

    Attributes:
        lead: one of ``LEADS``.
        clause: id of the condition that fails or waits.
        datum: that is missing; ``holder`` the department that has it.
        due: the day it begins or ends; None: as soon as possible.
    """

    id: UUID
    lead: str
    person_id: str
    household: str
    region: str
    policy_id: str
    version: str
    amount_fen: int | None
    clause: str
    datum: str
    holder: str
    due: date | None
    found_on: date


def case_of(connection: Connection, case_id: UUID, scope: Scope) -> KeptCase:
    """Return a case.

    Raises:
        NotFound: there is none, or not within the regions.
    """
    query = select(CASE).where(scope.rows(CASE.c.region), CASE.c.case_id == case_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such case", code="case.unknown", value=str(case_id))
    return _kept_all(connection, [row])[0]


def latest(connection: Connection, person_id: str, policy_id: str) -> KeptCase | None:
    """Return the last case of a person and a policy, wherever it is; None: there was none."""
    query = (
        select(CASE)
        .where(CASE.c.person_id == person_id, CASE.c.policy_id == policy_id)
        .order_by(CASE.c.round.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return _kept_all(connection, [row])[0]


def cases(
    connection: Connection,
    scope: Scope,
    window: Window,
    *,
    standings: Sequence[Standing] = (),
    policy: str = "",
    text: str = "",
) -> tuple[int, list[ShownCase]]:
    """Return how many cases there are, and a window of them.

    Args:
        connection: to read.
        scope: regions to see.
        window: sorted by ``due``, ``last`` or ``name``.
        standings: to be in one of; none: any.
        policy: id; empty: any.
        text: part of a name, or its initials.
    """
    here = [scope.rows(CASE.c.region), _called(text)]
    if standings:
        here.append(_LAST.c.standing.in_([each.value for each in standings]))
    if policy:
        here.append(CASE.c.policy_id == policy)
    joined = CASE.join(_LAST, and_(_LAST.c.case_id == CASE.c.case_id, _IS_LAST))
    total = connection.scalar(select(func.count()).select_from(joined).where(*here)) or 0
    columns = (
        CASE.c.case_id, CASE.c.name, CASE.c.region, CASE.c.policy_id, CASE.c.lead, CASE.c.due,
        CASE.c.sample, _LAST.c.standing, _LAST.c.at,
    )  # fmt: skip
    query = select(*columns).select_from(joined).where(*here)
    sorts = {"last": _LAST.c.at, "due": CASE.c.due, "name": CASE.c.initials}
    rows = connection.execute(window.of(query, sorts, CASE.c.record_id))
    return total, [
        ShownCase(
            row.case_id, row.name, row.region, row.policy_id, row.lead,
            Standing(row.standing), row.due, row.at, row.sample,
        )
        for row in rows
    ]  # fmt: skip


def standing_counts(connection: Connection, scope: Scope) -> Mapping[Standing, int]:
    """Return how many cases stand where."""
    joined = CASE.join(_LAST, and_(_LAST.c.case_id == CASE.c.case_id, _IS_LAST))
    query = (
        select(_LAST.c.standing, func.count())
        .select_from(joined)
        .where(scope.rows(CASE.c.region))
        .group_by(_LAST.c.standing)
    )
    return {Standing(standing): count for standing, count in connection.execute(query)}


def granted(connection: Connection, policy: str, region: str) -> Iterator[KeptCase]:
    """Yield the cases of a policy in a region that were ever confirmed, with their acts.

    Args:
        connection: to read.
        policy: id.
        region: beginning of its code.
    """
    confirmed = select(ACT.c.case_id).where(ACT.c.deed == Deed.CONFIRMED.value)
    query = (
        select(CASE)
        .where(
            CASE.c.policy_id == policy,
            CASE.c.region.startswith(region),
            CASE.c.case_id.in_(confirmed),
        )
        .order_by(CASE.c.region, CASE.c.case_id)
    )
    rows = connection.execute(query).all()
    for start in range(0, len(rows), _AT_ONCE):
        yield from _kept_all(connection, rows[start : start + _AT_ONCE])


def decided_since(
    connection: Connection, region: str, deed: Deed, since: datetime
) -> list[KeptCase]:
    """Return the cases in a region on which something was decided since an instant, newest first.

    Args:
        connection: to read.
        region: beginning of its code.
        deed: the decision.
        since: aware.
    """
    here = (ACT.c.deed == deed.value, ACT.c.at >= since, CASE.c.region.startswith(region))
    query = (
        select(CASE)
        .join(ACT, ACT.c.case_id == CASE.c.case_id)
        .where(*here)
        .order_by(ACT.c.at.desc(), CASE.c.case_id)
        .limit(_AT_ONCE)
    )
    rows = {row.case_id: row for row in connection.execute(query)}
    return _kept_all(connection, list(rows.values()))


def leads(
    connection: Connection,
    scope: Scope,
    window: Window,
    *,
    lead: str,
    policy: str = "",
    holder: str = "",
) -> tuple[int, list[Lead]]:
    """Return how many leads of a kind wait that nobody has taken on, and a window of them."""
    here = _waiting(scope, lead, policy, holder)
    total = connection.scalar(select(func.count()).select_from(LEAD).where(*here)) or 0
    sorts = {"due": LEAD.c.due, "region": LEAD.c.region}
    rows = connection.execute(window.of(select(LEAD).where(*here), sorts, LEAD.c.id))
    return total, [_lead(row) for row in rows]


def leads_named(connection: Connection, scope: Scope, ids: Sequence[UUID]) -> list[Lead]:
    """Return leads by ID, as far as they are there and within the regions."""
    query = select(LEAD).where(scope.rows(LEAD.c.region), LEAD.c.id.in_(ids))
    return [_lead(row) for row in connection.execute(query.order_by(LEAD.c.id))]


def laid_on(connection: Connection) -> date | None:
    """Return the day of the finding that the leads are of; None: there are none yet."""
    found: date | None = connection.scalar(select(LAID.c.day).limit(1))
    return found


def lead_counts(connection: Connection, scope: Scope) -> Mapping[str, int]:
    """Return how many leads wait, by kind."""
    found = {}
    for kind in LEADS:
        here = _waiting(scope, kind, "", "")
        found[kind] = connection.scalar(select(func.count()).select_from(LEAD).where(*here)) or 0
    return found


def lead_choices(
    connection: Connection, scope: Scope, lead: str
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the policies and the holders of data that leads of a kind name."""
    here = (scope.rows(LEAD.c.region), LEAD.c.lead == lead)
    policies = connection.scalars(select(LEAD.c.policy_id).where(*here).distinct()).all()
    holders = connection.scalars(select(LEAD.c.holder).where(*here).distinct()).all()
    return sorted(policies), sorted(each for each in holders if each)


_AT_ONCE = 500
_LAST = ACT.alias("last_act")
_OTHER = ACT.alias("other_act")
_IS_LAST = (
    _LAST.c.number
    == select(func.max(_OTHER.c.number))
    .where(_OTHER.c.case_id == CASE.c.case_id)
    .correlate(CASE)
    .scalar_subquery()
)


def _waiting(scope: Scope, lead: str, policy: str, holder: str) -> list[ColumnElement[bool]]:
    here = [scope.rows(LEAD.c.region), LEAD.c.lead == lead, ~_taken(lead).exists()]
    if policy:
        here.append(LEAD.c.policy_id == policy)
    if holder:
        here.append(LEAD.c.holder == holder)
    return here


def _taken(lead: str) -> Select[Any]:
    """Return the cases that make a lead nothing to be done."""
    same = (CASE.c.person_id == LEAD.c.person_id, CASE.c.policy_id == LEAD.c.policy_id)
    over = [each.value for each in OVER]
    standing = [_LAST.c.standing.not_in(over)]
    if lead == "losing":
        # Who has it is who can lose it: there the case waits for the proposal.
        standing = [_LAST.c.standing.not_in([*over, Standing.GRANTED.value])]
    joined = CASE.join(_LAST, and_(_LAST.c.case_id == CASE.c.case_id, _IS_LAST))
    return select(CASE.c.case_id).select_from(joined).where(*same, *standing)


def _called(text: str) -> ColumnElement[bool]:
    wanted = text.strip()
    if not wanted:
        return CASE.c.name.is_not(None)
    return or_(
        CASE.c.name.contains(wanted, autoescape=True),
        CASE.c.initials.startswith(wanted.casefold(), autoescape=True),
    )


def _acts(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[KeptAct]]:
    query = select(ACT).where(ACT.c.case_id.in_(ids)).order_by(ACT.c.case_id, ACT.c.number)
    found: dict[UUID, list[KeptAct]] = {}
    for row in connection.execute(query):
        act = Act(row.number, Deed(row.deed), row.by, row.data)
        kept = KeptAct(row.record_id, act, Standing(row.standing), row.at, row.by_name)
        found.setdefault(row.case_id, []).append(kept)
    return found


def _kept_all(connection: Connection, rows: Sequence[Row[Any]]) -> list[KeptCase]:
    acts = _acts(connection, [row.case_id for row in rows])
    words = words_of(connection, [row.person_id for row in rows])
    return [
        KeptCase(
            row.case_id, row.person_id, row.household, row.name, row.region, row.policy_id,
            row.round, row.lead, row.due, row.found, row.opened_at, row.sample,
            acts.get(row.case_id, []), words[row.person_id],
        )
        for row in rows
    ]  # fmt: skip


def _lead(row: Row[Any]) -> Lead:
    return Lead(
        row.id, row.lead, row.person_id, row.household, row.region, row.policy_id, row.version,
        row.amount_fen, row.clause, row.datum, row.holder, row.due, row.found_on,
    )  # fmt: skip
