"""Links that a resolver gives for a thing (GS1-Conformant Resolver 1.1), from its master data.

A link stands in the master data of a product, place or party as an attribute whose name is a term
of the GS1 Web Vocabulary and whose value is an address, or an object with ``href`` and, where
known, ``title``, ``type`` and ``hreflang``; a list holds several.

>>> told = {"https://gs1.org/voc/pip": {"href": "https://example.com/a", "hreflang": "en"}}
>>> links = links_in(told)
>>> links[0].type, links[0].languages
('pip', ('en',))
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

VOCABULARY = "https://gs1.org/voc/"
_PREFIXES = (VOCABULARY, "https://www.gs1.org/voc/", "http://gs1.org/voc/", "gs1:")
DEFAULT = "defaultLink"


@dataclass(frozen=True)
class Link:
    """A link of a thing.

    Attributes:
        type: bare name of its type.
        href: where it leads.
        title: what is there.
        media: media type of what is there.
        languages: in which it is; none: in no particular one.
    """

    type: str
    href: str
    title: str = ""
    media: str = ""
    languages: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return it as a target of a linkset (RFC 9264)."""
        found: dict[str, Any] = {"href": self.href, "title": self.title, "type": self.media}
        if self.languages:
            found["hreflang"] = list(self.languages)
        return {name: value for name, value in found.items() if value}


def bare_type(name: str) -> str:
    """Return the bare name of a link type, whatever notation it is in; other URIs as they are.

    >>> bare_type("gs1:pip"), bare_type("https://gs1.org/voc/pip"), bare_type("all")
    ('pip', 'pip', 'all')
    """
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def links_in(attributes: Mapping[str, Any]) -> list[Link]:
    """Return the links that master data names."""
    return [link for name, value in attributes.items() for link in _links(name, value)]


def _links(name: str, value: Any) -> Iterator[Link]:
    kind = bare_type(name)
    if kind == name:
        return
    for each in value if isinstance(value, list) else [value]:
        told: Any = each if isinstance(each, Mapping) else {"href": each}
        href = _plain(told, "href")
        # A link of another scheme could run something in who follows it.
        if urlsplit(href).scheme in {"http", "https"}:
            languages = told.get("hreflang", ())
            listed = [languages] if isinstance(languages, str) else list(languages)
            yield Link(
                kind, href, _plain(told, "title"), _plain(told, "type"), tuple(map(str, listed))
            )


def _plain(told: Mapping[str, Any], name: str) -> str:
    # Attributes that came through XML have their prefix, or an @ before their name.
    for key, value in told.items():
        if key.rpartition(":")[2].lstrip("@") == name and isinstance(value, str):
            return value
    return ""


def chosen(links: Sequence[Link], wanted: str, languages: Iterable[str]) -> Link | None:
    """Return the link of a type that fits a reader's languages best; None: there is none.

    >>> links = [Link("pip", "https://a", languages=("en",)), Link("pip", "https://b")]
    >>> chosen(links, "pip", ["de", "en"]).href, chosen(links, "pip", ["fr"]).href
    ('https://a', 'https://b')
    """
    fitting = [link for link in links if link.type == wanted]
    for language in languages:
        for link in fitting:
            if any(_speaks(each, language) for each in link.languages):
                return link
    unspoken = [link for link in fitting if not link.languages]
    return next(iter(unspoken or fitting), None)


def _speaks(offered: str, wanted: str) -> bool:
    return offered.lower().partition("-")[0] == wanted.lower().partition("-")[0]


def linkset(anchor: str, title: str, links: Sequence[Link]) -> dict[str, Any]:
    """Return links as ``application/linkset+json`` (RFC 9264)."""
    told: dict[str, Any] = {"anchor": anchor}
    if title:
        told["itemDescription"] = title
    for link in links:
        told.setdefault(VOCABULARY + link.type, []).append(link.told())
    return {"linkset": [told]}
