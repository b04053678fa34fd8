"""The population that policies are judged on: one row a person, the values that are used.

A person's household is the one used, or themselves alone. What it says to be on no list (who is on
no complete list of disabled people is not disabled) is declared in ``facts.toml``; everything else
that nobody told stays unknown.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, select

from longmai.domains.livelihood.persons.importing import chunks
from longmai.domains.livelihood.persons.model.profile import Row, profile
from longmai.domains.livelihood.persons.refreshing import rows_of
from longmai.domains.livelihood.persons.tables import FILE, PERSON, WITHDRAWN
from longmai.kernel.region_codes import contains

_FILE = Path(__file__).parent / "facts.toml"
_CHUNK = 2_000
_YES_NO = {"是": True, "否": False, "符合": True, "不符合": False}
_OWN = (
    "id", "region", "household", "relation", "name", "sex", "id_number", "phone", "address",
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """A datum of the population.

    Attributes:
        name: as policies ask for it.
        kind: ``day``, ``yes_no``, ``number`` or ``text``.
        field: heading it is read from.
        values: what a value means, where it is not the datum itself.
        absent: what it is for who stands on no complete list; None: unknown.
        title: of that list.
    """

    name: str
    kind: str
    field: str
    values: Mapping[str, str]
    absent: str | None
    title: str


@cache
def _gone() -> tuple[str, frozenset[str]]:
    told = tomllib.loads(_FILE.read_text("utf-8"))["gone"]
    return told["field"], frozenset(told["values"])


@cache
def facts() -> tuple[Fact, ...]:
    """Return the data that the population has."""
    told = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(
        Fact(
            each["name"],
            each.get("kind", "text"),
            each.get("field", each["name"]),
            each.get("values", {}),
            each.get("absent"),
            each.get("title", ""),
        )
        for each in told["fact"]
    )


def write_population(connection: Connection, file: Path) -> int:
    """Write the population beside its place, then put it there; return how many people it has."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    file.parent.mkdir(parents=True, exist_ok=True)
    schema, count = _schema(), 0
    with pq.ParquetWriter(beside, schema) as writer:
        for rows in _rows(connection):
            writer.write_table(pa.Table.from_pylist(rows, schema))
            count += len(rows)
    beside.replace(file)
    return count


def _schema() -> pa.Schema:
    kinds = {"day": pa.date32(), "yes_no": pa.bool_(), "number": pa.int64(), "text": pa.string()}
    own = [(name, pa.string()) for name in _OWN]
    return pa.schema([*own, *((each.name, kinds[each.kind]) for each in facts())])


def _rows(connection: Connection) -> Iterator[list[dict[str, Any]]]:
    complete = _complete_lists(connection)
    after = ("", UUID(int=0))
    while True:
        later = (PERSON.c.region > after[0]) | (
            (PERSON.c.region == after[0]) & (PERSON.c.id > after[1])
        )
        query = select(PERSON).where(later).order_by(PERSON.c.region, PERSON.c.id).limit(_CHUNK)
        persons = connection.execute(query).all()
        if not persons:
            return
        rows: dict[UUID, list[Row]] = {}
        for chunk in chunks((each.id for each in persons), 400):
            rows |= rows_of(connection, chunk)
        made = (_row(each, rows.get(each.id, []), complete) for each in persons)
        yield [row for row in made if row is not None]
        after = (persons[-1].region, persons[-1].id)


def _complete_lists(connection: Connection) -> dict[str, list[str]]:
    withdrawn = select(WITHDRAWN.c.file_id)
    query = select(FILE.c.title, FILE.c.region).where(FILE.c.whole, FILE.c.id.not_in(withdrawn))
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.distinct()):
        found.setdefault(row.title, []).append(row.region)
    return found


def _row(
    person: Any, rows: Sequence[Row], complete: Mapping[str, list[str]]
) -> dict[str, Any] | None:
    used = {each.key: each.used.value for each in profile(rows)}
    state, gone = _gone()
    if used.get(state) in gone:
        return None
    row: dict[str, Any] = {name: used.get(name) for name in _OWN}
    row |= {
        "id": str(person.id),
        "region": person.region,
        "household": person.household or str(person.id),
        "relation": person.relation or "户主",
    }
    used["出生日期"] = person.birth_date.isoformat() if person.birth_date else ""
    for each in facts():
        value = used.get(each.field, "")
        value = each.values.get(value, "" if each.values else value)
        if not value and each.absent is not None:
            lists = complete.get(each.title, ())
            value = each.absent if any(contains(r, person.region) for r in lists) else ""
        row[each.name] = _typed(each.kind, value)
    return row


def _typed(kind: str, value: str) -> Any:
    if not value:
        return None
    if kind == "yes_no":
        return _YES_NO.get(value)
    if kind == "day":
        return date.fromisoformat(value)
    if kind == "number":
        try:
            return round(float(value))
        except ValueError:
            return None
    return value
