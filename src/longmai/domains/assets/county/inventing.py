"""Invents the assets of a county from a seed: the same seed gives the same county.

All chance comes from one generator, all words and numbers from ``catalogue.toml``; names and codes
of divisions from the region pack. Points are spread around the county's own.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from longmai.domains.assets.register.model.asset import Asset, Funding, Lease
from longmai.domains.assets.register.model.rights import Holding, Party
from longmai.kernel.money import divide_fen, yuan_to_fen
from longmai.kernel.region_codes import prefix
from longmai.kernel.regions import Region, RegionPack

DEFAULT_SEED = 2026
_CONDITIONS = (("good", 55), ("normal", 25), ("low", 10), ("idle", 7), ("damaged", 3))
_RESIDUAL_PERMILLE = 50
_SPREAD = (0.18, 0.04, 0.006)
"""Degrees that townships, villages and assets lie apart."""
_DAYS_OF_A_MONTH = 28


@cache
def catalogue() -> Mapping[str, Any]:
    """Return what a county is made of."""
    return tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Extent:
    """How large a county is made: how many townships, villages, and assets in all."""

    townships: int = 16
    villages: int = 250
    assets: int = 20_000


@dataclass(frozen=True)
class Village:
    """A village, where it lies, and how many assets it gets."""

    region: Region
    lon: float
    lat: float
    assets: int


def villages(regions: RegionPack, county: str, extent: Extent, seed: int) -> list[Village]:
    """Return the villages that a county of this extent takes, the sample's township first."""
    own = str(regions.about.get("sample_village", ""))
    # The sample's first, then those with most villages: a county of the size that is asked for.
    townships = sorted(
        regions.children(county),
        key=lambda t: (not own.startswith(prefix(t.code)), -len(regions.children(t.code)), t.code),
    )[: extent.townships]
    found = [(t, v) for t in townships for v in regions.children(t.code)]
    # Evenly from each township where there are more than wanted.
    by_turn = sorted(found, key=lambda pair: regions.children(pair[0].code).index(pair[1]))
    taken = by_turn[: extent.villages]
    chance = Random(seed)  # noqa: S311 - invents sample data, guards nothing
    located = regions.locate(county)
    lon, lat = located[0] if located else (0.0, 0.0)
    middles = {t.code: _near(chance, lon, lat, _SPREAD[0]) for t in townships}
    shares = divide_fen(extent.assets, [1] * len(taken)) if taken else []
    placed = [
        Village(v, *_near(chance, *middles[t.code], _SPREAD[1]), n)
        for (t, v), n in zip(taken, shares, strict=True)
    ]
    return sorted(placed, key=lambda each: (each.region.parent, each.region.code))


def _near(chance: Random, lon: float, lat: float, spread: float) -> tuple[float, float]:
    return lon + chance.uniform(-spread, spread), lat + chance.uniform(-spread, spread)


def assets_of(village: Village, today: date, seed: int) -> Iterator[Asset]:
    """Yield the assets of a village."""
    told = catalogue()
    chance = Random(f"{seed}/{village.region.code}")  # noqa: S311 - as above
    kinds = told["kinds"]
    weights = [kind["weight"] for kind in kinds]
    for number in range(1, village.assets + 1):
        kind = chance.choices(kinds, weights)[0]
        yield _asset(village, today, kind, number, chance)


def _asset(
    village: Village, today: date, kind: Mapping[str, Any], number: int, chance: Random
) -> Asset:
    told, region = catalogue(), village.region.code
    low, high = kind["cost_yuan"]
    cost = yuan_to_fen(chance.randrange(low, high, 100))
    year = chance.randrange(today.year - 9, today.year - 1)
    built = date(year, chance.randrange(1, 13), chance.randrange(1, _DAYS_OF_A_MONTH + 1))
    lon, lat = _near(chance, village.lon, village.lat, _SPREAD[2])
    household = kind["class"] == "household"
    return Asset(
        code=f"{prefix(region)}-{number:04d}",
        name=f"示例{kind['name']}{number}号",
        asset_class=kind["class"],
        level="household" if household else "village",
        region=region,
        cost_fen=cost,
        project=chance.choice(told["projects"]),
        year=year,
        funding=_funding(cost, chance),
        built_on=built,
        handed_on=built + timedelta(days=chance.randrange(30, 300)),
        place=f"{chance.randrange(1, 9)}组",
        lon=round(lon, 6),
        lat=round(lat, 6),
        quantity=Decimal(chance.randrange(1, 6)),
        unit=kind["unit"],
        caretaker=f"{chance.choice(told['surnames'])}示例",
        regulator=chance.choice(told["regulators"]),
        lease=_lease(kind, cost, built, chance),
        condition=chance.choices([c for c, _ in _CONDITIONS], [w for _, w in _CONDITIONS])[0],
        households=chance.randrange(1, 60),
        life_months=kind["life_months"],
        residual_permille=_RESIDUAL_PERMILLE,
        depreciation_basis=told["depreciation_basis"],
    )


def _funding(cost_fen: int, chance: Random) -> tuple[Funding, ...]:
    sources = chance.sample(catalogue()["sources"], chance.randrange(1, 3))
    parts = divide_fen(cost_fen, [chance.randrange(1, 5) for _ in sources])
    return tuple(Funding(source, part) for source, part in zip(sources, parts, strict=True))


def _lease(kind: Mapping[str, Any], cost_fen: int, built: date, chance: Random) -> Lease:
    if kind["class"] != "operating" or chance.random() < 0.3:  # noqa: PLR2004 - three in ten stand without a contract
        return Lease()
    start = date(built.year + 1, 1, 1)
    rent = cost_fen * chance.randrange(20, 60) // 1000 // 100 * 100
    due = rent * chance.randrange(1, 4)
    return Lease(
        start, date(start.year + 9, 12, 31), rent, due, due * chance.randrange(5, 11) // 10
    )


def collective_of(village: Region) -> Party:
    """Return the village's collective."""
    name = village.name.replace("村委会", "村").replace("居委会", "")
    return Party("collective", village.code, f"{name}股份经济合作社（示例）")


def holders(village: Region, asset: Asset, chance: Random) -> dict[str, tuple[Holding, ...]]:
    """Return who holds the three rights of an asset."""
    told, own = catalogue(), collective_of(village)
    whole = _whole(own)
    if asset.asset_class == "household":
        identity = UUID(int=chance.getrandbits(128), version=4)
        household = Party("household", str(identity), asset.caretaker)
        return dict.fromkeys(("ownership", "operation", "income"), _whole(household))
    rights = {"ownership": whole, "operation": whole, "income": whole}
    if asset.lease.rent_fen is not None:
        rights["operation"] = _whole(Party("enterprise", "", chance.choice(told["firms"])))
        if chance.random() < 0.5:  # noqa: PLR2004 - every other one
            other = Party("cooperative", "", told["cooperative"])
            part = _third(chance)
            rights["income"] = (Holding(own, 1 - part), Holding(other, part))
    return rights


def _whole(party: Party) -> tuple[Holding, ...]:
    return (Holding(party, Fraction(1)),)


def _third(chance: Random) -> Fraction:
    return Fraction(1, chance.randrange(3, 8))
