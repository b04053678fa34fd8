"""The JSON Schema of policy files, written from the keys: editors complete and check by it."""

from collections.abc import Mapping, Sequence
from typing import Any

from longmai.rules.policy.keys import SECTIONS, Key

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHORTHAND = {"step": "a FEEL expression", "clause": "the words of the clause"}
_SCALARS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": ["string", "number"]},
    "feel": {"type": ["string", "number", "boolean"]},
    "date": {
        "anyOf": [{"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}, {"type": "null"}],
    },
    "flag": {"type": "boolean"},
    "number": {"type": "number"},
    "literal": {"type": ["string", "number", "boolean", "array", "null"]},
    "texts": {
        "anyOf": [
            {"type": ["string", "number"]},
            {"type": "array", "items": {"type": ["string", "number"]}},
        ]
    },
    "values": {"type": "object"},
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a policy file; each key in Chinese or in English.

    >>> sorted(schema()["$defs"])[:3]
    ['amount', 'clause', 'condition']
    """
    return schema_of(SECTIONS, "policy", "Longmai policy file · 陇脉政策文件")


def schema_of(sections: Mapping[str, Sequence[Key]], top: str, title: str) -> dict[str, Any]:
    """Return the JSON Schema of files of some grammar, whose outermost section is ``top``."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:longmai:{top}",
        "title": title,
        **_section(top, sections[top]),
        "$defs": {name: _section(name, keys) for name, keys in sections.items() if name != top},
    }


def _section(name: str, keys: Sequence[Key]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for key in keys:
        about = {"description": f"{key.help[0]} · {key.help[1]}"}
        for written in key.names():
            properties[written] = {**_type(key), **about}
    found: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "allOf": [
            {"anyOf": [{"required": [written]} for written in key.names()]}
            for key in keys
            if key.required
        ],
    }
    if not found["allOf"]:
        del found["allOf"]
    if name in _SHORTHAND:
        return {"anyOf": [found, {"type": ["string", "number"], "description": _SHORTHAND[name]}]}
    return found


def _type(key: Key) -> dict[str, Any]:
    if key.kind == "choice":
        return {"enum": [written for pair in key.choices for written in pair]}
    kind, _, section = key.kind.partition(" ")
    if not section:
        return dict(_SCALARS[kind])
    reference = {"$ref": f"#/$defs/{section}"}
    if kind == "sections":
        return {"type": "array", "items": reference}
    if kind == "named":
        return {"type": "object", "additionalProperties": reference}
    return reference
