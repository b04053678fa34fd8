r"""Lines of a grid as cells: bars part them, two bars part the groups of columns.

A bar inside a cell is written ``\|``, a line break ``<br>``, and that text itself ``\<br>``.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_BARS = re.compile(r"(?<!\\)\|+")
_ESCAPED = re.compile(r"\\\||\\<br>|<br>")
_TO_ESCAPE = re.compile(r"\||<br>|\n")
_GROUP = "||"


class NotARow(ValueError):
    """A line is no row of a grid.

    Args:
        what: is wrong.
        column: where, from 1.
        mend: what to do.
        code: of the error.
    """

    def __init__(self, what: str, column: int, mend: str, code: str) -> None:
        super().__init__(what)
        self.what, self.column, self.mend, self.code = what, column, mend, code


@dataclass(frozen=True)
class RawCell:
    """A cell as it stands in a line.

    Attributes:
        raw: its characters, without blanks around.
        line: from 1.
        column: of its first character, from 1.
    """

    raw: str
    line: int
    column: int

    @property
    def text(self) -> str:
        """Return what it says."""
        return unescape(self.raw)

    def column_at(self, offset: int) -> int:
        """Return the column of a character of the text."""
        added = 0
        for found in _ESCAPED.finditer(self.raw):
            if found.start() - added >= offset:
                break
            added += len(found[0]) - len(_meant(found))
        return self.column + offset + added


def unescape(raw: str) -> str:
    r"""Return the text of a cell.

    >>> unescape(r'"a \| b"')
    '"a | b"'
    """
    return trimmed(_ESCAPED.sub(_meant, raw))


def trimmed(text: str) -> str:
    """Return a text whose lines have no blanks around."""
    return "\n".join(line.strip() for line in text.split("\n")) if "\n" in text else text


def _meant(found: re.Match[str]) -> str:
    return {"\\|": "|", "\\<br>": "<br>"}.get(found[0], "\n")


def escape(text: str) -> str:
    r"""Return the characters of a cell; ``unescape`` gives its text back.

    >>> print(escape("a | b\nc"))
    a \| b<br>c
    """
    signs = {"|": "\\|", "<br>": "\\<br>", "\n": "<br>"}
    return _TO_ESCAPE.sub(lambda found: signs[found[0]], trimmed(text))


def split_row(line: str, number: int, first_column: int = 1) -> list[list[RawCell]]:
    """Return the groups of cells of a line.

    >>> [[cell.text for cell in group] for group in split_row("| 1 | < 5 || 10 |", 1)]
    [['1', '< 5'], ['10']]

    Args:
        line: of the grid.
        number: of the line.
        first_column: where in the file the line begins.

    Raises:
        NotARow: it does not begin and end with a bar.
    """
    bars = list(_BARS.finditer(line))
    end = len(line.rstrip())
    if not bars or line[: bars[0].start()].strip():
        raise NotARow("a row begins with '|'", first_column, "begin the line with |", "bar")
    if bars[-1].end() != end:
        raise NotARow("a row ends with '|'", first_column + end, "end the line with |", "bar")
    for bar in bars:
        edge = bar is bars[0] or bar is bars[-1]
        if len(bar[0]) > (1 if edge else len(_GROUP)):
            raise NotARow(
                "too many bars stand together",
                first_column + bar.start(),
                "write | between columns, || between conditions, conclusions and notes",
                "bars",
            )
    groups: list[list[RawCell]] = [[]]
    for left, right in pairwise(bars):
        if left[0] == _GROUP:
            groups.append([])
        groups[-1].append(_cell(line, left.end(), right.start(), number, first_column))
    return groups


def _cell(line: str, start: int, end: int, number: int, first_column: int) -> RawCell:
    text = line[start:end]
    lead = len(text) - len(text.lstrip())
    return RawCell(text.strip(), number, first_column + start + (lead if text.strip() else 1))


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two.

    >>> width("年收入 a")
    8
    """
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def join_row(groups: Sequence[Sequence[str]], widths: Sequence[Sequence[int]]) -> str:
    """Write a row, its cells filled up to the widths of their columns."""
    filled = (
        " | ".join(text + " " * (wide - width(text)) for text, wide in zip(*both, strict=True))
        for both in zip(groups, widths, strict=True)
    )
    return f"| {' || '.join(filled)} |"
