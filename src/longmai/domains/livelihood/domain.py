"""The livelihood domain as one value."""

from pathlib import Path

from longmai.domains.livelihood.casework.part import PART as CASEWORK
from longmai.domains.livelihood.finding.part import PART as FINDING
from longmai.domains.livelihood.life.part import PART as LIFE
from longmai.domains.livelihood.payments.part import PART as PAYMENTS
from longmai.domains.livelihood.persons.part import PART as PERSONS
from longmai.domains.livelihood.province.part import PART as PROVINCE
from longmai.domains.livelihood.services.part import PART as SERVICES
from longmai.domains.livelihood.timebank.part import PART as HOURS
from longmai.portal.domain import Domain
from longmai.portal.joining import joined

FOLDER = Path(__file__).parent

_RULES = Domain(
    slug="livelihood",
    folder=FOLDER,
    records={},
    projections=(),
    tables=(),
    cells={"rules": "/livelihood/rules"},
)

PARTS = (_RULES, PROVINCE, PERSONS, FINDING, LIFE, CASEWORK, PAYMENTS, HOURS, SERVICES)
"""Each part is a folder here with a ``PART`` of its own, in the order their samples are loaded."""

LIVELIHOOD = joined("livelihood", FOLDER, PARTS, "民生: people, policies that find them, pay.")
