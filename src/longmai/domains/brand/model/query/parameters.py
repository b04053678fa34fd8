"""The parameters of an event query, read and checked (EPCIS 2.0 §8.2.7.1).

>>> query = read_query({"EQ_bizStep": ["shipping"], "GE_eventTime": "2025-10-01T00:00:00Z"})
>>> [(c.family, c.name, c.operator) for c in query.conditions]
[('column', 'biz_step', 'EQ'), ('column', 'event_time', 'GE')]
>>> read_query({"EQ_bizStp": ["shipping"]})
Traceback (most recent call last):
    ...
longmai.domains.brand.model.query.parameters.QueryFault: EQ_bizStp: there is no such parameter; ...
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Literal

from longmai.domains.brand.model import cbv
from longmai.domains.brand.model.epcis.check import instant
from longmai.domains.brand.model.epcis.xml_fields import ORDER, SENSOR_NUMBERS, SENSOR_WORDS
from longmai.domains.brand.model.gs1_patterns import pattern_of
from longmai.domains.brand.model.query.facts import Names, canonical
from longmai.domains.brand.model.query.units import measure
from longmai.kernel.errors import Invalid

Operator = Literal["EQ", "GT", "GE", "LT", "LE", "EXISTS"]
Value = str | float | datetime
MAX_VALUES = 500
MAX_CONDITIONS = 100
_NOTHING: tuple[Value, ...] = ()
EVENT_TYPES = tuple(ORDER)
_ACTIONS = ("ADD", "OBSERVE", "DELETE")


class QueryFault(Invalid):
    """A parameter of a query cannot be used."""

    status = 400
    default_code = "epcis.query.parameter"


@dataclass(frozen=True)
class Condition:
    """One thing an event must fulfil.

    Attributes:
        family: ``column`` (of the event), ``things`` (it names), ``within`` (a place or what lies
            in it), ``quantity``, ``hasattr``, ``eqattr`` (of master data), or a family of facts.
        name: of the column, the fact, or the field.
        operator: of the comparison.
        values: one of them must fit.
        also: a second name: that of the attribute in ``eqattr``.
    """

    family: str
    name: str
    operator: Operator
    values: tuple[Value, ...] = _NOTHING
    also: str = ""


@dataclass(frozen=True)
class EventQuery:
    """A query for events.

    Attributes:
        conditions: all must be fulfilled.
        order_by: ``eventTime``, ``recordTime``, the name of an extension field, or empty: in the
            order they were recorded.
        descending: the greatest first.
        count_limit: at most so many events; None: all.
        max_count: with more events than this the query fails; None: it never does.
    """

    conditions: tuple[Condition, ...] = ()
    order_by: str = ""
    descending: bool = True
    count_limit: int | None = None
    max_count: int | None = None


def read_query(given: Mapping[str, Any], namespaces: Mapping[str, str] | None = None) -> EventQuery:
    """Read the parameters of a query.

    Args:
        given: values by name; a list, or one value. ``@context`` declares prefixes.
        namespaces: prefixes declared elsewhere, as by the header ``GS1-Extensions``.

    Raises:
        QueryFault: a parameter that there is not, or whose value cannot be.
    """
    names = Names.of(dict(namespaces or {}), given.get("@context"))
    told = {name: value for name, value in given.items() if name not in {"@context", "type"}}
    if len(told) > MAX_CONDITIONS:
        raise QueryFault("the query has too many parameters", value=len(told))
    controls = {name: told.pop(name) for name in list(told) if name in _CONTROLS}
    conditions = tuple(_condition(name, value, names) for name, value in told.items())
    query = EventQuery(conditions, **_controls(controls, names))
    if query.count_limit is not None and query.max_count is not None:
        raise QueryFault(
            "eventCountLimit and maxEventCount exclude each other",
            place="maxEventCount",
            mend="leave one of them out",
        )
    return query


def _condition(name: str, given: Any, names: Names) -> Condition:
    fixed = _FIXED.get(name)
    if fixed is not None:
        read, family, column, operator = fixed
        return Condition(
            family, column, operator, tuple(read(name, each) for each in _many(name, given))
        )
    for pattern, make in _PATTERNS:
        match = pattern.fullmatch(name)
        if match:
            return make(match, _many(name, given), names)
    raise _unknown(name)


def _unknown(name: str) -> QueryFault:
    near = get_close_matches(name[:80], [*_FIXED, *_CONTROLS], n=1)
    mend = f"write {near[0]}" if near else "a field of your own is named prefix:name"
    return QueryFault("there is no such parameter", place=name[:200], mend=mend)


def _many(name: str, given: Any) -> Sequence[Any]:
    many = given if isinstance(given, list | tuple) else [given]
    if len(many) > MAX_VALUES:
        raise QueryFault(f"a parameter has at most {MAX_VALUES} values", place=name)
    return many


# Values -------------------------------------------------------------------------------------------


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float) or value == "":
        raise QueryFault("this is no text", place=name, value=value)
    return str(value)


def _time(name: str, value: Any) -> datetime:
    moment = instant(value) if isinstance(value, str) else None
    if moment is None or not re.search(r"(?:[Zz]|[+-]\d\d:\d\d)$", str(value)):
        raise QueryFault(
            "this is not a date and time with its offset",
            place=name,
            value=value,
            mend="write it like 2025-10-01T08:00:00+08:00",
        )
    return moment


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(value, bool) or not abs(number) < float("inf"):
        raise QueryFault("this is not a number", place=name, value=value)
    return number


def _key(name: str, value: Any) -> str:
    return canonical(_text(name, value))


def _pattern(name: str, value: Any) -> str:
    text = _text(name, value)
    try:
        return canonical(text) if pattern_of(text) is None else text
    except Invalid as fault:
        raise QueryFault(fault.what, place=name, value=text, mend=fault.mend) from None


def _one_of(allowed: Sequence[str], *, uris: bool = False) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        text = _text(name, value)
        if text in allowed or (uris and ":" in text):
            return text
        raise QueryFault(
            "this value cannot be", place=name, value=text, mend="write " + " or ".join(allowed)
        )

    return read


def _word(vocabulary: cbv.Vocabulary) -> Callable[[str, Any], str]:
    return lambda name, value: vocabulary.bare(_text(name, value))


def _flexible(name: str, value: Any) -> Value:
    """Return what an extension field is compared with: a number, a time, or a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return float(value)
    text = _text(name, value)
    moment = instant(text)
    if moment is not None:
        return moment
    try:
        number = float(text)
    except ValueError:
        return text
    return number if abs(number) < float("inf") else text


def _anything(_name: str, value: Any) -> str:
    return str(value)


_Fixed = tuple[Callable[[str, Any], Value], str, str, Operator]


def _of_events() -> dict[str, _Fixed]:
    found: dict[str, _Fixed] = {
        "eventType": (_one_of(EVENT_TYPES, uris=True), "column", "type", "EQ"),
        "EQ_action": (_one_of(_ACTIONS), "column", "action", "EQ"),
        "EQ_bizStep": (_word(cbv.BIZ_STEP), "column", "biz_step", "EQ"),
        "EQ_disposition": (_word(cbv.DISPOSITION), "column", "disposition", "EQ"),
        "EQ_setPersistentDisposition": (_word(cbv.DISPOSITION), "disposition", "set", "EQ"),
        "EQ_unsetPersistentDisposition": (_word(cbv.DISPOSITION), "disposition", "unset", "EQ"),
        "EQ_readPoint": (_key, "column", "read_point", "EQ"),
        "EQ_bizLocation": (_key, "column", "biz_location", "EQ"),
        "WD_readPoint": (_key, "within", "read_point", "EQ"),
        "WD_bizLocation": (_key, "within", "biz_location", "EQ"),
        "EQ_transformationID": (_text, "column", "transformation_id", "EQ"),
        "EQ_eventID": (_text, "column", "event_id", "EQ"),
        "EXISTS_errorDeclaration": (_anything, "error", "declarationTime", "EXISTS"),
        "EQ_errorReason": (_word(cbv.ERROR_REASON), "error", "reason", "EQ"),
        "EQ_correctiveEventID": (_text, "error", "correctiveEventID", "EQ"),
        "EXISTS_sensorElementList": (_anything, "sensor", "", "EXISTS"),
        "EXISTS_ilmd": (_anything, "ilmd", "", "EXISTS"),
    }
    for role in ("epc", "parentID", "inputEPC", "outputEPC", "anyEPC"):
        found[f"MATCH_{role}"] = (_pattern, "things", role, "EQ")
    for role in ("epcClass", "inputEPCClass", "outputEPCClass", "anyEPCClass"):
        found[f"MATCH_{role}"] = (_pattern, "things", role, "EQ")
    return found


def _of_amounts() -> dict[str, _Fixed]:
    found: dict[str, _Fixed] = {}
    bounds: tuple[Operator, ...] = ("GE", "LT")
    for operator in bounds:
        for field, column in (("eventTime", "event_time"), ("recordTime", "recorded_at")):
            found[f"{operator}_{field}"] = (_time, "column", column, operator)
        found[f"{operator}_errorDeclarationTime"] = (_time, "error", "declarationTime", operator)
        for field in ("time", "startTime", "endTime"):
            found[f"{operator}_{field}"] = (_time, "sensor", field, operator)
    comparisons: tuple[Operator, ...] = ("EQ", "GT", "GE", "LT", "LE")
    for operator in comparisons:
        found[f"{operator}_quantity"] = (_number, "quantity", "", operator)
    return found


def _of_sensors() -> dict[str, _Fixed]:
    found: dict[str, _Fixed] = {}
    for field in _SENSOR_URIS:
        found[f"EQ_{field}"] = (_key, "sensor", field, "EQ")
    for field in ("stringValue", "hexBinaryValue", "booleanValue"):
        found[f"EQ_{field}"] = (_text, "sensor", field, "EQ")
    for field, vocabulary in SENSOR_WORDS.items():
        found[f"EQ_{field}"] = (_word(vocabulary), "sensor", field, "EQ")
    return found


_SENSOR_URIS = (
    "deviceID",
    "deviceMetadata",
    "rawData",
    "dataProcessingMethod",
    "bizRules",
    "microorganism",
    "chemicalSubstance",
    "coordinateReferenceSystem",
    "uriValue",
)
_FIXED = {**_of_events(), **_of_amounts(), **_of_sensors()}

# Parameters whose name says a type, a unit, or a field --------------------------------------------

_PARTIES: Mapping[str, cbv.Vocabulary] = {
    "bizTransaction": cbv.BIZ_TRANSACTION_TYPE,
    "source": cbv.SOURCE_DESTINATION_TYPE,
    "destination": cbv.SOURCE_DESTINATION_TYPE,
}
_FAMILIES = {
    "ILMD": "ilmd",
    "ERROR_DECLARATION": "errorField",
    "SENSORELEMENT": "sensorElement",
    "SENSORMETADATA": "sensorMetadata",
    "SENSORREPORT": "sensorReport",
    "readPoint": "readPoint",
    "bizLocation": "bizLocation",
    "": "field",
}
_COLUMNS = {"readPoint": "read_point", "bizLocation": "biz_location"}


def _party(match: re.Match[str], given: Sequence[Any], _names: Names) -> Condition:
    kind = _PARTIES[match[1]].bare(match[2])
    values = tuple(_key(match[0], each) for each in given)
    return Condition(match[1], kind, "EQ", values)


def _measured(match: re.Match[str], given: Sequence[Any], _names: Names) -> Condition:
    operator, field, uom = match[1], match[2], match[3] or ""
    numbers = [_number(match[0], each) for each in given]
    pairs = [measure(field, uom, number) if uom else (field, number) for number in numbers]
    name = pairs[0][0] if pairs else field
    return Condition("sensor", name, _operator(operator), tuple(number for _, number in pairs))


def _field(match: re.Match[str], given: Sequence[Any], names: Names) -> Condition:
    operator, inner, where, name = match[1], match[2], match[3] or "", match[4]
    family = ("inner." if inner else "") + _FAMILIES[where]
    values = () if operator == "EXISTS" else tuple(_flexible(match[0], each) for each in given)
    # EPCIS 1.2 wrote namespace#name: the IRI that the two make together in 2.0.
    return Condition(family, names.iri(name), _operator(operator), values, also=name)


def _has_attribute(match: re.Match[str], given: Sequence[Any], names: Names) -> Condition:
    values = tuple(names.iri(_text(match[0], each)) for each in given)
    return Condition("hasattr", match[1], "EQ", values)


def _attribute(match: re.Match[str], given: Sequence[Any], names: Names) -> Condition:
    values = tuple(_text(match[0], each) for each in given)
    return Condition("eqattr", match[1], "EQ", values, also=names.iri(match[2]))


def _operator(text: str) -> Operator:
    found: Mapping[str, Operator] = {
        "EQ": "EQ", "GT": "GT", "GE": "GE", "LT": "LT", "LE": "LE", "EXISTS": "EXISTS"
    }  # fmt: skip
    return found[text]


_Make = Callable[[re.Match[str], Sequence[Any], Names], Condition]
_NUMBERS = "|".join(sorted(SENSOR_NUMBERS))
_WHERE = "|".join(where for where in _FAMILIES if where)
_THINGS = "readPoint|bizLocation|epcClass|epc|source|destination|bizTransaction"
_PATTERNS: tuple[tuple[re.Pattern[str], _Make], ...] = (
    (re.compile(r"EQ_(bizTransaction|source|destination)_(.+)", re.DOTALL), _party),
    (re.compile(rf"(EQ|GT|GE|LT|LE)_({_NUMBERS})(?:_([A-Z0-9]{{2,3}}))?"), _measured),
    (
        re.compile(rf"(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?(?:({_WHERE})_)?([^\s:]+:.+)", re.DOTALL),
        _field,
    ),
    (re.compile(rf"HASATTR_({_THINGS})"), _has_attribute),
    (re.compile(rf"EQATTR_({_THINGS})_(.+)", re.DOTALL), _attribute),
)

# What is no condition -----------------------------------------------------------------------------

_CONTROLS = ("orderBy", "orderDirection", "eventCountLimit", "maxEventCount")
NAMED_PARAMETERS = (*_FIXED, *_CONTROLS)
"""The parameters whose names say no field, type or unit."""


def _controls(given: Mapping[str, Any], names: Names) -> dict[str, Any]:
    single = {name: _single(name, value) for name, value in given.items()}
    found: dict[str, Any] = {}
    if "orderBy" in single:
        order = _text("orderBy", single["orderBy"])
        if order not in {"eventTime", "recordTime"} and ":" not in order:
            raise QueryFault(
                "events are not ordered by this",
                place="orderBy",
                value=order,
                mend="write eventTime, recordTime, or a field of your own (prefix:name)",
            )
        found["order_by"] = names.iri(order) if ":" in order else order
    if "orderDirection" in single:
        direction = _one_of(("ASC", "DESC"))("orderDirection", single["orderDirection"])
        found["descending"] = direction == "DESC"
    for name, field in (("eventCountLimit", "count_limit"), ("maxEventCount", "max_count")):
        if name in single:
            found[field] = whole(name, single[name])
    return found


def _single(name: str, value: Any) -> Any:
    many = _many(name, value)
    if len(many) != 1:
        raise QueryFault("this parameter has one value", place=name)
    return many[0]


def whole(name: str, value: Any, most: int = 10**9) -> int:
    """Return a count, at least 1.

    Raises:
        QueryFault: it is none.
    """
    number = _number(name, value)
    if number != int(number) or not 1 <= number <= most:
        raise QueryFault(f"this is a count from 1 to {most}", place=name, value=value)
    return int(number)
