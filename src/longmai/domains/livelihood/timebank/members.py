"""Members of a bank: who joins, what the rules ask about them, who is whose kin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from longmai.domains.livelihood.timebank.books import GROUP, PERSON, member_of, memberships
from longmai.domains.livelihood.timebank.desk import KEEP, Desk, text_of, words
from longmai.domains.livelihood.timebank.model.rules import RELATIONS, BankRules, age_on
from longmai.domains.livelihood.timebank.tables import KIN_KIND, LINK_KIND, MEMBER_KIND, TRAIT_KIND
from longmai.kernel.errors import Conflict, Forbidden, Invalid
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import contains, pad
from longmai.portal.accounts.acts import subject_of


@dataclass(frozen=True)
class NewMember:
    """Somebody who joins.

    Attributes:
        kind: person or group.
        born: of a person.
        guardian: name of who consented, for a minor.
        account_id: of the portal's account that acts for them; None: the coordinator does.
        traits: what the rules ask about them, each with what it was seen from.
    """

    name: str
    region: str
    kind: str = PERSON
    born: date | None = None
    guardian: str = ""
    account_id: UUID | None = None
    traits: Sequence[tuple[str, str]] = ()
    sample: bool = False


def join(desk: Desk, bank_id: UUID, wish: NewMember) -> UUID:
    """Take somebody into a bank; return the member's ID.

    Raises:
        Forbidden: the visitor does not keep this bank; or the rules do not let this person join.
        Invalid: something is missing, or the place lies outside the bank's region.
        Conflict: the account is a member already.
    """
    bank = desk.bank(bank_id, KEEP)
    desk.lock([bank_id])
    region = pad(wish.region)
    if not contains(bank.region, region):
        raise Invalid(
            "the place lies outside the bank's region",
            code="hours.region",
            place="region",
            value=wish.region,
        )
    _require_may_join(desk.rules(bank_id), wish, desk.day)
    member_id = new_id()
    subjects = [f"hours:member:{member_id}", f"hours:bank:{bank_id}"]
    told = {
        "id": str(member_id),
        "bank": str(bank_id),
        "kind": wish.kind,
        "name": words(wish.name, "name", 64),
        "born": text_of(wish.born),
        "guardian": wish.guardian.strip()[:64],
        "sample": wish.sample,
    }
    desk.record(MEMBER_KIND, subjects, region, told)
    if wish.account_id is not None:
        link(desk, member_id, wish.account_id)
    for trait, basis in wish.traits:
        note_trait(desk, member_id, trait, basis)
    return member_id


def link(desk: Desk, member_id: UUID, account_id: UUID) -> UUID:
    """Let an account of the portal act for a member from now on, and no other.

    Raises:
        Forbidden: the visitor does not keep this bank.
        Conflict: the account is a member of this bank already.
    """
    member = member_of(desk.connection, member_id)
    bank = desk.bank(member.bank_id, KEEP)
    desk.lock([bank.id])
    _require_new(desk, bank.id, account_id)
    subjects = [f"hours:member:{member_id}", subject_of(account_id)]
    told = {"member": str(member_id), "account": str(account_id)}
    return desk.record(LINK_KIND, subjects, bank.region, told)


def note_trait(
    desk: Desk, member_id: UUID, trait: str, basis: str, until: date | None = None
) -> UUID:
    """Record something that the rules ask about a member, and what it was seen from.

    Raises:
        Forbidden: the visitor does not keep this bank.
        Invalid: a text is missing.
    """
    member = member_of(desk.connection, member_id)
    bank = desk.bank(member.bank_id, KEEP)
    told = {
        "member": str(member_id),
        "trait": words(trait, "trait", 32),
        "since": text_of(desk.day),
        "until": text_of(until),
        "basis": words(basis, "basis"),
    }
    return desk.record(TRAIT_KIND, [f"hours:member:{member_id}"], bank.region, told)


def note_kin(desk: Desk, member_id: UUID, other_id: UUID, relation: str, basis: str) -> UUID:
    """Record that another member is somebody's kin: ``relation`` says what the other is to them.

    Raises:
        Forbidden: the visitor does not keep this bank.
        Invalid: no such relation, or nothing it was seen from.
    """
    member, other = (member_of(desk.connection, each) for each in (member_id, other_id))
    bank = desk.bank(member.bank_id, KEEP)
    if relation not in RELATIONS or member.id == other.id:
        raise Invalid("no relation of kin", code="hours.kin", place="relation", value=relation)
    told = {
        "member": str(member.id),
        "other": str(other.id),
        "relation": relation,
        "basis": words(basis, "basis"),
    }
    subjects = [f"hours:member:{member.id}", f"hours:member:{other.id}"]
    return desk.record(KIN_KIND, subjects, bank.region, told)


def _require_may_join(rules: BankRules, wish: NewMember, day: date) -> None:
    if wish.kind == GROUP:
        return
    if wish.kind != PERSON or wish.born is None or not date(1900, 1, 1) <= wish.born <= day:
        raise Invalid("a person has a date of birth", code="hours.born", place="born")
    age, least, adult = (
        age_on(wish.born, day),
        rules.number("member_from_age"),
        rules.number("adult_age"),
    )
    if least is not None and age < least:
        raise Forbidden("too young for this bank", code="hours.young", place="born", value=age)
    if adult is not None and age < adult:
        if rules.word("minors") == "refuse":
            raise Forbidden(
                "this bank takes no minors", code="hours.minor", place="born", value=age
            )
        if not wish.guardian.strip():
            raise Invalid(
                "a minor joins with a guardian's consent", code="hours.guardian", place="guardian"
            )


def _require_new(desk: Desk, bank_id: UUID, account_id: UUID) -> None:
    if any(each.bank_id == bank_id for each in memberships(desk.connection, account_id)):
        raise Conflict("this account is a member already", code="hours.known", place="login")
