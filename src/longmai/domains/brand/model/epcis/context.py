"""What a JSON-LD ``@context`` declares: the names extension fields may use.

Only what the document itself says is read. A context at another address is never fetched: a
prefix it might declare is let pass, a bare name is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from longmai.domains.brand.model.epcis.findings import Findings

# Prefixes the EPCIS context itself declares (EPCIS 2.0 §10.2, epcis-context.jsonld).
STANDARD_PREFIXES = frozenset({"cbv", "cbvmda", "dcterms", "epcis", "gs1", "owl", "rdfs", "xsd"})
# A field may also be named by a whole URI.
_URI_SCHEMES = frozenset({"http", "https", "urn"})
_STANDARD_FILE = "epcis-context.jsonld"
_EXAMPLE = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


@dataclass(frozen=True)
class Context:
    """Names that stand for URIs in a document or an event.

    Attributes:
        names: prefixes and terms declared here or further out.
        any_name: a default vocabulary (``@vocab``) gives every bare name a namespace.
        elsewhere: a context at an address we do not know may declare more prefixes.
    """

    names: frozenset[str] = STANDARD_PREFIXES
    any_name: bool = False
    elsewhere: bool = False

    def knows_prefix(self, prefix: str) -> bool:
        """Tell whether a prefix of ``prefix:name`` stands for something."""
        return prefix in self.names or prefix in _URI_SCHEMES or self.elsewhere

    def knows_term(self, name: str) -> bool:
        """Tell whether a bare name stands for a URI by a declaration in the document."""
        return (self.any_name or name in self.names) and name[:1] != "@"


def read_context(value: Any, place: str, outer: Context, findings: Findings) -> Context:
    """Return what a ``@context`` declares, on top of what was declared further out."""
    entries = value if isinstance(value, list) else [value]
    if not entries or entries in ([{}], [""]):
        findings.add(place, "@context is empty", code="context", mend=f'write "{_EXAMPLE}"')
    context = outer
    for entry_place, entry in _places(value, place):
        context = _with_entry(context, entry, entry_place, findings)
    return context


def _places(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, list):
        yield place, value
        return
    for i, entry in enumerate(value):
        yield f"{place}[{i}]", entry


def _with_entry(context: Context, entry: Any, place: str, findings: Findings) -> Context:
    if isinstance(entry, str):
        if ":" not in entry and entry:
            findings.add(
                place,
                "a context is named by its address",
                code="context",
                value=entry,
                mend=f"write a URI like {_EXAMPLE}",
            )
        return context if entry.endswith(_STANDARD_FILE) else replace(context, elsewhere=True)
    if not isinstance(entry, dict):
        findings.add(
            place,
            "a context is an address or an object of prefixes",
            code="context",
            value=entry,
            mend='write {"example": "https://ns.example.com/epcis/"}',
        )
        return context
    for name, meaning in entry.items():
        _check_meaning(name, meaning, f"{place}.{name}", findings)
    names = {name for name, meaning in entry.items() if name[:1] != "@" and meaning is not None}
    return replace(
        context,
        names=context.names | names,
        any_name=context.any_name or isinstance(entry.get("@vocab"), str),
        elsewhere=context.elsewhere or isinstance(entry.get("@import"), str),
    )


def _check_meaning(name: str, meaning: Any, place: str, findings: Findings) -> None:
    if name[:1] == "@" or meaning is None or isinstance(meaning, dict):
        return
    if not isinstance(meaning, str) or not (":" in meaning or meaning[:1] == "@"):
        findings.add(
            place,
            "a prefix stands for a URI",
            code="context.prefix",
            value=meaning,
            mend="write its namespace, like https://ns.example.com/epcis/",
        )
