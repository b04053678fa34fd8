"""However votes come, a person counts once."""

from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from longmai.domains.assets.meetings.counting import CHANNELS, CHOICES, RULES, Vote, counted

PEOPLE = [UUID(int=n) for n in range(1, 7)]
STRANGER, RECUSED = UUID(int=99), PEOPLE[-1]


class Voting(RuleBasedStateMachine):
    """Votes come in any order and by any way; some are struck out again."""

    def __init__(self) -> None:
        super().__init__()
        self.votes: list[Vote] = []
        self.order = 0

    @rule(
        who=st.sampled_from([*PEOPLE, STRANGER]),
        channel=st.sampled_from(CHANNELS),
        choice=st.sampled_from(CHOICES),
    )
    def vote(self, who: UUID, channel: str, choice: str) -> None:
        """Somebody votes, perhaps once more."""
        self.order += 1
        self.votes.append(Vote(self.order, who, channel, choice))

    @rule(place=st.integers(0, 30))
    def strike(self, place: int) -> None:
        """A vote entered wrongly is struck out."""
        if self.votes:
            self.votes.pop(place % len(self.votes))

    @invariant()
    def nobody_counts_twice(self) -> None:
        """Each entitled person has one vote, the others are all accounted for."""
        for each in RULES:
            found = counted(self.votes, each, PEOPLE, [RECUSED])
            assert sum(found.tally.values()) == len(found.votes)
            assert set(found.votes) == {
                vote.voter for vote in self.votes if vote.voter in PEOPLE and vote.voter != RECUSED
            }
            told = [*found.votes.values(), *found.duplicates, *found.excluded]
            assert sorted(vote.order for vote in told) == sorted(v.order for v in self.votes)
            assert counted(self.votes[::-1], each, PEOPLE, [RECUSED]) == found

    @invariant()
    def the_declared_rule_decides(self) -> None:
        """First: the earliest. Paper: the first on paper, if there is one."""
        by_first = counted(self.votes, "first").votes
        by_paper = counted(self.votes, "paper").votes
        for who in {vote.voter for vote in self.votes}:
            own = sorted((v for v in self.votes if v.voter == who), key=lambda vote: vote.order)
            assert by_first[who] == own[0]
            paper = [vote for vote in own if vote.channel == "paper"]
            assert by_paper[who] == (paper or own)[0]


Voting.TestCase.settings = settings(max_examples=40, stateful_step_count=20)
TestVoting = Voting.TestCase
