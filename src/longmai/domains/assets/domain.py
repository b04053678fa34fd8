"""The assets domain as one value."""

from pathlib import Path

from longmai.domains.assets.contracts import part as contracts
from longmai.domains.assets.county import part as county
from longmai.domains.assets.dividends import part as dividends
from longmai.domains.assets.life import part as life
from longmai.domains.assets.market import part as market
from longmai.domains.assets.meetings import part as meetings
from longmai.domains.assets.members import part as members
from longmai.domains.assets.reconcile import part as reconcile
from longmai.domains.assets.register import part as register
from longmai.domains.assets.risk import part as risk
from longmai.domains.assets.vouchers import part as vouchers
from longmai.portal.domain import Domain
from longmai.portal.joining import joined

FOLDER = Path(__file__).parent

_RULES = Domain(
    slug="assets",
    folder=FOLDER,
    records={},
    projections=(),
    tables=(),
    policies=(FOLDER / "policies",),
    cells={"rules": "/assets/rules"},
)

PARTS = (
    register.PART,
    life.PART,
    county.PART,
    members.PART,
    meetings.PART,
    vouchers.PART,
    dividends.PART,
    contracts.PART,
    reconcile.PART,
    market.PART,
    risk.PART,
    _RULES,
)
"""Each part is a folder here with a ``PART`` of its own, in the order their samples are loaded."""

ASSETS = joined(
    "assets", FOLDER, PARTS, "资产: the register of assets, their life, decisions, dividends."
)
