"""The domains of this house; a new one is one folder and one entry."""

from longmai.domains.brand.domain import BRAND
from longmai.portal.domain import Domain

DOMAINS: tuple[Domain, ...] = (BRAND,)
