"""A contract from its signing to its end: receipts, statement, income, vouchers, rebuild."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.domains.assets.meetings.world import Village, village_in
from tests.domains.assets.register.world import asset_in, at_desk, entered
from tests.house import opened_house
from tests.visitor import account_with

from longmai.domains.assets.contracts.drafting import HEADINGS, import_contracts
from longmai.domains.assets.contracts.model.contract import Terms
from longmai.domains.assets.contracts.model.schedule import instalments
from longmai.domains.assets.contracts.queries import (
    Contract,
    ContractFilters,
    contract_of,
    contracts,
    sums,
)
from longmai.domains.assets.contracts.receipts import receipts_of
from longmai.domains.assets.contracts.receiving import NewReceipt, bank, book_income, reverse, take
from longmai.domains.assets.contracts.service import amend, end, file, sign
from longmai.domains.assets.contracts.statement import TEMPLATE, import_statement
from longmai.domains.assets.register import right_queries
from longmai.domains.assets.register.model.rights import Party
from longmai.domains.assets.register.service import NewMark, place_mark
from longmai.domains.assets.vouchers.queries import (
    JournalFilters,
    journal,
    journal_size,
    trial_balance,
)
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany
from longmai.portal.accounts.visiting import Shown, visitor_for
from longmai.portal.export import csv_of
from longmai.portal.rights.model import Grant
from longmai.store.rebuild import rebuild
from longmai.store.table_window import Window

FIRM = Party("enterprise", "", "示例公司")


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    """A house with a village for each test."""
    with opened_house(tmp_path) as house:
        yield village_in(house)


def terms_of(village: Village, number: str, asset_id: UUID, **changes: object) -> Terms:
    """Terms of a lease of three years that began 400 days ago, 1,200.00 a year."""
    start = village.today - timedelta(days=400)
    ends = start + timedelta(days=3 * 365)
    lessor = Party("collective", village.region, "示例合作社")
    told = {
        "number": number, "kind": "lease", "region": village.region, "asset_ids": (asset_id,),
        "lessor": lessor, "tenant": FIRM, "signed_on": start, "starts_on": start, "ends_on": ends,
        "instalments": instalments(start, ends, 120_000),
    }  # fmt: skip
    return Terms(**(told | changes))  # type: ignore[arg-type] # the terms by name


def signed(village: Village, number: str, **changes: object) -> UUID:
    """Sign a lease of a fresh asset."""
    [asset_id] = entered(village.house, asset_in(village.house, f"C-{number}"))
    with village.at() as desk:
        return sign(desk, terms_of(village, number, asset_id, **changes))


def stands(village: Village, contract_id: UUID) -> Contract:
    """Return a contract as it stands."""
    with village.house.store.read() as connection:
        return contract_of(connection, contract_id, village.today)


def test_what_is_owed_what_came_and_what_the_books_say(village: Village) -> None:
    """Two instalments are due; what is paid too much is ahead; what is taken back is owed again."""
    own = signed(village, "1")
    assert (stands(village, own).due_fen, stands(village, own).arrears_fen) == (240_000, 240_000)
    assert stands(village, own).late_days == 400
    today = village.today
    with village.at() as desk:
        first = take(desk, NewReceipt(own, today, 130_000, "cash", serial="收 1"))
        take(desk, NewReceipt(own, today, 150_000, "bank", serial="流 1"))
        with pytest.raises(Conflict):
            take(desk, NewReceipt(own, today, 1, "bank", serial="流 1"))
    found = stands(village, own)
    assert (found.arrears_fen, found.ahead_fen, found.late_days) == (0, 40_000, 0)
    with village.at() as desk:
        assert bank(desk, [first], "存 1") == 130_000
        with pytest.raises(Conflict):
            bank(desk, [first], "存 2")
        reverse(desk, first, "记错了")
        with pytest.raises(Conflict):
            reverse(desk, first, "记错了")
    assert stands(village, own).arrears_fen == 90_000
    month = date(today.year, today.month, 1) - timedelta(days=1)
    with village.at() as desk:
        booked = book_income(desk, village.region, month.year, month.month)
        assert booked > 0
        assert book_income(desk, village.region, month.year, month.month) == 0
    after = stands(village, own)
    assert 0 < after.booked_fen <= booked
    with village.house.store.read() as connection:
        accounts = {b.code: b for b in trial_balance(connection, JournalFilters())}
        total = journal_size(connection, JournalFilters())
        lines = journal(connection, JournalFilters(), Window("day", size=500))
    assert sum(b.rest_fen for b in accounts.values()) == 0
    assert accounts["102"].rest_fen == 150_000
    assert accounts["101"].rest_fen == 0
    assert total == len(lines)
    numbers = sorted({line.sequence for line in lines if line.year == today.year})
    assert numbers == list(range(1, len(numbers) + 1))


def test_terms_are_amended_filed_and_ended_by_records(village: Village) -> None:
    """The history keeps each version; after the end nothing is owed for later; the asset tells."""
    own = signed(village, "2")
    old = stands(village, own).terms
    with village.at() as desk:
        file(desk, own, "备 2", "示例乡镇")
        with pytest.raises(Conflict):
            file(desk, own, "备 3", "示例乡镇")
        longer = old.ends_on + timedelta(days=365)
        plan = instalments(old.starts_on, longer, 100_000)
        new = Terms(**{**vars(old), "ends_on": longer, "instalments": plan})
        with pytest.raises(Invalid):
            amend(desk, own, new, " ")
        amend(desk, own, new, "双方协商延长一年")
        with pytest.raises(Invalid):
            end(desk, own, "提前退租", desk.today + timedelta(days=1))
        end(desk, own, "提前退租", desk.today - timedelta(days=35))
        with pytest.raises(Conflict):
            amend(desk, own, new, "再改")
    found = stands(village, own)
    assert (found.version, found.state, found.filed) == (3, "ended", "备 2")
    # 366 of 400 days are over: one year and one day of 100,000.
    assert found.terms.total_fen == found.due_fen == 100_000 + round(100_000 / 365)
    with village.house.store.read() as connection:
        life = right_queries.life_of(connection, found.terms.asset_ids[0])
        leases = right_queries.leases_told(life, village.today)
        before = right_queries.leases_told(life, village.today - timedelta(days=60))
    assert [row.deed for row in life[1:]] == [
        "contract.signed", "contract.filed", "contract.amended", "contract.ended",
    ]  # fmt: skip
    assert (leases, [each.number for each in before]) == ([], ["2"])
    with village.at() as desk:
        again = terms_of(village, "2b", found.terms.asset_ids[0], renews=own,
                         starts_on=village.today)  # fmt: skip
        again = Terms(
            **{**vars(again), "instalments": instalments(village.today, again.ends_on, 1_000)}
        )
        assert sign(desk, again) != own


def test_what_cannot_be_signed_is_refused(village: Village) -> None:
    """Let already, a number twice, no rent, nobody's village."""
    own = signed(village, "3")
    asset_id = stands(village, own).terms.asset_ids[0]
    with village.at() as desk:
        with pytest.raises(Conflict, match="is let at that time"):
            sign(desk, terms_of(village, "4", asset_id))
        with pytest.raises(InvalidMany) as refused:
            sign(desk, terms_of(village, "3", asset_id, instalments=(), tenant=Party("x", "", "")))
        assert {each.place for each in refused.value.findings} == {"tenant", "rent", "number"}
    regions = village.house.regions
    others = [each.code for each in regions.children(regions.code)]
    other = next(code for code in others if not village.region.startswith(code[:4]))
    who = account_with(village.house, Grant("official", other, "service"))
    elsewhere = visitor_for(village.house, Shown(who.id, strong=True))
    with village.at() as desk, pytest.raises(Forbidden):
        sign(replace(desk, visitor=elsewhere), terms_of(village, "5", asset_id))
    parts = [signed(village, "6", part="东侧")]
    shared = stands(village, parts[0]).terms.asset_ids[0]
    with village.at() as desk:
        sign(desk, terms_of(village, "7", shared, part="西侧"))


def test_an_amendment_adds_no_asset_that_is_seized(village: Village) -> None:
    """As none is let; terms of an asset that was seized meanwhile may still be amended."""
    own = signed(village, "10")
    [seized] = entered(village.house, asset_in(village.house, "C-10b"))
    terms = stands(village, own).terms
    mark = NewMark("seizure", "operation", "示例裁定书")
    at_desk(village.house, lambda desk: place_mark(desk, seized, mark))
    with village.at() as desk, pytest.raises(Conflict) as refused:
        amend(desk, own, replace(terms, asset_ids=(*terms.asset_ids, seized)), "加一处")
    assert refused.value.code == "right.marked"
    at_desk(village.house, lambda desk: place_mark(desk, terms.asset_ids[0], mark))
    with village.at() as desk:
        amend(desk, own, replace(terms, note="更正"), "更正")


def test_what_is_replaced_and_paid_up_is_open_no_longer(village: Village) -> None:
    """Over and in use, it is; renewed, only as long as something is owed."""
    today = village.today
    start, ends = today - timedelta(days=500), today - timedelta(days=100)
    days = {"starts_on": start, "ends_on": ends, "instalments": instalments(start, ends, 10_000)}
    own = signed(village, "11", signed_on=start, **days)
    found = stands(village, own)

    def is_open() -> bool:
        filters = ContractFilters(region=village.region, state="open")
        with village.house.store.read() as connection:
            rows = contracts(connection, filters, Window("arrears"), today)
        return own in {each.contract_id for each in rows}

    assert is_open()
    with village.at() as desk:
        sign(desk, terms_of(village, "11b", found.terms.asset_ids[0], renews=own, starts_on=today,
                            instalments=instalments(today, found.terms.ends_on + timedelta(900), 1),
                            ends_on=found.terms.ends_on + timedelta(900)))  # fmt: skip
    assert is_open()
    with village.at() as desk:
        take(desk, NewReceipt(own, today, found.arrears_fen, "bank", "", "R-11", ""))
    assert not is_open()


def test_a_statement_is_taken_whole_or_not_at_all(village: Village) -> None:
    """Titles above, the headings of the bank, money out, full-width digits; faults row by row."""
    own = signed(village, "8", tenant=Party("enterprise", "", "流水公司"))
    for number in ("8-1", "8-2"):
        signed(village, number, tenant=Party("enterprise", "", "两份合同公司"))
    day = village.today.isoformat()
    rows = [
        ("示例农商银行对账单", "", "", "", "", ""),
        ("记账日期", "借方发生额", "贷方发生额", "对方户名", "交易流水号", "附言"),
        (day, "", "１，０００．００", "流水公司", "S1", "房租"),
        (day.replace("-", ""), "500.00", "", "供电所", "S2", "电费"),
        (day, "", "88", "不认识", "S3", "合同 8 的尾款"),
        (day, "", "77", "路人", "S4", "捐款"),
    ]
    data = csv_of(rows[0], rows[1:])
    with village.at() as desk:
        taken = import_statement(desk, village.region, data)
        again = import_statement(desk, village.region, data)
    assert (taken.taken, taken.amount_fen) == (2, 108_800)
    assert [(each.row, each.payer) for each in taken.aside] == [(6, "路人")]
    assert (again.taken, again.known) == (0, 2)
    bad = [
        ("昨天", "10", "流水公司", "S5", "", ""),
        (day, "一百", "流水公司", "S6", "", ""),
        (day, "10", "流水公司", "S7", "", "无此合同"),
        (day, "10", "流水公司", "", "", ""),
        (day, "10", "两份合同公司", "S8", "", ""),
    ]
    with village.at() as desk, pytest.raises(InvalidMany) as refused:
        import_statement(desk, village.region, csv_of(TEMPLATE, bad))
    codes = [each.code for each in refused.value.findings]
    assert codes == [f"statement.{n}" for n in ("day", "money", "number", "serial", "several")]
    assert "第 2 行" in str(refused.value.findings[0].place)
    with pytest.raises(Invalid, match="headings"), village.at() as desk:
        import_statement(desk, village.region, csv_of(("甲", "乙"), [("1", "2")]))
    with village.house.store.read() as connection:
        assert len(receipts_of(connection, own)) == 2


def test_a_sheet_of_contracts_names_each_fault(village: Village) -> None:
    """Words of the sheet are understood; one bad row and nothing is signed."""
    entered(village.house, asset_in(village.house, "S-1"), asset_in(village.house, "S-2"))
    row = ("表 1", "发包", "S-1", "", "农户", "", "3", "", "2026-01-05", "2026/2/1",
           "2029年1月31日", "6,000", "按半年", "期末", "2.5", "", "决议", "")  # fmt: skip
    wrong = ("表 2", "买卖", "S-9", "", "农户", "", "99", "", "某日", "2026-02-01", "2029-01-31",
             "x", "", "", "", "", "", "")  # fmt: skip
    with pytest.raises(InvalidMany) as refused, village.at() as desk:
        import_contracts(desk, village.region, csv_of(HEADINGS, [row, wrong]), "示例村")
    places = [str(each.place) for each in refused.value.findings]
    assert all(place.startswith("第 3 行") for place in places)
    assert {place.split(" · ")[1] for place in places} >= {
        "类型",
        "资产编码",
        "信用代码或户号",
        "签订日期",
    }
    with village.at() as desk:
        assert import_contracts(desk, village.region, csv_of(HEADINGS, [row]), "示例村") == 1
    with village.house.store.read() as connection:
        filters = ContractFilters(text="表 1")
        [found] = contracts(connection, filters, Window("number"), village.today)
        assert sums(connection, filters, village.today).count == 1
    assert found.terms.tenant.name == "示3甲"
    assert found.is_member
    assert [each.amount_fen for each in found.terms.instalments[:3]] == [300_000, 300_000, 307_500]


def test_tables_are_the_readings_of_the_ledger(village: Village) -> None:
    """A rebuild gives the same rows."""
    assert list(rebuild(village.house.store)) == []
