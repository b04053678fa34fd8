"""Decision tables: which rules match, and what counts of them. Source: DMN 1.5, 8.2 and 8.3."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.arithmetic import OPERATIONS
from longmai.rules.feel.compiler import Environment, Run, Test
from longmai.rules.feel.list_functions import maximum, minimum
from longmai.rules.feel.values import Nothing, Value, equal


@dataclass(frozen=True)
class CompiledTable:
    """A table with its cells as functions.

    Attributes:
        inputs: (expression, test of its allowed values or None, type).
        rules: (tests, conclusions).
        priorities: of each output, its values in descending priority; None where none are given.
        defaults: of each output; None where there is none.
        fit: fits a value to the type of an output.
    """

    table: DecisionTable
    inputs: Sequence[tuple[Run, Test | None]]
    rules: Sequence[tuple[Sequence[Test], Sequence[Run]]]
    priorities: Sequence[Run | None]
    defaults: Sequence[Run | None]
    fit: Callable[[Value, str, Environment], Value]

    def run(self, env: Environment) -> Value:
        """Return what the table concludes.

        Raises:
            Nothing: an input is not allowed, or the rules contradict the hit policy.
        """
        values = [self._input(i, env) for i in range(len(self.inputs))]
        matching = [
            conclusions
            for tests, conclusions in self.rules
            if all(test(env, value) is True for test, value in zip(tests, values, strict=False))
        ]
        if not matching:
            return self._default(env)
        return self._by_policy(matching, env)

    def _input(self, index: int, env: Environment) -> Value:
        run, allowed = self.inputs[index]
        value = self.fit(run(env), self.table.inputs[index].type, env)
        if allowed is not None and value is not None and allowed(env, value) is not True:
            raise Nothing(f"input {index + 1} is not one of its allowed values")
        return value

    def _by_policy(self, matching: Sequence[Sequence[Run]], env: Environment) -> Value:
        policy = self.table.hit_policy
        if policy == "UNIQUE" and len(matching) > 1:
            raise Nothing("several rules match, where the policy allows one")
        if policy in {"UNIQUE", "FIRST"}:
            return self._named(matching[0], env)
        if policy == "ANY":
            found = [self._named(each, env) for each in matching]
            if not all(equal(found[0], each) is True for each in found):
                raise Nothing("rules that match conclude differently")
            return found[0]
        if policy in {"PRIORITY", "OUTPUT ORDER"}:
            ordered = self._ordered(matching, env)
            return ordered[0] if policy == "PRIORITY" else ordered
        found = [self._named(each, env) for each in matching]
        return self._aggregated(found) if policy == "COLLECT" else found

    def _aggregated(self, found: Sequence[Value]) -> Value:
        match self.table.aggregation:
            case "COUNT":
                return Decimal(len(found))
            case "SUM":
                return reduce(OPERATIONS["+"], found)
            case "MIN":
                return minimum(found)
            case "MAX":
                return maximum(found)
        return list(found)

    def _ordered(self, matching: Sequence[Sequence[Run]], env: Environment) -> list[Value]:
        lists = [None if run is None else run(env) for run in self.priorities]
        rows = [[run(env) for run in each] for each in matching]

        def rank(row: Sequence[Value]) -> list[int]:
            return [_position(value, wanted) for value, wanted in zip(row, lists, strict=True)]

        return [self._of_values(row, env) for row in sorted(rows, key=rank)]

    def _named(self, conclusions: Sequence[Run], env: Environment) -> Value:
        return self._of_values([run(env) for run in conclusions], env)

    def _of_values(self, values: Sequence[Value], env: Environment) -> Value:
        outputs = self.table.outputs
        fitted = [self.fit(v, o.type, env) for v, o in zip(values, outputs, strict=False)]
        if len(outputs) == 1:
            return fitted[0]
        return {output.name: value for output, value in zip(outputs, fitted, strict=True)}

    def _default(self, env: Environment) -> Value:
        if any(run is not None for run in self.defaults):
            return self._of_values(
                [None if run is None else run(env) for run in self.defaults], env
            )
        if self.table.hit_policy in {"COLLECT", "RULE ORDER", "OUTPUT ORDER"}:
            if self.table.aggregation:
                return Decimal(0) if self.table.aggregation == "COUNT" else None
            return []
        env.note("no rule matches")
        return None


def _position(value: Value, wanted: Value) -> int:
    if not isinstance(wanted, list):
        return 0
    found = (i for i, each in enumerate(wanted) if equal(each, value) is True)
    return next(found, len(wanted))
