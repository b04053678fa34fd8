"""The house: everything a request needs, built once by ``longmai.app`` and found on the app."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from longmai.kernel.clock import Clock
from longmai.kernel.i18n import Catalogue
from longmai.kernel.regions import RegionPack
from longmai.kernel.settings import Settings
from longmai.ledger.note import Signer
from longmai.portal.domain import Domain
from longmai.store.unit_of_work import Store


@dataclass(frozen=True)
class House:
    """The parts that pages and API share."""

    settings: Settings
    store: Store
    signer: Signer
    clock: Clock
    regions: RegionPack
    catalogue: Catalogue
    domains: Sequence[Domain]


def house_of(request: Request) -> House:
    """Return the house the request came to."""
    house = request.app.state.house
    if not isinstance(house, House):
        raise TypeError("the app was built without a house; use longmai.app.create_app")
    return house
