"""Who the people of a finding are: names and ways to reach them, from the population it judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longmai.domains.livelihood.finding.nightly import latest, population_of
from longmai.domains.livelihood.finding.reading import POPULATION
from longmai.portal.house import House

_FIELDS = ("household", "name", "sex", "id_number", "phone", "address", "relation", "region")
_BIRTH = "出生日期"


@dataclass(frozen=True)
class Person:
    """What the township needs of a person; texts are empty where nothing is known."""

    id: str
    household: str = ""
    name: str = ""
    sex: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""
    relation: str = ""
    region: str = ""
    birth: date | None = None

    def told(self) -> Mapping[str, str]:
        """Return it as a record keeps it."""
        kept = {name: getattr(self, name) for name in _FIELDS if getattr(self, name)}
        return kept | ({"birth": self.birth.isoformat()} if self.birth else {})


def population_file(house: House) -> Path:
    """Return the population that the newest finding was made on; without one, that of now."""
    found = latest(house)
    kept = None if found is None else found.folder / POPULATION
    return kept if kept is not None and kept.is_file() else population_of(house)


def people_of(house: House, ids: Mapping[str, str]) -> dict[str, Person]:
    """Return people by ID; who is not in the population is not in the answer.

    Args:
        house: whose population it is.
        ids: with the region of each, by which the file is sorted.
    """
    file = population_file(house)
    if not ids or not file.is_file():
        return {}
    schema = pq.read_schema(file)
    columns = [name for name in ("id", *_FIELDS, _BIRTH) if name in schema.names]
    filters = [
        ("id", "in", _as_keys(schema, list(ids))),
        ("region", "in", sorted(set(ids.values()))),
    ]
    table = pq.read_table(file, columns=columns, filters=filters)
    return {str(row["id"]): _person(row) for row in table.to_pylist()}


def _as_keys(schema: pa.Schema, ids: Sequence[str]) -> list[Any]:
    whole = pa.types.is_integer(schema.field("id").type)
    return [int(each) for each in ids if each.isdigit()] if whole else list(ids)


def _person(row: Mapping[str, Any]) -> Person:
    texts = {name: str(row[name]) for name in _FIELDS if row.get(name) is not None}
    return Person(id=str(row["id"]), birth=row.get(_BIRTH), **texts)
