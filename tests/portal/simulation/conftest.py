"""A house with the small policy of single people, whose figures can be checked by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house import opened_house
from tests.rules.policy.policies import HOUSEHOLD
from tests.rules.simulate.reforms import PERSON
from tests.visitor import TestClient, visitor

from longmai.portal.house import House


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """A house whose operator added two policies; they hold nationwide, so in its counties too."""
    folder = tmp_path / "policies"
    folder.mkdir()
    for name, text in (("grant", PERSON), ("aid", HOUSEHOLD)):
        everywhere = text.replace('地区: "99"', "地区: 全国", 1)
        (folder / f"{name}.yaml").write_text(everywhere, encoding="utf-8")
    with opened_house(tmp_path, policies=folder, database=database_url) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A visitor without account."""
    return visitor(house)
