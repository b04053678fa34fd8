"""Pages of persons: the list, the profile with its sources, consents, who looked at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi import Form as FormField
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from longmai.domains.livelihood.persons import consents
from longmai.domains.livelihood.persons.consents import Consent, Word, consents_of, under_age
from longmai.domains.livelihood.persons.jobs import desk_of
from longmai.domains.livelihood.persons.masking import shown_value
from longmai.domains.livelihood.persons.model.profile import Source, Told
from longmai.domains.livelihood.persons.queries import (
    LOOKED,
    READ,
    Act,
    Person,
    acts_of,
    became,
    household_of,
    looked_since,
    open_pairs,
    person,
    persons,
    profile_of,
)
from longmai.domains.livelihood.persons.service import REVIEW, split, undo
from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Conflict, Invalid, NotFound
from longmai.portal.accounts.forms import Form, refused
from longmai.portal.accounts.looks import look
from longmai.portal.accounts.queries import Look, looks, names_of
from longmai.portal.accounts.sign_in_pages import SEE_OTHER
from longmai.portal.export import MAX_ROWS, table_file
from longmai.portal.house import House, house_of
from longmai.portal.paging import Paging, paging_of
from longmai.portal.rendering import Page, Words, render, words_of
from longmai.portal.rights.gates import needs
from longmai.portal.rights.visitor import Visitor
from longmai.store.table_window import Window

router = APIRouter(prefix="/livelihood/persons", include_in_schema=False)

Reader = Annotated[Visitor, needs(READ)]
Text = Annotated[str, FormField(max_length=200)]
SHOWN_FOR = timedelta(minutes=30)
"""So long somebody who gave a reason sees a person in full."""
_SORTS = ("name", "birth_date", "region", "departments", "conflicts")
_SORT = f"^({'|'.join(_SORTS)})$"


@dataclass(frozen=True)
class PersonsContext:
    """Variables of ``livelihood/person_list.html``."""

    rows: Sequence[Person]
    paging: Paging
    search: str
    sort: str
    descending: bool
    pairs: int


@dataclass(frozen=True)
class ShownStatement:
    """What a source says, as this visitor may see it."""

    value: str
    source: Source


@dataclass(frozen=True)
class ShownField:
    """A field of the profile: the value that is used, and what others say.

    Attributes:
        label: in words.
        used: that counts.
        others: that say otherwise.
        agreeing: how many say the same.
        conflict: sources differ.
    """

    label: str
    used: ShownStatement
    others: Sequence[ShownStatement]
    agreeing: int
    conflict: bool


@dataclass(frozen=True)
class ProfileContext:
    """Variables of ``livelihood/person_profile.html``.

    Attributes:
        full: the visitor gave a reason to see all.
        sources: rows of files that make the profile.
        minor: a guardian consents.
    """

    person: Person
    full: bool
    fields: Sequence[ShownField]
    told_facts: Sequence[ShownField]
    sources: Sequence[Source]
    household: Sequence[Person]
    purposes: Mapping[str, bool]
    consents: Mapping[str, Consent]
    minor: bool
    acts: Sequence[Act]
    names: Mapping[str, str]
    looks: Sequence[Look]
    looks_total: int
    look_form: Form
    consent_form: Form
    split_form: Form


@dataclass(frozen=True)
class LooksContext:
    """Variables of ``livelihood/person_looks.html``."""

    person: Person
    looks: Sequence[Look]
    paging: Paging


@dataclass(frozen=True)
class _Forms:
    look: Form = field(default_factory=Form)
    consent: Form = field(default_factory=Form)
    split: Form = field(default_factory=Form)
    status: int = 200


@router.get("")
def person_list(
    request: Request,
    visitor: Reader,
    q: Annotated[str, Query(max_length=100)] = "",
    sort: Annotated[str, Query(max_length=20)] = "name",
    order: Annotated[str, Query(max_length=4)] = "asc",
) -> HTMLResponse:
    """List the persons of the visitor's regions."""
    house, t = house_of(request), words_of(request)
    scope, chosen, descending = (
        visitor.scope(READ),
        sort if sort in _SORTS else "name",
        order == "desc",
    )
    with house.store.read() as connection:
        total, _ = persons(connection, scope, q, Window(size=0))
        paging = paging_of(request, total)
        window = Window(chosen, paging.offset, paging.size, descending=descending)
        _, found = persons(connection, scope, q, window)
        pairs, _ = open_pairs(connection, visitor.scope(REVIEW), limit=0)
    crumbs = ((t("nav.home"), "/"), (t("field.livelihood"), None))
    page = Page(t("persons.title"), crumbs, sample=any(each.sample for each in found))
    context = PersonsContext(found, paging, q.strip(), chosen, descending, pairs)
    return render(request, "livelihood/person_list.html", page, context)


@router.get("/{person_id}")
def show_person(request: Request, visitor: Reader, person_id: UUID) -> Response:
    """Show a person's profile; in full only to who gave a reason."""
    try:
        return _profile_page(request, visitor, person_id)
    except NotFound:
        with house_of(request).store.read() as connection:
            now = became(connection, person_id)
        if now is None:
            raise
        return RedirectResponse(f"/livelihood/persons/{now}", SEE_OTHER)


@router.post("/{person_id}/look")
def look_at(
    request: Request,
    visitor: Annotated[Visitor, needs(LOOKED)],
    person_id: UUID,
    reason: Text = "",
) -> Response:
    """Record why the visitor looks, and show the person in full for a while."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = person(connection, person_id, visitor.scope(LOOKED))
    try:
        look(
            house.store,
            visitor,
            permission=LOOKED,
            subject=f"person:{person_id}",
            region=found.region,
            fields=["profile"],
            reason=reason,
        )
    except Invalid as error:
        form = refused(t, error, {"reason": reason}, ["reason"])
        return _profile_page(request, visitor, person_id, _Forms(look=form, status=error.status))
    return _back(person_id)


@router.post("/{person_id}/consents")
def say_consent(  # noqa: PLR0913 - the fields of the form
    request: Request,
    visitor: Reader,
    person_id: UUID,
    *,
    purpose: Text = "",
    deed: Text = "",
    given_by: Text = "self",
    way: Text = "paper",
    guardian: Text = "",
) -> Response:
    """Record that a purpose is consented to, or no longer."""
    house, t = house_of(request), words_of(request)
    word = Word(purpose, given_by, way, guardian)
    say = consents.withdraw if deed == "withdraw" else consents.give
    try:
        with house.store.begin() as work:
            say(work, desk_of(house, visitor), person_id, word)
    except (Conflict, Invalid) as error:
        typed = {"purpose": purpose, "given_by": given_by, "way": way, "guardian": guardian}
        form = refused(t, error, typed, ["given_by", "guardian"])
        return _profile_page(request, visitor, person_id, _Forms(consent=form, status=error.status))
    return _back(person_id, "consents")


@router.post("/{person_id}/split")
def split_person(
    request: Request,
    visitor: Annotated[Visitor, needs(REVIEW)],
    person_id: UUID,
    row: Annotated[list[UUID] | None, FormField()] = None,
    because: Text = "",
) -> Response:
    """Move rows that are of somebody else to a person of their own."""
    house, t = house_of(request), words_of(request)
    try:
        with house.store.begin() as work:
            split(work, desk_of(house, visitor), row or [], because)
    except (Conflict, Invalid, NotFound) as error:
        form = refused(t, error, {"because": because}, ["because"])
        return _profile_page(request, visitor, person_id, _Forms(split=form, status=error.status))
    return _back(person_id, "history")


@router.post("/{person_id}/undo/{record_id}")
def undo_act(
    request: Request,
    visitor: Annotated[Visitor, needs(REVIEW)],
    person_id: UUID,
    record_id: UUID,
) -> Response:
    """Undo a merge, a split or an undoing."""
    house, t = house_of(request), words_of(request)
    with house.store.begin() as work:
        undo(work, desk_of(house, visitor), record_id, t("persons.undo"))
    return _back(person_id, "history")


@router.get("/{person_id}/looks")
def show_looks(request: Request, visitor: Reader, person_id: UUID) -> HTMLResponse:
    """Show who looked at a person's file, for the person to read."""
    house, t = house_of(request), words_of(request)
    with house.store.read() as connection:
        found = person(connection, person_id, visitor.scope(READ))
        total, _ = looks(connection, Window(size=0), f"person:{person_id}")
        paging = paging_of(request, total)
        window = Window("at", paging.offset, paging.size)
        _, shown = looks(connection, window, f"person:{person_id}")
    crumbs = (*_crumbs(t, found), (t("persons.looks"), None))
    page = Page(t("persons.looks"), crumbs, sample=found.sample)
    return render(request, "livelihood/person_looks.html", page, LooksContext(found, shown, paging))


@router.get("/{person_id}/looks.{kind}")
def looks_file(
    request: Request, visitor: Reader, person_id: UUID, kind: Literal["csv", "xlsx"]
) -> Response:
    """Return who looked at a person's file as a sheet, to hand over."""
    t = words_of(request)
    with house_of(request).store.read() as connection:
        person(connection, person_id, visitor.scope(READ))
        _, found = looks(connection, Window("at", size=MAX_ROWS), f"person:{person_id}")
    headings = [t(f"looks.{name}") for name in ("at", "by", "reason")]
    return table_file(kind, "looks", headings, [(f.at, f.by_name, f.reason) for f in found])


def may_see(house: House, visitor: Visitor, person_id: UUID) -> bool:
    """Tell whether a visitor gave a reason, a short while ago, to see a person in full."""
    since = house.clock.now() - SHOWN_FOR
    with house.store.read() as connection:
        return looked_since(connection, visitor.actor, f"person:{person_id}", since)


def _profile_page(
    request: Request, visitor: Visitor, person_id: UUID, forms: _Forms | None = None
) -> HTMLResponse:
    house, t, forms = house_of(request), words_of(request), forms or _Forms()
    scope, full = visitor.scope(READ), may_see(house, visitor, person_id)
    with house.store.read() as connection:
        found = person(connection, person_id, scope)
        told = profile_of(connection, person_id)
        happened = acts_of(connection, person_id)
        total, last = looks(connection, Window("at", size=3), f"person:{person_id}")
        context = ProfileContext(
            person=found,
            full=full,
            fields=[_shown(t, each, full=full) for each in told if each.identity],
            told_facts=[_shown(t, each, full=full) for each in told if not each.identity],
            sources=_sources(told),
            household=household_of(connection, found, scope),
            purposes=consents.PURPOSES,
            consents=consents_of(connection, person_id),
            minor=under_age(found.birth_date, beijing_day(house.clock.now())),
            acts=happened,
            names=names_of(connection, {each.actor for each in happened}),
            looks=last,
            looks_total=total,
            look_form=forms.look,
            consent_form=forms.consent,
            split_form=forms.split,
        )
    page = Page(
        found.name or t("persons.nameless"), _crumbs(t, found, last=True), sample=found.sample
    )
    response = render(request, "livelihood/person_profile.html", page, context, forms.status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _shown(t: Words, told: Told, *, full: bool) -> ShownField:
    label = t(f"persons.field.{told.key}") if told.identity else told.key

    def say(value: str) -> str:
        return shown_value(t, told.key, value, identity=told.identity, full=full)

    differing = told.differing
    return ShownField(
        label,
        ShownStatement(say(told.used.value), told.used.source),
        [ShownStatement(say(each.value), each.source) for each in differing],
        len(told.others) - len(differing),
        told.conflict,
    )


def _sources(told: Sequence[Told]) -> list[Source]:
    found = {each.source.row_id: each.source for said in told for each in (said.used, *said.others)}
    return sorted(found.values(), key=lambda each: (each.as_of, each.department, each.row_id))


def _back(person_id: UUID, part: str = "") -> RedirectResponse:
    anchor = f"#{part}" if part else ""
    return RedirectResponse(f"/livelihood/persons/{person_id}{anchor}", SEE_OTHER)


def _crumbs(t: Words, found: Person, *, last: bool = False) -> tuple[tuple[str, str | None], ...]:
    own = None if last else f"/livelihood/persons/{found.id}"
    return (
        (t("nav.home"), "/"),
        (t("persons.title"), "/livelihood/persons"),
        (found.name or t("persons.nameless"), own),
    )
