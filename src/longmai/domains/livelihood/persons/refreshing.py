"""Works out the list of persons from their links and rows: ``PERSON`` holds nothing of its own."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, delete, insert, select

from longmai.domains.livelihood.persons.content import profile_row
from longmai.domains.livelihood.persons.model.profile import Row, Told, profile
from longmai.domains.livelihood.persons.tables import FILE, LINK, PERSON, ROW, is_current
from longmai.portal.pinyin import initials
from longmai.store.reading import chunks

_CHUNK = 400


def rows_of(connection: Connection, persons: Collection[UUID]) -> dict[UUID, list[Row]]:
    """Return the rows that count now, by person; a person without any is left out."""
    found: dict[UUID, list[Row]] = {}
    for chunk in chunks(persons, _CHUNK):
        query = counting().where(LINK.c.person_id.in_(chunk)).order_by(ROW.c.id)
        for row in connection.execute(query):
            found.setdefault(row.person_id, []).append(profile_row(row))
    return found


def counting() -> Select[Any]:
    """Return the query of rows that count now, with their persons and files."""
    return (
        select(
            LINK.c.person_id, LINK.c.how, LINK.c.bits, LINK.c.step, LINK.c.record_id,
            ROW.c.id, ROW.c.number, ROW.c.content, ROW.c.file_id,
            FILE.c.department, FILE.c.title, FILE.c.as_of, FILE.c.sample,
            FILE.c.region.label("file_region"),
        )
        .join(ROW, ROW.c.id == LINK.c.row_id)
        .join(FILE, FILE.c.id == ROW.c.file_id)
        .where(is_current(), ROW.c.ended_by.is_(None), ROW.c.content.is_not(None))
    )  # fmt: skip


def refresh(connection: Connection, persons: Iterable[UUID]) -> None:
    """Work out persons anew after their links or rows changed; one without rows is gone."""
    for chunk in chunks(dict.fromkeys(persons), _CHUNK):
        connection.execute(delete(PERSON).where(PERSON.c.id.in_(chunk)))
        rows = list(_person_rows(connection, chunk))
        if rows:
            connection.execute(insert(PERSON), rows)


def refresh_all(connection: Connection) -> int:
    """Work out all persons anew; return how many there are."""
    connection.execute(delete(PERSON))
    persons = connection.scalars(select(LINK.c.person_id).distinct()).all()
    refresh(connection, persons)
    return len(persons)


def _person_rows(connection: Connection, persons: Collection[UUID]) -> Iterator[dict[str, Any]]:
    samples: dict[UUID, bool] = {}
    regions: dict[UUID, str] = {}
    rows: dict[UUID, list[Row]] = {}
    query = counting().where(LINK.c.person_id.in_(persons)).order_by(ROW.c.id)
    for row in connection.execute(query):
        rows.setdefault(row.person_id, []).append(profile_row(row))
        samples[row.person_id] = samples.get(row.person_id, False) or row.sample
        regions.setdefault(row.person_id, row.file_region)
    for person, own in rows.items():
        told = profile(own)
        yield {
            **summary(told, regions[person]),
            "id": person,
            "rows": len(own),
            "departments": len({each.source.department for each in own}),
            "sample": samples[person],
        }


def summary(told: Collection[Told], region: str) -> dict[str, Any]:
    """Return what a list shows of a profile.

    Args:
        told: the profile.
        region: to use where none is told.
    """
    used = {each.key: each.used.value for each in told if each.identity}
    name, born = used.get("name", ""), used.get("birth_date")
    return {
        "name": name[:80],
        "initials": initials(name),
        "sex": used.get("sex", ""),
        "birth_date": date.fromisoformat(born) if born else None,
        "id_number": used.get("id_number", ""),
        "region": used.get("region", region),
        "household": used.get("household", "")[:80],
        "relation": used.get("relation", "")[:20],
        "conflicts": sum(each.conflict for each in told),
    }
