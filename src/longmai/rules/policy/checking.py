"""Checks of a policy as a whole: names, kinds, clauses, times and places of values."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from longmai.rules.feel.built_in import BUILT_INS
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.tree import Filter, Name, Node, Path
from longmai.rules.policy.expressions import line_and_column
from longmai.rules.policy.findings import Findings, Spot
from longmai.rules.policy.household import NAMES
from longmai.rules.policy.keys import TYPES, shown
from longmai.rules.policy.model import Parameter, ParameterValue, Policy, Step
from longmai.rules.policy.scope import Kinds, Used, clashes, is_function, kind_of_node, used_names

if TYPE_CHECKING:
    from longmai.rules.policy.sections import PolicyReader

OWN_NAMES = NAMES
"""What every policy with members may use: see ``household``."""


def check(policy: Policy, reader: "PolicyReader", findings: Findings) -> None:
    """Note all that is wrong with a policy that could be read."""
    _References(policy, reader, findings).check()
    _Names(policy, reader, findings).check()
    for parameter in policy.parameters.values():
        _check_times(parameter, reader, findings)
    if policy.members and policy.applies_to not in {"household", "person"}:
        findings.add("members-unit", reader.spots[f"members.{next(iter(policy.members))}"])
    _check_days(policy, findings)


class _References:
    def __init__(self, policy: Policy, reader: "PolicyReader", findings: Findings) -> None:
        self._known: Mapping[str, Mapping[str, object]] = {
            "clause": policy.clauses,
            "source": policy.sources,
        }
        self._reader, self._findings = reader, findings

    def check(self) -> None:
        for kind, found in self._reader.references:
            if found.text not in self._known[kind]:
                known = self._known[kind]
                self._findings.add_near(f"{kind}-unknown", found.spot, found.text, known)


class _Names:
    """Every name is declared before it is used, used somewhere, and of a kind that fits."""

    def __init__(self, policy: Policy, reader: "PolicyReader", findings: Findings) -> None:
        self._policy, self._findings, self._reader = policy, findings, reader
        self._spots = {id(rule): found for rule, found in reader.rules}
        names = {each.name: _kind(each.type) for each in policy.inputs.values()}
        names |= {each.name: _kind(each.type) for each in policy.parameters.values()}
        if policy.members:
            names |= {policy.members_name: "list", **dict.fromkeys(OWN_NAMES, "number")}
        self._names: dict[str, str] = names
        self._fields = {each.name: _kind(each.type) for each in policy.members.values()}
        self._seen: set[str] = set()

    def check(self) -> None:
        policy = self._policy
        later = set(policy.steps)
        for step in policy.steps.values():
            self._step(step, later)
            later.discard(step.name)
            self._names[step.name] = "" if step.rule is None else self._kind(step.rule.node)
        for condition in policy.rules.values():
            self._rule(condition.rule, "boolean")
        for transition in policy.transition:
            self._rule(transition.when, "boolean")
        if policy.amount is not None:
            self._rule(policy.amount.rule, "number")
        if not self._findings.found:  # a mistyped name is not used, too
            self._unused()

    def _step(self, step: Step, later: set[str]) -> None:
        if step.rule is not None:
            self._rule(step.rule, "", later)
        elif step.table is not None:
            spot = self._reader.spots[step.name]
            for node in _cells(step.table, self._names):
                self._judge(node, lambda _name: spot, later)

    def _rule(
        self, rule: object, wanted: str, later: frozenset[str] | set[str] = frozenset()
    ) -> None:
        if rule is None:
            return
        found = self._spots[id(rule)]
        node: Node = rule.node  # type: ignore[attr-defined] # a Rule

        def spot(name: str) -> Spot:
            at = max(found.text.find(name), 0)
            return found.within(*line_and_column(found.text, at))

        self._judge(node, spot, later)
        kind = self._kind(node)
        if wanted and kind and kind != wanted:
            self._findings.add(
                f"feel-{wanted}",
                found.spot,
                found.text[:40],
                kind=kind,
                kind_zh=shown(TYPES, kind, "zh"),
            )

    def _judge(self, node: Node, spot: object, later: frozenset[str] | set[str]) -> None:
        for used in used_names(node):
            self._used(used, spot(used.name), later)  # type: ignore[operator] # a function
        if self._policy.members:
            self._member_paths(node, spot)
        for one, other, where in clashes(node, Kinds(self._names, self._fields)):
            first = next((each.name for each in used_names(where)), "")
            zh, en = _clash_hint(one, other)
            self._findings.add(
                "feel-kinds",
                spot(first),  # type: ignore[operator] # a function
                print_node(where)[:60],
                left=one,
                right=other,
                left_zh=shown(TYPES, one, "zh"),
                right_zh=shown(TYPES, other, "zh"),
                hint_zh=zh,
                hint_en=en,
            )

    def _used(self, used: Used, spot: Spot, later: frozenset[str] | set[str]) -> None:
        name = used.name
        self._seen.add(name)
        if name in self._names or (used.in_filter and name in self._fields) or name == "?":
            return
        if name in later:
            self._findings.add("name-later", spot, name)
        elif used.called is not None:
            self._called(used, spot)
        elif not is_function(name):
            fields = self._fields if used.in_filter else {}
            known = [*self._names, *fields, *later]
            self._findings.add_near("name-unknown", spot, name, known)

    def _called(self, used: Used, spot: Spot) -> None:
        if not is_function(used.name):
            self._findings.add_near("function-unknown", spot, used.name, BUILT_INS)
            return
        ways = BUILT_INS.get(used.name, [])
        if ways and not any(way.fits(used.called or 0) for way in ways):
            known = "; ".join(
                f"{used.name}({', '.join(p.name for p in way.parameters)})" for way in ways
            )
            self._findings.add("arguments", spot, used.name, count=used.called, known=known)

    def _member_paths(self, node: Node, spot: object) -> None:
        for path in _paths(node):
            if _is_members(path.value, self._policy.members_name):
                self._seen.add(path.name)
                if path.name not in self._fields:
                    self._findings.add_near(
                        "field-unknown",
                        spot(path.name),  # type: ignore[operator] # a function
                        path.name,
                        self._fields,
                    )

    def _kind(self, node: Node) -> str:
        return kind_of_node(node, Kinds(self._names, self._fields, self._policy.members_name))

    def _unused(self) -> None:
        declared = [*self._policy.inputs, *self._policy.parameters]
        for name in declared:
            if name not in self._seen:
                self._findings.add("unused", self._reader.spots[name], name)


def _kind(type_: str) -> str:
    return "list" if type_.startswith("list") else type_


def _clash_hint(one: str, other: str) -> tuple[str, str]:
    kinds = {one, other}
    if kinds == {"number", "string"}:
        return "数不加引号；文本加引号", "a number has no quotes, a text has them"
    if kinds == {"date", "string"}:
        return '日期写成 @"2026-01-01"', 'write a date as @"2026-01-01"'
    if "boolean" in kinds:
        return "是否写 true 或 false", "yes or no is true or false"
    return "核对两边的单位和类型", "check what both sides are"


def _cells(table: object, names: Mapping[str, str]) -> Iterator[Node]:
    from longmai.rules.dmn.model import DecisionTable  # noqa: PLC0415

    if not isinstance(table, DecisionTable):
        return
    for each in table.inputs:
        yield parse_expression(each.expression, names)
    for rule in table.rules:
        for cell in rule.tests:
            yield from parse_unary_tests(cell or "-", names).tests
        for cell in rule.conclusions:
            yield parse_expression(cell, names)


def _paths(node: object) -> Iterator[Path]:
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Path):
            yield found
        if isinstance(found, tuple):
            waiting.extend(found)
        elif hasattr(found, "__dataclass_fields__"):
            waiting.extend(getattr(found, name) for name in found.__dataclass_fields__)


def _is_members(node: Node, name: str) -> bool:
    while isinstance(node, Filter):
        node = node.value
    return node == Name(name)


def _check_times(parameter: Parameter, reader: "PolicyReader", findings: Findings) -> None:
    spots = {id(value): spot for value, spot in reader.values}
    of_region: dict[str, list[ParameterValue]] = {}
    for value in parameter.values:
        of_region.setdefault(value.region, []).append(value)
    for values in of_region.values():
        ordered = sorted(values, key=lambda each: each.start)
        for one, other in pairwise(ordered):
            spot = spots[id(other)]
            if one.end is None or one.end >= other.start:
                line = spots[id(one)].line
                findings.add("overlap", spot, parameter.name, other=line, from_=other.start)
            elif one.end + timedelta(days=1) < other.start:
                findings.add("value-gap", spot, parameter.name, before=one.end, after=other.start)


def _check_days(policy: Policy, findings: Findings) -> None:
    for example in policy.examples:
        late = [policy.end, *(each.to for each in policy.transition)]
        end = None if policy.end is None else max(day for day in late if day is not None)
        if example.day < policy.start or (end is not None and example.day > end):
            findings.add("example-day", example.spot, str(example.day), start=policy.start)
