"""The register as a part of the assets domain."""

from pathlib import Path

from longmai.domains.assets.register import (
    action_pages,
    api,
    certificate_pages,
    import_pages,
    notice_pages,
    pages,
)
from longmai.domains.assets.register.deeds import AUDIENCE, DECIDE, KEEP, OBJECT, READ
from longmai.domains.assets.register.finding import search, work
from longmai.domains.assets.register.importing.grid import MAX_FILE_BYTES
from longmai.domains.assets.register.tables import PROJECTIONS, TABLES
from longmai.portal.domain import Domain, Entrance
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
    pages=(
        pages.router,
        action_pages.router,
        certificate_pages.router,
        notice_pages.router,
        import_pages.router,
    ),
    permissions={
        READ: (_ACCOUNTANT, _CLERK, *_SUPERVISORS),
        KEEP: (_ACCOUNTANT, _CLERK),
        DECIDE: (_CLERK,),
        # Whoever lives there, and whoever watches.
        OBJECT: (Post("citizen", "own"), _ACCOUNTANT, _CLERK, *_SUPERVISORS),
    },
    api=(api.router,),
    search=search,
    work=work,
    roomy={"/assets/import": MAX_FILE_BYTES, "/api/v1/assets/imports": MAX_FILE_BYTES},
    doors={KEEP: "/assets/import", DECIDE: "/assets/objections"},
    cells={"ledger": "/assets/register"},
    entrances=(
        Entrance("register.title", "register.lead", "/assets/register"),
        Entrance("register.map.title", "register.map.lead", "/assets/map"),
        Entrance("register.notices.title", "register.notices.lead", "/assets/notices"),
    ),
)
