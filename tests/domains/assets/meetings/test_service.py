"""Meetings from the call to the decision, by both laws."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.domains.assets.meetings.world import Village, village_in
from tests.house import opened_house

from longmai.domains.assets.meetings.convening import NewItem, NewMeeting, convene
from longmai.domains.assets.meetings.counting import CHOICES
from longmai.domains.assets.meetings.following import challenge, follow, revoke, steps_of
from longmai.domains.assets.meetings.queries import decision_of, meeting_of
from longmai.domains.assets.meetings.service import (
    Closing,
    check_in,
    close,
    count_paper,
    open_meeting,
    strike,
    vote_named,
    vote_online,
)
from longmai.domains.assets.members.service import Desk
from longmai.kernel.errors import Conflict, Forbidden, Invalid, LongmaiError
from longmai.portal.qr import qr_png
from longmai.store.rebuild import rebuild

ENDING = Closing("示1甲", "示2甲", "示3甲", "没有不同意见")


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """A house with a village of twelve adults and a child."""
    with opened_house(tmp_path_factory.mktemp("village")) as house:
        yield village_in(house)


def called(
    village: Village, desk: Desk, organ: str = "collective_assembly", **more: object
) -> UUID:
    """Call a meeting for ten days ahead, on an investment or on public works."""
    matter = "investment" if organ == "collective_assembly" else "village_works"
    day = desk.today.toordinal() + 10
    wanted = {
        "region": village.region, "organ": organ, "title": "示例会", "place": "村部",
        "held_on": desk.today.fromordinal(day), "starts": "09:00",
        "items": [NewItem(matter, "示例议题")],
    }  # fmt: skip
    return convene(desk, NewMeeting(**(wanted | more)))  # type: ignore[arg-type] # by name


def opened(village: Village, **more: object) -> UUID:
    """Call a meeting and open it."""
    with village.at() as desk:
        meeting_id = called(village, desk, **more)  # type: ignore[arg-type] # by name
    with village.at(10) as desk:
        open_meeting(desk, meeting_id)
    return meeting_id


def test_a_member_counts_once_and_the_assembly_decides(village: Village) -> None:
    """Online, proxy and paper together; a double vote is kept, shown and not counted."""
    meeting_id = opened(village, rule="paper")
    people = [village.person(f"示{n}{letter}") for n in range(1, 7) for letter in "甲乙"]
    with village.at(10) as desk:
        vote_online(desk, meeting_id, people[0], {1: "against"})
        check_in(desk, meeting_id, people[1], holder=people[0], note="委托书 1")
        vote_named(desk, meeting_id, people[1], {1: "agree"})
        vote_named(desk, meeting_id, people[0], {1: "agree"})  # came after all, on paper
        for voter in people[2:8]:
            check_in(desk, meeting_id, voter)
            vote_named(desk, meeting_id, voter, {1: "agree"})
        with pytest.raises(Conflict):
            check_in(desk, meeting_id, people[1])
    with village.house.store.read() as connection:
        meeting = meeting_of(connection, meeting_id)
    found = meeting.counted(1)
    assert found.tally == {"agree": 8, "against": 0, "abstain": 0}
    assert [each.voter for each in found.duplicates] == [people[0]]
    assert (len(meeting.electors), len(meeting.tickets)) == (12, 8)
    with village.at(10) as desk:
        [record] = close(desk, meeting_id, ENDING)
    with village.house.store.read() as connection:
        decided = decision_of(connection, record)
    assert decided.passed
    assert decided.tallies["duplicates"] == 1
    assert decided.decision["policy"] == "assets.collective-assembly"


def test_one_vote_less_does_not_pass(village: Village) -> None:
    """Seven of twelve are less than two thirds of all members, however many of those present."""
    meeting_id = opened(village)
    with village.at(10) as desk:
        for name in ("示1甲", "示1乙", "示2甲", "示2乙", "示3甲", "示3乙", "示4甲"):
            check_in(desk, meeting_id, village.person(name))
            vote_named(desk, meeting_id, village.person(name), {1: "agree"})
        [record] = close(desk, meeting_id, ENDING)
        assert not decision_of(desk.work.connection, record).passed


def test_the_same_votes_pass_under_the_other_law(village: Village) -> None:
    """Seven of twelve adults are a quorum, a majority agrees; nobody votes from afar."""
    meeting_id = opened(village, organ="villagers_assembly")
    person = village.person("示1甲")
    with village.at(10) as desk:
        with pytest.raises(Forbidden, match="online"):
            vote_online(desk, meeting_id, person, {1: "agree"})
        with pytest.raises(Forbidden, match="proxies"):
            check_in(desk, meeting_id, person, holder=village.person("示1乙"), note="委托书")
        for n, name in enumerate(("示1甲", "示1乙", "示2甲", "示2乙", "示3甲", "示3乙", "示4甲")):
            check_in(desk, meeting_id, village.person(name))
            vote_named(desk, meeting_id, village.person(name), {1: "agree" if n < 4 else "against"})
        [record] = close(desk, meeting_id, ENDING)
        decided = decision_of(desk.work.connection, record)
    assert decided.passed
    assert decided.decision["policy"] == "assets.villagers-assembly"


def test_what_the_law_refuses_is_not_called(village: Village) -> None:
    """Mixed laws, a late notice, a child as a proxy, a plan that is not named."""
    with village.at() as desk:
        with pytest.raises(Invalid, match="村民委员会组织法"):
            called(village, desk, items=[NewItem("village_works", "修路")])
        with pytest.raises(Conflict, match="提前十日通知"):
            called(village, desk, held_on=desk.today)
        with pytest.raises(Conflict, match="nobody"):
            called(village, desk, "collective_representatives", items=[NewItem("charter", "章程")])
        with pytest.raises(Invalid, match="plan"):
            called(village, desk, items=[NewItem("distribution", "分红")])
        with pytest.raises(Invalid, match="secret"):
            called(village, desk, secret=True, rule="paper")
    meeting_id = opened(village)
    with village.at(10) as desk, pytest.raises(Forbidden, match="same household"):
        check_in(
            desk, meeting_id, village.person("示1甲"), holder=village.person("示2甲"), note="委托书"
        )
    with village.at(10) as desk, pytest.raises(Forbidden):
        check_in(desk, meeting_id, village.person("示1童"))
    with village.at(11) as desk, pytest.raises(Conflict):
        open_meeting(desk, meeting_id)


def test_kin_of_who_has_an_interest_stay_out(village: Village) -> None:
    """They may be there; their votes do not count, and they cannot vote online."""
    one, kin = village.person("示1甲"), village.person("示1乙")
    meeting_id = opened(village, interested=[one])
    with village.at(10) as desk:
        with pytest.raises(Forbidden, match="interest"):
            vote_online(desk, meeting_id, kin, {1: "agree"})
        check_in(desk, meeting_id, one)
        vote_named(desk, meeting_id, one, {1: "agree"})
        found = meeting_of(desk.work.connection, meeting_id).counted(1)
    assert found.tally["agree"] == 0
    assert [each.voter for each in found.excluded] == [one]


def test_a_secret_ballot_tells_nobody(village: Village) -> None:
    """Who voted and what was voted are apart; counts are checked against ballots given out."""
    meeting_id = opened(village, secret=True)
    one, other = village.person("示1甲"), village.person("示2甲")
    with village.at(10) as desk:
        receipt = vote_online(desk, meeting_id, one, {1: "agree"})
        with pytest.raises(Conflict, match="already"):
            vote_online(desk, meeting_id, one, {1: "agree"})
        with pytest.raises(Conflict):
            check_in(desk, meeting_id, one)
        check_in(desk, meeting_id, other)
        with pytest.raises(Conflict, match="secret"):
            vote_named(desk, meeting_id, other, {1: "agree"})
        with pytest.raises(Conflict, match="not counted"):
            close(desk, meeting_id, ENDING)
        with pytest.raises(Invalid, match="2 > 1"):
            count_paper(desk, meeting_id, 1, {"agree": 2})
        count_paper(desk, meeting_id, 1, {"against": 1})
        [record] = close(desk, meeting_id, ENDING)
        meeting = meeting_of(desk.work.connection, meeting_id)
    assert meeting.votes == ()
    assert meeting.closing["box"] == [{"receipt": receipt, "choices": {"1": "agree"}}]
    assert meeting.decisions[1].record_id == record
    assert (meeting.decisions[1].tallies["agree"], meeting.decisions[1].tallies["against"]) == (
        1,
        1,
    )


def test_steps_posting_challenge_and_revocation(village: Village) -> None:
    """四议 in their order, a posting with a photograph, and the time to contest runs out."""
    meeting_id = opened(village)
    with village.at(10) as desk:
        with pytest.raises(Conflict):
            follow(desk, meeting_id, "reviewed", desk.today, "")
        for act in ("proposed", "consulted", "reviewed"):
            follow(desk, meeting_id, act, desk.today, "示例")
        close(desk, meeting_id, ENDING)
        with pytest.raises(Invalid, match="photograph"):
            follow(desk, meeting_id, "posted", desk.today, "村务公开栏")
        follow(desk, meeting_id, "posted", desk.today, "村务公开栏", qr_png("示例"))
        steps = steps_of(meeting_of(desk.work.connection, meeting_id))
    assert [each.on_day is not None for each in steps] == [True] * 5 + [False]
    member = village.person("示5甲")
    with village.at(400) as desk, pytest.raises(Conflict, match="第五十七条"):
        knew = desk.today.fromordinal(desk.today.toordinal() - 370)
        challenge(desk, meeting_id, 1, member, knew, "程序不对")
    with village.at(400) as desk:
        challenge(desk, meeting_id, 1, member, desk.today, "程序不对")
        revoke(desk, meeting_id, 1, desk.today, "示例判决第 1 号")
        assert meeting_of(desk.work.connection, meeting_id).decisions[1].revoked


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["in", "proxy", "online", "paper", "strike"]),
            st.sampled_from(CHOICES),
        ),
        max_size=14,
    ),
    st.sampled_from(["first", "paper"]),
)
def test_no_sequence_at_the_desk_counts_anybody_twice(
    village: Village, acts: list[tuple[int, str, str]], rule: str
) -> None:
    """Whatever is done in whatever order: no more votes than people, and no person twice."""
    people = [village.person(name) for name in ("示1甲", "示1乙", "示2甲", "示2乙")]
    meeting_id = opened(village, rule=rule)
    with village.at(10) as desk:
        for who, act, choice in acts:
            try:
                _act(desk, meeting_id, (people[who], people[who ^ 1]), act, choice)
            except LongmaiError:
                continue  # refused in words: nothing was counted
        meeting = meeting_of(desk.work.connection, meeting_id)
    found = meeting.counted(1)
    assert set(found.votes) <= set(meeting.tickets)
    assert sum(found.tally.values()) == len(found.votes) <= len(meeting.tickets) <= len(people)


def _act(desk: Desk, meeting_id: UUID, who: tuple[UUID, UUID], act: str, choice: str) -> None:
    voter, other = who
    match act:
        case "in":
            check_in(desk, meeting_id, voter)
        case "proxy":
            check_in(desk, meeting_id, voter, holder=other, note="委托书")
        case "online":
            vote_online(desk, meeting_id, voter, {1: choice})
        case "paper":
            vote_named(desk, meeting_id, voter, {1: choice})
        case _:
            votes = meeting_of(desk.work.connection, meeting_id).votes
            strike(desk, meeting_id, votes[-1].record_id if votes else meeting_id, "记错")


def test_tables_are_a_reading_of_the_ledger(village: Village, tmp_path: Path) -> None:
    """A rebuild finds no difference."""
    del tmp_path
    assert list(rebuild(village.house.store)) == []
