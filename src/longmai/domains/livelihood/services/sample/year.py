"""A sample of bought services: three items, two made-up non-profits, one contract half done."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from longmai.domains.livelihood.services.model import ContractLine
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
    sign_contract,
    sign_on_paper,
)
from longmai.domains.livelihood.services.tables import ITEM
from longmai.kernel.credit_code import uscc_check
from longmai.kernel.region_codes import pad
from longmai.portal.accounts.visiting import sampler
from longmai.portal.house import House
from longmai.portal.qr import qr_png

_ITEMS = (
    NewItem(
        "visit",
        "居家探访",
        "养老",
        "次",
        "每次不少于 40 分钟，有记录",
        "示例目录",
        6000,
        sample=True,
    ),
    NewItem("meals", "老年助餐", "养老", "份", "两菜一汤，送到家", "示例目录", None, sample=True),
    NewItem("legal", "法律咨询", "法律", "小时", "由执业律师提供", "示例目录", 20000, sample=True),
)
_ORGS = (("示例社会工作服务中心", "52990000MJX0000"), ("示例老年协会", "51990000MJX0000"))
_COUNTY_DIGITS = 6
_PAGE = "https://longmai.example/sample-signature"


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Load the sample, in one transaction, unless there is a catalogue already."""
    with house.store.read() as connection:
        if connection.scalar(select(ITEM.c.code).limit(1)) is not None:
            return
    tell("Loading a sample of bought services …")
    with house.store.begin() as work:
        now = house.clock.now()
        first, second = (Office(work, sampler(house, mark), now) for mark in ("", "-2"))
        # In a county, so that its officials can go on with it.
        village = str(house.regions.about.get("sample_village", house.regions.code))
        _play(first, second, pad(village[:_COUNTY_DIGITS]))


def _play(office: Office, second: Office, region: str) -> None:
    for item in _ITEMS:
        list_item(office, item, region)
    ids = []
    for number, (name, start) in enumerate(_ORGS, 1):
        code = f"{start}{number:02d}"
        wish = NewOrg(name, code + uscc_check(code), "service_agency", region, sample=True)
        ids.append(list_org(office, wish))
    today = office.day
    event = CreditEvent(
        "rating", today - timedelta(days=200), "示例：民政局公告", "评估等级 4A（示例）"
    )
    note_credit(office, ids[0], event)
    told = (ContractLine("visit", Decimal(100), 5500), ContractLine("meals", Decimal(600), 1200))
    begun = today - timedelta(days=60)
    contract = sign_contract(
        office,
        NewContract(
            "示例合同-001",
            "示例县民政局",
            ids[0],
            region,
            begun,
            today + timedelta(days=120),
            told,
            sample=True,
        ),
    )
    made = [
        deliver(
            office,
            contract,
            NewDelivery(
                "visit", Decimal(1), begun + timedelta(days=7 * week), f"样例老人{week + 1}"
            ),
        )
        for week in range(6)
    ]
    for delivery in made[:4]:
        sign_on_paper(office, delivery, qr_png(_PAGE, 2))
    accept(office, contract, NewAcceptance(made[:3], "passed", "示例：抽查合格"))
    request = request_payment(office, contract, 10_000, "示例：第一期")
    decide(second, request, "示例：材料齐全", approved=True)
    pay(office, request, today, "示例回单 001")
    request_payment(office, contract, 6_500, "示例：第二期")
