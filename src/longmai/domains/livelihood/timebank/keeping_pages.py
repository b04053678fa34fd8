"""The coordinator's desk: services under way, needs and who could help, opening a bank."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, UploadFile
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from longmai.domains.livelihood.timebank.agreeing import Agreement, agree, cancel
from longmai.domains.livelihood.timebank.bank_pages import when_of
from longmai.domains.livelihood.timebank.booking import expire
from longmai.domains.livelihood.timebank.books import (
    Bank,
    banks,
    member_of,
    money_fen,
    rules_on,
)
from longmai.domains.livelihood.timebank.desk import KEEP, Desk
from longmai.domains.livelihood.timebank.founding import (
    NewBank,
    declare_rules,
    endow,
    open_bank,
    pay_in,
)
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.model.notices import NEED, Notice
from longmai.domains.livelihood.timebank.model.rules import BankRules, read_uploaded
from longmai.domains.livelihood.timebank.own_pages import fitting
from longmai.domains.livelihood.timebank.queries import (
    NoticeSearch,
    ServiceRow,
    members,
    notices,
    services,
)
from longmai.domains.livelihood.timebank.showing import (
    HOME,
    SEE_OTHER,
    Governor,
    Keeper,
    Short,
    Text,
    Typed,
    attempt,
    crumbs_of,
    day_in,
    id_in,
    item_name,
    kept_bank,
    moment_in,
    number_in,
    today_of,
)
from longmai.domains.livelihood.timebank.signing import sign_by_hand
from longmai.domains.livelihood.timebank.tables import BANK, SERVICE
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.admin_pages import region_choices
from longmai.portal.accounts.forms import Form
from longmai.portal.accounts.service import known_region
from longmai.portal.house import house_of
from longmai.portal.language import language_of
from longmai.portal.rendering import Page, local_time, render, words_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix=HOME, include_in_schema=False)

MOST_CHOICES = 300
MOST_RULES_BYTES = 200_000
SAID = ("agreed", "signed", "expired", "endowed", "paid", "rules")


@dataclass(frozen=True)
class DeskContext:
    """Variables of ``hours_desk.html``.

    Attributes:
        fits: needs that stand: (need, when, [(offer, helper's name, when)]).
        people: (ID, name) of members, for the forms.
    """

    bank: Bank
    services: Sequence[ServiceRow]
    fits: Sequence[tuple[Notice, str, str, Sequence[tuple[Notice, str, str]]]]
    people: Sequence[tuple[str, str]]
    items: Mapping[str, str]
    now: str
    form: Form
    money_fen: int
    said: str = ""
    clock: Callable[[int], str] = clock_text


@router.get("/desk")
def desk_list(request: Request, visitor: Keeper) -> Response:
    """Lead to the desk of the visitor's bank; to the list where there are more."""
    with house_of(request).store.read() as connection:
        found = banks(connection, visitor.scope(KEEP).rows(BANK.c.region))
    if len(found) == 1:
        return RedirectResponse(f"{HOME}/banks/{found[0].id}/desk", SEE_OTHER)
    return RedirectResponse(HOME, SEE_OTHER)


@router.get("/banks/{bank_id}/desk")
def desk_page(request: Request, visitor: Keeper, bank_id: UUID, said: Short = "") -> HTMLResponse:
    """Show what the coordinator has to do: services under way, needs and who could help."""
    return _desk_page(request, visitor, bank_id, said=said)


def _desk_page(
    request: Request, visitor: Visitor, bank_id: UUID, form: Form | None = None, status: int = 200,
    said: str = "",
) -> HTMLResponse:  # fmt: skip
    house, t, language = house_of(request), words_of(request), language_of(request)
    day = today_of(request)
    with house.store.read() as connection:
        bank = kept_bank(connection, visitor, bank_id)
        rules = rules_on(connection, bank_id, day)
        _, people = members(connection, bank_id, "", Window(size=MOST_CHOICES))
        _, needed = notices(connection, NoticeSearch(NEED, bank_id=bank_id), day, Window(size=20))
        items = {code: item_name(each, code, language) for code, each in rules.items.items()}
        context = DeskContext(
            bank=bank,
            services=services(connection, SERVICE.c.bank_id == bank_id),
            fits=[
                (
                    each, member_of(connection, each.member_id).name, when_of(t, each),
                    [
                        (match.notice, member_of(connection, match.notice.member_id).name,
                         when_of(t, match.notice))
                        for match in fitting(request, connection, each)[:3]
                    ],
                )
                for each in needed
            ],
            people=[(str(each.member.id), each.member.name) for each in people],
            items=items,
            now=local_time(house.clock.now(), "%Y-%m-%dT%H:%M"),
            form=form or Form(),
            money_fen=money_fen(connection, bank_id),
            said=said if said in SAID else "",
        )  # fmt: skip
    title = t("hours.desk.title", bank=bank.name)
    crumbs = crumbs_of(
        request, (bank.name, f"{HOME}/banks/{bank_id}"), (t("hours.desk.short"), None)
    )
    page = Page(title, crumbs, bank.sample)
    return render(request, "livelihood/hours_desk.html", page, context, status)


def _at_desk(
    request: Request, visitor: Visitor, bank_id: UUID, values: Mapping[str, str], said: str,
    act: Callable[[Desk], object],
) -> Response:  # fmt: skip
    tried = attempt(request, visitor, values, act)
    if tried.form is not None:
        return _desk_page(request, visitor, bank_id, tried.form, tried.status)
    return RedirectResponse(f"{HOME}/banks/{bank_id}/desk?said={said}", SEE_OTHER)


class AgreementForm(BaseModel):
    """A service that the coordinator agrees on for two members; all as it was typed."""

    helper: Typed = ""
    recipient: Typed = ""
    item: Typed = ""
    planned_at: Typed = ""
    planned: Typed = ""
    insurance: Typed = ""


@router.post("/banks/{bank_id}/services")
def agreeing(
    request: Request, visitor: Keeper, bank_id: UUID, typed: Annotated[AgreementForm, FormField()]
) -> Response:
    """Agree on a service for two members."""

    def act(desk: Desk) -> UUID:
        wish = Agreement(
            id_in(typed.helper, "helper"),
            id_in(typed.recipient, "recipient"),
            typed.item,
            moment_in(typed.planned_at, "planned_at"),
            number_in(typed.planned, "planned"),
            typed.insurance,
        )
        return agree(desk, wish)

    return _at_desk(request, visitor, bank_id, typed.model_dump(), "agreed", act)


@router.post("/banks/{bank_id}/services/{service_id}/{end}")
def by_hand(
    request: Request, visitor: Keeper, bank_id: UUID, service_id: UUID, end: str,
    moment: Text = "", reason: Text = "",
) -> Response:  # fmt: skip
    """Sign in or out for both, or cancel, with a reason."""

    def act(desk: Desk) -> object:
        if end == "cancel":
            return cancel(desk, service_id, reason)
        return sign_by_hand(desk, service_id, end, moment_in(moment, "moment"), reason)

    return _at_desk(request, visitor, bank_id, {"reason": reason}, "signed", act)


@router.post("/banks/{bank_id}/expire")
def expiry(request: Request, visitor: Keeper, bank_id: UUID) -> Response:
    """Book what has ended."""
    return _at_desk(request, visitor, bank_id, {}, "expired", lambda desk: expire(desk, bank_id))


@router.post("/banks/{bank_id}/endow")
def endowment(
    request: Request, visitor: Governor, bank_id: UUID, minutes: Text = "", note: Text = ""
) -> Response:
    """Issue hours to the fund."""
    values = {"minutes": minutes, "note": note}
    return _at_desk(
        request, visitor, bank_id, values, "endowed",
        lambda desk: endow(desk, bank_id, number_in(minutes, "minutes"), note),
    )  # fmt: skip


@router.post("/banks/{bank_id}/money")
def payment(
    request: Request, visitor: Governor, bank_id: UUID, amount: Text = "", source: Text = ""
) -> Response:
    """Record money of the fund."""
    values = {"amount": amount, "source": source}
    return _at_desk(
        request, visitor, bank_id, values, "paid",
        lambda desk: pay_in(desk, bank_id, yuan_to_fen(amount.strip()), source),
    )  # fmt: skip


@router.post("/banks/{bank_id}/rules")
def new_rules(
    request: Request, visitor: Governor, bank_id: UUID, file: UploadFile, since: Text = ""
) -> Response:
    """Declare rules from a file, from a day on."""
    return _at_desk(
        request, visitor, bank_id, {"since": since}, "rules",
        lambda desk: declare_rules(desk, bank_id, _uploaded(file), day_in(since, "since")),
    )  # fmt: skip


def _uploaded(file: UploadFile) -> BankRules:
    return read_uploaded(
        file.file.read(MOST_RULES_BYTES + 1)[:MOST_RULES_BYTES], file.filename or ""
    )


# Opening a bank -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewBankContext:
    """Variables of ``hours_new.html``."""

    form: Form
    regions: Sequence[tuple[str, str]]


@router.get("/new")
def new_bank_page(request: Request, visitor: Governor) -> HTMLResponse:
    """Show the form for a new bank."""
    del visitor
    return _new_bank_page(request, Form())


def _new_bank_page(request: Request, form: Form, status: int = 200) -> HTMLResponse:
    t = words_of(request)
    page = Page(t("hours.new.title"), crumbs_of(request, (t("hours.new.title"), None)))
    context = NewBankContext(form, region_choices(house_of(request), t.language))
    return render(request, "livelihood/hours_new.html", page, context, status)


@router.post("/new")
def new_bank(
    request: Request, visitor: Governor, file: UploadFile, name: Text = "", region: Text = ""
) -> Response:
    """Open a bank under the rules of a file."""

    def act(desk: Desk) -> UUID:
        place = known_region(region, house_of(request).regions)
        return open_bank(desk, NewBank(name, place, _uploaded(file)))

    tried = attempt(request, visitor, {"name": name, "region": region}, act)
    if tried.form is not None:
        return _new_bank_page(request, tried.form, tried.status)
    return RedirectResponse(f"{HOME}/banks/{tried.result}/desk", SEE_OTHER)
