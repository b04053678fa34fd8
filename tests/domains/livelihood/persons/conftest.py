"""A house with nobody in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house import opened_house

from longmai.portal.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of its own."""
    with opened_house(tmp_path) as opened:
        yield opened
