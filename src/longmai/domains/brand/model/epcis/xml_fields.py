"""How EPCIS 1.2 and 2.0 write each field in XML: its form, and the order of an event's fields.

Source: EPCIS Standard 2.0 §9 and its schemas (EPCglobal-epcis-2_0.xsd), EPCIS 1.2 §9. In 1.2 what
came later stands in ``baseExtension`` and ``extension``; 2.0 has these fields beside the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from longmai.domains.brand.model import cbv

WRAPPERS = frozenset({"extension", "baseExtension"})


@dataclass(frozen=True)
class Form:
    """How a field is written.

    Attributes:
        kind: ``text``; ``texts``: a list of elements ``item`` with text, ``many``: the field itself
            repeated; ``word`` of a ``vocabulary``; ``typed``: elements ``item`` with a ``type``;
            ``quantities``, ``sensors``, ``place``, ``error``, ``dispositions``, ``open``.
        item: name of the elements in it.
        vocabulary: of the word, or of the type.
    """

    kind: str
    item: str = ""
    vocabulary: cbv.Vocabulary | None = None


TEXT = Form("text")
FIELDS: Mapping[str, Form] = {
    "eventTime": TEXT,
    "recordTime": TEXT,
    "eventTimeZoneOffset": TEXT,
    "eventID": TEXT,
    "errorDeclaration": Form("error"),
    "certificationInfo": Form("many"),
    "epcList": Form("texts", "epc"),
    "parentID": TEXT,
    "childEPCs": Form("texts", "epc"),
    "inputEPCList": Form("texts", "epc"),
    "outputEPCList": Form("texts", "epc"),
    "action": TEXT,
    "transformationID": TEXT,
    "bizStep": Form("word", "", cbv.BIZ_STEP),
    "disposition": Form("word", "", cbv.DISPOSITION),
    "readPoint": Form("place"),
    "bizLocation": Form("place"),
    "bizTransactionList": Form("typed", "bizTransaction", cbv.BIZ_TRANSACTION_TYPE),
    "quantityList": Form("quantities", "quantityElement"),
    "childQuantityList": Form("quantities", "quantityElement"),
    "inputQuantityList": Form("quantities", "quantityElement"),
    "outputQuantityList": Form("quantities", "quantityElement"),
    "sourceList": Form("typed", "source", cbv.SOURCE_DESTINATION_TYPE),
    "destinationList": Form("typed", "destination", cbv.SOURCE_DESTINATION_TYPE),
    "sensorElementList": Form("sensors", "sensorElement"),
    "persistentDisposition": Form("dispositions"),
    "ilmd": Form("open"),
}

_FIRST = ("eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "errorDeclaration")
_LAST = ("sourceList", "destinationList", "sensorElementList", "persistentDisposition", "ilmd")
_WHERE = ("bizStep", "disposition", "readPoint", "bizLocation")
# What stands for every field of another namespace: they come last (xsd:any).
FOREIGN = "*"


def _order(*fields: str) -> Mapping[str, int]:
    order = (*_FIRST, "certificationInfo", "baseExtension", *fields, *_LAST, "extension", FOREIGN)
    return {name: i for i, name in enumerate(order)}


ORDER: Mapping[str, Mapping[str, int]] = {
    "ObjectEvent": _order("epcList", "action", *_WHERE, "bizTransactionList", "quantityList"),
    "AggregationEvent": _order(
        "parentID", "childEPCs", "action", *_WHERE, "bizTransactionList", "childQuantityList"
    ),
    "AssociationEvent": _order(
        "parentID", "childEPCs", "childQuantityList", "action", *_WHERE, "bizTransactionList"
    ),
    "TransactionEvent": _order(
        "bizTransactionList", "parentID", "epcList", "action", *_WHERE, "quantityList"
    ),
    "TransformationEvent": _order(
        "inputEPCList",
        "inputQuantityList",
        "outputEPCList",
        "outputQuantityList",
        "transformationID",
        *_WHERE,
        "bizTransactionList",
    ),
}
# EPCIS 1.2 has no place for them, so it has no order for them either.
NEW_IN_2 = frozenset({"certificationInfo", "sensorElementList", "persistentDisposition"})

SENSOR_NUMBERS = frozenset(
    {"value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"}
)
SENSOR_BOOLEANS = frozenset({"booleanValue"})
SENSOR_WORDS: Mapping[str, cbv.Vocabulary] = {
    "type": cbv.MEASUREMENT_TYPE,
    "exception": cbv.SENSOR_ALERT_TYPE,
    "component": cbv.COMPONENT,
}
