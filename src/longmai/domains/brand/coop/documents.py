"""What a co-operative says, as EPCIS documents: the one way in which its records are captured."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from longmai.domains.brand.coop.queries import Coop, Plot, Product
from longmai.domains.brand.model import gs1
from longmai.domains.brand.sample.journal import CONTEXT, NAMESPACE
from longmai.domains.brand.tables import CERTIFICATE_FIELD, SAMPLE_ATTRIBUTE, SAMPLE_FIELD

Body = dict[str, Any]

OFFSET = "+08:00"
COUNTRY = "CN"
LOSS_FIELD = "lm:loss_kg"
BOXES_FIELD = "lm:boxes"
COLLECTED_FIELD = "lm:collectedCertificate"
_MDA = "urn:epcglobal:cbv:mda#"
_TYPE = "urn:epcglobal:epcis:vtype:"


def party_uri(uscc: str) -> str:
    """Return the URI of who has a credit code."""
    return f"https://longmai.example/uscc/{uscc}"


def number_of(amount: Decimal) -> int | float:
    """Return an amount as JSON has numbers; three decimals are exact in it."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def quantity(uri: str, kg: Decimal) -> Body:
    """Return the quantity element of so much of a lot."""
    return {"epcClass": uri, "quantity": number_of(kg), "uom": "KGM"}


def document(at: datetime, *, events: Iterable[Body] = (), words: Mapping[str, Any]) -> bytes:
    """Return a document of events, or of master data by vocabulary type."""
    header: Body = {}
    if words:
        lists = [
            {"type": _TYPE + name, "vocabularyElementList": each} for name, each in words.items()
        ]
        header = {"epcisHeader": {"epcisMasterData": {"vocabularyList": lists}}}
    body = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": at.isoformat(),
        **header,
        "epcisBody": {"eventList": list(events)},
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _element(uri: str, told: Mapping[str, object], *, sample: bool) -> Body:
    every = {**told, **({SAMPLE_ATTRIBUTE: "true"} if sample else {})}
    pairs = [{"id": name, "attribute": str(each)} for name, each in every.items() if each != ""]
    return {"id": uri, "attributes": pairs}


def words_of_coop(coop: Coop, address: str) -> Mapping[str, Any]:
    """Return a co-operative as master data: who it is, and where it packs."""
    where = {f"{NAMESPACE}regionCode": coop.region, f"{NAMESPACE}address": address}
    party = {
        f"{_MDA}name": coop.name,
        f"{NAMESPACE}creditCode": coop.uscc,
        f"{NAMESPACE}contact": f"{coop.contact} {coop.phone}",
        **where,
    }
    site = {f"{_MDA}name": coop.name, f"{NAMESPACE}operatedBy": party_uri(coop.uscc), **where}
    return {
        "Party": [_element(party_uri(coop.uscc), party, sample=coop.sample)],
        "Location": [_element(coop.site, site, sample=coop.sample)],
    }


def words_of_plot(plot: Plot, coop: Coop, address: str) -> Mapping[str, Any]:
    """Return a plot as master data; its outline stays with the co-operative."""
    point = (
        {}
        if plot.lon is None or plot.lat is None
        else {f"{_MDA}longitude": plot.lon, f"{_MDA}latitude": plot.lat}
    )
    told = {
        f"{_MDA}name": plot.name,
        f"{NAMESPACE}regionCode": plot.region,
        f"{NAMESPACE}address": address,
        f"{NAMESPACE}operatedBy": party_uri(coop.uscc),
        **point,
    }
    return {"Location": [_element(plot.uri, told, sample=coop.sample)]}


def words_of_product(product: Product, coop: Coop, resolver: str) -> Mapping[str, Any]:
    """Return a product as master data."""
    weight = "" if product.net_kg is None else f"{product.net_kg:f}"
    told = {
        f"{_MDA}name": product.name,
        f"{NAMESPACE}netWeight_kg": weight,
        f"{NAMESPACE}category": product.category,
    }
    uri = gs1.digital_link(f"01/{product.gtin}", resolver)
    return {"EPCClass": [_element(uri, told, sample=coop.sample)]}


def words_of_buyer(uscc: str, name: str, *, sample: bool) -> Mapping[str, Any]:
    """Return a firm that bought as master data."""
    told = {f"{_MDA}name": name, f"{NAMESPACE}creditCode": uscc}
    return {"Party": [_element(party_uri(uscc), told, sample=sample)]}


def event(kind: str, form: UUID, at: datetime, *, sample: bool, **fields: Any) -> Body:
    """Return the body of an event; its ID is that of the form, so that it is taken once."""
    return {
        "type": kind,
        "eventID": f"urn:uuid:{form}",
        "eventTime": at.isoformat(),
        "eventTimeZoneOffset": OFFSET,
        **fields,
        **({SAMPLE_FIELD: True} if sample else {}),
    }


def certificate(number: str, coop: Coop, issued: date, told: Mapping[str, str]) -> Body:
    """Return a certificate of promised conformity (承诺达标合格证) beside an event.

    ``told`` holds what is promised about: product, quantity, origin.
    """
    written = {
        **told,
        "issuedOn": issued.isoformat(),
        "promisedBy": coop.name,
        "contact": coop.phone,
        "number": number,
    }
    return {
        "bizTransactionList": [
            {"type": "cert", "bizTransaction": f"{party_uri(coop.uscc)}/cert/{number}"}
        ],
        CERTIFICATE_FIELD: {f"lm:{name}": value for name, value in written.items()},
    }
