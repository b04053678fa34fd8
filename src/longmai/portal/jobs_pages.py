"""Pages of long work: what runs, how far it is, what came of it; cancel and try again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from longmai.ledger.audit import Audit
from longmai.portal.guard import may_write
from longmai.portal.house import House, house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.store.audit_memory import AuditMemory
from longmai.store.database import inspecting
from longmai.store.inspection import InspectedLog
from longmai.store.jobs import Job
from longmai.store.worker import Task, Work

router = APIRouter(include_in_schema=False)

AUDIT_KIND = "ledger.audit"
_SHOWN_FINDINGS = 100
_SEE_OTHER = 303


@dataclass(frozen=True)
class JobsContext:
    """Variables of ``jobs.html``."""

    jobs: tuple[Job, ...]
    paging: Paging


@dataclass(frozen=True)
class JobContext:
    """Variables of ``job.html``.

    Attributes:
        job: as it stands.
        told: (name, value) of its result.
        lists: (name, lines) of its result.
        note: key of the sentence that sums it up; empty if there is none.
    """

    job: Job
    told: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    note: str = ""


def works_of(house: House) -> Mapping[str, Work]:
    """Return the work of each kind of job: the portal's own, and that of the domains."""
    of_domains: dict[str, Work] = {
        kind: _bound(house, work) for domain in house.domains for kind, work in domain.works.items()
    }
    return {AUDIT_KIND: _bound(house, _audit)} | of_domains


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


@router.post("/ledger/audit", dependencies=[Depends(may_write)])
def audit(request: Request) -> RedirectResponse:
    """Have the whole log audited, and show how it goes."""
    house = house_of(request)
    job_id = house.jobs.enqueue(AUDIT_KIND, {}, "portal")
    return RedirectResponse(f"/jobs/{job_id}", _SEE_OTHER)


@router.get("/jobs")
def jobs(request: Request) -> HTMLResponse:
    """List the jobs, newest first."""
    house, t = house_of(request), words_of(request)
    wanted = paging_of(request, 0)
    _, total = house.jobs.jobs(0, 0)
    paging = paging_of(request, total)
    found, _ = house.jobs.jobs(paging.offset, wanted.size)
    crumbs = ((t("nav.home"), "/"), (t("jobs.title"), None))
    context = JobsContext(tuple(found), paging)
    return render(request, "jobs.html", Page(t("jobs.title"), crumbs), context)


@router.get("/jobs/{job_id}")
def job(request: Request, job_id: UUID) -> HTMLResponse:
    """Show one job; while it runs the page follows it."""
    found, t = house_of(request).jobs.job(job_id), words_of(request)
    title = t(f"job.kind.{found.kind}") if t.house.catalogue.has(f"job.kind.{found.kind}") else ""
    crumbs = ((t("nav.home"), "/"), (t("jobs.title"), "/jobs"), (title or found.kind, None))
    note = str((found.result or {}).get("note", ""))
    context = JobContext(found, *_result_of(found), note)
    return render(request, "job.html", Page(title or found.kind, crumbs), context)


@router.post("/jobs/{job_id}/cancel", dependencies=[Depends(may_write)])
def cancel(request: Request, job_id: UUID) -> RedirectResponse:
    """Stop a job: at once if it waits, else at its next step."""
    house_of(request).jobs.cancel(job_id)
    return RedirectResponse(f"/jobs/{job_id}", _SEE_OTHER)


@router.post("/jobs/{job_id}/retry", dependencies=[Depends(may_write)])
def retry(request: Request, job_id: UUID) -> RedirectResponse:
    """Try a job again that failed or was cancelled."""
    house_of(request).jobs.retry(job_id)
    return RedirectResponse(f"/jobs/{job_id}", _SEE_OTHER)


def _result_of(
    found: Job,
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    facts, lists = [], []
    for name, value in (found.result or {}).items():
        if name == "note":
            continue
        if isinstance(value, list):
            lists.append((name, tuple(map(str, value))))
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            facts.append((name, text))
    return tuple(facts), tuple(lists)
