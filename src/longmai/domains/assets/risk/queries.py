"""Warnings of a place: each contract judged by the policy, with what it was judged by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from longmai.domains.assets.contracts.queries import (
    Contract,
    ContractFilters,
    cash_in_hand,
    contracts,
)
from longmai.domains.assets.contracts.tables import CONTRACT
from longmai.domains.assets.life.tables import COUNT
from longmai.domains.assets.members.model import Roll
from longmai.domains.assets.members.queries import FAR, roll_of
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.risk.tables import DEED
from longmai.kernel.money import fen_to_yuan
from longmai.portal.rights.model import Scope
from longmai.rules.policy.evaluation import State, evaluate
from longmai.rules.policy.explanation import explain
from longmai.rules.policy.library import Library
from longmai.store.reading import chunks
from longmai.store.table_window import Window

POLICY = "assets.contract-warnings"
MOST = 2_000
"""Contracts that are judged at once."""
_LEAST_COMPARED = 3
_OFFICES = ("director", "supervisor", "finance")
_CONDITIONS = {
    "good": "良好", "normal": "一般", "low": "低效", "idle": "闲置", "damaged": "损毁",
}  # fmt: skip


@dataclass(frozen=True)
class Warned:
    """A warning about a contract.

    Attributes:
        rule: name of the condition that is not met; ``clause`` and ``text`` of the policy.
        says: what was compared with what.
        deeds: what was done about it, newest first: (deed, note, on_day).
    """

    contract: Contract
    rule: str
    clause: str
    text: str
    says: tuple[str, ...]
    deeds: tuple[tuple[str, str, date], ...]

    @property
    def standing(self) -> str:
        """Return ``open``, ``acknowledged`` or ``settled`` (and it still holds)."""
        return self.deeds[0][0] if self.deeds else "open"


def warnings(
    connection: Connection, policies: Library, scope: Scope, region: str, today: date
) -> list[Warned]:
    """Return what is to be warned of in a place, what nobody has looked at first."""
    window = Window("arrears", size=MOST)
    found = contracts(connection, ContractFilters(region=region, scope=scope), window, today)
    live = [each for each in found if each.state in {"running", "over"}]
    facts = _Facts(connection, live, today)
    deeds = _deeds(connection, [each.contract_id for each in live])
    made = []
    for each in live:
        policy, case = policies.case(POLICY, facts.given(each), today, each.terms.region)
        for reason in explain(evaluate(policy, case)).reasons:
            if reason.state is State.NOT_MET:
                done = tuple(
                    (row.deed, row.note, row.on_day)
                    for row in deeds.get((each.contract_id, reason.name), ())
                )
                says = tuple(reason.sentences)
                made.append(Warned(each, reason.name, reason.clause, reason.text, says, done))
    return sorted(made, key=lambda each: ("open", "acknowledged", "settled").index(each.standing))


class _Facts:
    """What the contracts of a place are judged by, read once."""

    def __init__(self, connection: Connection, live: Sequence[Contract], today: date) -> None:
        ids = {own for each in live for own in each.terms.asset_ids}
        self.today = today
        self.assets = {each.asset_id: each for each in register.known(connection, list(ids))}
        self.missing = _missing(connection, ids)
        self.renewed = _renewed(connection, [each.contract_id for each in live])
        regions = {each.terms.region for each in live}
        self.rolls = {each: roll_of(connection, each, FAR) for each in regions}
        self.cash: dict[UUID, int] = {}
        for region in regions:
            for receipt in cash_in_hand(connection, region):
                own = receipt.contract_id
                self.cash[own] = self.cash.get(own, 0) + receipt.amount_fen
        self.yields = {each.contract_id: self._yield(each) for each in live if each.in_force}
        self.villages = {each.contract_id: each.terms.region for each in live}

    def given(self, each: Contract) -> dict[str, Any]:
        """Return the data that the policy asks for."""
        states = [self.assets[own].state.condition for own in each.terms.asset_ids]
        worst = max(states, key=list(_CONDITIONS).index)
        over = each.state == "over" and each.contract_id not in self.renewed
        return {
            "到期未续天数": (self.today - each.terms.ends_on).days if over else 0,
            "租金占可比租金": self._compared(each),
            "已备案": bool(each.filed),
            "欠租": fen_to_yuan(each.arrears_fen),
            "逾期天数": each.late_days,
            "资产状态": _CONDITIONS[worst],
            "盘点不在": any(own in self.missing for own in each.terms.asset_ids),
            "承租方是内部人": _insider(each, self.rolls[each.terms.region]),
            "集体已决定": each.terms.decision is not None,
            "现金未存": fen_to_yuan(self.cash.get(each.contract_id, 0)),
        }

    def _yield(self, each: Contract) -> Fraction | None:
        cost = sum(self.assets[own].asset.cost_fen for own in each.terms.asset_ids)
        alike = each.terms.kind == "lease" and each.terms.yearly_fen and cost
        return Fraction(each.terms.yearly_fen, cost) if alike else None

    def _compared(self, each: Contract) -> Decimal | None:
        own = self.yields.get(each.contract_id)
        others = [
            rate
            for other, rate in self.yields.items()
            if rate is not None
            and other != each.contract_id
            and self.villages[other] == each.terms.region
        ]
        if own is None or len(others) < _LEAST_COMPARED:
            return None
        return round(Decimal(float(100 * own / median(others))), 1)


def _insider(each: Contract, roll: Roll) -> bool:
    """Tell whether the tenant, or who signed for it, holds an office or is kin of who does."""
    officers = {person.member_id for person in roll.in_office(*_OFFICES)}
    close = officers | {own for officer in officers for own in roll.kin_of(officer)}
    tenant = each.terms.tenant
    names = {roll.people[own].name for own in close if own in roll.people}
    if tenant.kind == "person" and tenant.key:
        return UUID(tenant.key) in close
    if tenant.kind == "household" and tenant.key:
        home = roll.homes.get(UUID(tenant.key))
        return home is not None and any(person.member_id in close for person in home.members)
    return bool(each.terms.representative) and each.terms.representative in names


def _missing(connection: Connection, asset_ids: Collection[UUID]) -> set[UUID]:
    """Return which assets the last count did not find."""
    last: dict[UUID, bool] = {}
    for chunk in chunks(asset_ids):
        query = select(COUNT).where(COUNT.c.asset_id.in_(chunk)).order_by(COUNT.c.record_id)
        last |= {row.asset_id: row.present for row in connection.execute(query)}
    return {own for own, present in last.items() if not present}


def _renewed(connection: Connection, contract_ids: Collection[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for chunk in chunks(contract_ids):
        query = select(CONTRACT.c.renews).where(CONTRACT.c.renews.in_(chunk))
        found |= {each for each in connection.scalars(query) if each is not None}
    return found


def _deeds(
    connection: Connection, contract_ids: Collection[UUID]
) -> Mapping[tuple[UUID, str], list[Row[Any]]]:
    found: dict[tuple[UUID, str], list[Row[Any]]] = {}
    for chunk in chunks(contract_ids):
        query = select(DEED).where(DEED.c.contract_id.in_(chunk))
        for row in connection.execute(query.order_by(DEED.c.record_id.desc())):
            found.setdefault((row.contract_id, row.rule), []).append(row)
    return found
