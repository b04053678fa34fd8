"""The outbox: what went out, what waits, what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from longmai.domains.livelihood.casework.kinds import READ, SEND
from longmai.domains.livelihood.casework.list_pages import SEE_OTHER
from longmai.domains.livelihood.casework.outbox import STATES, Sent, messages, send_again
from longmai.portal.channels import channels_of
from longmai.portal.house import house_of
from longmai.portal.masking import masked_phone
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class OutboxContext:
    """Variables of ``livelihood/outbox.html``."""

    rows: Sequence[tuple[Sent, str]]
    paging: Paging
    states: Sequence[tuple[str, str]]
    state: str
    channels: Sequence[str]
    may_send: bool


@router.get("/livelihood/outbox")
def outbox(
    request: Request,
    visitor: Annotated[Visitor, needs(READ)],
    state: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """Show the messages of the visitor's regions, newest first."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        total, _ = messages(connection, visitor.scope(READ), Window(size=0), state)
        paging = paging_of(request, total)
        window = Window("at", paging.offset, paging.size)
        _, found = messages(connection, visitor.scope(READ), window, state)
    context = OutboxContext(
        [(each, masked_phone(each.recipient)) for each in found],
        paging,
        [("", t("casework.outbox.every")), *((s, t(f"casework.outbox.{s}")) for s in STATES)],
        state,
        [t(f"casework.channel.{name}") for name in channels_of(house.settings)],
        visitor.may(SEND),
    )
    crumbs = (
        (t("nav.home"), "/"),
        (t("casework.title"), "/livelihood/cases"),
        (t("casework.outbox.title"), None),
    )
    return render(
        request, "livelihood/outbox.html", Page(t("casework.outbox.title"), crumbs), context
    )


@router.post("/livelihood/outbox/{message_id}/again")
def sent_again(
    request: Request, message_id: UUID, visitor: Annotated[Visitor, needs(SEND)]
) -> RedirectResponse:
    """Have a message that was given up sent again."""
    house = house_of(request)
    with house.store.begin() as work:
        send_again(work.connection, message_id, visitor.scope(SEND), house.clock.now())
    return RedirectResponse("/livelihood/outbox?state=waiting", SEE_OTHER)
