"""Types of a model: item definitions, and how values are fitted to them.

Source: DMN 1.5, 7.3.2 (item definitions) and 10.3.2.9.4 (implicit conversions).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import ItemDefinition
from longmai.rules.feel.compiler import Environment, Test, compile_tests
from longmai.rules.feel.parser import parse_type, parse_unary_tests
from longmai.rules.feel.temporal import Date, DateTime, Time
from longmai.rules.feel.tree import TypeName
from longmai.rules.feel.types import conforms
from longmai.rules.feel.values import Function, Value, kind_of

_ANY = {"", "Any", "any"}
_MIDNIGHT = Time(0, 0, Decimal(0), 0)


@dataclass
class Types:
    """The item definitions of a model, ready to judge values.

    Attributes:
        items: by name; those of an import under its name and a dot.
        names: as FEEL's ``instance of`` knows them.
    """

    items: dict[str, ItemDefinition] = field(default_factory=dict)
    names: dict[str, TypeName] = field(default_factory=dict)
    _tests: dict[str, Test] = field(default_factory=dict)
    _parsed: dict[str, TypeName | None] = field(default_factory=dict)

    def add(self, items: Sequence[ItemDefinition]) -> None:
        """Take item definitions in."""
        for item in items:
            self.items[item.name] = item
            self.names[item.name] = _type_name(item)

    def coerced(self, value: Value, type_: str, report: Callable[[str], None]) -> Value:
        """Return a value as a type wants it: a list of one is its element, and back; else null."""
        if value is None or type_ in _ANY or self.fits(value, type_):
            return value
        if isinstance(value, list) and len(value) == 1 and self.fits(value[0], type_):
            return value[0]
        if self.fits([value], type_):
            return [value]
        if isinstance(value, Date) and self.fits(DateTime(value, _MIDNIGHT), type_):
            return DateTime(value, _MIDNIGHT)
        report(f"a value is of the type {kind_of(value)}, and not of {type_}")
        return None

    def fits(self, value: Value, type_: str) -> bool:
        """Tell whether a value is of a type, its constraints included; null is of any."""
        if value is None or type_ in _ANY:
            return True
        item = self.items.get(type_)
        if item is None:
            return self._built_in(value, type_)
        return self._whole(value, item)

    def _whole(self, value: Value, item: ItemDefinition) -> bool:
        if item.is_list:
            listed = isinstance(value, list) and all(self._one(each, item) for each in value)
            return listed and self._allowed(value, item.constraint)
        return self._one(value, item) and self._allowed(value, item.constraint)

    def _built_in(self, value: Value, type_: str) -> bool:
        if type_ not in self._parsed:
            try:
                self._parsed[type_] = parse_type(type_, self.names)
            except Invalid:
                self._parsed[type_] = None
        found = self._parsed[type_]
        return found is not None and conforms(value, found, self.names)

    def _one(self, value: Value, item: ItemDefinition) -> bool:
        if value is None:
            return True
        if item.is_function:
            return isinstance(value, Function)
        if item.components:
            if not isinstance(value, dict):
                return False
            fitting = all(
                each.name in value
                and (value[each.name] is None or self._whole(value[each.name], each))
                for each in item.components
            )
        else:
            fitting = self.fits(value, item.base)
        return fitting and self._allowed(value, item.allowed)

    def _allowed(self, value: Value, allowed: str) -> bool:
        if not allowed:
            return True
        if allowed not in self._tests:
            self._tests[allowed] = compile_tests(parse_unary_tests(allowed))
        return self._tests[allowed](Environment({}), value) is True


def _type_name(item: ItemDefinition) -> TypeName:
    found = TypeName(item.base or "Any")
    if item.is_function:
        parts = (*map(_named, item.parameters), _named(item.result))
        found = TypeName("function", parts)
    elif item.components:
        names = tuple(each.name for each in item.components)
        found = TypeName("context", tuple(map(_type_name, item.components)), names)
    return TypeName("list", (found,)) if item.is_list else found


def _named(name: str) -> TypeName:
    return TypeName(name or "Any")
