"""A policy: its words beside its rules, parameters with their history, examples with results."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.portal.house import house_of
from longmai.portal.policies.checks import ChecksView, checks_of
from longmai.portal.policies.issuing import ISSUE, Issue, issue, issue_of
from longmai.portal.policies.said import Said, crumbs_of, title_of, today
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN, needs, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.examples import Ran, run_examples
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Condition, Parameter, Policy, Step

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303


@dataclass(frozen=True)
class ClauseView:
    """A clause beside all that rests on it."""

    reference: str
    text: str
    source: str
    conditions: Sequence[Condition]
    steps: Sequence[Step]
    parameters: Sequence[Parameter]
    amount: bool


@dataclass(frozen=True)
class PolicyContext:
    """Variables of ``policies/policy.html``."""

    policy: Policy
    versions: Sequence[Policy]
    title: str
    summary: str
    clauses: Sequence[ClauseView]
    examples: Sequence[Ran]
    issue: Issue | None
    may_issue: bool
    about: Sequence[tuple[str, str]]
    checks: ChecksView
    language: str
    excluded: Sequence[tuple[str, str]]
    said: Said


def policy_of(library: Library, own: str, version: str, request: Request) -> Policy:
    """Return the version asked for; without a wish that of today, else the newest.

    Raises:
        NotFound: there is none.
    """
    if version:
        return library.version(own, version)
    versions = library.versions(own)
    day = today(house_of(request))
    return next((each for each in versions if each.holds_on(day)), versions[0])


@router.get("/rules/{own}", dependencies=[OPEN])
def policy(
    request: Request, own: str, version: Annotated[str, Query(max_length=40)] = ""
) -> HTMLResponse:
    """Show one version of a policy."""
    library, t = house_of(request).policies, words_of(request)
    found = policy_of(library, own, version, request)
    said = Said(t)
    with house_of(request).store.read() as connection:
        issued = issue_of(connection, found.digest)
    english = t.language == "en" and found.summary_en
    context = PolicyContext(
        found,
        library.versions(own),
        title_of(found, t.language),
        found.summary_en if english else found.summary,
        tuple(_clauses(found)),
        run_examples(found),
        issued,
        issued is None and found.status != "example" and visitor_of(request).may(ISSUE),
        tuple(_facts(found, said)),
        checks_of(house_of(request), found),
        t.language,
        tuple(_excluded(found, library, t)),
        said,
    )
    page = Page(context.title, crumbs_of(found, t))
    return render(request, "policies/policy.html", page, context)


@router.get("/rules/{own}/policy.yaml", dependencies=[OPEN])
def policy_file(
    request: Request, own: str, version: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Hand out the file."""
    found = policy_of(house_of(request).policies, own, version, request)
    name = f"{found.id}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(found.text, media_type="application/yaml; charset=utf-8", headers=headers)


@router.post("/rules/{own}/issue")
def policy_issued(
    request: Request,
    visitor: Annotated[Visitor, needs(ISSUE)],
    own: str,
    version: Annotated[str, Query(max_length=40)] = "",
) -> RedirectResponse:
    """Issue a version: its text becomes a record."""
    house = house_of(request)
    found = policy_of(house.policies, own, version, request)
    with house.store.begin() as work:
        issue(work, visitor, found, house.regions.code, house.clock.now())
    query = urlencode({"version": found.version})
    return RedirectResponse(f"/rules/{own}?{query}", status_code=SEE_OTHER)


def _clauses(policy: Policy) -> Iterator[ClauseView]:
    for reference, clause in policy.clauses.items():
        yield _clause(policy, reference, clause.text, clause.source)
    rest = _clause(policy, "", "", "")
    if rest.conditions or rest.steps or rest.parameters or rest.amount:
        yield rest


def _clause(policy: Policy, reference: str, text: str, source: str) -> ClauseView:
    whole = (*policy.conditions, *policy.exclusions)
    known = policy.sources.get(source)
    return ClauseView(
        reference,
        text,
        "" if known is None else known.title,
        [each for each in whole if each.clause == reference],
        [each for each in policy.steps.values() if each.clause == reference],
        [each for each in policy.parameters.values() if each.clause == reference],
        policy.amount is not None and policy.amount.clause == reference,
    )


def _facts(policy: Policy, said: Said) -> Iterator[tuple[str, str]]:
    t = said.words
    yield t("rules.issuer"), policy.issuer
    yield t("rules.number"), policy.number or t("rules.unknown_value")
    yield t("rules.unit"), said.choice("units", policy.applies_to)
    yield t("rules.region"), t("rules.separator").join(map(said.region, policy.regions))
    start, end = policy.start.isoformat(), policy.end and policy.end.isoformat()
    time = t("rules.from_to", start=start, end=end) if end else t("rules.from_on", start=start)
    yield t("rules.time"), time
    yield t("rules.status"), said.choice("statuses", policy.status)
    yield t("rules.version"), policy.version


def _excluded(policy: Policy, library: Library, t: Words) -> Iterator[tuple[str, str]]:
    for own in policy.stacking.exclusive if policy.stacking else ():
        known = library.by_id.get(own)
        yield own, title_of(known[0], t.language) if known else own
