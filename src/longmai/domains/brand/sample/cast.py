"""Who and what the sample season is about: products, places, and their GS1 keys."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longmai.domains.brand.model.gs1 import gtin_check_digit
from longmai.domains.brand.tables import SAMPLE_ATTRIBUTE
from longmai.kernel.regions import RegionPack

RESOLVER = "https://id.gs1.org"
VOCABULARY = "https://longmai.example/voc#"
_MDA = "urn:epcglobal:cbv:mda#"
_PLACES = "urn:epcglobal:epcis:vtype:Location"
_PRODUCTS = "urn:epcglobal:epcis:vtype:EPCClass"
_SERIAL_DIGITS = 9


@dataclass(frozen=True)
class Product:
    """A product: its GTIN, its words, its net weight in kg where it has one."""

    gtin: str
    words: Mapping[str, Any]

    @property
    def net_weight_kg(self) -> int:
        """Net weight of one box."""
        return int(self.words["net_weight_kg"])

    def lot(self, number: str) -> str:
        """Return the Digital Link of a lot."""
        return f"{RESOLVER}/01/{self.gtin}/10/{number}"

    def box(self, serial: int) -> str:
        """Return the Digital Link of one box."""
        return f"{RESOLVER}/01/{self.gtin}/21/{serial:06d}"


@dataclass(frozen=True)
class Place:
    """A place: its Digital Link and what master data says of it."""

    uri: str
    attributes: Mapping[str, str]

    @property
    def where(self) -> dict[str, Any]:
        """Return the fields of an event that happens there."""
        return {"readPoint": {"id": self.uri}, "bizLocation": {"id": self.uri}}


@dataclass(frozen=True)
class Orchard:
    """An orchard and its household."""

    number: int
    place: Place
    origin: str
    person: str


@dataclass(frozen=True)
class Cast:
    """All of them."""

    words: Mapping[str, Any]
    products: Mapping[str, Product]
    places: Mapping[str, Place]
    orchards: tuple[Orchard, ...]

    @property
    def company(self) -> str:
        """The GS1 company prefix."""
        return str(self.words["gs1"]["company"])

    def pallet(self, number: int) -> str:
        """Return the Digital Link of a pallet."""
        digits = f"0{self.company}{number:0{_SERIAL_DIGITS}d}"
        return f"{RESOLVER}/00/{digits}{gtin_check_digit(digits)}"

    def master_data(self) -> dict[str, Any]:
        """Return the EPCIS header that describes products and places."""
        places = [*self.places.values(), *(orchard.place for orchard in self.orchards)]
        return {
            "epcisMasterData": {
                "vocabularyList": [
                    _vocabulary(_PLACES, ((place.uri, place.attributes) for place in places)),
                    _vocabulary(_PRODUCTS, (_described(p) for p in self.products.values())),
                ]
            }
        }


def load_cast(regions: RegionPack) -> Cast:
    """Read ``season.toml`` and look up names and points of its places."""
    words = tomllib.loads((Path(__file__).parent / "season.toml").read_text(encoding="utf-8"))
    company = words["gs1"]["company"]
    products = {
        slug: Product(_with_check_digit(f"0{company}{told['item']}"), told)
        for slug, told in words["product"].items()
    }
    glns = (_with_check_digit(f"{company}{n:05d}") for n in range(1, 1000))
    places = {told["slug"]: _place(told, next(glns), regions) for told in words["place"]}
    orchards = tuple(_orchards(words, glns, regions))
    return Cast(words, products, places, orchards)


def _orchards(
    words: Mapping[str, Any], glns: Iterator[str], regions: RegionPack
) -> Iterator[Orchard]:
    told = words["orchards"]
    for i in range(told["households"]):
        township = told["townships"][i % len(told["townships"])]
        path = regions.path_name(township, "zh")
        about = {
            "region": township,
            "name": told["name"].format(n=i + 1),
            "name_en": told["name_en"].format(n=i + 1),
            "address": told["address"].format(township=path),
        }
        person = words["person"]["name"].format(n=i + 1)
        yield Orchard(i + 1, _place(about, next(glns), regions), path, person)


def _place(told: Mapping[str, Any], gln: str, regions: RegionPack) -> Place:
    attributes = {
        f"{_MDA}name": told["name"],
        f"{VOCABULARY}name_en": told["name_en"],
        SAMPLE_ATTRIBUTE: "true",
    }
    lon, lat, address = told.get("lon"), told.get("lat"), told.get("address", "")
    if "region" in told:
        attributes[f"{VOCABULARY}regionCode"] = told["region"]
        address = address or regions.path_name(told["region"], "zh")
        located = regions.locate(told["region"])
        if located is not None:
            (lon, lat), _quality = located
    attributes[f"{VOCABULARY}address"] = address
    if lon is not None and lat is not None:
        attributes |= {f"{_MDA}longitude": f"{lon:.4f}", f"{_MDA}latitude": f"{lat:.4f}"}
    return Place(f"{RESOLVER}/414/{gln}", attributes)


def _described(product: Product) -> tuple[str, dict[str, str]]:
    attributes = {
        f"{_MDA}descriptionShort": product.words["name"],
        f"{VOCABULARY}name_zh": product.words["name"],
        f"{VOCABULARY}name_en": product.words["name_en"],
        f"{VOCABULARY}brandName": product.words["brand"],
        SAMPLE_ATTRIBUTE: "true",
    }
    if "net_weight_kg" in product.words:
        attributes[f"{VOCABULARY}netWeight_kg"] = str(product.net_weight_kg)
    return f"{RESOLVER}/01/{product.gtin}", attributes


def _vocabulary(kind: str, elements: Iterator[tuple[str, Mapping[str, str]]]) -> dict[str, Any]:
    return {
        "type": kind,
        "vocabularyElementList": [
            {
                "id": uri,
                "attributes": [{"id": k, "attribute": v} for k, v in attributes.items()],
            }
            for uri, attributes in elements
        ],
    }


def _with_check_digit(digits: str) -> str:
    return f"{digits}{gtin_check_digit(digits)}"
