"""What goes to a bank and what comes back from it: the file of a batch, and the bank's answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from longmai.domains.livelihood.payments.banks import form_of
from longmai.domains.livelihood.payments.kinds import PREPARE
from longmai.domains.livelihood.payments.model.batch import Step
from longmai.domains.livelihood.payments.model.forms import Answer, BankForm, answers_of
from longmai.domains.livelihood.payments.queries import batch_of
from longmai.domains.livelihood.payments.service import Desk, file_of
from longmai.kernel.errors import Conflict
from longmai.portal.house import House
from longmai.portal.sheets import read_sheet


@dataclass(frozen=True)
class BankFile:
    """A file for a bank, and what it is called."""

    name: str
    body: bytes


def last_file(desk: Desk, house: House, batch_id: UUID) -> BankFile:
    """Return the bank's file of a batch that was made last.

    Raises:
        NotFound: there is no such batch where the visitor may prepare payments.
        Conflict: none was made yet.
    """
    kept = batch_of(desk.work.connection, batch_id, desk.visitor.scope(PREPARE))
    made = [each for each in kept.steps if each.step is Step.EXPORTED]
    if not made:
        raise Conflict(
            "the file was not made yet",
            code="pay.order",
            value=str(batch_id),
            mend="make it first, on the page of the batch",
        )
    form = form_of(house, kept.form)
    body = file_of(desk, kept, form, str(made[-1].data["purpose"]))
    return BankFile(f"pay-{str(batch_id)[:13]}.{form.suffix}", body)


def answers_in(form: BankForm, sheet: bytes) -> Iterator[Answer]:
    """Yield what a bank's answer says, line by line.

    Raises:
        Invalid, InvalidMany, TooLarge: it is no sheet of the form.
    """
    rows = read_sheet(sheet, list(form.answer.values()))
    yield from answers_of(form, ((row.number, row.cells) for row in rows))
