"""From a lead to a case: who it is, what the finding said, put down with the first act."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from longmai.domains.livelihood.casework.kinds import READ
from longmai.domains.livelihood.casework.letters import notice
from longmai.domains.livelihood.casework.people import Person, people_of
from longmai.domains.livelihood.casework.queries import Lead, case_of
from longmai.domains.livelihood.casework.reasons import reasons_of
from longmai.domains.livelihood.casework.service import (
    Desk,
    Message,
    Opening,
    confirm_found,
    notify,
    open_case,
)
from longmai.domains.livelihood.province.id_numbers import is_sample
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, LongmaiError
from longmai.portal.house import House
from longmai.portal.rendering import Words

STATE_OF: Mapping[str, str] = {"losing": "eligible"}
"""What the finding said of the person, where the kind of lead is another word."""
WAYS = ("take", "notify", "confirm")


def take_on(
    house: House, desk: Desk, found: Sequence[Lead], way: str, t: Words
) -> tuple[list[UUID], list[LongmaiError]]:
    """Open cases from leads, and tell the people or confirm where that is asked for.

    Each lead is done whole or not at all; what is refused does not stop the others.

    Args:
        house: whose population and finding it is.
        desk: who does it.
        found: the leads.
        way: one of ``WAYS``.
        t: words of the notice.

    Returns:
        IDs of the cases, and why others were refused.
    """
    people = people_of(house, {each.person_id: each.region for each in found})
    opened: list[UUID] = []
    refused: list[LongmaiError] = []
    for lead in found:
        try:
            with desk.work.connection.begin_nested():
                opened.append(_one(house, desk, (lead, people.get(lead.person_id)), way, t))
        except LongmaiError as error:
            refused.append(error)
    return opened, refused


def _one(house: House, desk: Desk, who: tuple[Lead, Person | None], way: str, t: Words) -> UUID:
    case_id = open_case(desk, opening_of(house, *who))
    kept = case_of(desk.work.connection, case_id, desk.visitor.scope(READ))
    if way == "notify":
        policy = house.policies.version(kept.policy_id, str(kept.found["version"]))
        title, body = notice(kept, policy, t)
        channel, recipient = reach(house, kept.found)
        notify(desk, case_id, Message(channel, recipient, title, body))
    elif way == "confirm":
        if who[0].lead == "losing":
            raise Conflict("this is had already", code="case.order", value=kept.name)
        confirm_found(desk, case_id, f"{beijing_day(desk.now):%Y-%m}")
    return case_id


def opening_of(house: House, lead: Lead, person: Person | None) -> Opening:
    """Return what a case is opened with: the lead, the person, and the reasons of the rules."""
    policy = house.policies.version(lead.policy_id, lead.version)
    known = person or Person(lead.person_id)
    found: dict[str, Any] = {
        "version": policy.version,
        "digest": policy.digest,
        "day": lead.found_on.isoformat(),
        "state": STATE_OF.get(lead.lead, lead.lead),
        "amount_fen": lead.amount_fen,
        "unit": "" if policy.amount is None else policy.amount.unit,
        "clause": lead.clause,
        "datum": lead.datum,
        "holder": lead.holder,
        "person": dict(known.told()),
        "reasons": [asdict(each) for each in reasons_of(house, lead)],
    }
    return Opening(
        lead.person_id,
        lead.household,
        known.name or lead.person_id,
        lead.region,
        lead.policy_id,
        lead.lead,
        lead.due,
        found,
        sample=is_sample(known.id_number),
    )


def reach(house: House, found: Mapping[str, Any]) -> tuple[str, str]:
    """Return the way out and the recipient that reach a person; on paper, where none does."""
    phone = str(found["person"].get("phone", ""))
    if house.settings.message_webhook and phone:
        return "webhook", phone
    return ("file", phone) if phone else ("paper", "")
