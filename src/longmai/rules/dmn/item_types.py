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
from longmai.rules.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from longmai.rules.feel.tree import TypeName
from longmai.rules.feel.types import conforms
from longmai.rules.feel.values import Function, Value, kind_of

ANY = frozenset(("", "Any", "any"))
_MIDNIGHT = Time(0, 0, Decimal(0), 0)
_CLASSES: dict[str, type] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "dateTime": DateTime,
    "days and time duration": DaysDuration,
    "dayTimeDuration": DaysDuration,
    "years and months duration": MonthsDuration,
    "yearMonthDuration": MonthsDuration,
}
Check = Callable[[Value], bool]
Fit = Callable[[Value, Environment], Value]


@dataclass
class Types:
    """The item definitions of a model, ready to judge values.

    Attributes:
        items: by name; those of an import under its name and a dot.
        names: as FEEL's ``instance of`` knows them.
    """

    items: dict[str, ItemDefinition] = field(default_factory=dict)
    names: dict[str, TypeName] = field(default_factory=dict)
    _checks: dict[str, Check] = field(default_factory=dict)

    def add(self, items: Sequence[ItemDefinition]) -> None:
        """Take item definitions in."""
        for item in items:
            self.items[item.name] = item
            self.names[item.name] = _type_name(item)

    def plain_class(self, type_: str) -> type | None:
        """Return the class that values of a built-in type have, if one class is all it asks."""
        return None if type_ in self.items else _CLASSES.get(type_)

    def fitter(self, type_: str, where: str) -> Fit | None:
        """Return what fits values to a type: a list of one is its element, and back; else null.

        Args:
            type_: its name.
            where: the values stand, for problems.

        Returns:
            None where any value will do.
        """
        if type_ in ANY:
            return None
        own, check = self.plain_class(type_), self._check(type_)

        def fit(value: Value, env: Environment) -> Value:
            if value.__class__ is own or value is None or check(value):
                return value
            return self._converted(value, type_, env, where)

        return fit

    def _converted(self, value: Value, type_: str, env: Environment, where: str) -> Value:
        check = self._check(type_)
        if isinstance(value, list) and len(value) == 1 and check(value[0]):
            return value[0]
        if check([value]):
            return [value]
        if isinstance(value, Date) and check(DateTime(value, _MIDNIGHT)):
            return DateTime(value, _MIDNIGHT)
        env.note(f"a value is of the type {kind_of(value)}, and not of {type_}", where, value)
        return None

    def fits(self, value: Value, type_: str) -> bool:
        """Tell whether a value is of a type, its constraints included; null is of any."""
        return value is None or self._check(type_)(value)

    def _check(self, type_: str) -> Check:
        if type_ not in self._checks:
            self._checks[type_] = self._checking(type_)
        return self._checks[type_]

    def _checking(self, type_: str) -> Check:
        if type_ in ANY:
            return lambda _value: True
        if type_ in self.items:
            return self._whole(self.items[type_])
        own = _CLASSES.get(type_)
        if own is not None:
            return lambda value: value.__class__ is own or value is None
        try:
            named = parse_type(type_, self.names)
        except Invalid:
            return lambda value: value is None
        return lambda value: value is None or conforms(value, named, self.names)

    def _whole(self, item: ItemDefinition) -> Check:
        one, allowed = self._one(item), _allowing(item.constraint)
        if not item.is_list:
            return lambda value: value is None or (one(value) and allowed(value))
        return lambda value: (
            value is None or (isinstance(value, list) and all(map(one, value)) and allowed(value))
        )

    def _one(self, item: ItemDefinition) -> Check:
        """Return what judges one value: an item of it, where the type is a list."""
        allowed = _allowing(item.allowed)
        if item.is_function:
            return lambda value: value is None or isinstance(value, Function)
        if item.components:
            parts = [(each.name, self._whole(each)) for each in item.components]
            return lambda value: (
                value is None
                or (
                    isinstance(value, dict)
                    and all(name in value and part(value[name]) for name, part in parts)
                    and allowed(value)
                )
            )
        base = item.base
        if self._is_circular(item):
            return lambda value: value is None
        # Looked up when it is needed: a type may hold itself.
        return lambda value: value is None or (self._check(base)(value) and allowed(value))

    def _is_circular(self, item: ItemDefinition) -> bool:
        """Tell whether a type is nothing but another name of itself."""
        seen: set[str] = set()
        found: ItemDefinition | None = item
        while found is not None and not found.components and not found.is_function:
            if found.base in seen:
                return True
            seen.add(found.base)
            found = self.items.get(found.base)
        return False


def _allowing(allowed: str) -> Check:
    if not allowed:
        return lambda _value: True
    try:
        test: Test = compile_tests(parse_unary_tests(allowed))
    except Invalid:
        return lambda _value: False
    return lambda value: test(Environment({}), value) is True


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
