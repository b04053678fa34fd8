"""The files of a population, read by DuckDB: what they have, whether each person stands there once.

The tables are called ``person`` and ``member``. ``county`` is the first six digits of the region.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longmai.kernel.errors import Invalid, InvalidMany, NotFound
from longmai.rules.columns.population import Columns, Population, is_text, quoted
from longmai.rules.policy.model import Policy
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import SourceFile
from longmai.store.columns.opinions import HASH, KEY, TABLE, Opinions, read_opinions

_COUNTY_DIGITS = 6
_CHUNK = 1 << 22
_SHOWN = 3


@dataclass(frozen=True)
class People:
    """A population's files.

    Attributes:
        file: of the people, one row each.
        key: column that names a person.
        region: column of the region codes.
        members: file of the members of households; None: none.
        parent: column of the people that the members' key equals; empty: the key.
        absent_unknown: data without a column are unknown.
        changes: files of rows that replace those of the same key, later ones earlier ones; who has
            no region there is gone.
        kept: a database of DuckDB that has the tables of both files; None: they are read.
        opinions: file of what people found of single cases; None: none.
    """

    file: Path
    key: str = "id"
    region: str = "region"
    members: Path | None = None
    parent: str = ""
    absent_unknown: bool = False
    opinions: Path | None = None
    changes: tuple[Path, ...] = ()
    kept: Path | None = None

    @property
    def has_own_members(self) -> bool:
        """Tell whether the people of the file are the members of the households too."""
        return self.members is not None and self.members.absolute() == self.file.absolute()

    @property
    def link(self) -> str:
        """The column by which members belong to people."""
        return self.parent or self.key

    def population(self) -> Population:
        """Return what the files have.

        Raises:
            NotFound, Invalid: a file is missing or is no Parquet.
            InvalidMany: key or region are missing or of another type.
        """
        people = Columns(str(self.file), _types(self.file), (self.key, self.region))
        members = None
        findings = [
            *people.must_have(self.key, "key (--key)"),
            *people.must_have(self.region, "region (--region)"),
            *people.must_have(self.link, "members' key (--members-key)"),
        ]
        if self.members is not None:
            members = Columns(str(self.members), _types(self.members), (self.link,))
            findings += members.must_have(self.link, "members' key (--members-key)")
        findings = findings or list(self._mistyped(people, members))
        if findings:
            raise InvalidMany("the files do not fit", findings, code="population")
        return Population(people, members, self.link, self.link, self.absent_unknown)

    def _mistyped(self, people: Columns, members: Columns | None) -> Iterator[Invalid]:
        for name in (self.key, self.region):
            type_ = people.types[name]
            if not (pa.types.is_integer(type_) or is_text(type_)):
                yield Invalid(
                    f"the column '{name}' is of type {type_}: whole numbers or texts name a person",
                    code="population.type",
                    place=people.file,
                    mend="cast it to BIGINT or VARCHAR",
                )
        if members is not None and is_text(members.types[self.link]) != is_text(
            people.types[self.link]
        ):
            yield Invalid(
                f"the column '{self.link}' is of type {members.types[self.link]}, "
                f"and of {people.types[self.link]} in {people.file}",
                code="population.type",
                place=members.file,
                mend="give both one type",
            )

    def take_opinions(
        self, duck: DuckDB, population: Population, policies: Sequence[Policy], day: date
    ) -> tuple[Population, Opinions]:
        """Read what people found, before the tables are made known.

        Raises:
            NotFound, Invalid, InvalidMany: the file cannot be read, or does not fit.
        """
        if self.opinions is None:
            return population, Opinions()
        key_type = population.people.types[self.key]
        found = read_opinions(self.opinions, self.key, key_type, policies, day)
        duck.register(TABLE, found.table(key_type))
        return replace(population, opinions=found.columns), found

    def register(self, duck: DuckDB, counties: Sequence[str] | None = None, some: str = "") -> None:
        """Make the tables known: of all people, or of those of some counties.

        Args:
            duck: that reads them.
            counties: codes; None: all.
            some: condition in SQL; empty: all people.
        """
        if self.kept is not None:
            kept = f"ATTACH IF NOT EXISTS {text_literal(str(self.kept))} AS kept (READ_ONLY)"
            duck.connection.execute(kept)
        within = "" if counties is None else self._within(counties)
        wheres = [each for each in (within, some) if each]
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        source = f"FROM ({self._changed(self._source('person', self.file))})"
        if self.opinions is not None:
            source += f" LEFT JOIN {TABLE} ON {quoted(self.key)} = {KEY}"
        duck.connection.execute(f"CREATE OR REPLACE VIEW person AS {source}{where}")
        if self.members is not None:
            source = self._source("member", self.members)
            if self.has_own_members:
                source = self._changed(self._source("person", self.file))
            link = quoted(self.link)
            some = f" WHERE {link} IN (SELECT {link} FROM person)" if wheres else ""
            duck.connection.execute(f"CREATE OR REPLACE VIEW member AS FROM ({source}){some}")

    def keep(self, duck: DuckDB, file: Path) -> None:
        """Copy the tables that are known into a database of its own."""
        run = duck.connection.execute
        run(f"ATTACH {text_literal(str(file))} AS copy")
        run("CREATE TABLE copy.person AS FROM person")
        if self.members is not None and not self.has_own_members:
            run("CREATE TABLE copy.member AS FROM member")
        run("DETACH copy")

    def _source(self, table: str, file: Path) -> str:
        if self.kept is not None:
            return f"FROM kept.{table}"
        return f"FROM read_parquet({text_literal(str(file))})"

    def _changed(self, source: str) -> str:
        """Return the query of people, with changes laid on their file."""
        if not self.changes:
            return source
        key, parts = quoted(self.key), []
        for night, file in enumerate(self.changes):
            parts.append(
                f"SELECT *, {night} AS _night FROM read_parquet({text_literal(str(file))})"
            )
        last = f"ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY _night DESC) = 1"
        found = f"SELECT * FROM ({' UNION ALL BY NAME '.join(parts)}) QUALIFY {last}"
        rows = f"SELECT * EXCLUDE (_night) FROM ({found}) WHERE {quoted(self.region)} IS NOT NULL"
        keys = " UNION ALL ".join(
            f"SELECT {key} FROM read_parquet({text_literal(str(file))})" for file in self.changes
        )
        return f"({source} ANTI JOIN ({keys}) USING ({key})) UNION ALL BY NAME ({rows})"

    def _within(self, counties: Sequence[str]) -> str:
        if not counties:
            return "false"
        listed = ", ".join(map(text_literal, counties))
        # The ends let a file that is sorted by region be read in parts.
        first, last = text_literal(min(counties)), text_literal(max(counties) + "z")
        ends = f"{self.region_text} BETWEEN {first} AND {last}"
        return f"{ends} AND {self.county} IN ({listed})"

    @property
    def region_text(self) -> str:
        """The region as SQL."""
        return f"CAST({quoted(self.region)} AS VARCHAR)"

    @property
    def county(self) -> str:
        """The county as SQL."""
        return f"LEFT({self.region_text}, {_COUNTY_DIGITS})"


def _types(file: Path) -> dict[str, pa.DataType]:
    try:
        schema = pq.read_schema(file)
    except FileNotFoundError:
        raise NotFound("no such file", code="population.file", place=str(file)) from None
    except (pa.ArrowInvalid, OSError) as error:
        raise Invalid(
            "the file is no Parquet",
            code="population.file",
            place=str(file),
            value=str(error)[:100],
            mend="write it anew; DuckDB: COPY … TO 'people.parquet'",
        ) from None
    return {field.name: field.type for field in schema}


def text_literal(text: str) -> str:
    """Return a text as it stands in SQL."""
    return "'" + text.replace("'", "''") + "'"


def source_of(file: Path, rows: int | None = None) -> SourceFile:
    """Return what names a file: its path, digest and rows; of Parquet the file knows how many."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    many = pq.read_metadata(file).num_rows if rows is None else rows
    return SourceFile(str(file), found.hexdigest(), many)


def rows_by_county(
    duck: DuckDB, people: People, population: Population
) -> dict[str, tuple[int, str]]:
    """Return how many people each county has, and a digest over all that is known of them.

    The digest is of 64 bits a row: it finds changes, and is no proof against forgery.
    """
    row = _hash(population.people)
    if people.opinions is not None:
        # Without an opinion the digest is what it is without a file of them.
        row = f"CASE WHEN {HASH} IS NULL THEN {row} ELSE HASH({row}, {HASH}) END"
    joined = ""
    if population.members is not None:
        link = quoted(people.link)
        total = f"SUM(CAST({_hash(population.members)} AS HUGEINT))"
        grouped = f"SELECT {link} AS _link, {total} AS _members FROM member GROUP BY {link}"
        joined = f" LEFT JOIN ({grouped}) ON {link} = _link"
        row = f"HASH({row}, _members)"
    query = (
        f"SELECT {people.county} AS county, COUNT(*), SUM(CAST({row} AS HUGEINT))"
        f" FROM person{joined} GROUP BY county ORDER BY county"
    )
    found = duck.connection.execute(query).fetchall()
    if found and (found[-1][0] is None or any(len(c) < _COUNTY_DIGITS for c, _, _ in found)):
        wrong = sum(n for c, n, _ in found if c is None or len(c) < _COUNTY_DIGITS)
        raise Invalid(
            f"{wrong:,} people have no region, or one above the counties",
            code="population.region",
            place=f"{people.file}, column {people.region}",
            mend=f"give each a code of at least {_COUNTY_DIGITS} digits: nobody is left out",
        )
    return {county: (int(n), f"{int(total):x}") for county, n, total in found}


def _hash(columns: Columns) -> str:
    return f"HASH({', '.join(map(quoted, columns.types))})"


def counted(duck: DuckDB, people: People) -> dict[str, int]:
    """Return how many of the people who are made known each county has."""
    query = f"SELECT {people.county} AS c, COUNT(*) FROM person GROUP BY c ORDER BY c"
    return {county: int(n) for county, n in duck.connection.execute(query).fetchall()}


def opinions_on_nobody(duck: DuckDB, people: People) -> int:
    """Return of how many there are opinions who are not in the people's file."""
    source = f"read_parquet({text_literal(str(people.file))})"
    known = f"SELECT {quoted(people.key)} FROM {source}"
    query = f"SELECT COUNT(*) FROM {TABLE} WHERE {KEY} NOT IN ({known})"
    return int(duck.connection.execute(query).fetchall()[0][0])


def bounded(duck: DuckDB, population: Population, policies: Sequence[Policy]) -> Population:
    """Return a population with the bounds that its columns have, which the compiler relies on."""
    asked = population.asked(policies)
    bounds: dict[tuple[str, str], tuple[int, int, bool]] = {}
    for table, columns in (("person", population.people), ("member", population.members)):
        own = {name: type_ for (of, name), type_ in asked.items() if of == table}
        if columns is None or not own:
            continue
        parts = [part for name, type_ in own.items() for part in _ends(columns, name, type_)]
        found = duck.connection.execute(f"SELECT {', '.join(parts)} FROM {table}").fetchall()[0]
        for i, name in enumerate(own):
            low, high, nulls = found[3 * i : 3 * i + 3]
            bounds[table, name] = (int(low or 0), int(high or 0), bool(nulls))
    return replace(population, bounds=bounds, most=_most(duck, population))


def _ends(columns: Columns, name: str, asked: str) -> Iterator[str]:
    column, type_ = quoted(name), columns.types[name]
    for function in ("MIN", "MAX"):
        if asked == "number":
            unit = 10**type_.scale if pa.types.is_decimal(type_) else 1
            yield f"CAST({function}({column}) * {unit} AS HUGEINT)"
        elif asked == "date":
            yield f"{function}({column}) - DATE '1970-01-01'"
        else:
            yield "0"
    yield f"COUNT(*) > COUNT({column})"


def _most(duck: DuckDB, population: Population) -> int:
    if population.members is None:
        return 1
    link = quoted(population.child)
    inner = f"SELECT COUNT(*) AS n FROM member WHERE {link} IS NOT NULL GROUP BY {link}"
    found = duck.connection.execute(f"SELECT MAX(n) FROM ({inner})").fetchall()[0][0]
    return int(found or 1)


def hold_choices(duck: DuckDB, population: Population, policies: Sequence[Policy]) -> None:
    """See to it that texts are among those that policies name.

    Raises:
        InvalidMany: others stand there; names some.
    """
    findings: dict[str, Invalid] = {}
    for policy in policies:
        tables = (
            ("person", population.people, policy.inputs),
            ("member", population.members, policy.members),
        )
        for table, columns, inputs in tables:
            for name, asked in inputs.items() if columns is not None else ():
                if asked.type == "string" and asked.values and (table, name) in population.bounds:
                    others = _others(duck, table, name, asked.values)
                    if others and columns is not None:
                        error = _not_a_choice(columns.file, name, others, asked.values, policy)
                        findings[str(error)] = error
    if findings:
        raise InvalidMany(
            "texts that no policy knows", list(findings.values()), code="population.value"
        )


def _others(duck: DuckDB, table: str, name: str, values: Iterable[str]) -> list[str]:
    column = quoted(name)
    listed = ", ".join(text_literal(each) for each in ("", *values))
    query = f"SELECT DISTINCT {column} FROM {table} WHERE {column} NOT IN ({listed}) LIMIT {_SHOWN}"
    return sorted(str(each) for (each,) in duck.connection.execute(query).fetchall())


def _not_a_choice(
    file: str, name: str, others: Sequence[str], values: Sequence[str], policy: Policy
) -> Invalid:
    return Invalid(
        f"the column '{name}' has texts that {policy.id} does not know",
        code="population.value",
        place=file,
        value=", ".join(others),
        mend=f"write one of {', '.join(values)}, or nothing",
    )


def rows_of(
    duck: DuckDB, people: People, population: Population, keys: pa.Array
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of people of some keys, with their members under ``None``."""
    duck.register("_keys", pa.table({"_key": keys}))
    key = quoted(people.key)
    found = duck.connection.sql(
        f"SELECT *, {people.region_text} AS _region FROM person"
        f" WHERE {key} IN (SELECT _key FROM _keys) ORDER BY {key}"
    ).to_arrow_table()
    yield from with_members(duck, people, population, found)


def with_members(
    duck: DuckDB, people: People, population: Population, found: pa.Table
) -> Iterator[Mapping[str, Any]]:
    """Yield rows as dictionaries; under ``_members`` the rows of their members.

    Under ``_opinions`` stands what people found, by policy's id, its version and condition's id.
    """
    of_link: dict[Any, list[Mapping[str, Any]]] = {}
    if population.members is not None:
        link = quoted(people.link)
        duck.register("_links", pa.table({"_link": found.column(people.link)}))
        query = f"SELECT * FROM member WHERE {link} IN (SELECT _link FROM _links)"
        for member in duck.connection.sql(query).to_arrow_table().to_pylist():
            of_link.setdefault(member[people.link], []).append(member)
    for row in found.to_pylist():
        members = of_link.get(row[people.link], []) if population.members is not None else None
        opinions = {
            own: row[name] for own, name in population.opinions.items() if row[name] is not None
        }
        yield row | {"_members": members, "_opinions": opinions}
