"""Certificates of promised conformity (承诺达标合格证) of a lot, as labels to print."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import manimgx_fonts_cjk
import typst
from sqlalchemy import Connection

from longmai.domains.brand.coop.queries import Coop, lots_of
from longmai.domains.brand.model import gs1
from longmai.domains.brand.queries import SqlEvents
from longmai.domains.brand.tables import CERTIFICATE_FIELD
from longmai.kernel.errors import NotFound
from longmai.portal.qr import qr_svg

_MADE = {"epc", "output"}
_TEMPLATE = Path(__file__).parent / "certificate.typ"
_FONTS = Path(manimgx_fonts_cjk.__file__).parent


@dataclass(frozen=True)
class Certificate:
    """What a certificate says (农业农村部令2025年第4号: six entries), and the lot it is of."""

    number: str
    product: str
    quantity: str
    origin: str
    issued_on: str
    promised_by: str
    contact: str
    lot: str
    sample: bool


def papers_of(connection: Connection, key: str) -> list[Mapping[str, str]]:
    """Return the certificates that were issued with a lot when it was made, as they are written."""
    return [
        stored.event.body[CERTIFICATE_FIELD]
        for stored in SqlEvents(connection).naming(key)
        if not stored.in_error
        and CERTIFICATE_FIELD in stored.event.body
        and any(item.key == key and item.role in _MADE for item in stored.event.items)
    ]


def certificates_of(connection: Connection, coop: Coop, lot: str) -> list[Certificate]:
    """Return the certificates that were issued with a lot of a co-operative.

    Raises:
        NotFound: there is no such lot, or none was issued with it.
    """
    known = lots_of(connection, coop)
    found = next((each for each in known.values() if lot in {each.key, each.number}), None)
    told = [] if found is None else papers_of(connection, found.key)
    if found is None or not told:
        raise NotFound(
            "no certificate was issued with this lot",
            code="coop.uncertified", value=lot,
            mend="tick the certificate when the harvest or the packing is recorded",
        )  # fmt: skip
    return [
        Certificate(
            number=each["lm:number"],
            product=each["lm:product"],
            quantity=each["lm:quantity"],
            origin=each["lm:origin"],
            issued_on=each["lm:issuedOn"],
            promised_by=each["lm:promisedBy"],
            contact=each["lm:contact"],
            lot=found.key,
            sample=coop.sample,
        )
        for each in told
    ]


def certificates_pdf(certificates: Sequence[Certificate], resolver: str, copies: int = 1) -> bytes:
    """Return certificates as PDF, 80 × 60 mm, one a page; the same ones give the same bytes."""
    told = [
        asdict(each) | {"qr": qr_svg(gs1.digital_link(each.lot, resolver))}
        for each in certificates
        for _ in range(copies)
    ]
    pdf: bytes = typst.compile(
        _TEMPLATE,
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"certificates": json.dumps(told, ensure_ascii=False)},
    )
    return pdf
