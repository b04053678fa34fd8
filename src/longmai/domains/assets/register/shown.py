"""What pages and API show of the register: names of people masked, unless they may be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from longmai.domains.assets.register.deeds import READ
from longmai.domains.assets.register.model.rights import NATURAL, Holding, Party
from longmai.domains.assets.register.queries import Known
from longmai.portal.masking import masked
from longmai.portal.rights.visitor import Visitor


def sees_all(visitor: Visitor, region: str) -> bool:
    """Tell whether a visitor may see the names of people in a region's ledger."""
    return visitor.may(READ, region)


def name_of(party: Party, *, whole: bool) -> str:
    """Return a party's name as somebody sees it.

    >>> name_of(Party("household", "", "张三"), whole=False)
    '张*'
    """
    return party.name if whole or party.kind not in NATURAL else person(party.name, whole=False)


def person(name: str, *, whole: bool) -> str:
    """Return a person's name as somebody sees it."""
    return name if whole else masked(name, 1, 0)


@dataclass(frozen=True)
class Share:
    """A holding as a page shows it: exact, and about how many per cent."""

    kind: str
    name: str
    share: str
    percent: str


def shares(holdings: Sequence[Holding], *, whole: bool) -> tuple[Share, ...]:
    """Return holdings as a page shows them."""
    return tuple(
        Share(
            each.party.kind,
            name_of(each.party, whole=whole),
            str(each.share),
            f"{float(each.share):.2%}",
        )
        for each in holdings
    )


@dataclass(frozen=True)
class Line:
    """An asset in a list."""

    asset_id: UUID
    code: str
    name: str
    asset_class: str
    level: str
    region: str
    cost_fen: int
    year: int | None
    stage: str
    condition: str
    sample: bool


def line(known: Known) -> Line:
    """Return an asset as a list shows it."""
    asset = known.asset
    return Line(
        known.asset_id,
        asset.code,
        asset.name,
        asset.asset_class,
        asset.level,
        asset.region,
        asset.cost_fen,
        asset.year,
        known.state.stage,
        known.state.condition,
        known.sample,
    )
