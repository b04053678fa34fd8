"""Pages and API of contracts and vouchers, as the village's accountant uses them."""

from collections.abc import Iterator

import pytest
from tests.domains.assets.meetings.world import Village, village_in
from tests.domains.assets.register.world import asset_in, entered
from tests.house import opened_house
from tests.visitor import TestClient, account_with, signed_in
from typer.testing import CliRunner

from longmai.cli import app
from longmai.domains.assets.contracts.queries import ContractFilters, contracts
from longmai.domains.assets.contracts.sample import load_sample
from longmai.portal.export import csv_of
from longmai.portal.rights.model import Grant
from longmai.store.rebuild import rebuild
from longmai.store.table_window import Window


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """A village with the sample's contracts."""
    with opened_house(tmp_path_factory.mktemp("contract-pages")) as house:
        found = village_in(house)
        entered(house, *(asset_in(house, f"P-{n}") for n in range(1, 8)))
        load_sample(house, lambda _said: None)
        yield found


@pytest.fixture(scope="module")
def accountant(village: Village) -> TestClient:
    """The village's accountant."""
    grant = Grant("village_accountant", village.region, "service")
    return signed_in(village.house, account_with(village.house, grant))


def test_the_list_begins_with_who_owes_most(village: Village, accountant: TestClient) -> None:
    """List, files, one contract, a receipt recorded and refused, the journal, the API."""
    page = accountant.get("/assets/contracts")
    assert page.status_code == 200, page.text
    with village.house.store.read() as connection:
        rows = contracts(connection, ContractFilters(), Window("arrears"), village.today)
    assert len(rows) == 6
    assert rows[0].arrears_fen > rows[-1].arrears_fen == 0
    first = rows[0]
    assert 0 < page.text.index(first.terms.number) < page.text.index(rows[-1].terms.number)
    own = f"/assets/contracts/{first.contract_id}"
    told = {
        "on_day": village.today.isoformat(),
        "amount": "1,000.50",
        "way": "bank",
        "serial": "F1",
    }
    assert (
        accountant.post(f"{own}/do/receive", data=told, follow_redirects=False).status_code == 303
    )
    again = accountant.post(f"{own}/do/receive", data=told)
    assert again.status_code == 409
    assert "已经记过" in again.text
    assert "1,000.50" in accountant.get(own).text
    assert accountant.get(f"{own}/schedule.csv").status_code == 200
    assert first.terms.number in accountant.get("/assets/contracts.csv").text
    journal = accountant.get("/assets/vouchers")
    assert "借贷相等" in journal.text
    assert "银行存款" in accountant.get("/assets/vouchers.csv?code=102").text
    api = accountant.get(f"/api/v1{own}").json()
    assert api["received_fen"] == first.received_fen + 100_050
    sums = accountant.get("/api/v1/assets/vouchers?size=1").json()["accounts"]
    assert sum(each["debit_fen"] for each in sums) == sum(each["credit_fen"] for each in sums)


def test_forms_say_what_is_wrong(village: Village, accountant: TestClient) -> None:
    """An empty contract, an amendment, an ending, a statement: each in words, nothing half done."""
    empty = accountant.post("/assets/contracts/new", data={"region": village.region})
    assert empty.status_code == 422
    with village.house.store.read() as connection:
        rows = contracts(
            connection, ContractFilters(state="running"), Window("number"), village.today
        )
    own = f"/assets/contracts/{rows[0].contract_id}"
    form = accountant.get(f"{own}/amend")
    assert rows[0].terms.number in form.text
    ending = accountant.post(f"{own}/do/end", data={"ended_on": "2099-01-01", "reason": "退租"})
    assert (ending.status_code, "不晚于今天" in ending.text) == (422, True)
    filed = accountant.post(f"{own}/do/file", data={"filed": "", "office": ""})
    assert filed.status_code in {409, 422}
    sheet = csv_of(("交易日期", "收入金额", "流水号"), [("x", "1", "2")])
    sent = accountant.post(
        "/assets/contracts/import/statement",
        data={"region": village.region},
        files={"file": ("bank.csv", sheet)},
    )
    assert (sent.status_code, "第 2 行" in sent.text) == (422, True)
    for address in ("/assets/contracts/new", f"/assets/contracts/new?renews={rows[0].contract_id}",
                    "/assets/contracts/import/sheet", "/assets/contracts/template.csv",
                    "/assets/contracts/statement-template.csv"):  # fmt: skip
        assert accountant.get(address).status_code == 200
    asset = accountant.get(f"/assets/a/{rows[0].terms.asset_ids[0]}")
    assert f"按合同 {rows[0].terms.number}" in asset.text


def test_four_books_side_by_side(village: Village, accountant: TestClient) -> None:
    """The page, its file and the API say the same differences, in words."""
    page = accountant.get("/assets/reconcile")
    assert page.status_code == 200, page.text
    assert "台账没有写出租" in page.text
    rows = accountant.get(f"/api/v1/assets/reconcile?region={village.region}").json()
    said = [each["says"] for row in rows for each in row["differences"]]
    assert said
    file = accountant.get("/assets/reconcile.csv").content.decode("utf-8-sig")
    assert all(each in file for each in said)


def test_warnings_name_their_clause_and_are_answered(
    village: Village, accountant: TestClient
) -> None:
    """A director took a barn in cash and nobody decided; what is done about it is recorded."""
    page = accountant.get("/assets/warnings")
    assert page.status_code == 200, page.text
    rows = accountant.get("/api/v1/assets/warnings").json()
    rules = {(each["number"].rpartition("-")[2], each["rule"]) for each in rows}
    late_, filed, cash = "租金按期收到", "合同已备案", "现金已存银行"
    wanted = {("02", late_), ("04", late_), ("04", filed), ("05", "合同没有过期"), ("06", filed)}
    wanted |= {("02", cash), ("06", cash), ("02", "租金不明显偏低"), ("06", "租金不明显偏低")}
    # The head of the third household is a director in this village.
    wanted |= {("02", "内部人承租经过决定")}
    assert rules == wanted
    late = next(each for each in rows if each["rule"] == late_)
    told = {"warning": f"{late['contract']}/{late['rule']}", "deed": "acknowledged", "note": ""}
    assert accountant.post("/assets/warnings", data=told).status_code == 422
    told["note"] = "已发催款通知"
    assert accountant.post("/assets/warnings", data=told).status_code == 200
    after = accountant.get("/api/v1/assets/warnings").json()
    stands = {(each["contract"], each["rule"]): each["standing"] for each in after}
    assert stands[late["contract"], late["rule"]] == "acknowledged"
    assert "已发催款通知" in accountant.get("/assets/warnings.csv").content.decode("utf-8-sig")
    assert list(rebuild(village.house.store)) == []


def test_a_reserve_is_sized_from_what_is_typed(accountant: TestClient) -> None:
    """Unknown until dangers are filled in; then the same seed gives the same page."""
    asked = accountant.get("/assets/reserve")
    assert (asked.status_code, "没有核定的数" in asked.text) == (200, True)
    assert "至少备" not in asked.text
    address = "/assets/reserve?often.fire=10&lost.fire=100&trials=4000"
    found = accountant.get(f"{address}&seed=7")
    assert (found.status_code, "至少备" in found.text) == (200, True), found.text
    assert "没填的没有算进去：洪水、冰雹" in found.text
    assert found.text.count("随机种子 7") == 1
    again, other = (accountant.get(f"{address}&seed={seed}") for seed in (7, 8))
    table = found.text[found.text.index("<table") : found.text.index("</table")]
    assert table in again.text
    assert table not in other.text
    for wrong, said in (
        ("often.fire=10", "只填了一半"),
        ("often.fire=10&lost.fire=101", "填 0 到 100 的数"),
        ("seed=3", "至少填一样灾"),
        ("often.fire=1&lost.fire=1&trials=9", "填 1000 到 100000"),
    ):
        refused = accountant.get(f"/assets/reserve?{wrong}")
        assert (refused.status_code, said in refused.text) == (422, True), wrong
    insured = accountant.get(f"{address}&covered=50&seed=7").text
    assert "保险以前平均每年损失" in insured
    assert "4,000 年，随机种子 7" in insured
    assert "填地方的编码" in accountant.get("/assets/reserve?region=x&seed=3").text


def test_the_reserve_on_the_command_line(village: Village) -> None:
    """The same numbers as the page's; no danger of that name is refused."""
    asked = [
        "assets",
        "risk",
        "reserve",
        village.region,
        "--data",
        str(village.house.settings.data),
    ]
    found = CliRunner().invoke(app, [*asked, "--peril", "fire=10:100", "--seed", "7"])
    assert (found.exit_code, "seed 7" in found.output) == (0, True), found.output
    levels = [line.split()[0] for line in found.output.splitlines()[1:]]
    assert levels == ["mean", "90%", "95%", "99%"]
    assert CliRunner().invoke(app, [*asked, "--peril", "dragon=1:1"]).exit_code != 0
