"""The fields of EPCIS 2.0, as tables: which object has which field, and how each is checked.

Source: EPCIS Standard 2.0 §7.3, §7.4 and its JSON Schema (§10.1); CBV 2.0 §7.
"""

from collections.abc import Mapping
from typing import Any

from longmai.domains.brand.model import cbv
from longmai.domains.brand.model.epcis.certification import certification_info
from longmai.domains.brand.model.epcis.check import (
    Check,
    Reading,
    Shape,
    anything,
    boolean,
    hexadecimal,
    list_of,
    number,
    offset,
    one_of,
    text,
    time,
    uom,
    uri,
    word,
)

QUANTITY = Shape(
    "a quantity element",
    {"epcClass": uri, "quantity": number, "uom": uom},
    required=("epcClass",),
    open=False,
)
BIZ_TRANSACTION = Shape(
    "a business transaction",
    {"type": word(cbv.BIZ_TRANSACTION_TYPE), "bizTransaction": uri},
    required=("bizTransaction",),
    open=False,
)
SOURCE = Shape(
    "a source",
    {"type": word(cbv.SOURCE_DESTINATION_TYPE), "source": uri},
    required=("type", "source"),
    open=False,
)
DESTINATION = Shape(
    "a destination",
    {"type": word(cbv.SOURCE_DESTINATION_TYPE), "destination": uri},
    required=("type", "destination"),
    open=False,
)
READ_POINT = Shape("a read point", {"id": uri}, required=("id",))
BIZ_LOCATION = Shape("a business location", {"id": uri}, required=("id",))
ILMD = Shape("ilmd", {})
ERROR_DECLARATION = Shape(
    "an error declaration",
    {
        "declarationTime": time,
        "reason": word(cbv.ERROR_REASON),
        "correctiveEventIDs": list_of(uri),
    },
    required=("declarationTime",),
)
PERSISTENT_DISPOSITION = Shape(
    "a persistent disposition",
    {
        "set": list_of(word(cbv.DISPOSITION), least=1, unique=True),
        "unset": list_of(word(cbv.DISPOSITION), least=1, unique=True),
    },
    open=False,
)
_SENSOR_SOURCE: Mapping[str, Check] = {
    "time": time,
    "deviceID": uri,
    "deviceMetadata": uri,
    "rawData": uri,
    "dataProcessingMethod": uri,
    "bizRules": uri,
}
SENSOR_METADATA = Shape("sensor metadata", {**_SENSOR_SOURCE, "startTime": time, "endTime": time})
SENSOR_REPORT = Shape(
    "a sensor report",
    {
        **_SENSOR_SOURCE,
        "type": word(cbv.MEASUREMENT_TYPE),
        "exception": word(cbv.SENSOR_ALERT_TYPE),
        "component": word(cbv.COMPONENT),
        "microorganism": uri,
        "chemicalSubstance": uri,
        "coordinateReferenceSystem": uri,
        "uriValue": uri,
        "stringValue": text,
        "booleanValue": boolean,
        "hexBinaryValue": hexadecimal,
        "uom": text,
        **dict.fromkeys(
            ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), number
        ),
    },
)


def sensor_report(reading: Reading, value: Any, place: str) -> None:
    """Check a sensor report: it names what was measured, or the exception it tells of."""
    SENSOR_REPORT(reading, value, place)
    if isinstance(value, dict) and not value.keys() & {"type", "exception"}:
        reading.findings.add(
            f"{place}.type",
            "a sensor report says what was measured",
            code="missing",
            mend="add type, like Temperature, or exception",
        )


SENSOR_ELEMENT = Shape(
    "a sensor element",
    {"sensorMetadata": SENSOR_METADATA, "sensorReport": list_of(sensor_report, least=1)},
    required=("sensorReport",),
)


def quantity(reading: Reading, value: Any, place: str) -> None:
    """Check a quantity element: the table, and how quantity and unit go together (§7.3.3.3)."""
    QUANTITY(reading, value, place)
    if not isinstance(value, dict):
        return
    amount, unit = value.get("quantity"), value.get("uom")
    if amount is None and unit is not None:
        reading.findings.add(
            f"{place}.quantity",
            "a unit without a quantity says nothing",
            code="quantity.missing",
            mend="add quantity, or leave uom out",
        )
    elif isinstance(amount, int | float) and amount <= 0:
        reading.findings.add(
            f"{place}.quantity",
            "a quantity is more than zero",
            code="quantity.sign",
            value=amount,
            mend="write the amount, or leave quantity out where it is not known",
        )
    elif isinstance(amount, float) and unit is None and not amount.is_integer():
        reading.findings.add(
            f"{place}.quantity",
            "without a unit, a quantity counts pieces, and is whole",
            code="quantity.count",
            value=amount,
            mend="add the unit, for kilograms uom: KGM",
        )


def persistent_disposition(reading: Reading, value: Any, place: str) -> None:
    """Check a persistent disposition: it sets something, or unsets something, or both."""
    PERSISTENT_DISPOSITION(reading, value, place)
    if isinstance(value, dict) and not value.keys() & {"set", "unset"}:
        reading.findings.add(
            place, "it neither sets nor unsets a disposition", code="missing", mend="add set"
        )


_COMMON: Mapping[str, Check] = {
    "@context": anything,  # read before the other fields
    "type": anything,  # chose this table
    "eventID": uri,
    "eventTime": time,
    "eventTimeZoneOffset": offset,
    "recordTime": time,
    "errorDeclaration": ERROR_DECLARATION,
    "certificationInfo": certification_info,
    "bizStep": word(cbv.BIZ_STEP),
    "disposition": word(cbv.DISPOSITION),
    "persistentDisposition": persistent_disposition,
    "readPoint": READ_POINT,
    "bizLocation": BIZ_LOCATION,
    "bizTransactionList": list_of(BIZ_TRANSACTION),
    "sourceList": list_of(SOURCE),
    "destinationList": list_of(DESTINATION),
    "sensorElementList": list_of(SENSOR_ELEMENT),
}
_ACTION: Mapping[str, Check] = {"action": one_of("an action", "ADD", "OBSERVE", "DELETE")}
_THINGS: Mapping[str, Check] = {
    "epcList": list_of(uri, unique=True),
    "quantityList": list_of(quantity),
}
_CHILDREN: Mapping[str, Check] = {
    "parentID": uri,
    "childEPCs": list_of(uri),
    "childQuantityList": list_of(quantity),
}
_TIMES = ("eventTime", "eventTimeZoneOffset")

EVENTS: Mapping[str, Shape] = {
    "ObjectEvent": Shape(
        "an ObjectEvent",
        {**_COMMON, **_ACTION, **_THINGS, "ilmd": ILMD},
        required=(*_TIMES, "action"),
    ),
    "AggregationEvent": Shape(
        "an AggregationEvent", {**_COMMON, **_ACTION, **_CHILDREN}, required=(*_TIMES, "action")
    ),
    "AssociationEvent": Shape(
        "an AssociationEvent",
        {**_COMMON, **_ACTION, **_CHILDREN},
        required=(*_TIMES, "action", "parentID"),
    ),
    "TransactionEvent": Shape(
        "a TransactionEvent",
        {
            **_COMMON,
            **_ACTION,
            **_THINGS,
            "epcList": list_of(uri),
            "parentID": uri,
            "bizTransactionList": list_of(BIZ_TRANSACTION, least=1),
        },
        required=(*_TIMES, "action", "bizTransactionList"),
    ),
    "TransformationEvent": Shape(
        "a TransformationEvent",
        {
            **_COMMON,
            "inputEPCList": list_of(uri, unique=True),
            "inputQuantityList": list_of(quantity),
            "outputEPCList": list_of(uri, unique=True),
            "outputQuantityList": list_of(quantity),
            "transformationID": uri,
            "ilmd": ILMD,
        },
        required=_TIMES,
    ),
}
# An event type of somebody's own vocabulary: any standard field, and fields of its namespace.
EXTENDED_EVENT = Shape(
    "an event",
    {name: check for shape in EVENTS.values() for name, check in shape.fields.items()},
    required=_TIMES,
)

ATTRIBUTE = Shape("an attribute", {"id": uri, "attribute": anything}, required=("id",))
VOCABULARY_ELEMENT = Shape(
    "a vocabulary element",
    {"id": uri, "attributes": list_of(ATTRIBUTE), "children": list_of(uri)},
    required=("id",),
)
VOCABULARY = Shape(
    "a vocabulary",
    {"type": uri, "vocabularyElementList": list_of(VOCABULARY_ELEMENT)},
    required=("type",),
)
MASTER_DATA = Shape("master data", {"vocabularyList": list_of(VOCABULARY)})
HEADER = Shape("the header", {"epcisMasterData": MASTER_DATA})
