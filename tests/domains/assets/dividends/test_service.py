"""A distribution from the charter to the bank: without a valid decision nothing is paid."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from tests.domains.assets.meetings.test_service import ENDING
from tests.domains.assets.meetings.world import Village, village_in
from tests.house import opened_house

from longmai.domains.assets.dividends.queries import charter_in, plan_of, statement_of
from longmai.domains.assets.dividends.service import (
    adopt_charter,
    approve,
    draft,
    give_back,
    pay,
)
from longmai.domains.assets.dividends.sheet import HEADINGS, read_plan
from longmai.domains.assets.dividends.what_if import compare
from longmai.domains.assets.meetings.convening import NewItem, NewMeeting, convene
from longmai.domains.assets.meetings.following import revoke
from longmai.domains.assets.meetings.queries import decision_of
from longmai.domains.assets.meetings.service import (
    check_in,
    close,
    open_meeting,
    vote_named,
)
from longmai.domains.assets.vouchers.queries import vouchers_of
from longmai.kernel.errors import Conflict, InvalidMany
from longmai.portal.export import csv_of
from longmai.store.rebuild import rebuild

NUMBERS = {"公积公益金比例": "20", "保底方式": "不低于", "结转下年比例": "0"}
ROWS = [
    ("经营收入", "苹果", "1,000.01", "", "", "票 1", "", ""),
    ("出租收入", "冷库三年", "300", "2025-01-01", "2027-12-31", "合同", "", ""),
    ("捐赠收入", "捐款", "500.00", "", "", "", "", ""),
    ("按劳取酬", "看护", "100", "", "", "", "2", "示2甲"),
    ("保底分红", "入股合同", "200", "", "", "", "3", ""),
]


@pytest.fixture
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """A house with a village and its charter."""
    with opened_house(tmp_path_factory.mktemp("dividend")) as house:
        found = village_in(house)
        with found.at() as desk:
            adopt_charter(desk, found.region, NUMBERS, date(2025, 1, 1), "第三十条")
        yield found


def drafted(village: Village, rows: object = ROWS, plan_id: UUID | None = None) -> UUID:
    """Draft the plan of a sheet."""
    with village.at() as desk:
        policy = charter_in(desk.work.connection, village.region).policy
        data = csv_of(HEADINGS, rows)  # type: ignore[arg-type] # rows
        plan = read_plan(data, policy, village.roll(), 2025, date(2025, 12, 31))
        return draft(desk, plan, plan_id)


def decided(village: Village, plan_id: UUID, votes: int = 8) -> UUID:
    """Hold the meeting about a plan; return its decision."""
    with village.at() as desk:
        refers = plan_of(desk.work.connection, plan_id).refers
        held = desk.today.fromordinal(desk.today.toordinal() + 10)
        item = NewItem("distribution", "分配方案", "", refers)
        meeting_id = convene(
            desk,
            NewMeeting(
                village.region, "collective_assembly", "示例会", "村部", held, "09:00", [item]
            ),
        )
    names = [f"示{n}{letter}" for n in range(1, 7) for letter in "甲乙"]
    with village.at(10) as desk:
        open_meeting(desk, meeting_id)
        for name in names[:votes]:
            check_in(desk, meeting_id, village.person(name))
            vote_named(desk, meeting_id, village.person(name), {1: "agree"})
        [decision] = close(desk, meeting_id, ENDING)
    return decision


def test_from_the_draft_to_the_bank_and_back(village: Village) -> None:
    """Statements, vouchers and payment follow from the decision; one payment comes back."""
    plan_id = drafted(village)
    with village.at() as desk, pytest.raises(Conflict):
        pay(desk, plan_id, desk.today, "批次 1")
    decision = decided(village, plan_id)
    home = village.roll().households[2].household_id
    with village.at(11) as desk:
        approve(desk, plan_id, decision)
        found = plan_of(desk.work.connection, plan_id)
        assert sum(part.dividend_fen for part in found.parts.values()) == found.available_fen
        assert found.parts[home].dividend_fen >= 20_000
        # (1,000.01 + 100.00 of the rent − 100.00 for work) × 80 %
        assert (found.available_fen, found.fund_fen, found.labour_fen) == (80_001, 20_000, 10_000)
        told = statement_of(desk.work.connection, plan_id, home).told
        assert told["dividend_fen"] == found.parts[home].dividend_fen
        pay(desk, plan_id, desk.today, "批次 1")
        give_back(desk, plan_id, home, desk.today, "账号错误")
        with pytest.raises(Conflict):
            give_back(desk, plan_id, home, desk.today, "账号错误")
        with pytest.raises(Conflict):
            pay(desk, plan_id, desk.today, "批次 2")
        lines = vouchers_of(desk.work.connection, plan_id)
    bank = sum(
        (1 if line.side == "credit" else -1) * line.amount_fen
        for line in lines
        if line.code == "102"
    )
    assert bank == 80_001 + 10_000 - found.parts[home].total_fen
    assert list(rebuild(village.house.store)) == []


def test_no_valid_decision_no_payment(village: Village) -> None:
    """Not passed, about an older draft, or revoked: nothing is paid."""
    plan_id = drafted(village)
    failed = decided(village, plan_id, votes=7)
    with village.at(11) as desk, pytest.raises(Conflict, match="did not pass"):
        approve(desk, plan_id, failed)
    old = decided(village, plan_id)
    drafted(village, [*ROWS, ("管理费用", "办公", "1", "", "", "", "", "")], plan_id)
    with village.at(11) as desk, pytest.raises(Conflict, match="this version"):
        approve(desk, plan_id, old)
    good = decided(village, plan_id)
    with village.at(11) as desk:
        approve(desk, plan_id, good)
        meeting = plan_of(desk.work.connection, plan_id)
        assert meeting.state == "approved"
    with village.at(12) as desk:
        revoke(desk, decision_of(desk.work.connection, good).meeting_id, 1, desk.today, "判决")
    with village.at(13) as desk, pytest.raises(Conflict, match="revoked"):
        pay(desk, plan_id, desk.today, "批次 1")


def test_what_if_says_who_gains(village: Village) -> None:
    """A smaller fund: together all gain what it loses; floors that do not fit refuse."""
    plan_id = drafted(village)
    with village.at() as desk:
        found = plan_of(desk.work.connection, plan_id)
        told = compare(desk, found, {"公积公益金比例": "10"})
        assert sum(each.by_fen for each in told.changes) == found.fund_fen - told.found.fund_fen
        with pytest.raises(Conflict, match="够付保底"):
            compare(desk, found, {"公积公益金比例": "90"})


def test_a_sheet_is_refused_row_by_row(village: Village) -> None:
    """Each fault says row and column; nothing is drafted."""
    bad = [
        ("彩票", "中奖", "1", "", "", "", "", ""),
        ("经营收入", "苹果", "1.005", "", "", "", "", ""),
        ("按劳取酬", "看护", "1", "", "", "", "99", ""),
        ("出租收入", "冷库", "1", "2025-01-01", "", "", "", ""),
    ]
    with pytest.raises(InvalidMany) as refused:
        drafted(village, bad)
    places = [str(each.place).partition(" · ")[2] for each in refused.value.findings]
    assert places == ["类别", "金额（元）", "户号", "结束日期"]
