"""The sample season: what ``make run`` shows before anybody has captured anything."""

from longmai.domains.brand.sample.season import (
    DEFAULT_SEED,
    first_box_key,
    first_lot_key,
    generate,
)

__all__ = ["DEFAULT_SEED", "first_box_key", "first_lot_key", "generate"]
