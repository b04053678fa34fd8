"""Use-case of warnings: say what was done about one. Services never commit."""

from uuid import UUID

from longmai.domains.assets.contracts.deeds import KEEP, subject_of
from longmai.domains.assets.contracts.queries import contract_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.risk.queries import POLICY
from longmai.domains.assets.risk.tables import DEED_KIND
from longmai.kernel.errors import Invalid

DEEDS = ("acknowledged", "settled")
_MAX_NOTE = 400


def answer(desk: Desk, contract_id: UUID, rule: str, deed: str, note: str) -> UUID:
    """Record that a warning was taken notice of, or settled, and how.

    Raises:
        Forbidden: the contracts of this village are not the visitor's to keep.
        NotFound: there is no such contract.
        Invalid: no such rule or deed, or nothing is said.
    """
    found = contract_of(desk.work.connection, contract_id, desk.today)
    desk.require(KEEP, [found.terms.region])
    policy = desk.policies.versions(POLICY)[0]
    if rule not in {each.name for each in policy.conditions}:
        raise Invalid("the policy has no such rule", code="warning.rule", place="rule", value=rule)
    if deed not in DEEDS:
        raise Invalid("acknowledged or settled", code="warning.deed", place="deed", value=deed)
    if not 0 < len(note.strip()) <= _MAX_NOTE:
        raise Invalid("say what was done", code="warning.note", place="note")
    told = {
        "contract": str(contract_id),
        "rule": rule,
        "deed": deed,
        "note": note.strip(),
        "on_day": desk.today.isoformat(),
    }
    return desk.record(DEED_KIND, [subject_of(contract_id)], found.terms.region, told)
