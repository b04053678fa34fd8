"""A ledger that is written and read again gives the same assets, whatever they are."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.domains.assets.register.importing.reading import Reading, asset_of, read_book
from longmai.domains.assets.register.importing.workbooks import ledger_workbook
from longmai.domains.assets.register.model.asset import CLASSES, CONDITIONS, Asset, Funding, Lease
from longmai.kernel.regions import RegionPack, find_pack

REGIONS = RegionPack.load(find_pack())
VILLAGE = str(REGIONS.about["sample_village"])
HOW = Reading(REGIONS, VILLAGE[:6], date(2026, 6, 1))
DAYS = st.dates(date(1990, 1, 1), date(2026, 5, 31))
FEN = st.integers(0, 10**12)
# Words as people write them; what means "nothing" in a ledger is none.
WORDS = st.text("冷库果棚东西一二（）示例村3a-", min_size=2, max_size=12).map(
    lambda said: f"示{said.strip('-')}例"
)
ASSETS = st.builds(
    Asset,
    code=st.integers(1, 10**9).map(lambda n: f"B-{n}"),
    name=WORDS,
    asset_class=st.sampled_from(CLASSES),
    level=st.just("village"),
    region=st.just(VILLAGE),
    cost_fen=FEN,
    project=st.just("") | WORDS,
    year=st.none() | st.integers(1990, 2026),
    funding=st.lists(
        st.builds(Funding, st.sampled_from(["中央资金", "自筹"]), FEN), max_size=3
    ).map(tuple),
    net_fen=st.none() | FEN,
    built_on=st.none() | DAYS,
    quantity=st.none() | st.integers(0, 10**6).map(lambda n: Decimal(n) / 4),
    unit=st.just("") | st.sampled_from(["座", "平方米"]),
    operator=st.just("") | WORDS,
    lease=st.builds(Lease, st.none() | DAYS, st.none(), st.none() | FEN),
    condition=st.sampled_from(CONDITIONS),
    households=st.none() | st.integers(0, 999),
    life_months=st.none() | st.integers(1, 600),
    residual_permille=st.none() | st.integers(0, 1000),
    depreciation_basis=WORDS,
    note=st.just("") | WORDS,
)


@given(st.lists(ASSETS, min_size=1, max_size=6, unique_by=lambda asset: asset.code))
@settings(max_examples=25)
def test_a_written_ledger_reads_back(assets: list[Asset]) -> None:
    """Each column, of each asset."""
    rows = read_book(ledger_workbook(assets), HOW).rows
    assert [row.faults for row in rows] == [()] * len(assets)
    for row, asset in zip(rows, assets, strict=True):
        assert asset_of(row, None) == asset
