"""What policies ask for, and what a file of people has: names, types, and what does not fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.types import Kind, Type, boolean, number, string
from longmai.rules.columns.types import date as dates
from longmai.rules.feel.temporal import Date
from longmai.rules.policy.findings import near
from longmai.rules.policy.keys import MEMBERS
from longmai.rules.policy.model import Input, Policy

_ABSENT = pa.null()
_MENDS: Mapping[str, str] = {
    "number": "cast it to a whole number, or to DECIMAL(18, 2)",
    "string": "cast it to VARCHAR",
    "boolean": "cast it to BOOLEAN",
    "date": "cast it to DATE",
}


@dataclass(frozen=True)
class Columns:
    """The columns of one file.

    Attributes:
        file: its name, for errors.
        types: of its columns, by name.
        reserved: names that are no data of a person: key and region.
    """

    file: str
    types: Mapping[str, pa.DataType]
    reserved: tuple[str, ...] = ()

    def must_have(self, name: str, what: str) -> Iterator[Invalid]:
        """Yield what is wrong where a column is not there."""
        if name not in self.types:
            close = near(name, self.types)
            yield Invalid(
                f"the file has no column '{name}'",
                code="population.column",
                place=self.file,
                mend=f"did you mean '{close}'?" if close else f"name the column of the {what}",
            )


@dataclass(frozen=True)
class Population:
    """People, perhaps with a table of members, as the policies see them.

    Attributes:
        people: columns of the people.
        members: columns of the members' file; None: there is none.
        parent: column of the people that the members' key equals.
        child: the members' key.
        absent_unknown: data without a column are unknown, not an error.
        bounds: least and greatest stored value and whether any is null, by table and column.
        most: members that one key may have.
        opinions: columns of what people found, by policy's id, its version and condition's id.
    """

    people: Columns
    members: Columns | None = None
    parent: str = ""
    child: str = ""
    absent_unknown: bool = False
    bounds: Mapping[tuple[str, str], tuple[int, int, bool]] = field(default_factory=dict)
    most: int = 1
    opinions: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def hold(self, policies: Sequence[Policy]) -> None:
        """Hold the files to what policies ask for.

        Raises:
            InvalidMany: columns are missing or of another type.
        """
        findings = dict.fromkeys(str(each) for each in self._findings(policies))
        told = {str(each): each for each in self._findings(policies)}
        if findings:
            raise InvalidMany(
                f"{len(findings)} findings: the files do not fit the policies",
                [told[each] for each in findings],
                code="population",
            )

    def _findings(self, policies: Sequence[Policy]) -> Iterator[Invalid]:
        for policy in policies:
            for name, asked in policy.inputs.items():
                yield from self._misfit(self.people, name, asked, policy)
            if not policy.members:
                continue
            if self.members is None:
                if not self.absent_unknown:
                    yield _no_members(self.people.file, policy)
                continue
            for name, asked in policy.members.items():
                yield from self._misfit(self.members, name, asked, policy)

    def _misfit(
        self, columns: Columns, name: str, asked: Input, policy: Policy
    ) -> Iterator[Invalid]:
        found = columns.types.get(name)
        if found is None or name in columns.reserved:
            if not self.absent_unknown:
                yield _missing(columns, name, asked, policy)
        elif not _fits(found, asked.type):
            yield Invalid(
                f"the column '{name}' is of type {found}, and {policy.id} asks for {asked.type}",
                code="population.type",
                place=columns.file,
                mend=_MENDS.get(asked.type, f"make it a list, as {asked.type} says"),
            )

    def asked(self, policies: Sequence[Policy]) -> dict[tuple[str, str], str]:
        """Return the columns that policies look at: FEEL's type by table and column."""
        found: dict[tuple[str, str], str] = {}
        for policy in policies:
            found |= {
                ("person", name): each.type
                for name, each in policy.inputs.items()
                if self._has(self.people, name)
            }
            if self.members is not None:
                found |= {
                    ("member", name): each.type
                    for name, each in policy.members.items()
                    if self._has(self.members, name)
                }
        return found

    def _has(self, columns: Columns, name: str) -> bool:
        return name in columns.types and name not in columns.reserved

    def schema(self, policy: Policy) -> Schema:
        """Return what a policy's names stand for; lists have no place in columns."""
        fields: dict[str, Given | Rows | Schema] = dict(
            self._given("person", self.people, policy.inputs)
        )
        if policy.members and self.members is not None:
            members = self._given("member", self.members, policy.members)
            fields[policy.members_name] = Rows(
                "member", quoted(self.child), quoted(self.parent), members, most=self.most
            )
        return Schema(fields)

    def opinions_on(self, policy: Policy) -> dict[str, Given]:
        """Return the columns of what people found by a policy, by condition's id."""
        return {
            clause: Given(boolean(), quoted(name))
            for (own, version, clause), name in self.opinions.items()
            if (own, version) == (policy.id, policy.version)
        }

    def _given(self, table: str, columns: Columns, inputs: Mapping[str, Input]) -> dict[str, Given]:
        found: dict[str, Given] = {}
        for name, asked in inputs.items():
            if asked.type not in _MENDS:
                continue
            if self._has(columns, name):
                found[name] = _given(columns.types[name], asked, name, self.bounds[table, name])
            else:
                found[name] = Given(_absent(asked.type), f"CAST(NULL AS {_SQL[asked.type]})")
        return found


_SQL = {"number": "BIGINT", "string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}


def _absent(type_: str) -> Type:
    return {"number": number(0, 0), "string": string(), "boolean": boolean(), "date": dates()}[
        type_
    ]


def quoted(name: str) -> str:
    """Return a name as it stands in SQL.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def _no_members(file: str, policy: Policy) -> Invalid:
    return Invalid(
        f"{policy.id} looks at the members of a household, and no file has them",
        code="population.members",
        place=file,
        mend="give their file with --members",
    )


def _missing(columns: Columns, name: str, asked: Input, policy: Policy) -> Invalid:
    close = near(name, columns.types)
    hint = f"rename '{close}', or " if close else ""
    return Invalid(
        f"the file has no column '{name}' ({asked.type}), which {policy.id} asks for",
        code="population.column",
        place=columns.file,
        mend=f"{hint}add the column, or take it as unknown with --absent-unknown",
    )


def _fits(found: pa.DataType, asked: str) -> bool:
    if found == _ABSENT:
        return True
    if asked.startswith("list<"):
        listed = pa.types.is_list(found) or pa.types.is_large_list(found)
        return listed and _fits(found.value_type, asked[5:-1])
    if pa.types.is_dictionary(found):
        found = found.value_type
    match asked:
        case "number":
            return bool(pa.types.is_integer(found) or pa.types.is_decimal(found))
        case "boolean":
            return bool(pa.types.is_boolean(found))
        case "date":
            return bool(pa.types.is_date(found))
    return is_text(found)


def is_text(type_: pa.DataType) -> bool:
    """Tell whether a column holds texts."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _given(type_: pa.DataType, asked: Input, name: str, bounds: tuple[int, int, bool]) -> Given:
    low, high, nullable = bounds
    column = quoted(name)
    match asked.type:
        case "number":
            scale = type_.scale if pa.types.is_decimal(type_) else 0
            stored = Type(Kind.NUMBER, nullable, low, high, scale)
            whole = f"CAST({column} AS BIGINT)"
            return Given(stored, column if scale else whole, is_decimal=bool(scale))
        case "date":
            return Given(
                dates(Date.of_ordinal(low), Date.of_ordinal(high), nullable=nullable), column
            )
        case "boolean":
            return Given(boolean(nullable=nullable), column)
    # An empty text is unknown, as in a case that is typed in.
    return Given(string(), f"NULLIF({column}, '')")


def case_values(policy: Policy, row: Mapping[str, Any], members: Any) -> dict[str, Any]:
    """Return what a row says of a policy's data, as ``case_of`` takes it.

    Args:
        policy: that asks.
        row: values by column.
        members: rows of the members; None: there is no table of them.
    """
    given = {name: row[name] for name in policy.inputs if name in row}
    if policy.members and members is not None:
        asked = policy.members
        given[MEMBERS[0]] = [
            {name: each[name] for name in asked if name in each} for each in members
        ]
    return given
