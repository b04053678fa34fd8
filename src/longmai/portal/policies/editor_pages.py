"""The editor: the words of the law, the rule and its examples side by side, judged as one types."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from longmai.portal.house import house_of
from longmai.portal.language import language_of
from longmai.portal.policies.checks import ChecksView, MoreExamples, checks_of, more_examples
from longmai.portal.policies.policy_pages import policy_of
from longmai.portal.policies.said import Said, today
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.rules.policy.examples import Ran, run_examples
from longmai.rules.policy.explanation import Explanation, explain
from longmai.rules.policy.findings import PolicyFinding
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import try_policy
from longmai.rules.policy.template import template

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

_MOST_CHARACTERS = 1024 * 1024


@dataclass(frozen=True)
class ExampleView:
    """An example with what came of it, told."""

    ran: Ran
    told: Explanation


@dataclass(frozen=True)
class EditorContext:
    """Variables of ``policies/editor.html``."""

    text: str
    policy: Policy | None
    findings: Sequence[PolicyFinding]
    examples: Sequence[ExampleView]
    checks: ChecksView | None
    more: MoreExamples | None
    language: str
    said: Said


@router.get("/rules/edit")
def editor(
    request: Request,
    policy: Annotated[str, Query(max_length=100)] = "",
    version: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Open a policy, or the template of a new one."""
    house, t = house_of(request), words_of(request)
    if policy:
        text = policy_of(house.policies, policy, version, request).text
    else:
        text = template("livelihood.new-policy", t("rules.new_title"), today(house))
    return _page(request, text)


@router.post("/rules/edit")
def edited(
    request: Request, text: Annotated[str, Form(max_length=_MOST_CHARACTERS)] = ""
) -> HTMLResponse:
    """Judge what was written; nothing is stored."""
    return _page(request, text)


@router.post("/rules/edit/policy.yaml")
def edited_file(text: Annotated[str, Form(max_length=_MOST_CHARACTERS)] = "") -> Response:
    """Hand out what was written, as a file."""
    read, _ = try_policy(text)
    name = f"{read.id}.yaml" if read is not None else "policy.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    # A form sends lines as CRLF.
    plain = text.replace("\r\n", "\n")
    return Response(plain, media_type="application/yaml; charset=utf-8", headers=headers)


def _page(request: Request, text: str) -> HTMLResponse:
    t, language = words_of(request), language_of(request)
    plain = text.replace("\r\n", "\n")
    policy, findings = try_policy(plain)
    ran = () if policy is None else run_examples(policy)
    examples = [ExampleView(each, explain(each.decision, language)) for each in ran]
    checks = more = None
    if policy is not None and not findings:
        checks, more = checks_of(house_of(request), policy), more_examples(policy)
    context = EditorContext(plain, policy, findings, examples, checks, more, language, Said(t))
    crumbs = ((t("nav.home"), "/"), (t("rules.title"), "/rules"), (t("rules.editor"), None))
    return render(request, "policies/editor.html", Page(t("rules.editor"), crumbs), context)
