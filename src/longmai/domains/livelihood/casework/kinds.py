"""Kinds of the records of cases, their permissions, and who may read them."""

from collections.abc import Mapping

from longmai.domains.livelihood.casework.model.case import Deed

READ = "livelihood.case.read"
WORK = "livelihood.case.work"
DECIDE = "livelihood.case.decide"
REVIEW = "livelihood.case.review"
SEND = "livelihood.outbox.manage"

KIND_OF: Mapping[Deed, str] = {deed: f"livelihood.case.{deed}" for deed in Deed}
DEED_OF: Mapping[str, Deed] = {kind: deed for deed, kind in KIND_OF.items()}

PERMISSION_OF: Mapping[Deed, str] = {
    **dict.fromkeys(Deed, WORK),
    **dict.fromkeys((Deed.CONFIRMED, Deed.REFUSED, Deed.CUT_PROPOSED, Deed.CUT, Deed.KEPT), DECIDE),
    **dict.fromkeys((Deed.UPHELD, Deed.OVERTURNED), REVIEW),
}
"""Which right each act asks for; to reverse an act takes the right to do it."""


def subject_of(case_id: object) -> str:
    """Return how records name a case."""
    return f"case:{case_id}"
