"""Payments as a part of the livelihood domain."""

from pathlib import Path

from longmai.domains.livelihood.payments import api, pay_pages
from longmai.domains.livelihood.payments.commands import app
from longmai.domains.livelihood.payments.desk import work
from longmai.domains.livelihood.payments.kinds import (
    ACCOUNT,
    ACCOUNT_KIND,
    APPROVE,
    KIND_OF,
    PREPARE,
    READ,
)
from longmai.domains.livelihood.payments.sample import load_sample
from longmai.domains.livelihood.payments.tables import PROJECTIONS, TABLES
from longmai.portal.domain import Domain, Entrance
from longmai.portal.rights.model import Post

_VILLAGE = Post("village_accountant", "service")
_OFFICIAL = Post("official", "service")
_CHECKING = Post("official", "supervision")
_LEADER = Post("leader", "supervision")

PART = Domain(
    slug="livelihood",
    folder=Path(__file__).parent,
    records=dict.fromkeys((*KIND_OF.values(), ACCOUNT_KIND), READ),
    projections=PROJECTIONS,
    tables=TABLES,
    pages=(pay_pages.router,),
    api=(api.router,),
    commands=app,
    permissions={
        READ: (_OFFICIAL, _CHECKING, _LEADER),
        PREPARE: (_OFFICIAL,),
        APPROVE: (_CHECKING, _LEADER),
        ACCOUNT: (_VILLAGE, _OFFICIAL),
    },
    load_sample=load_sample,
    work=work,
    doors={READ: "/livelihood/pay"},
    entrances=(Entrance("pay.title", "pay.lead", "/livelihood/pay"),),
)
