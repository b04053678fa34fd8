"""Use-cases of contracts: sign, amend, end, file. Each is a record; nothing is edited.

Services check rights and rules, append records and return; they never commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from longmai.domains.assets.contracts import deeds
from longmai.domains.assets.contracts.model.contract import (
    MAX_NAME,
    MAX_TEXT,
    Terms,
    as_payload,
    check,
)
from longmai.domains.assets.contracts.model.schedule import cut
from longmai.domains.assets.contracts.queries import (
    Contract,
    by_number,
    contract_of,
    contracts_of_asset,
)
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register.desk import refuse
from longmai.domains.assets.register.service import next_state, refuse_marked
from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.ids import new_id
from longmai.ledger.record import Act


def sign(desk: Desk, terms: Terms, on: date | None = None, contract_id: UUID | None = None) -> UUID:
    """Enter a contract that was signed; return its ID.

    Args:
        desk: of the accountant.
        terms: of the contract.
        on: day of the entry; None: today.
        contract_id: to give it; None: a new one.

    Raises:
        Forbidden: the contracts of this village are not the visitor's to keep.
        NotFound: there is no such asset.
        Conflict: an asset was disposed of, is marked, or is let to somebody at the time.
        InvalidMany: what is wrong with the terms.
    """
    day = desk.day(on)
    own = contract_id or new_id()
    known = _held(desk, terms)
    refuse(_faults(desk, terms, None, day), "terms of a contract")
    for each in known:
        refuse_marked(desk, each.asset_id, "operation", day)
        _refuse_let(desk, each, terms, None)
    _record(desk, deeds.SIGNED, own, terms, known, day, {"version": 1})
    return own


def amend(desk: Desk, contract_id: UUID, terms: Terms, reason: str, on: date | None = None) -> None:
    """Record new terms of a contract, and why; the old ones stay in its history.

    Raises:
        Forbidden, NotFound, InvalidMany: as ``sign``.
        Conflict: as ``sign``; or it was ended.
        Invalid: no reason is given, or it moves to another village.
    """
    day = desk.day(on)
    known = _held(desk, terms)
    found = _standing(desk, contract_id)
    if found.terms.region != terms.region:
        raise Invalid("a contract stays in its village", code="contract.region", place="region")
    refuse(_faults(desk, terms, contract_id, day), "terms of a contract")
    for each in known:
        if each.asset_id not in found.terms.asset_ids:
            refuse_marked(desk, each.asset_id, "operation", day)
        _refuse_let(desk, each, terms, contract_id)
    more = {"version": found.version + 1, "reason": _reason(reason)}
    _record(desk, deeds.AMENDED, contract_id, terms, known, day, more)


def end(desk: Desk, contract_id: UUID, reason: str, ended_on: date, on: date | None = None) -> None:
    """Record that a contract ended before its time: rent is owed until that day, by days.

    Raises:
        Forbidden: as ``sign``.
        Conflict: it was ended before.
        Invalid: no reason is given, or the day lies outside of the contract or in the future.
    """
    day = desk.day(on)
    found = _standing(desk, contract_id)
    if not found.terms.starts_on <= ended_on <= min(found.terms.ends_on, day):
        raise Invalid("it ends within its time, and not in the future", code="contract.end_day",
                      place="ended_on", value=ended_on.isoformat())  # fmt: skip
    known = register.known(desk.work.connection, found.terms.asset_ids)
    terms = replace(found.terms, instalments=cut(found.terms.instalments, ended_on))
    more = {
        "version": found.version + 1,
        "reason": _reason(reason),
        "ended_on": ended_on.isoformat(),
    }
    _record(desk, deeds.ENDED, contract_id, terms, known, day, more)


def file(desk: Desk, contract_id: UUID, number: str, office: str, on: date | None = None) -> None:
    """Record that a contract was filed with the township (备案).

    Raises:
        Forbidden: as ``sign``.
        Conflict: it was filed before.
        Invalid: no number or no office is given.
    """
    day = desk.day(on)
    found = _kept(desk, contract_id)
    if found.filed:
        raise Conflict("it was filed before", code="contract.filed", value=found.filed)
    for name, text in (("filed", number), ("office", office)):
        if not 0 < len(text.strip()) <= MAX_NAME:
            raise Invalid("this must not be empty", code="contract.filing", place=name)
    told = {
        "contract": str(contract_id),
        "number": number.strip(),
        "office": office.strip(),
        "told": {"contract": str(contract_id), "number": found.terms.number},
    }
    known = register.known(desk.work.connection, found.terms.asset_ids)
    append(desk, deeds.FILED, contract_id, found.terms, known, day, told)


def _held(desk: Desk, terms: Terms) -> list[register.Known]:
    region = desk.regions.get(terms.region).code
    desk.require(deeds.KEEP, [region])
    desk.hold([region])
    return register.known(desk.work.connection, terms.asset_ids)


def _kept(desk: Desk, contract_id: UUID) -> Contract:
    """Return a contract as nobody else changes it meanwhile; the visitor keeps its village's."""
    region = contract_of(desk.work.connection, contract_id, desk.today).terms.region
    desk.require(deeds.KEEP, [region])
    desk.hold([region])
    return contract_of(desk.work.connection, contract_id, desk.today)


def _standing(desk: Desk, contract_id: UUID) -> Contract:
    found = _kept(desk, contract_id)
    if found.ended_on is not None:
        raise Conflict("the contract was ended", code="contract.ended", value=found.terms.number)
    return found


def _faults(desk: Desk, terms: Terms, own: UUID | None, day: date) -> list[Invalid]:
    found = check(terms)
    taken = by_number(desk.work.connection, terms.region, terms.number)
    if taken is not None and taken != own:
        found.append(
            Invalid(
                "another contract of the village has this number",
                code="contract.twice",
                place="number",
                value=terms.number,
            )
        )
    if terms.signed_on > day:
        found.append(Invalid("this day is still to come", code="contract.unsigned",
                             place="signed_on", value=terms.signed_on.isoformat()))  # fmt: skip
    return found


def _refuse_let(desk: Desk, known: register.Known, terms: Terms, own: UUID | None) -> None:
    if known.state.stage == "disposed":
        raise Conflict("the asset was disposed of", code="asset.disposed", value=known.asset.code)
    if known.asset.region != terms.region:
        raise Invalid("the asset lies in another village", code="contract.elsewhere",
                      place="assets", value=known.asset.code)  # fmt: skip
    for each in contracts_of_asset(desk.work.connection, known.asset_id, desk.today):
        other = each.terms
        last = each.ended_on or other.ends_on
        meet = terms.starts_on <= last and other.starts_on <= terms.ends_on
        apart = terms.part and other.part and terms.part != other.part
        if each.contract_id != own and meet and not apart:
            raise Conflict(
                f"{known.asset.code} is let at that time under {other.number}",
                code="contract.let", place="assets", value=other.number,
                mend="name the part that is let, or choose other days",
            )  # fmt: skip


def _reason(reason: str) -> str:
    if not 0 < len(reason.strip()) <= MAX_TEXT:
        raise Invalid("say why", code="contract.reason", place="reason")
    return reason.strip()


def _record(
    desk: Desk,
    kind: str,
    contract_id: UUID,
    terms: Terms,
    known: Sequence[register.Known],
    day: date,
    more: Mapping[str, Any],
) -> None:
    told = {
        "contract": str(contract_id),
        "terms": as_payload(terms),
        **more,
        "told": {
            "contract": str(contract_id),
            "number": terms.number,
            "until": more.get("ended_on", terms.ends_on.isoformat()),
        },
    }
    append(desk, kind, contract_id, terms, known, day, told)


def append(
    desk: Desk,
    kind: str,
    contract_id: UUID,
    terms: Terms,
    known: Sequence[register.Known],
    day: date,
    told: Mapping[str, Any],
) -> None:
    """Append an act about a contract, which stands on the timelines of its assets, too."""
    states = {each.asset_id: next_state(each) for each in known}
    act: Act = desk.act(kind, terms.region, day, states, told)
    desk.append([replace(act, subjects=[*act.subjects, deeds.subject_of(contract_id)])])
