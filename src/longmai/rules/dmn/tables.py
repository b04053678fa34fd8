"""Decision tables: which rules match, and what counts of them. Source: DMN 1.5, 8.2 and 8.3."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from longmai.rules.dmn.item_types import Fit
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.arithmetic import OPERATIONS
from longmai.rules.feel.compiler import Environment, Run, Test
from longmai.rules.feel.list_functions import maximum, minimum
from longmai.rules.feel.values import Nothing, Value, equal

_LISTING = frozenset(("COLLECT", "RULE ORDER", "OUTPUT ORDER"))


@dataclass(frozen=True)
class Column:
    """An input or output: how its value is found, what it is fitted to, and which are allowed.

    Attributes:
        plain: the class that values need no fitting of; None where there is none.
        variable: that an input is, where it is nothing but one.
    """

    fit: Fit | None
    allowed: Test | None
    name: str
    plain: type | None = None
    variable: str | None = None

    def taking(self, run: Run) -> Run:
        """Return the function of a value as the column wants it."""
        fit, allowed, name, plain = self.fit, self.allowed, self.name, self.plain
        if fit is None and allowed is None:
            return run
        variable = self.variable or ""

        def direct(env: Environment) -> Value:
            value = env.values.get(variable)
            return value if value.__class__ is plain else taken(env)

        def taken(env: Environment) -> Value:
            value = run(env)
            if fit is not None and value.__class__ is not plain:
                value = fit(value, env)
            if allowed is not None and value is not None and allowed(env, value) is not True:
                raise Nothing(f"{name} has a value that is not allowed", value)
            return value

        return direct if variable and plain is not None and allowed is None else taken

    def take(self, value: Value, env: Environment) -> Value:
        """Return a value as the column wants it.

        Raises:
            Nothing: it is none of those that are allowed.
        """
        return self.taking(lambda _env: value)(env)


Conclusions = Sequence[Run]
Cells = Sequence[tuple[int, Test]]


@dataclass(frozen=True)
class CompiledTable:
    """A table with its cells as functions.

    Attributes:
        table: what it was made from.
        inputs: of each the function of its value, and its column.
        rules: of each the tests that say something, with the number of their input, and the
            conclusions.
        outputs: their columns.
        priorities: of each output, its values in descending priority; None where none are given.
        defaults: of each output; None where there is none.
        where: the table stands, for problems.
    """

    table: DecisionTable
    inputs: Sequence[tuple[Run, Column]]
    rules: Sequence[tuple[Cells, Conclusions]]
    outputs: Sequence[Column]
    priorities: Sequence[Run | None]
    defaults: Sequence[Run | None]
    where: str

    def compiled(self) -> Run:
        """Return the function of the table; it raises ``Nothing`` where it has no value."""
        inputs = [column.taking(run) for run, column in self.inputs]
        is_first = self.table.hit_policy == "FIRST"
        rules = [
            (cells, conclusions, self._concluding(conclusions)) for cells, conclusions in self.rules
        ]

        def run(env: Environment) -> Value:
            values = [read(env) for read in inputs]
            matching = []
            for cells, conclusions, conclude in rules:
                for index, test in cells:
                    if test(env, values[index]) is not True:
                        break
                else:
                    if is_first:
                        return conclude(env)
                    matching.append(conclusions)
            return self._by_policy(matching, env) if matching else self._default(env)

        return run

    def _concluding(self, conclusions: Conclusions) -> Run:
        if len(self.outputs) == 1:
            return self.outputs[0].taking(conclusions[0])
        return lambda env: self._named(conclusions, env)

    def _by_policy(self, matching: Sequence[Conclusions], env: Environment) -> Value:
        policy = self.table.hit_policy
        if policy == "UNIQUE" and len(matching) > 1:
            raise Nothing("several rules match, where the policy allows one")
        if policy in {"UNIQUE", "FIRST"}:
            return self._named(matching[0], env)
        if policy == "ANY":
            found = [self._named(each, env) for each in matching]
            if not all(equal(found[0], each) is True for each in found):
                raise Nothing("rules that match conclude differently", *found)
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

    def _ordered(self, matching: Sequence[Conclusions], env: Environment) -> list[Value]:
        lists = [None if run is None else run(env) for run in self.priorities]
        rows = [[run(env) for run in each] for each in matching]

        def rank(row: Sequence[Value]) -> list[int]:
            return [_position(value, wanted) for value, wanted in zip(row, lists, strict=False)]

        return [self._of_values(row, env) for row in sorted(rows, key=rank)]

    def _named(self, conclusions: Conclusions, env: Environment) -> Value:
        return self._of_values([run(env) for run in conclusions], env)

    def _of_values(self, values: Sequence[Value], env: Environment) -> Value:
        taken = [
            column.take(value, env) for value, column in zip(values, self.outputs, strict=False)
        ]
        if len(self.outputs) == 1:
            return taken[0] if taken else None
        names = (output.name for output in self.table.outputs)
        return dict(zip(names, taken, strict=False))

    def _default(self, env: Environment) -> Value:
        if any(run is not None for run in self.defaults):
            return self._of_values(
                [None if run is None else run(env) for run in self.defaults], env
            )
        if self.table.hit_policy in _LISTING:
            if self.table.aggregation:
                return Decimal(0) if self.table.aggregation == "COUNT" else None
            return []
        env.note("no rule matches", self.where)
        return None


def _position(value: Value, wanted: Value) -> int:
    if not isinstance(wanted, list):
        return 0
    found = (i for i, each in enumerate(wanted) if equal(each, value) is True)
    return next(found, len(wanted))
