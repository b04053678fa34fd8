"""The register as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.register.deeds import AUDIENCE, DECIDE, KEEP, OBJECT, READ
from longmai.domains.assets.register.tables import PROJECTIONS, TABLES
from longmai.portal.domain import Domain
from longmai.portal.rights.model import Post

_ACCOUNTANT = Post("village_accountant", "service")
_CLERK = Post("official", "service")
_SUPERVISORS = (Post("official", "supervision"), Post("leader", "supervision"))

PART = Domain(
    slug="assets",
    folder=Path(__file__).parent,
    records=AUDIENCE,
    projections=PROJECTIONS,
    tables=TABLES,
    permissions={
        READ: (_ACCOUNTANT, _CLERK, *_SUPERVISORS),
        KEEP: (_ACCOUNTANT, _CLERK),
        DECIDE: (_CLERK,),
        # Whoever lives there, and whoever watches.
        OBJECT: (Post("citizen", "own"), _ACCOUNTANT, _CLERK, *_SUPERVISORS),
    },
)
