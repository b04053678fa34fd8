"""``certificationInfo``: addresses of certificates, or the certificates themselves.

EPCIS 2.0 §7.4.1 asks for URIs; its JSON-LD context points the field at ``gs1:certificationInfo``,
whose values are ``gs1:CertificationDetails`` of the GS1 Web Vocabulary, so an embedded object of
that type says the same and is taken, with the types that vocabulary gives its fields.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from longmai.domains.brand.model.epcis.check import Check, Reading, Shape, anything, text, uri

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TYPE = "gs1:CertificationDetails"


def _date(reading: Reading, value: Any, place: str) -> None:
    if isinstance(value, dict) and "@value" in value:
        value = value["@value"]
    if not (isinstance(value, str) and _DATE.fullmatch(value) and _in_calendar(value)):
        reading.findings.add(
            place, "this is not a date", code="date", value=value, mend="write it like 2025-10-01"
        )


def _in_calendar(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_DETAILS: Mapping[str, Check] = {
    "type": anything,
    "@type": anything,
    "id": uri,
    "@id": uri,
    "gs1:certificationAuditDate": _date,
    "gs1:certificationEndDate": _date,
    "gs1:certificationStartDate": _date,
    "gs1:initialCertificationDate": _date,
    "gs1:certificationURI": uri,
    **dict.fromkeys(
        (
            "gs1:certificationAgency",
            "gs1:certificationIdentification",
            "gs1:certificationStandard",
            "gs1:certificationStatement",
            "gs1:certificationStatus",
            "gs1:certificationSubject",
            "gs1:certificationType",
            "gs1:certificationValue",
        ),
        text,
    ),
}
DETAILS = Shape("certification details", _DETAILS)
WRAPPED = Shape("certification info", {**_DETAILS, _TYPE: DETAILS})


def certification_info(reading: Reading, value: Any, place: str) -> None:
    """Check one certificate or a list of them."""
    if isinstance(value, list):
        for i, item in enumerate(value):
            _certificate(reading, item, f"{place}[{i}]")
    else:
        _certificate(reading, value, place)


def _certificate(reading: Reading, value: Any, place: str) -> None:
    if isinstance(value, dict) and value:
        WRAPPED(reading, value, place)
    else:
        uri(reading, value, place)
