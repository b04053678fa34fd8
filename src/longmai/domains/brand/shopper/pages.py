"""Pages of shoppers' reports: the form behind a scanned code, its state, the official's answer."""

import time
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.brand.code_pages import known_key
from longmai.domains.brand.shopper.service import KINDS, Told, answer, file_report, report_of
from longmai.domains.brand.shopper.tables import REPORTS
from longmai.kernel.errors import Conflict, Invalid, LongmaiError, NotFound, TooMany
from longmai.portal.failures import Worded, worded
from longmai.portal.house import house_of
from longmai.portal.rates import Buckets
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303
# Nobody finds more wrong things than that.
_REPORTS_A_MINUTE = 5
_buckets = Buckets(_REPORTS_A_MINUTE)


@dataclass(frozen=True)
class FormContext:
    """Variables of ``brand/report-new.html``."""

    told: Told
    kinds: tuple[tuple[str, str], ...]
    findings: tuple[Worded, ...]


@dataclass(frozen=True)
class ReportContext:
    """Variables of ``brand/report.html``; the contact only for who may answer."""

    report: Any
    contact: str
    may_answer: bool
    findings: tuple[Worded, ...]


@router.get("/brand/report", dependencies=[OPEN])
def report_form(request: Request, key: Annotated[str, Query(max_length=300)]) -> HTMLResponse:
    """Ask a shopper what is wrong with a thing."""
    return _form(request, Told(known_key(key), "", ""))


@router.post("/brand/report", dependencies=[OPEN])
def reported(
    request: Request,
    key: Annotated[str, Form(max_length=300)] = "",
    what: Annotated[str, Form(max_length=16)] = "",
    text: Annotated[str, Form(max_length=4000)] = "",
    contact: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Take a report; no account is needed, and an address may send five a minute."""
    house, told = house_of(request), Told(known_key(key), what, text, contact)
    wait = _buckets.take(request.client.host if request.client else "", time.monotonic())
    if wait:
        raise TooMany("too many reports from this address", ceil(wait))
    try:
        with house.store.begin() as work:
            actor = visitor_of(request).actor
            filed = file_report(work, told, actor, house.regions.code, house.clock.now())
    except (Invalid, NotFound) as error:
        return _form(request, told, error)
    return RedirectResponse(f"/brand/reports/{filed}", _SEE_OTHER)


def _form(request: Request, told: Told, error: LongmaiError | None = None) -> HTMLResponse:
    t = words_of(request)
    kinds = tuple((each, t(f"shopper.kind.{each}")) for each in KINDS)
    context = FormContext(told, kinds, (worded(t, error),) if error else ())
    page = Page(t("shopper.report.title"), _crumbs(t))
    status = error.status if error else 200
    return render(request, "brand/report-new.html", page, context, status=status)


@router.get("/brand/reports/{report_id}", dependencies=[OPEN])
def report_page(request: Request, report_id: UUID) -> HTMLResponse:
    """Show where a report stands, to who knows its address; the official answers here."""
    return _page(request, report_id)


@router.post("/brand/reports/{report_id}")
def answered(
    request: Request,
    report_id: UUID,
    visitor: Annotated[Visitor, needs(REPORTS)],
    text: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Answer a report."""
    house = house_of(request)
    try:
        with house.store.begin() as work:
            answer(work, report_id, text, visitor, house.clock.now())
    except (Conflict, Invalid) as error:
        return _page(request, report_id, error)
    return RedirectResponse(f"/brand/reports/{report_id}", _SEE_OTHER)


def _page(request: Request, report_id: UUID, error: LongmaiError | None = None) -> HTMLResponse:
    t = words_of(request)
    with house_of(request).store.read() as connection:
        found = report_of(connection, report_id)
    may = visitor_of(request).may(REPORTS, found.region)
    findings = (worded(t, error),) if error else ()
    context = ReportContext(found, found.contact if may else "", may, findings)
    page = Page(t("shopper.state.title"), _crumbs(t))
    status = error.status if error else 200
    return render(request, "brand/report.html", page, context, status=status)


def _crumbs(t: Words) -> tuple[tuple[str, str | None], ...]:
    up = ((t("nav.home"), "/"), (t("field.brand"), "/brand/batches"))
    return (*up, (t("shopper.report.title"), None))
