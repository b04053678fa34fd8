"""What waits at the desk: batches for a second person, and batches for the bank."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from longmai.domains.livelihood.payments.kinds import APPROVE, PREPARE
from longmai.domains.livelihood.payments.model.batch import Step
from longmai.domains.livelihood.payments.queries import batches
from longmai.portal.domain import Waiting
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

_MOST = 20
_WAITS_FOR: Mapping[Step, str] = {
    Step.DRAFTED: APPROVE,
    Step.APPROVED: PREPARE,
    Step.EXPORTED: PREPARE,
    Step.RETURNED: PREPARE,
}


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which batches wait for the visitor; those one made oneself wait for somebody else."""
    del now
    for step, permission in _WAITS_FOR.items():
        scope = visitor.scope(permission)
        if not scope:
            continue
        _, found = batches(connection, scope, Window(size=_MOST), step.value)
        for each in found:
            if step is not Step.DRAFTED or each.steps[0].by != visitor.actor:
                title = f"{each.period} · {each.lines}"
                yield Waiting(f"pay_{step}", title, f"/livelihood/pay/{each.batch_id}")
