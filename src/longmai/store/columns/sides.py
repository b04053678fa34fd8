"""Who changed and who lives with them, as tables: before, and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from longmai.kernel.errors import Invalid
from longmai.rules.columns.population import Population, quoted
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.people import People, rows_by_county, text_literal

OLD, NOW = "_old", "_now"
"""Who changed alone."""
BEFORE, AFTER = "_before", "_after"
"""Who changed, and who lives with them."""
BOTH = "both"


@dataclass
class Sides:
    """The tables ``person`` and ``member`` of a night in which some people changed.

    Attributes:
        moves: somebody came, left, or is in another county.
    """

    duck: DuckDB
    people: People
    population: Population
    changes: Path
    moves: bool = False

    def find(self) -> None:
        """Make tables of who changed and of who lives with them, before and after."""
        duck, key, home = self.duck.connection, quoted(self.people.key), quoted(self.people.link)
        self.people.register(self.duck)
        duck.execute("CREATE TABLE _new AS FROM person LIMIT 0")
        self._read_changes()
        here = f"{quoted(self.people.region)} IS NOT NULL"
        duck.execute(f"CREATE VIEW _now AS FROM _new WHERE {here}")
        if self.people.has_own_members and home != key:
            self._find_households()
        else:
            duck.execute(f"CREATE TABLE _old AS FROM person SEMI JOIN _new USING ({key})")
            duck.execute("CREATE VIEW _before AS FROM _old")
        others = f"FROM _before ANTI JOIN _new USING ({key})"
        duck.execute(f"CREATE TABLE _after AS ({others}) UNION ALL FROM _now")
        if self.people.members is not None and not self.people.has_own_members:
            homes = f"SELECT {home} FROM _before UNION SELECT {home} FROM _new"
            duck.execute(f"CREATE TABLE _members AS FROM member SEMI JOIN ({homes}) USING ({home})")
        one, other = (
            f"(SELECT {key}, {self.people.county} AS {name} FROM {side})"
            for side, name in ((OLD, "_from"), (NOW, "_to"))
        )
        duck.execute(
            f"CREATE TABLE _moved AS SELECT {key} FROM {one} FULL JOIN {other} USING ({key})"
            " WHERE _from IS DISTINCT FROM _to"
        )
        self.moves = bool(duck.execute("SELECT 1 FROM _moved LIMIT 1").fetchall())

    def _find_households(self) -> None:
        """Read everybody's file once, and again only where somebody came from another household."""
        duck, key, home = self.duck.connection, quoted(self.people.key), quoted(self.people.link)
        own = f"SELECT DISTINCT {home} FROM _new"
        duck.execute(f"CREATE TABLE _before AS FROM person SEMI JOIN ({own}) USING ({home})")
        duck.execute(f"CREATE TABLE _old AS FROM _before SEMI JOIN _new USING ({key})")
        duck.execute(f"CREATE TABLE _elsewhere AS FROM _new ANTI JOIN _old USING ({key})")
        if not duck.execute("SELECT 1 FROM _elsewhere LIMIT 1").fetchall():
            return
        duck.execute(f"INSERT INTO _old FROM person SEMI JOIN _elsewhere USING ({key})")
        left = f"SELECT {home} FROM _old EXCEPT {own}"
        duck.execute(f"INSERT INTO _before FROM person SEMI JOIN ({left}) USING ({home})")
        # Who has no household is nobody's co-member.
        duck.execute(f"INSERT INTO _before FROM _old WHERE {home} IS NULL")

    def _read_changes(self) -> None:
        file, key = self.changes, quoted(self.people.key)
        try:
            missing = [
                n for n in self.population.people.types if n not in pq.read_schema(file).names
            ]
        except (FileNotFoundError, pa.ArrowInvalid):
            raise Invalid(
                "no Parquet file of people is here", code="run.changes", place=str(file)
            ) from None
        if missing:
            raise Invalid(
                f"the file has no column '{missing[0]}'",
                code="run.changes",
                place=str(file),
                mend="write whole rows, as in the people's file",
            )
        duck = self.duck.connection
        try:
            source = f"FROM read_parquet({text_literal(str(file))})"
            duck.execute(f"INSERT INTO _new BY NAME {source}")
        except duckdb.Error as error:
            raise Invalid(
                "the file does not fit that of the people",
                code="run.changes",
                place=str(file),
                value=str(error).splitlines()[0],
                mend="write the columns as they are there",
            ) from None
        query = f"SELECT COUNT(*), COUNT({key}), COUNT(DISTINCT {key}) FROM _new"
        rows, known, different = duck.execute(query).fetchall()[0]
        if different < rows:
            wrong = "have no key" if known < rows else "have a key that stands there before"
            raise Invalid(
                f"{rows - min(known, different):,} rows {wrong}",
                code="run.changes",
                place=f"{file}, column {self.people.key}",
                mend="write one row for each person who changed",
            )

    def show(self, side: str, where: str = "") -> None:
        """Let the tables be those of before, of after, or of both, perhaps of some people."""
        duck = self.duck.connection
        source = "(FROM _before UNION ALL FROM _after)" if side == BOTH else side
        duck.execute(f"CREATE OR REPLACE VIEW person AS FROM {source}{where}")
        if self.people.members is not None:
            own = source if self.people.has_own_members else "_members"
            duck.execute(f"CREATE OR REPLACE VIEW member AS FROM {own}")

    def rows(self, before: Mapping[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
        """Return people and digest of each county: what is taken away and added is a sum."""
        found = dict(before)
        for side, sign in ((BEFORE, -1), (AFTER, 1)):
            self.show(side)
            for county, (count, digest) in rows_by_county(
                self.duck, self.people, self.population
            ).items():
                known, old = found.get(county, (0, "0"))
                total = int(old, 16) + sign * int(digest, 16)
                found[county] = (known + sign * count, f"{total:x}")
        return {county: each for county, each in sorted(found.items()) if each[0]}

    def column(self, query: str) -> pa.Array:
        """Return the one column of a query."""
        table = self.duck.connection.sql(query).to_arrow_table()
        return table.column(0).combine_chunks()
