"""The sections of a policy file, one by one, as values. What is wrong is noted, and read over."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from longmai.kernel.errors import Invalid
from longmai.kernel.region_codes import prefix
from longmai.rules.feel.built_in import BUILT_INS
from longmai.rules.feel.calls import LIBRARY
from longmai.rules.policy.expressions import read_rule
from longmai.rules.policy.findings import Findings, Spot
from longmai.rules.policy.keys import MEMBERS, NATIONWIDE, TYPES, shown
from longmai.rules.policy.literals import (
    NotOfType,
    guessed,
    of_type,
    read_date,
    wanted_date,
)
from longmai.rules.policy.model import (
    EVERYWHERE,
    Amount,
    Clause,
    Condition,
    Deadline,
    Example,
    Expected,
    Input,
    Material,
    Parameter,
    ParameterValue,
    Rule,
    Source,
    Stacking,
    Step,
    Transition,
)
from longmai.rules.policy.tables import table_of_dmn, table_of_grid
from longmai.rules.policy.yaml_file import Scalar, Section

Beside = Callable[[str], bytes]
"""Reads a file that stands beside the policy's, by its name; NotFound where there is none."""
_ID = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_NAME = re.compile(r"[^\W\d]\w*")
_OPEN = date(1900, 1, 1)


@dataclass
class PolicyReader:
    """Reads the sections of one file.

    Attributes:
        files: that it names, as read.
        rules: with where they stand.
        references: to clauses and sources.
        spots: of declared names; those of members under ``members.``.
        values: of parameters, with where they stand.
    """

    section: Section
    findings: Findings
    beside: Beside | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    rules: list[tuple[Rule, Scalar]] = field(default_factory=list)
    references: list[tuple[str, Scalar]] = field(default_factory=list)
    spots: dict[str, Spot] = field(default_factory=dict)
    values: list[tuple[ParameterValue, Spot]] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)

    def fields(self) -> dict[str, Any]:
        """Return the attributes of the policy."""
        top = self.section
        inputs, members = self._inputs("inputs"), self._inputs("members")
        members_name = ""
        if members:
            members_name = top.written("members")
        parameters = {each.name: each for each in self._parameters()}
        self._names = [*inputs, *members, members_name, *parameters]
        steps = {each.name: each for each in self._steps()}
        return {
            **self._head(),
            "inputs": inputs,
            "members": members,
            "members_name": members_name,
            "parameters": parameters,
            "steps": steps,
            "conditions": tuple(self._conditions(top, "conditions", "c")),
            "exclusions": tuple(self._conditions(top, "exclusions", "x")),
            "amount": self._amount(),
            "transition": tuple(self._transition()),
            "stacking": self._stacking(),
            "materials": tuple(self._materials()),
            "deadlines": tuple(self._deadlines()),
            "examples": tuple(self._examples(inputs, members, members_name, parameters)),
        }

    def _head(self) -> dict[str, Any]:
        top = self.section
        own = top.scalar("id")
        if own is not None and not _ID.fullmatch(own.text):
            self.findings.add("id", own.spot, own.text)
        start, end = self._date(top, "from"), self._date(top, "to")
        self._ordered(top, start, end)
        texts = ("title", "version", "field", "issuer", "number", "summary", "summary_en", "en")
        return {
            **{name: top.text(name) for name in (*texts, "apply_at")},
            "id": "" if own is None else own.text,
            "applies_to": top.choice("applies_to"),
            "status": top.choice("status"),
            "regions": tuple(self._region(each) for each in top.texts("regions")),
            "start": start or _OPEN,
            "end": end,
            "sources": {name.text: self._source(each) for name, each in top.named("sources")},
            "clauses": {
                name.text: Clause(each.text("text"), self._reference(each, "source"))
                for name, each in top.named("clauses", "text")
            },
        }

    def _source(self, each: Section) -> Source:
        return Source(
            each.text("title"),
            each.text("number"),
            each.text("issuer"),
            self._date(each, "date"),
            each.choice("confidence", "recalled"),
            each.text("note"),
        )

    def _inputs(self, key: str) -> dict[str, Input]:
        found = {}
        for name, each in self.section.named(key):
            self._declared(name, key if key == "members" else "inputs")
            type_ = each.choice("type")
            if type_ == "number" and not each.text("unit"):
                self.findings.add("unit", each.spot, name.text)
            found[name.text] = Input(
                name.text,
                type_,
                each.text("unit"),
                each.text("holder"),
                each.choice("sensitivity") == "sensitive",
                tuple(value.text for value in each.texts("values")),
                each.text("en"),
                each.text("note"),
                each.choice("whose") == "family",
                each.text("question"),
                each.text("question_en"),
            )
        return found

    def _declared(self, name: Scalar, section: str) -> None:
        if not _NAME.fullmatch(name.text):
            self.findings.add("name", name.spot, name.text)
        elif name.text in BUILT_INS and LIBRARY:
            self.findings.add("name-built-in", name.spot, name.text)
        # A field of members may be called like a datum of the household.
        key = f"members.{name.text}" if section == "members" else name.text
        if key in self.spots:
            where = str(self.spots[key].line)
            self.findings.add("name-twice", name.spot, name.text, where=where)
        self.spots[key] = name.spot

    def _parameters(self) -> Iterator[Parameter]:
        for name, each in self.section.named("parameters"):
            self._declared(name, "parameters")
            type_ = each.choice("type", "number")
            if type_ == "number" and not each.text("unit"):
                self.findings.add("unit", each.spot, name.text)
            values = tuple(self._value(value, type_) for value in each.sections("values"))
            yield Parameter(
                name.text,
                type_,
                values,
                each.text("unit"),
                self._reference(each, "clause"),
                each.text("en"),
                each.text("note"),
            )

    def _value(self, each: Section, type_: str) -> ParameterValue:
        start, end = self._date(each, "from"), self._date(each, "to")
        self._ordered(each, start, end)
        region = each.scalar("region")
        pending = each.choice("status") == "to be confirmed"
        value = self._literal(each, "value", type_)
        if value is None and not pending and each.scalar("value") is None:
            self.findings.add("value-missing", each.spot)
        if value is not None and not pending and not each.has("source"):
            self.findings.add("source-missing", each.spot)
        found = ParameterValue(
            start or _OPEN,
            end,
            EVERYWHERE if region is None else self._region(region),
            value,
            self._reference(each, "source"),
            not pending,
            each.text("note"),
        )
        self.values.append((found, each.spot))
        return found

    def _steps(self) -> Iterator[Step]:
        for name, each in self.section.named("steps", "rule"):
            self._declared(name, "steps")
            rule = self._rule(each, "rule")
            table, text = None, ""
            grid, dmn = each.scalar("table"), each.scalar("dmn")
            if grid is not None:
                table, text = table_of_grid(grid, self._names, self.findings), grid.text
            elif dmn is not None:
                table = table_of_dmn(dmn, each.text("decision"), self._file, self.findings)
            elif each.scalar("rule") is None:
                self.findings.add("step-empty", each.spot, name.text)
            self._names.append(name.text)
            yield Step(
                name.text,
                rule,
                table,
                text,
                each.text("unit"),
                self._reference(each, "clause"),
                each.text("en"),
                each.text("note"),
            )

    def _file(self, name: str) -> bytes:
        if self.beside is None:
            raise Invalid("files beside a policy cannot be read here", code="policy.beside")
        self.files[name] = self.beside(name)
        return self.files[name]

    def _conditions(self, above: Section, key: str, mark: str) -> Iterator[Condition]:
        for number, each in enumerate(above.sections(key), start=1):
            own = f"{mark}{number}"
            parts = [*self._conditions(each, "any", f"{own}.")]
            any_part = bool(parts)
            parts += self._conditions(each, "all", f"{own}.")
            rule, review = self._rule(each, "rule"), each.text("review")
            if parts and (each.has("rule") or review):
                self.findings.add("condition-mixed", each.spot, each.text("name"))
            if not parts and not each.has("rule") and not review:
                self.findings.add("condition-empty", each.spot, each.text("name"))
            yield Condition(
                own,
                each.text("name"),
                rule,
                self._reference(each, "clause"),
                review,
                tuple(parts),
                any_part,
                mark.startswith("x"),
                each.text("en"),
                each.text("note"),
            )

    def _amount(self) -> Amount | None:
        each = self.section.section("amount")
        rule = None if each is None else self._rule(each, "rule")
        if each is None or rule is None:
            return None
        rounding = each.choice("rounding", "half up")
        clause = self._reference(each, "clause")
        return Amount(rule, each.text("unit"), rounding, clause, each.text("note"))

    def _transition(self) -> Iterator[Transition]:
        for each in self.section.sections("transition"):
            to, when = self._date(each, "to"), self._rule(each, "when")
            if to is not None and when is not None:
                yield Transition(to, when, self._reference(each, "clause"), each.text("note"))

    def _stacking(self) -> Stacking | None:
        each = self.section.section("stacking")
        if each is None:
            return None
        return Stacking(
            tuple(other.text for other in each.texts("exclusive")),
            each.choice("choice"),
            self._reference(each, "clause"),
            each.text("note"),
        )

    def _materials(self) -> Iterator[Material]:
        for each in self.section.sections("materials"):
            yield Material(
                each.text("name"),
                each.choice("necessity", "required"),
                each.text("holder"),
                self._reference(each, "clause"),
                each.text("note"),
            )

    def _deadlines(self) -> Iterator[Deadline]:
        for each in self.section.sections("deadlines"):
            days = self._literal(each, "days", "number")
            yield Deadline(
                each.text("name"),
                int(days) if isinstance(days, Decimal) else 0,
                each.choice("kind"),
                each.text("start"),
                self._reference(each, "clause"),
                each.text("note"),
            )

    def _examples(
        self,
        inputs: dict[str, Input],
        members: dict[str, Input],
        members_name: str,
        parameters: dict[str, Parameter],
    ) -> Iterator[Example]:
        for each in self.section.sections("examples"):
            region = each.scalar("region")
            expect = each.section("expect")
            yield Example(
                each.text("name"),
                self._date(each, "day") or _OPEN,
                EVERYWHERE if region is None else self._region(region),
                self._given(each, inputs, members, members_name),
                {k: v is True for k, v in guessed(each.values("confirmed")).items()},
                Expected("") if expect is None else self._expected(expect),
                each.spot,
                self._assumed(each, parameters),
                each.text("note"),
            )

    def _assumed(self, each: Section, parameters: dict[str, Parameter]) -> dict[str, Any]:
        found, spots = {}, each.value_spots("assumed")
        for name, value in each.values("assumed").items():
            if name in parameters:
                found[name] = self._typed(value, parameters[name].type, spots[name])
            else:
                self.findings.add_near("given-unknown", spots[name], name, parameters)
        return found

    def _expected(self, each: Section) -> Expected:
        return Expected(
            each.choice("state"),
            self._literal(each, "amount", "number"),
            tuple(name.text for name in each.texts("because")),
            guessed(each.values("steps")),
        )

    def _given(
        self,
        each: Section,
        inputs: dict[str, Input],
        members: dict[str, Input],
        members_name: str,
    ) -> dict[str, Any]:
        spots, found = each.value_spots("given"), {}
        for name, value in each.values("given").items():
            if members_name and name in MEMBERS:
                rows = value if isinstance(value, list) else []
                found[members_name] = [self._row(row, members, spots[name]) for row in rows]
            elif name in inputs:
                found[name] = self._typed(value, inputs[name].type, spots[name])
            else:
                self._given_unknown(name, spots[name], inputs)
        return found

    def _row(self, row: Any, members: dict[str, Input], spot: Spot) -> dict[str, Any]:
        found: dict[str, Any] = dict.fromkeys(members)
        for name, value in row.items() if isinstance(row, dict) else ():
            if name in members:
                found[name] = self._typed(value, members[name].type, spot)
            else:
                self._given_unknown(name, spot, members)
        return found

    def _given_unknown(self, name: str, spot: Spot, known: dict[str, Input]) -> None:
        self.findings.add_near("given-unknown", spot, name, known)

    def _typed(self, value: Any, type_: str, spot: Spot) -> Any:
        if not type_:
            return None  # told already
        try:
            return of_type(value, type_)
        except NotOfType:
            self._not_of_type(spot, value, type_)
            return None

    def _not_of_type(self, spot: Spot, value: Any, type_: str) -> None:
        kind = shown(TYPES, type_, "zh")
        self.findings.add("value-kind", spot, str(value)[:60], kind=f"{kind}（{type_}）")

    def _literal(self, each: Section, key: str, type_: str) -> Any:
        value = each.plain(key)
        if value is None:
            return None
        found = each.scalar(key) if not isinstance(value, list | dict) else None
        return self._typed(value, type_, each.spot if found is None else found.spot)

    def _rule(self, each: Section, key: str) -> Rule | None:
        found = each.scalar(key)
        rule = read_rule(found, self._names, self.findings)
        if found is not None and rule is not None:
            self.rules.append((rule, found))
        return rule

    def _reference(self, each: Section, kind: str) -> str:
        found = each.scalar(kind)
        if found is None:
            return ""
        self.references.append((kind, found))
        return found.text

    def _date(self, each: Section, key: str) -> date | None:
        found = each.scalar(key)
        if found is None:
            return None
        day = read_date(found.text)
        if day is None:
            self.findings.add("date", found.spot, found.text, wanted=wanted_date(found.text))
        return day

    def _ordered(self, each: Section, start: date | None, end: date | None) -> None:
        if start is not None and end is not None and end < start:
            self.findings.add("date-order", each.spot, str(end), start=start)

    def _region(self, found: Scalar) -> str:
        if found.text in NATIONWIDE:
            return EVERYWHERE
        try:
            return prefix(found.text)
        except Invalid:
            self.findings.add("region", found.spot, found.text)
            return found.text
