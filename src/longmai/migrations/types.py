"""Column types as the migrations write them.

Kept apart from ``store.types``: a past migration must not change when the code does.
"""

import sqlalchemy as sa

BYTES = sa.LargeBinary()
INSTANT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
DECIMAL = sa.String(64)
