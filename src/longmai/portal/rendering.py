"""Pages: a template, a typed context and the words of the request's language."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, select_autoescape
from jinja2.loaders import BaseLoader, ChoiceLoader
from sqlalchemy.exc import SQLAlchemyError

from longmai.kernel.clock import BEIJING
from longmai.kernel.errors import Invalid, LongmaiError, NotFound
from longmai.kernel.i18n import LANGUAGES
from longmai.portal.house import House, house_of
from longmai.portal.language import COOKIE, COOKIE_SECONDS, language_of
from longmai.portal.rights.gates import visitor_of
from longmai.portal.rights.visitor import Visitor

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
SIZE_COOKIE = "longmai_size"
SIZES = ("normal", "large")


@dataclass(frozen=True)
class Page:
    """What the layout shows around a page's own content.

    Attributes:
        title: of the window and of the page, in words.
        breadcrumbs: (label, address or None) from the home page down.
        sample: whether the page shows sample data, which it then says.
    """

    title: str
    breadcrumbs: tuple[tuple[str, str | None], ...] = ()
    sample: bool = False


@dataclass(frozen=True)
class Words:
    """The words of one language, callable as ``t(key, **values)``."""

    house: House
    language: str = field(default="zh")

    def __call__(self, key: str, **values: Any) -> str:
        """Translate a key."""
        return self.house.catalogue.translate(self.language, key, **values)


def words_of(request: Request) -> Words:
    """Return the words of the request's language."""
    return Words(house_of(request), language_of(request))


def render(
    request: Request, template: str, page: Page, context: Any = None, status: int = 200
) -> HTMLResponse:
    """Render a template with the layout's context and the page's own typed context.

    Args:
        request: the request, which decides the language.
        template: ``home.html`` for the portal's own, ``<slug>/name.html`` for a domain's, the
            accounts' or the tables'.
        page: title, breadcrumbs, sample mark.
        context: a dataclass; its fields are the template's variables.
        status: HTTP status.
    """
    house, language = house_of(request), language_of(request)
    shared = {
        "page": page,
        "language": language,
        "languages": LANGUAGES,
        "t": Words(house, language),
        "knows": house.catalogue.has,
        "static": static_address,
        "request_path": request.url.path,
        "nav": _navigation(house, language, request.url.path),
        "local_time": local_time,
        "with_query": partial(_with_query, request),
        "query": lambda: f"?{request.url.query}" if request.url.query else "",
        "region_name": partial(_region_name, house, language),
        "visitor": _shown_visitor(request),
        "size": size_of(request),
    }
    html = environment(house).get_template(template).render(shared | _variables(context))
    response = HTMLResponse(html, status_code=status)
    response.headers["Content-Language"] = "zh-CN" if language == "zh" else "en"
    response.headers["Vary"] = "Cookie, Accept-Language"
    if request.query_params.get("size") in SIZES:
        response.set_cookie(
            SIZE_COOKIE, size_of(request), max_age=COOKIE_SECONDS, samesite="lax", httponly=True
        )
    if request.query_params.get("lang") == language:
        response.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, samesite="lax", httponly=True)
    return response


def environment(house: House) -> Environment:
    """Return the template environment of the house's domains."""
    return _environment(tuple((each.slug, each.rooms("templates")) for each in house.domains))


@cache
def _environment(rooms: tuple[tuple[str, tuple[Path, ...]], ...]) -> Environment:
    own = ("accounts", "policies", "rule_tables", "simulation")
    of_rooms: Mapping[str, BaseLoader] = {
        **{name: FileSystemLoader(FOLDER / name / "templates") for name in own},
        **{slug: FileSystemLoader(folders) for slug, folders in rooms},
    }
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(FOLDER / "templates"), PrefixLoader(of_rooms)]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def static_address(path: str) -> str:
    """Return the address of a static file, with its digest so that browsers may keep it."""
    file = STATIC / path
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "missing"
    return f"/static/{path}?v={digest}"


def local_time(instant: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    """Write an instant in Beijing time.

    >>> from datetime import UTC
    >>> local_time(datetime(2025, 10, 1, 18, 30, tzinfo=UTC))
    '2025-10-02 02:30'
    """
    return instant.astimezone(BEIJING).strftime(form)


def size_of(request: Request) -> str:
    """Return the size of type asked for: ``large`` is what elder people read easily."""
    for wish in (request.query_params.get("size"), request.cookies.get(SIZE_COOKIE)):
        if wish in SIZES:
            return wish
    return SIZES[0]


def _shown_visitor(request: Request) -> Visitor | None:
    # A page that says what went wrong must not fail because nobody knows who asked.
    try:
        return visitor_of(request)
    except (LongmaiError, SQLAlchemyError):
        return None


def _region_name(house: House, language: str, code: str) -> str:
    try:
        return house.regions.path_name(code, language)
    except (Invalid, NotFound):
        return code


def _variables(context: Any) -> dict[str, Any]:
    if context is None:
        return {}
    if not is_dataclass(context):
        raise TypeError("a page's context is a dataclass")
    return {each.name: getattr(context, each.name) for each in fields(context)}


def _navigation(house: House, language: str, path: str) -> list[tuple[str, str, bool]]:
    t = partial(house.catalogue.translate, language)
    doors = [(t("nav.home"), "/", path == "/")]
    for domain in house.domains:
        slug = domain.slug
        address = next(iter(domain.cells.values()), f"/{slug}")
        if domain.entrances:
            address = f"/fields/{slug}"
        here = path.startswith((f"/{slug}", f"/fields/{slug}"))
        doors.append((t(f"field.{slug}"), address, here))
    doors.append((t("nav.ledger"), "/ledger", path.startswith("/ledger")))
    return doors


def _with_query(request: Request, **changes: Any) -> str:
    kept = dict(request.query_params) | {k: str(v) for k, v in changes.items() if v is not None}
    for key, value in changes.items():
        if value is None:
            kept.pop(key, None)
    return str(request.url.replace_query_params(**kept).replace(scheme="", netloc="")) or "/"
