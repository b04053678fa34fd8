"""The sample season's master data, as EPCIS vocabularies."""

from collections.abc import Iterator, Mapping
from typing import Any

from longmai.domains.brand.sample.catalogue import Catalogue, Place, Product
from longmai.domains.brand.sample.journal import NAMESPACE, kilograms
from longmai.domains.brand.tables import SAMPLE_ATTRIBUTE

_CBV = "urn:epcglobal:cbv:mda#"
_VOCABULARY_TYPE = "urn:epcglobal:epcis:vtype:"


def vocabulary_list(catalogue: Catalogue) -> Iterator[Mapping[str, Any]]:
    """Yield the vocabularies of products, places and parties."""
    brand = catalogue.settings["brand"]["name"]
    products = [_product(product, brand) for product in catalogue.products.values()]
    places = list(catalogue.places())
    contact = catalogue.settings["contact"]
    parties = {place.party: _party(place, contact) for place in places}
    for name, elements in (
        ("EPCClass", products),
        ("Location", [_location(place) for place in places]),
        ("Party", list(parties.values())),
    ):
        yield {"type": _VOCABULARY_TYPE + name, "vocabularyElementList": elements}


def _product(product: Product, brand: str) -> Mapping[str, Any]:
    told = {
        f"{_CBV}name": product.name,
        f"{NAMESPACE}name_en": product.name_en,
        f"{_CBV}brandName": brand,
    }
    if product.net_weight_g:
        told[f"{NAMESPACE}netWeight_kg"] = str(kilograms(product.net_weight_g))
    return _element(product.uri, told)


def _location(place: Place) -> Mapping[str, Any]:
    town = {f"{_CBV}city": place.city, f"{NAMESPACE}city_en": place.city_en} if place.city else {}
    return _element(
        place.uri,
        {
            f"{_CBV}name": place.name,
            f"{NAMESPACE}name_en": place.name_en,
            f"{NAMESPACE}address": place.address,
            **town,
            f"{NAMESPACE}regionCode": place.region,
            f"{_CBV}latitude": str(place.lat),
            f"{_CBV}longitude": str(place.lon),
            f"{NAMESPACE}pointQuality": place.quality,
            f"{NAMESPACE}operatedBy": place.party,
        },
    )


def _party(place: Place, contact: str) -> Mapping[str, Any]:
    told = {
        f"{_CBV}name": place.party_name,
        f"{NAMESPACE}name_en": place.party_name_en,
        f"{NAMESPACE}contact": contact,
    }
    return _element(place.party, told)


def _element(uri: str, told: Mapping[str, str]) -> Mapping[str, Any]:
    every = {**told, SAMPLE_ATTRIBUTE: "true"}
    return {
        "id": uri,
        "attributes": [{"id": name, "attribute": value} for name, value in every.items()],
    }
