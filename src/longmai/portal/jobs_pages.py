"""Pages of long work: what runs, how far it is, what came of it; cancel and try again."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from longmai.kernel.errors import NotFound
from longmai.ledger.audit import Audit
from longmai.portal.accounts.queries import names_of
from longmai.portal.house import House, house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import SIGNED_IN, needs
from longmai.portal.rights.visitor import Visitor
from longmai.portal.simulation import work
from longmai.store.audit_memory import AuditMemory
from longmai.store.database import inspecting
from longmai.store.inspection import InspectedLog
from longmai.store.jobs import Job
from longmai.store.nights import OWNER, Night, Nights
from longmai.store.worker import Task, Work

router = APIRouter(include_in_schema=False)

READ, MANAGE = "job.read", "job.manage"
AUDIT_KIND = "ledger.audit"
_SHOWN_FINDINGS = 100
_SEE_OTHER = 303
_TOLD_ELSEWHERE = frozenset(("note", "page", "answer"))


@dataclass(frozen=True)
class JobsContext:
    """Variables of ``jobs.html``."""

    jobs: tuple[Job, ...]
    paging: Paging
    names: Mapping[str, str]
    nights: Sequence[Night]


@dataclass(frozen=True)
class JobContext:
    """Variables of ``job.html``.

    Attributes:
        job: as it stands.
        told: (name, value) of its result.
        lists: (name, lines) of its result.
        note: key of the sentence that sums it up; empty if there is none.
        page_of_result: address of the page that shows it; empty if there is none.
        owner: who asked for it, by login where that is known.
        mine: the visitor may cancel it and try it again.
    """

    job: Job
    told: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    note: str
    page_of_result: str
    owner: str
    mine: bool


def works_of(house: House) -> Mapping[str, Work]:
    """Return the work of each kind of job: the portal's own, and that of the domains."""
    of_domains: dict[str, Work] = {
        kind: _bound(house, each) for domain in house.domains for kind, each in domain.works.items()
    }
    own = {AUDIT_KIND: _audit, work.KIND: work.what_if}
    return {kind: _bound(house, each) for kind, each in own.items()} | of_domains


def nights_of(house: House) -> Nights:
    """Return what is done once a night in a house."""
    kinds = {
        kind: partial(wanted, house)
        for domain in house.domains
        for kind, wanted in domain.nightly.items()
    }
    return Nights(house.jobs, kinds, house.settings.nightly)


def _bound(house: House, work: Callable[[House, Task], Mapping[str, Any]]) -> Work:
    return lambda task: work(house, task)


def _audit(house: House, task: Task) -> Mapping[str, Any]:
    findings: list[str] = []
    count = 0
    with inspecting(house.store.engine) as connection:
        log = InspectedLog(connection)
        audit = Audit(log, house.audit_keys(log), unpublished=house.witnesses is not None)
        total = log.size()
        for finding in audit.findings(lambda done: task.progress(done, total)):
            count += 1
            if count <= _SHOWN_FINDINGS:
                findings.append(str(finding))
    if audit.audited is not None:
        AuditMemory(house.settings.data / "audit.json").save(audit.audited)
    note = "job.note.audit_found" if count else "job.note.audit_clean"
    return {"note": note, "records": total, "count": count, "findings": findings}


@router.post("/ledger/audit")
def audit(request: Request, visitor: Annotated[Visitor, needs("ledger.audit")]) -> RedirectResponse:
    """Have the whole log audited, and show how it goes."""
    house = house_of(request)
    job_id = house.jobs.enqueue(AUDIT_KIND, {}, visitor.actor)
    return RedirectResponse(f"/jobs/{job_id}", _SEE_OTHER)


@router.get("/jobs")
def jobs(request: Request, visitor: Annotated[Visitor, SIGNED_IN]) -> HTMLResponse:
    """List the jobs, newest first: one's own, and those of all to who may see them."""
    house, t = house_of(request), words_of(request)
    owner = None if visitor.may(READ) else visitor.actor
    _, total = house.jobs.jobs(0, 0, owner)
    paging = paging_of(request, total)
    found, _ = house.jobs.jobs(paging.offset, paging.size, owner)
    crumbs = ((t("nav.home"), "/"), (t("jobs.title"), None))
    nights = nights_of(house).told() if visitor.may(READ) else ()
    context = JobsContext(tuple(found), paging, _names(t, found), nights)
    return render(request, "jobs.html", Page(t("jobs.title"), crumbs), context)


@router.get("/jobs/{job_id}")
def job(request: Request, job_id: UUID, visitor: Annotated[Visitor, SIGNED_IN]) -> HTMLResponse:
    """Show one job; while it runs the page follows it."""
    found, t = _seen(request, job_id, visitor, READ), words_of(request)
    title = t(f"job.kind.{found.kind}") if t.house.catalogue.has(f"job.kind.{found.kind}") else ""
    crumbs = ((t("nav.home"), "/"), (t("jobs.title"), "/jobs"), (title or found.kind, None))
    note, page = (str((found.result or {}).get(name, "")) for name in ("note", "page"))
    owner = _names(t, [found]).get(found.owner, found.owner)
    mine = found.owner == visitor.actor or visitor.may(MANAGE)
    context = JobContext(found, *_result_of(found), note, page, owner, mine)
    return render(request, "job.html", Page(title or found.kind, crumbs), context)


@router.post("/jobs/{job_id}/cancel")
def cancel(
    request: Request, job_id: UUID, visitor: Annotated[Visitor, SIGNED_IN]
) -> RedirectResponse:
    """Stop a job: at once if it waits, else at its next step."""
    _seen(request, job_id, visitor, MANAGE)
    house_of(request).jobs.cancel(job_id)
    return RedirectResponse(f"/jobs/{job_id}", _SEE_OTHER)


@router.post("/jobs/{job_id}/retry")
def retry(
    request: Request, job_id: UUID, visitor: Annotated[Visitor, SIGNED_IN]
) -> RedirectResponse:
    """Try a job again that failed or was cancelled."""
    _seen(request, job_id, visitor, MANAGE)
    house_of(request).jobs.retry(job_id)
    return RedirectResponse(f"/jobs/{job_id}", _SEE_OTHER)


def _seen(request: Request, job_id: UUID, visitor: Visitor, permission: str) -> Job:
    # What somebody may not see is not there: an ID tells nothing.
    found = house_of(request).jobs.job(job_id)
    if found.owner != visitor.actor and not visitor.may(permission):
        raise NotFound("no such job", code="job", value=str(job_id))
    return found


def _names(t: Words, found: Sequence[Job]) -> Mapping[str, str]:
    with t.house.store.read() as connection:
        known = names_of(connection, {job.owner for job in found})
    return known | {OWNER: t("jobs.by_itself")}


def _result_of(
    found: Job,
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    facts, lists = [], []
    for name, value in (found.result or {}).items():
        if name in _TOLD_ELSEWHERE:
            continue
        if isinstance(value, list):
            lists.append((name, tuple(map(str, value))))
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            facts.append((name, text))
    return tuple(facts), tuple(lists)
