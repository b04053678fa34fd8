"""The form of a what-if: fields for a policy's parameters; what was filled in, as a reform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.kernel.money import yuan_to_fen
from longmai.portal.policies.said import Said
from longmai.portal.rendering import Words
from longmai.portal.simulation.asking import Asked, Whom, Wish, whole_number
from longmai.portal.simulation.tables import read_table
from longmai.rules.policy.literals import NotOfType, as_plain, of_type, read_date
from longmai.rules.policy.model import Parameter, Policy
from longmai.rules.simulate.reform import read_reform, write_reform

MAX_FIELD_BYTES = 256 * 1024


@dataclass(frozen=True)
class Sent:
    """What the form holds.

    Attributes:
        texts: by field; ``n.1`` is the new value of the first parameter, ``a.1`` the assumed one.
        data: of a file that was chosen.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""

    def text(self, name: str, default: str = "") -> str:
        """Return the text of a field."""
        return self.texts.get(name, default).strip()


@dataclass(frozen=True)
class ParameterField:
    """A parameter on the form.

    Attributes:
        now: what it is on the day, in words; empty: not known.
        varies: it differs by place.
    """

    key: str
    parameter: Parameter
    label: str
    now: str
    varies: bool
    assumed: str
    value: str
    error: str


def editable(policy: Policy) -> list[tuple[str, Parameter]]:
    """Return the parameters that a form can change, with their keys."""
    return [
        (str(number), each)
        for number, each in enumerate(policy.parameters.values(), start=1)
        if not each.type.startswith("list")
    ]


def fields_of(
    policy: Policy, day: date, sent: Sent, said: Said, wrong: Mapping[str, str]
) -> list[ParameterField]:
    """Return the fields of a policy's parameters."""
    region = policy.regions[0] if policy.regions else ""
    found = []
    for key, each in editable(policy):
        held = each.at(day, region)
        value = None if held is None else held.value
        texts = sent.text(f"a.{key}"), sent.text(f"n.{key}")
        shown = "" if value is None else said.value(value, each.unit)
        varies = len({row.region for row in each.values}) > 1
        error = wrong.get(f"n.{key}", wrong.get(f"a.{key}", ""))
        found.append(ParameterField(key, each, said.name(each), shown, varies, *texts, error))
    return found


def asked_of(t: Words, policy: Policy, day: date, sent: Sent) -> Asked:
    """Return what the form asks for.

    Raises:
        InvalidMany: all that is wrong in it, by field.
    """
    findings: list[Invalid] = []
    reform = sent.text("reform")
    if not reform:
        reform = _reform(t, policy, day, sent, findings)
    whom = _whom(sent, findings)
    wish = _wish(policy, sent, findings)
    if findings:
        raise InvalidMany("the form is not filled in right", findings)
    read = read_reform(reform)
    return Asked(policy, read, read.day or day, whom, sent.text("group"), wish)


def _reform(t: Words, policy: Policy, day: date, sent: Sent, findings: list[Invalid]) -> str:
    changes: dict[str, list[dict[str, str]]] = {"a": [], "n": []}
    for key, each in editable(policy):
        for kind, listed in changes.items():
            text = sent.text(f"{kind}.{key}")
            if text:
                value = _value(f"{kind}.{key}", text, each, findings)
                listed.append({"名称": each.name, "值": value})
    content: dict[str, Any] = {
        "标题": sent.text("title") or t("what_if.title"),
        "政策": policy.id,
        "版本": policy.version,
        "日期": day.isoformat(),
    }
    if changes["a"]:
        content["假设"] = changes["a"]
    if changes["n"]:
        content["参数"] = changes["n"]
    return write_reform(content)


def _value(name: str, text: str, parameter: Parameter, findings: list[Invalid]) -> str:
    plain = text.replace(",", "") if parameter.type == "number" else text
    try:
        return (
            str(as_plain(of_type(plain, parameter.type))) if parameter.type != "boolean" else text
        )
    except NotOfType:
        mend = {"number": "650", "date": "2026-01-01", "boolean": "是, 否"}.get(parameter.type)
        what = f"this is no {parameter.type}"
        findings.append(Invalid(what, code="what_if.value", place=name, value=text[:40], mend=mend))
        return text


def _whom(sent: Sent, findings: list[Invalid]) -> Whom:
    def number(name: str, default: int) -> int:
        text = sent.text(name)
        try:
            return whole_number(text, name, 1) if text else default
        except Invalid as error:
            findings.append(error)
            return default

    stands = number("stands_for", 0) or None
    households, seed = number("households", Whom.households), number("seed", Whom.seed)
    table = None
    if sent.data:
        try:
            table = read_table(sent.data)
        except Invalid as error:
            findings.append(error)
    return Whom(table, households, seed, stands, sent.text("design") == "county")


def _wish(policy: Policy, sent: Sent, findings: list[Invalid]) -> Wish | None:
    key = sent.text("search")
    named = dict(editable(policy))
    if key not in named:
        return None
    step = _decimal(sent.text("step", "1") or "1", "step", findings)
    if step <= 0:
        findings.append(Invalid("a step is above 0", code="what_if.step", place="step", mend="1"))
    target, text = None, sent.text("target").replace(",", "")
    if text:
        try:
            target = yuan_to_fen(text)
        except Invalid as error:
            findings.append(
                Invalid(error.what, code=error.code, place="target", value=text, mend="1200000")
            )
    return Wish(named[key].name, target, step=step)


def _decimal(text: str, place: str, findings: list[Invalid]) -> Decimal:
    try:
        found = Decimal(text)
        if found.is_finite():
            return found
    except InvalidOperation:
        pass
    findings.append(
        Invalid("this is no number", code="what_if.number", place=place, value=text, mend="1")
    )
    return Decimal(1)


def day_of(sent: Sent, today: date) -> date:
    """Return the day that is asked for, else today."""
    return read_date(sent.text("day")) or today


def numbers(policy: Policy) -> Sequence[tuple[str, Parameter]]:
    """Return the parameters that can be searched for."""
    return [pair for pair in editable(policy) if pair[1].type == "number"]
