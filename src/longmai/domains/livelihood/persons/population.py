"""The population that policies are judged on: one row a person, each value with its source.

A person's household is the one used, or themselves alone. What it says to be on no list (who is on
no complete list of disabled people is not disabled) is declared in ``facts.toml``; everything else
that nobody told stays unknown. So does what sources tell differently, and what the person does not
want used: nobody settles it silently, and ``unsettled`` says why it is unknown.

In a house the file is worked out of the registry (``build``). Where sample people were made up,
they stay beside the registered ones; a file that somebody put there themselves is left alone.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, func, select

from longmai.domains.livelihood.persons.consents import (
    FIND,
    SHARE,
    refusing,
)
from longmai.domains.livelihood.persons.model.profile import Row, Source, Told, profile
from longmai.domains.livelihood.persons.refreshing import rows_of
from longmai.domains.livelihood.persons.tables import CONSENT, FILE, LINK, PERSON, ROW, WITHDRAWN
from longmai.kernel.region_codes import contains
from longmai.portal.house import House
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.people import text_literal
from longmai.store.reading import chunks, newest_record

_FILE = Path(__file__).parent / "facts.toml"
_MADE, _STATE, _REGISTERED = b"longmai-population", b"state", b"registered"
_CHUNK = 2_000
_MEMORY_MB = 400
_YES_NO = {"是": True, "否": False, "符合": True, "不符合": False}
_OWN = (
    "id", "region", "household", "relation", "name", "sex", "id_number", "phone", "address",
)  # fmt: skip
SOURCES, UNSETTLED = "sources", "unsettled"
"""Columns of JSON by datum: where it is from; why it is not known though somebody told it."""


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
        purpose: sensitive purpose that its use serves; empty: none.
    """

    name: str
    kind: str
    field: str
    values: Mapping[str, str]
    absent: str | None
    title: str
    purpose: str


@cache
def _gone() -> tuple[str, frozenset[str]]:
    told = tomllib.loads(_FILE.read_text("utf-8"))["gone"]
    return told["field"], frozenset(told["values"])


@cache
def _register() -> str:
    told = tomllib.loads(_FILE.read_text("utf-8"))["register"]
    return str(told["department"])


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
            each.get("purpose", ""),
        )
        for each in told["fact"]
    )


def write_population(connection: Connection, file: Path) -> int:
    """Write the registered persons beside the place, then put the file there; return their number.

    Columns: those of ``facts.toml`` and who somebody is; ``sources`` and ``unsettled`` as JSON.
    """
    beside = _beside(file)
    count = _write(connection, beside)
    beside.replace(file)
    return count


def has_people(connection: Connection) -> bool:
    """Tell whether anybody is registered."""
    return connection.scalar(select(PERSON.c.id).limit(1)) is not None


@dataclass(frozen=True)
class Built:
    """What a house's population was worked out of.

    Attributes:
        people: in the file.
        registered: of them in the registry; the others are made up.
        fresh: it was written now; else nothing has changed since it was.
    """

    people: int
    registered: int
    fresh: bool


def build(house: House) -> Built | None:
    """Work out the population of a house, unless nothing has changed since it was.

    Returns:
        What it is made of; None: somebody put a file of their own there, or there is nobody.
    """
    folder = house.settings.data / "livelihood"
    file, made_up = folder / "population.parquet", folder / "sample" / "population.parquet"
    told = _told(file, made_up) if file.is_file() else {}
    if told is None:
        return None
    with house.store.read() as connection:
        state = _state(connection, made_up)
        if told.get(_STATE) == state:
            people = pq.read_metadata(file).num_rows
            return Built(people, int(told[_REGISTERED]), fresh=False)
        beside = _beside(file)
        registered = _write(connection, beside, state)
    people = _joined(beside, made_up, registered, state) if made_up.is_file() else registered
    if not people:
        beside.unlink()
        return None
    beside.replace(file)
    return Built(people, registered, fresh=True)


def _told(file: Path, made_up: Path) -> dict[bytes, bytes] | None:
    """Return what a population says it was worked out of; None: it is somebody's own."""
    if made_up.is_file() and file.samefile(made_up):
        return {}
    told = pq.read_metadata(file).metadata or {}
    return told if _MADE in told else None


def _state(connection: Connection, made_up: Path) -> bytes:
    """Return what changes whenever the population may: the last record of each kind it is read of.

    An erased row has no record of its own table here, so that rows without content are counted.
    """
    newest = [
        connection.scalar(select(newest_record(each))) for each in (FILE, WITHDRAWN, LINK, CONSENT)
    ]
    erased = connection.scalar(select(func.count()).select_from(ROW).where(ROW.c.content.is_(None)))
    sample = made_up.stat().st_mtime_ns if made_up.is_file() else 0
    return "/".join(map(str, (*newest, erased, sample))).encode()


def _beside(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.with_name(f".{file.name}.{os.getpid()}")


def _write(connection: Connection, file: Path, state: bytes = b"") -> int:
    schema, count = _schema(), 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for rows in _rows(connection):
            writer.write_table(pa.Table.from_pylist(rows, schema))
            count += len(rows)
        writer.add_key_value_metadata(
            {_MADE: b"1", _STATE: state, _REGISTERED: str(count).encode()}
        )
    return count


def _joined(file: Path, made_up: Path, registered: int, state: bytes) -> int:
    """Put made-up people beside the registered ones in a file; return how many there are."""
    both = file.with_name(f"{file.name}.both")
    one, other = (f"read_parquet({text_literal(str(each))})" for each in (file, made_up))
    told = {_MADE: "1", _STATE: state.decode(), _REGISTERED: str(registered)}
    listed = ", ".join(f"{text_literal(k.decode())}: {text_literal(v)}" for k, v in told.items())
    with DuckDB(memory_mb=_MEMORY_MB) as duck:
        people = (
            f"FROM {one} UNION ALL BY NAME (FROM {other} SELECT * REPLACE (CAST(id AS VARCHAR)"
            " AS id, CAST(household AS VARCHAR) AS household)) ORDER BY region, id"
        )
        options = f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{listed}}}"
        duck.connection.execute(f"COPY ({people}) TO {text_literal(str(both))} ({options})")
    both.replace(file)
    return int(pq.read_metadata(file).num_rows)


def _schema() -> pa.Schema:
    kinds = {"day": pa.date32(), "yes_no": pa.bool_(), "number": pa.int64(), "text": pa.string()}
    own = [(name, pa.string()) for name in (*_OWN, SOURCES, UNSETTLED)]
    return pa.schema([*own, *((each.name, kinds[each.kind]) for each in facts())])


@dataclass(frozen=True)
class _Known:
    """What all rows are worked out by: complete lists by title, and who refuses what."""

    complete: Mapping[str, Sequence[str]]
    refusing: Mapping[str, frozenset[str]]


def _rows(connection: Connection) -> Iterator[list[dict[str, Any]]]:
    purposes = {FIND, SHARE, *(each.purpose for each in facts())} - {""}
    refused = {each: refusing(connection, each) for each in purposes}
    known = _Known(_complete_lists(connection), refused)
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
        made = (_row(each, rows.get(each.id, []), known) for each in persons)
        yield [row for row in made if row is not None]
        after = (persons[-1].region, persons[-1].id)


def _complete_lists(connection: Connection) -> dict[str, list[str]]:
    withdrawn = select(WITHDRAWN.c.file_id)
    query = select(FILE.c.title, FILE.c.region).where(FILE.c.whole, FILE.c.id.not_in(withdrawn))
    found: dict[str, list[str]] = {}
    for row in connection.execute(query.distinct()):
        found.setdefault(row.title, []).append(row.region)
    return found


def _row(person: Any, rows: Sequence[Row], known: _Known) -> dict[str, Any] | None:
    told = profile(rows)
    own = {each.key: each.used.value for each in told}
    state, gone = _gone()
    if own.get(state) in gone:
        return None
    mine = _Facts(person, told, known)
    row: dict[str, Any] = {name: own.get(name) for name in _OWN}
    row |= {
        "id": str(person.id),
        "region": person.region,
        "household": person.household or str(person.id),
        "relation": person.relation or "户主",
    }
    row |= {each.name: mine.value(each) for each in facts()}
    kept = ((SOURCES, mine.sources), (UNSETTLED, mine.unsettled))
    return row | {name: json.dumps(said, ensure_ascii=False) for name, said in kept if said}


@dataclass
class _Facts:
    """The data of one person, as far as they are settled and may be used."""

    person: Any
    told: Sequence[Told]
    known: _Known
    sources: dict[str, Any] = field(default_factory=dict)
    unsettled: dict[str, Any] = field(default_factory=dict)

    def value(self, fact: Fact) -> Any:
        """Return a datum; None: it is not known, or not settled."""
        key = (True, "birth_date") if fact.field == "出生日期" else (False, fact.field)
        said = next((each for each in self.told if (each.identity, each.key) == key), None)
        refused = self._refused(fact, said)
        if refused:
            if said is not None or fact.absent is not None:
                self.unsettled[fact.name] = {"why": "refused", "purpose": refused}
            return None
        if said is not None and said.conflict:
            each = (said.used, *said.differing)
            self.unsettled[fact.name] = {
                "why": "conflict", "said": [[*_place(s.source), s.value] for s in each],
            }  # fmt: skip
            return None
        value = "" if said is None else said.used.value
        value = fact.values.get(value, "" if fact.values else value)
        if value and said is not None:
            self.sources[fact.name] = [*_place(said.used.source), said.used.source.number]
        elif fact.absent is not None and self._is_listed(fact):
            value = fact.absent
            self.sources[fact.name] = ["", fact.title, "", 0]
        return _typed(fact.kind, value)

    def _refused(self, fact: Fact, said: Told | None) -> str:
        """Return the purpose for which the person does not want a datum used; empty: none."""
        who, refusing_ = str(self.person.id), self.known.refusing
        if who in refusing_[FIND]:
            return FIND
        if fact.purpose and who in refusing_[fact.purpose]:
            return fact.purpose
        own = said is not None and said.used.source.department == _register()
        return SHARE if who in refusing_[SHARE] and not own else ""

    def _is_listed(self, fact: Fact) -> bool:
        lists = self.known.complete.get(fact.title, ())
        return any(contains(each, self.person.region) for each in lists)


def _place(source: Source) -> tuple[str, str, str]:
    return source.department, source.title, source.as_of.isoformat()


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
