"""What holds of the tables of every domain."""

import pytest

from longmai.portal.domain import Domain
from longmai.registry import DOMAINS

OF_THE_OUTBOX = {"brand_recall_delivery", "livelihood_delivery"}
"""How often a notice was tried, which is no record."""


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda each: each.slug)
def test_what_records_fill_a_rebuild_compares(domain: Domain) -> None:
    """Each table whose rows name their record is filled by a projection, and by no other way."""
    filled = {table.name for each in domain.projections for table in each.tables}
    named = {table.name for table in domain.tables if "record_id" in table.c}
    assert named - filled <= OF_THE_OUTBOX
    assert filled <= {table.name for table in domain.tables}
