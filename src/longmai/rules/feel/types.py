"""Types of FEEL: whether a value is of one. Source: DMN 1.5, 10.3.2.9."""

from collections.abc import Mapping

from longmai.rules.feel.tree import TypeName
from longmai.rules.feel.values import UNBOUNDED, Function, RangeValue, Value, kind_of

_ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "Any": "any",
}


def conforms(value: Value, type_: TypeName, types: Mapping[str, TypeName]) -> bool:
    """Tell whether a value is of a type; null is of the type Null alone.

    Args:
        value: to judge.
        type_: its name.
        types: of item definitions, by name.
    """
    name = _ALIASES.get(type_.name, type_.name)
    if name in types:
        return conforms(value, types[name], types)
    if name in {"Null", "null"}:
        return value is None
    if value is None:
        return False
    if name == "any":
        return True
    return _of_parts(value, name, type_, types) if type_.parts else kind_of(value) == name


def _of_parts(value: Value, name: str, type_: TypeName, types: Mapping[str, TypeName]) -> bool:
    if kind_of(value) != name:
        return False
    parts = type_.parts
    if name == "list":
        return all(_part(each, parts[0], types) for each in value)
    if name == "range":
        return _range(value, parts[0], types)
    if name == "context":
        named = zip(type_.names, parts, strict=True)
        return all(entry in value and _part(value[entry], part, types) for entry, part in named)
    return isinstance(value, Function) and len(value.parameters) == len(parts) - 1


def _part(value: Value, type_: TypeName, types: Mapping[str, TypeName]) -> bool:
    return value is None or conforms(value, type_, types)


def _range(value: RangeValue, part: TypeName, types: Mapping[str, TypeName]) -> bool:
    ends = [end for end in (value.low, value.high) if end is not None and end is not UNBOUNDED]
    return all(conforms(end, part, types) for end in ends)
