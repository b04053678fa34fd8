"""EPCIS 2.0 documents in JSON-LD: read, checked by the standard, turned into values."""

from longmai.domains.brand.model.epcis.document import (
    Document,
    Event,
    Item,
    Role,
    VocabularyElement,
)

__all__ = ["Document", "Event", "Item", "Role", "VocabularyElement"]
