"""Contracts of the sample village: entered, paid and booked through the services people use."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from longmai.domains.assets.contracts.model.contract import Terms
from longmai.domains.assets.contracts.model.schedule import instalments, months_later
from longmai.domains.assets.contracts.queries import contract_of
from longmai.domains.assets.contracts.receiving import NewReceipt, book_income, take
from longmai.domains.assets.contracts.service import file, sign
from longmai.domains.assets.contracts.shown import month_before
from longmai.domains.assets.contracts.tables import CONTRACT
from longmai.domains.assets.members.model import Household
from longmai.domains.assets.members.queries import FAR, organisations, roll_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register import right_queries
from longmai.domains.assets.register.model.rights import Party
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

_FILE = Path(__file__).with_name("sample.toml")
_A_DAY = timedelta(days=1)


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Enter the contracts of the sample village, unless the store holds any."""
    region = str(house.regions.about.get("sample_village", ""))
    with house.store.read() as connection:
        if not region or connection.execute(CONTRACT.select().limit(1)).first():
            return
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    with house.store.begin() as work:
        now = house.clock.now()
        desk = Desk(work, operator(house), house.regions, house.policies, now, sample=True)
        homes = roll_of(work.connection, region, FAR).households
        assets = _assets(desk, region, len(told["contracts"]))
        if not homes or not assets:
            return
        tell("Loading the sample contracts …")
        for number, (each, asset) in enumerate(zip(told["contracts"], assets, strict=False), 1):
            _enter(desk, region, number, each, asset, homes, told)
        book_income(desk, region, *month_before(desk.today))
    tell(f"Loaded {min(len(told['contracts']), len(assets))} sample contracts.")


def _assets(desk: Desk, region: str, wanted: int) -> Sequence[register.Known]:
    """Return assets that earn and that nothing stands on."""
    filters = register.Filters(region=region, asset_class="operating")
    window = Window("code", size=200, descending=False)
    found = register.page(desk.work.connection, filters, window)
    free = [
        each
        for each in found
        if each.state.stage != "disposed"
        and not right_queries.marks_of(desk.work.connection, each.asset_id)
    ]
    return free[:wanted]


def _enter(
    desk: Desk,
    region: str,
    number: int,
    told: Mapping[str, Any],
    asset: register.Known,
    homes: Sequence[Household],
    common: Mapping[str, Any],
) -> None:
    today = desk.today
    start = months_later(date(today.year, today.month, 1), -told["months_ago"])
    end = months_later(start, 12 * told["years"]) - _A_DAY
    plan = instalments(
        start,
        end,
        yuan_to_fen(told["yuan_a_year"]),
        told["months"],
        told.get("when", "start"),
        told.get("step_permille", 0),
    )
    named = organisations(desk.work.connection, Scope(frozenset({region})))
    lessor = Party("collective", region, named[0].name if named else common["office"])
    signed = start - timedelta(days=12)
    terms = Terms(
        number=f"示例租{start.year}-{number:02}",
        kind=told["kind"],
        region=region,
        asset_ids=(asset.asset_id,),
        lessor=lessor,
        tenant=_tenant(told, homes),
        signed_on=signed,
        starts_on=start,
        ends_on=end,
        instalments=plan,
        representative=told.get("representative", ""),
        basis=common["basis"],
    )
    own = sign(desk, terms, signed)
    if told["filed"]:
        file(desk, own, f"示例备{start.year}-{number:02}", common["office"], start)
    _pay(desk, own, told, today)


def _pay(desk: Desk, own: UUID, told: Mapping[str, Any], today: date) -> None:
    found = contract_of(desk.work.connection, own, today)
    left = found.due_fen * told["paid"] // 1000
    for position, each in enumerate(found.standings, 1):
        amount = min(left, each.instalment.amount_fen)
        if each.instalment.due_on > today or not amount:
            break
        serial = f"示例{found.terms.number}-{position:02}"
        way = "cash" if told.get("cash") else "bank"
        take(desk, NewReceipt(own, each.instalment.due_on, amount, way, "", serial, ""))
        left -= amount


def _tenant(told: Mapping[str, Any], homes: Sequence[Household]) -> Party:
    kind = told["tenant_kind"]
    if kind not in {"household", "person"}:
        return Party(kind, "", told["tenant"])
    home = next(each for each in homes if int(each.number) == told["household"])
    head = home.head or replace(home.members[0])
    if kind == "household":
        return Party(kind, str(home.household_id), head.name)
    return Party(kind, str(head.member_id), head.name)
