"""The register over HTTP: assets, their rights and life, imports, objections."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from longmai.domains.assets.register import queries, right_queries
from longmai.domains.assets.register.deeds import KEEP, OBJECT
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.importing.drafts import WRONG, plan, write
from longmai.domains.assets.register.importing.grid import MAX_FILE_BYTES
from longmai.domains.assets.register.model.asset import as_payload
from longmai.domains.assets.register.model.rights import RIGHTS, Holding
from longmai.domains.assets.register.shown import line, name_of, person, sees_all
from longmai.domains.assets.register.steps import Complaint, file_objection
from longmai.kernel.errors import TooLarge
from longmai.portal.house import house_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window
from longmai.store.unit_of_work import UnitOfWork

router = APIRouter(prefix="/api/v1/assets", tags=["assets"])

_UNITS: Mapping[str, int] = {"": 0, "yuan": 100, "wan": 1_000_000}
_BOOK = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The ledger: a workbook (XLSX) or a CSV file.",
    },
    "security": [{"token": []}],
}


class AssetItem(BaseModel):
    """An asset in the list."""

    asset_id: UUID
    code: str
    name: str
    asset_class: str
    level: str
    region: str
    cost_fen: int
    year: int | None
    stage: str
    condition: str
    sample: bool


class AssetPage(BaseModel):
    """One page of assets and the number of all that match."""

    total: int
    items: list[AssetItem]


class ShareItem(BaseModel):
    """A holder of a right: kind, name (of people masked, unless you may see it), exact share."""

    kind: str
    name: str
    share: str


class RightItem(BaseModel):
    """A right: who holds it since when, and by what."""

    since: date | None
    basis: str
    record_id: UUID | None
    holders: list[ShareItem]


class AssetDetail(BaseModel):
    """One asset: its columns, where it stands, and its three rights."""

    asset_id: UUID
    columns: dict[str, Any]
    stage: str
    condition: str
    version: int
    record_id: UUID
    sample: bool
    rights: dict[str, RightItem]


class LifeItem(BaseModel):
    """A step of an asset's timeline, one record each."""

    record_id: UUID
    version: int
    deed: str
    stage: str
    condition: str
    on_day: date
    told: dict[str, Any]


class RowFault(BaseModel):
    """What is wrong in a row of a ledger."""

    sheet: str
    row: int
    column: str
    heading: str
    code: str
    value: str


class ImportResult(BaseModel):
    """What a ledger holds: rows by outcome, and why the wrong ones are refused."""

    taken: bool
    counts: dict[str, int]
    faults: list[RowFault]


class ObjectionForm(BaseModel):
    """An objection to what a notice says of an asset."""

    notice_id: UUID
    asset_id: UUID
    reason: str = Field(max_length=2_000)
    name: str = Field(max_length=64)
    contact: str = Field("", max_length=64)


class ObjectionReceipt(BaseModel):
    """The objection's ID, which is that of its record."""

    objection_id: UUID


@router.get("/register", dependencies=[OPEN])
def list_assets(
    request: Request,
    q: Annotated[str, Query(max_length=100, description="Part of a code or name.")] = "",
    region: Annotated[str, Query(pattern=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})?$")] = "",
    asset_class: Annotated[Literal["", "operating", "public", "household"], Query()] = "",
    condition: Annotated[str, Query(max_length=8)] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> AssetPage:
    """List assets by code, narrowed by words, place, class and condition."""
    house = house_of(request)
    code = house.regions.get(region).code if region else ""
    filters = queries.Filters(text=q, region=code, asset_class=asset_class, condition=condition)
    with house.store.read() as connection:
        window = Window("code", offset, limit, descending=False)
        total, found = queries.assets(connection, filters, window)
    return AssetPage(total=total, items=[AssetItem(**vars(line(each))) for each in found])


@router.get("/register/{asset_id}", dependencies=[OPEN])
def get_asset(request: Request, asset_id: UUID) -> AssetDetail:
    """Return one asset with its rights."""
    with house_of(request).store.read() as connection:
        known = queries.asset_of(connection, asset_id)
        rights = right_queries.rights_of(connection, [asset_id])[asset_id]
    whole = sees_all(visitor_of(request), known.asset.region)
    columns = as_payload(known.asset)
    if not whole:
        columns.pop("note", None)
        for name in ("caretaker", *(_STATED if known.asset.asset_class == "household" else ())):
            if name in columns:
                columns[name] = person(columns[name], whole=False)
    return AssetDetail(
        asset_id=asset_id,
        columns=columns,
        stage=known.state.stage,
        condition=known.state.condition,
        version=known.state.version,
        record_id=known.entry_id,
        sample=known.sample,
        rights={right: _right(rights[right], whole=whole) for right in RIGHTS},
    )


_STATED = ("owner", "operator", "beneficiary")


def _right(held: right_queries.Held, *, whole: bool) -> RightItem:
    def shown(each: Holding) -> ShareItem:
        name = name_of(each.party, whole=whole)
        return ShareItem(kind=each.party.kind, name=name, share=str(each.share))

    return RightItem(
        since=held.since,
        basis=held.basis,
        record_id=held.record_id,
        holders=[shown(each) for each in held.holdings],
    )


@router.get("/register/{asset_id}/life", dependencies=[OPEN])
def get_life(request: Request, asset_id: UUID) -> list[LifeItem]:
    """Return the timeline of an asset, from its first record on."""
    with house_of(request).store.read() as connection:
        queries.asset_of(connection, asset_id)
        found = right_queries.life_of(connection, asset_id)
    return [
        LifeItem(
            record_id=each.record_id,
            version=each.version,
            deed=each.deed,
            stage=each.state.stage,
            condition=each.state.condition,
            on_day=each.on_day,
            told=dict(each.told),
        )
        for each in found
    ]


@router.post("/imports", openapi_extra=_BOOK)
async def post_import(
    request: Request,
    visitor: Annotated[Visitor, needs(KEEP)],
    region: Annotated[str, Query(pattern=r"^(\d{4}|\d{6}|\d{9}|\d{12})$")],
    unit: Annotated[Literal["", "yuan", "wan"], Query()] = "",
    *,
    take: Annotated[bool, Query(description="Write the good rows, all in one.")] = False,
) -> ImportResult:
    """Say what a ledger holds, row by row; with `take`, write its good rows.

    Sent twice it changes nothing: a code that is there with the same columns is left alone.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FILE_BYTES:
            raise TooLarge("the workbook is too large", code="ledgerbook.size")
    house = house_of(request)

    def enter(work: UnitOfWork) -> ImportResult:
        desk = Desk.of(house, work, visitor)
        found = plan(desk, body, house.regions.get(region).code, _UNITS[unit])
        if take:
            write(desk, found.rows, "import")
        faults = [
            RowFault(sheet=each.row.sheet, row=each.row.number, **vars(fault))
            for each in found.of(WRONG)
            for fault in each.row.faults
        ]
        return ImportResult(taken=take, counts=dict(found.counts), faults=faults)

    def run() -> ImportResult:
        with house.store.begin() as work:
            return enter(work)

    return await run_in_threadpool(run)


@router.post("/objections", status_code=201, openapi_extra={"security": [{"token": []}]})
def post_objection(
    request: Request, visitor: Annotated[Visitor, needs(OBJECT)], form: ObjectionForm
) -> ObjectionReceipt:
    """Object to what a public notice says of an asset; the notice of that asset stops."""
    house = house_of(request)
    with house.store.begin() as work:
        told = Complaint(form.reason, form.name, form.contact)
        desk = Desk.of(house, work, visitor)
        objection_id = file_objection(desk, form.notice_id, form.asset_id, told)
    return ObjectionReceipt(objection_id=objection_id)
