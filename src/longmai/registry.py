"""The domains of this house; a new one is one folder and one entry."""

from longmai.domains.assets.domain import ASSETS
from longmai.domains.brand.domain import BRAND
from longmai.domains.innovation.domain import INNOVATION
from longmai.domains.livelihood.domain import LIVELIHOOD
from longmai.domains.tourism.domain import TOURISM
from longmai.portal.domain import Domain

DOMAINS: tuple[Domain, ...] = (INNOVATION, TOURISM, LIVELIHOOD, ASSETS, BRAND)
