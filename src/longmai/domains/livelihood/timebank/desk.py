"""The desk where acts of the time bank are carried out: who acts, when, and what was locked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from longmai.domains.livelihood.timebank.books import (
    Bank,
    Member,
    available,
    balances,
    bank_of,
    member_of,
    rules_on,
)
from longmai.domains.livelihood.timebank.model.accounts import ISSUE, clock_text
from longmai.domains.livelihood.timebank.model.posting import (
    Line,
    require_balanced,
    require_within,
)
from longmai.domains.livelihood.timebank.model.rules import BankRules
from longmai.domains.livelihood.timebank.tables import BANK, ENTRY_KIND, PREFIX
from longmai.kernel.clock import beijing_day, to_text
from longmai.kernel.errors import Conflict, Forbidden, Invalid
from longmai.ledger.record import Act
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import UnitOfWork

KEEP = f"{PREFIX}.keep"
GOVERN = f"{PREFIX}.govern"
REPORT = f"{PREFIX}.report"
MOST_TEXT = 200


@dataclass(frozen=True)
class Draft:
    """An entry that is to be booked.

    Attributes:
        lines: that add up to zero.
        member_id: whom it is about first: the helper, the giver.
        code: of the service item, the grant or what is redeemed; ``category`` of the item.
        served: minutes of a service; ``refused`` of them, not credited by a limit.
        fen: change of the bank's money that goes with it.
        day: on which it counts for limits of a day; None: today.
    """

    deed: str
    lines: Sequence[Line]
    member_id: UUID | None = None
    code: str = ""
    category: str = ""
    served: int = 0
    refused: int = 0
    reverses: UUID | None = None
    reference: UUID | None = None
    service_id: UUID | None = None
    note: str = ""
    fen: int = 0
    day: date | None = None


@dataclass(frozen=True)
class Desk:
    """Where one visitor's acts are carried out, in one unit of work."""

    work: UnitOfWork
    visitor: Visitor
    now: datetime
    _banks: dict[UUID, Bank] = field(default_factory=dict, repr=False)
    _rules: dict[UUID, BankRules] = field(default_factory=dict, repr=False)

    @property
    def connection(self) -> Connection:
        """Return the open transaction."""
        return self.work.connection

    @property
    def day(self) -> date:
        """Return today, in Beijing."""
        return beijing_day(self.now)

    def bank(self, bank_id: UUID, permission: str | None = None) -> Bank:
        """Return a bank, where the visitor holds a permission in its region.

        Raises:
            NotFound: there is none.
            Forbidden: the permission is not held there.
        """
        if bank_id not in self._banks:
            self._banks[bank_id] = bank_of(self.connection, bank_id)
        found = self._banks[bank_id]
        if permission is not None:
            self.visitor.require(permission, found.region)
        return found

    def rules(self, bank_id: UUID) -> BankRules:
        """Return the rules of today."""
        if bank_id not in self._rules:
            self._rules[bank_id] = rules_on(self.connection, bank_id, self.day)
        return self._rules[bank_id]

    def forget_rules(self, bank_id: UUID) -> None:
        """Read the rules of a bank again when they are asked for: they were declared anew."""
        self._rules.pop(bank_id, None)

    def lock(self, bank_ids: Collection[UUID]) -> None:
        """Let nobody else book in these banks until the unit of work ends.

        SQLite has one writer at all; PostgreSQL locks the banks' rows, in one order.
        """
        rows = select(BANK.c.id).where(BANK.c.id.in_(bank_ids)).order_by(BANK.c.id)
        self.connection.execute(rows.with_for_update()).all()

    def own(self, member_id: UUID) -> Member:
        """Return a member for whom the visitor may act: it is theirs, or they keep the bank.

        Raises:
            NotFound: there is none.
            Forbidden: it is somebody else's.
        """
        found = member_of(self.connection, member_id)
        if self.visitor.known and found.account_id == self.visitor.account_id:
            return found
        if self.visitor.may(KEEP, self.bank(found.bank_id).region):
            return found
        raise Forbidden(
            "this account of hours is somebody else's",
            code="hours.not_yours",
            mend="ask its owner, or the coordinator",
        )

    def spend(self, member: Member, minutes: int) -> None:
        """Refuse to take more from a member than is free to spend.

        Raises:
            Invalid: not above zero.
            Conflict: there is not as much.
        """
        require_minutes(minutes)
        free = available(self.connection, member, self.day).free
        if minutes > free:
            raise Conflict(
                "there is less time on the account that is free to spend",
                code="hours.member_short",
                place=f"{clock_text(free)} < {clock_text(minutes)}",
                mend="spend less, or wait until agreed services are done",
            )

    def book(self, bank_id: UUID, draft: Draft) -> UUID:
        """Book an entry, if it adds up and keeps every limit; return its record.

        Raises:
            Invalid: the lines do not add up to zero.
            Conflict: a balance would break a limit.
        """
        if draft.lines or draft.deed != "service":
            require_balanced(draft.lines)
        bank, rules = self.bank(bank_id), self.rules(bank_id)
        # What is issued has no limit of its own, and is the longest account of a bank.
        names = {line.account for line in draft.lines} - {ISSUE}
        for account, before in sorted(balances(self.connection, bank_id, names).items()):
            change = sum(line.minutes for line in draft.lines if line.account == account)
            require_within(account, before, before + change, rules)
        subjects = [f"hours:bank:{bank_id}"]
        if draft.member_id is not None:
            subjects.append(f"hours:member:{draft.member_id}")
        return self.record(
            ENTRY_KIND, subjects, bank.region, _payload(bank_id, draft.day or self.day, draft)
        )

    def record(
        self, kind: str, subjects: Sequence[str], region: str, payload: Mapping[str, Any]
    ) -> UUID:
        """Append an act of now; return its record."""
        act = Act(kind, list(subjects), region, self.visitor.actor, self.now, payload)
        [record] = self.work.ledger.append([act])
        return record.id


def _payload(bank_id: UUID, day: date, draft: Draft) -> dict[str, Any]:
    return {
        "bank": str(bank_id),
        "day": day.isoformat(),
        **{
            name: getattr(draft, name) for name in ("deed", "code", "category", "served", "refused")
        },
        "note": draft.note,
        "fen": draft.fen,
        "member": text_of(draft.member_id),
        "reverses": text_of(draft.reverses),
        "reference": text_of(draft.reference),
        "service": text_of(draft.service_id),
        "lines": [
            {
                "account": line.account,
                "minutes": line.minutes,
                "spends": line.spends,
                "ends_on": None if line.ends_on is None else line.ends_on.isoformat(),
            }
            for line in draft.lines
        ],
    }


def text_of(value: UUID | date | datetime | None) -> str | None:
    """Write an ID, a day or an instant as a record holds it."""
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def require_minutes(minutes: int) -> None:
    """Refuse minutes that are not above zero.

    Raises:
        Invalid: they are not.
    """
    if minutes <= 0:
        raise Invalid(
            "minutes are above zero", code="hours.minutes", place="minutes", value=minutes
        )


def words(text: str, place: str, most: int = MOST_TEXT) -> str:
    """Return a text that must be there.

    Raises:
        Invalid: it is empty, or too long.
    """
    kept = text.strip()
    if not kept or len(kept) > most:
        raise Invalid(
            f"write between 1 and {most} characters",
            code="hours.text",
            place=place,
            value=kept or None,
        )
    return kept
