"""What the rules say of a listing and of who wants to bid, and refusals with their clause."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from longmai.domains.assets.members.model import Member, Roll
from longmai.kernel.errors import Invalid, InvalidMany
from longmai.rules.policy.evaluation import Decision, State, evaluate
from longmai.rules.policy.explanation import explain
from longmai.rules.policy.library import Library

LISTING_POLICY, BIDDER_POLICY = "assets.market-listing", "assets.market-bidder"
INSIDERS = ("director", "supervisor", "finance")


@dataclass(frozen=True)
class Interest:
    """What ties a bidder to the board; None: not known.

    Attributes:
        member: belongs to the collective.
        insider: holds an office of ``INSIDERS``.
        kin: of somebody who does.
    """

    member: bool
    insider: bool | None
    kin: bool | None


def interest_of(
    roll: Roll, member_id: UUID | None, names: Iterable[str], *, declares_kin: bool
) -> Interest:
    """Find out what ties somebody to the board of a village.

    Whoever is in the roll is looked up there. Of others only the name is known: one that an insider
    or kin bears leaves the question open, for somebody to look into.

    Args:
        roll: of the day.
        member_id: of the bidder; None for who is not in the roll.
        names: of the bidder and of who represents it.
        declares_kin: the bidder says so.
    """
    board = {each.member_id for each in roll.in_office(*INSIDERS)}
    kin = frozenset[UUID]().union(*map(roll.kin_of, board))
    person = None if member_id is None else roll.people.get(member_id)
    if not board:
        return Interest(_belongs(person), None, True if declares_kin else None)
    if person is not None:
        own = person.member_id
        return Interest(_belongs(person), own in board, declares_kin or own in kin)
    known = {roll.people[each].name for each in board | kin if each in roll.people}
    if declares_kin:
        return Interest(member=False, insider=False, kin=True)
    doubt = not known.isdisjoint(name.strip() for name in names)
    return Interest(member=False, insider=False, kin=None if doubt else False)


def _belongs(person: Member | None) -> bool:
    return person is not None and person.belongs


def judged_bidder(
    library: Library, interest: Interest, day: date, region: str, *, members_only: bool, clean: bool
) -> Decision:
    """Judge who wants to bid."""
    given = {
        "限本组织成员": members_only,
        "是本组织成员": interest.member,
        "是内部人": interest.insider,
        "是内部人近亲属": interest.kin,
        "承诺无失信": clean,
    }
    policy, case = library.case(BIDDER_POLICY, given, day, region)
    return evaluate(policy, case)


def refuse_unmet(decision: Decision, code: str) -> None:
    """Refuse what a policy finds not met.

    Raises:
        InvalidMany: each clause with what was compared.
    """
    broken = [each for each in explain(decision, "zh").reasons if each.state is State.NOT_MET]
    findings = [
        Invalid(
            f"{each.name} ({each.clause})",
            code=code,
            place=f"{each.name}（{each.clause}）",
            value="；".join(each.sentences),
        )
        for each in broken
    ]
    if findings:
        raise InvalidMany("the rules do not allow it", findings, code=code)
