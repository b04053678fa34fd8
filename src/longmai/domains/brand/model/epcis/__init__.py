"""EPCIS 2.0 documents in JSON-LD: read, checked by the standard, turned into values.

>>> document = parse_document('''{
...   "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
...   "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping",
...   "eventTime": "2025-10-01T16:00:00+08:00", "eventTimeZoneOffset": "+08:00",
...   "epcList": ["urn:epc:id:sscc:0614141.1234567890"]}''')
>>> document.events[0].items[0].key
'00/106141412345678908'
>>> document.events[0].event_time.isoformat()
'2025-10-01T08:00:00+00:00'
"""

from longmai.domains.brand.model.epcis.document import (
    Document,
    Event,
    Item,
    Role,
    VocabularyElement,
)
from longmai.domains.brand.model.epcis.read import parse_document
from longmai.domains.brand.model.epcis.values import read_event, read_vocabulary_element

__all__ = [
    "Document",
    "Event",
    "Item",
    "Role",
    "VocabularyElement",
    "parse_document",
    "read_event",
    "read_vocabulary_element",
]
