"""Pages of the ledger: its state and newest records, and one record with its proof."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection, func, select

from longmai.kernel.clock import from_text
from longmai.ledger.note import VerifierKey, parse_checkpoint, signers_named, split_note
from longmai.ledger.record import Record
from longmai.portal.accounts.visiting import is_sampler
from longmai.portal.certificate_pdf import Proven, certificate_pdf
from longmai.portal.house import House, house_of
from longmai.portal.ledger_api import bundle_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.reading import may_read
from longmai.portal.rendering import Page, Words, local_time, render, words_of
from longmai.portal.rights.gates import OPEN, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.anchoring import LowerLog, Receipt, lower_logs, receipt_covering
from longmai.store.ledger import CHECKPOINT, LEAF, RECORD, SqlLog

router = APIRouter(prefix="/ledger", include_in_schema=False, dependencies=[OPEN])


@dataclass(frozen=True)
class RecordRow:
    """A record in the list."""

    leaf_index: int
    record_id: UUID
    kind: str
    actor: str
    occurred_at: datetime | None
    subject: str


@dataclass(frozen=True)
class Levels:
    """Who watches the log.

    Attributes:
        witnesses: (name, time) of those who cosigned the newest checkpoint.
        upper: origin of the log above; None if there is none.
        receipt: our newest checkpoint proven there; None if none is yet.
        lower: the logs that anchor here.
    """

    witnesses: tuple[tuple[str, datetime], ...]
    upper: str | None
    receipt: Receipt | None
    lower: tuple[LowerLog, ...]


@dataclass(frozen=True)
class LedgerContext:
    """Variables of ``ledger.html``; ``root`` is hexadecimal."""

    origin: str
    size: int
    root: str
    published_at: Any
    waiting: int
    verifier_key: str
    records: tuple[RecordRow, ...]
    paging: Paging
    levels: "Levels"


@dataclass(frozen=True)
class RecordContext:
    """Variables of ``record.html``.

    Attributes:
        payload: indented JSON; None when it cannot be read, or was erased.
        erased_at: when the content was erased by law; None if it was not.
        basis: on what legal basis.
        erasure_id: of the record of the erasure.
        withheld: the content is there, and not for this visitor.
    """

    record_id: UUID
    leaf_index: int
    header: dict[str, Any]
    payload: str | None
    verifier_key: str
    erased_at: datetime | None = None
    basis: str = ""
    erasure_id: UUID | None = None
    withheld: bool = False


@router.get("")
def ledger(request: Request) -> HTMLResponse:
    """Show the log's newest checkpoint and its records, newest first."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        log = SqlLog(connection)
        claimed = parse_checkpoint(log.checkpoint())
        paging = paging_of(request, claimed.size)
        top = claimed.size - paging.offset
        query = (
            select(LEAF.c.leaf_index, RECORD.c.id, RECORD.c.header)
            .join(RECORD, RECORD.c.id == LEAF.c.record_id)
            .where(LEAF.c.leaf_index < top, LEAF.c.leaf_index >= top - paging.size)
            .order_by(LEAF.c.leaf_index.desc())
        )
        rows = tuple(_row(*row) for row in connection.execute(query))
        context = LedgerContext(
            origin=claimed.origin,
            size=claimed.size,
            root=claimed.root.hex(),
            published_at=connection.scalar(select(func.max(CHECKPOINT.c.published_at))),
            waiting=log.waiting_count(),
            verifier_key=str(house.signer.verifier_key),
            records=rows,
            paging=paging,
            levels=_levels(house, connection, log.checkpoint()),
        )
    crumbs = ((t("nav.home"), "/"), (t("nav.ledger"), None))
    sample = any(is_sampler(row.actor) for row in rows)
    return render(request, "ledger.html", Page(t("ledger.title"), crumbs, sample), context)


def _levels(house: House, connection: Connection, note: str) -> Levels:
    cosigned = tuple((name, at) for name, _, at in signers_named(note) if at is not None)
    return Levels(
        witnesses=cosigned,
        upper=house.upper.key.name if house.upper else None,
        receipt=receipt_covering(connection, 0),
        lower=tuple(lower_logs(connection)),
    )


def _row(leaf_index: int, record_id: UUID, header: bytes) -> RecordRow:
    try:
        fields = json.loads(header)
    except ValueError:
        fields = {}
    return RecordRow(
        leaf_index,
        record_id,
        str(fields.get("kind", "?")),
        str(fields.get("actor", "?")),
        from_text(fields["occurred_at"]) if "occurred_at" in fields else None,
        next(iter(fields.get("subjects", ())), ""),
    )


@router.get("/records/{record_id}")
def record(request: Request, record_id: UUID) -> HTMLResponse:
    """Show one record; the browser verifies it."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        log = SqlLog(connection)
        [(leaf_index, found)] = log.placed([record_id])
        erasure = log.erasure_of(record_id)
    readable = may_read(house, visitor_of(request), found)
    context = RecordContext(
        record_id,
        leaf_index,
        found.fields(),
        _indented(found.payload) if readable else None,
        str(house.signer.verifier_key),
        **_told(erasure),
        withheld=found.payload is not None and not readable,
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("nav.ledger"), "/ledger"),
        (t("ledger.record.title", index=leaf_index), None),
    )
    title = t("ledger.record.title", index=leaf_index)
    sample = is_sampler(context.header.get("actor"))
    return render(request, "record.html", Page(title, crumbs, sample), context)


@router.get("/records/{record_id}/certificate.pdf")
def printed(request: Request, record_id: UUID) -> Response:
    """Return the certificate of a record for printing."""
    words = words_of(request)
    proven = proven_of(house_of(request), record_id, words, visitor_of(request))
    pdf = certificate_pdf(proven, words)
    name = f'inline; filename="certificate-{record_id}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": name})


def proven_of(house: House, record_id: UUID, t: Words, visitor: Visitor) -> Proven:
    """Return a record with what its printed certificate says of its proof.

    Raises:
        NotFound: there is no such record.
        Unavailable: no published checkpoint covers it yet.
    """
    bundle = bundle_of(house, [record_id], visitor)
    with house.store.read() as connection:
        log = SqlLog(connection)
        [(leaf_index, found)] = log.placed([record_id])
        erasure = _told(log.erasure_of(record_id))
    readable = may_read(house, visitor, found)
    return Proven(
        record=found if readable else replace(found, payload=None, salt=None),
        leaf_index=leaf_index,
        note=bundle["checkpoint"],
        key=VerifierKey.parse(bundle["verifier_key"]),
        anchors=[
            parse_checkpoint(split_note(each["checkpoint"])[0])
            for each in bundle.get("anchors", ())
        ],
        erased=t(
            "ledger.record.erased",
            date=local_time(erasure["erased_at"], "%Y-%m-%d"),
            basis=erasure["basis"],
        )
        if erasure
        else ("" if readable else t("ledger.record.withheld")),
        sample=is_sampler(found.fields().get("actor")),
        address=f"{house.settings.public_url}/ledger/records/{record_id}",
    )


def _indented(payload: bytes | None) -> str | None:
    try:
        return json.dumps(json.loads(payload or b""), ensure_ascii=False, indent=2)
    except ValueError:
        return None


def _told(erasure: Record | None) -> dict[str, Any]:
    if erasure is None:
        return {}
    basis = json.loads(erasure.payload or b"{}").get("basis", "")
    at = from_text(erasure.fields()["occurred_at"])
    return {"erased_at": at, "basis": basis, "erasure_id": erasure.id}
