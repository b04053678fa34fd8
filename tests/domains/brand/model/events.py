"""EPCIS events by chance: every type, every standard field, extensions of all JSON types."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from longmai.domains.brand.model import cbv

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"ex": "https://ns.example.com/epcis/", "farm": "urn:example:farm:"},
]
_TEXTS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"
    ),
    min_size=1,
    max_size=12,
)
_NAMES = st.sampled_from(["ex:row", "ex:sort", "farm:hail", "farm:树"])
_SCALARS = st.one_of(
    _TEXTS,
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)


def _open(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    # A list of one is one value in JSON-LD, and XML cannot tell them apart; nor an empty object.
    lists = st.lists(
        children.filter(lambda each: not isinstance(each, list)), min_size=2, max_size=3
    )
    return st.one_of(st.dictionaries(_NAMES, children, min_size=1, max_size=3), lists)


VALUES = st.recursive(_SCALARS, _open, max_leaves=6)
EXTENSIONS = st.dictionaries(_NAMES, VALUES, max_size=2)
_TEXT_EXTENSIONS = st.dictionaries(_NAMES, _TEXTS, max_size=1)
_SERIALS = st.text("ABCXYZ0123456789-._", min_size=1, max_size=8)
URIS = st.one_of(
    _SERIALS.map("https://id.gs1.org/01/09521234543213/21/{}".format),
    st.integers(1, 10**9 - 1).map("urn:epc:id:sscc:0614141.1{:09d}".format),
    _SERIALS.map("https://example.com/things/{}".format),
)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(  # noqa: DTZ001 - zoned below
    lambda moment: moment.isoformat() + "+08:00"
)
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_PLACES = st.builds(lambda uri, more: {"id": uri, **more}, URIS, EXTENSIONS)


def _words(vocabulary: cbv.Vocabulary) -> st.SearchStrategy[str]:
    own = st.just("https://ns.example.com/words/own")
    return st.one_of(st.sampled_from(sorted(vocabulary.words)), own)


def _typed(name: str, vocabulary: cbv.Vocabulary) -> st.SearchStrategy[list[Any]]:
    item = st.fixed_dictionaries({"type": _words(vocabulary), name: URIS})
    return st.lists(item, min_size=1, max_size=3)


_QUANTITIES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"epcClass": URIS}),
        st.fixed_dictionaries({"epcClass": URIS, "quantity": st.integers(1, 10**6)}),
        st.fixed_dictionaries(
            {
                "epcClass": URIS,
                "quantity": st.floats(0.001, 10**6),
                "uom": st.sampled_from(["KGM", "LTR"]),
            }
        ),
    ),
    min_size=1,
    max_size=3,
)
_EPCS = st.lists(URIS, min_size=1, max_size=3, unique=True)
_SOURCE = {"time": TIMES, "deviceID": URIS, "rawData": URIS}
_REPORTS = st.builds(
    lambda fields, more: {**fields, **more},
    st.fixed_dictionaries(
        {"type": _words(cbv.MEASUREMENT_TYPE)},
        optional={
            **_SOURCE,
            "value": _NUMBERS,
            "meanValue": _NUMBERS,
            "component": _words(cbv.COMPONENT),
            "exception": st.sampled_from(sorted(cbv.SENSOR_ALERT_TYPE.words)),
            "booleanValue": st.booleans(),
            "stringValue": _TEXTS,
            "hexBinaryValue": st.just("0aFf"),
            "uriValue": URIS,
            "uom": st.just("CEL"),
        },
    ),
    _TEXT_EXTENSIONS,
)
_SENSORS = st.lists(
    st.builds(
        lambda fields, more: {**fields, **more},
        st.fixed_dictionaries(
            {"sensorReport": st.lists(_REPORTS, min_size=1, max_size=3)},
            optional={
                "sensorMetadata": st.fixed_dictionaries({}, optional={**_SOURCE, "bizRules": URIS})
            },
        ),
        EXTENSIONS,
    ),
    min_size=1,
    max_size=2,
)
_ERRORS = st.builds(
    lambda fields, more: {**fields, **more},
    st.fixed_dictionaries(
        {"declarationTime": TIMES},
        optional={
            "reason": _words(cbv.ERROR_REASON),
            "correctiveEventIDs": st.lists(URIS, min_size=1, max_size=2),
        },
    ),
    EXTENSIONS,
)
_DISPOSITIONS = st.lists(_words(cbv.DISPOSITION), min_size=1, max_size=2, unique=True)
_COMMON: dict[str, st.SearchStrategy[Any]] = {
    "recordTime": TIMES,
    "eventID": URIS,
    "errorDeclaration": _ERRORS,
    "certificationInfo": URIS,
    "bizStep": _words(cbv.BIZ_STEP),
    "disposition": _words(cbv.DISPOSITION),
    "readPoint": _PLACES,
    "bizLocation": _PLACES,
    "bizTransactionList": _typed("bizTransaction", cbv.BIZ_TRANSACTION_TYPE),
    "sourceList": _typed("source", cbv.SOURCE_DESTINATION_TYPE),
    "destinationList": _typed("destination", cbv.SOURCE_DESTINATION_TYPE),
    "sensorElementList": _SENSORS,
    "persistentDisposition": st.one_of(
        st.fixed_dictionaries({"set": _DISPOSITIONS}),
        st.fixed_dictionaries({"set": _DISPOSITIONS, "unset": _DISPOSITIONS}),
    ),
}
_ACTION = {"action": st.sampled_from(["ADD", "OBSERVE", "DELETE"])}
_CHILDREN = {"childEPCs": _EPCS, "childQuantityList": _QUANTITIES}
_ILMD = EXTENSIONS.map(lambda more: {"cbvmda:lotNumber": "A1", **more})
_OF_TYPE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ObjectEvent": (
        {"action": st.just("ADD"), "epcList": _EPCS},
        {"quantityList": _QUANTITIES, "ilmd": _ILMD},
    ),
    "AggregationEvent": ({**_ACTION, "parentID": URIS, "childEPCs": _EPCS}, _CHILDREN),
    "AssociationEvent": ({**_ACTION, "parentID": URIS, "childEPCs": _EPCS}, _CHILDREN),
    "TransactionEvent": (
        {
            **_ACTION,
            "epcList": _EPCS,
            "bizTransactionList": _typed("bizTransaction", cbv.BIZ_TRANSACTION_TYPE),
        },
        {"parentID": URIS, "quantityList": _QUANTITIES},
    ),
    "TransformationEvent": (
        {"inputEPCList": _EPCS, "outputEPCList": _EPCS},
        {
            "inputQuantityList": _QUANTITIES,
            "outputQuantityList": _QUANTITIES,
            "transformationID": URIS,
            "ilmd": _ILMD,
        },
    ),
}


def _event(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    needed, others = _OF_TYPE[kind]
    first = {"type": st.just(kind), "eventTime": TIMES, "eventTimeZoneOffset": st.just("+08:00")}
    optional = {k: v for k, v in {**_COMMON, **others}.items() if k not in needed}
    fields = st.fixed_dictionaries({**first, **needed}, optional=optional)
    return st.builds(lambda event, more: {**event, **more}, fields, EXTENSIONS)


EVENTS = st.one_of([_event(kind) for kind in _OF_TYPE])


def document(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a document of events."""
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2025-10-01T08:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **more,
    }
