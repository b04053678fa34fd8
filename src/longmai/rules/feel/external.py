"""Functions that the standard leaves to Java, the few that mean the same without a Java machine.

Source: DMN 1.5, 10.3.2.13.3 (``function(…) external {java: {class, method signature}}``). Nothing
is loaded by name: what does not stand in this table is null.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from longmai.rules.feel.values import ARITHMETIC, Function, Nothing, Value, text_of

_FLOATS = {"double", "float", "java.lang.Double", "java.lang.Float"}
_WHOLE = {
    "byte": 8,
    "short": 16,
    "int": 32,
    "long": 64,
    "java.lang.Byte": 8,
    "java.lang.Short": 16,
    "java.lang.Integer": 32,
    "java.lang.Long": 64,
}
_MATH: Mapping[str, Callable[..., float]] = {
    "abs": abs,
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "atan2": math.atan2,
    "cbrt": math.cbrt,
    "ceil": math.ceil,
    "cos": math.cos,
    "exp": math.exp,
    "floor": math.floor,
    "hypot": math.hypot,
    "log": math.log,
    "log10": math.log10,
    "max": max,
    "min": min,
    "pow": math.pow,
    "sin": math.sin,
    "sqrt": math.sqrt,
    "tan": math.tan,
    "toDegrees": math.degrees,
    "toRadians": math.radians,
}
_NUMBERS = {f"java.lang.{name}" for name in ("Byte", "Short", "Integer", "Long", "Float", "Double")}


def external_function(parameters: tuple[str, ...], definition: Value) -> Function:
    """Return the function that an external definition names.

    Args:
        parameters: of the function.
        definition: the context ``{java: {class: …, method signature: …}}``.

    Raises:
        Nothing: it is no Java function, or none of the table.
    """
    java = definition.get("java") if isinstance(definition, dict) else None
    if not isinstance(java, dict):
        raise Nothing("only functions of Java are known")
    owner, signature = java.get("class"), java.get("method signature")
    if not isinstance(owner, str) or not isinstance(signature, str):
        raise Nothing("a function of Java has a class and a method signature")
    name, _, rest = signature.partition("(")
    types = [each.strip() for each in rest.rstrip(") ").split(",") if each.strip()]
    method = _method(owner.strip(), name.strip(), types)
    return Function(parameters, method)


def _method(owner: str, name: str, types: Sequence[str]) -> Callable[[Sequence[Value]], Value]:
    numeric = all(each in _FLOATS or each in _WHOLE for each in types)
    if owner == "java.lang.Math" and name in _MATH and numeric:
        return lambda values: _number(_MATH[name](*map(_float, values, types)))
    if owner in _NUMBERS and name in {"valueOf", "parseInt", "parseDouble"} and len(types) == 1:
        return lambda values: _value_of(values[0], types[0])
    if owner == "java.lang.String" and name == "valueOf" and len(types) == 1:
        return lambda values: _text(values[0], types[0])
    if owner == "java.lang.String" and name == "format" and types[1:] == ["[Ljava.lang.Object;"]:
        return _format
    raise Nothing(f"{owner}.{name} is not known here")


def _float(value: Value, type_: str) -> float:
    if not isinstance(value, Decimal):
        raise Nothing("a function of numbers takes numbers")
    if type_ in _WHOLE:
        return int(_in_range(value, _WHOLE[type_]))
    return float(value)


def _in_range(value: Decimal, bits: int) -> Decimal:
    if value != value.to_integral_value() or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise Nothing(f"{value} is no whole number of {bits} bits")
    return value


def _number(value: float) -> Value:
    if not math.isfinite(value):
        raise Nothing("the function has no number here")
    return ARITHMETIC.create_decimal(repr(value))


def _value_of(value: Value, type_: str) -> Value:
    if type_ == "java.lang.String" and isinstance(value, str):
        return ARITHMETIC.create_decimal(value)
    return _number(_float(value, type_))


def _text(value: Value, type_: str) -> Value:
    if type_ == "char" and not (isinstance(value, str) and len(value) == 1):
        raise Nothing("a character is a string of one")
    return text_of(value)


def _format(values: Sequence[Value]) -> Value:
    pattern, *rest = values
    given = rest[0] if len(rest) == 1 and isinstance(rest[0], list) else rest
    if not isinstance(pattern, str) or pattern.replace("%s", "").count("%"):
        raise Nothing("only %s is filled in")
    if pattern.count("%s") != len(given):
        raise Nothing("the pattern asks for another number of values")
    parts = pattern.split("%s")
    filled = [part for pair in zip(parts, map(text_of, given), strict=False) for part in pair]
    return "".join([*filled, parts[-1]])
