"""The page of a what-if: today's values beside new ones; the answer; files of it.

Nothing is stored: what is sent is judged and forgotten. A long one over made-up people is a job,
whose result is the answer; a table that somebody sends is never put into the queue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from longmai.kernel.errors import Invalid, InvalidMany, LongmaiError, NotFound
from longmai.kernel.money import FEN_PER_YUAN
from longmai.portal.export import table_file
from longmai.portal.house import house_of
from longmai.portal.policies.said import Said, crumbs_of, title_of, today
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import OPEN, SIGNED_IN, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.portal.simulation.asking import Asked, answer, is_long, policy_for, population_for
from longmai.portal.simulation.charts import Charts, charts_of, hundredths
from longmai.portal.simulation.forms import (
    MAX_FIELD_BYTES,
    ParameterField,
    Sent,
    asked_of,
    day_of,
    editable,
    fields_of,
    numbers,
)
from longmai.portal.simulation.models import Answer, Estimate
from longmai.portal.simulation.tables import MAX_FILE_BYTES, headings, place, rows
from longmai.portal.simulation.work import KIND, arguments_of
from longmai.rules.policy.model import Parameter, Policy
from longmai.rules.simulate.population import HOUSEHOLD, REGION, WEIGHT

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303
_MAX_ANSWER_BYTES = 4 * 1024 * 1024
Kind = Literal["csv", "xlsx", "yaml"]


@dataclass(frozen=True)
class Shown:
    """An answer with what the page needs to show it.

    Attributes:
        json: the answer, to make files of.
    """

    answer: Answer
    charts: Charts
    json: str


@dataclass(frozen=True)
class WhatIfContext:
    """Variables of ``simulation/what_if.html``.

    Attributes:
        searchable: parameters whose value can be searched for.
        columns: headings that a table of this policy has.
        findings: what is wrong in the form.
        long: the answer takes long, and who asks is not signed in.
    """

    policy: Policy
    title: str
    sent: Sent
    day: str
    fields: Sequence[ParameterField]
    searchable: Sequence[tuple[str, Parameter]]
    columns: Sequence[str]
    findings: Sequence[Invalid]
    long: bool
    shown: Shown | None
    said: "WhatIfSaid"


@dataclass(frozen=True)
class WhatIfSaid(Said):
    """What the template asks for words."""

    def count(self, found: Estimate) -> str:
        """Return a number of people, with its uncertainty."""
        text = f"{found.value:,}"
        return f"{text} ± {found.margin:,}" if found.margin else text

    def money(self, found: Estimate) -> str:
        """Return an amount in yuan, with its uncertainty."""
        if found.margin is None:
            return hundredths(found.value)
        # An estimate is not known to the fen.
        value, margin = (round(each / FEN_PER_YUAN) for each in (found.value, found.margin))
        return f"{value:,} ± {margin:,}" if margin else f"{value:,}"

    def fen(self, value: int) -> str:
        """Return fen in yuan."""
        return hundredths(value)

    def place(self, code: str) -> str:
        """Return the name of a county."""
        return place(self.words, code)

    def limit(self, found: tuple[int, int] | None, unit: str) -> str:
        """Return a threshold, or from which to which it goes."""
        if found is None:
            return self.words("what_if.not_known")
        low, high = (hundredths(each) for each in found)
        text = low if low == high else f"{low} – {high}"
        return f"{text} {unit}".strip()


async def sent_form(request: Request) -> Sent:
    """Read the form, and the file in it."""
    async with request.form(max_files=1, max_fields=500, max_part_size=MAX_FIELD_BYTES) as form:
        texts = {key: value for key, value in form.items() if isinstance(value, str)}
        file, data = form.get("file"), b""
        if file is not None and not isinstance(file, str):
            data = await file.read(MAX_FILE_BYTES + 1)
        return Sent(texts, data)


@router.get("/rules/{own}/what-if", dependencies=[OPEN])
def form(
    request: Request, own: str, version: Annotated[str, Query(max_length=40)] = ""
) -> HTMLResponse:
    """Show the form, with today's values."""
    sent = Sent({"version": version})
    return _page(request, own, sent)


@router.post("/rules/{own}/what-if", dependencies=[OPEN])
def asked(request: Request, own: str, sent: Annotated[Sent, Depends(sent_form)]) -> Response:
    """Answer at once; a long one becomes a job of who is signed in."""
    house, t = house_of(request), words_of(request)
    day = day_of(sent, today(house))
    policy = policy_for(house, own, sent.text("version"), day)
    try:
        wanted = asked_of(t, policy, day, sent)
        if not is_long(house, wanted):
            found = answer(wanted, population_for(house, wanted))
            return _page(request, own, sent, shown=_shown(t, found))
    except LongmaiError as error:
        return _page(request, own, sent, findings=_told(t, error))
    visitor = visitor_of(request)
    if not visitor.known or wanted.whom.table is not None:
        return _page(request, own, sent, long=True)
    return _queued(request, wanted, visitor)


def _queued(request: Request, wanted: Asked, visitor: Visitor) -> RedirectResponse:
    job_id = house_of(request).jobs.enqueue(KIND, arguments_of(wanted), visitor.actor)
    return RedirectResponse(f"/jobs/{job_id}", _SEE_OTHER)


async def sent_answer(request: Request) -> Mapping[str, str]:
    """Read the answer that a page sends back to have a file made of it."""
    async with request.form(max_files=0, max_fields=5, max_part_size=_MAX_ANSWER_BYTES) as form:
        return {key: value for key, value in form.items() if isinstance(value, str)}


@router.post("/rules/{own}/what-if/file.{kind}", dependencies=[OPEN])
def file(
    request: Request, own: str, kind: Kind, sent: Annotated[Mapping[str, str], Depends(sent_answer)]
) -> Response:
    """Hand out an answer as CSV or XLSX, or its reform as YAML."""
    house_of(request).policies.versions(own)
    try:
        found = Answer.model_validate_json(sent.get("answer", ""))
    except ValidationError as error:
        raise Invalid(
            "this is no answer of a what-if", code="what_if.answer",
            value=str(error.errors()[0]["msg"])[:100], mend="run it again, and press the button",
        ) from None  # fmt: skip
    name = f"{own}-what-if"
    if kind == "yaml":
        told = {"Content-Disposition": f'attachment; filename="{name}.yaml"'}
        media = "application/yaml; charset=utf-8"
        return Response(found.reform, media_type=media, headers=told)
    t = words_of(request)
    return table_file(kind, name, headings(t), rows(t, found))


@router.get("/rules/{own}/what-if/{job_id}")
def of_job(
    request: Request, own: str, job_id: UUID, visitor: Annotated[Visitor, SIGNED_IN]
) -> HTMLResponse:
    """Show the answer of a job."""
    house, t = house_of(request), words_of(request)
    job = house.jobs.job(job_id)
    mine = job.owner == visitor.actor or visitor.may("job.read")
    if job.kind != KIND or not mine or job.arguments["policy"] != own or job.result is None:
        raise NotFound("no such answer", code="what_if.job", value=str(job_id))
    found = Answer.model_validate(job.result["answer"])
    sent = Sent({"version": found.version, "reform": found.reform, "day": found.day})
    return _page(request, own, sent, shown=_shown(t, found))


def _shown(t: Words, found: Answer) -> Shown:
    return Shown(found, charts_of(t, found), found.model_dump_json())


def _told(t: Words, error: LongmaiError) -> Sequence[Invalid]:
    """Return what is wrong, in the reader's language where the finding has words for it."""
    listed = error.findings if isinstance(error, InvalidMany) else (error,)
    found = []
    for each in listed:
        told = getattr(each, "told", None)
        key = f"what_if.error.{each.code}"
        known = t(key) if t.house.catalogue.has(key) else each.what
        what = told("what", t.language) if told else known
        mend = told("mend", t.language) if told else each.mend
        found.append(Invalid(what, code=each.code, place=each.place, value=each.value, mend=mend))
    return found


def _page(
    request: Request,
    own: str,
    sent: Sent,
    *,
    findings: Sequence[Invalid] = (),
    long: bool = False,
    shown: Shown | None = None,
) -> HTMLResponse:
    house, t = house_of(request), words_of(request)
    day, said = day_of(sent, today(house)), WhatIfSaid(t)
    policy = policy_for(house, own, sent.text("version"), day)
    wrong = {each.place or "": each.what for each in findings}
    context = WhatIfContext(
        policy,
        title_of(policy, t.language),
        sent,
        day.isoformat(),
        fields_of(policy, day, sent, said, wrong),
        numbers(policy),
        _columns(policy),
        _named(findings, policy, said),
        long,
        shown,
        said,
    )
    title = f"{t('what_if.title')} · {context.title}"
    made_up = shown is not None and shown.answer.made_up
    page = Page(title, crumbs_of(policy, t, t("what_if.title")), sample=made_up)
    status = 422 if findings else 200
    return render(request, "simulation/what_if.html", page, context, status=status)


def _named(findings: Sequence[Invalid], policy: Policy, said: Said) -> list[Invalid]:
    """Return findings whose place is the label of a field, and not its key."""
    t, labels = said.words, {}
    for name in ("households", "seed", "stands_for", "target", "step"):
        labels[name] = t(f"what_if.{name}")
    for key, each in editable(policy):
        labels |= dict.fromkeys((f"a.{key}", f"n.{key}"), said.name(each))
    return [
        Invalid(
            each.what,
            code=each.code,
            place=labels.get(each.place or "", each.place),
            value=each.value,
            mend=each.mend,
        )
        for each in findings
    ]


def _columns(policy: Policy) -> list[str]:
    simple: list[Any] = [*policy.inputs.values(), *policy.members.values()]
    names = [each.name for each in simple if not each.type.startswith("list")]
    return [HOUSEHOLD[0], REGION[0], WEIGHT[0], *names]
