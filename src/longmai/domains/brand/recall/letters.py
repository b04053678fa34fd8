"""The notice to a holder in words, and the desk that a recall is ordered at."""

from longmai.domains.brand.recall.kinds import levels
from longmai.domains.brand.recall.reach import Holder
from longmai.domains.brand.recall.service import Desk, Letter, Order
from longmai.kernel.i18n import SOURCE_LANGUAGE
from longmai.portal.channels import channels_of
from longmai.portal.house import House
from longmai.portal.rendering import Words
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import UnitOfWork

_SHOWN = 5


def desk_of(house: House, work: UnitOfWork, visitor: Visitor) -> Desk:
    """Return the desk of a visitor."""
    channel = "webhook" if "webhook" in channels_of(house.settings) else "file"
    return Desk(work, visitor, house.clock.now(), house.regions.code, channel)


def letter_of(house: House, wish: Order) -> Letter:
    """Return what writes the notice to a holder: what, how many, why, by when."""
    words = Words(house, SOURCE_LANGUAGE)

    def letter(holder: Holder) -> tuple[str, str]:
        held = [each for each in holder.standings if each.state in {"held", "sold"}]
        shown = [each.key for each in held[:_SHOWN]]
        body = words(
            "recall.letter.body",
            name=holder.described.name(SOURCE_LANGUAGE) if holder.described else holder.place,
            n=len(held),
            keys="、".join(shown) + ("……" if len(held) > _SHOWN else ""),
            reason=words(f"recall.reason.{wish.reason}"),
            note=wish.note,
            hours=levels()[wish.level]["hours"],
        )
        return words("recall.letter.title"), body

    return letter
