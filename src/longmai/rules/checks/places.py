"""The regions there are, as far as a region pack knows them."""

from longmai.kernel.region_codes import prefix
from longmai.kernel.regions import RegionPack
from longmai.rules.policy.model import Policy


def counties_of(pack: RegionPack) -> tuple[str, ...]:
    """Return the codes of a pack's counties, without trailing zeros."""
    return tuple(
        prefix(county.code)
        for prefecture in pack.children(pack.code)
        for county in pack.children(prefecture.code)
    )


def differs_by_place(policy: Policy) -> bool:
    """Tell whether a parameter has values for parts of the policy's regions."""
    everywhere = {"", *policy.regions}
    rows = (row for each in policy.parameters.values() for row in each.values)
    return any(row.region not in everywhere for row in rows)
