"""What a rule sees of a table: names of FEEL, their types, and the columns they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from longmai.rules.columns.types import Type


@dataclass(frozen=True, slots=True)
class Given:
    """A name that stands for a column.

    Attributes:
        type: of its values; the bounds are a promise, see ``promises.hold_to_bounds``.
        column: SQL expression over the table's columns; empty: the name itself.
        is_decimal: the column has a decimal type and holds numbers, not whole units.
    """

    type: Type
    column: str = ""
    is_decimal: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A name that stands for a list of contexts: the rows of another table with the same key.

    The list is never null; where the other table has no row it is empty.

    Attributes:
        table: name of the other table.
        key: column there, not null in the rows that count.
        parent: column of the rule's own table that it equals.
        fields: of a row.
        most: rows that one list may have; bounds sums.
    """

    table: str
    key: str
    parent: str
    fields: Mapping[str, Given]
    most: int = 100_000


@dataclass(frozen=True, slots=True)
class Schema:
    """What a rule sees; a schema within is a context, never null itself.

    >>> from longmai.rules.columns.types import number
    >>> schema = Schema({"age": Given(number(0, 150)), "pay": Given(number(scale=2), "pay_fen")})
    """

    fields: Mapping[str, Union[Given, Rows, "Schema"]] = field(default_factory=dict)
