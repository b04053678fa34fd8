"""A population as tables that rules run over: whole or sampled, from a file or made up.

One row is one person, household or enterprise. Where a policy looks at the members of a household,
one row is one member, and the rows of a household share what is the household's.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from longmai.kernel.errors import Invalid, InvalidMany, TooLarge
from longmai.kernel.region_codes import prefix
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.types import boolean, number, string
from longmai.rules.columns.types import date as dates
from longmai.rules.feel.temporal import Date
from longmai.rules.policy.literals import NotOfType, of_type
from longmai.rules.policy.model import Input, Policy

REGION = ("区划", "region")
WEIGHT = ("权重", "weight")
HOUSEHOLD = ("户号", "household")
SPECIAL = (*REGION, *WEIGHT, *HOUSEHOLD)
"""Headings that mean the same for every policy."""
MOST_FINDINGS = 50
MOST_SCALE = 8
_TRUTHS = {
    "true": "true",
    "false": "false",
    "1": "true",
    "0": "false",
    "yes": "true",
    "no": "false",
}


@dataclass(frozen=True)
class Design:
    """How a population was drawn; for the uncertainty of what is estimated from it.

    Attributes:
        weights: how many each row stands for; None: the population is whole.
        strata: by which it was drawn; None: all in one.
        clusters: what was drawn, where that is more than a row, like a household.
    """

    weights: pa.Array | None = None
    strata: pa.Array | None = None
    clusters: pa.Array | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is estimated."""
        return self.weights is None


@dataclass(frozen=True)
class Population:
    """Tables of people, and what the names of a policy stand for in them.

    Attributes:
        schema: of the policy's inputs; the tables are ``subject`` and ``member``.
        tables: by name; ``subject`` has ``id`` from 0 in order, and ``region``.
        groups: columns to group by, by heading.
        placed: the rows have regions.
        made_up: it was generated.
    """

    schema: Schema
    tables: Mapping[str, pa.Table]
    design: Design
    groups: Mapping[str, pa.Array] = field(default_factory=dict)
    placed: bool = False
    made_up: bool = False

    @property
    def size(self) -> int:
        """How many rows are judged."""
        return int(self.tables["subject"].num_rows)

    @property
    def regions(self) -> pa.Array:
        """The code of each row's region, without trailing zeros."""
        return self.tables["subject"].column("region").combine_chunks()

    def sampled(self, of: int | None = None, *, by_county: bool = False) -> "Population":
        """Return the same rows as a sample.

        Args:
            of: so many rows, or households where they were drawn; None: the weights are there.
            by_county: drawn within each county.
        """
        weights = self.design.weights
        if of is not None:
            drawn = self.size
            if self.design.clusters is not None:
                drawn = pc.count_distinct(self.design.clusters).as_py()
            each = max(of, drawn) / max(drawn, 1)
            weights = pa.array([each] * self.size, pa.float64())
        counties = pc.utf8_slice_codeunits(self.regions, 0, 6) if by_county else None
        return replace(self, design=replace(self.design, weights=weights, strata=counties))


def population_of(policy: Policy, table: pa.Table, *, most_rows: int | None = None) -> Population:
    """Return a table as a population of a policy.

    Args:
        policy: whose data it has, under their names in either language.
        table: with them as columns; 区划/region, 权重/weight and 户号/household besides. What is
            missing is unknown; other columns are there to group by.
        most_rows: it may have.

    Raises:
        InvalidMany: cells that do not fit, by row (the headings are row 1) and column.
        TooLarge: it has more rows.
    """
    if most_rows is not None and table.num_rows > most_rows:
        raise TooLarge(
            f"a population here has at most {most_rows} rows",
            code="population.rows", value=table.num_rows, mend="send a sample, with weights",
        )  # fmt: skip
    if not table.num_rows:
        raise Invalid("the population has no rows", code="population.empty", mend="add some")
    return _Reader(policy, table.combine_chunks()).read()


class _Reader:
    def __init__(self, policy: Policy, table: pa.Table) -> None:
        self._policy, self._table = policy, table
        self._findings: list[Invalid] = []
        self._headings = {str(each).strip(): each for each in table.column_names}

    def read(self) -> Population:
        policy = self._policy
        known = {*SPECIAL}
        known |= {n for each in self._inputs() for n in (each.name, each.en)}
        if not any(self._raw((each.name, each.en)) is not None for each in self._inputs()):
            listed = ", ".join(each.name for each in self._inputs())
            raise Invalid(
                "no column is called like a datum that the policy asks for",
                code="population.columns", value=", ".join(self._headings),
                mend=f"it asks for {listed}",
            )  # fmt: skip
        firsts, owners = self._households()
        fields: dict[str, Given | Rows | Schema] = {}
        subject = {"id": pa.array(range(len(firsts)), pa.int64())}
        for i, each in enumerate(_simple(policy.inputs)):
            subject[f"i{i}"], fields[each.name] = self._column(each, f"i{i}", firsts)
        subject["region"] = self._regions(firsts)
        tables = {}
        if policy.members:
            member = {"owner": pa.array(owners, pa.int64())}
            rows: dict[str, Given] = {}
            every = range(self._table.num_rows)
            for i, each in enumerate(_simple(policy.members)):
                member[f"m{i}"], rows[each.name] = self._column(each, f"m{i}", every)
            most = max(Counter(owners).values())
            fields[policy.members_name] = Rows("member", "owner", "id", rows, most=most)
            tables["member"] = pa.table(member)
        design = self._design(firsts)
        if self._findings:
            raise InvalidMany(
                f"{len(self._findings)} cells do not fit the policy", self._findings,
                code="population",
            )  # fmt: skip
        groups = {
            heading: self._table.column(name).combine_chunks().take(pa.array(firsts, pa.int64()))
            for heading, name in self._headings.items()
            if heading not in known or heading in policy.inputs
        }
        tables["subject"] = pa.table(subject)
        placed = self._raw(REGION) is not None
        return Population(Schema(fields), tables, design, groups, placed)

    def _inputs(self) -> Iterator[Input]:
        yield from self._policy.inputs.values()
        yield from self._policy.members.values()

    def _raw(self, names: Sequence[str]) -> pa.Array | None:
        found = next((self._headings[name] for name in names if name in self._headings), None)
        return None if found is None else _plain(self._table.column(found))

    def _households(self) -> tuple[Sequence[int], list[int]]:
        """Return the first row of each that is judged, and of each row whose it is."""
        if not self._policy.members:
            return range(self._table.num_rows), []
        raw = self._raw(HOUSEHOLD)
        if raw is None:
            raise Invalid(
                "rows of members need the number of their household",
                code="population.household", value=", ".join(self._headings),
                mend="add a column 户号 (household); one row is one member",
            )  # fmt: skip
        numbers: dict[Any, int] = {}
        firsts, owners = [], []
        for row, own in enumerate(raw.to_pylist()):
            if own not in numbers:
                numbers[own] = len(numbers)
                firsts.append(row)
            owners.append(numbers[own])
        return firsts, owners

    def _design(self, firsts: Sequence[int]) -> Design:
        chosen = pa.array(firsts, pa.int64())
        raw, clusters = self._raw(WEIGHT), None
        if not self._policy.members and (own := self._raw(HOUSEHOLD)) is not None:
            clusters = own.cast(pa.string())
        if raw is None:
            return Design(clusters=clusters)
        asked = Input("权重", "number")
        weights, given = self._column(asked, "weight", firsts, raw)
        unit = 10**given.type.scale
        found = pc.divide(
            pc.cast(weights, pa.float64(), safe=False), 1 if given.is_decimal else unit
        )
        for row, each in zip(firsts, found.to_pylist(), strict=True):
            if each is None or each <= 0:
                self._wrong("a weight is a number above 0", row, WEIGHT[0], each)
        return Design(found, None, None if clusters is None else clusters.take(chosen))

    def _regions(self, firsts: Sequence[int]) -> pa.Array:
        raw = self._raw(REGION)
        if raw is None:
            return pa.array([""] * len(firsts), pa.string())
        known: dict[Any, str] = {}
        texts = raw.cast(pa.string()).take(pa.array(firsts, pa.int64())).to_pylist()
        for row, text in zip(firsts, texts, strict=True):
            if text not in known:
                known[text] = self._region(row, text)
        return pa.array([known[text] for text in texts], pa.string())

    def _region(self, row: int, text: str | None) -> str:
        try:
            return prefix((text or "").strip())
        except Invalid:
            self._wrong("this is no region code", row, REGION[0], text)
            return ""

    def _column(
        self, asked: Input, column: str, chosen: Sequence[int], raw: pa.Array | None = None
    ) -> tuple[pa.Array, Given]:
        if raw is None:
            raw = self._raw((asked.name, asked.en) if asked.en else (asked.name,))
        if raw is None:
            raw = pa.nulls(self._table.num_rows)
        if len(chosen) != self._table.num_rows:
            raw = raw.take(pa.array(chosen, pa.int64()))
        found = self._typed(asked, raw, column)
        if found is not None:
            return found
        values = [
            self._value(asked, row, each) for row, each in zip(chosen, raw.to_pylist(), strict=True)
        ]
        return _FROM_VALUES[asked.type](values, column)

    def _typed(self, asked: Input, raw: pa.Array, column: str) -> tuple[pa.Array, Given] | None:
        """Return a column that has the right type already, without a look at each value."""
        kind = raw.type
        if asked.type == "number" and pa.types.is_integer(kind):
            return _whole(raw.cast(pa.int64()), column)
        if asked.type == "number" and pa.types.is_decimal(kind) and kind.scale <= MOST_SCALE:
            low, high = _ends(raw)
            return raw, Given(number(low, high, kind.scale), f'"{column}"', is_decimal=True)
        if asked.type == "boolean" and pa.types.is_boolean(kind):
            return raw, Given(boolean(), f'"{column}"')
        if asked.type == "date" and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
            return _days(raw.cast(pa.date32(), safe=False).cast(pa.int32()), column)
        return None

    def _value(self, asked: Input, row: int, value: Any) -> Any:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if asked.type == "boolean":
            lower = str(value).strip().lower()
            value = _TRUTHS.get(lower, lower)
        elif isinstance(value, str):
            value = value.strip()
        elif asked.type == "string":
            value = str(value)
        try:
            found = of_type(value, asked.type)
        except NotOfType:
            return self._wrong(f"this is no {asked.type}", row, asked.name, value)
        if asked.values and found not in asked.values:
            mend = f"choose from {', '.join(asked.values)}"
            return self._wrong("none of the choices", row, asked.name, value, mend)
        if isinstance(found, Decimal) and _places(found) > MOST_SCALE:
            return self._wrong(f"more than {MOST_SCALE} places", row, asked.name, value)
        return found

    def _wrong(self, what: str, row: int, column: str, value: Any, mend: str | None = None) -> None:
        if len(self._findings) < MOST_FINDINGS:
            place = f"row {row + 2}, column {column}"
            shown = None if value is None else str(value)[:60]
            self._findings.append(
                Invalid(what, code="population.value", place=place, value=shown, mend=mend)
            )


def _simple(inputs: Mapping[str, Input]) -> Iterator[Input]:
    # A list of values has no place in a column; it is unknown.
    return (each for each in inputs.values() if each.type in _FROM_VALUES)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    if isinstance(found, pa.ChunkedArray):
        found = pa.concat_arrays(found.chunks) if found.num_chunks else pa.nulls(0)
    return found.dictionary_decode() if pa.types.is_dictionary(found.type) else found


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _ends(raw: pa.Array) -> tuple[Any, Any]:
    found = pc.min_max(raw).as_py()
    return (found["min"] or 0, found["max"] or 0)


def _whole(units: pa.Array, column: str, scale: int = 0) -> tuple[pa.Array, Given]:
    low, high = _ends(units)
    unit = Decimal(10) ** scale
    return units, Given(number(low / unit, high / unit, scale), f'"{column}"')


def _days(days: pa.Array, column: str) -> tuple[pa.Array, Given]:
    low, high = _ends(days)
    type_ = dates(Date.of_ordinal(low), Date.of_ordinal(high))
    return days.cast(pa.date32()), Given(type_, f'"{column}"')


def _numbers(values: Sequence[Decimal | None], column: str) -> tuple[pa.Array, Given]:
    scale = max((_places(each) for each in values if each is not None), default=0)
    units = [None if each is None else int(each.scaleb(scale)) for each in values]
    return _whole(pa.array(units, pa.int64()), column, scale)


def _dates(values: Sequence[Date | None], column: str) -> tuple[pa.Array, Given]:
    return _days(pa.array([None if v is None else v.ordinal for v in values], pa.int32()), column)


_FROM_VALUES: Mapping[str, Callable[[Any, str], tuple[pa.Array, Given]]] = {
    "number": _numbers,
    "date": _dates,
    "string": lambda v, c: (pa.array(v, pa.string()), Given(string(), f'"{c}"')),
    "boolean": lambda v, c: (pa.array(v, pa.bool_()), Given(boolean(), f'"{c}"')),
}
