"""The made-up county: the same seed gives the same, through the services, and rebuilds."""

from pathlib import Path

from tests.house import opened_house
from typer.testing import CliRunner

from longmai.cli import app
from longmai.domains.assets.county.generating import generate
from longmai.domains.assets.county.inventing import Extent, assets_of, villages
from longmai.domains.assets.register import queries
from longmai.domains.assets.register.model.asset import check
from longmai.kernel.clock import SystemClock, beijing_day
from longmai.kernel.regions import RegionPack, find_pack
from longmai.store.rebuild import rebuild

REGIONS = RegionPack.load(find_pack())
COUNTY = str(REGIONS.about["sample_village"])[:6]
TODAY = beijing_day(SystemClock().now())


def test_a_whole_county_has_its_extent() -> None:
    """Sixteen townships, 250 villages, 20,000 assets; each can be entered; twice the same."""
    taken = villages(REGIONS, COUNTY, Extent(), 7)
    assert len({each.region.parent for each in taken}) == 16
    assert len(taken) == 250
    assert sum(each.assets for each in taken) == 20_000
    assert taken[0].region.code.startswith(COUNTY)
    first = list(assets_of(taken[0], TODAY, 7))
    assert first == list(assets_of(taken[0], TODAY, 7))
    assert not [fault for asset in first for fault in check(asset, TODAY)]
    assert all(sum(f.amount_fen for f in asset.funding) == asset.cost_fen for asset in first)


def test_a_village_is_built_once(tmp_path: Path) -> None:
    """Each stage is there; going on after a stop builds no village twice; tables rebuild."""
    extent = Extent(townships=1, villages=1, assets=40)
    with opened_house(tmp_path) as house:
        for _ in range(2):
            assert generate(house, extent=extent) == 40
        with house.store.read() as connection:
            total, _ = queries.assets(connection, queries.Filters())
            stages = {each.key for each in queries.sums_by(connection, queries.Filters(), "stage")}
        assert total == 40
        assert {"noticed", "registered", "certified", "handed_over"} <= stages
        assert not list(rebuild(house.store))


def test_ledgers_by_command(tmp_path: Path) -> None:
    """Exported, and imported into another house: the same assets; again: no change."""
    run, book = CliRunner(), tmp_path / "ledger.xlsx"
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    size = ["--townships", "1", "--villages", "1", "--assets", "12"]
    made = run.invoke(app, ["assets", "generate", *size, "--data", here])
    assert made.exit_code == 0, made.output
    assert run.invoke(app, ["assets", "export", str(book), "--data", here]).exit_code == 0
    for outcome in ("12", "0"):
        told = ["assets", "import", str(book), "--region", COUNTY, "--take", "--data", there]
        taken = run.invoke(app, told)
        assert taken.exit_code == 0, taken.output
        assert f"新增 {outcome}" in taken.output
