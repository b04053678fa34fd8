"""Money through batches, returns and re-issues: conserved to the fen, nobody paid twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from tests.domains.livelihood.casework.world import PAID, VILLAGE, World, world

from longmai.domains.livelihood.casework import service as casework
from longmai.domains.livelihood.payments.banks import form_of
from longmai.domains.livelihood.payments.model.forms import Answer
from longmai.domains.livelihood.payments.queries import (
    KeptLine,
    balances,
    batch_sums,
    lines_of,
)
from longmai.domains.livelihood.payments.service import (
    Desk,
    NewAccount,
    Wish,
    approve,
    draft,
    export,
    give_accounts,
    proposed,
    reject,
    settle,
    take_returns,
)
from longmai.domains.livelihood.payments.tables import ITEM
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany, LongmaiError
from longmai.kernel.ids import new_id
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor
from longmai.store.rebuild import rebuild

PERIOD = "2026-09"


@pytest.fixture
def made(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A house in which two people have a confirmed benefit and an account."""
    with world(tmp_path, database=database_url) as opened:
        for person in ("p1", "p2"):
            opened.confirmed(person)
            with_account(opened, person)
        yield opened


def desk(made: World, work: Any, who: Visitor | None = None) -> Desk:
    """Return a desk of payments."""
    return Desk(work, who or made.worker, made.house.clock.now())


def with_account(made: World, person: str, account: str = "6200000012345678") -> None:
    """Give a person an account."""
    with made.house.store.begin() as work:
        give_accounts(
            desk(made, work), [NewAccount(person, f"户 {person}", account, "某村信用社", VILLAGE)]
        )


def wish(made: World, period: str = PERIOD) -> Wish:
    """Return the wish for a batch."""
    return Wish(made.house.policies.versions(PAID)[0], "620102", period, "sample-bank")


def drafted(made: World, period: str = PERIOD) -> UUID:
    """Make a batch."""
    with made.house.store.begin() as work:
        return draft(desk(made, work), wish(made, period))


def approved(made: World, period: str = PERIOD) -> UUID:
    """Make a batch, and have the leader approve it."""
    batch_id = drafted(made, period)
    with made.house.store.begin() as work:
        approve(desk(made, work, made.second), batch_id)
    return batch_id


def at_the_bank(made: World, period: str = PERIOD) -> UUID:
    """Make a batch that is at the bank."""
    batch_id = approved(made, period)
    with made.house.store.begin() as work:
        body = export(desk(made, work), batch_id, form_of(made.house, "sample-bank"), "补助")
        assert body.decode("gbk").count("\r\n") == len(lines(made, batch_id)) + 2
    return batch_id


def lines(made: World, batch_id: UUID) -> list[KeptLine]:
    """Return the lines of a batch."""
    with made.house.store.read() as connection:
        return lines_of(connection, batch_id)


def back(made: World, batch_id: UUID, item: str) -> int:
    """Have the bank send one payment back."""
    with made.house.store.begin() as work:
        answer = Answer(2, item, "E1", "账号已销户", good=False)
        return take_returns(desk(made, work), batch_id, [answer])


def test_what_is_due_is_paid_once(made: World) -> None:
    """A second batch of the month is empty; the next month is another."""
    approved(made)
    with pytest.raises(Invalid, match="nothing is due"):
        drafted(made)
    assert len(lines(made, drafted(made, "2026-10"))) == 2
    with pytest.raises(Invalid, match="nothing is due"):
        drafted(made, "2026-08")


def test_the_tables_themselves_refuse_a_second_payment(made: World) -> None:
    """Whatever a program does: the same person, policy and period, or a re-issue of nothing."""
    batch_id = approved(made)
    with made.house.store.read() as connection:
        row = connection.execute(select(ITEM).where(ITEM.c.batch_id == batch_id)).first()
    assert row is not None
    twice = {**row._mapping, "record_id": new_id(), "item_id": new_id()}
    for again in (twice, {**twice, "period": "2026-12", "reissue_of": row.item_id}):
        with pytest.raises(IntegrityError), made.house.store.begin() as work:
            work.connection.execute(insert(ITEM).values(again))


def test_two_drafts_of_the_same_people_meet_at_the_approval(made: World) -> None:
    """Made behind each other's back, the second is refused whole."""
    with made.house.store.begin() as work:
        found = proposed(desk(made, work), wish(made))
    first = drafted(made)
    with pytest.raises(Invalid):
        drafted(made)
    with made.house.store.begin() as work:
        reject(desk(made, work, made.leader), first, "少一个人")
    assert len(found.lines) == 2
    assert len(lines(made, approved(made))) == 2
    with pytest.raises(Conflict), made.house.store.begin() as work:
        approve(desk(made, work, made.leader), first)


def test_a_second_person_approves(made: World) -> None:
    """Not who made it, though the posts would allow it; not who holds no such post."""
    with made.house.store.begin() as work:
        batch_id = draft(desk(made, work, made.second), wish(made))
    for who in (made.second, made.worker):
        with pytest.raises(Forbidden), made.house.store.begin() as work:
            approve(desk(made, work, who), batch_id)
    with made.house.store.begin() as work:
        approve(desk(made, work, made.leader), batch_id)


def test_what_came_back_is_paid_again_in_the_next_batch(made: World) -> None:
    """Once there is another account, the same amount for the same month, and once."""
    batch_id = at_the_bank(made)
    item = next(each.line.item for each in lines(made, batch_id) if each.line.person == "p1")
    assert (back(made, batch_id, item), back(made, batch_id, item)) == (1, 0)
    with made.house.store.begin() as work:
        settle(desk(made, work), batch_id)
        found = proposed(desk(made, work), wish(made, "2026-10"))
    assert [each.name for each in found.waiting] == ["陇甲一"]
    with_account(made, "p1", "6200000099999999")
    again = at_the_bank(made, "2026-10")
    [line] = [each.line for each in lines(made, again) if each.line.reissue_of]
    assert (line.reissue_of, line.period, line.amount_fen) == (item, PERIOD, 10_001)
    assert line.account == "6200000099999999"
    with made.house.store.read() as connection:
        first = batch_sums(connection, batch_id)
        assert (first.approved, first.paid, first.returned, first.owed) == (
            20_002,
            10_001,
            10_001,
            0,
        )
        assert all(each.sums.agree for each in balances(connection, EVERYWHERE))
    made.house.integrate()
    assert list(rebuild(made.house.store)) == []


def test_an_answer_of_another_batch_is_refused_whole(made: World) -> None:
    """With the row; nothing is half written."""
    batch_id = at_the_bank(made)
    good = lines(made, batch_id)[0].line.item
    answers = [
        Answer(2, good, "E1", "错", good=False),
        Answer(3, str(new_id()), "E1", "错", good=False),
    ]
    with pytest.raises(InvalidMany, match="row 3"), made.house.store.begin() as work:
        take_returns(desk(made, work), batch_id, answers)
    assert not any(each.returned for each in lines(made, batch_id))


def test_a_decision_that_was_paid_is_not_reversed(made: World) -> None:
    """It is ended, after the hearing; and an account elsewhere is nobody's to give."""
    batch_id = approved(made)
    case_id = UUID(lines(made, batch_id)[0].line.case)
    with pytest.raises(Conflict, match="money was paid"), made.house.store.begin() as work:
        casework.reverse(made.desk(work), case_id, "撤")
    with pytest.raises(Forbidden), made.house.store.begin() as work:
        give_accounts(
            desk(made, work), [NewAccount("p5", "户", "6200000012345678", "", "620103001001")]
        )


STEPS = ("draft", "approve", "reject", "export", "back", "settle", "account", "month")


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), min_size=10, max_size=40))
def test_money_is_conserved(
    tmp_path_factory: pytest.TempPathFactory, tried: list[tuple[str, int]]
) -> None:
    """Through any sequence: sums agree, and nobody gets more than the decisions say."""
    with world(tmp_path_factory.mktemp("money")) as made:
        for person in ("p1", "p2"):
            made.confirmed(person)
            with_account(made, person)
        known: list[UUID] = []
        months = ["2026-09"]
        for step, number in tried:
            try:
                _try(made, step, number, known, months)
            except LongmaiError:
                continue
        with made.house.store.read() as connection:
            found = balances(connection, EVERYWHERE)
        for each in found:
            assert each.sums.agree
            # Two people are owed this a month, and what came back is paid again at most once.
            assert each.sums.approved - each.sums.returned <= 2 * 10_001
            assert each.sums.paid <= 2 * 10_001


def _try(made: World, step: str, number: int, known: list[UUID], months: list[str]) -> None:
    if step == "draft":
        known.append(drafted(made, months[-1]))
    elif step == "month":
        months.append(f"2026-{9 + len(months) % 4:02}")
    elif step == "account":
        with_account(made, f"p{1 + number % 2}", f"62000000{number}{len(known):07}")
    elif known:
        batch_id = known[number % len(known)]
        with made.house.store.begin() as work:
            own = desk(made, work)
            match step:
                case "approve":
                    approve(desk(made, work, made.leader), batch_id)
                case "reject":
                    reject(desk(made, work, made.leader), batch_id, "重做")
                case "export":
                    export(own, batch_id, form_of(made.house, "sample-bank"), "补助")
                case "settle":
                    settle(own, batch_id)
                case _:
                    chosen = lines_of(work.connection, batch_id)
                    item = chosen[number % len(chosen)].line.item
                    take_returns(own, batch_id, [Answer(2, item, "E1", "退", good=False)])
