"""A house with one policy of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house import opened_house
from tests.rules.policy.policies import HOUSEHOLD
from tests.visitor import TestClient, visitor

from longmai.portal.house import House


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house whose operator added a folder of policies."""
    folder = tmp_path / "policies"
    folder.mkdir()
    text = HOUSEHOLD.replace("状态: 示例", "状态: 现行", 1)
    (folder / "aid.yaml").write_text(text, encoding="utf-8")
    with opened_house(tmp_path, policies=folder, database=database_url) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A visitor without account."""
    return visitor(house)
