"""One season of apples, invented from a seed: about two thousand events, marked as sample data.

The same seed gives the same bytes; all chance comes from one generator, all words, numbers and
codes from ``catalogue.toml``, names and points of the divisions from the region pack.
"""

from collections.abc import Iterator
from functools import lru_cache
from random import Random
from urllib.parse import urlsplit

from longmai.domains.brand.model import gs1
from longmai.domains.brand.sample.catalogue import Catalogue
from longmai.domains.brand.sample.journal import Journal, documents
from longmai.domains.brand.sample.market import sell_season
from longmai.domains.brand.sample.orchard import harvest, report_rooms
from longmai.domains.brand.sample.packhouse import pack_season
from longmai.domains.brand.sample.vocabulary import vocabulary_list
from longmai.kernel.regions import RegionPack

DEFAULT_SEED = 2025
EVENTS_A_DOCUMENT = 350
_SOLD = "retail_selling"


def generate(seed: int = DEFAULT_SEED, regions: RegionPack | None = None) -> Iterator[bytes]:
    """Yield the season as EPCIS 2.0 documents (JSON-LD, UTF-8), in order of capture.

    Args:
        seed: of all that is left to chance.
        regions: the pack that names the divisions; None: the one the catalogue names.

    Yields:
        documents of at most 350 events; the first carries the master data of all of them.
    """
    journal = _lived(seed, regions)
    yield from documents(journal.entries(), vocabulary_list(journal.catalogue), EVENTS_A_DOCUMENT)


def first_box_key(seed: int = DEFAULT_SEED) -> str:
    """Return the key of the first box that a shop sold: its whole story is in the season."""
    return gs1.canonical_key(_first_sold(seed))


def first_lot_key(seed: int = DEFAULT_SEED) -> str:
    """Return the key of the lot that this box belongs to."""
    parts = gs1.elements(urlsplit(_first_sold(seed)).path)
    return f"01/{parts['01']}/10/{parts['10']}"


@lru_cache(maxsize=1)
def _first_sold(seed: int) -> str:
    sold = (body for _, body in _lived(seed, None).entries() if body["bizStep"] == _SOLD)
    return str(next(sold)["epcList"][0])


def _lived(seed: int, regions: RegionPack | None) -> Journal:
    journal = Journal(Catalogue(regions), Random(seed))  # noqa: S311 - invents sample data, guards nothing
    lots = harvest(journal)
    runs, taken = pack_season(journal, lots)
    report_rooms(journal, lots, taken)
    sell_season(journal, runs)
    return journal
