"""Collects people on the borders of a rule, in the order in which they come: all, or some."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_FEW = 1000
_PART = 16


@dataclass(frozen=True)
class Some:
    """People of a group who are on a border.

    Attributes:
        found: how many are.
        at: places of them; of many, of those in the first part of the group.
    """

    found: int
    at: pa.Array

    @classmethod
    def of(cls, near: pa.BooleanArray, *, whole: bool) -> "Some":
        """Return who is on a border."""
        found = near.true_count
        if found > _FEW and not whole:
            near = near.slice(0, len(near) // _PART)
        return cls(found, pc.indices_nonzero(near))


@dataclass
class Borders:
    """People on the borders of one rule.

    Attributes:
        most: about so many are kept, at even distances; 0: all.
        found: how many there are.
    """

    most: int
    found: int = 0
    _step: int = 1
    _offered: int = 0
    _kept: list[tuple[int, Any]] = field(default_factory=list)

    def add(self, some: Some, told: Callable[[pa.Array], list[Any]]) -> None:
        """Note some of a group of people; of those at given places something is told."""
        picked = self._picked(some)
        while self.most and len(self._kept) + len(picked) > 2 * self.most:
            self._step *= 2
            self._kept = [each for each in self._kept if each[0] % self._step == 0]
            picked = self._picked(some)
        if picked:
            own = told(some.at.take(pa.array(picked, pa.int64())))
            self._kept += [(self._offered + n, each) for n, each in zip(picked, own, strict=True)]
        self._offered += len(some.at)
        self.found += some.found

    def _picked(self, some: Some) -> range:
        return range(-self._offered % self._step, len(some.at), self._step)

    def kept(self) -> list[Any]:
        """Return what was told of those who were kept."""
        return [each for _, each in self._kept]
