"""Who is asking: a person signed in, a program with a token, the operator, or nobody known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from longmai.kernel.errors import Forbidden
from longmai.portal.rights.model import NOTHING, Grant, Policy, Scope


class SignInNeeded(Forbidden):
    """Nobody is signed in, and the thing asked for needs it."""

    status = 401
    default_code = "signin.needed"


@dataclass(frozen=True)
class Visitor:
    """Who is asking, and what for.

    Attributes:
        actor: as records name them: ``account:<id>``, ``operator``, ``visitor``.
        policy: of the house.
        day: on which grants must hold, in Beijing time.
        grants: that count for this request.
        account_id: of the account; None for who has none.
        login: what the person signs in with.
        name: of the person; empty if there is none.
        limited_to: permissions a token is limited to; None: no limit.
        everything: the operator, who holds the files themselves.
        withheld: grants that wait for a second factor.
        strong: two factors were shown.
        session: digest of the session; None for tokens.
    """

    actor: str
    policy: Policy
    day: date
    grants: Sequence[Grant] = ()
    account_id: UUID | None = None
    login: str = ""
    name: str = ""
    limited_to: frozenset[str] | None = None
    everything: Scope = NOTHING
    withheld: Sequence[Grant] = ()
    strong: bool = False
    session: bytes | None = field(default=None, repr=False)

    @property
    def known(self) -> bool:
        """Tell whether somebody is signed in."""
        return self.account_id is not None

    @property
    def permissions(self) -> frozenset[str]:
        """Return what the visitor may anywhere."""
        if self.everything:
            return frozenset(self.policy.posts)
        held = self.policy.permissions(self.grants, self.day)
        return held if self.limited_to is None else held & self.limited_to

    def scope(self, permission: str) -> Scope:
        """Return where the visitor holds a permission: nowhere unless it was given."""
        if self.everything:
            return self.everything
        if self.limited_to is not None and permission not in self.limited_to:
            return NOTHING
        return self.policy.scope(self.grants, permission, self.day)

    def may(self, permission: str, region: str | None = None) -> bool:
        """Tell whether the visitor holds a permission, in a region where one is given."""
        scope = self.scope(permission)
        return bool(scope) if region is None else scope.covers(region)

    def require(self, permission: str, region: str | None = None) -> None:
        """Refuse what the visitor may not.

        Raises:
            SignInNeeded: nobody is signed in.
            Forbidden: the permission is not held, or not in this region.
        """
        if self.may(permission, region):
            return
        if not self.known and not self.everything:
            raise SignInNeeded("sign in first", mend="sign in, or send an API token")
        raise Forbidden(
            "your posts do not allow this" + (" in this region" if region else ""),
            code="rights.second_factor" if self._waits(permission) else "rights.denied",
            place=region,
            value=permission,
            mend="ask the security administrator for the right, naming it",
        )

    def _waits(self, permission: str) -> bool:
        return bool(self.policy.scope(self.withheld, permission, self.day))
