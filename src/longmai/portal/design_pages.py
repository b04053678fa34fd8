"""The page of all components, for developers: each as it looks, and how a template calls it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from longmai.portal.export import Format, table_file
from longmai.portal.house import house_of
from longmai.portal.maps import MapView, Place, map_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, local_time, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.store.ledger import LEAF

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

TONES = ("plain", "good", "bad", "doubt", "place")
_SIZE = 5


@dataclass(frozen=True)
class DesignStep:
    """A step of the timeline on show: a real record, which the browser verifies."""

    record_id: UUID
    time: str
    title: str
    place: str | None


@dataclass(frozen=True)
class DesignContext:
    """Variables of ``design.html``.

    Attributes:
        steps: the newest record of the ledger; none while it is empty.
        proof_url: of its proof.
        verifier_key: of the log.
        rows: (code, name, number of divisions below) of the table on show.
        sort: its column; ``descending``: its direction.
        paging: its page.
        option: an ECharts option.
        map: a sketch map; None where the region pack has no points.
    """

    steps: Sequence[DesignStep]
    proof_url: str
    verifier_key: str
    rows: Sequence[tuple[str, str, int]]
    sort: str
    descending: bool
    paging: Paging
    option: dict[str, Any]
    map: MapView | None
    tones: Sequence[str] = TONES


@router.get("/design")
def design(request: Request) -> HTMLResponse:
    """Show every component once."""
    house, t = house_of(request), words_of(request)
    rows, sort = _rows(t), request.query_params.get("sort", "code")
    descending = request.query_params.get("order") == "desc"
    rows.sort(key=lambda row: row[2 if sort == "below" else 0], reverse=descending)
    asked = paging_of(request, len(rows))
    paging = Paging(min(asked.page, -(-len(rows) // _SIZE) or 1), _SIZE, len(rows))
    steps = _newest(request, t)
    context = DesignContext(
        steps=steps,
        proof_url=f"/api/v1/ledger/proofs?record={steps[0].record_id}" if steps else "",
        verifier_key=str(house.signer.verifier_key),
        rows=rows[paging.offset : paging.offset + _SIZE],
        sort=sort,
        descending=descending,
        paging=paging,
        option=_chart(t, rows),
        map=_map(t),
    )
    crumbs = ((t("nav.home"), "/"), (t("design.title"), None))
    return render(request, "design.html", Page(t("design.title"), crumbs), context)


@router.get("/design/table.{kind}")
def design_table(request: Request, kind: Format) -> Response:
    """Export the table on show."""
    t = words_of(request)
    headings = [t(f"design.{name}") for name in ("code", "name", "below")]
    return table_file(kind, "table", headings, _rows(t))


def _rows(t: Words) -> list[tuple[str, str, int]]:
    pack = t.house.regions
    return [
        (each.code, pack.path_name(each.code, t.language), len(pack.children(each.code)))
        for each in pack.children(pack.code)
    ]


def _newest(request: Request, t: Words) -> list[DesignStep]:
    house = house_of(request)
    query = select(LEAF.c.record_id).order_by(LEAF.c.leaf_index.desc()).limit(1)
    with house.store.read() as connection:
        record_id = connection.scalar(query)
    if record_id is None:
        return []
    now = local_time(house.clock.now())
    return [DesignStep(record_id, now, t("design.step"), house.regions.name)]


def _chart(t: Words, rows: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    pack = t.house.regions
    found = [(pack.get(code), below) for code, _, below in rows]
    names = [each.name if t.language == "zh" else each.name_en for each, _ in found]
    return {
        "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": names[::-1]},
        "series": [{"type": "bar", "data": [below for _, below in found][::-1]}],
    }


def _map(t: Words) -> MapView | None:
    pack, places = t.house.regions, []
    for each in pack.children(pack.code)[:3]:
        located = pack.locate(each.code)
        if located is not None:
            (lon, lat), _ = located
            places.append(Place(each.name if t.language == "zh" else each.name_en, lon, lat))
    return map_of(pack.prefecture_boundaries, places, t.language) if places else None
