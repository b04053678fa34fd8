"""How built-in functions are declared: by name and parameters, with the kinds they take.

A parameter is written ``name:kinds`` with kinds parted by ``|``; ``?`` at the end makes it
optional, ``*`` takes either one list or all arguments, and ``+`` all arguments from there on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longmai.rules.feel.temporal import NotTemporal
from longmai.rules.feel.values import Function, Nothing, Value, kind_of

_DURATIONS = ("days and time duration", "years and months duration")
_WIDE = {"duration": _DURATIONS, "any": ()}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a built-in function.

    Attributes:
        kinds: of value that it takes; none: any.
        optional: it may be left out.
        nullable: it takes null.
        many: one list, or all arguments.
        rest: all arguments from here on.
    """

    name: str
    kinds: tuple[str, ...]
    optional: bool
    nullable: bool
    many: bool
    rest: bool = False

    @classmethod
    def parse(cls, text: str) -> "Parameter":
        """Read a declaration."""
        name, _, rest = text.partition(":")
        optional, many = rest.endswith("?"), rest.endswith("*")
        names = rest.rstrip("?*+").split("|")
        nullable = "null" in names or "any" in names
        kinds = [kind for each in names if each != "null" for kind in _WIDE.get(each, (each,))]
        return cls(
            name,
            tuple(kinds) if "any" not in names else (),
            optional,
            nullable,
            many,
            rest.endswith("+"),
        )

    def take(self, value: Value) -> Value:
        """Return an argument as the function wants it: a list of one is its element, and back.

        Raises:
            Nothing: it is of another kind.
        """
        kind = kind_of(value)
        if not self.kinds or kind in self.kinds or (value is None and self.nullable):
            return value
        if kind == "list" and len(value) == 1 and kind_of(value[0]) in self.kinds:
            return value[0]
        if "list" in self.kinds and value is not None:
            return [value]
        raise Nothing(f"'{self.name}' is {' or '.join(self.kinds)}, not {kind}", value)


@dataclass(frozen=True)
class Signature:
    """One way to call a function."""

    parameters: tuple[Parameter, ...]
    run: Callable[..., Value]

    def fits(self, count: int) -> bool:
        """Tell whether it takes so many arguments."""
        if any(parameter.many for parameter in self.parameters):
            return count >= 1
        if self.parameters and self.parameters[-1].rest:
            return count >= len(self.parameters)
        least = sum(not parameter.optional for parameter in self.parameters)
        return least <= count <= len(self.parameters)

    def call(self, arguments: Sequence[Value]) -> Value:
        """Call with arguments by position."""
        first = self.parameters[0] if self.parameters else None
        if first is not None and first.many:
            whole = arguments[0] if len(arguments) == 1 else None
            listed = whole if isinstance(whole, list) else list(arguments)
            return self.run(listed)
        taken = [
            parameter.take(value)
            for parameter, value in zip(self.parameters, arguments, strict=False)
        ]
        if self.parameters and self.parameters[-1].rest:
            taken[-1] = list(arguments[len(taken) - 1 :])
        return self.run(*taken)


BUILT_INS: dict[str, list[Signature]] = {}


def built_in(name: str, *parameters: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declare one way to call a built-in function."""

    def declare(run: Callable[..., Value]) -> Callable[..., Value]:
        parsed = tuple(Parameter.parse(each) for each in parameters)
        BUILT_INS.setdefault(name, []).append(Signature(parsed, run))
        return run

    return declare


def call_built_in(name: str, arguments: Sequence[Value]) -> Value:
    """Call a built-in function by position.

    Raises:
        Nothing: it takes no such arguments, or has no value for them.
    """
    fitting = [each for each in BUILT_INS[name] if each.fits(len(arguments))]
    if not fitting:
        raise Nothing(f"{name} takes no {len(arguments)} arguments")
    return _first(name, [(each, arguments) for each in fitting])


def call_by_names(name: str, named: Mapping[str, Value]) -> Value:
    """Call a built-in function by the names of its parameters.

    Raises:
        Nothing: it has no such parameters, or has no value for them.
    """
    fitting: list[tuple[Signature, Sequence[Value]]] = []
    for each in BUILT_INS[name]:
        names = [parameter.name for parameter in each.parameters]
        missing = [p.name for p in each.parameters if p.name not in named and not p.optional]
        if named.keys() <= set(names) and not missing:
            last = max(names.index(given) for given in named) if named else -1
            way = each, [named.get(n) for n in names[: last + 1]]
            # before(point, range) and before(range, point): the order that was written counts.
            fitting.insert(0 if names == list(named) else len(fitting), way)
    if not fitting:
        raise Nothing(f"{name} has no parameters {', '.join(named)}")
    return _first(name, fitting)


def _first(name: str, ways: Sequence[tuple[Signature, Sequence[Value]]]) -> Value:
    why = ""
    values: tuple[Value, ...] = ()
    for signature, arguments in ways:
        try:
            return signature.call(arguments)
        except Nothing as error:
            why, values = str(error), error.values
        except NotTemporal as error:
            why, values = str(error), tuple(arguments)
        except (ArithmeticError, ValueError):
            why, values = "there is no such number", tuple(arguments)
    raise Nothing(f"{name}: {why}", *values)


def function_of(name: str) -> Function:
    """Return a built-in function as a value."""
    widest: tuple[Any, ...] = max((s.parameters for s in BUILT_INS[name]), key=len)
    parameters = tuple(parameter.name for parameter in widest)
    return Function(parameters, lambda arguments: call_built_in(name, arguments))
