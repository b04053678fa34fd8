"""A reform file: what one would change in a policy, read with every mistake named.

It speaks of a policy's parameters by name, region and day, of its conditions by id or name, and of
its amount; what it does not mention stays. ``applying.apply_reform`` makes a whole policy of it.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.kernel.region_codes import prefix
from longmai.rules.policy.findings import Findings, Spot
from longmai.rules.policy.keys import NATIONWIDE, SECTIONS, Key, sections_of
from longmai.rules.policy.literals import NotOfType, of_type, read_date, wanted_date
from longmai.rules.policy.model import EVERYWHERE
from longmai.rules.policy.schema import schema_of
from longmai.rules.policy.yaml_file import Section, read_yaml


def _sections() -> Mapping[str, tuple[Key, ...]]:
    own = dict(sections_of(Path(__file__).with_name("keys.toml")))
    optional = {
        name: tuple(replace(key, required=False) for key in SECTIONS[name])
        for name in ("condition", "amount")
    }
    own["altered"] += optional["condition"]
    return own | optional | {"step": SECTIONS["step"]}


class ReformSection(Section):
    """A section of a reform file."""

    keys: ClassVar[Mapping[str, tuple[Key, ...]]] = _sections()


@dataclass(frozen=True)
class Change:
    """A new value of a parameter.

    Attributes:
        node: of the value, as it stands in the file.
        start: first day; None: at all times.
        region: code without trailing zeros; empty: everywhere.
    """

    name: str
    node: Node
    spot: Spot
    start: date | None = None
    region: str = EVERYWHERE


@dataclass(frozen=True)
class Altered:
    """A condition that changes, is added, or goes.

    Attributes:
        of: id or name of the one that changes or goes; empty: it is added.
        node: the keys that are written, in the file.
    """

    of: str
    removed: bool
    node: MappingNode
    spot: Spot


@dataclass(frozen=True)
class Reform:
    """What one would change in a policy.

    Attributes:
        policy: its id.
        version: empty: the one in force on the day.
        day: by whose law one asks; None: today.
        assumed: values that stand both before and after.
        steps: nodes, by name.
        text: of the file.
    """

    title: str
    policy: str
    version: str = ""
    day: date | None = None
    note: str = ""
    assumed: tuple[Change, ...] = ()
    parameters: tuple[Change, ...] = ()
    steps: Mapping[str, Node] = field(default_factory=dict)
    conditions: tuple[Altered, ...] = ()
    exclusions: tuple[Altered, ...] = ()
    amount: MappingNode | None = None
    text: str = ""
    file: str = ""
    root: MappingNode | None = None
    spot: Spot = field(default_factory=lambda: Spot("", 1))


def read_reform(text: str, file: str = "") -> Reform:
    r"""Read a reform file.

    >>> read_reform("标题: 试\n政策: a.b\n参数: [{名称: 标准, 值: 650}]").parameters[0].name
    '标准'

    Raises:
        InvalidMany: all that is wrong, each with line, key and mend.
    """
    findings = Findings(file)
    root = read_yaml(text, findings)
    found = None if root is None else _Reader(findings).read(root)
    if found is None or findings.found:
        raise InvalidMany(
            f"{file or 'the reform'}: {len(findings.found)} findings", findings.found, code="policy"
        )
    return replace(found, text=text, file=file, root=root)


@dataclass(frozen=True)
class _Reader:
    findings: Findings

    def read(self, root: MappingNode) -> Reform:
        top = ReformSection("reform", root, self.findings)
        amount, steps = top.node("amount"), top.node("steps")
        if top.has("amount"):
            top.section("amount")
        named = dict(top.named("steps", "rule"))
        nodes = steps.value if isinstance(steps, MappingNode) else []
        policy = top.scalar("policy")
        return Reform(
            top.text("title"),
            top.text("policy"),
            top.text("version"),
            self._date(top, "day"),
            top.text("note"),
            tuple(self._changes(top, "assumed")),
            tuple(self._changes(top, "parameters")),
            {key.text: pair[1] for key, pair in zip(named, nodes, strict=True)},
            tuple(self._altered(top, "conditions")),
            tuple(self._altered(top, "exclusions")),
            amount if isinstance(amount, MappingNode) else None,
            spot=top.spot if policy is None else policy.spot,
        )

    def _changes(self, top: ReformSection, key: str) -> Iterator[Change]:
        for each in top.sections(key):
            node, name = each.node("value"), each.scalar("name")
            if node is not None and name is not None:
                day = self._date(each, "from")
                yield Change(name.text, node, name.spot, day, self._region(each))

    def _altered(self, top: ReformSection, key: str) -> Iterator[Altered]:
        written = top.node(key)
        nodes = written.value if isinstance(written, SequenceNode) else []
        for each, node in zip(top.sections(key), nodes, strict=True):
            if not isinstance(node, MappingNode):
                continue
            removed = self._flag(each)
            if removed and any(each.has(other.name) for other in SECTIONS["condition"]):
                self.findings.add("reform-removed", each.spot)
            yield Altered(each.text("of"), removed, node, each.spot)

    def _flag(self, each: ReformSection) -> bool:
        try:
            return of_type(each.plain("removed"), "boolean") is True
        except NotOfType:
            value = str(each.plain("removed"))
            self.findings.add("value-kind", each.spot, value[:60], kind="是否（boolean）")
            return False

    def _date(self, each: ReformSection, key: str) -> date | None:
        found = each.scalar(key)
        if found is None:
            return None
        day = read_date(found.text)
        if day is None:
            self.findings.add("date", found.spot, found.text, wanted=wanted_date(found.text))
        return day

    def _region(self, each: ReformSection) -> str:
        found = each.scalar("region")
        if found is None or found.text in NATIONWIDE:
            return EVERYWHERE
        try:
            return prefix(found.text)
        except Invalid:
            self.findings.add("region", found.spot, found.text)
            return EVERYWHERE


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a reform file; each key in Chinese or in English.

    >>> sorted(schema()["$defs"])
    ['altered', 'amount', 'change', 'condition', 'step']
    """
    return schema_of(ReformSection.keys, "reform", "Longmai reform file · 陇脉政策试算文件")


def write_reform(content: Mapping[str, Any]) -> str:
    """Write a reform file from plain values, as a form has them; numbers and dates are texts.

    >>> write_reform({"标题": "试", "参数": [{"名称": "标准", "值": "650"}]}).splitlines()[1:]
    ['参数:', '- {名称: 标准, 值: 650}']
    """
    out = io.StringIO()
    dumper = _Dumper(out, allow_unicode=True, width=100)
    dumper.open()
    dumper.represent(dict(content))
    dumper.close()
    return out.getvalue()


def tag_of(text: str) -> str:
    """Return the tag that YAML gives a plain scalar, so that it is written plain again."""
    resolver: Any = yaml.resolver.Resolver()
    return str(resolver.resolve(yaml.ScalarNode, text, (True, False)))


class _Dumper(yaml.SafeDumper):
    """Writes texts plain where they read back as the same text, and rows on one line."""


def _text(_dumper: yaml.SafeDumper, value: str) -> Node:
    # A policy reader takes every plain scalar as text; YAML's own types do not count.
    return yaml.ScalarNode(tag_of(value), value)


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> Node:
    flow = all(isinstance(each, str) for each in value.values()) and bool(
        dumper.represented_objects
    )
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=flow)


def _sequence(dumper: yaml.SafeDumper, value: list[Any]) -> Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=False)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)
