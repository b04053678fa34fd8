"""The row interpreter's judgement of a row, in the numbers of the result table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from longmai.rules.columns.policies import DAY, REGION, outer_clauses
from longmai.rules.columns.population import case_values
from longmai.rules.policy.evaluation import Decision, State, case_of, evaluate
from longmai.rules.policy.library import in_transition
from longmai.rules.policy.model import Policy

_MEMO = 200_000


def clauses_of(policy: Policy, day: date) -> tuple[str, ...]:
    """Return the ids that may decide; first those that fail where the policy does not apply."""
    own = tuple(each.id for each in (*policy.conditions, *policy.exclusions))
    return (*outer_clauses(policy, day), *own)


@dataclass
class RowJudge:
    """Judges rows by a policy; people of whom the same is known are judged once."""

    policy: Policy
    day: date
    _known: dict[Any, tuple[int, int | None]] = field(default_factory=dict)

    def decision(self, row: Mapping[str, Any]) -> Decision:
        """Return the decision on a row.

        Raises:
            InvalidMany: the row does not fit the policy.
        """
        given = case_values(self.policy, row, row["_members"])
        found = self._opinions(row)
        return evaluate(self.policy, case_of(self.policy, given, self.day, row["_region"], found))

    def _opinions(self, row: Mapping[str, Any]) -> dict[str, bool]:
        wanted = (self.policy.id, self.policy.version)
        found = row.get("_opinions", {})
        return {own[2]: is_met for own, is_met in found.items() if own[:2] == wanted}

    def judge(self, row: Mapping[str, Any]) -> tuple[int, int | None]:
        """Return what decided, as ``RuleColumns.decided`` numbers it, and the amount in fen."""
        asked = tuple(_plain(row.get(name)) for name in self.policy.inputs)
        members = _plain(row["_members"]) if self.policy.members else None
        same = (row["_region"], asked, members, tuple(self._opinions(row).items()))
        found = self._known.get(same)
        if found is None:
            found = decided(self.decision(row))
            if len(self._known) < _MEMO:
                self._known[same] = found
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_plain, value))
    return tuple(sorted(value.items(), key=str)) if isinstance(value, dict) else value


def outer_clause(decision: Decision) -> str:
    """Return the clause that says why a policy does not apply to a case; empty where it does."""
    policy, case = decision.policy, decision.case
    outer = outer_clauses(policy, case.day)
    if DAY in outer and not in_transition(policy, case):
        return DAY
    return REGION if REGION in outer and not policy.holds_in(case.region) else ""


def decided(decision: Decision) -> tuple[int, int | None]:
    """Return what decided a decision, and its amount in fen."""
    ids = clauses_of(decision.policy, decision.case.day)
    outer = outer_clause(decision)
    if outer:
        return ids.index(outer) + 1, None
    first = len(ids) - len(decision.judged) + 1
    states = [each.state for each in decision.judged]
    if decision.state is State.MET:
        return 0, decision.amount_fen
    number = states.index(decision.state) + first
    offset = {State.NOT_MET: 0, State.UNKNOWN: 1, State.MANUAL: 2}[decision.state]
    return offset * len(ids) + number, decision.amount_fen
