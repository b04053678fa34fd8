"""Cases as YAML to paste into a policy file, below its other examples."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from longmai.kernel.money import fen_to_yuan
from longmai.rules.checks.boundaries import Boundary
from longmai.rules.feel.values import Value
from longmai.rules.policy.evaluation import Decision, State
from longmai.rules.policy.examples import open_conditions
from longmai.rules.policy.keys import MEMBERS, SECTIONS, STATES, shown
from longmai.rules.policy.literals import as_plain
from longmai.rules.policy.model import Policy

_PLAIN = re.compile(r"[^\W\d_][\w.]*")
_TRUTHS = {True: ("是", "true"), False: ("否", "false")}
_RESERVED = frozenset(("true", "false", "null", "yes", "no", "是", "否"))
_NOTE = ("由规则推得，待确认", "derived from the rule, to be confirmed")


def examples_block(policy: Policy, found: Iterable[Boundary]) -> str:
    """Return cases as items to stand below ``示例``, in the language of the file's keys."""
    language = "zh" if re.search(r"^标题\s*:", policy.text, re.MULTILINE) else "en"
    return "".join(f"  - {_mapping(_example(policy, each, language))}\n" for each in found)


def _key(section: str, name: str, language: str) -> str:
    key = next(each for each in SECTIONS[section] if each.name == name)
    return key.zh if language == "zh" else key.name


def _example(policy: Policy, each: Boundary, language: str) -> dict[str, str]:
    case = each.decision.case
    reviews = {
        c.name: case.confirmed[c.id] for c in policy.rules.values() if c.id in case.confirmed
    }
    parts: dict[str, str] = {
        "name": _text(each.name(language)),
        "day": str(case.day),
        "region": f'"{case.region}"' if case.region else "",
        "given": _given(policy, case.values, language),
        "confirmed": _values(reviews, language) if reviews else "",
        "expect": _expected(each.decision, language),
        "note": _text(_NOTE[language != "zh"]),
    }
    return {_key("example", name, language): text for name, text in parts.items() if text}


def _given(policy: Policy, values: Mapping[str, Value], language: str) -> str:
    members = MEMBERS[language != "zh"]
    named = {members if n == policy.members_name else n: value for n, value in values.items()}
    return _values(named, language)


def _expected(decision: Decision, language: str) -> str:
    state = shown(STATES, decision.state.value, language)
    parts = {"state": _text(state)}
    if decision.amount_fen is not None and decision.state is State.MET:
        parts["amount"] = _number(fen_to_yuan(decision.amount_fen))
    because = open_conditions(decision.judged)
    if because:
        parts["because"] = _sequence([_text(each) for each in because])
    return _mapping({_key("expect", name, language): text for name, text in parts.items()})


def _values(values: Mapping[str, Value], language: str) -> str:
    known = {name: value for name, value in values.items() if value is not None}
    return _mapping({name: _value(value, language) for name, value in known.items()})


def _value(value: Value, language: str) -> str:
    if isinstance(value, bool):
        return _TRUTHS[value][language != "zh"]
    if isinstance(value, dict):
        return _values(value, language)
    if isinstance(value, list):
        return _sequence([_value(each, language) for each in value])
    return _text(value) if isinstance(value, str) else _number(value)


def _number(value: Any) -> str:
    text = str(as_plain(value))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED
    return text if plain else json.dumps(text, ensure_ascii=False)


def _mapping(parts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {text}" for name, text in parts.items()) + "}"


def _sequence(parts: Iterable[str]) -> str:
    return "[" + ", ".join(parts) + "]"
