"""Where a policy compares a quantity with a threshold, and how many stand close to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from longmai.rules.columns.backend import Backend
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.tree import Binary, Node
from longmai.rules.policy.household import NAMES
from longmai.rules.policy.keys import MEMBERS
from longmai.rules.policy.model import Policy
from longmai.rules.policy.scope import Kinds, kind_of_node, used_names
from longmai.rules.simulate.bins import Bin, binned, nice
from longmai.rules.simulate.judging import judge, measured
from longmai.rules.simulate.population import Population

_COMPARISONS = frozenset(("<", "<=", ">", ">="))
_MEASURED = frozenset(("number", "date", "list<number>"))
_BINS = 20
_REACH = 0.5
"""So far to either side of a threshold one looks, as a share of it."""
_NEAR = 0.1
MOST = 6
"""So many thresholds are looked at."""


@dataclass(frozen=True)
class Threshold:
    """A comparison in a condition.

    Attributes:
        condition: its name; ``number``: which comparison in it.
        quantity: what is compared, of data.
        limit: what with: parameters and numbers, perhaps chosen by data.
    """

    condition: str
    number: int
    quantity: Node
    limit: Node


@dataclass(frozen=True)
class Crowding:
    """How many stand close to a threshold, before and after.

    Attributes:
        condition: its name.
        quantity: what is compared, as it is written.
        unit: of it; empty where it is not known.
        limits: the least and greatest threshold before, and after, in hundredths; None: not known.
        bins: of the quantity less the threshold, in hundredths: before and after.
        near: how many are within a tenth of the threshold, before and after.
    """

    condition: str
    quantity: str
    unit: str
    limits: tuple[tuple[int, int] | None, tuple[int, int] | None]
    bins: tuple[tuple[Bin, ...], tuple[Bin, ...]]
    near: tuple[Bin | None, Bin | None]


def thresholds_of(policy: Policy) -> Iterator[Threshold]:
    """Yield the comparisons of numbers that depend on data with what does not."""
    varying = _varying(policy)
    kinds = _kinds(policy)
    for condition in policy.rules.values():
        if condition.rule is None:
            continue
        for number, node in enumerate(_comparisons(condition.rule.node)):
            sides = [node.left, node.right]
            by_data = [_names(side) & varying != set() for side in sides]
            if by_data[0] == by_data[1] or any(
                kind_of_node(side, kinds) not in {"number", ""} for side in sides
            ):
                continue
            quantity, limit = sides if by_data[0] else sides[::-1]
            yield Threshold(condition.name, number, quantity, limit)


def crowding(
    before: Policy, after: Policy, population: Population, day: date, backend: Backend, region: str
) -> Iterator[Crowding]:
    """Yield how many stand close to each threshold, before and after."""
    old = {(each.condition, each.number): each for each in thresholds_of(before)}
    new = {(each.condition, each.number): each for each in thresholds_of(after)}
    for key in list(dict.fromkeys([*new, *old]))[:MOST]:
        measures = []
        for policy, found in ((before, old.get(key)), (after, new.get(key))):
            if found is None:
                measures.append((None, None))
                continue
            measures.append(
                tuple(
                    judge(measured(policy, node), population, day, backend, region).amount_fen
                    for node in (found.quantity, found.limit)
                )
            )
        shown = new.get(key) or old[key]
        policy = after if key in new else before
        yield _crowding(shown, measures, population, _unit(policy, shown))


def _crowding(shown: Threshold, measures: list[Any], population: Population, unit: str) -> Crowding:
    limits = tuple(None if limit is None else _range(limit) for _, limit in measures)
    largest = max((abs(end) for each in limits if each for end in each), default=0)
    width = nice(max(largest * _REACH * 2 / _BINS, 100))
    edges = [width * i for i in range(-_BINS // 2, _BINS // 2 + 1)]
    bins: list[tuple[Bin, ...]] = []
    near: list[Bin | None] = []
    for quantity, limit in measures:
        if quantity is None:
            bins.append(())
            near.append(None)
            continue
        distance = pc.subtract(quantity, limit)
        bins.append(binned(distance, edges, population.design))
        span = max(round(largest * _NEAR), 1)
        near.append(binned(distance, [-span, span + 1], population.design)[0])
    return Crowding(
        shown.condition, print_node(shown.quantity), unit, (limits[0], limits[1]),
        (bins[0], bins[1]), (near[0], near[1]),
    )  # fmt: skip


def _range(limit: pa.Array) -> tuple[int, int] | None:
    found = pc.min_max(limit).as_py()
    return None if found["min"] is None else (found["min"], found["max"])


def _unit(policy: Policy, shown: Threshold) -> str:
    """Return the unit of the parameter, step or datum that is compared."""
    for node in (shown.quantity, shown.limit):
        for name in _names(node):
            found = policy.steps.get(name) or policy.inputs.get(name) or policy.parameters.get(name)
            if found is not None and found.unit not in {"", "无"}:
                return found.unit
    return ""


def _varying(policy: Policy) -> set[str]:
    """Return the names that depend on numbers or days among the data.

    A standard that differs by town and village is a limit all the same.
    """
    measured_data = {each.name for each in policy.inputs.values() if each.type in _MEASURED}
    found = {*measured_data, *NAMES, *MEMBERS, policy.members_name} - {""}
    for name, step in policy.steps.items():
        if step.rule is None or _names(step.rule.node) & found:
            found.add(name)
    return found


def _kinds(policy: Policy) -> Kinds:
    names = {each.name: each.type for each in policy.inputs.values()}
    names |= {each.name: each.type for each in policy.parameters.values()}
    names |= dict.fromkeys(NAMES, "number")
    members = {each.name: each.type for each in policy.members.values()}
    for step in policy.steps.values():
        kinds = Kinds(names, members, policy.members_name)
        names[step.name] = "" if step.rule is None else kind_of_node(step.rule.node, kinds)
    return Kinds(names, members, policy.members_name)


def _names(node: Node) -> set[str]:
    return {each.name for each in used_names(node)}


def _comparisons(node: Any) -> Iterator[Binary]:
    if isinstance(node, Binary) and node.operator in _COMPARISONS:
        yield node
    elif isinstance(node, Binary) and node.operator in {"and", "or"}:
        yield from _comparisons(node.left)
        yield from _comparisons(node.right)
