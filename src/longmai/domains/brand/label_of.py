"""What a thing's label says, from its journey; in Chinese, with the name in both languages."""

from collections.abc import Sequence

from longmai.domains.brand.journey import Journey
from longmai.domains.brand.labels import Label
from longmai.domains.brand.model import gs1
from longmai.kernel.i18n import SOURCE_LANGUAGE
from longmai.kernel.regions import RegionPack, contains
from longmai.portal.rendering import Words, local_time

_MOST_ORIGINS = 2


def label_of(journey: Journey, public_url: str, regions: RegionPack, t: Words) -> Label:
    """Return the label of a thing; what is not known is left empty, and so left out.

    Args:
        journey: of the thing.
        public_url: the resolver its QR code leads to.
        regions: to name its origin.
        t: the label's words.
    """
    parts = gs1.elements(journey.key) if gs1.is_key(journey.key) else {}
    product = journey.product
    names = product.names if product else {}
    name = product.name(SOURCE_LANGUAGE) if product else t("brand.scan.unnamed")
    weight = product.attributes.get("netWeight_kg") if product else None
    return Label(
        name=name,
        name_en=names.get("en", ""),
        origin=_origin(journey, regions, t),
        lot=gs1.elements(journey.lot)["10"] if journey.lot else "",
        serial=parts.get("21", parts.get("00", "")),
        gtin=parts.get("01", ""),
        harvested=_harvest(journey),
        net_weight=f"{weight} kg" if weight else "",
        certificate=t("brand.label.certified") if journey.certificates else "",
        address=gs1.digital_link(journey.key, public_url),
        mark=t("brand.label.sample") if journey.sample else "",
    )


def _origin(journey: Journey, regions: RegionPack, t: Words) -> str:
    # Neighbouring orchards share their township; several townships share their county.
    known = [p.region for p in journey.origins if p.region and contains(regions.code, p.region)]
    codes = list(dict.fromkeys(known))
    named = [regions.path_name(code, SOURCE_LANGUAGE) for code in codes]
    if len(named) > _MOST_ORIGINS:
        parents = [regions.get(code).parent for code in codes]
        named = [regions.path_name(code, SOURCE_LANGUAGE) for code in _unique(parents) if code]
    return t("brand.amount.and").join(named[:_MOST_ORIGINS])


def _unique(values: Sequence[str | None]) -> list[str | None]:
    return list(dict.fromkeys(values))


def _harvest(journey: Journey) -> str:
    days = sorted(local_time(time, "%Y-%m-%d") for time in journey.begun)
    if not days:
        return ""
    return days[0] if days[0] == days[-1] else f"{days[0]} – {days[-1]}"
