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


_MAX_ALIASES = 100


def conforms(value: Value, type_: TypeName, types: Mapping[str, TypeName]) -> bool:
    """Tell whether a value is of a type; null is of the type Null alone.

    Args:
        value: to judge.
        type_: its name.
        types: of item definitions, by name.
    """
    return _Judge(types).conforms(value, type_)


class _Judge:
    """Judges a value, each of its lists and contexts once, however often it stands there."""

    def __init__(self, types: Mapping[str, TypeName]) -> None:
        self._types = types
        self._known: dict[tuple[int, TypeName], bool] = {}

    def conforms(self, value: Value, type_: TypeName) -> bool:
        for _ in range(_MAX_ALIASES):
            if type_.name not in self._types:
                break
            type_ = self._types[type_.name]
        else:
            return False  # it is defined by itself
        name = _ALIASES.get(type_.name, type_.name)
        if name in {"Null", "null"}:
            return value is None
        if value is None:
            return False
        if name == "any":
            return True
        if not type_.parts:
            return kind_of(value) == name
        key = id(value), type_
        if key not in self._known:
            self._known[key] = True  # until the contrary is found
            self._known[key] = self._of_parts(value, name, type_)
        return self._known[key]

    def _of_parts(self, value: Value, name: str, type_: TypeName) -> bool:
        if kind_of(value) != name:
            return False
        parts = type_.parts
        if name == "list":
            return all(self._part(each, parts[0]) for each in value)
        if name == "range":
            return self._range(value, parts[0])
        if name == "context":
            named = zip(type_.names, parts, strict=True)
            return all(entry in value and self._part(value[entry], part) for entry, part in named)
        return isinstance(value, Function) and len(value.parameters) == len(parts) - 1

    def _part(self, value: Value, type_: TypeName) -> bool:
        return value is None or self.conforms(value, type_)

    def _range(self, value: RangeValue, part: TypeName) -> bool:
        ends = [end for end in (value.low, value.high) if end is not None and end is not UNBOUNDED]
        return all(self.conforms(end, part) for end in ends)
