"""Counting: however often and by whatever way somebody votes, it counts once.

Votes come on paper, online and by written proxy, and a later one may be that of somebody who voted
before. The rule that decides between them is declared when the meeting is called; what does not
count is kept and shown.

>>> a, b = UUID(int=1), UUID(int=2)
>>> votes = [Vote(1, a, "online", "agree"), Vote(2, b, "paper", "against")]
>>> votes += [Vote(3, a, "paper", "against")]
>>> counted(votes, "first").tally
{'agree': 1, 'against': 1, 'abstain': 0}
>>> counted(votes, "paper").tally
{'agree': 0, 'against': 2, 'abstain': 0}
>>> [each.order for each in counted(votes, "paper").duplicates]
[1]
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

CHOICES = ("agree", "against", "abstain")
CHANNELS = ("paper", "online", "proxy")
RULES = ("first", "paper")
"""``first``: the earliest counts. ``paper``: paper of the person counts before online and proxy."""


@dataclass(frozen=True)
class Vote:
    """A vote of one person on one item.

    Attributes:
        order: of recording; earlier is lower.
        voter: whose vote it is; of a proxy, who gave it.
        channel: one of ``CHANNELS``.
        choice: one of ``CHOICES``.
    """

    order: int
    voter: UUID
    channel: str
    choice: str


@dataclass(frozen=True)
class Counted:
    """Which votes count, by voter, and which do not because another of the same person does."""

    votes: Mapping[UUID, Vote]
    duplicates: tuple[Vote, ...]
    excluded: tuple[Vote, ...] = ()

    @cached_property
    def tally(self) -> dict[str, int]:
        """Return how many chose what."""
        return {name: sum(each.choice == name for each in self.votes.values()) for name in CHOICES}


def counted(
    votes: Iterable[Vote],
    rule: str = "first",
    electors: Collection[UUID] | None = None,
    recused: Collection[UUID] = (),
) -> Counted:
    """Count votes, each person once.

    Args:
        votes: on one item, in any order.
        rule: one of ``RULES``.
        electors: whose votes count; None: everybody's.
        recused: whose votes do not, because they have an interest.
    """
    chosen: dict[UUID, Vote] = {}
    duplicates, excluded = [], []
    for vote in sorted(votes, key=lambda each: each.order):
        if vote.voter in recused or (electors is not None and vote.voter not in electors):
            excluded.append(vote)
            continue
        before = chosen.get(vote.voter)
        if before is None:
            chosen[vote.voter] = vote
        elif rule == "paper" and vote.channel == "paper" and before.channel != "paper":
            duplicates.append(before)
            chosen[vote.voter] = vote
        else:
            duplicates.append(vote)
    return Counted(chosen, tuple(duplicates), tuple(excluded))
