"""A workbook on its way into the register: read, shown with what is wrong, then taken in or not.

The file itself is the draft; each time it is looked at it is read anew against the register as it
stands. Taking it in writes all its good rows in one unit of work, and none of the others.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from longmai.domains.assets.register import deeds, queries
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.importing.reading import (
    Book,
    BookRow,
    Fault,
    Note,
    Reading,
    asset_of,
    read_book,
)
from longmai.domains.assets.register.model.asset import Asset, check, differences
from longmai.domains.assets.register.service import Amendment, amend, enter
from longmai.domains.assets.register.tables import DRAFT
from longmai.kernel.errors import Conflict, NotFound
from longmai.kernel.ids import new_id

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"
OUTCOMES = (NEW, CHANGED, SAME, WRONG)


@dataclass(frozen=True)
class Planned:
    """A row, and what taking it in would do.

    Attributes:
        outcome: one of ``OUTCOMES``.
        asset: as it would be; None of a wrong row.
        asset_id: that bears the code already; None of a new one.
        changed: columns that would change.
    """

    row: BookRow
    outcome: str
    asset: Asset | None = None
    asset_id: UUID | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What taking a workbook in would do, row by row."""

    rows: tuple[Planned, ...]
    notes: tuple[Note, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Return the number of rows by outcome."""
        counted = Counter(each.outcome for each in self.rows)
        return {outcome: counted[outcome] for outcome in OUTCOMES}

    def of(self, outcome: str) -> list[Planned]:
        """Return the rows of an outcome."""
        return [each for each in self.rows if each.outcome == outcome]


def plan(desk: Desk, data: bytes, within: str, unit_fen: int = 0) -> Plan:
    """Read a workbook, and say what taking it in would do; nothing is written.

    Raises:
        SignInNeeded, Forbidden: the visitor may not keep assets anywhere.
        TooLarge, Invalid: it cannot be read at all.
    """
    desk.require(deeds.KEEP, [within])
    return plan_of(desk, _read(data, Reading(desk.regions, within, desk.today, unit_fen)))


@lru_cache(maxsize=4)
def _read(data: bytes, how: Reading) -> Book:
    # A preview is looked at page by page, and then taken in: the file is read once for all.
    return read_book(data, how)


def plan_of(desk: Desk, book: Book) -> Plan:
    """Say what taking in the rows of a workbook would do."""
    wanted: dict[str, list[str]] = {}
    for row in book.rows:
        if not row.faults:
            wanted.setdefault(row.given["region"][:6], []).append(row.given["code"])
    connection = desk.work.connection
    taken = {
        (county, code): asset_id
        for county, codes in wanted.items()
        for code, asset_id in queries.ids_by_code(connection, county, codes).items()
    }
    before = {each.asset_id: each for each in queries.known(connection, list(taken.values()))}
    return Plan(tuple(_planned(desk, row, taken, before) for row in book.rows), book.notes)


def _planned(
    desk: Desk,
    row: BookRow,
    taken: Mapping[tuple[str, str], UUID],
    before: Mapping[UUID, queries.Known],
) -> Planned:
    if row.faults:
        return Planned(row, WRONG)
    asset_id = taken.get((row.given["region"][:6], row.given["code"]))
    old = before[asset_id] if asset_id else None
    asset = asset_of(row, old.asset if old else None)
    faults = [Fault("", "", each.code, each.place or "") for each in check(asset, desk.today)]
    regions = {asset.region, *([old.asset.region] if old else [])}
    if not all(desk.visitor.may(deeds.KEEP, region) for region in regions):
        faults.append(Fault("", "", "ledgerbook.not_yours", desk.regions.path_name(asset.region)))
    if old is not None and old.state.stage == "disposed":
        faults.append(Fault("", "", "asset.disposed"))
    if faults:
        return Planned(replace(row, faults=tuple(faults)), WRONG)
    if old is None:
        return Planned(row, NEW, asset)
    changed = tuple(name for name, _, _ in differences(old.asset, asset))
    return Planned(row, CHANGED if changed else SAME, asset, asset_id, changed)


@dataclass(frozen=True)
class Draft:
    """A workbook that waits: whose, for which region, and whether it was taken in."""

    id: UUID
    owner: str
    region: str
    file: str
    unit_fen: int
    body: bytes
    taken: Mapping[str, int] | None


def keep_draft(desk: Desk, body: bytes, file: str, region: str, unit_fen: int) -> UUID:
    """Keep a workbook for its preview; return the draft's ID.

    Raises:
        Forbidden: the visitor may not keep assets in the region.
    """
    code = desk.regions.get(region).code
    desk.require(deeds.KEEP, [code])
    draft_id = new_id()
    desk.work.connection.execute(
        insert(DRAFT).values(
            id=draft_id,
            owner=desk.visitor.actor,
            region=code,
            file=file[:200],
            digest=hashlib.sha256(body).hexdigest(),
            body=body,
            result={"unit_fen": unit_fen},
            made_at=desk.now,
        )
    )
    return draft_id


def draft_of(connection: Connection, draft_id: UUID, owner: str) -> Draft:
    """Return somebody's own draft.

    Raises:
        NotFound: they have none of this ID.
    """
    row = connection.execute(select(DRAFT).where(DRAFT.c.id == draft_id)).one_or_none()
    if row is None or row.owner != owner:
        raise NotFound("no such import", code="import", value=str(draft_id))
    told = row.result or {}
    taken = told.get("taken")
    return Draft(row.id, row.owner, row.region, row.file, told.get("unit_fen", 0), row.body, taken)


def planned_draft(desk: Desk, draft: Draft) -> Plan:
    """Say what taking in a draft would do now."""
    return plan(desk, draft.body, draft.region, draft.unit_fen)


def take_in(desk: Desk, draft: Draft) -> Mapping[str, int]:
    """Write the good rows of a draft, all in one; return how many by outcome.

    Done twice it changes nothing: a code that is there with the same columns is left alone.

    Raises:
        Conflict: it was taken in.
        Forbidden: as ``plan``.
    """
    if draft.taken is not None:
        raise Conflict("it was taken in", code="import.taken", value=draft.file)
    desk.hold([draft.region])
    found = planned_draft(desk, draft)
    write(desk, found.rows, draft.file)
    counts = dict(found.counts)
    told: dict[str, Any] = {"unit_fen": draft.unit_fen, "taken": counts}
    desk.work.connection.execute(
        update(DRAFT).where(DRAFT.c.id == draft.id).values(result=told, taken_at=desk.now)
    )
    return counts


def write(desk: Desk, rows: Sequence[Planned], reason: str) -> None:
    """Enter what is new, and amend what changed."""
    new = [each.asset for each in rows if each.outcome == NEW and each.asset is not None]
    changed = [
        Amendment(each.asset_id, each.asset, reason)
        for each in rows
        if each.outcome == CHANGED and each.asset is not None and each.asset_id is not None
    ]
    if new:
        enter(desk, new)
    if changed:
        amend(desk, changed)
