"""Which language a page speaks: ``?lang=``, else the cookie, else the browser's wish."""

from fastapi import Request

from longmai.kernel.i18n import LANGUAGES, Language, preferred
from longmai.portal.house import house_of

COOKIE = "longmai_lang"
COOKIE_SECONDS = 365 * 24 * 3600


def language_of(request: Request) -> Language:
    """Return the language this request asked for, by query, cookie or header."""
    for wish in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        for language in LANGUAGES:
            if wish == language:
                return language
    default = house_of(request).settings.language
    return preferred(request.headers.get("accept-language", ""), default)
