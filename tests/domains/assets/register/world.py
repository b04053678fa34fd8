"""A village with assets, for tests of the register and what is built on it."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar
from uuid import UUID

from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.model.asset import Asset
from longmai.domains.assets.register.model.rights import RIGHTS, Holding, Party
from longmai.domains.assets.register.service import Determination, determine, enter
from longmai.domains.assets.register.steps import Posting, certify, hand_over, post_notice, register
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House
from longmai.portal.rights.visitor import Visitor

Result = TypeVar("Result")

BASIS = "示例协议第 1 号"
FIRM = Party("enterprise", "", "示例食品公司")
HOUSEHOLD = Party("household", "0199a000-0000-7000-8000-000000000001", "张示例")


def village_of(house: House) -> str:
    """Return the code of the sample's village."""
    return str(house.regions.about["sample_village"])


def collective_of(house: House) -> Party:
    """Return the collective of the sample's village."""
    return Party("collective", village_of(house), "示例村股份经济合作社")


def asset_in(house: House, code: str = "A-1", **changes: object) -> Asset:
    """Return an asset that can be entered."""
    columns = {
        "code": code,
        "name": "示例冷库",
        "asset_class": "operating",
        "level": "village",
        "region": village_of(house),
        "cost_fen": 1_000_000_00,
        "project": "示例产业项目",
        "year": 2020,
        "built_on": date(2020, 6, 1),
        "caretaker": "李示例",
        "condition": "good",
    }
    return Asset(**(columns | changes))  # type: ignore[arg-type] # the columns by name


def at_desk(house: House, do: Callable[[Desk], Result], visitor: Visitor | None = None) -> Result:
    """Do something at a desk, in a unit of work of its own."""
    with house.store.begin() as work:
        return do(Desk.of(house, work, visitor or operator(house)))


def entered(house: House, *assets: Asset) -> list[UUID]:
    """Enter assets."""
    return at_desk(house, lambda desk: enter(desk, assets or [asset_in(house)]))


def whole(party: Party) -> tuple[Holding, ...]:
    """Return a right that one party holds."""
    return (Holding(party, Fraction(1)),)


def determined(house: House, asset_ids: Sequence[UUID]) -> None:
    """Find the village's collective to hold all rights."""
    rights = dict.fromkeys(RIGHTS, whole(collective_of(house)))
    found = [Determination(each, rights, BASIS) for each in asset_ids]
    at_desk(house, lambda desk: determine(desk, found, desk.today - timedelta(days=40)))


POSTING = Posting("示例村公示栏", 7, "示例县细则")


def noticed(house: House, asset_ids: Sequence[UUID], days_ago: int = 30) -> UUID:
    """Post a notice some days ago."""
    return at_desk(
        house,
        lambda desk: post_notice(desk, asset_ids, POSTING, desk.today - timedelta(days=days_ago)),
    )


def certified(house: House, *assets: Asset) -> tuple[list[UUID], list[UUID]]:
    """Lead assets to their certificates; return the IDs of both."""
    ids = entered(house, *assets)
    determined(house, ids)
    noticed(house, ids)
    at_desk(house, lambda desk: register(desk, ids))
    return ids, at_desk(house, lambda desk: certify(desk, ids))


def handed_over(house: House, *assets: Asset) -> list[UUID]:
    """Lead assets to the end of their way."""
    ids, _ = certified(house, *assets)
    at_desk(house, lambda desk: hand_over(desk, ids, "示例村股份经济合作社"))
    return ids
