"""Persons, one file each, as a part of the livelihood domain."""

from pathlib import Path

from longmai.domains.livelihood.persons import api, file_pages, person_pages, review_pages
from longmai.domains.livelihood.persons.commands import app
from longmai.domains.livelihood.persons.finding import search, work
from longmai.domains.livelihood.persons.importing import IMPORT
from longmai.domains.livelihood.persons.jobs import TAKE, work_take
from longmai.domains.livelihood.persons.queries import LOOKED, READ
from longmai.domains.livelihood.persons.reading import MAX_UPLOAD_BYTES
from longmai.domains.livelihood.persons.sample import load_sample
from longmai.domains.livelihood.persons.service import REVIEW
from longmai.domains.livelihood.persons.tables import (
    CONSENT_GIVEN,
    CONSENT_WITHDRAWN,
    FILE_TAKEN,
    FILE_WITHDRAWN,
    MOVING,
    PAIR_DECIDED,
    PROJECTIONS,
    ROWS_ERASED,
    TABLES,
)
from longmai.portal.domain import Domain, Entrance
from longmai.portal.rights.model import Post

_SENT_TO = ("/livelihood/persons/files/new", "/api/v1/livelihood/files")
# Room for the form around a file.
_FORM = 64 * 1024
_SERVING = (Post("village_accountant", "service"), Post("official", "service"))

PART = Domain(
    slug="livelihood",
    folder=Path(__file__).parent,
    records={
        **dict.fromkeys((FILE_TAKEN, FILE_WITHDRAWN, ROWS_ERASED), READ),
        **dict.fromkeys((*MOVING, PAIR_DECIDED), REVIEW),
        **dict.fromkeys((CONSENT_GIVEN, CONSENT_WITHDRAWN), READ),
    },
    projections=PROJECTIONS,
    tables=TABLES,
    permissions={IMPORT: _SERVING, READ: _SERVING, LOOKED: _SERVING, REVIEW: _SERVING},
    pages=(file_pages.router, review_pages.router, person_pages.router),
    api=(api.router,),
    commands=app,
    works={TAKE: work_take},
    load_sample=load_sample,
    search=search,
    work=work,
    doors={READ: "/livelihood/persons"},
    roomy=dict.fromkeys(_SENT_TO, MAX_UPLOAD_BYTES + _FORM),
    entrances=(Entrance("persons.title", "persons.lead", "/livelihood/persons"),),
)
