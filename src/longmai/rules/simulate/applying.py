"""A policy with a reform put into it: a whole policy again, checked, with its own digest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from longmai.kernel.errors import InvalidMany, NotFound
from longmai.rules.policy.checking import check
from longmai.rules.policy.findings import Findings, Spot
from longmai.rules.policy.keys import SECTIONS, key_of
from longmai.rules.policy.model import Condition, ParameterValue, Policy
from longmai.rules.policy.reading import digest_of
from longmai.rules.policy.sections import PolicyReader
from longmai.rules.policy.yaml_file import Section
from longmai.rules.simulate.reform import Altered, Change, Reform, tag_of

_ALWAYS = date(1900, 1, 1)
_RULE_KEYS = ("rule", "any", "all", "review")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def apply_reform(policy: Policy, reform: Reform, *, assumed_only: bool = False) -> Policy:
    """Return a policy with a reform put into it; examples are not inherited.

    Args:
        policy: as it stands.
        reform: for its id, and its version where the reform names one.
        assumed_only: only what the reform assumes of both sides: the policy before.

    Raises:
        InvalidMany: names the policy does not have, or the whole is no policy; each finding has the
            line of the reform file, or of the policy's where the reform leaves something behind.
    """
    findings = _TwoFiles(policy.file, other=reform.file, ours=_ids(reform.root))
    findings.lines = policy.text.splitlines()
    root = yaml.compose(policy.text, Loader=_LOADER)
    if not isinstance(root, MappingNode):
        raise TypeError("the policy has no text")
    if policy.id != reform.policy or reform.version not in {"", policy.version}:
        told = f"{reform.policy} {reform.version}".strip()
        wanted = f"{policy.id} {policy.version}"
        findings.add("reform-policy", reform.spot, told, wanted=wanted)
    _Edit(policy, root, findings).apply(reform, assumed_only=assumed_only)
    _refuse(findings, reform)
    found = _whole(policy, root, findings)
    # What a reform no longer asks for may be left standing.
    findings.found = [each for each in findings.found if each.code != "policy.unused"]
    _refuse(findings, reform)
    return found


def _refuse(findings: Findings, reform: Reform) -> None:
    if findings.found:
        told = f"{reform.file or 'the reform'}: {len(findings.found)} findings"
        raise InvalidMany(told, findings.found, code="policy")


def _whole(policy: Policy, root: MappingNode, findings: Findings) -> Policy:
    text = yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True, width=100)
    reader = PolicyReader(Section("policy", root, findings), findings, _beside(policy))
    content = reader.fields()
    digest = digest_of(text, reader.files)
    found = Policy(**content, digest=digest, text=text, file=policy.file, files=reader.files)
    if not findings.found:
        check(found, reader, findings)
    return found


def _beside(policy: Policy) -> Any:
    def read(name: str) -> bytes:
        if name not in policy.files:
            raise NotFound("no such file beside the policy", code="policy.file", value=name)
        return policy.files[name]

    return read


@dataclass
class _TwoFiles(Findings):
    """Findings of a tree whose nodes come from two files.

    Attributes:
        other: name of the second file.
        ours: identities of its nodes.
    """

    other: str = ""
    ours: set[int] = field(default_factory=set)

    def spot(self, node: Any, key: str = "") -> Spot:
        """Return the place of a node, in the file that it comes from."""
        found = super().spot(node, key)
        return replace(found, file=self.other) if id(node) in self.ours else found


def _ids(node: Node | None) -> set[int]:
    return set() if node is None else {id(each) for each in _walk(node)}


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, MappingNode):
        for pair in node.value:
            for each in pair:
                yield from _walk(each)
    elif isinstance(node, SequenceNode):
        for each in node.value:
            yield from _walk(each)


@dataclass(frozen=True)
class _Edit:
    policy: Policy
    root: MappingNode
    findings: _TwoFiles

    def apply(self, reform: Reform, *, assumed_only: bool) -> None:
        self._changes([*reform.assumed, *(() if assumed_only else reform.parameters)])
        if not assumed_only:
            self._steps(reform)
            self._conditions(reform.conditions, "conditions", self.policy.conditions)
            self._conditions(reform.exclusions, "exclusions", self.policy.exclusions)
            if reform.amount is not None:
                old = _under(self.root, "policy", "amount")
                whole = self._merged(old, reform.amount, "amount") if old else reform.amount
                _put(self.root, "policy", "amount", whole)
        like = self.root
        called = f"{self.policy.version} + {reform.title}"
        _put(self.root, "policy", "version", _scalar(called, like, quoted=True))
        _put(self.root, "policy", "status", _scalar("示例", like))
        _put(self.root, "policy", "examples", _sequence([], like))

    def _changes(self, changes: Sequence[Change]) -> None:
        rows: dict[str, list[tuple[ParameterValue, Node]]] = {}
        declared = _under(self.root, "policy", "parameters")
        nodes = {key.value: value for key, value in declared.value} if declared else {}
        for each in changes:
            if each.name not in self.policy.parameters:
                self._unknown(each.name, each.spot, ("参数", "parameter"), self.policy.parameters)
                continue
            if each.name not in rows:
                written = _under(nodes[each.name], "parameter", "values")
                values = self.policy.parameters[each.name].values
                listed = written.value if written is not None else ()
                rows[each.name] = list(zip(values, listed, strict=True))
            rows[each.name] = _changed(rows[each.name], each)
        for name, found in rows.items():
            node = nodes[name]
            _put(node, "parameter", "values", _sequence([each for _, each in found], node))

    def _steps(self, reform: Reform) -> None:
        if not reform.steps:
            return
        old = _under(self.root, "policy", "steps")
        pairs = list(old.value) if old is not None else []
        for name, node in reform.steps.items():
            at = next((i for i, (key, _) in enumerate(pairs) if key.value == name), len(pairs))
            pairs[at : at + 1] = [(_scalar(name, node), node)]
        _put(self.root, "policy", "steps", _mapping(pairs, self.root))

    def _conditions(
        self, altered: Sequence[Altered], key: str, conditions: Sequence[Condition]
    ) -> None:
        if not altered:
            return
        top = _under(self.root, "policy", key) or _sequence([], self.root)
        _put(self.root, "policy", key, top)
        places = dict(_places(conditions, top))
        gone: list[tuple[SequenceNode, Node]] = []
        for each in altered:
            if not each.of:
                top.value.append(self._written(each))
            elif (found := _named(places, each.of)) is None:
                kind = ("条件", "condition") if key == "conditions" else ("排除情形", "exclusion")
                self._unknown(each.of, each.spot, kind, [name for _, name in places])
            elif each.removed:
                gone.append(found)
            else:
                holder, node = found
                at = next(i for i, one in enumerate(holder.value) if one is node)
                merged = self._merged(node, self._written(each), "condition")
                holder.value[at] = merged
                places = {own: (h, merged if n is node else n) for own, (h, n) in places.items()}
        for holder, node in gone:
            holder.value = [one for one in holder.value if one is not node]

    def _written(self, each: Altered) -> MappingNode:
        own = {"原", "of", "删除", "removed"}
        pairs = [pair for pair in each.node.value if pair[0].value not in own]
        found = _mapping(pairs, each.node)
        self.findings.ours.add(id(found))
        return found

    def _merged(self, old: Node, new: MappingNode, section: str) -> MappingNode:
        """Return the old keys with the new ones over them; a new rule takes the place of parts."""
        written = {_name(section, key) for key, _ in new.value}
        if written & set(_RULE_KEYS) and section == "condition":
            written |= set(_RULE_KEYS)
        kept = [pair for pair in old.value if _name(section, pair[0]) not in written]
        found = _mapping([*kept, *new.value], new)
        self.findings.ours.add(id(found))
        return found

    def _unknown(
        self, name: str, spot: Spot, kind: tuple[str, str], known: Sequence[str] | Any
    ) -> None:
        listed = list(known)
        self.findings.add_near(
            "reform-unknown", spot, name, listed,
            kind_zh=kind[0], kind_en=kind[1], there="、".join(listed) or "—",
        )  # fmt: skip


def _changed(
    rows: Sequence[tuple[ParameterValue, Node]], change: Change
) -> list[tuple[ParameterValue, Node]]:
    """Return the rows of a parameter after one change: what it covers is cut off or goes."""
    start = change.start or _ALWAYS
    found = []
    for value, node in rows:
        if not value.region.startswith(change.region) or (value.end and value.end < start):
            found.append((value, node))
        elif value.start < start:
            end = start - timedelta(days=1)
            cut = _mapping(list(node.value), node)
            _put(cut, "value", "to", _scalar(end.isoformat(), node))
            found.append((replace(value, end=end), cut))
    made = ParameterValue(start, None, change.region, None, confirmed=False)
    pairs: list[tuple[str, Node]] = [("自", _scalar(start.isoformat(), change.node))]
    if change.region:
        pairs.append(("地区", _scalar(change.region, change.node, quoted=True)))
    pairs += [("值", change.node), ("状态", _scalar("待核定", change.node))]
    row = _mapping([(_scalar(key, change.node), node) for key, node in pairs], change.node)
    return [*found, (made, row)]


_Place = tuple[SequenceNode, Node]


def _places(
    conditions: Sequence[Condition], nodes: SequenceNode
) -> Iterator[tuple[tuple[str, str], _Place]]:
    """Yield each condition's id and name, and where its node stands, parts among them."""
    for condition, node in zip(conditions, list(nodes.value), strict=True):
        yield (condition.id, condition.name), (nodes, node)
        parts = iter(condition.parts)
        for key in ("any", "all"):
            below = _under(node, "condition", key)
            if isinstance(below, SequenceNode):
                own = [next(parts) for _ in below.value]
                yield from _places(own, below)


def _named(places: dict[tuple[str, str], _Place], wanted: str) -> _Place | None:
    return next((place for names, place in places.items() if wanted in names), None)


def _name(section: str, key: Node) -> str:
    found = key_of(section, str(key.value), SECTIONS)
    return str(key.value) if found is None else found.name


def _under(node: Node, section: str, name: str) -> Any:
    """Return the node under a key, if it holds anything."""
    if not isinstance(node, MappingNode):
        return None
    found = next((value for key, value in node.value if _name(section, key) == name), None)
    return found if isinstance(found, MappingNode | SequenceNode) else None


def _put(node: Any, section: str, name: str, value: Node) -> None:
    at = next((i for i, (key, _) in enumerate(node.value) if _name(section, key) == name), None)
    if at is None:
        written = next(key.zh for key in SECTIONS[section] if key.name == name)
        node.value.append((_scalar(written, node), value))
    else:
        node.value[at] = (node.value[at][0], value)


def _scalar(text: str, like: Node, *, quoted: bool = False) -> ScalarNode:
    tag = "tag:yaml.org,2002:str" if quoted else tag_of(text)
    return ScalarNode(tag, text, like.start_mark, like.end_mark, style='"' if quoted else None)


def _mapping(pairs: list[tuple[Node, Node]], like: Node) -> MappingNode:
    flow = bool(getattr(like, "flow_style", True))
    tag = "tag:yaml.org,2002:map"
    return MappingNode(tag, pairs, like.start_mark, like.end_mark, flow_style=flow)


def _sequence(items: list[Node], like: Node) -> SequenceNode:
    tag = "tag:yaml.org,2002:seq"
    return SequenceNode(tag, items, like.start_mark, like.end_mark, flow_style=not items)
