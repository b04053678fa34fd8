"""How large an emergency reserve must be: what is assumed, and what it comes to for a place."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from longmai.allocate.reserve import Exposure, Losses, Peril, simulate
from longmai.domains.assets.register import queries as register
from longmai.kernel.errors import Invalid, InvalidMany, TooLarge
from longmai.kernel.money import yuan_to_fen
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

LEVELS = (0.9, 0.95, 0.99)
MOST_ASSETS = 5_000
MOST_DRAWS = 100_000_000
"""Assets × dangers × years that are simulated at once: a second or two."""
_MOST_SEED = 2**31
_HUNDRED = 100
_FILE = Path(__file__).with_name("perils.toml")


@cache
def perils_told() -> Mapping[str, bool]:
    """Return the dangers, and whether each strikes all assets of a place at once."""
    return {name: bool(each["common"]) for name, each in _told()["perils"].items()}


@cache
def trials_told() -> int:
    """Return how many years are simulated where nobody says."""
    return int(_told()["trials"])


def _told() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Assumed:
    """What a reserve is sized by.

    Attributes:
        perils: dangers whose numbers are known; ``left_out``: names of the others.
        covered_permille: of each loss above ``deductible_fen`` that insurance pays, to
            ``limit_fen``; None: without limit.
    """

    perils: tuple[Peril, ...]
    left_out: tuple[str, ...]
    covered_permille: int
    deductible_fen: int
    limit_fen: int | None
    trials: int
    seed: int


@dataclass(frozen=True)
class Sized:
    """A reserve of a place.

    Attributes:
        assets: number of assets; ``value_fen`` what they are worth together.
    """

    assumed: Assumed
    assets: int
    value_fen: int
    losses: Losses
    sample: bool

    @property
    def rows(self) -> list[tuple[float, int, int]]:
        """Return (level, value at risk, expected shortfall in fen) of each level."""
        found = self.losses
        return [(level, found.var_fen(level), found.es_fen(level)) for level in LEVELS]

    @property
    def mean_fen(self) -> int:
        """Return what is borne in a year on average."""
        return round(self.losses.mean_fen)

    @property
    def gross_fen(self) -> int:
        """Return what is lost in a year on average, before insurance."""
        return round(float(self.losses.gross_fen.mean()))


def read_assumed(typed: Mapping[str, str]) -> Assumed:
    """Read the assumptions as they are typed.

    Args:
        typed: ``often.<peril>`` and ``lost.<peril>`` in per cent, ``spread`` and ``covered`` in per
            cent, ``deductible`` and ``limit`` in yuan, ``trials``, ``seed``. Empty: not known; of
            ``covered`` and ``deductible`` nothing.

    Raises:
        InvalidMany: what is no number or out of bounds, or half of a danger is missing, by field.
    """
    reader = _Reader(typed)
    spread = float(reader.percent("spread") or 0) / _HUNDRED
    perils, left_out = [], []
    for name, common in perils_told().items():
        often, lost = reader.percent(f"often.{name}"), reader.percent(f"lost.{name}")
        if often is None and lost is None:
            left_out.append(name)
        elif not often or not lost:
            reader.wrong(f"lost.{name}" if often else f"often.{name}", "half")
        else:
            shares = float(often) / _HUNDRED, float(lost) / _HUNDRED
            perils.append(Peril(name, *shares, spread, common))
    covered = reader.percent("covered") or Decimal(0)
    if spread >= 1:
        reader.wrong("spread", "spread")
    if covered * 10 % 1:
        reader.wrong("covered", "percent")
    found = Assumed(
        perils=tuple(perils),
        left_out=tuple(left_out),
        covered_permille=int(covered * 10),
        deductible_fen=reader.money("deductible") or 0,
        limit_fen=reader.money("limit"),
        trials=reader.whole("trials", 1_000, 100_000, trials_told()),
        seed=reader.whole("seed", 0, _MOST_SEED, 1),
    )
    if reader.findings:
        raise InvalidMany(
            f"{len(reader.findings)} findings", reader.findings, code="reserve.fields"
        )
    return found


@dataclass
class _Reader:
    typed: Mapping[str, str]
    findings: list[Invalid] = field(default_factory=list)

    def wrong(self, name: str, code: str, what: str = "not a number within bounds") -> None:
        if name in {each.place for each in self.findings}:
            return  # one word about a field is enough
        value = self.typed.get(name, "")
        self.findings.append(Invalid(what, code=f"reserve.{code}", place=name, value=value))

    def percent(self, name: str) -> Decimal | None:
        text = self.typed.get(name, "").removesuffix("%").strip()
        if not text:
            return None
        try:
            share = Decimal(text)
        except InvalidOperation:
            share = Decimal(-1)
        if not share.is_finite() or not 0 <= share <= _HUNDRED:
            self.wrong(name, "percent")
            return None
        return share

    def money(self, name: str) -> int | None:
        text = self.typed.get(name, "").replace(",", "").removesuffix("元").strip()
        if not text:
            return None
        try:
            amount = yuan_to_fen(text)
        except Invalid:
            amount = -1
        if amount < 0:
            self.wrong(name, "money")
            return None
        return amount

    def whole(self, name: str, least: int, most: int, otherwise: int) -> int:
        text = self.typed.get(name, "").strip()
        if not text:
            return otherwise
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1  # noqa: PLR2004 - digits of 2³¹
        if not least <= number <= most:
            self.wrong(name, name)
        return number


def size(connection: Connection, scope: Scope, region: str, assumed: Assumed) -> Sized:
    """Simulate what the owners of a place's assets have to bear in a year.

    An asset counts with its net value, where the register states one, else with its cost. Those
    that belong to households, or were disposed of, are left out.

    Raises:
        TooLarge: the place has too many assets, or there are too many years for them.
    """
    filters = register.Filters(region=region, scope=scope)
    window = Window("code", size=MOST_ASSETS, descending=False)
    total, found = register.assets(connection, filters, window)
    if total > MOST_ASSETS:
        raise TooLarge(f"{total} assets; at most {MOST_ASSETS} at once", code="reserve.assets",
                       place="region", value=total)  # fmt: skip
    exposures = _exposures(found, assumed)
    draws = len(exposures) * len(assumed.perils) * assumed.trials
    if draws > MOST_DRAWS:
        most = MOST_DRAWS // (len(exposures) * len(assumed.perils))
        raise TooLarge(f"at most {most} years for so many assets", code="reserve.draws",
                       place="trials", value=assumed.trials)  # fmt: skip
    losses = simulate(exposures, assumed.perils, assumed.trials, assumed.seed)
    value_fen = sum(each.value_fen for each in exposures)
    return Sized(assumed, len(exposures), value_fen, losses, any(each.sample for each in found))


def _exposures(found: Sequence[register.Known], assumed: Assumed) -> list[Exposure]:
    return [
        Exposure(
            key=asset.code,
            value_fen=asset.cost_fen if asset.net_fen is None else asset.net_fen,
            perils=tuple(peril.name for peril in assumed.perils),
            covered_permille=assumed.covered_permille,
            deductible_fen=assumed.deductible_fen,
            limit_fen=assumed.limit_fen,
        )
        for known in found
        if (asset := known.asset).asset_class != "household" and known.state.stage != "disposed"
    ]
