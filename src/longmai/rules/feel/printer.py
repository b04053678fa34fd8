"""Writes a tree as FEEL text: parsing what is written gives the same tree.

Operands are put in parentheses wherever they could be read another way, so that the writer needs no
table of precedences that could disagree with the parser's.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from longmai.rules.feel.tree import (
    At,
    Between,
    Binary,
    Call,
    Comparison,
    Context,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    Iteration,
    Lambda,
    ListOf,
    Name,
    Negation,
    Node,
    Number,
    Path,
    Quantified,
    Range,
    Text,
    Truth,
    TypeName,
    UnaryTests,
)

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_WHOLE = (Number, Text, Truth, At, Name, ListOf, Context, Comparison)


def print_node(node: Node) -> str:
    """Return the text of an expression.

    >>> from longmai.rules.feel.parser import parse_expression
    >>> print_node(parse_expression("1+2 * x[item>3].y"))
    '1 + (2 * ((x[item > 3]).y))'
    """
    return _PRINTERS[type(node)](node)


def print_tests(tests: UnaryTests) -> str:
    """Return the text of unary tests."""
    listed = ", ".join(_test(test) for test in tests.tests)
    if not tests.tests:
        return "-"
    return f"not({listed})" if tests.negated else listed


def print_type(type_: TypeName) -> str:
    """Return the text of a type."""
    parts = [print_type(part) for part in type_.parts]
    if type_.name == "function" and parts:
        return f"function<{', '.join(parts[:-1])}> -> {parts[-1]}"
    if type_.names:
        entries = zip(type_.names, parts, strict=True)
        return f"{type_.name}<{', '.join(f'{name}: {part}' for name, part in entries)}>"
    return f"{type_.name}<{', '.join(parts)}>" if parts else type_.name


def quoted(text: str) -> str:
    r"""Return a string literal.

    >>> quoted('a "b"')
    '"a \\"b\\""'
    """
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def _part(node: Node) -> str:
    text = print_node(node)
    return text if isinstance(node, _WHOLE) else f"({text})"


def _test(node: Node) -> str:
    """Write one of several tests: a comparison needs no parentheses there."""
    if isinstance(node, Comparison):
        return f"{node.operator} {_part(node.operand)}"
    return print_node(node)


def _number(node: Number) -> str:
    value = node.value
    # Digits only, so that "1e5" is not read as a name after a number.
    return format(value, "f") if abs(value.adjusted()) < _PLAIN_DIGITS else _scientific(value)


_PLAIN_DIGITS = 40


def _scientific(value: Decimal) -> str:
    return format(value, "e")


def _binary(node: Binary) -> str:
    # A chain of one precedence is read from the left, as it is written.
    parts = [f"{node.operator} {_part(node.right)}"]
    left = node.left
    while isinstance(left, Binary) and _LEVEL.get(left.operator) == _LEVEL.get(node.operator, -1):
        parts.append(f"{left.operator} {_part(left.right)}")
        left = left.left
    return " ".join([_part(left), *reversed(parts)])


_LEVEL = {"or": 0, "and": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 4}


def _in(node: In) -> str:
    return f"{_part(node.value)} in ({', '.join(_test(test) for test in node.tests)})"


def _range(node: Range) -> str:
    ends = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
    return f"{ends[0]}{_part(node.low)}..{_part(node.high)}{ends[1]}"


def _context(node: Context) -> str:
    entries = (f"{quoted(name)}: {print_node(value)}" for name, value in node.entries)
    return "{" + ", ".join(entries) + "}"


def _call(node: Call) -> str:
    arguments = [print_node(each) for each in node.arguments]
    if node.names:
        arguments = [f"{n}: {a}" for n, a in zip(node.names, arguments, strict=True)]
    return f"{_part(node.function)}({', '.join(arguments)})"


def _domains(domains: tuple[Iteration, ...]) -> str:
    return ", ".join(
        f"{each.name} in {_part(each.low)}" + (f"..{_part(each.high)}" if each.high else "")
        for each in domains
    )


def _quantified(node: Quantified) -> str:
    word = "every" if node.every else "some"
    return f"{word} {_domains(node.domains)} satisfies {_part(node.condition)}"


def _lambda(node: Lambda) -> str:
    parameters = ", ".join(
        name if type_ is None else f"{name}: {print_type(type_)}" for name, type_ in node.parameters
    )
    return f"function({parameters}) {'external ' if node.external else ''}{_part(node.body)}"


def _if(node: If) -> str:
    parts = (_part(node.condition), _part(node.then), _part(node.otherwise))
    return f"if {parts[0]} then {parts[1]} else {parts[2]}"


_TRUTHS = {True: "true", False: "false", None: "null"}
_PRINTERS: Mapping[type, Callable[[Any], str]] = {
    Number: _number,
    Text: lambda node: quoted(node.value),
    Truth: lambda node: _TRUTHS[node.value],
    At: lambda node: f"@{quoted(node.text)}",
    Name: lambda node: node.name,
    Negation: lambda node: f"-{_part(node.operand)}",
    Binary: _binary,
    Between: lambda node: f"{_part(node.value)} between {_part(node.low)} and {_part(node.high)}",
    In: _in,
    Comparison: lambda node: f"({_test(node)})",
    Range: _range,
    ListOf: lambda node: "[" + ", ".join(_test(each) for each in node.items) + "]",
    Context: _context,
    Path: lambda node: f"{_part(node.value)}.{node.name}",
    Filter: lambda node: f"{_part(node.value)}[{print_node(node.condition)}]",
    Call: _call,
    If: _if,
    For: lambda node: f"for {_domains(node.domains)} return {_part(node.value)}",
    Quantified: _quantified,
    Lambda: _lambda,
    InstanceOf: lambda node: f"{_part(node.value)} instance of {print_type(node.type)}",
}
