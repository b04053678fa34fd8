"""Kinds of the records of payments, their permissions, how records name a batch."""

from collections.abc import Mapping

from longmai.domains.livelihood.payments.model.batch import Step

READ = "livelihood.pay.read"
PREPARE = "livelihood.pay.prepare"
APPROVE = "livelihood.pay.approve"
ACCOUNT = "livelihood.pay.account"

ACCOUNT_KIND = "livelihood.pay.account"
KIND_OF: Mapping[Step, str] = {step: f"livelihood.pay.{step}" for step in Step}
STEP_OF: Mapping[str, Step] = {kind: step for step, kind in KIND_OF.items()}

PERMISSION_OF: Mapping[Step, str] = {
    **dict.fromkeys(Step, PREPARE),
    **dict.fromkeys((Step.APPROVED, Step.REJECTED), APPROVE),
}


def subject_of(batch_id: object) -> str:
    """Return how records name a batch."""
    return f"batch:{batch_id}"
