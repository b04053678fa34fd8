"""One page for each thing to be done with an asset: a form, what was wrong with it, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from longmai.domains.assets.register import queries
from longmai.domains.assets.register.actions import ACTIONS, Action, Field, Sent
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.photos import MAX_BYTES
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany, NotFound
from longmai.portal.failures import Worded, worded
from longmai.portal.house import house_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import SIGNED_IN
from longmai.portal.rights.visitor import Visitor

router = APIRouter(prefix="/assets", include_in_schema=False)
SEE_OTHER = 303
_MOST_PHOTOS = 6


@dataclass(frozen=True)
class FormContext:
    """Variables of ``assets/register-form.html``.

    Attributes:
        name: of the action; ``register.action.<name>`` names it.
        fields: with the values to show.
        findings: what was wrong, in words.
        back: address of the page it belongs to.
    """

    name: str
    about: str
    fields: Sequence[Field]
    findings: Sequence[Worded]
    back: str


def form_page(
    request: Request,
    asset_id: UUID,
    action: Action,
    sent: Mapping[str, str] | None = None,
    error: Conflict | Forbidden | Invalid | NotFound | None = None,
) -> HTMLResponse:
    """Return the page of an action's form, with what was typed and what was wrong with it."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        known = queries.asset_of(connection, asset_id)
        fields = action.fields(connection, known)
    if sent is not None:
        fields = [replace(each, value=sent.get(each.name, each.value)) for each in fields]
    findings = [] if error is None else [worded(t, each) for each in _each(error)]
    title = t(f"register.action.{action.name}")
    context = FormContext(action.name, known.asset.name, fields, findings, f"/assets/a/{asset_id}")
    crumbs = (
        (t("nav.home"), "/"),
        (t("field.assets"), "/assets/register"),
        (known.asset.name, f"/assets/a/{asset_id}"),
        (title, None),
    )
    page = Page(title, crumbs, sample=known.sample)
    status = 200 if error is None else error.status
    return render(request, "assets/register-form.html", page, context, status)


def _each(
    error: Conflict | Forbidden | Invalid | NotFound,
) -> Sequence[Conflict | Forbidden | Invalid | NotFound]:
    return error.findings if isinstance(error, InvalidMany) else [error]


async def sent_of(request: Request) -> Sent:
    """Read a form: its texts, and at most six photos within their size."""
    async with request.form(max_files=_MOST_PHOTOS) as form:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        photos = [
            await each.read(MAX_BYTES + 1)
            for _, each in form.multi_items()
            if isinstance(each, UploadFile) and each.filename
        ]
    return Sent(texts, photos)


async def act(
    request: Request, asset_id: UUID, action: Action, visitor: Visitor, back: str
) -> Response:
    """Carry out an action as its form asks; go back, or show what was wrong."""
    house, sent = house_of(request), await sent_of(request)

    def run() -> Response:
        try:
            with house.store.begin() as work:
                action.run(Desk.of(house, work, visitor), asset_id, sent)
        except (Conflict, Forbidden, Invalid, NotFound) as error:
            return form_page(request, asset_id, action, sent.values, error)
        return RedirectResponse(back, SEE_OTHER)

    return await run_in_threadpool(run)


@router.get("/a/{asset_id}/do/{deed}")
def action_form(
    request: Request, asset_id: UUID, deed: str, visitor: Annotated[Visitor, SIGNED_IN]
) -> HTMLResponse:
    """Show the form of an action."""
    action = _action(deed)
    with house_of(request).store.read() as connection:
        known = queries.asset_of(connection, asset_id)
    visitor.require(action.permission, known.asset.region)
    return form_page(request, asset_id, action)


@router.post("/a/{asset_id}/do/{deed}")
async def action_sent(
    request: Request, asset_id: UUID, deed: str, visitor: Annotated[Visitor, SIGNED_IN]
) -> Response:
    """Carry out an action."""
    return await act(request, asset_id, _action(deed), visitor, f"/assets/a/{asset_id}")


def _action(name: str) -> Action:
    if name not in ACTIONS:
        raise NotFound("no such action", code="http.404", value=name)
    return ACTIONS[name]
