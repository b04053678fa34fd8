"""The arithmetic of an amount, with the numbers of the case in place of the names."""

from collections.abc import Callable
from decimal import Decimal

from longmai.rules.feel.tree import Binary, Call, Filter, If, Name, Negation, Node, Number, Path
from longmai.rules.feel.values import Value

_SIGNS = {"*": "×", "/": "÷", "-": "−", "+": "+", "**": "^"}
_LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}

Valued = Callable[[Node], Value]
Shown = Callable[[Value], str]


def sum_of(node: Node, value: Valued, shown: Shown) -> str:
    """Write an expression as the sum that was computed; empty where it is no sum.

    Of an ``if`` the branch that counted is written; ``min`` and ``max`` stand with their numbers.
    """
    return _sum(node, value, shown, 0)


def _sum(node: Node, value: Valued, shown: Shown, level: int) -> str:
    match node:
        case If(condition, then, otherwise):
            branch = then if value(condition) is True else otherwise
            return _sum(branch, value, shown, level)
        case Binary(operator, left, right) if operator in _SIGNS:
            own = _LEVELS[operator]
            one = _sum(left, value, shown, own)
            other = _sum(right, value, shown, own + 1)
            text = f"{one} {_SIGNS[operator]} {other}"
            return f"({text})" if own < level else text
        case Negation(operand):
            return f"−{_sum(operand, value, shown, 3)}"
        case Call(Name("min" | "max" | "sum" as name), arguments) if len(arguments) > 1:
            inner = ", ".join(_sum(each, value, shown, 0) for each in arguments)
            return f"{name}({inner})"
        case Call(Name("sum"), (Path() | Filter() as listed,)):
            return _listed(value(listed), shown, level)
    found = value(node) if isinstance(node, Number | Name | Call | Path | Filter) else None
    return shown(found) if isinstance(found, Decimal) else ""


def _listed(values: Value, shown: Shown, level: int) -> str:
    if not isinstance(values, list) or not values:
        return "0"
    text = " + ".join(shown(each) for each in values)
    return f"({text})" if level > 1 and len(values) > 1 else text
