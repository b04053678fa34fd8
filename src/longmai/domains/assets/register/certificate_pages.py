"""The certificate of an asset: its page that the QR code opens, and the paper."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import manimgx_fonts_cjk
import typst
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from longmai.domains.assets.register import paper_queries, right_queries
from longmai.domains.assets.register.model.rights import RIGHTS
from longmai.kernel.errors import NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.ledger.provider import digest
from longmai.portal import qr
from longmai.portal.house import House, house_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.store.ledger import SqlLog

router = APIRouter(prefix="/assets", include_in_schema=False, dependencies=[OPEN])

_TEMPLATE = Path(__file__).parent / "certificate.typ"
_FONTS = Path(manimgx_fonts_cjk.__file__).parent


@dataclass(frozen=True)
class CertificateContext:
    """Variables of ``assets/register-certificate.html``.

    Attributes:
        told: payload of its record; empty if that was erased.
        holders: (right, place in the payload, name, share).
        stale: the register says other holders by now.
    """

    issued: paper_queries.Issued
    told: Mapping[str, Any]
    holders: Sequence[tuple[str, str, str, str]]
    fingerprint: str
    stale: bool
    verifier_key: str
    address: str
    qr: str


def _told(
    house: House, certificate_id: UUID
) -> tuple[paper_queries.Issued, Mapping[str, Any], str, bool]:
    with house.store.read() as connection:
        issued = paper_queries.certificate_of(connection, certificate_id)
        record = SqlLog(connection).record(certificate_id)
        rights = right_queries.rights_of(connection, [issued.asset_id])[issued.asset_id]
    told = json.loads(record.payload or b"{}")
    stale = any(
        [each["share"] for each in told.get("rights", {}).get(right, ())]
        != [str(each.share) for each in rights[right].holdings]
        for right in RIGHTS
    )
    return issued, told, digest(b"\0" + record.header).hex(), stale


@router.get("/c/{certificate_id}.pdf")
def printed(request: Request, certificate_id: str) -> Response:
    """Return a certificate for printing."""
    try:
        wanted = UUID(certificate_id)
    except ValueError:
        raise NotFound("no such certificate", code="certificate", value=certificate_id) from None
    house, t = house_of(request), words_of(request)
    issued, told, fingerprint, _ = _told(house, wanted)
    pdf = certificate_pdf(house, t, issued, told, fingerprint)
    named = {"Content-Disposition": f'inline; filename="certificate-{wanted}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=named)


@router.get("/c/{certificate_id}")
def certificate_page(request: Request, certificate_id: UUID) -> HTMLResponse:
    """Show a certificate; the browser proves each line of it against the ledger."""
    house, t = house_of(request), words_of(request)
    issued, told, fingerprint, stale = _told(house, certificate_id)
    address = f"{house.settings.public_url}/assets/c/{certificate_id}"
    context = CertificateContext(
        issued=issued,
        told=told,
        holders=[
            (right, f"/rights/{right}/{position}", each["name"], each["share"])
            for right in RIGHTS
            for position, each in enumerate(told.get("rights", {}).get(right, ()))
        ],
        fingerprint=fingerprint,
        stale=stale,
        verifier_key=str(house.signer.verifier_key),
        address=address,
        qr=qr.qr_svg(address),
    )
    title = t("register.certificate.title")
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
        (str(told.get("asset", {}).get("name", "")), f"/assets/a/{issued.asset_id}"),
        (title, None),
    )
    page = Page(title, crumbs, sample=bool(told.get("sample")))
    return render(request, "assets/register-certificate.html", page, context)


def certificate_pdf(
    house: House, t: Words, issued: paper_queries.Issued, told: Mapping[str, Any], fingerprint: str
) -> bytes:
    """Return a certificate as PDF, A4 across."""
    asset = told.get("asset", {})
    address = f"{house.settings.public_url}/assets/c/{issued.certificate_id}"
    mark = t("register.certificate.revoked") if issued.revoked_on else ""
    said = {
        "language": t.language,
        "title": t("register.certificate.title"),
        "number": f"{t('register.certificate.number')} {issued.number}",
        "mark": t("portal.sample") if told.get("sample") and not mark else mark,
        "facts": [
            [t(f"register.column.{name}"), value]
            for name, value in _facts(house, t, asset)
            if value
        ],
        "rights": [
            [
                t(f"register.right.{right}"),
                [
                    [str(each["name"]), t(f"register.party.{each['kind']}"), str(each["share"])]
                    for each in told.get("rights", {}).get(right, ())
                ],
            ]
            for right in RIGHTS
        ],
        "headings": [t(f"register.certificate.{name}") for name in ("right", "holder", "share")],
        "issued": t("register.certificate.issued", day=issued.issued_on.isoformat()),
        "fingerprint": [t("register.fingerprint"), fingerprint],
        "check": t("register.certificate.check"),
        "qr": qr.qr_svg(address),
        "address": address,
    }
    pdf: bytes = typst.compile(
        _TEMPLATE,
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"told": json.dumps(said, ensure_ascii=False)},
    )
    return pdf


def _facts(house: House, t: Words, asset: Mapping[str, Any]) -> list[tuple[str, str]]:
    if not asset:
        return []
    quantity = f"{asset.get('quantity', '')} {asset.get('unit', '')}".strip()
    return [
        ("name", str(asset["name"])),
        ("code", str(asset["code"])),
        ("class", t(f"register.class.{asset['asset_class']}")),
        ("level", t(f"register.level.{asset['level']}")),
        ("region", house.regions.path_name(asset["region"], t.language)),
        ("place", str(asset.get("place", ""))),
        ("cost", f"{fen_to_yuan(asset['cost_fen']):,} {t('register.yuan')}"),
        ("quantity", quantity),
        ("project", str(asset.get("project", ""))),
        ("built", str(asset.get("built_on", ""))),
    ]
