"""Checks of single values, and of objects by a table of their fields.

A check takes the state of the reading, a value and its place, and notes what is wrong.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from longmai.domains.brand.model.cbv import Vocabulary
from longmai.domains.brand.model.epcis.context import Context
from longmai.domains.brand.model.epcis.findings import Advice, Findings, note


@dataclass
class Reading:
    """Where a reading of a document stands.

    Attributes:
        findings: faults so far.
        context: names declared where the reading is.
        advice: what is no fault.
    """

    findings: Findings = field(default_factory=Findings)
    context: Context = field(default_factory=Context)
    advice: Advice = field(default_factory=Advice)


Check = Callable[[Reading, Any, str], None]

# RFC 3986 with the letters RFC 3987 adds: a JSON-LD identifier is an IRI.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[^\s<>\"{}|\\^`%\x00-\x1f]|%[0-9A-Fa-f]{2})+")
# xsd:dateTimeStamp: as RFC 3339 writes it; the fraction may be of any length.
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)
_UOM = re.compile(r"[A-Z0-9]{2,3}", re.ASCII)
_HEX = re.compile(r"[A-Fa-f0-9]+", re.ASCII)
_VERSION = re.compile(r"2(?:\.\d+)*", re.ASCII)
_NEAR = 0.7  # likeness from which a wrong field name is taken for a slip of a known one
_LONGEST_NAME = 64  # of an overlong name, this much is compared
_DATE_FORMAT = "2025-10-01T08:00:00+08:00"


@dataclass(frozen=True)
class Shape:
    """An object of the standard, as a table of its fields.

    Attributes:
        name: what messages call it, with its article.
        fields: check by field name.
        required: fields that must be there.
        open: fields of a namespace of one's own may stand beside.
    """

    name: str
    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()
    open: bool = True

    def __call__(self, reading: Reading, value: Any, place: str) -> None:
        """Check a value to be such an object."""
        if not isinstance(value, dict):
            _not_a(reading, value, place, f"{self.name} is an object", "write {…}")
            return
        prefix = f"{place}." if place else ""
        for key, item in value.items():
            check = self.fields.get(key)
            if check is None:
                self._check_extension(reading, key, place)
            else:
                check(reading, item, prefix + key)
        for key in self.required:
            if key not in value:
                reading.findings.add(
                    prefix + key, f"{self.name} needs {key}", code="missing", mend=f"add {key}"
                )

    def _check_extension(self, reading: Reading, key: str, place: str) -> None:
        full = f"{place}.{key}" if place else key
        namespace, colon, _ = key.partition(":")
        if colon and not self.open:
            reading.findings.add(
                full,
                f"{self.name} has no extension fields",
                code="field.closed",
                mend="put it beside, on the event",
            )
        elif colon and not _URI.fullmatch(key):
            reading.findings.add(
                full, "this is not a field name", code="field.name", mend="write prefix:name"
            )
        elif colon and not reading.context.knows_prefix(namespace):
            reading.findings.add(
                full,
                f"the prefix {namespace!r} is not declared",
                code="field.prefix",
                mend=f'declare it: "@context": [{{"{namespace}": "https://…/"}}]',
            )
        elif not colon and not (self.open and reading.context.knows_term(key)):
            reading.findings.add(
                full,
                f"{self.name} has no field {key!r}"
                if self.fields
                else f"a field of {self.name} has a namespace",
                code="field.unknown",
                mend=self._mend(key),
            )

    def _mend(self, key: str) -> str:
        name = key.lstrip("@")[:_LONGEST_NAME]
        near = get_close_matches(name, sorted(self.fields), n=1, cutoff=_NEAR)
        if near:
            return f"write {near[0]}"
        if self.open:
            return f"give it a namespace (prefix:{key}, the prefix declared in @context)"
        return "write one of " + ", ".join(sorted(self.fields))


def _not_a(reading: Reading, value: Any, place: str, what: str, mend: str) -> None:
    if value is None:
        mend = "leave the field out"
    reading.findings.add(
        place, what, code="type", value="null" if value is None else value, mend=mend
    )


def uri(reading: Reading, value: Any, place: str) -> None:
    """Check a URI, or a CURIE, which has the same form."""
    if not isinstance(value, str):
        _not_a(reading, value, place, "this is a URI", "write it as a string")
    elif not _URI.fullmatch(value):
        reading.findings.add(
            place,
            "this is not a URI",
            code="uri",
            value=value,
            mend="write a GS1 key (urn:epc:id:… or https://id.gs1.org/…) or another URI",
        )


def text(reading: Reading, value: Any, place: str) -> None:
    """Check a string."""
    if not isinstance(value, str):
        _not_a(reading, value, place, "this is text", "write it in quotation marks")


def boolean(reading: Reading, value: Any, place: str) -> None:
    """Check true or false."""
    if not isinstance(value, bool):
        _not_a(reading, value, place, "this is true or false", "write true or false")


def number(reading: Reading, value: Any, place: str) -> None:
    """Check a JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        _not_a(reading, value, place, "this is a number", "write it in digits, without quotes")


def anything(reading: Reading, value: Any, place: str) -> None:
    """Take any JSON value."""


def hexadecimal(reading: Reading, value: Any, place: str) -> None:
    """Check xsd:hexBinary."""
    _pattern(reading, value, place, _HEX, "this is hexadecimal", "write digits and a to f")


def uom(reading: Reading, value: Any, place: str) -> None:
    """Check the form of a UN/CEFACT Recommendation 20 code."""
    _pattern(
        reading,
        value,
        place,
        _UOM,
        "a unit is a code of UN/CEFACT Recommendation 20",
        "write 2 or 3 capitals or digits: KGM for kilograms, CEL for °C",
    )


def offset(reading: Reading, value: Any, place: str) -> None:
    """Check an offset from UTC, -14:00 to +14:00."""
    _pattern(
        reading,
        value,
        place,
        _OFFSET,
        "this is not an offset from UTC",
        "write it like +08:00",
    )


def version(reading: Reading, value: Any, place: str) -> None:
    """Check the version of the standard: 2.x, the first with a JSON form."""
    _pattern(reading, value, place, _VERSION, "EPCIS in JSON is of version 2", 'write "2.0"')


def _pattern(  # a table row, not a call to remember
    reading: Reading, value: Any, place: str, pattern: re.Pattern[str], what: str, mend: str
) -> None:
    if not isinstance(value, str):
        _not_a(reading, value, place, what, mend)
    elif not pattern.fullmatch(value):
        reading.findings.add(place, what, code="format", value=value, mend=mend)


def time(reading: Reading, value: Any, place: str) -> None:
    """Check xsd:dateTimeStamp: a date and time with its offset."""
    _time(reading, value, place, zone=True)


def local_time(reading: Reading, value: Any, place: str) -> None:
    """Check xsd:dateTime: the offset may be missing (EPCIS 2.0 context: creationDate)."""
    _time(reading, value, place, zone=False)


def _time(reading: Reading, value: Any, place: str, *, zone: bool) -> None:
    if not isinstance(value, str):
        _not_a(reading, value, place, "this is a date and time", f"write {_DATE_FORMAT!r}")
        return
    match = _TIME.fullmatch(value)
    if match and zone and not match[4]:
        reading.findings.add(
            place,
            "the time has no offset from UTC",
            code="time.zone",
            value=value,
            mend=f"write it like {_DATE_FORMAT}",
        )
    elif not match or instant(value) is None:
        reading.findings.add(
            place,
            "this is not a date and time",
            code="time",
            value=value,
            mend=f"write it like {_DATE_FORMAT}",
        )


def instant(value: str) -> datetime | None:
    """Return the UTC instant of a checked time, None where the calendar has no such time.

    More than six decimals are cut: a microsecond is the finest we keep.

    >>> instant("2005-04-03T20:33:31.1161234-06:00")
    datetime.datetime(2005, 4, 4, 2, 33, 31, 116123, tzinfo=datetime.timezone.utc)
    >>> instant("2025-02-30T00:00:00Z")
    """
    match = _TIME.fullmatch(value)
    if match is None:
        return None
    date, clock, fraction, zone = match.groups()
    offset_text = "+00:00" if zone in {None, "Z", "z"} else zone
    try:
        local = f"{date}T{clock}.{(fraction or '')[:6]:0<6}{offset_text}"
        return datetime.fromisoformat(local).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def word(vocabulary: Vocabulary) -> Check:
    """Return a check for a standard word, or a URI of somebody's own vocabulary."""

    def check(reading: Reading, value: Any, place: str) -> None:
        if value.__class__ is str and value in vocabulary.words:
            return
        if not isinstance(value, str):
            _not_a(reading, value, place, f"a {vocabulary.name} is a word or a URI", "write a word")
            return
        claimed = vocabulary.word_in(value)
        if claimed is None:
            uri(reading, value, place)
        elif claimed not in vocabulary.words:
            _tell_unknown_word(reading, vocabulary, value, claimed, place)

    return check


def _tell_unknown_word(
    reading: Reading, vocabulary: Vocabulary, value: str, claimed: str, place: str
) -> None:
    fault = note(
        place,
        f"CBV 2.0 has no such {vocabulary.name}",
        code="cbv",
        value=value,
        mend=vocabulary.suggestion(claimed),
    )
    if vocabulary.grows:
        reading.advice.add(fault)
    else:
        reading.findings.add_fault(fault)


def one_of(what: str, *words: str) -> Check:
    """Return a check for one of a closed list of words."""

    def check(reading: Reading, value: Any, place: str) -> None:
        if not isinstance(value, str) or value not in words:
            _not_a(reading, value, place, f"this is not {what}", "write " + " or ".join(words))

    return check


def list_of(check: Check, *, least: int = 0, unique: bool = False) -> Check:
    """Return a check for a list.

    Args:
        check: check of each member.
        least: how many members there are at least.
        unique: no member stands twice.
    """

    def check_list(reading: Reading, value: Any, place: str) -> None:
        if not isinstance(value, list):
            _not_a(reading, value, place, "this is a list", "write it in [ ]")
            return
        if len(value) < least:
            reading.findings.add(
                place, "the list is empty", code="empty", mend="fill it, or leave the field out"
            )
        for i, item in enumerate(value):
            check(reading, item, f"{place}[{i}]")
        if unique:
            _check_unique(reading, value, place)

    return check_list


def _check_unique(reading: Reading, members: list[Any], place: str) -> None:
    first: dict[str, int] = {}
    for i, member in enumerate(members):
        if isinstance(member, str) and first.setdefault(member, i) != i:
            reading.findings.add(
                f"{place}[{i}]",
                f"this stands in the list already, at [{first[member]}]",
                code="twice",
                value=member,
                mend="leave it out here",
            )
