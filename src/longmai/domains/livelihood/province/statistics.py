"""Published totals of a region's population: what the sample province is fitted to.

They lie in the region pack as ``population.toml``, with first day, unit, source and status.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.regions import RegionPack

FILE = "population.toml"
SHARES = ("aged_0_14", "aged_60_up", "aged_65_up", "male", "urban")


@dataclass(frozen=True)
class Statistics:
    """Totals and shares by prefix of a region code.

    Attributes:
        people: residents.
        shares: of all people, 0 to 1, by name of the share, then by prefix.
        sources: what the file says of each figure, without the values; for manifests.
    """

    people: Mapping[str, int]
    shares: Mapping[str, Mapping[str, float]]
    sources: Mapping[str, Any]

    def share(self, name: str, code: str) -> float:
        """Return a share for a region: its own, else that of the nearest region above it.

        Raises:
            NotFound: no region above has it either.
        """
        known = self.shares[name]
        fitting = [each for each in known if code.startswith(each)]
        if not fitting:
            raise NotFound(
                f"no published share '{name}'", code="statistics.share", place=FILE, value=code
            )
        return known[max(fitting, key=len)]

    def assumed(self, name: str, code: str) -> bool:
        """Tell whether a region has no share of its own, so that another's is taken."""
        return code not in self.shares[name]


def read_statistics(pack: RegionPack) -> Statistics:
    """Read a region pack's totals.

    Raises:
        NotFound: the pack has none.
        Invalid: a figure is missing or is none; prefectures do not add up to the whole.
    """
    file = pack.folder / FILE
    if not file.is_file():
        raise NotFound(
            "the region pack has no totals of the population",
            code="statistics.file",
            place=str(file),
            mend="write them down as docs/reference/region-pack.md says",
        )
    told = tomllib.loads(file.read_text("utf-8"))
    people = {code: _whole(value, file) for code, value in told["people"]["values"].items()}
    whole = people.pop(str(pack.about["code"]), None)
    if whole is not None and whole != sum(people.values()):
        raise Invalid(
            "the parts do not add up to the whole",
            code="statistics.sum",
            place=f"{file}, people",
            value=f"{sum(people.values()):,} and {whole:,}",
            mend="mend the figure that is wrong",
        )
    shares = {name: _shares(told["shares"], name, file) for name in SHARES}
    return Statistics(people, shares, _without_values(told))


def _whole(value: object, file: Path) -> int:
    if not isinstance(value, int) or value <= 0:
        raise Invalid("not a number of people", code="statistics.people", place=str(file),
                      value=str(value), mend="write a whole number above 0")  # fmt: skip
    return value


def _shares(told: Mapping[str, Any], name: str, file: Path) -> dict[str, float]:
    values = told.get(name, {}).get("values", {})
    for code, each in values.items():
        if not isinstance(each, int | float) or not 0 <= each <= 100:  # noqa: PLR2004 - per cent
            raise Invalid("not a share", code="statistics.share", place=f"{file}, {name}, {code}",
                          value=str(each), mend="write per cent, 0 to 100")  # fmt: skip
    return {code: each / 100 for code, each in values.items()}


def _without_values(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _without_values(each) if isinstance(each, dict) else each
        for name, each in told.items()
        if name != "values"
    }
