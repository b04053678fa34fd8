"""Looks at personal fields: shown in full only to who may, says why, and is recorded."""

from collections.abc import Sequence

from longmai.kernel.errors import Invalid
from longmai.kernel.region_codes import pad
from longmai.ledger.record import Act
from longmai.portal.accounts.acts import LOOKED
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import Store

MAX_REASON = 200


def look(
    store: Store,
    visitor: Visitor,
    *,
    permission: str,
    subject: str,
    region: str,
    fields: Sequence[str],
    reason: str,
) -> None:
    """Record that a visitor looks at somebody's personal fields; show them after this returned.

    Args:
        store: to write to.
        visitor: who looks.
        permission: that the look needs.
        subject: of whom, as records name them.
        region: of the subject.
        fields: names of the fields.
        reason: why, in the visitor's words.

    Raises:
        SignInNeeded: nobody is signed in.
        Forbidden: the visitor's posts do not allow the look.
        Invalid: no reason is given, or it is too long.
    """
    visitor.require(permission, region)
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise Invalid(
            "say why you look",
            code="look.reason",
            place="reason",
            mend=f"in 1 to {MAX_REASON} characters: the person will read it",
        )
    held = visitor.policy.posts[permission]
    purposes = [each.purpose for each in visitor.grants if each.post in held]
    payload = {
        "by_name": visitor.name,
        "fields": list(fields),
        "purpose": next(iter(purposes), "operation"),
        "reason": reason.strip(),
    }
    act = Act(LOOKED, [subject], pad(region), visitor.actor, store.clock.now(), payload)
    with store.begin() as work:
        work.ledger.append([act])
