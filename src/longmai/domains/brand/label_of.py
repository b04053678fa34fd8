"""What a thing's label says, from its journey; in Chinese, with the name in both languages."""

from collections.abc import Sequence
from dataclasses import replace

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


def labels_of_lot(label: Label, boxes: Sequence[str], public_url: str) -> list[Label]:
    """Return a label for each single box of a lot, all alike but for serial number and code."""
    return [
        replace(
            label,
            serial=gs1.elements(box)["21"],
            address=gs1.digital_link(box, public_url),
        )
        for box in boxes
    ]


def _origin(journey: Journey, regions: RegionPack, t: Words) -> str:
    """Name where it grew: the places' common parent once, then the places, if they are few."""
    known = [p.region for p in journey.origins if p.region and contains(regions.code, p.region)]
    places = [regions.get(code) for code in dict.fromkeys(known)]
    while len(places) > 1 and (
        len(places) > _MOST_ORIGINS or len({place.parent for place in places}) > 1
    ):
        parents = dict.fromkeys(place.parent for place in places if place.parent)
        places = [regions.get(code) for code in parents]
    if len(places) <= 1:
        return "".join(regions.path_name(place.code, SOURCE_LANGUAGE) for place in places)
    above = regions.path_name(places[0].parent or places[0].code, SOURCE_LANGUAGE)
    return above + t("brand.amount.and").join(place.name for place in places)


def _harvest(journey: Journey) -> str:
    days = sorted(local_time(time, "%Y-%m-%d") for time in journey.begun)
    if not days:
        return ""
    return days[0] if days[0] == days[-1] else f"{days[0]} – {days[-1]}"
