"""Pages of the register that everybody may open: the list, the map, one asset, photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from longmai.domains.assets.register import notice_queries, paper_queries, queries, right_queries
from longmai.domains.assets.register.actions import Offer, offers
from longmai.domains.assets.register.deeds import READ, subject_of
from longmai.domains.assets.register.importing.workbooks import ledger_workbook
from longmai.domains.assets.register.model.asset import CLASSES, CONDITIONS, LEVELS
from longmai.domains.assets.register.model.rights import RIGHTS, units_as_shares
from longmai.domains.assets.register.model.workflow import STAGES, WAY, Timer
from longmai.domains.assets.register.photos import picture_file
from longmai.domains.assets.register.shown import (
    Line,
    Share,
    line,
    name_of,
    person,
    sees_all,
    shares,
)
from longmai.domains.assets.register.steps import timers_of
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.kernel.region_codes import prefix
from longmai.ledger.provider import digest
from longmai.portal import qr
from longmai.portal.export import XLSX_MEDIA, Format, table_file
from longmai.portal.house import House, house_of
from longmai.portal.maps import MapView, Place, map_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.ledger import SqlLog
from longmai.store.table_window import Window

router = APIRouter(prefix="/assets", include_in_schema=False)

MOST_EXPORTED = 20_000
_MOST_SPOTS = 60
_MOST_NAMED = 9
_SHOWN_HOLDERS = 200


def filters_of(request: Request) -> queries.Filters:
    """Read what a list is narrowed to from an address; what nobody knows does not narrow."""
    told = request.query_params
    year = told.get("year", "")
    return queries.Filters(
        text=told.get("q", "")[:100],
        region=_region(request, told.get("region", "")),
        asset_class=_one_of(told.get("class", ""), CLASSES),
        level=_one_of(told.get("level", ""), LEVELS),
        stage=_one_of(told.get("stage", ""), STAGES),
        condition=_one_of(told.get("condition", ""), CONDITIONS),
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,  # noqa: PLR2004 - digits
    )


def _one_of(text: str, known: Sequence[str]) -> str:
    return text if text in known else ""


def _region(request: Request, code: str) -> str:
    try:
        return house_of(request).regions.get(code).code if code else ""
    except (Invalid, NotFound):
        return ""


@dataclass(frozen=True)
class ListContext:
    """Variables of ``assets/register-list.html``.

    Attributes:
        sums: (class, number, yuan) of what matches.
        doors: (code, name, number) of the divisions below the one shown.
        choices: of the filters, by name.
    """

    rows: tuple[Line, ...]
    paging: Paging
    filters: queries.Filters
    sort: str
    descending: bool
    total: int
    cost_yuan: str
    sums: Sequence[tuple[str, int, str]]
    doors: Sequence[tuple[str, str, int]]
    choices: Mapping[str, Sequence[str]]
    places: Mapping[str, str]
    may_keep: bool
    may_read: bool


_CHOICES = {"class": CLASSES, "level": LEVELS, "stage": STAGES, "condition": CONDITIONS}


@router.get("/register", dependencies=[OPEN])
def asset_list(
    request: Request,
    sort: Annotated[str, Query(max_length=10)] = "code",
    order: Annotated[str, Query(max_length=4)] = "asc",
) -> HTMLResponse:
    """List the assets, narrowed by place, class, level, stage, condition and words."""
    t, filters, visitor = words_of(request), filters_of(request), visitor_of(request)
    chosen, descending = sort if sort in queries.SORTS else "code", order == "desc"
    with house_of(request).store.read() as connection:
        sums = queries.sums_by(connection, filters, "asset_class")
        total = sum(each.count for each in sums)
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        rows = tuple(line(each) for each in queries.page(connection, filters, window))
        doors = _doors(request, queries.sums_below(connection, filters, _digits_below(filters)))
    context = ListContext(
        rows=rows,
        paging=paging,
        filters=filters,
        sort=chosen,
        descending=descending,
        total=total,
        cost_yuan=yuan(sum(each.cost_fen for each in sums)),
        sums=[(each.key, each.count, yuan(each.cost_fen)) for each in sums],
        doors=doors,
        choices=_CHOICES,
        places={row.region: _short_place(request, row.region) for row in rows},
        may_keep=visitor.may("assets.keep"),
        may_read=visitor.may(READ),
    )
    crumbs = ((t("nav.home"), "/"), (t("field.assets"), None))
    page = Page(t("register.title"), crumbs, sample=any(row.sample for row in rows))
    return render(request, "assets/register-list.html", page, context)


def _short_place(request: Request, code: str) -> str:
    """Return the village with its township, as a list has room for."""
    regions, t = house_of(request).regions, words_of(request)
    own = regions.get(code)
    both = [regions.get(own.parent), own] if own.level == "village" else [own]
    if t.language == "zh":
        return "".join(each.name for each in both)
    return ", ".join(each.name_en for each in reversed(both))


def yuan(fen: int) -> str:
    """Write an amount in yuan with thousands apart."""
    return f"{fen_to_yuan(fen):,}"


def _digits_below(filters: queries.Filters) -> int:
    own = len(prefix(filters.region)) if filters.region else 4
    return {2: 4, 4: 6, 6: 9}.get(own, 12)


def _doors(request: Request, below: Sequence[tuple[str, int]]) -> list[tuple[str, str, int]]:
    regions, t = house_of(request).regions, words_of(request)
    found = []
    for code, count in below:
        region = regions.get(code)
        found.append((region.code, region.name if t.language == "zh" else region.name_en, count))
    return found


@router.get("/register.{kind}", dependencies=[OPEN])
def asset_file(request: Request, kind: Format) -> Response:
    """Export the list as it is narrowed: what everybody may see of it."""
    t, filters = words_of(request), filters_of(request)
    with house_of(request).store.read() as connection:
        window = Window("code", size=MOST_EXPORTED, descending=False)
        rows = [line(each) for each in queries.page(connection, filters, window)]
    columns = ("code", "name", "class", "level", "region", "cost", "year", "stage", "condition")
    regions = house_of(request).regions
    cells = [
        (
            row.code,
            row.name,
            t(f"register.class.{row.asset_class}"),
            t(f"register.level.{row.level}"),
            regions.path_name(row.region, t.language),
            str(fen_to_yuan(row.cost_fen)),
            row.year,
            t(f"register.stage.{row.stage}"),
            t(f"register.condition.{row.condition}"),
        )
        for row in rows
    ]
    headings = [t(f"register.column.{name}") for name in columns]
    return table_file(kind, "assets", headings, cells)


@router.get("/ledger.xlsx")
def ledger_file(request: Request, visitor: Annotated[Visitor, needs(READ)]) -> Response:
    """Return the ledger of the visitor's regions, as a workbook that can be imported again."""
    filters = queries.Filters(**{**vars(filters_of(request)), "scope": visitor.scope(READ)})
    with house_of(request).store.read() as connection:
        window = Window("code", size=MOST_EXPORTED, descending=False)
        book = ledger_workbook(each.asset for each in queries.page(connection, filters, window))
    named = {"Content-Disposition": 'attachment; filename="ledger.xlsx"'}
    return Response(book, media_type=XLSX_MEDIA, headers=named)


@dataclass(frozen=True)
class MapContext:
    """Variables of ``assets/register-map.html``.

    Attributes:
        spots: (number on the map, name, how many assets, address), in order.
        beyond: assets that are not drawn one by one.
        without: assets with no point.
    """

    view: MapView | None
    spots: Sequence[tuple[int, str, int, str]]
    filters: queries.Filters
    place: str
    up: str
    without: int
    notice: str


@router.get("/map", dependencies=[OPEN])
def asset_map(request: Request) -> HTMLResponse:
    """Show where the assets are: divisions first, single assets of a village."""
    house, t, filters = house_of(request), words_of(request), filters_of(request)
    digits = _digits_below(filters)
    own = len(prefix(filters.region)) if filters.region else 2
    with house.store.read() as connection:
        if own < 12:  # noqa: PLR2004 - digits of a village
            found = queries.spots(connection, filters, digits)
        else:
            found = queries.single_spots(connection, filters, _MOST_SPOTS)
        total = sum(n for _, n in queries.sums_below(connection, filters, max(digits, 4)))
    names = [_spot_name(request, each) for each in found]
    places = [Place(name, each.lon, each.lat) for name, each in zip(names, found, strict=True)]
    view, numbers = _drawn(request, places, _SPANS[own])
    context = MapContext(
        view=view,
        spots=[
            (numbers.get(name, 0), name, each.count, _spot_address(request, each))
            for name, each in zip(names, found, strict=True)
        ],
        filters=filters,
        place=house.regions.path_name(filters.region, t.language) if filters.region else "",
        up=_up(house, filters.region),
        without=total - sum(each.count for each in found) if own < 12 else 0,  # noqa: PLR2004
        notice=house.regions.about["notices"][t.language][0],
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
        (t("register.map.title"), None),
    )
    return render(
        request, "assets/register-map.html", Page(t("register.map.title"), crumbs), context
    )


def _drawn(
    request: Request, places: Sequence[Place], least_degrees: float
) -> tuple[MapView | None, dict[str, int]]:
    """Return the map, and the number that each name bears on it; of many, numbers alone."""
    language, regions = words_of(request).language, house_of(request).regions
    if not places:
        return None, {}
    view = map_of(regions.boundaries, places, language, least_degrees=least_degrees, way=False)
    if view is None:
        return None, {}
    joint = "、" if language == "zh" else ", "
    numbers = {name: mark.number for mark in view.marks for name in mark.name.split(joint)}
    if len(view.marks) > _MOST_NAMED:
        view = replace(view, marks=tuple(replace(mark, name="") for mark in view.marks))
    return view, numbers


# Degrees that a map spans at least, by the digits of the region it is of.
_SPANS = {2: 2.2, 4: 1.0, 6: 0.4, 9: 0.1, 12: 0.02}


def _spot_name(request: Request, spot: queries.Spot) -> str:
    if spot.name:
        return spot.name
    region = house_of(request).regions.get(spot.key)
    return region.name if words_of(request).language == "zh" else region.name_en


def _spot_address(request: Request, spot: queries.Spot) -> str:
    if spot.name:
        return f"/assets/a/{spot.key}"
    return str(
        request.url.include_query_params(region=spot.key.ljust(12, "0")).replace(
            scheme="", netloc=""
        )
    )


def _up(house: House, region: str) -> str:
    if not region:
        return ""
    above = house.regions.get(region).parent
    return f"/assets/map?region={above}" if above and above != house.regions.code else "/assets/map"


@dataclass(frozen=True)
class RightView:
    """A right as a page shows it.

    Attributes:
        shares: holders now, as many as fit; ``more`` others.
        history: (day, basis, holders) of how it was held before, newest first.
    """

    right: str
    shares: tuple[Share, ...]
    more: int
    since: str
    basis: str
    history: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class AssetContext:
    """Variables of ``assets/register-asset.html``.

    Attributes:
        way: (stage, reached) of the way of registration.
        fingerprint: hash of the leaf of the record that holds the columns now, hexadecimal.
        stale: the certificate says other holders than the register.
        leases: contracts under which somebody uses it.
        offers: what the visitor may do.
    """

    known: queries.Known
    whole: bool
    line: Line
    caretaker: str
    cost_yuan: str
    net_yuan: str
    funding: Sequence[tuple[str, str]]
    way: Sequence[tuple[str, bool]]
    rights: Sequence[RightView]
    equity: Sequence[tuple[str, int, str]]
    marks: Sequence[right_queries.Marked]
    certificates: Sequence[paper_queries.Issued]
    notice: notice_queries.Posted | None
    timer: Timer | None
    photos: Sequence[paper_queries.Photo]
    life: Sequence[right_queries.LifeRow]
    leases: Sequence[right_queries.Leased]
    fingerprint: str
    subject: str
    offers: Sequence[Offer]
    address: str
    qr: str


@router.get("/a/{asset_id}", dependencies=[OPEN])
def asset_page(request: Request, asset_id: UUID) -> HTMLResponse:
    """Show one asset: what it is, whose its rights are, and all that happened to it."""
    house, t, visitor = house_of(request), words_of(request), visitor_of(request)
    today = beijing_day(house.clock.now())
    with house.store.read() as connection:
        known = queries.asset_of(connection, asset_id)
        whole = sees_all(visitor, known.asset.region)
        histories = {r: right_queries.right_history(connection, asset_id, r) for r in RIGHTS}
        equity = right_queries.equity_of(connection, asset_id)
        notices = notice_queries.newest_notices(connection, [asset_id])
        tickets = notice_queries.objections_to(connection, {n.notice_id for n in notices.values()})
        marks = right_queries.marks_of(connection, asset_id)
        certificates = paper_queries.certificates_of(connection, [asset_id])[asset_id]
        photos = paper_queries.photos_of(connection, asset_id)
        life = right_queries.life_of(connection, asset_id)
        header = SqlLog(connection).record(known.entry_id).header
    asset = known.asset
    notice = notices.get(asset_id) if known.state.stage == "noticed" else None
    address = f"{house.settings.public_url}/assets/a/{asset_id}"
    parts = units_as_shares(dict(enumerate(n for _, n in equity.units))) if equity else {}
    context = AssetContext(
        known=known,
        whole=whole,
        line=line(known),
        caretaker=person(asset.caretaker, whole=whole),
        cost_yuan=yuan(asset.cost_fen),
        net_yuan="" if asset.net_fen is None else yuan(asset.net_fen),
        funding=[(each.source, yuan(each.amount_fen)) for each in asset.funding],
        way=[(stage, _reached(known.state.stage, stage)) for stage in WAY],
        rights=[_right_view(right, histories[right], whole=whole) for right in RIGHTS],
        equity=[
            (name_of(party, whole=whole), units, str(parts[i]))
            for i, (party, units) in enumerate(equity.units[:_SHOWN_HOLDERS])
        ]
        if equity
        else [],
        marks=marks,
        certificates=certificates,
        notice=notice,
        timer=timers_of({asset_id: notice}, tickets, today)[asset_id] if notice else None,
        photos=photos,
        life=life[::-1],
        leases=right_queries.leases_told(life, today),
        fingerprint=digest(b"\0" + header).hex(),
        subject=subject_of(asset_id),
        offers=offers(visitor, known, certificates, marks),
        address=address,
        qr=qr.qr_svg(address),
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
        (asset.name, None),
    )
    page = Page(asset.name, crumbs, sample=known.sample)
    return render(request, "assets/register-asset.html", page, context)


def _reached(stage: str, step: str) -> bool:
    return STAGES.index(stage) >= STAGES.index(step)


def _right_view(right: str, history: Sequence[right_queries.Held], *, whole: bool) -> RightView:
    now = history[-1] if history else right_queries.Held(right, ())
    held = shares(now.holdings, whole=whole)
    return RightView(
        right,
        held[:_SHOWN_HOLDERS],
        max(0, len(held) - _SHOWN_HOLDERS),
        now.since.isoformat() if now.since else "",
        now.basis,
        [
            (
                each.since.isoformat() if each.since else "",
                each.basis,
                "、".join(f"{s.name} {s.share}" for s in shares(each.holdings, whole=whole)[:10]),
            )
            for each in history[-2::-1]
        ],
    )


@router.get("/photos/{photo}/small", dependencies=[OPEN])
def thumbnail(request: Request, photo: str) -> Response:
    """Return the thumbnail of a photo; it carries nothing of what the camera noted."""
    return _picture(request, photo, small=True)


@router.get("/photos/{photo}")
def original(request: Request, photo: str, visitor: Annotated[Visitor, needs(READ)]) -> Response:
    """Return a photo as it was sent."""
    del visitor
    return _picture(request, photo, small=False)


def _picture(request: Request, photo: str, *, small: bool) -> Response:
    with house_of(request).store.read() as connection:
        media, body = picture_file(connection, photo, small=small)
    # Named by its digest: it never changes.
    keep = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(body, media_type=media, headers=keep)
