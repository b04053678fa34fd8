"""Where an asset belongs: codes old and new, and names of villages as people write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from longmai.domains.assets.register.importing.grid import Cell
from longmai.domains.assets.register.importing.values import text
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.region_codes import contains, prefix
from longmai.kernel.regions import Region, RegionPack

_ENDINGS = re.compile(r"(村民委员会|居民委员会|村委会|居委会|社区|居|村)+$")
_CODE = re.compile(r"\d{6}(\d{3}(\d{3})?)?")
_NAMED = 5


@dataclass(frozen=True)
class Places:
    """Finds divisions inside one region.

    Attributes:
        regions: the pack.
        within: code of the region that the ledger is of.
    """

    regions: RegionPack
    within: str
    _found: dict[tuple[str, str], str] = field(default_factory=dict)

    def find(self, village: Cell, township: Cell) -> str:
        """Return the 12-digit code that two cells name; both empty: the ledger's own region.

        Raises:
            Invalid: no such place in the region, or several.
        """
        key = text(village), text(township)
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def _find(self, village: str, township: str) -> str:
        if not village and not township:
            return self.regions.get(self.within).code
        if _CODE.fullmatch(village):
            return self._coded(village)
        within = self._township(township) if township else self.within
        return self._named(village, within) if village else within

    def _coded(self, code: str) -> str:
        try:
            found = self.regions.get(code).code
        except NotFound:
            # A code of the list of civil affairs, where that differs from the one for statistics.
            translated = self.regions.pack_code(code)
            if translated is None:
                raise _no("place_code", code) from None
            found = translated
        except Invalid:
            raise _no("place_code", code) from None
        if not contains(self.within, found):
            raise _no("place_outside", code)
        return found

    def _township(self, name: str) -> str:
        if _CODE.fullmatch(name):
            return self._coded(name)
        return _only(name, [each for each in self._townships() if _same(each, name)])

    def _townships(self) -> list[Region]:
        own = self.regions.get(self.within)
        if own.level == "village":
            return [self.regions.get(own.parent)]
        return [own] if own.level == "township" else list(self.regions.children(own.code))

    def _named(self, name: str, within: str) -> str:
        found = [each for each in self._villages(within) if _same(each, name)]
        if not found:
            # The name may have the township before it.
            for each in self._townships():
                rest = name.partition(each.name)[2]
                if rest and contains(within, each.code):
                    found += [v for v in self._villages(each.code) if _same(v, rest)]
        return _only(name, found)

    def _villages(self, within: str) -> list[Region]:
        own = self.regions.get(within)
        if own.level == "village":
            return [own]
        if own.level == "township":
            return list(self.regions.children(own.code))
        below = (self._villages(each.code) for each in self.regions.children(own.code))
        return [each for some in below for each in some]


def _bare(name: str) -> str:
    return _ENDINGS.sub("", name.replace(" ", "")) or name


def _same(region: Region, name: str) -> bool:
    return region.name == name or _bare(region.name) == _bare(name)


def _only(name: str, found: list[Region]) -> str:
    if not found:
        raise _no("place_unknown", name)
    if len(found) > 1:
        told = ", ".join(f"{each.name} {prefix(each.code)}" for each in found[:_NAMED])
        raise _no("place_several", f"{name}: {told}")
    return found[0].code


def _no(kind: str, value: str) -> Invalid:
    return Invalid("no such place", code=f"ledgerbook.{kind}", value=value)


LEVELS: Mapping[str, str] = {"county": "county", "township": "township", "village": "village"}
"""Level of an asset, by that of the division it belongs to."""
