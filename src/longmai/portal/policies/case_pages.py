"""A self-check: the data a policy asks for, as a form; what comes of them, clause by clause.

Nothing is stored: what is typed is judged and forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.kernel.region_codes import prefix
from longmai.portal.house import house_of
from longmai.portal.policies.policy_pages import policy_of
from longmai.portal.policies.said import Said, crumbs_of, title_of, today
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import OPEN
from longmai.rules.policy.evaluation import Decision, case_of, evaluate
from longmai.rules.policy.explanation import Explanation, explain
from longmai.rules.policy.gaps import Plan, plan
from longmai.rules.policy.literals import read_date
from longmai.rules.policy.model import Condition, Input, Policy
from longmai.rules.policy.record import canonical, record_of

router = APIRouter(include_in_schema=False, dependencies=[OPEN])

MOST_MEMBERS = 20
_OPINIONS = {"yes": True, "no": False}


@dataclass(frozen=True)
class FieldView:
    """A field of the form: ``input`` says what it asks for."""

    name: str
    input: Input
    value: str
    values: Sequence[str]
    error: str


@dataclass(frozen=True)
class Outcome:
    """What came of the data."""

    decision: Decision
    told: Explanation
    plan: Plan
    record: str


@dataclass(frozen=True)
class CaseContext:
    """Variables of ``policies/case.html``."""

    policy: Policy
    title: str
    fields: Sequence[FieldView]
    members: Sequence[Sequence[FieldView]]
    reviews: Sequence[tuple[Condition, str]]
    day: str
    region: str
    regions: Sequence[tuple[str, str]]
    findings: Sequence[Invalid]
    outcome: Outcome | None
    said: Said


@router.get("/rules/{own}/try")
def case_form(
    request: Request,
    own: str,
    version: Annotated[str, Query(max_length=40)] = "",
    example: Annotated[int, Query(ge=0, le=1000)] = 0,
) -> HTMLResponse:
    """Show the form, empty or filled in from an example of the policy."""
    policy = policy_of(house_of(request).policies, own, version, request)
    form: dict[str, list[str]] = {}
    if 0 < example <= len(policy.examples):
        form = _form_of_example(policy, example)
    return _page(request, policy, form, judged=bool(form))


@router.post("/rules/{own}/try")
async def case_judged(
    request: Request, own: str, version: Annotated[str, Query(max_length=40)] = ""
) -> HTMLResponse:
    """Judge what was filled in; the button *add a member* only adds a row."""
    policy = policy_of(house_of(request).policies, own, version, request)
    found = _texts(await request.form(max_files=0, max_fields=2000))
    return _page(request, policy, found, judged="add" not in found)


def _texts(form: FormData) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.strip())
    return found


def _page(
    request: Request, policy: Policy, form: Mapping[str, list[str]], *, judged: bool
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    findings: tuple[Invalid, ...] = ()
    outcome = None
    day = _one(form, "day") or today(house).isoformat()
    if judged:
        try:
            outcome = _judge(policy, form, day, t.language)
        except InvalidMany as error:
            findings = error.findings
    wrong = {each.place: each.what for each in findings}
    rows = _rows(policy, form)
    context = CaseContext(
        policy,
        title_of(policy, t.language),
        _fields(policy.inputs, form, "v.", "", wrong),
        [
            _fields(policy.members, form, f"m.{row}.", f"{policy.members_name}[{row}].", wrong)
            for row in range(1, rows + 1)
        ],
        [
            (each, _one(form, f"k.{each.id}"))
            for each in policy.rules.values()
            if each.review
        ],
        day,
        _one(form, "region"),
        [(each.code, each.name if t.language == "zh" else each.name_en)
         for each in house.regions.children(house.regions.code)],
        findings,
        outcome,
        Said(t),
    )  # fmt: skip
    crumbs = crumbs_of(policy, t, t("rules.try"))
    page = Page(f"{t('rules.try')} · {context.title}", crumbs)
    status = 422 if findings else 200
    return render(request, "policies/case.html", page, context, status=status)


def _judge(policy: Policy, form: Mapping[str, list[str]], day: str, language: str) -> Outcome:
    findings: list[Invalid] = []
    on = read_date(day)
    if on is None:
        findings.append(
            Invalid("this is no date", code="policy.day", place="day", value=day, mend="2026-01-01")
        )
    region = _one(form, "region")
    try:
        short = prefix(region) if region else ""
    except Invalid as error:
        findings.append(
            Invalid(error.what, code=error.code, place="region", value=region, mend=error.mend)
        )
        short = ""
    given = _given(policy, form)
    opinions = {each: _one(form, f"k.{each}") for each in policy.rules}
    confirmed = {each: _OPINIONS[said] for each, said in opinions.items() if said in _OPINIONS}
    try:
        case = case_of(policy, given, on or date.min, short, confirmed)
    except InvalidMany as error:
        findings += error.findings
    if findings:
        raise InvalidMany("the data do not fit the policy", findings)
    decision = evaluate(policy, case)
    text = canonical(record_of(decision)).decode()
    return Outcome(decision, explain(decision, language), plan(decision, language), text)


def _given(policy: Policy, form: Mapping[str, list[str]]) -> dict[str, Any]:
    given: dict[str, Any] = _values(policy.inputs, form, "v.")
    if policy.members:
        rows = [_values(policy.members, form, f"m.{n}.") for n in range(1, _rows(policy, form) + 1)]
        filled = [row for row in rows if any(value is not None for value in row.values())]
        given[policy.members_name] = filled or None
    return given


def _values(
    inputs: Mapping[str, Input], form: Mapping[str, list[str]], mark: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, each in inputs.items():
        texts = [text for text in form.get(mark + name, ()) if text]
        if not each.type.startswith("list<"):
            found[name] = texts[0] if texts else None
        elif texts == [NONE]:
            found[name] = []
        else:
            found[name] = [text for text in texts if text != NONE] or None
    return found


NONE = "-"
"""What a list that is known to be empty is sent as."""


def _fields(
    inputs: Mapping[str, Input],
    form: Mapping[str, list[str]],
    mark: str,
    place: str,
    wrong: Mapping[str | None, str],
) -> list[FieldView]:
    return [
        FieldView(
            mark + name, each, _one(form, mark + name), form.get(mark + name, []),
            wrong.get(place + name, ""),
        )
        for name, each in inputs.items()
    ]  # fmt: skip


def _rows(policy: Policy, form: Mapping[str, list[str]]) -> int:
    if not policy.members:
        return 0
    text = _one(form, "members")
    rows = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 2  # noqa: PLR2004 - a few rows
    return max(1, min(rows + ("add" in form), MOST_MEMBERS))


def _one(form: Mapping[str, list[str]], name: str) -> str:
    values = form.get(name, [])
    return values[0] if values else ""


def _form_of_example(policy: Policy, number: int) -> dict[str, list[str]]:
    example = policy.examples[number - 1]
    form = {"day": [example.day.isoformat()], "region": [example.region]}
    form |= _form_of(policy.inputs, example.given, "v.")
    members = example.given.get(policy.members_name) if policy.members else None
    if isinstance(members, list):
        form["members"] = [str(max(1, len(members)))]
        for row, member in enumerate(members, start=1):
            form |= _form_of(policy.members, member, f"m.{row}.")
    for each in policy.rules.values():
        opinion = example.confirmed.get(each.id, example.confirmed.get(each.name))
        if opinion is not None:
            form[f"k.{each.id}"] = ["yes" if opinion else "no"]
    return form


def _form_of(
    inputs: Mapping[str, Input], values: Mapping[str, Any], mark: str
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in inputs:
        value = values.get(name)
        if isinstance(value, list):
            found[mark + name] = [str(each) for each in value] or [NONE]
        elif value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            found[mark + name] = [text]
    return found
