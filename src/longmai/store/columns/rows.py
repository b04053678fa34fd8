"""The row interpreter's judgement of a row, in the numbers of the result table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from longmai.rules.columns.policies import REGION
from longmai.rules.columns.population import case_values
from longmai.rules.policy.evaluation import Decision, State, case_of, evaluate
from longmai.rules.policy.model import EVERYWHERE, Policy

_MEMO = 200_000


def clauses_of(policy: Policy) -> tuple[str, ...]:
    """Return the ids that may decide; first the region, where the policy has regions."""
    own = tuple(each.id for each in (*policy.conditions, *policy.exclusions))
    return own if EVERYWHERE in policy.regions else (REGION, *own)


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
        return evaluate(self.policy, case_of(self.policy, given, self.day, row["_region"]))

    def judge(self, row: Mapping[str, Any]) -> tuple[int, int | None]:
        """Return what decided, as ``RuleColumns.decided`` numbers it, and the amount in fen."""
        asked = tuple(_plain(row.get(name)) for name in self.policy.inputs)
        same = (row["_region"], asked, _plain(row["_members"]) if self.policy.members else None)
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


def decided(decision: Decision) -> tuple[int, int | None]:
    """Return what decided a decision, and its amount in fen."""
    policy = decision.policy
    ids = clauses_of(policy)
    if ids and ids[0] == REGION and not policy.holds_in(decision.case.region):
        return 1, None
    first = len(ids) - len(decision.judged) + 1
    states = [each.state for each in decision.judged]
    if decision.state is State.MET:
        return 0, decision.amount_fen
    number = states.index(decision.state) + first
    offset = {State.NOT_MET: 0, State.UNKNOWN: 1, State.MANUAL: 2}[decision.state]
    return offset * len(ids) + number, decision.amount_fen
