"""The house: everything a request needs, built once by ``longmai.app`` and found on the app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request

from longmai.kernel.clock import Clock
from longmai.kernel.i18n import Catalogue
from longmai.kernel.regions import RegionPack
from longmai.kernel.settings import Settings
from longmai.ledger.keys import KeyFile
from longmai.ledger.note import Signer, VerifierKey
from longmai.ledger.policy import Party, Policy
from longmai.portal.domain import Domain
from longmai.portal.rights.model import Policy as RightsPolicy
from longmai.rules.policy.library import Library
from longmai.store.integrator import integrate_all
from longmai.store.jobs import JobQueue
from longmai.store.ledger import SqlLog
from longmai.store.unit_of_work import Store
from longmai.store.witnesses import Witnesses


@dataclass(frozen=True)
class House:
    """The parts that pages and API share.

    Attributes:
        keys: of the log.
        jobs: the queue of long work.
        policy: who may do what.
        policies: the policy files of the domains and of the region.
        audiences: who may read the content of which kind of record: ``PUBLIC`` or a permission.
        witnesses: asked before a checkpoint is published; None if nobody is.
        lower: the logs that may anchor here.
        upper: the log that ours is anchored in; None if there is none.
    """

    settings: Settings
    store: Store
    keys: KeyFile
    witnesses: Witnesses | None
    lower: Policy
    upper: Party | None
    clock: Clock
    jobs: JobQueue
    regions: RegionPack
    catalogue: Catalogue
    domains: Sequence[Domain]
    policy: RightsPolicy
    audiences: Mapping[str, str]
    policies: Library

    @property
    def signer(self) -> Signer:
        """Return the key that signs the log now."""
        return self.keys.signer

    def integrate(self) -> int:
        """Place all records that wait, and publish; return how many were placed.

        Raises:
            Unavailable: too few witnesses cosigned.
        """
        return integrate_all(self.store, self.keys, self.clock, self.witnesses)

    def audit_keys(self, log: SqlLog) -> list[VerifierKey]:
        """Return the keys that may sign checkpoints: the log's, old ones too, and witnesses'."""
        return [*log.keys(self.signer.verifier_key), *self.known_keys()]

    def known_keys(self) -> list[VerifierKey]:
        """Return the log's key of now, and those of its witnesses."""
        known = self.witnesses.policy.witnesses.values() if self.witnesses else ()
        return [self.signer.verifier_key, *(party.key for party in known)]


def house_of(request: Request) -> House:
    """Return the house the request came to."""
    house = request.app.state.house
    if not isinstance(house, House):
        raise TypeError("the app was built without a house; use longmai.app.create_app")
    return house
