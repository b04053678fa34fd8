"""The coordinator's pages: the desk of a bank, its members and entries, clearing, reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection, Row

from longmai.domains.livelihood.timebank.agreeing import Agreement, agree, cancel
from longmai.domains.livelihood.timebank.bank_pages import when_of
from longmai.domains.livelihood.timebank.booking import expire, grant, take_back
from longmai.domains.livelihood.timebank.books import (
    Bank,
    Member,
    bank_of,
    banks,
    facts_of,
    member_of,
    money_fen,
    owed,
    rules_on,
)
from longmai.domains.livelihood.timebank.desk import GOVERN, KEEP, REPORT, Desk
from longmai.domains.livelihood.timebank.founding import NewBank, declare_rules, endow, open_bank, pay_in
from longmai.domains.livelihood.timebank.members import NewMember, join, note_kin, note_trait
from longmai.domains.livelihood.timebank.model.accounts import clock_text
from longmai.domains.livelihood.timebank.model.clearing import Payment, disagreeing, net, payments
from longmai.domains.livelihood.timebank.model.notices import NEED, Notice
from longmai.domains.livelihood.timebank.model.posting import DEEDS
from longmai.domains.livelihood.timebank.model.rules import RELATIONS, BankRules, read_uploaded
from longmai.domains.livelihood.timebank.own_pages import Mine, fitting, mine_of
from longmai.domains.livelihood.timebank.queries import (
    EntryRow,
    MemberRow,
    NoticeSearch,
    ReportRow,
    ServiceRow,
    StatementRow,
    entries,
    members,
    notices,
    report,
    services,
    statement,
    traits,
)
from longmai.domains.livelihood.timebank.settling import settle
from longmai.domains.livelihood.timebank.showing import (
    HOME,
    SEE_OTHER,
    Short,
    Text,
    attempt,
    crumbs_of,
    day_in,
    id_in,
    item_name,
    moment_in,
    number_in,
    today_of,
)
from longmai.domains.livelihood.timebank.signing import sign_by_hand
from longmai.domains.livelihood.timebank.tables import BANK, SERVICE
from longmai.kernel.errors import Invalid
from longmai.kernel.money import yuan_to_fen
from longmai.portal.accounts.admin_pages import region_choices
from longmai.portal.accounts.forms import Form
from longmai.portal.accounts.queries import account_of_login
from longmai.portal.accounts.service import known_region
from longmai.portal.export import MAX_ROWS, Format, table_file
from longmai.portal.house import house_of
from longmai.portal.language import language_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, local_time, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix=HOME, include_in_schema=False)

Keeper = Annotated[Visitor, needs(KEEP)]
Governor = Annotated[Visitor, needs(GOVERN)]
Reporter = Annotated[Visitor, needs(REPORT)]
MOST_CHOICES = 300
MOST_RULES_BYTES = 200_000


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


def _bank(connection: Connection, visitor: Visitor, bank_id: UUID, permission: str = KEEP) -> Bank:
    found = bank_of(connection, bank_id)
    visitor.require(permission, found.region)
    return found


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
        bank = _bank(connection, visitor, bank_id)
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
            said=said if said in {"agreed", "signed", "expired", "endowed", "paid", "rules"} else "",
        )  # fmt: skip
    title = t("hours.desk.title", bank=bank.name)
    crumbs = crumbs_of(request, (bank.name, f"{HOME}/banks/{bank_id}"), (t("hours.desk.short"), None))
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


@router.post("/banks/{bank_id}/services")
def agreeing(
    request: Request, visitor: Keeper, bank_id: UUID, helper: Text = "", recipient: Text = "",
    item: Text = "", planned_at: Text = "", planned: Text = "", insurance: Text = "",
) -> Response:  # fmt: skip
    """Agree on a service for two members."""
    values = {"helper": helper, "recipient": recipient, "item": item, "planned_at": planned_at,
              "planned": planned, "insurance": insurance}  # fmt: skip

    def act(desk: Desk) -> UUID:
        wish = Agreement(
            id_in(helper, "helper"), id_in(recipient, "recipient"), item,
            moment_in(planned_at, "planned_at"), number_in(planned, "planned"), insurance,
        )  # fmt: skip
        return agree(desk, wish)

    return _at_desk(request, visitor, bank_id, values, "agreed", act)


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
def new_rules(request: Request, visitor: Governor, bank_id: UUID, file: UploadFile, since: Text = "") -> Response:
    """Declare rules from a file, from a day on."""
    return _at_desk(
        request, visitor, bank_id, {"since": since}, "rules",
        lambda desk: declare_rules(desk, bank_id, _uploaded(file), day_in(since, "since")),
    )  # fmt: skip


def _uploaded(file: UploadFile) -> BankRules:
    return read_uploaded(file.file.read(MOST_RULES_BYTES + 1)[:MOST_RULES_BYTES], file.filename or "")


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


# Members ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MembersContext:
    """Variables of ``hours_members.html``."""

    bank: Bank
    rows: Sequence[MemberRow]
    paging: Paging
    search: str
    form: Form
    clock: Callable[[int], str] = clock_text


@router.get("/banks/{bank_id}/members")
def member_list(request: Request, visitor: Keeper, bank_id: UUID, q: Short = "") -> HTMLResponse:
    """List the members of a bank."""
    return _members_page(request, visitor, bank_id, q.strip())


def _members_page(
    request: Request, visitor: Visitor, bank_id: UUID, text: str, form: Form | None = None,
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    t = words_of(request)
    with house_of(request).store.read() as connection:
        bank = _bank(connection, visitor, bank_id)
        total, _ = members(connection, bank_id, text, Window(size=0))
        paging = paging_of(request, total)
        _, rows = members(connection, bank_id, text, Window(offset=paging.offset, size=paging.size))
    title = t("hours.members.title")
    crumbs = crumbs_of(request, (bank.name, f"{HOME}/banks/{bank_id}"), (title, None))
    context = MembersContext(bank, rows, paging, text, form or Form())
    page = Page(title, crumbs, bank.sample)
    return render(request, "livelihood/hours_members.html", page, context, status)


@router.get("/banks/{bank_id}/members.{kind}")
def member_file(request: Request, visitor: Keeper, bank_id: UUID, kind: Format, q: Short = "") -> Response:
    """Export the members of a bank."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        _bank(connection, visitor, bank_id)
        _, rows = members(connection, bank_id, q.strip(), Window(size=MAX_ROWS))
    heads = [t(f"hours.members.{name}") for name in ("name", "kind", "born", "region", "balance")]
    cells = [
        (row.member.name, t(f"hours.kind.{row.member.kind}"), row.member.born, row.member.region, row.balance)
        for row in rows
    ]
    return table_file(kind, "members", heads, cells)


@router.post("/banks/{bank_id}/members")
def joining(
    request: Request, visitor: Keeper, bank_id: UUID, name: Text = "", kind: Text = "person",
    born: Text = "", region: Text = "", guardian: Text = "", login: Text = "",
) -> Response:  # fmt: skip
    """Take somebody into a bank."""
    values = {"name": name, "kind": kind, "born": born, "region": region, "guardian": guardian, "login": login}

    def act(desk: Desk) -> UUID:
        account = None
        if login.strip():
            known = account_of_login(desk.connection, login.strip())
            if known is None:
                raise Invalid("nobody has this login", code="hours.login", place="login", value=login)
            account = known.id
        wish = NewMember(
            name, known_region(region, house_of(request).regions), kind,
            day_in(born, "born") if born.strip() else None, guardian, account,
        )  # fmt: skip
        return join(desk, bank_id, wish)

    tried = attempt(request, visitor, values, act)
    if tried.form is not None:
        return _members_page(request, visitor, bank_id, "", tried.form, tried.status)
    return RedirectResponse(f"{HOME}/members/{tried.result}", SEE_OTHER)


@dataclass(frozen=True)
class MemberContext:
    """Variables of ``hours_member.html``."""

    mine: Mine
    traits: Sequence[Row[Any]]
    rows: Sequence[StatementRow]
    paging: Paging
    grants: Sequence[tuple[str, str, int | None, bool]]
    relations: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    form: Form
    clock: Callable[[int], str] = clock_text


@router.get("/members/{member}")
def member_page(request: Request, visitor: Keeper, member: UUID) -> HTMLResponse:
    """Show a member to the coordinator."""
    return _member_page(request, visitor, member)


def _member_page(
    request: Request, visitor: Visitor, member_id: UUID, form: Form | None = None, status: int = 200
) -> HTMLResponse:
    t, day = words_of(request), today_of(request)
    with house_of(request).store.read() as connection:
        found = member_of(connection, member_id)
        bank = _bank(connection, visitor, found.bank_id)
        total, _ = statement(connection, found, Window(size=0))
        paging = paging_of(request, total)
        _, rows = statement(connection, found, Window(offset=paging.offset, size=paging.size))
        facts = facts_of(connection, found, day)
        mine = mine_of(request, connection, found, [])
        _, people = members(connection, bank.id, "", Window(size=MOST_CHOICES))
        context = MemberContext(
            mine, traits(connection, member_id), rows, paging,
            [
                (each.code, each.name if t.language == "zh" else each.name_en, each.minutes,
                 mine.rules.holds(each.when, facts))
                for each in mine.rules.grants.values()
            ],
            [(each, t(f"hours.relation.{each}")) for each in RELATIONS],
            [(str(each.member.id), each.member.name) for each in people if each.member.id != member_id],
            form or Form(),
        )  # fmt: skip
    crumbs = crumbs_of(
        request, (bank.name, f"{HOME}/banks/{bank.id}"),
        (t("hours.members.title"), f"{HOME}/banks/{bank.id}/members"), (found.name, None),
    )  # fmt: skip
    page = Page(found.name, crumbs, bank.sample)
    return render(request, "livelihood/hours_member.html", page, context, status)


def _at_member(
    request: Request, visitor: Visitor, member: UUID, values: Mapping[str, str],
    act: Callable[[Desk], object],
) -> Response:  # fmt: skip
    tried = attempt(request, visitor, values, act)
    if tried.form is not None:
        return _member_page(request, visitor, member, tried.form, tried.status)
    return RedirectResponse(f"{HOME}/members/{member}", SEE_OTHER)


@router.post("/members/{member}/traits")
def new_trait(
    request: Request, visitor: Keeper, member: UUID, trait: Text = "", basis: Text = "", until: Text = ""
) -> Response:
    """Record something that the rules ask about a member."""
    values = {"trait": trait, "basis": basis, "until": until}
    return _at_member(
        request, visitor, member, values,
        lambda desk: note_trait(desk, member, trait, basis, day_in(until, "until") if until else None),
    )  # fmt: skip


@router.post("/members/{member}/kin")
def new_kin(
    request: Request, visitor: Keeper, member: UUID, other: Text = "", relation: Text = "", basis: Text = ""
) -> Response:
    """Record a member's kin."""
    return _at_member(
        request, visitor, member, {"basis": basis},
        lambda desk: note_kin(desk, member, id_in(other, "other"), relation, basis),
    )  # fmt: skip


@router.post("/members/{member}/grants/{code}")
def granting(request: Request, visitor: Keeper, member: UUID, code: str) -> Response:
    """Let the fund give the month's hours."""
    return _at_member(request, visitor, member, {}, lambda desk: grant(desk, member, code))


# Entries ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EntriesContext:
    """Variables of ``hours_entries.html``."""

    bank: Bank
    rows: Sequence[EntryRow]
    paging: Paging
    search: str
    deed: str
    deeds: Sequence[tuple[str, str]]
    items: Mapping[str, str]
    form: Form
    clock: Callable[[int], str] = clock_text


@router.get("/banks/{bank_id}/entries")
def entry_list(
    request: Request, visitor: Keeper, bank_id: UUID, q: Short = "", deed: Short = ""
) -> HTMLResponse:
    """List what was booked."""
    return _entries_page(request, visitor, bank_id, (q.strip(), deed))


def _entries_page(
    request: Request, visitor: Visitor, bank_id: UUID, asked: tuple[str, str],
    form: Form | None = None, status: int = 200,
) -> HTMLResponse:  # fmt: skip
    t, (text, deed) = words_of(request), asked
    with house_of(request).store.read() as connection:
        bank = _bank(connection, visitor, bank_id)
        total, _ = entries(connection, bank_id, deed, text, Window(size=0))
        paging = paging_of(request, total)
        window = Window(offset=paging.offset, size=paging.size)
        _, rows = entries(connection, bank_id, deed, text, window)
        rules = rules_on(connection, bank_id, today_of(request))
    items = {code: item_name(each, code, t.language) for code, each in rules.items.items()}
    title = t("hours.entries.title")
    crumbs = crumbs_of(request, (bank.name, f"{HOME}/banks/{bank_id}"), (title, None))
    deeds = (("", t("hours.entries.any")), *((each, t(f"hours.deed.{each}")) for each in DEEDS))
    context = EntriesContext(bank, rows, paging, text, deed, deeds, items, form or Form())
    page = Page(title, crumbs, bank.sample)
    return render(request, "livelihood/hours_entries.html", page, context, status)


@router.get("/banks/{bank_id}/entries.{kind}")
def entry_file(
    request: Request, visitor: Keeper, bank_id: UUID, kind: Format, q: Short = "", deed: Short = ""
) -> Response:
    """Export what was booked."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        _bank(connection, visitor, bank_id)
        _, rows = entries(connection, bank_id, deed, q.strip(), Window(size=MAX_ROWS))
    names = ("at", "deed", "name", "code", "moved", "served", "note", "taken_back")
    cells = [
        (row.at, t(f"hours.deed.{row.deed}"), row.name, row.code, row.moved, row.served, row.note,
         t("hours.entries.taken_back") if row.taken_back else "")
        for row in rows
    ]  # fmt: skip
    return table_file(kind, "entries", [t(f"hours.entries.{name}") for name in names], cells)


@router.post("/banks/{bank_id}/entries/{record_id}/take-back")
def taking_back(
    request: Request, visitor: Keeper, bank_id: UUID, record_id: UUID, reason: Text = ""
) -> Response:
    """Book the reverse of an entry."""
    tried = attempt(request, visitor, {}, lambda desk: take_back(desk, record_id, reason))
    if tried.form is not None:
        return _entries_page(request, visitor, bank_id, ("", ""), tried.form, tried.status)
    return RedirectResponse(f"{HOME}/banks/{bank_id}/entries", SEE_OTHER)


# Clearing and reports -----------------------------------------------------------------------------


@dataclass(frozen=True)
class ClearingContext:
    """Variables of ``hours_clearing.html``.

    Attributes:
        rows: (bank, what it owes each other bank, what it owes on the whole).
        payments: that would settle everything: (debtor, creditor, payment).
        wrong: pairs of names whose books do not agree.
    """

    banks: Sequence[Bank]
    rows: Sequence[tuple[Bank, Sequence[int], int]]
    payments: Sequence[tuple[str, str, Payment]]
    wrong: Sequence[tuple[str, str]]
    form: Form
    may_settle: bool
    clock: Callable[[int], str] = clock_text


@router.get("/clearing")
def clearing_page(request: Request, visitor: Reporter) -> HTMLResponse:
    """Show what the banks owe each other, and what would settle it."""
    return _clearing_page(request, visitor, Form())


def _clearing_page(request: Request, visitor: Visitor, form: Form, status: int = 200) -> HTMLResponse:
    t = words_of(request)
    with house_of(request).store.read() as connection:
        known, books = banks(connection), owed(connection)
    name = {bank.id: bank.name for bank in known}
    positions = net(books)
    wrong = disagreeing(books)
    context = ClearingContext(
        banks=known,
        rows=[
            (bank, [books.get((bank.id, other.id), 0) for other in known], positions.get(bank.id, 0))
            for bank in known
        ],
        payments=[] if wrong else [
            (name[each.debtor], name[each.creditor], each) for each in payments(positions)
        ],
        wrong=[(name[one], name[other]) for one, other in wrong],
        form=form,
        may_settle=bool(known) and all(visitor.may(GOVERN, bank.region) for bank in known),
    )  # fmt: skip
    title = t("hours.clearing.title")
    page = Page(title, crumbs_of(request, (title, None)), any(bank.sample for bank in known))
    return render(request, "livelihood/hours_clearing.html", page, context, status)


@router.post("/clearing/settle")
def settling(request: Request, visitor: Governor) -> Response:
    """Settle everything between the banks."""
    tried = attempt(request, visitor, {}, settle)
    if tried.form is not None:
        return _clearing_page(request, visitor, tried.form, tried.status)
    return RedirectResponse(f"{HOME}/clearing", SEE_OTHER)


@dataclass(frozen=True)
class ReportContext:
    """Variables of ``hours_report.html``; ``option`` draws it."""

    rows: Sequence[tuple[str, ReportRow]]
    since: date
    until: date
    problem: str
    option: Mapping[str, Any] = field(default_factory=dict)
    clock: Callable[[int], str] = clock_text


@router.get("/reports")
def report_page(request: Request, visitor: Reporter, since: Short = "", until: Short = "") -> HTMLResponse:
    """Show what was served, by bank, month and category."""
    t = words_of(request)
    (start, end), problem = _period(request, since, until)
    rows, sample = _report(request, visitor, start, end)
    context = ReportContext(rows, start, end, problem, _option(rows, t("hours.report.hours")))
    page = Page(t("hours.report.title"), crumbs_of(request, (t("hours.report.title"), None)), sample)
    return render(request, "livelihood/hours_report.html", page, context)


@router.get("/reports.{kind}")
def report_file(
    request: Request, visitor: Reporter, kind: Format, since: Short = "", until: Short = ""
) -> Response:
    """Export the report."""
    t = words_of(request)
    (start, end), _ = _period(request, since, until)
    rows, _ = _report(request, visitor, start, end)
    names = ("bank", "month", "category", "services", "helpers", "minutes")
    cells = [
        (bank, row.month, row.category, row.services, row.helpers, row.served) for bank, row in rows
    ]
    return table_file(kind, "hours-report", [t(f"hours.report.{name}") for name in names], cells)


def _period(request: Request, since: str, until: str) -> tuple[tuple[date, date], str]:
    today = today_of(request)
    usual = (today - timedelta(days=365)).replace(day=1), today
    try:
        start = day_in(since, "since") if since else usual[0]
        return (start, day_in(until, "until") if until else usual[1]), ""
    except Invalid:
        return usual, words_of(request)("hours.report.unread")


def _report(
    request: Request, visitor: Visitor, since: date, until: date
) -> tuple[list[tuple[str, ReportRow]], bool]:
    with house_of(request).store.read() as connection:
        known = banks(connection, visitor.scope(REPORT).rows(BANK.c.region))
        names = {bank.id: bank.name for bank in known}
        rows = report(connection, list(names), since, until)
    return [(names[row.bank_id], row) for row in rows], any(bank.sample for bank in known)


def _option(rows: Sequence[tuple[str, ReportRow]], label: str) -> Mapping[str, Any]:
    months = sorted({row.month for _, row in rows})
    categories = sorted({row.category for _, row in rows})
    hours = {
        category: [
            round(sum(r.served for _, r in rows if (r.month, r.category) == (month, category)) / 60, 1)
            for month in months
        ]
        for category in categories
    }
    return {
        "xAxis": {"type": "category", "data": months},
        "yAxis": {"type": "value", "name": label},
        "legend": {},
        "series": [{"type": "bar", "stack": "all", "name": name, "data": data} for name, data in hours.items()],
    }
