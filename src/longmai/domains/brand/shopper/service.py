"""Use-cases of shoppers' reports: file one without an account, answer it. Services never commit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from longmai.domains.brand.queries import has_events
from longmai.domains.brand.recall.queries import region_of_things
from longmai.domains.brand.shopper.tables import ANSWER, ANSWERED, FILED, REPORT, REPORTS
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.ledger.record import Act
from longmai.portal.domain import Waiting
from longmai.portal.rights.model import Scope
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import UnitOfWork

KINDS = ("fake", "bad", "ill", "label", "other")
MOST_CHARACTERS = 1000
_MOST_CONTACT = 60
_MOST = 50


@dataclass(frozen=True)
class Told:
    """What a shopper tells.

    Attributes:
        key: of the thing; ``what`` one of ``KINDS``; ``contact`` may be empty.
    """

    key: str
    what: str
    text: str
    contact: str = ""


def file_report(work: UnitOfWork, told: Told, actor: str, house: str, now: datetime) -> UUID:
    """File a report: it goes to the county the thing comes from; return its ID.

    Raises:
        NotFound: nothing is recorded about the thing.
        Invalid: it says nothing, or too much.
    """
    if told.what not in KINDS:
        raise Invalid("say what is wrong", code="report.what", place="what", value=told.what)
    text, contact = told.text.strip(), told.contact.strip()
    if not text or len(text) > MOST_CHARACTERS or len(contact) > _MOST_CONTACT:
        raise Invalid("say what is wrong", code="report.text", place="text")
    if not has_events(work.connection, [told.key]):
        raise NotFound("nothing is recorded about this thing", code="brand.unknown", value=told.key)
    report_id = new_id()
    payload = {
        "report": str(report_id),
        "key": told.key,
        "what": told.what,
        "text": text,
        "contact": contact,
    }
    region = region_of_things(work.connection, [told.key]) or house
    work.ledger.append([Act(FILED, [f"report:{report_id}", told.key], region, actor, now, payload)])
    return report_id


def answer(work: UnitOfWork, report_id: UUID, text: str, by: Visitor, now: datetime) -> None:
    """Answer a report; who filed it reads the answer at the address they were given.

    Raises:
        NotFound: there is no such report.
        Invalid: it says nothing.
        Conflict: it was answered already.
        Forbidden: it is outside the regions of the visitor's posts.
    """
    found = report_of(work.connection, report_id)
    by.require(REPORTS, found.region)
    if not text.strip() or len(text) > MOST_CHARACTERS:
        raise Invalid("say what came of it", code="report.text", place="text")
    payload = {"report": str(report_id), "text": text.strip(), "by_name": by.name}
    act = Act(ANSWERED, [f"report:{report_id}"], found.region, by.actor, now, payload)
    try:
        work.ledger.append([act])
    except IntegrityError as error:
        raise Conflict("it was answered meanwhile", code="report.answered") from error


def _query() -> Any:
    told = (ANSWER.c.text.label("answer"), ANSWER.c.at.label("answered_at"))
    return select(REPORT, *told).outerjoin(ANSWER, ANSWER.c.report_id == REPORT.c.report_id)


def report_of(connection: Connection, report_id: UUID) -> Row[Any]:
    """Return a report with its answer.

    Raises:
        NotFound: there is no such report.
    """
    row = connection.execute(_query().where(REPORT.c.report_id == report_id)).one_or_none()
    if row is None:
        raise NotFound("no such report", code="report.unknown", value=str(report_id))
    found: Row[Any] = row
    return found


def open_reports(connection: Connection, scope: Scope) -> list[Row[Any]]:
    """Return the reports that wait for an answer within some regions, the oldest first."""
    query = _query().where(scope.rows(REPORT.c.region), ANSWER.c.record_id.is_(None))
    return list(connection.execute(query.order_by(REPORT.c.record_id).limit(_MOST)))


def work(connection: Connection, visitor: Visitor, now: datetime) -> Iterator[Waiting]:
    """Say which reports wait for the visitor's answer."""
    del now
    scope = visitor.scope(REPORTS)
    if scope:
        for row in open_reports(connection, scope):
            yield Waiting("brand_report", row.text[:40], f"/brand/reports/{row.report_id}")
