"""What a right is: a permission, for a region, for a purpose; and the rows it opens.

>>> policy = Policy({"tree.cut": [Post("forester", "service")]})
>>> grants = [Grant("forester", "9901", "service")]
>>> policy.scope(grants, "tree.cut", date(2026, 1, 1)).covers("990102")
True
>>> policy.scope(grants, "tree.sell", date(2026, 1, 1)).covers("990102")
False
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, false, or_

from longmai.kernel.region_codes import contains, prefix

ADMINISTRATORS = ("admin_system", "admin_security", "admin_audit")
"""Three apart (GB/T 22239): who keeps accounts, who gives rights, who watches both."""

ROLES = (
    "citizen",
    "enterprise",
    "village_accountant",
    "official",
    "leader",
    "analyst",
    *ADMINISTRATORS,
)

PURPOSES = ("own", "service", "supervision", "statistics", "operation", "security", "audit")
"""What somebody does something for; the same role may see more for one purpose than for another."""

PURPOSES_OF: Mapping[str, tuple[str, ...]] = {
    "citizen": ("own",),
    "enterprise": ("own",),
    "village_accountant": ("service",),
    "official": ("service", "supervision"),
    "leader": ("supervision", "statistics"),
    "analyst": ("statistics",),
    "admin_system": ("operation",),
    "admin_security": ("security",),
    "admin_audit": ("audit",),
}
"""The purposes a role may be granted for."""


@dataclass(frozen=True, order=True)
class Post:
    """A role held for a purpose: what a permission is given to."""

    role: str
    purpose: str


@dataclass(frozen=True)
class Grant:
    """A post held in a region.

    Attributes:
        role: one of ``ROLES``.
        region: code, of 2, 4, 6, 9 or 12 digits that matter.
        purpose: one of ``PURPOSES_OF[role]``.
        until: last day it holds; None: until it is ended.
    """

    role: str
    region: str
    purpose: str
    until: date | None = None

    @property
    def post(self) -> Post:
        """Return the role with its purpose."""
        return Post(self.role, self.purpose)

    def holds(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.until is None or day <= self.until


@dataclass(frozen=True)
class Scope:
    """The regions that a permission is held in; of none, it opens nothing.

    >>> Scope(frozenset()).covers("990102"), Scope(frozenset({"9901"})).covers("990102")
    (False, True)
    """

    regions: frozenset[str]

    def __bool__(self) -> bool:
        """Tell whether it opens anything."""
        return bool(self.regions)

    def covers(self, region: str) -> bool:
        """Tell whether a region lies inside.

        Raises:
            Invalid: not a region code.
        """
        return any(not each or contains(each, region) for each in self.regions)

    def rows(self, region: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition on a column of 12-digit region codes; false where none is held."""
        return or_(false(), *(region.startswith(each) for each in sorted(self.regions)))


NOTHING = Scope(frozenset())
EVERYWHERE = Scope(frozenset({""}))


@dataclass(frozen=True)
class Policy:
    """Which posts hold which permission; what is not named here, nobody may.

    Args:
        posts: by permission.
    """

    posts: Mapping[str, Sequence[Post]]

    def scope(self, grants: Iterable[Grant], permission: str, day: date) -> Scope:
        """Return where the grants give a permission on a day."""
        holding = self.posts.get(permission, ())
        return Scope(
            frozenset(
                prefix(grant.region)
                for grant in grants
                if grant.post in holding and grant.holds(day)
            )
        )

    def permissions(self, grants: Iterable[Grant], day: date) -> frozenset[str]:
        """Return what the grants give anywhere on a day."""
        held = {grant.post for grant in grants if grant.holds(day)}
        return frozenset(name for name, posts in self.posts.items() if held & set(posts))

    def with_posts(self, more: Mapping[str, Sequence[Post]]) -> "Policy":
        """Return this policy with the permissions of a domain.

        Raises:
            ValueError: a permission has an owner already, or names a post that cannot be held.
        """
        for name, posts in more.items():
            impossible = [post for post in posts if post.purpose not in PURPOSES_OF[post.role]]
            if name in self.posts or impossible:
                raise ValueError(f"permission {name}: {impossible or 'declared twice'}")
        return Policy({**self.posts, **more})
