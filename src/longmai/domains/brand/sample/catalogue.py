"""What the sample season is about: products and places, read from ``catalogue.toml``.

The file holds all words, numbers and codes; names and points of places inside the province come
from the region pack.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from longmai.domains.brand.model.gs1 import gtin_check_digit
from longmai.kernel.errors import Invalid
from longmai.kernel.regions import RegionPack, find_pack

_FILE = Path(__file__).parent / "catalogue.toml"
GRAMS_A_KG = 1000
# Location references after the company prefix: orchards count from 1, a market's from its multiple.
_COOPERATIVE = 100
_MARKETS = 200


@dataclass(frozen=True)
class Product:
    """A trade item.

    Attributes:
        uri: Digital Link URI of its GTIN.
        name: in Chinese; ``name_en`` in English.
        net_weight_g: of one piece; 0 for what is traded by mass.
        boxes_a_pallet: how many pieces stand on one pallet; 0 likewise.
    """

    uri: str
    name: str
    name_en: str
    net_weight_g: int = 0
    boxes_a_pallet: int = 0


@dataclass(frozen=True)
class Place:
    """A place where something happens, with the party that runs it.

    Attributes:
        uri: Digital Link URI of its GLN.
        name: in Chinese; ``name_en`` in English.
        address: in Chinese.
        region: 12-digit region code.
        lon: longitude in degrees (WGS-84); with ``lat``.
        quality: how good the point is (``kernel.region_files.QUALITIES``).
        city: town in Chinese, where the region pack does not know the place; ``city_en`` likewise.
        party: URI of the party in possession there.
        party_name: in Chinese; ``party_name_en`` in English.
    """

    uri: str
    name: str
    name_en: str
    address: str
    region: str
    lon: float
    lat: float
    quality: str
    party: str
    party_name: str
    party_name_en: str
    city: str = ""
    city_en: str = ""


@dataclass(frozen=True)
class Market:
    """A city where the apples are sold: distribution centre, shops, hours of the road there."""

    centre: Place
    shops: tuple[Place, ...]
    hours: int


class Catalogue:
    """Products, places and settings of the season.

    Attributes:
        settings: the file as it is read.
    """

    def __init__(self, regions: RegionPack | None = None) -> None:
        self.settings: Mapping[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        self._regions = regions or RegionPack.load(find_pack(self.settings["region_pack"]))

    def link(self, path: str) -> str:
        """Return the Digital Link URI of a key."""
        return f"{self.settings['resolver']}/{path}"

    def key_number(self, lead: str, reference: str) -> str:
        """Return a GS1 key: digits before the company prefix, prefix, reference, check digit."""
        body = f"{lead}{self.settings['company_prefix']}{reference}"
        return body + gtin_check_digit(body)

    @cached_property
    def products(self) -> Mapping[str, Product]:
        """Products by their short names in the file."""
        return {
            name: Product(
                uri=self.link(f"01/{self.key_number(row['indicator'], row['reference'])}"),
                name=row["name"],
                name_en=row["name_en"],
                net_weight_g=row.get("net_weight_kg", 0) * GRAMS_A_KG,
                boxes_a_pallet=row.get("boxes_a_pallet", 0),
            )
            for name, row in self.settings["product"].items()
        }

    @cached_property
    def orchards(self) -> tuple[Place, ...]:
        """Orchards, one a village."""
        row = self.settings["orchard"]
        return tuple(
            self._orchard(row, number, code) for number, code in enumerate(row["villages"], start=1)
        )

    def _orchard(self, row: Mapping[str, Any], number: int, code: str) -> Place:
        village, township = self._regions.get(code), self._regions.ancestors(code)[-1]
        suffix = self.settings["community_suffix"]
        named = village.name.removesuffix(suffix["from"])
        village_name = named if named == village.name else named + suffix["to"]
        zh = {"number": number, "village": village_name, "township": township.name}
        en = {"number": number, "village": village.name_en, "township": township.name_en}
        told = {
            "region": code,
            "name": row["name"].format(**zh),
            "name_en": row["name_en"].format(**en),
        }
        party = {"name": row["grower"].format(**zh), "name_en": row["grower_en"].format(**en)}
        return self._place(told, self._location_number(number), party=party)

    @cached_property
    def rooms(self) -> tuple[Place, ...]:
        """Cold rooms of the cooperative."""
        return tuple(self._room(row) for row in self.settings["cooperative"]["room"])

    @cached_property
    def packhouse(self) -> Place:
        """Where apples are graded and packed."""
        return self._room(self.settings["cooperative"]["packhouse"])

    @cached_property
    def dock(self) -> Place:
        """Where trucks are loaded."""
        return self._room(self.settings["cooperative"]["dock"])

    def _room(self, row: Mapping[str, Any]) -> Place:
        cooperative = self.settings["cooperative"]
        number = self._location_number(_COOPERATIVE)
        told = {**row, "region": cooperative["region"]}
        return self._place(told, number, extension=f"/254/{row['id']}", party=cooperative)

    @cached_property
    def markets(self) -> tuple[Market, ...]:
        """Where the apples are sold, the near market first."""
        rows = enumerate(self.settings["market"], start=1)
        return tuple(self._market(row, number * _MARKETS) for number, row in rows)

    def _market(self, row: Mapping[str, Any], first: int) -> Market:
        return Market(
            self._place(row["centre"], self._location_number(first)),
            tuple(
                self._place(shop, self._location_number(number))
                for number, shop in enumerate(row["shop"], start=first + 1)
            ),
            row["hours"],
        )

    def places(self) -> Iterator[Place]:
        """Yield every place."""
        yield from self.orchards
        yield from (*self.rooms, self.packhouse, self.dock)
        for market in self.markets:
            yield market.centre
            yield from market.shops

    def origin(self, orchard: Place) -> str:
        """Return the full Chinese name of where an orchard is."""
        return self._regions.path_name(orchard.region)

    def _location_number(self, reference: int) -> str:
        return self.key_number("", f"{reference:05d}")

    def _place(
        self,
        row: Mapping[str, Any],
        number: str,
        *,
        extension: str = "",
        party: Mapping[str, Any] | None = None,
    ) -> Place:
        lon, lat, quality, address = self._where(row)
        owner = party or row
        return Place(
            uri=self.link(f"414/{number}{extension}"),
            name=row["name"],
            name_en=row["name_en"],
            address=address + self.settings["words"]["sample_address"],
            region=row["region"],
            lon=lon,
            lat=lat,
            quality=quality,
            party=self.link(f"417/{number}"),
            party_name=owner["name"],
            party_name_en=owner["name_en"],
            city=row.get("outside", {}).get("city", ""),
            city_en=row.get("outside", {}).get("city_en", ""),
        )

    def _where(self, row: Mapping[str, Any]) -> tuple[float, float, str, str]:
        outside = row.get("outside")
        if outside:
            return outside["lon"], outside["lat"], "approximate", outside["address"]
        located = self._regions.locate(row["region"])
        if located is None:
            raise Invalid(
                "the region pack has no point for a place of the sample",
                code="sample.point",
                place=str(_FILE),
                value=row["region"],
            )
        (lon, lat), quality = located
        return lon, lat, quality, self._regions.path_name(row["region"])
