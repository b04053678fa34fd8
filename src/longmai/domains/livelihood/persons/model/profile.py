"""A person's profile: of each field every statement with source and date, and which one is used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from longmai.domains.livelihood.persons.model.fields import catalogue

_HIDDEN = frozenset({"record_key"})
_IDENTITY_ORDER = (
    "name", "sex", "birth_date", "id_number", "ethnicity", "household", "relation", "region",
    "address", "phone", "disability_card",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row stands.

    Attributes:
        row_id: of the row.
        department: whose list it is.
        title: of the list.
        as_of: the day the list is of.
        number: of the row in its file.
        file_id: of the file.
    """

    row_id: UUID
    department: str
    title: str
    as_of: date
    number: int
    file_id: UUID


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says."""

    value: str
    source: Source


@dataclass(frozen=True)
class Told:
    """All that is said of a field.

    Attributes:
        key: of an identity field, or the heading of a fact.
        identity: whether it is a field of the catalogue.
        used: the statement that counts, by the declared rule.
        others: the rest, in the order of the rule.
        conflict: sources differ, and it is not a matter of time alone.
    """

    key: str
    identity: bool
    used: Statement
    others: tuple[Statement, ...]
    conflict: bool

    @property
    def differing(self) -> tuple[Statement, ...]:
        """Return the statements that say otherwise than the one used."""
        return tuple(each for each in self.others if each.value != self.used.value)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a person: identity fields, facts, source."""

    who: Mapping[str, str]
    facts: Mapping[str, str]
    source: Source


def profile(rows: Iterable[Row]) -> list[Told]:
    """Return what is said of each field: identity first, then facts by name."""
    said: dict[tuple[bool, str], list[Statement]] = {}
    for row in rows:
        for identity, told in ((True, row.who), (False, row.facts)):
            for key, value in told.items():
                if key not in _HIDDEN or not identity:
                    said.setdefault((identity, key), []).append(Statement(value, row.source))
    return sorted(
        (_told(key, identity, statements) for (identity, key), statements in said.items()),
        key=_place,
    )


def _told(key: str, identity: bool, statements: Sequence[Statement]) -> Told:
    fields = catalogue()
    newest = identity and key in fields.newest
    ranked = sorted(
        statements,
        key=lambda each: (
            0 if newest else fields.rank(key, each.source.department),
            -each.source.as_of.toordinal(),
            str(each.source.row_id),
        ),
    )
    values = {each.value for each in ranked}
    return Told(key, identity, ranked[0], tuple(ranked[1:]), len(values) > 1 and not newest)


def _place(told: Told) -> tuple[bool, int, str]:
    if told.identity and told.key in _IDENTITY_ORDER:
        return False, _IDENTITY_ORDER.index(told.key), told.key
    return True, 0, told.key
