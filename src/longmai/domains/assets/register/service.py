"""Use-cases of the register: enter and amend assets, determine, transfer and mark their rights.

Each takes many assets at once, for a county does; one asset is a list of one. Services check rights
and rules, append records and return; they never commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from longmai.domains.assets.register import deeds, queries, right_queries
from longmai.domains.assets.register.desk import Desk, refuse
from longmai.domains.assets.register.model.asset import Asset, as_payload, check, differences
from longmai.domains.assets.register.model.rights import (
    MARKS,
    RIGHTS,
    Holding,
    Party,
    checked,
    holdings_payload,
    party_payload,
    transferred,
    units_as_shares,
)
from longmai.domains.assets.register.model.workflow import WAY, State
from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.ids import new_id
from longmai.ledger.record import Act

MOST_AT_ONCE = 20_000


def enter(desk: Desk, assets: Sequence[Asset], on: date | None = None) -> list[UUID]:
    """Enter assets that were found (摸底); return their IDs in the same order.

    Raises:
        Forbidden: the visitor may not keep assets in one of the regions.
        InvalidMany: what is wrong with any of them, ``place`` being ``number.column``.
    """
    day = desk.day(on)
    _allowed(desk, assets)
    refuse(_faults(desk, assets, {}), "assets that cannot be entered")
    ids = [new_id() for _ in assets]
    acts = [
        _entry(desk, deeds.ENTERED, day, asset_id, asset, State(1, "surveyed", asset.condition), {})
        for asset_id, asset in zip(ids, assets, strict=True)
    ]
    desk.append(acts)
    return ids


@dataclass(frozen=True)
class Amendment:
    """New columns of an asset, and why."""

    asset_id: UUID
    asset: Asset
    reason: str


def amend(desk: Desk, amendments: Sequence[Amendment], on: date | None = None) -> int:
    """Write new columns of assets; return how many changed, the others being as they were.

    Raises:
        NotFound: there is no such asset.
        Forbidden: the visitor may not keep assets where one lies or comes to lie.
        InvalidMany: what is wrong with any of them.
        Conflict: an asset was disposed of.
    """
    day = desk.day(on)
    wanted = [each.asset for each in amendments]
    _allowed(desk, wanted)
    found = queries.known(desk.work.connection, [each.asset_id for each in amendments])
    desk.require(deeds.KEEP, [each.asset.region for each in found])
    own = {(each.asset.county, each.asset.code): each.asset_id for each in found}
    refuse(_faults(desk, wanted, own), "assets that cannot be amended")
    acts = []
    for known, each in zip(found, amendments, strict=True):
        _refuse_disposed(known)
        changed = differences(known.asset, each.asset)
        if changed:
            told = {"changed": [name for name, _, _ in changed], "reason": each.reason}
            acts.append(_amended(desk, day, known, each.asset, told))
    return len(desk.append(acts))


def _amended(
    desk: Desk, day: date, known: queries.Known, asset: Asset, told: Mapping[str, Any]
) -> Act:
    state = State(known.state.version + 1, known.state.stage, asset.condition)
    return _entry(desk, deeds.AMENDED, day, known.asset_id, asset, state, told)


def _entry(
    desk: Desk,
    kind: str,
    day: date,
    asset_id: UUID,
    asset: Asset,
    state: State,
    told: Mapping[str, Any],
) -> Act:
    payload = {"version": state.version, "asset": as_payload(asset), "told": dict(told)}
    return desk.act(kind, asset.region, day, {asset_id: state}, payload)


def _allowed(desk: Desk, assets: Sequence[Asset]) -> None:
    if len(assets) > MOST_AT_ONCE:
        raise Invalid(
            f"at most {MOST_AT_ONCE} assets at once",
            code="asset.many",
            value=len(assets),
            mend="send them in parts, for example by township",
        )
    regions = [each.region for each in assets]
    for region in dict.fromkeys(regions):
        desk.regions.get(region)
    desk.require(deeds.KEEP, regions)
    desk.hold(regions)


def _faults(
    desk: Desk, assets: Sequence[Asset], own: Mapping[tuple[str, str], UUID]
) -> list[Invalid]:
    """Return what is wrong with assets; ``own``: those that bear their code rightly."""
    faults: list[Invalid] = []
    seen: dict[tuple[str, str], int] = {}
    taken = codes_taken(desk, assets)
    for number, asset in enumerate(assets, 1):
        found = check(asset, desk.today)
        key = asset.county, asset.code
        if key in seen:
            found.append(_twice(asset, f"{seen[key]}"))
        elif taken.get(key, own.get(key)) != own.get(key):
            found.append(_twice(asset, str(taken[key])))
        seen.setdefault(key, number)
        for each in found:
            each.place = f"{number}.{each.place}"
        faults += found
    return faults


def codes_taken(desk: Desk, assets: Sequence[Asset]) -> dict[tuple[str, str], UUID]:
    """Return which codes of these are borne already, by county and code."""
    wanted: dict[str, list[str]] = {}
    for asset in assets:
        wanted.setdefault(asset.county, []).append(asset.code)
    return {
        (county, code): asset_id
        for county, codes in wanted.items()
        for code, asset_id in queries.ids_by_code(desk.work.connection, county, codes).items()
    }


def _twice(asset: Asset, other: str) -> Invalid:
    return Invalid(
        f"another asset of the county has this code: {other}",
        code="asset.code_twice",
        place="code",
        value=asset.code,
        mend="give it a code of its own",
    )


def _refuse_disposed(known: queries.Known) -> None:
    if known.state.stage == "disposed":
        raise Conflict("the asset was disposed of", code="asset.disposed", value=known.asset.code)


@dataclass(frozen=True)
class Determination:
    """Who holds each of the three rights of an asset, by right."""

    asset_id: UUID
    rights: Mapping[str, Sequence[Holding]]
    basis: str


def determine(desk: Desk, found: Sequence[Determination], on: date | None = None) -> None:
    """Determine who holds the three rights of assets (权属界定), before they are noticed.

    Raises:
        NotFound, Forbidden: as ``amend``.
        Conflict: an asset stands elsewhere on its way.
        Invalid: a right is missing, or its shares do not sum to one; or no basis is given.
    """
    day = desk.day(on)
    acts = []
    for known, each in zip(_held(desk, [each.asset_id for each in found]), found, strict=True):
        if set(each.rights) != set(RIGHTS):
            raise Invalid("all three rights are determined", code="right.three", place="rights")
        _need_basis(each.basis)
        state = next_state(known).at("determined")
        told = {
            "version": state.version,
            "rights": {right: holdings_payload(checked(each.rights[right])) for right in RIGHTS},
            "basis": each.basis,
        }
        acts.append(
            desk.act(deeds.DETERMINED, known.asset.region, day, {known.asset_id: state}, told)
        )
    desk.append(acts)


def _need_basis(basis: str) -> None:
    if not basis.strip() or len(basis) > 400:  # noqa: PLR2004 - characters
        raise Invalid(
            "say by which document or contract",
            code="right.basis",
            place="basis",
            mend="write its name and date",
        )


def next_state(known: queries.Known) -> State:
    """Return the state that the next record about an asset leaves it in, if it changes nothing."""
    return State(known.state.version + 1, known.state.stage, known.state.condition)


def _held(
    desk: Desk, asset_ids: Sequence[UUID], permission: str = deeds.DECIDE
) -> list[queries.Known]:
    """Return assets that the visitor may decide about, held against others until the work ends."""
    regions = [each.asset.region for each in queries.known(desk.work.connection, asset_ids)]
    desk.require(permission, regions)
    desk.hold(regions)
    return queries.known(desk.work.connection, asset_ids)


held_for = _held
"""The same for those who build on the register."""


@dataclass(frozen=True)
class Transfer:
    """A share of a right that goes from one party to another.

    Attributes:
        share: of the whole right, not of what the giver holds.
        basis: contract or document.
    """

    right: str
    source: Party
    target: Party
    share: Fraction
    basis: str


def transfer(desk: Desk, asset_id: UUID, wanted: Transfer, on: date | None = None) -> None:
    """Transfer a share of one right; the other two stay where they are.

    Raises:
        NotFound, Forbidden: as ``amend``.
        Conflict: the right is not registered, a mark stands on it (named with its record), or the
            giver holds less.
        Invalid: the transfer itself makes no sense, or comes before the last one.
    """
    day = desk.day(on)
    [known] = _held(desk, [asset_id])
    if wanted.right not in RIGHTS:
        raise Invalid("no such right", code="right.name", place="right", value=wanted.right)
    _need_basis(wanted.basis)
    if known.state.stage not in {"registered", "certified", "handed_over"}:
        raise Conflict(
            "a right is transferred once it is registered",
            code="right.unregistered",
            value=known.state.stage,
            mend="finish the notice and register it first",
        )
    now = right_queries.holdings_of(desk.work.connection, asset_id, wanted.right)
    refuse_marked(desk, asset_id, wanted.right, day)
    if now.since and day < now.since:
        raise Invalid(
            "it would come before the last change",
            code="right.order",
            place="on",
            value=day.isoformat(),
            mend=f"give a day from {now.since.isoformat()} on",
        )
    holdings = transferred(now.holdings, wanted.source, wanted.target, wanted.share)
    state = next_state(known)
    told = {
        "version": state.version,
        "rights": {wanted.right: holdings_payload(holdings)},
        "source": party_payload(wanted.source),
        "target": party_payload(wanted.target),
        "share": str(wanted.share),
        "basis": wanted.basis,
        "told": {"right": wanted.right, "share": str(wanted.share)},
    }
    desk.append([desk.act(deeds.TRANSFERRED, known.asset.region, day, {asset_id: state}, told)])


def refuse_marked(desk: Desk, asset_id: UUID, right: str, day: date) -> None:
    """Refuse to move a right that a mark stands on.

    Raises:
        Conflict: it does; ``value`` is the record of the mark.
    """
    for each in right_queries.marks_of(desk.work.connection, asset_id):
        if each.lifted_on is None and each.mark.stands(right, day):
            raise Conflict(
                f"a mark stands on this right: {each.mark.kind}, {each.document}",
                code="right.marked",
                place=right,
                value=str(each.record_id),
                mend="have the mark lifted first",
            )


@dataclass(frozen=True)
class NewMark:
    """A mark to be placed: see ``model.rights.Mark``."""

    kind: str
    right: str
    document: str
    creditor: str = ""
    amount_fen: int | None = None
    until: date | None = None


def place_mark(desk: Desk, asset_id: UUID, wanted: NewMark, on: date | None = None) -> UUID:
    """Place a mortgage, seizure, restriction or dispute on a right, or on all; return its ID.

    Raises:
        NotFound, Forbidden: as ``amend``.
        Invalid: no such kind or right, no document, a mortgage without creditor, or it ends early.
    """
    day = desk.day(on)
    [known] = _held(desk, [asset_id])
    _refuse_disposed(known)
    if wanted.kind not in MARKS:
        raise Invalid("no such mark", code="mark.kind", place="kind", value=wanted.kind)
    if wanted.right not in {"", *RIGHTS}:
        raise Invalid("no such right", code="right.name", place="right", value=wanted.right)
    if wanted.kind == "mortgage" and not wanted.creditor.strip():
        raise Invalid("a mortgage has a creditor", code="mark.creditor", place="creditor")
    if wanted.until is not None and wanted.until < day:
        raise Invalid("it ends before it begins", code="mark.until", place="until")
    _need_basis(wanted.document)
    told = {
        **{n: getattr(wanted, n) for n in ("kind", "right", "creditor", "amount_fen", "document")},
        "until": wanted.until.isoformat() if wanted.until else None,
        "told": {"mark": wanted.kind, "right": wanted.right},
    }
    states = {asset_id: next_state(known)}
    [record] = desk.append([desk.act(deeds.MARKED, known.asset.region, day, states, told)])
    return record.id


def lift_mark(
    desk: Desk, asset_id: UUID, mark_id: UUID, reason: str, on: date | None = None
) -> None:
    """Lift a mark.

    Raises:
        NotFound, Forbidden: as ``amend``.
        Conflict: there is no such mark on the asset, or it was lifted.
        Invalid: no reason is given.
    """
    day = desk.day(on)
    [known] = _held(desk, [asset_id])
    marks = {
        each.record_id: each for each in right_queries.marks_of(desk.work.connection, asset_id)
    }
    found = marks.get(mark_id)
    if found is None or found.lifted_on is not None:
        raise Conflict("no such mark stands", code="mark.gone", value=str(mark_id))
    _need_basis(reason)
    told = {
        "mark": str(mark_id),
        "reason": reason,
        "told": {"mark": found.mark.kind, "right": found.mark.right},
    }
    desk.append(
        [desk.act(deeds.UNMARKED, known.asset.region, day, {asset_id: next_state(known)}, told)]
    )


def quantify(
    desk: Desk,
    asset_id: UUID,
    units: Sequence[tuple[Party, int]],
    basis: str,
    on: date | None = None,
) -> None:
    """Quantify the equity of an asset to households and members, in units.

    The collective goes on holding the rights; each household's part of what they bring is its
    units of the total, exactly. Property itself is never divided (农村集体经济组织法 36).

    Raises:
        NotFound, Forbidden: as ``amend``.
        Conflict: the village holds no part of the income right.
        Invalid: a party is no household or member, stands there twice, or has no units.
    """
    day = desk.day(on)
    [known] = _held(desk, [asset_id])
    _refuse_disposed(known)
    if known.state.stage not in WAY[1:]:
        raise Conflict("rights are determined first", code="equity.stage", value=known.state.stage)
    income = right_queries.holdings_of(desk.work.connection, asset_id, "income")
    if not any(each.party.kind == "collective" for each in income.holdings):
        raise Conflict("no collective holds the income right", code="equity.collective")
    _need_basis(basis)
    identities = [party.identity for party, _ in units]
    if len(set(identities)) < len(identities) or any(
        party.kind not in {"household", "person"} for party, _ in units
    ):
        raise Invalid("each household or member once", code="equity.party", place="units")
    units_as_shares(dict(zip(identities, (n for _, n in units), strict=True)))
    state = next_state(known)
    told = {
        "version": state.version,
        "units": [{"party": party_payload(party), "units": n} for party, n in units],
        "basis": basis,
        "told": {"parties": len(units)},
    }
    desk.append([desk.act(deeds.QUANTIFIED, known.asset.region, day, {asset_id: state}, told)])
