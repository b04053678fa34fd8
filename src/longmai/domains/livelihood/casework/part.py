"""Cases as a part of the livelihood domain."""

from functools import partial
from pathlib import Path

from longmai.domains.livelihood.casework import (
    api,
    case_pages,
    list_pages,
    outbox_pages,
    publication,
)
from longmai.domains.livelihood.casework.commands import app
from longmai.domains.livelihood.casework.desk import search, work
from longmai.domains.livelihood.casework.kinds import (
    DECIDE,
    KIND_OF,
    READ,
    REVIEW,
    SEND,
    WORK,
)
from longmai.domains.livelihood.casework.outbox import SHELF
from longmai.domains.livelihood.casework.tables import PROJECTIONS, TABLES
from longmai.domains.livelihood.casework.taking import Layer, load_sample
from longmai.portal.domain import Domain, Entrance
from longmai.portal.outbox import Postman
from longmai.portal.rights.model import Post

_VILLAGE = Post("village_accountant", "service")
_OFFICIAL = Post("official", "service")
_CHECKING = Post("official", "supervision")
_LEADER = Post("leader", "supervision")

PART = Domain(
    slug="livelihood",
    folder=Path(__file__).parent,
    records=dict.fromkeys(KIND_OF.values(), READ),
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(
        list_pages.router,
        publication.router,
        outbox_pages.router,
        case_pages.router,
    ),
    api=(api.router,),
    commands=app,
    permissions={
        READ: (_VILLAGE, _OFFICIAL, _CHECKING, _LEADER),
        WORK: (_VILLAGE, _OFFICIAL),
        DECIDE: (_OFFICIAL,),
        # Who judges an objection is not who decided; a rule of the case sees to that, too.
        REVIEW: (_CHECKING, _LEADER),
        SEND: (_OFFICIAL,),
    },
    search=search,
    work=work,
    doors={READ: "/livelihood/cases", SEND: "/livelihood/outbox"},
    guides={"casework.published.title": "/livelihood/published"},
    behind=(partial(Postman, shelf=SHELF), Layer),
    load_sample=load_sample,
    entrances=(Entrance("casework.title", "casework.entrance", "/livelihood/cases"),),
)
