"""Loads the sample season through the same door as real events."""

from collections.abc import Callable

from longmai.domains.brand.queries import has_sample
from longmai.domains.brand.sample import generate
from longmai.domains.brand.service import Capturer, capture
from longmai.portal.accounts.visiting import SAMPLE_ACTOR
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Capture the sample season, in one transaction, unless the store holds it already."""
    with house.store.read() as connection:
        if has_sample(connection):
            return
    tell("Loading the sample season of apples …")
    with house.store.begin() as work:
        by = Capturer(SAMPLE_ACTOR, EVERYWHERE, house.regions.code, house.clock.now())
        receipts = [capture(work, document, by) for document in generate()]
    tell(f"Loaded {sum(len(receipt.events) for receipt in receipts)} sample events.")
