"""The sample season's recall, ordered as an official would order it."""

from collections.abc import Callable

from sqlalchemy import select

from longmai.domains.brand.recall.letters import desk_of, letter_of
from longmai.domains.brand.recall.queries import recalls
from longmai.domains.brand.recall.service import Order, order
from longmai.domains.brand.tables import EVENT, ITEM
from longmai.portal.accounts.visiting import sampler
from longmai.portal.house import House
from longmai.portal.rendering import Words
from longmai.store.table_window import Window


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Order the recall that the sample season's events speak of, unless there is one already."""
    with house.store.read() as connection:
        total, _ = recalls(connection, Window("at", size=0))
        query = (
            select(ITEM.c.key)
            .join(EVENT, EVENT.c.record_id == ITEM.c.record_id)
            .where(EVENT.c.disposition == "recalled", EVENT.c.sample.is_(True), ITEM.c.is_class)
        )
        lot = connection.scalar(query.limit(1))
    if total or lot is None:
        return
    tell("Ordering the sample season's recall …")
    note = Words(house, "zh")("recall.sample.note")
    wish = Order((lot,), "2", "cold_chain", note, sample=True)
    with house.store.begin() as work:
        order(desk_of(house, work, sampler(house)), wish, letter_of(house, wish))
