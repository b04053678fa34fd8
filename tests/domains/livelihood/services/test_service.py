"""Bought services: exact to the fen, signed, judged once, paid after a second person approved."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.house import opened_house
from tests.visitor import account_with, holder, signed_in, visitor

from longmai.domains.livelihood.services.model import (
    ContractLine,
    Standing,
    amount_fen,
)
from longmai.domains.livelihood.services.queries import credit_counts, deliveries
from longmai.domains.livelihood.services.sample.year import load_sample
from longmai.domains.livelihood.services.service import (
    CreditEvent,
    NewAcceptance,
    NewContract,
    NewDelivery,
    NewItem,
    NewOrg,
    Office,
    accept,
    decide,
    deliver,
    list_item,
    list_org,
    note_credit,
    pay,
    request_payment,
    sign_by_code,
    sign_contract,
    sign_on_paper,
    standing,
)
from longmai.kernel.clock import beijing_day
from longmai.kernel.credit_code import uscc_check
from longmai.kernel.errors import Conflict, Forbidden, Invalid, LongmaiError
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.rights.visitor import Visitor
from longmai.store.rebuild import rebuild

HOME = "/livelihood/services"
PNG = b"\x89PNG\r\n\x1a\n"
USCC = "52990000MJX000001"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house without records."""
    with opened_house(tmp_path) as opened:
        yield opened
        assert list(rebuild(opened.store)) == []


def do(house: House, act: Callable[[Office], Any], actor: str = "buyer") -> Any:
    """Do an act as somebody who may everything."""
    who = Visitor(actor, house.policy, beijing_day(house.clock.now()), everything=EVERYWHERE)
    with house.store.begin() as work:
        return act(Office(work, who, house.clock.now()))


def refused(
    house: House, error: type[LongmaiError], code: str, act: Callable[[Office], Any]
) -> None:
    """See an act refused."""
    with pytest.raises(error) as refusal:
        do(house, act)
    assert refusal.value.code == code


def contracted(house: House, **more: Any) -> tuple[UUID, UUID]:
    """List an item and a non-profit, and sign a contract of ten visits; return it and the org."""
    region = house.regions.code
    do(
        house,
        lambda o: list_item(o, NewItem("visit", "探访", "养老", "次", "x", "x", 6000), region),
    )
    wish = NewOrg("中心", USCC + uscc_check(USCC), "service_agency", region)
    org = do(house, lambda o: list_org(o, wish))
    today = beijing_day(house.clock.now())
    told = NewContract(
        "合同1",
        "民政局",
        org,
        region,
        today - timedelta(days=30),
        today + timedelta(days=30),
        [ContractLine("visit", Decimal(10), 5550)],
        **more,
    )
    return do(house, lambda o: sign_contract(o, told)), org


def served(house: House, contract: UUID, quantity: str = "1") -> UUID:
    """Record a delivery and sign it on paper."""
    day = beijing_day(house.clock.now()) - timedelta(days=1)
    wish = NewDelivery("visit", Decimal(quantity), day, "老人")
    delivery: UUID = do(house, lambda o: deliver(o, contract, wish))
    do(house, lambda o: sign_on_paper(o, delivery, PNG))
    return delivery


@given(st.decimals(0, 1000, places=2), st.integers(0, 10**6))
def test_amounts_are_exact_or_refused(quantity: Decimal, price: int) -> None:
    """Nobody rounds."""
    if int(quantity * 100) * price % 100:
        with pytest.raises(Invalid):
            amount_fen(quantity, price)
    else:
        assert amount_fen(quantity, price) * 100 == int(quantity * 100) * price


@given(st.lists(st.tuples(st.sampled_from("ar"), st.integers(1, 400)), max_size=20))
def test_no_path_passes_the_contract(acts: list[tuple[str, int]]) -> None:
    """Accepted stays within contracted, asked for within accepted, whatever is tried."""
    accepted = requested = 0
    for kind, fen in acts:
        here = Standing(1000, accepted, requested, 0)
        try:
            if kind == "a":
                here.require_acceptable(fen)
                accepted += fen
            else:
                here.require_requestable(fen)
                requested += fen
        except Conflict:
            continue
        assert requested <= accepted <= 1000


def test_from_contract_to_payment(house: House) -> None:
    """Delivered, signed, judged, asked for, approved by another, paid; each once."""
    contract, org = contracted(house)
    made = [served(house, contract) for _ in range(3)]
    do(house, lambda o: accept(o, contract, NewAcceptance(made[:2], "passed", "好")))
    refused(
        house,
        Conflict,
        "bought.judged",
        lambda o: accept(o, contract, NewAcceptance(made[:1], "passed", "x")),
    )
    refused(
        house, Conflict, "bought.over_accepted", lambda o: request_payment(o, contract, 11_101, "x")
    )
    request = do(house, lambda o: request_payment(o, contract, 11_100, "一期"))
    refused(
        house, Forbidden, "bought.second_person", lambda o: decide(o, request, "x", approved=True)
    )
    today = beijing_day(house.clock.now())
    refused(house, Conflict, "bought.not_approved", lambda o: pay(o, request, today, "x"))
    do(house, lambda o: decide(o, request, "齐全", approved=True), "other")
    do(house, lambda o: pay(o, request, today, "回单1"))
    refused(house, Conflict, "bought.paid", lambda o: pay(o, request, today, "回单1"))
    do(house, lambda o: accept(o, contract, NewAcceptance(made[2:], "reduced", "迟到", 5000)))
    second = do(house, lambda o: request_payment(o, contract, 5000, "二期"))
    do(house, lambda o: decide(o, second, "缺材料", approved=False), "other")
    with house.store.begin() as work:
        office = Office(work, Visitor("x", house.policy, today), house.clock.now())
        assert standing(office.connection, office.contract(contract)) == Standing(
            55_500, 16_100, 11_100, 11_100
        )
        assert credit_counts(office.connection, org) == {"passed": 1, "reduced": 1}
    do(house, lambda o: request_payment(o, contract, 5000, "再来"))


def test_what_a_contract_does_not_let(house: House) -> None:
    """More than contracted, outside its days, unsigned, above the ceiling, barred."""
    contract, org = contracted(house)
    today = beijing_day(house.clock.now())
    for code, wish in (
        ("bought.quantity", NewDelivery("visit", Decimal(11), today, "x")),
        ("bought.day", NewDelivery("visit", Decimal(1), today - timedelta(days=31), "x")),
        ("bought.quantity_text", NewDelivery("visit", Decimal("0.001"), today, "x")),
        ("bought.line", NewDelivery("legal", Decimal(1), today, "x")),
    ):
        with pytest.raises(LongmaiError) as refusal:
            do(house, partial(deliver, contract_id=contract, wish=wish))
        assert refusal.value.code == code
    unsigned = do(
        house, lambda o: deliver(o, contract, NewDelivery("visit", Decimal(1), today, "x"))
    )
    refused(
        house,
        Conflict,
        "bought.unsigned",
        lambda o: accept(o, contract, NewAcceptance([unsigned], "passed", "x")),
    )
    refused(house, Invalid, "bought.scan", lambda o: sign_on_paper(o, unsigned, b"GIF89a"))
    refused(house, Forbidden, "bought.own_signature", lambda o: sign_by_code(o, unsigned))
    event = CreditEvent("serious", today, "民政局公告", "x")
    do(house, lambda o: note_credit(o, org, event))
    lines = [ContractLine("visit", Decimal(1), 5000)]
    again = NewContract("合同2", "民政局", org, house.regions.code, today, today, lines)
    refused(house, Conflict, "bought.barred", lambda o: sign_contract(o, again))
    do(house, lambda o: note_credit(o, org, CreditEvent("serious_ended", today, "公告", "x")))
    above = NewContract(
        "合同3",
        "民政局",
        org,
        house.regions.code,
        today,
        today,
        [ContractLine("visit", Decimal(1), 6001)],
    )
    refused(house, Invalid, "bought.ceiling", lambda o: sign_contract(o, above))
    do(house, lambda o: sign_contract(o, again))
    refused(
        house,
        Invalid,
        "bought.text",
        lambda o: note_credit(o, org, CreditEvent("award", today, "", "x")),
    )


def test_what_failed_may_be_delivered_again(house: House) -> None:
    """It does not use up the contract, and stands in the credit record."""
    contract, _ = contracted(house)
    whole = served(house, contract, "10")
    do(house, lambda o: accept(o, contract, NewAcceptance([whole], "failed", "没有记录")))
    served(house, contract, "10")


def test_pages_from_end_to_end(house: House) -> None:
    """The sample, as everybody sees it; forms that come back; a recipient signs by phone."""
    load_sample(house, lambda _said: None)
    load_sample(house, lambda _said: None)
    client, official = visitor(house), holder(house, "official")
    for path in ("", "/orgs", "/contracts", "/catalogue.csv", "?q=jjtf"):
        assert client.get(HOME + path).status_code == 200
    told = client.get("/api/v1/livelihood/services/contracts").json()
    assert [told[0][name] for name in ("accepted_fen", "requested_fen", "paid_fen")] == [
        16500,
        16500,
        10000,
    ]
    contract = told[0]["id"]
    page = client.get(f"{HOME}/contracts/{contract}").text
    assert "样*" in page
    assert "样例老人" not in page
    assert "样例老人" in official.get(f"{HOME}/contracts/{contract}").text
    bad = official.post(
        f"{HOME}/orgs",
        data={"name": "某中心", "uscc": "1", "kind": "foundation", "region": house.regions.code},
    )
    assert (bad.status_code, "校验位" in bad.text, 'value="某中心"' in bad.text) == (
        422,
        True,
        True,
    )
    form = {
        "item": "visit",
        "quantity": "1",
        "day": str(beijing_day(house.clock.now())),
        "recipient": "某人",
    }
    assert official.post(f"{HOME}/contracts/{contract}/deliveries", data=form).status_code == 200
    with house.store.read() as connection:
        newest = deliveries(connection, UUID(contract))[0].delivery.id
    assert "<svg" in official.get(f"{HOME}/deliveries/{newest}").text
    elder = signed_in(house, account_with(house, login="elder"))
    assert "我收到了" in elder.get(f"{HOME}/deliveries/{newest}").text
    assert "已经签收" in elder.post(f"{HOME}/deliveries/{newest}/sign").text
    assert "付款等批准" in official.get("/work").text
    org = client.get("/api/v1/livelihood/services/orgs").json()[0]["id"]
    assert client.get(f"/api/v1/livelihood/services/orgs/{org}/credit").status_code == 200
    assert client.get(f"/api/v1/livelihood/services/orgs/{uuid4()}/credit").status_code == 404
