"""Persons over HTTP: files in, persons out, under the same rights as the pages."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi import Form as FormField
from pydantic import BaseModel

from longmai.domains.livelihood.persons import importing
from longmai.domains.livelihood.persons.consents import consents_of
from longmai.domains.livelihood.persons.importing import IMPORT, Sent
from longmai.domains.livelihood.persons.jobs import desk_of, enqueue_take
from longmai.domains.livelihood.persons.masking import masked_id
from longmai.domains.livelihood.persons.queries import LOOKED, READ, person, persons, profile_of
from longmai.domains.livelihood.persons.reading import MAX_UPLOAD_BYTES, DepartmentFile
from longmai.portal.accounts.looks import MAX_REASON, look
from longmai.portal.house import house_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/api/v1/livelihood", tags=["livelihood"])


class SentFile(BaseModel):
    """A file that was sent: its ID, what its columns are taken for, the job that takes it."""

    upload_id: UUID
    job_id: UUID
    columns: dict[str, str]


class UploadState(BaseModel):
    """A file that was not taken yet: ``columns``, ``checking`` or ``faulty``, and what is wrong."""

    state: str
    rows: int | None
    fault_count: int
    faults: list[dict[str, Any]]


class PersonItem(BaseModel):
    """A person in the list; the ID number is masked."""

    id: UUID
    name: str
    sex: str
    birth_date: date | None
    id_number: str
    region: str
    departments: int
    conflicts: int


class PersonPage(BaseModel):
    """One page of persons, and the number of all that match."""

    total: int
    items: list[PersonItem]


@router.post("/files", status_code=202)
def send_file(  # noqa: PLR0913 - the fields of the form
    request: Request,
    visitor: Annotated[Visitor, needs(IMPORT)],
    file: UploadFile,
    *,
    department: Annotated[str, FormField(max_length=40)],
    region: Annotated[str, FormField(max_length=12)],
    as_of: Annotated[date, FormField()],
    title: Annotated[str, FormField(max_length=80)] = "",
    whole: Annotated[bool, FormField()] = True,
    leave_faulty: Annotated[bool, FormField()] = False,
) -> SentFile:
    """Send a department's list (CSV, XLSX or Parquet); it is checked, taken and linked in a job.

    Columns are those kept for the department and shape, or guessed. The upload tells what is wrong;
    it is gone once the list was taken.
    """
    house = house_of(request)
    opened = DepartmentFile(file.filename or "", file.file.read(MAX_UPLOAD_BYTES + 1))
    sent = Sent(department, region, as_of, title, whole=whole)
    with house.store.begin() as work:
        desk = desk_of(house, visitor)
        upload_id = importing.send(work, desk, opened, sent)
        found = importing.upload(work.connection, visitor, upload_id)
        importing.choose(work, desk, upload_id, found.columns, found.title)
    job_id = enqueue_take(house, visitor, upload_id, leave_faulty=leave_faulty)
    return SentFile(upload_id=upload_id, job_id=job_id, columns=found.columns)


@router.get("/files/{upload_id}")
def get_upload(
    request: Request, visitor: Annotated[Visitor, needs(IMPORT)], upload_id: UUID
) -> UploadState:
    """Return what is wrong with a list that was sent and not taken."""
    with house_of(request).store.read() as connection:
        found = importing.upload(connection, visitor, upload_id)
    faults = [
        {"row": row, "column": column, "value": value, "code": code, "stops": stops}
        for row, column, value, code, stops in found.faults
    ]
    return UploadState(
        state=found.state, rows=found.rows, fault_count=found.fault_count, faults=faults
    )


@router.get("/persons")
def list_persons(
    request: Request,
    visitor: Annotated[Visitor, needs(READ)],
    q: Annotated[str, Query(max_length=100, description="Name, initials, ID, household.")] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> PersonPage:
    """List persons of the regions that the token's account may read."""
    window = Window("name", offset, limit, descending=False)
    with house_of(request).store.read() as connection:
        total, found = persons(connection, visitor.scope(READ), q, window)
    items = [
        PersonItem(
            id=each.id,
            name=each.name,
            sex=each.sex,
            birth_date=each.birth_date,
            id_number=masked_id(each.id_number),
            region=each.region,
            departments=each.departments,
            conflicts=each.conflicts,
        )
        for each in found
    ]
    return PersonPage(total=total, items=items)


@router.get("/persons/{person_id}")
def get_person(
    request: Request,
    visitor: Annotated[Visitor, needs(LOOKED)],
    person_id: UUID,
    reason: Annotated[str, Query(min_length=1, max_length=MAX_REASON)],
) -> dict[str, Any]:
    """Return a person's profile in full, with sources; the look is recorded with its reason."""
    house = house_of(request)
    with house.store.read() as connection:
        found = person(connection, person_id, visitor.scope(LOOKED))
    subject = f"person:{person_id}"
    look(
        house.store,
        visitor,
        permission=LOOKED,
        subject=subject,
        region=found.region,
        fields=["profile"],
        reason=reason,
    )
    with house.store.read() as connection:
        told = profile_of(connection, person_id)
        consents = consents_of(connection, person_id)
    return {
        "id": str(person_id),
        "region": found.region,
        "household": found.household,
        "consents": {purpose: each.given for purpose, each in consents.items()},
        "fields": [
            {
                "key": each.key,
                "identity": each.identity,
                "conflict": each.conflict,
                "statements": [
                    {
                        "value": said.value,
                        "used": position == 0,
                        "department": said.source.department,
                        "list": said.source.title,
                        "as_of": said.source.as_of.isoformat(),
                        "row": said.source.number,
                    }
                    for position, said in enumerate((each.used, *each.others))
                ],
            }
            for each in told
        ],
    }
