"""The normal form of a table: what a grid can say, each cell in one line without blanks around."""

import re
from collections.abc import Sequence
from dataclasses import replace

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule

# What is not closed goes to the end, so that no text is looked through more than once.
_PIECES = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)|\n', re.DOTALL)


def normal(table: DecisionTable) -> DecisionTable:
    """Return a table that means the same, as reading a grid or a sheet gives it.

    An empty test becomes ``-``; rules get a cell for each column; lines of FEEL are joined.

    Raises:
        Invalid: a rule has more cells than the table has columns.
    """
    return replace(
        table,
        inputs=[_input(each) for each in table.inputs],
        outputs=[_output(each) for each in table.outputs],
        annotations=[_words(each) for each in table.annotations],
        rules=[_rule(each, table, i) for i, each in enumerate(table.rules, 1)],
        aggregation=table.aggregation if table.hit_policy == "COLLECT" else "",
        type=table.type.strip(),
    )


def _input(each: Input) -> Input:
    values = one_line(each.values)
    return replace(
        each, expression=one_line(each.expression), type=each.type.strip(), values=values
    )


def _output(each: Output) -> Output:
    return replace(
        each,
        name=one_line(each.name),
        type=each.type.strip(),
        values=one_line(each.values),
        default=one_line(each.default),
    )


def _rule(rule: Rule, table: DecisionTable, number: int) -> Rule:
    shape = len(table.inputs), len(table.outputs), len(table.annotations)
    cells = rule.tests, rule.conclusions, rule.annotations
    if any(len(own) > wanted for own, wanted in zip(cells, shape, strict=True)):
        raise Invalid(
            "a rule has more cells than the table has columns",
            code="table.shape",
            place=f"row {number}",
            mend="take them away, or add columns",
        )
    tests, conclusions, annotations = (
        [*own, *[""] * (wanted - len(own))] for own, wanted in zip(cells, shape, strict=True)
    )
    return replace(
        rule,
        tests=[one_line(each) or "-" for each in tests],
        conclusions=[one_line(each) for each in conclusions],
        annotations=[_words(each) for each in annotations],
    )


def _words(text: str) -> str:
    return "\n".join(line.strip() for line in _lines(text)).strip()


def _lines(text: str) -> Sequence[str]:
    return re.split(r"\r\n|\r|\n", text)


def one_line(text: str) -> str:
    r"""Return FEEL text in one line: breaks in strings are escaped, others are blanks.

    >>> print(one_line('if a // why\nthen "x\ny" else 2'))
    if a /* why */ then "x\ny" else 2
    """
    text = "\n".join(_lines(text)).strip()
    return _PIECES.sub(_piece, text) if "\n" in text else text


def _piece(found: re.Match[str]) -> str:
    text = found[0]
    if text.startswith('"'):
        return text.replace("\n", "\\n")
    if text.startswith("//"):
        return f"/* {text[2:].strip().replace('*/', '')} */"
    return " ".join(text.split("\n")) if text.startswith("/*") else " "
