"""Builds a county of assets through the services that people use, village by village.

Each village is a unit of work: enter, determine, post, register, certify, hand over, inspect. Who
stops half-way goes on with ``generate`` again: villages that have assets are left alone.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from longmai.domains.assets.county.inventing import (
    DEFAULT_SEED,
    Extent,
    Village,
    assets_of,
    catalogue,
    holders,
    villages,
)
from longmai.domains.assets.life.service import Inspection, inspect, open_inventory
from longmai.domains.assets.register import queries
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.service import (
    Determination,
    NewMark,
    determine,
    enter,
    place_mark,
)
from longmai.domains.assets.register.steps import (
    MOST_ON_A_NOTICE,
    Posting,
    certify,
    hand_over,
    post_notice,
    register,
)
from longmai.kernel.region_codes import pad
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House
from longmai.store.unit_of_work import UnitOfWork

# Of a hundred assets, how many have come so far.
_DETERMINED, _NOTICED, _REGISTERED, _CERTIFIED, _HANDED = 95, 90, 80, 70, 55
# Days ago.
_SURVEY, _FOUND, _POSTED, _OVER, _ISSUED, _HANDED_ON, _LOOKED = 200, 160, 120, 100, 80, 60, 20
_JUST_POSTED = 2
WHOLE = Extent()
_SAMPLE = Extent(townships=1, villages=8, assets=160)
Tell = Callable[[int, int], None]


def generate(
    house: House,
    county: str = "",
    extent: Extent = WHOLE,
    seed: int = DEFAULT_SEED,
    tell: Tell = lambda _done, _total: None,
) -> int:
    """Build a county's assets; return how many are there.

    Args:
        house: to build it in.
        county: code; empty: the county of the region's sample village.
        extent: how large.
        seed: of all that is left to chance.
        tell: is told how many villages are done, of how many.

    Raises:
        NotFound: the pack has no such county.
    """
    code = house.regions.get(county or str(house.regions.about["sample_village"])[:6]).code
    wanted = villages(house.regions, code, extent, seed)
    with house.store.read() as connection:
        built = dict(queries.sums_below(connection, queries.Filters(region=code), 12))
    for done, village in enumerate(wanted):
        tell(done, len(wanted))
        if village.region.code not in built:
            with house.store.begin() as work:
                build_village(_desk(house, work), village, seed)
            # A log that nobody integrates fills up: here it is done as the server would.
            house.integrate()
    tell(len(wanted), len(wanted))
    return sum(each.assets for each in wanted)


def _desk(house: House, work: UnitOfWork) -> Desk:
    return Desk.of(house, work, operator(house), sample=True)


def build_village(desk: Desk, village: Village, seed: int) -> None:
    """Build the assets of one village, and lead them on their way."""
    chance = Random(f"{seed}/{village.region.code}/way")  # noqa: S311 - invents sample data, guards nothing
    told, day = catalogue(), desk.today
    assets = list(assets_of(village, day, seed))
    ids = enter(desk, assets, day - timedelta(days=_SURVEY))
    # Spread evenly, so that a small village too has some at each stage.
    far = [100 * place // len(ids) for place in range(len(ids))]
    chance.shuffle(far)

    def until(mark: int) -> list[UUID]:
        return [each for each, reach in zip(ids, far, strict=True) if reach < mark]

    found = [
        Determination(each, holders(village.region, asset, chance), told["basis"])
        for each, asset, reach in zip(ids, assets, far, strict=True)
        if reach < _DETERMINED
    ]
    determine(desk, found, day - timedelta(days=_FOUND))
    posting = Posting(told["notice_place"], told["notice_days"], told["notice_basis"])
    late = [each for each in until(_NOTICED) if each not in set(until(_REGISTERED))]
    for noticed, ago in ((until(_REGISTERED), _POSTED), (late, _JUST_POSTED)):
        for start in range(0, len(noticed), MOST_ON_A_NOTICE):
            batch = noticed[start : start + MOST_ON_A_NOTICE]
            post_notice(desk, batch, posting, day - timedelta(days=ago))
    register(desk, until(_REGISTERED), day - timedelta(days=_OVER))
    certify(desk, until(_CERTIFIED), day - timedelta(days=_ISSUED))
    receiver = holders(village.region, assets[0], chance)["ownership"][0].party.name
    hand_over(desk, until(_HANDED), receiver, day - timedelta(days=_HANDED_ON))
    _live(desk, until(_HANDED), chance)


def _live(desk: Desk, ids: Sequence[UUID], chance: Random) -> None:
    day = desk.today - timedelta(days=_LOOKED)
    for each in ids[::12]:
        form = UUID(int=chance.getrandbits(128), version=4)
        inspect(desk, each, Inspection(form, chance.choice(("good", "normal", "low"))), day)
    for each in ids[5::40]:
        document = catalogue()["basis"]
        mark = NewMark("mortgage", "operation", document, catalogue()["firms"][0], 1_000_000)
        place_mark(desk, each, mark, day)


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Build one township of the sample county, unless the store holds sample assets already."""
    with house.store.read() as connection:
        if queries.has_sample(connection):
            return
    tell("Building the assets of a sample township …")
    count = generate(house, extent=_SAMPLE)
    village = str(house.regions.about["sample_village"])
    with house.store.begin() as work:
        desk = _desk(house, work)
        until = desk.today + timedelta(days=20)
        open_inventory(desk, pad(village[:9]), f"{desk.today.year} 年示例盘点", until)
    house.integrate()
    tell(f"Built {count} sample assets.")
