"""Warnings of a place: each contract judged by the policy, with what it was judged by."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, select

from longmai.domains.assets.contracts.queries import Contract, ContractFilters, contracts
from longmai.domains.assets.contracts.receipts import cash_of
from longmai.domains.assets.contracts.tables import CONTRACT
from longmai.domains.assets.life.queries import last_counts
from longmai.domains.assets.members.model import Roll
from longmai.domains.assets.members.queries import FAR, roll_of
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.risk.tables import DEED
from longmai.kernel.money import fen_to_yuan
from longmai.portal.rights.model import Scope
from longmai.rules.policy.evaluation import State, evaluate
from longmai.rules.policy.explanation import Reason, explain
from longmai.rules.policy.library import Library
from longmai.store.reading import chunks
from longmai.store.table_window import Window

POLICY = "assets.contract-warnings"
MOST = 2_000
"""Contracts that are judged at once."""
STANDINGS = ("open", "acknowledged", "settled")
_OFFICES = ("director", "supervisor", "finance")
_CONDITIONS = {
    "good": "良好", "normal": "一般", "low": "低效", "idle": "闲置", "damaged": "损毁",
}  # fmt: skip


@dataclass(frozen=True)
class Warned:
    """A warning about a contract.

    Attributes:
        rule: name of the condition that is not met, as the policy has it.
        reason: its name, clause and what was compared with what, in the language of who asks.
        deeds: what was done about it, newest first: (deed, note, on_day).
    """

    contract: Contract
    rule: str
    reason: Reason
    deeds: tuple[tuple[str, str, date], ...]

    @property
    def standing(self) -> str:
        """Return one of ``STANDINGS``; it still holds, whatever was done."""
        return self.deeds[0][0] if self.deeds else "open"


def warnings(
    connection: Connection,
    policies: Library,
    scope: Scope,
    region: str,
    today: date,
    language: str = "zh",
) -> list[Warned]:
    """Return what is to be warned of in a place, what nobody has looked at first.

    Args:
        connection: to read by.
        policies: that hold ``POLICY``.
        scope: of who asks.
        region: the place; empty: all of the scope.
        today: to judge by.
        language: ``zh`` or ``en``, of what is said.
    """
    filters = ContractFilters(region=region, state="open", scope=scope)
    live = contracts(connection, filters, Window("arrears", size=MOST), today)
    facts = _Facts(connection, live, today)
    deeds = _deeds(connection, [each.contract_id for each in live])
    made = []
    for each in live:
        policy, case = policies.case(POLICY, facts.given(each), today, each.terms.region)
        decision = evaluate(policy, case)
        told = explain(decision, language).reasons
        for judged, reason in zip(decision.judged, told, strict=True):
            if judged.state is State.NOT_MET:
                rule = judged.condition.name
                done = tuple(
                    (row.deed, row.note, row.on_day)
                    for row in deeds.get((each.contract_id, rule), ())
                )
                made.append(Warned(each, rule, reason, done))
    return sorted(made, key=lambda each: STANDINGS.index(each.standing))


class _Facts:
    """What the contracts of a place are judged by, read once."""

    def __init__(self, connection: Connection, live: Sequence[Contract], today: date) -> None:
        ids = {own for each in live for own in each.terms.asset_ids}
        self.today, self._connection = today, connection
        self.assets = {each.asset_id: each for each in register.known(connection, list(ids))}
        counts = last_counts(connection, ids)
        self.missing = {own for own, row in counts.items() if not row.present}
        over = [each.contract_id for each in live if each.state == "over"]
        self.renewed = _renewed(connection, over)
        self.cash = cash_of(connection, [each.contract_id for each in live])
        self.close: dict[str, _Close] = {}
        self.yields: dict[str, dict[UUID, Fraction]] = {}
        for each in live:
            if each.in_force and (rate := self._yield(each)):
                self.yields.setdefault(each.terms.region, {})[each.contract_id] = rate

    def given(self, each: Contract) -> dict[str, Any]:
        """Return the data that the policy asks for."""
        states = [self.assets[own].state.condition for own in each.terms.asset_ids]
        worst = max(states, key=list(_CONDITIONS).index)
        over = each.state == "over" and each.contract_id not in self.renewed
        return {
            "到期未续天数": (self.today - each.terms.ends_on).days if over else 0,
            **self._compared(each),
            "已备案": bool(each.filed),
            "欠租": fen_to_yuan(each.arrears_fen),
            "逾期天数": each.late_days,
            "资产状态": _CONDITIONS[worst],
            "盘点不在": any(own in self.missing for own in each.terms.asset_ids),
            "承租方是内部人": self._insider(each),
            "集体已决定": each.terms.decision is not None,
            "现金未存": fen_to_yuan(self.cash.get(each.contract_id, 0)),
        }

    def _yield(self, each: Contract) -> Fraction | None:
        cost = sum(self.assets[own].asset.cost_fen for own in each.terms.asset_ids)
        alike = each.terms.kind == "lease" and each.terms.yearly_fen and cost
        return Fraction(each.terms.yearly_fen, cost) if alike else None

    def _compared(self, each: Contract) -> dict[str, Any]:
        """Return with how many leases of its village a rent compares, and how, in per cent."""
        others = dict(self.yields.get(each.terms.region, {}))
        own = others.pop(each.contract_id, None)
        if own is None or not others:
            return {"可比合同数": len(others)}
        share = 1000 * own / median(others.values())
        return {"可比合同数": len(others), "租金占可比租金": Decimal(round(share)) / 10}

    def _insider(self, each: Contract) -> bool:
        """Tell whether the tenant, or who signed for it, holds an office or is kin of who does."""
        tenant, signed = each.terms.tenant, each.terms.representative
        of_roll = bool(tenant.key) and tenant.kind in {"person", "household"}
        if not of_roll and not signed:
            return False
        region = each.terms.region
        if region not in self.close:
            self.close[region] = _close(roll_of(self._connection, region, FAR))
        close = self.close[region]
        if of_roll:
            return UUID(tenant.key) in (close.homes if tenant.kind == "household" else close.people)
        return signed in close.names


class _Close(NamedTuple):
    """Who holds an office in a village, or is kin of who does."""

    people: frozenset[UUID]
    homes: frozenset[UUID]
    names: frozenset[str]


def _close(roll: Roll) -> _Close:
    officers = {person.member_id for person in roll.in_office(*_OFFICES)}
    people = frozenset(officers).union(*map(roll.kin_of, officers))
    known = [roll.people[own] for own in people if own in roll.people]
    homes = frozenset(person.household_id for person in known)
    return _Close(people, homes, frozenset(person.name for person in known))


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
