"""The header of a document in XML: parties of the message, master data, extensions."""

from collections.abc import Mapping
from typing import Any

from longmai.domains.brand.model.epcis.xml_names import SBDH
from longmai.domains.brand.model.epcis.xml_open import OpenWriter, plain
from longmai.domains.brand.model.epcis.xml_text import Element


def header_elements(body: Mapping[str, Any], writer: OpenWriter) -> list[Element]:
    """Return what stands in the header of a document."""
    header = body.get("epcisHeader") or {}
    found: list[Element] = []
    named = {name for name in header if name.endswith(":StandardBusinessDocumentHeader")}
    if not named and body.keys() & {"sender", "receiver", "instanceIdentifier"}:
        writer.use("sbdh", SBDH)
        found.append(_business_header(body))
    found += writer.fields({name: header[name] for name in named}, ())
    if "epcisMasterData" in header:
        master_data = header["epcisMasterData"]
        vocabularies = [_vocabulary(each, writer) for each in master_data.get("vocabularyList", ())]
        children = [Element("VocabularyList", {}, vocabularies)]
        children += writer.fields(master_data, {"vocabularyList"})
        found.append(Element("extension", {}, [Element("EPCISMasterData", {}, children)]))
    return found + writer.fields(header, {"epcisMasterData", *named})


def _business_header(body: Mapping[str, Any]) -> Element:
    """Return the smallest header of UN/CEFACT's that names the parties (EPCIS 2.0 §9.2)."""

    def one(name: str, *children: Element) -> Element:
        return Element(f"{{{SBDH}}}{name}", {}, list(children))

    def leaf(name: str, value: Any) -> Element:
        return Element(f"{{{SBDH}}}{name}", {}, [], str(value))

    children = [leaf("HeaderVersion", "1.0")]
    for name, field in (("Sender", "sender"), ("Receiver", "receiver")):
        if field in body:
            children.append(one(name, leaf("Identifier", body[field])))
    identification = [leaf("Standard", "EPCglobal"), leaf("TypeVersion", "1.0")]
    if "instanceIdentifier" in body:
        identification.append(leaf("InstanceIdentifier", body["instanceIdentifier"]))
    identification.append(leaf("Type", "Events"))
    if "creationDate" in body:
        identification.append(leaf("CreationDateAndTime", body["creationDate"]))
    children.append(one("DocumentIdentification", *identification))
    return one("StandardBusinessDocumentHeader", *children)


def _vocabulary(vocabulary: Mapping[str, Any], writer: OpenWriter) -> Element:
    things = [_thing(each, writer) for each in vocabulary.get("vocabularyElementList", ())]
    element = Element("Vocabulary", {"type": vocabulary["type"]})
    element.children = [Element("VocabularyElementList", {}, things)]
    element.children += writer.fields(vocabulary, {"type", "vocabularyElementList"})
    return element


def _thing(thing: Mapping[str, Any], writer: OpenWriter) -> Element:
    element = Element("VocabularyElement", {"id": thing["id"]})
    for attribute in thing.get("attributes", ()):
        told = writer.element("attribute", attribute.get("attribute"))
        told.attributes = {"id": attribute["id"], **told.attributes}
        element.children.append(told)
    if "children" in thing:
        ids = [plain("id", each) for each in thing["children"]]
        element.children.append(Element("children", {}, ids))
    element.children += writer.fields(thing, {"id", "attributes", "children"})
    return element
