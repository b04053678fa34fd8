"""Namespaces of EPCIS in XML, and prefixes for those of extensions."""

from collections.abc import Mapping

from longmai.domains.brand.model.epcis.context import STANDARD_PREFIXES

EPCIS_1 = "urn:epcglobal:epcis:xsd:1"
EPCIS_2 = "urn:epcglobal:epcis:xsd:2"
QUERY_1 = "urn:epcglobal:epcis-query:xsd:1"
QUERY_2 = "urn:epcglobal:epcis-query:xsd:2"
SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
MASTER_DATA_1 = "urn:epcglobal:epcis-masterdata:xsd:1"
MASTER_DATA_2 = "urn:epcglobal:epcis-masterdata:xsd:2"
# What the schemas name themselves; the elements in them are unqualified (elementFormDefault).
OWN = frozenset({"", EPCIS_1, EPCIS_2, QUERY_1, QUERY_2, MASTER_DATA_1, MASTER_DATA_2})

# The prefixes that the EPCIS context declares (EPCIS 2.0 §10.2), and what they stand for.
STANDARD: Mapping[str, str] = {
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "dcterms": "http://purl.org/dc/terms/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# Other names of the same vocabularies, in older documents.
_ALIKE: Mapping[str, str] = {
    "urn:epcglobal:cbv:mda": "cbvmda",
    "https://ref.gs1.org/voc/": "gs1",
    "http://gs1.org/voc/": "gs1",
    "https://www.gs1.org/voc/": "gs1",
}
_OF_STANDARD = {uri: prefix for prefix, uri in STANDARD.items()}


class Prefixes:
    """Gives each namespace of a document one prefix; the same document gives the same ones.

    >>> prefixes = Prefixes({"https://ns.example.com/": "ex", "https://ns.example.org/": "ex"})
    >>> prefixes.key("{https://ns.example.com/}row"), prefixes.key("{https://ns.example.org/}row")
    ('ex:row', 'ex2:row')
    >>> prefixes.context
    {'ex': 'https://ns.example.com/', 'ex2': 'https://ns.example.org/'}
    """

    def __init__(self, declared: Mapping[str, str]) -> None:
        self._declared = declared
        self._given: dict[str, str] = {}
        self.context: dict[str, str] = {}

    def key(self, tag: str) -> str:
        """Return the name of a field: ``prefix:name``, or the bare name where it has no more."""
        namespace, _, name = tag[1:].partition("}") if tag[0] == "{" else ("", "", tag)
        if namespace in OWN:
            return name
        prefix = self._given.get(namespace)
        return f"{self._give(namespace) if prefix is None else prefix}:{name}"

    def use(self, value: str) -> None:
        """Declare the prefix of a value that is a CURIE."""
        prefix, colon, _ = value.partition(":")
        if not colon or prefix in STANDARD_PREFIXES:
            return
        for namespace, name in self._declared.items():
            if name == prefix and namespace not in OWN and namespace not in self._given:
                self._give(namespace)

    def _give(self, namespace: str) -> str:
        known = _OF_STANDARD.get(namespace) or _ALIKE.get(namespace)
        if known:
            if namespace != STANDARD[known] and known not in self.context:
                self.context[known] = namespace
            self._given[namespace] = known
            return known
        wanted = self._declared.get(namespace) or "ns"
        prefix, number = wanted, 1
        while prefix in self.context or prefix in STANDARD_PREFIXES:
            number += 1
            prefix = f"{wanted}{number}"
        self.context[prefix] = namespace
        self._given[namespace] = prefix
        return prefix
