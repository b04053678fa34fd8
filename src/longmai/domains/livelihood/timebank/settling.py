"""Settling between banks: all that they owe each other, netted, in one unit of work.

A debtor's hours leave its book and come into the creditor's, and the money that covers them goes
the same way, at the debtor's declared rate. Each bank has one record of it, all with one reference.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from longmai.domains.livelihood.timebank.booking import require_money
from longmai.domains.livelihood.timebank.books import banks, owed
from longmai.domains.livelihood.timebank.desk import GOVERN, Desk, Draft
from longmai.domains.livelihood.timebank.model.accounts import ISSUE, clearing
from longmai.domains.livelihood.timebank.model.clearing import (
    Owed,
    Payment,
    cover_fen,
    disagreeing,
    net,
    payments,
)
from longmai.domains.livelihood.timebank.model.posting import Line
from longmai.kernel.errors import Conflict
from longmai.kernel.ids import new_id


@dataclass(frozen=True)
class Settlement:
    """A settlement that was booked.

    Attributes:
        reference: that all its records carry.
        entries: record of each bank.
        payments: what went from whom to whom.
        fen: money of each payment; None where the debtor's rules declare no rate.
    """

    reference: UUID
    entries: Mapping[UUID, UUID]
    payments: tuple[Payment, ...]
    fen: tuple[int | None, ...]


def settle(desk: Desk) -> Settlement:
    """Settle everything between all banks of the house.

    Raises:
        Forbidden: the visitor does not govern each of the banks.
        Conflict: nothing is owed; two books do not agree; or a fund has too little money.
    """
    known = [bank.id for bank in banks(desk.connection)]
    desk.lock(known)
    books = {pair: minutes for pair, minutes in owed(desk.connection).items() if minutes}
    if not books:
        raise Conflict("no bank owes another anything", code="hours.settled")
    if disagreeing(books):
        raise Conflict(
            "two books do not say the same; nothing was settled", code="hours.disagree",
            mend="run longmai livelihood hours check",
        )  # fmt: skip
    for bank_id in {bank_id for bank_id, _ in books}:
        desk.bank(bank_id, GOVERN)
    handed = tuple(payments(net(books)))
    fen = tuple(_cover(desk, each) for each in handed)
    money: dict[UUID, int] = defaultdict(int)
    for each, amount in zip(handed, fen, strict=True):
        money[each.debtor] -= amount or 0
        money[each.creditor] += amount or 0
    reference = new_id()
    entries = {
        bank_id: _book(desk, bank_id, books, reference, money[bank_id])
        for bank_id in sorted({bank_id for bank_id, _ in books})
    }
    for bank_id in entries:
        require_money(desk, bank_id)
    return Settlement(reference, entries, handed, fen)


def _cover(desk: Desk, payment: Payment) -> int | None:
    rules = desk.rules(payment.debtor)
    rate = rules.number("cover_fen_per_hour") if "cover_fen_per_hour" in rules.declared else None
    return None if rate is None else cover_fen(payment.minutes, rate)


def _book(desk: Desk, bank_id: UUID, books: Owed, reference: UUID, fen: int) -> UUID:
    own = [(other, minutes) for (bank, other), minutes in sorted(books.items()) if bank == bank_id]
    lines = [Line(clearing(other), -minutes) for other, minutes in own]
    total = sum(minutes for _, minutes in own)
    if total:
        lines.append(Line(ISSUE, total))
    return desk.book(bank_id, Draft("settlement", lines, reference=reference, fen=fen))
