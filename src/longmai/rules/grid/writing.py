"""Writes a decision table as a grid of text; reading it gives the same table back."""

from typing import Literal

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.grid.headings import join_heading
from longmai.rules.grid.normal import normal
from longmai.rules.grid.policies import letters_of
from longmai.rules.grid.reading import ALLOWED, DEFAULT
from longmai.rules.grid.rows import escape, join_row, width

Language = Literal["zh", "en"]


def write_grid(table: DecisionTable, language: Language = "zh") -> str:
    r"""Return a table as a grid, its columns aligned, Chinese characters two wide.

    >>> from longmai.rules.grid.reading import read_grid
    >>> print(write_grid(read_grid("|U|年龄||金额 (number)|\n|-|-||-|\n| |>= 80||100|")), end="")
    | U | 年龄  || 金额 (number) |
    |---|-------||---------------|
    | 1 | >= 80 || 100           |

    Args:
        table: to write.
        language: of the words for allowed values and defaults.

    Raises:
        Invalid: it has no output, or a rule has more cells than the table has columns.
    """
    if not table.outputs:
        raise Invalid("a table has at least one output", code="table.outputs")
    rows = [[list(map(escape, group)) for group in row] for row in _rows(normal(table), language)]
    widths = [
        [max(width(row[g][c]) for row in rows) for c in range(len(group))]
        for g, group in enumerate(rows[0])
    ]
    head, *others = (join_row(row, widths) for row in rows)
    dashes = "||".join("|".join("-" * (wide + 2) for wide in group) for group in widths)
    return "".join(f"{line}\n" for line in (head, f"|{dashes}|", *others))


def _rows(table: DecisionTable, language: Language) -> list[list[list[str]]]:
    word = ("zh", "en").index(language)
    letters = letters_of(table.hit_policy, table.aggregation)
    corner = f"{letters} ({table.type})" if table.type else letters
    inputs = [join_heading(each.expression, each.type, output=False) for each in table.inputs]
    outputs = [join_heading(each.name, each.type, output=True) for each in table.outputs]
    found = [([corner, *inputs], outputs, table.annotations)]
    blank = [""] * len(table.annotations)
    allowed = [each.values for each in table.inputs], [each.values for each in table.outputs]
    if any(map(any, allowed)):
        found.append(([ALLOWED[word], *allowed[0]], allowed[1], blank))
    for number, rule in enumerate(table.rules, 1):
        found.append(([str(number), *rule.tests], list(rule.conclusions), list(rule.annotations)))
    defaults = [each.default for each in table.outputs]
    if any(defaults):
        found.append(([DEFAULT[word], *[""] * len(table.inputs)], defaults, blank))
    return [[list(group) for group in row if group] for row in found]
