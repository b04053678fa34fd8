"""A policy as values: what stands in its file, read and checked."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.tree import Node
from longmai.rules.feel.values import Value
from longmai.rules.policy.findings import Spot
from longmai.rules.policy.scope import CLOCK, used_names

EVERYWHERE = ""
"""The region of what holds nationwide."""


@dataclass(frozen=True)
class Rule:
    """A FEEL expression.

    Attributes:
        text: as it stands in the file.
        node: its tree.
    """

    text: str
    node: Node


@dataclass(frozen=True)
class Source:
    """A document, and how sure we are of its words.

    Attributes:
        confidence: ``read``, ``one source`` or ``recalled``.
    """

    title: str
    number: str = ""
    issuer: str = ""
    dated: date | None = None
    confidence: str = "recalled"
    note: str = ""


@dataclass(frozen=True)
class Clause:
    """The words of a clause, quoted."""

    text: str
    source: str = ""


@dataclass(frozen=True)
class Input:
    """A datum that a policy asks for.

    Attributes:
        type: ``number``, ``string``, ``boolean``, ``date``, or ``list<…>`` of one.
        holder: the department that has it.
        sensitive: personal data that ask for a consent of their own.
        values: it may have; none: any.
        of_family: it is the whole family's, not one person's.
        question: how people are asked for it; empty: by its name.
    """

    name: str
    type: str
    unit: str = ""
    holder: str = ""
    sensitive: bool = False
    values: tuple[str, ...] = ()
    en: str = ""
    note: str = ""
    of_family: bool = False
    question: str = ""
    question_en: str = ""


@dataclass(frozen=True)
class ParameterValue:
    """What a parameter is for a time and a region.

    Attributes:
        start: first day.
        end: last day; None: until further notice.
        region: code without trailing zeros; empty: everywhere.
        value: None while it is not known.
        confirmed: the text itself says so.
    """

    start: date
    end: date | None
    region: str
    value: Value
    source: str = ""
    confirmed: bool = True
    note: str = ""


@dataclass(frozen=True)
class Parameter:
    """An amount or threshold that changes with time and place."""

    name: str
    type: str
    values: tuple[ParameterValue, ...]
    unit: str = ""
    clause: str = ""
    en: str = ""
    note: str = ""

    def at(self, day: date, region: str) -> ParameterValue | None:
        """Return what holds on a day in a region: the nearest region around it counts."""
        holding = [
            each
            for each in self.values
            if each.start <= day
            and (each.end is None or day <= each.end)
            and region.startswith(each.region)
        ]
        return max(holding, key=lambda each: len(each.region), default=None)


@dataclass(frozen=True)
class Step:
    """An intermediate result: by an expression, a table, or a decision of a DMN file.

    Attributes:
        rule: its expression; of a table None.
        table: its decision table.
        table_text: as it stands in the file.
    """

    name: str
    rule: Rule | None = None
    table: DecisionTable | None = None
    table_text: str = ""
    unit: str = ""
    clause: str = ""
    en: str = ""
    note: str = ""


@dataclass(frozen=True)
class Condition:
    """What must hold, or, of an exclusion, must not.

    Attributes:
        id: ``c1``, ``c2.1`` … and ``x1`` for exclusions, by their order.
        rule: a FEEL condition; None where only a person can tell, or parts do.
        review: what a person has to look at; empty: nobody.
        parts: of an ``any`` or ``all``.
        any_part: one part is enough.
    """

    id: str
    name: str
    rule: Rule | None = None
    clause: str = ""
    review: str = ""
    parts: tuple["Condition", ...] = ()
    any_part: bool = False
    exclusion: bool = False
    en: str = ""
    note: str = ""

    def walk(self) -> Iterator["Condition"]:
        """Yield it and all its parts."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Amount:
    """What is paid.

    Attributes:
        unit: like ``元/月``.
        rounding: to the fen: ``half up``, ``down``, ``up`` or ``half even``.
    """

    rule: Rule
    unit: str
    rounding: str = "half up"
    clause: str = ""
    note: str = ""


@dataclass(frozen=True)
class Transition:
    """Cases in which a policy holds on after its last day."""

    to: date
    when: Rule
    clause: str = ""
    note: str = ""


@dataclass(frozen=True)
class Stacking:
    """Policies that this one excludes, and which counts where several are met."""

    exclusive: tuple[str, ...] = ()
    choice: str = ""
    clause: str = ""
    note: str = ""


@dataclass(frozen=True)
class Material:
    """What is handed in."""

    name: str
    necessity: str = "required"
    holder: str = ""
    clause: str = ""
    note: str = ""


@dataclass(frozen=True)
class Deadline:
    """By when something is done.

    Attributes:
        kind: ``working`` or ``calendar`` days.
    """

    name: str
    days: int
    kind: str
    start: str
    clause: str = ""
    note: str = ""


@dataclass(frozen=True)
class Expected:
    """What an example should come to; None and empty: not said."""

    state: str
    amount: Value = None
    because: tuple[str, ...] = ()
    steps: Mapping[str, Value] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """A case with its result: a test that anybody can read."""

    name: str
    day: date
    region: str
    given: Mapping[str, Value]
    confirmed: Mapping[str, bool]
    expect: Expected
    spot: Spot
    assumed: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Policy:
    """One version of a policy.

    Attributes:
        id: the same for all versions.
        applies_to: ``person``, ``household``, ``enterprise``, ``asset``, ``batch``, ``trip`` or
            ``meeting``.
        number: of the document (文号); empty while it is not known.
        status: ``in force``, ``to be confirmed`` or ``example``.
        apply_at: where it is applied for, in words; empty where the document does not say.
        regions: codes without trailing zeros; ``EVERYWHERE`` for the whole country.
        start: first day; ``end``: last day, None until further notice.
        members_name: what the list of members is called in the rules.
        digest: SHA-256 of its canonical content: the version of the rule.
        text: of the file.
        file: its name.
        files: that stand beside it and it names, as they were read.
    """

    id: str
    version: str
    title: str
    field: str
    applies_to: str
    issuer: str
    status: str
    regions: tuple[str, ...]
    start: date
    sources: Mapping[str, Source]
    clauses: Mapping[str, Clause]
    conditions: tuple[Condition, ...]
    examples: tuple[Example, ...]
    end: date | None = None
    number: str = ""
    summary: str = ""
    summary_en: str = ""
    en: str = ""
    apply_at: str = ""
    transition: tuple[Transition, ...] = ()
    inputs: Mapping[str, Input] = dataclasses.field(default_factory=dict)
    members: Mapping[str, Input] = dataclasses.field(default_factory=dict)
    members_name: str = ""
    parameters: Mapping[str, Parameter] = dataclasses.field(default_factory=dict)
    steps: Mapping[str, Step] = dataclasses.field(default_factory=dict)
    exclusions: tuple[Condition, ...] = ()
    amount: Amount | None = None
    stacking: Stacking | None = None
    materials: tuple[Material, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    digest: str = ""
    text: str = ""
    file: str = ""
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict)

    def holds_on(self, day: date) -> bool:
        """Tell whether it is in force on a day, its transition apart."""
        return self.start <= day and (self.end is None or day <= self.end)

    def holds_in(self, region: str) -> bool:
        """Tell whether it applies in a region."""
        return any(region.startswith(each) or not region for each in self.regions)

    @cached_property
    def rules(self) -> Mapping[str, Condition]:
        """All conditions and exclusions with their parts, by id."""
        whole: Sequence[Condition] = (*self.conditions, *self.exclusions)
        return {each.id: each for condition in whole for each in condition.walk()}

    @cached_property
    def asks_day(self) -> bool:
        """Whether what comes of a case depends on the day itself, apart from parameters."""
        nodes = [each.rule.node for each in self.rules.values() if each.rule is not None]
        nodes += [each.rule.node for each in self.steps.values() if each.rule is not None]
        tables = [each.table for each in self.steps.values() if each.table is not None]
        texts = [cell.expression for table in tables for cell in table.inputs]
        asked = any(each.name in CLOCK for node in nodes for each in used_names(node))
        return asked or any(f"{name}()" in text for name in CLOCK for text in texts)

    @cached_property
    def compiled(self) -> dict[str, Any]:
        """What the evaluation keeps of this policy between cases."""
        return {}
