"""Certificates of voluntary service: a record of what was served, and a page to print, free.

Fields: as 志愿服务条例 and 志愿服务记录与证明出具办法（试行） ask for them
(text of the latter: 待核定).
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import manimgx_fonts_cjk
import typst
from sqlalchemy import Connection, Row, select

from longmai.domains.livelihood.timebank.books import Bank, bank_of, rules_on
from longmai.domains.livelihood.timebank.desk import Desk, text_of
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.queries import served_by
from longmai.domains.livelihood.timebank.tables import CERTIFICATE, CERTIFICATE_KIND
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.portal.accounts.acts import subject_of
from longmai.portal.qr import qr_svg
from longmai.portal.rendering import Words

_TEMPLATE = Path(__file__).parent / "certificate.typ"
_FONTS = Path(manimgx_fonts_cjk.__file__).parent
MOST_LINES = 200


def certify(desk: Desk, member_id: UUID, since: date, until: date) -> UUID:
    """Certify what a helper served in a time; return the record.

    Raises:
        Forbidden: it is somebody else's.
        Invalid: the time ends before it begins.
        Conflict: nothing was served then.
    """
    member = desk.own(member_id)
    if since > until:
        raise Invalid(
            "the time ends before it begins", code="hours.certificate.time", place="until"
        )
    done = served_by(desk.connection, member_id, since, until)
    if not done:
        raise Conflict(
            "nothing was served in this time", code="hours.certificate.none", place="since"
        )
    bank = desk.bank(member.bank_id)
    told = {
        "member": str(member_id), "bank": str(bank.id), "name": member.name,
        "since": text_of(since), "until": text_of(until), "issuer": bank.name,
        "services": len(done), "minutes": sum(each.minutes for each in done),
        "lines": [
            {"day": text_of(each.day), "item": each.code, "minutes": each.minutes}
            for each in done[-MOST_LINES:]
        ],
    }  # fmt: skip
    subjects = [f"hours:member:{member_id}"]
    if member.account_id is not None:
        subjects.append(subject_of(member.account_id))
    return desk.record(CERTIFICATE_KIND, subjects, bank.region, told)


@dataclass(frozen=True)
class Certificate:
    """A certificate that was issued."""

    row: Row[Any]
    bank: Bank


def certificate_of(connection: Connection, record_id: UUID) -> Certificate:
    """Return a certificate.

    Raises:
        NotFound: there is none.
    """
    query = select(CERTIFICATE).where(CERTIFICATE.c.record_id == record_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such certificate", code="hours.certificate", value=str(record_id))
    return Certificate(row, bank_of(connection, row.bank_id))


def certificate_pdf(connection: Connection, found: Certificate, t: Words, address: str) -> bytes:
    """Return a certificate as PDF, A4, in the language of the words."""
    told = found.row.content
    items = rules_on(connection, found.bank.id, found.row.until).items
    sample = t("hours.certificate.sample") if found.bank.sample else ""

    def item(code: str) -> str:
        known = items.get(code)
        return code if known is None else known.name if t.language == "zh" else known.name_en

    facts = [
        (t("hours.certificate.name"), told["name"]),
        (t("hours.certificate.period"), f"{told['since']} – {told['until']}"),
        (t("hours.certificate.services"), str(told["services"])),
        (t("hours.certificate.hours"), clock_text(told["minutes"])),
        (t("hours.certificate.issuer"), told["issuer"]),
        (t("hours.certificate.number"), str(found.row.record_id)),
        (t("hours.certificate.issued"), beijing_day(found.row.at).isoformat()),
    ]
    data = {
        "language": t.language, "title": t("hours.certificate.title"), "mark": sample,
        "lead": t("hours.certificate.lead"), "facts": facts, "qr": qr_svg(address),
        "scan": t("hours.certificate.scan"), "footer": address,
        "heads": [t(f"hours.certificate.{name}") for name in ("day", "item", "minutes")],
        "lines": [
            [each["day"], item(each["item"]), clock_text(each["minutes"])] for each in told["lines"]
        ],
    }  # fmt: skip
    pdf: bytes = typst.compile(
        _TEMPLATE,
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"told": json.dumps(data, ensure_ascii=False)},
    )
    return pdf
