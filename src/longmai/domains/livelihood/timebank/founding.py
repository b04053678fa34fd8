"""Who governs the banks: open one, declare its rules, endow its fund with hours and money."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from longmai.domains.livelihood.timebank.desk import GOVERN, Desk, Draft, require_minutes, words
from longmai.domains.livelihood.timebank.model.accounts import FUND, ISSUE
from longmai.domains.livelihood.timebank.model.posting import Line
from longmai.domains.livelihood.timebank.model.rules import BankRules, require_complete
from longmai.domains.livelihood.timebank.tables import BANK_KIND, MONEY_KIND, RULES_KIND
from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import pad

MOST_FEN = 10**15


@dataclass(frozen=True)
class NewBank:
    """A bank that is to be opened; its region is a code of any length."""

    name: str
    region: str
    rules: BankRules
    sample: bool = False


def open_bank(desk: Desk, wish: NewBank) -> UUID:
    """Open a bank under rules of its own; return its ID.

    Raises:
        Forbidden: the visitor does not govern banks in this region.
        InvalidMany: a limit is not declared.
    """
    region = pad(wish.region)
    desk.visitor.require(GOVERN, region)
    require_complete(wish.rules)
    bank_id = new_id()
    told = {"id": str(bank_id), "name": words(wish.name, "name", 64), "sample": wish.sample}
    desk.record(BANK_KIND, [f"hours:bank:{bank_id}"], region, told)
    declare_rules(desk, bank_id, wish.rules, desk.day)
    return bank_id


def declare_rules(desk: Desk, bank_id: UUID, rules: BankRules, since: date) -> UUID:
    """Declare rules that hold from a day on; what was booked before stays as it is.

    Raises:
        Forbidden: the visitor does not govern this bank.
        Conflict: the day is over; rules do not reach back.
        InvalidMany: a limit is not declared.
    """
    bank = desk.bank(bank_id, GOVERN)
    require_complete(rules)
    if since < desk.day:
        raise Conflict(
            "rules do not reach back",
            code="hours.rules.past",
            place="since",
            value=since.isoformat(),
        )
    told = {"bank": str(bank_id), "since": since.isoformat(), "rules": dict(rules.raw)}
    desk.forget_rules(bank_id)
    return desk.record(RULES_KIND, [f"hours:bank:{bank_id}"], bank.region, told)


def endow(desk: Desk, bank_id: UUID, minutes: int, note: str) -> UUID:
    """Issue hours to the fund, from which it gives to those whom the rules name.

    Raises:
        Forbidden: the visitor does not govern this bank.
        Invalid: not above zero, or nobody says why.
    """
    desk.bank(bank_id, GOVERN)
    desk.lock([bank_id])
    require_minutes(minutes)
    lines = (Line(ISSUE, -minutes), Line(FUND, minutes))
    return desk.book(bank_id, Draft("endowment", lines, note=words(note, "note")))


def pay_in(desk: Desk, bank_id: UUID, fen: int, source: str) -> UUID:
    """Record money that the fund got to cover the hours.

    Raises:
        Forbidden: the visitor does not govern this bank.
        Invalid: not above zero, or no source is named.
    """
    bank = desk.bank(bank_id, GOVERN)
    if not 0 < fen <= MOST_FEN:
        raise Invalid("an amount is above zero", code="hours.money", place="amount", value=fen)
    told = {"bank": str(bank_id), "fen": fen, "source": words(source, "source")}
    return desk.record(MONEY_KIND, [f"hours:bank:{bank_id}"], bank.region, told)
