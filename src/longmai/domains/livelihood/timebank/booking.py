"""What moves hours: gifts, donations, grants, redemption, expiry, transfer, and taking back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from longmai.domains.livelihood.timebank.books import (
    GROUP,
    Member,
    available,
    balances,
    facts_of,
    lines_of,
    member_in,
    member_of,
    members_query,
    money_fen,
    relations,
    stands,
)
from longmai.domains.livelihood.timebank.desk import KEEP, Desk, Draft, words
from longmai.domains.livelihood.timebank.model.accounts import (
    FUND,
    ISSUE,
    clearing,
    honour,
    kind_of,
    owner_of,
)
from longmai.domains.livelihood.timebank.model.posting import (
    Credit,
    Line,
    credit,
    ends_on,
    out,
    reversed_lines,
)
from longmai.domains.livelihood.timebank.model.rules import BankRules
from longmai.domains.livelihood.timebank.tables import ENTRY, MEMBER, MONEY
from longmai.kernel.errors import Conflict, Forbidden, NotFound
from longmai.kernel.ids import new_id
from longmai.kernel.money import fen_to_yuan


def gift(desk: Desk, giver_id: UUID, other_id: UUID, minutes: int, note: str = "") -> UUID:
    """Give hours to another member of the same bank, as far as its rules let.

    Raises:
        Forbidden: not the visitor's to give; or the rules do not let it.
        Conflict: there is not as much, or the other's cap is reached.
    """
    giver, other = desk.own(giver_id), member_of(desk.connection, other_id)
    desk.lock([giver.bank_id])
    if other.bank_id != giver.bank_id:
        raise Conflict(
            "they are members of two banks", code="hours.other_bank", mend="transfer the hours"
        )
    rules = desk.rules(giver.bank_id)
    require_gift(desk, rules, giver, other)
    desk.spend(giver, minutes)
    lines = (out(giver.account, minutes), *credited(desk, rules, other, minutes))
    return desk.book(giver.bank_id, Draft("gift", lines, giver.id, note=note.strip()[:200]))


def donate(desk: Desk, giver_id: UUID, minutes: int, note: str = "") -> UUID:
    """Give hours to the bank's fund.

    Raises:
        Forbidden: not the visitor's to give; or the bank takes no donations.
        Conflict: there is not as much.
    """
    giver = desk.own(giver_id)
    desk.lock([giver.bank_id])
    if desk.rules(giver.bank_id).word("donation") != "yes":
        raise Forbidden("this bank takes no donations", code="hours.donation")
    desk.spend(giver, minutes)
    lines = (out(giver.account, minutes), Line(FUND, minutes))
    return desk.book(giver.bank_id, Draft("donation", lines, giver.id, note=note.strip()[:200]))


def redeem(desk: Desk, member_id: UUID, code: str) -> UUID:
    """Give hours back for something that the rules name; they leave circulation.

    Raises:
        Forbidden: not the visitor's, or too young by the rules.
        NotFound: the rules name no such thing, or not for how much.
        Conflict: there is not as much.
    """
    member = desk.own(member_id)
    desk.lock([member.bank_id])
    rules = desk.rules(member.bank_id)
    wanted = rules.redeems.get(code)
    if wanted is None or wanted.minutes is None:
        raise NotFound("the rules name no price for this", code="hours.redeem", value=code)
    require_may_spend(desk, rules, member)
    desk.spend(member, wanted.minutes)
    lines = (out(member.account, wanted.minutes), Line(ISSUE, wanted.minutes))
    return desk.book(member.bank_id, Draft("redeem", lines, member.id, code))


def grant(desk: Desk, member_id: UUID, code: str) -> UUID:
    """Let the fund give a member the month's hours, where the rules name such a person.

    Raises:
        Forbidden: the visitor does not keep the bank, or the rules do not name this person.
        NotFound: no such grant, or nobody has confirmed how many hours.
        Conflict: given this month already; or the fund has too little.
    """
    member = member_of(desk.connection, member_id)
    desk.bank(member.bank_id, KEEP)
    desk.lock([member.bank_id])
    rules = desk.rules(member.bank_id)
    wanted = rules.grants.get(code)
    if wanted is None or wanted.minutes is None:
        raise NotFound("the rules name no amount for this grant", code="hours.grant", value=code)
    if not rules.holds(wanted.when, facts_of(desk.connection, member, desk.day)):
        raise Forbidden("the rules do not name this person", code="hours.grant.who", value=code)
    month = (ENTRY.c.day >= desk.day.replace(day=1), ENTRY.c.day <= desk.day)
    query = select(ENTRY.c.record_id).where(
        ENTRY.c.deed == "grant",
        ENTRY.c.member_id == member.id,
        ENTRY.c.code == code,
        *month,
        stands(),
    )
    if desk.connection.scalar(query.limit(1)) is not None:
        raise Conflict("given this month already", code="hours.grant.month", value=code)
    lines = (Line(FUND, -wanted.minutes), *credited(desk, rules, member, wanted.minutes))
    return desk.book(member.bank_id, Draft("grant", lines, member.id, code))


def expire(desk: Desk, bank_id: UUID) -> list[UUID]:
    """Book what has ended: to the fund, or out of circulation, as the rules say.

    What agreed services will take is left until they are done.

    Raises:
        Forbidden: the visitor does not keep this bank.
    """
    desk.bank(bank_id, KEEP)
    desk.lock([bank_id])
    to = FUND if desk.rules(bank_id).word("expired_to") == "fund" else ISSUE
    booked = []
    rows = desk.connection.execute(members_query().where(MEMBER.c.bank_id == bank_id)).all()
    for member in map(member_in, rows):
        found = available(desk.connection, member, desk.day)
        minutes = min(found.ended, found.balance - found.reserved)
        if minutes > 0:
            lines = (out(member.account, minutes), Line(to, minutes))
            booked.append(desk.book(bank_id, Draft("expiry", lines, member.id)))
    return booked


def transfer(desk: Desk, giver_id: UUID, other_id: UUID, minutes: int) -> UUID:
    """Move hours to a member of another bank; return the reference that both books carry.

    Raises:
        Forbidden: not the visitor's; or to somebody to whom the rules let no hours be given.
        Conflict: there is not as much, or a bank owes the other as much as its rules let.
    """
    giver, other = desk.own(giver_id), member_of(desk.connection, other_id)
    if giver.bank_id == other.bank_id:
        raise Conflict(
            "both are members of one bank", code="hours.same_bank", mend="give the hours"
        )
    desk.lock([giver.bank_id, other.bank_id])
    ours, theirs = desk.rules(giver.bank_id), desk.rules(other.bank_id)
    if giver.account_id is None or giver.account_id != other.account_id:
        require_gift(desk, ours, giver, other)
    desk.spend(giver, minutes)
    reference = new_id()
    gone = (out(giver.account, minutes), Line(clearing(other.bank_id), minutes))
    come = (Line(clearing(giver.bank_id), -minutes), *credited(desk, theirs, other, minutes))
    # Each bank's book names the bank alone: who of the other bank it was is not its business.
    desk.book(giver.bank_id, Draft("transfer", gone, giver.id, reference=reference))
    desk.book(other.bank_id, Draft("transfer", come, other.id, reference=reference))
    return reference


def take_back(desk: Desk, record_id: UUID, reason: str) -> list[UUID]:
    """Book the reverse of an entry, in every book that it stands in; nothing is deleted.

    Raises:
        NotFound: no such entry.
        Forbidden: the visitor does not keep one of its banks.
        Conflict: it was taken back before, is a reversal itself, or a limit would break: the
            hours were spent, for example.
    """
    why, together = words(reason, "reason"), _together(desk, record_id)
    for each in together:
        desk.bank(each.bank_id, KEEP)
    desk.lock({each.bank_id for each in together})
    reference = new_id() if len(together) > 1 else None
    booked = []
    for each in together:
        if each.deed == "reversal":
            raise Conflict("a reversal stays", code="hours.reversal", mend="book it anew")
        taken = select(ENTRY.c.record_id).where(ENTRY.c.reverses == each.record_id)
        if desk.connection.scalar(taken) is not None:
            raise Conflict("this entry was taken back before", code="hours.taken_back")
        lines = lines_of(desk.connection, each.record_id)
        draft = _reverse(each, lines, reference, why)
        fen = desk.connection.scalar(select(MONEY.c.fen).where(MONEY.c.record_id == each.record_id))
        booked.append(desk.book(each.bank_id, replace(draft, fen=-(fen or 0))))
        _require_reserves(desk, draft.lines)
        require_money(desk, each.bank_id)
    return booked


def require_money(desk: Desk, bank_id: UUID) -> None:
    """Refuse a fund whose money went below zero.

    Raises:
        Conflict: it did.
    """
    here = money_fen(desk.connection, bank_id)
    if here < 0:
        raise Conflict(
            "the fund's money does not reach",
            code="hours.money_short",
            place=str(fen_to_yuan(here)),
        )


def require_gift(desk: Desk, rules: BankRules, giver: Member, other: Member) -> None:
    """Refuse a gift that the giver's bank does not let.

    Raises:
        Forbidden: it does not.
    """
    kin = relations(desk.connection, giver.id, other.id) & rules.kin
    allowed = rules.word("gift") == "anyone" or (rules.word("gift") == "kin" and bool(kin))
    if not allowed or giver.id == other.id:
        raise Forbidden("the rules do not let hours be given to them", code="hours.gift")
    if giver.kind == GROUP and rules.word("group_hours") == "donate":
        raise Forbidden("a group's hours are for donation", code="hours.group")


def require_may_spend(desk: Desk, rules: BankRules, member: Member) -> None:
    """Refuse to let somebody spend who is too young for it by the rules, or a group.

    Raises:
        Forbidden: they may not.
    """
    least = rules.number("spend_from_age")
    age = facts_of(desk.connection, member, desk.day).age
    if least is not None and age is not None and age < least:
        raise Forbidden(
            "too young to spend hours", code="hours.spend_age", place=f"{age} < {least}"
        )
    if member.kind == GROUP and rules.word("group_hours") == "donate":
        raise Forbidden("a group's hours are for donation", code="hours.group")


def credited(desk: Desk, rules: BankRules, member: Member, minutes: int) -> Sequence[Line]:
    """Return the lines that credit a member: up to the cap, above it as the rules say.

    Raises:
        Conflict: the cap is reached, and the rules refuse what is above.
    """
    divided = credit_of(desk, rules, member, minutes)
    if divided.refused:
        raise Conflict("the other's cap is reached", code="hours.cap")
    return credit_lines(desk, rules, member, divided)


def credit_of(desk: Desk, rules: BankRules, member: Member, minutes: int) -> Credit:
    """Return how minutes for a member are divided by the cap."""
    here = balances(desk.connection, member.bank_id, [member.account])[member.account]
    return credit(minutes, here, rules)


def credit_lines(desk: Desk, rules: BankRules, member: Member, divided: Credit) -> Sequence[Line]:
    """Return the lines of a credit that was divided."""
    lines = []
    if divided.own:
        lines.append(Line(member.account, divided.own, ends_on=ends_on(desk.day, rules)))
    if divided.above:
        to_fund = rules.word("over_cap") == "fund"
        lines.append(Line(FUND if to_fund else honour(member.id), divided.above))
    return lines


def _together(desk: Desk, record_id: UUID) -> Sequence[Row[Any]]:
    row = desk.connection.execute(select(ENTRY).where(ENTRY.c.record_id == record_id)).first()
    if row is None:
        raise NotFound("no such entry", code="hours.entry", value=str(record_id))
    if row.reference is None:
        return [row]
    query = select(ENTRY).where(ENTRY.c.reference == row.reference).order_by(ENTRY.c.record_id)
    return desk.connection.execute(query).all()


def _require_reserves(desk: Desk, lines: Sequence[Line]) -> None:
    # What an agreed service will take must still be there when it is done.
    for line in lines:
        if line.minutes < 0 and kind_of(line.account) == "member":
            member = member_of(desk.connection, owner_of(line.account))
            found = available(desk.connection, member, desk.day)
            if found.balance < found.reserved:
                raise Conflict(
                    "a service agreed on needs these hours", code="hours.reserved",
                    mend="cancel the service first",
                )  # fmt: skip


def _reverse(entry: Row[Any], lines: Sequence[Line], reference: UUID | None, why: str) -> Draft:
    return Draft(
        "reversal", reversed_lines(lines), entry.member_id, entry.code, entry.category,
        -entry.served, -entry.refused, entry.record_id, reference, note=why,
    )  # fmt: skip
