"""Gates: what each route asks of who comes; a route without one does not start.

``OPEN`` lets everybody in, ``SIGNED_IN`` who has an account, ``needs("…")`` who holds a permission
somewhere; what a permission opens in which region the queries and services decide.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from longmai.portal.rights.visitor import SignInNeeded, Visitor


class FindsVisitor(Protocol):
    """Finds out who sends a request; the application carries one."""

    def __call__(self, request: Request, /) -> Visitor:
        """Return who it is."""
        ...


@dataclass(frozen=True)
class OpenGate:
    """Lets everybody in."""

    name: str = "open"

    async def __call__(self) -> None:
        """Ask nothing."""


@dataclass(frozen=True)
class Gate:
    """Lets in who is signed in, and holds a permission where one is named.

    Attributes:
        name: as the table of rights has it.
        permission: that is asked for; None: any account.
    """

    name: str
    permission: str | None = None

    def __call__(self, request: Request) -> Visitor:
        """Return who comes.

        Raises:
            SignInNeeded: nobody is signed in.
            Forbidden: the permission is not held anywhere.
        """
        visitor = visitor_of(request)
        if self.permission is not None:
            visitor.require(self.permission)
        elif not visitor.known:
            raise SignInNeeded("sign in first", mend="sign in, or send an API token")
        return visitor


OPEN: Any = Depends(OpenGate())
SIGNED_IN: Any = Depends(Gate("signed in"))


def needs(permission: str) -> Any:
    """Return the gate of a permission, as a dependency of a route."""
    return Depends(Gate(permission, permission))


def visitor_of(request: Request) -> Visitor:
    """Return who sends a request; found out once for each."""
    if not hasattr(request.state, "visitor"):
        find: FindsVisitor = request.app.state.find_visitor
        request.state.visitor = find(request)
    visitor: Visitor = request.state.visitor
    return visitor


def require_gates(routes: Sequence[BaseRoute], permissions: Iterable[str]) -> None:
    """Refuse to start with a route that nobody guards, or whose permission nobody can hold.

    Raises:
        TypeError: there is one.
    """
    known = set(permissions)
    for _, path, gates in guarded(routes):
        named = {gate.permission for gate in gates if isinstance(gate, Gate) and gate.permission}
        if not gates or named - known:
            raise TypeError(f"{path}: no gate, or a permission no post holds: {named}")


def guarded(
    routes: Sequence[BaseRoute],
) -> Iterator[tuple[frozenset[str], str, list[Gate | OpenGate]]]:
    """Return methods, path and gates of each route that programs or people ask for."""
    for context in iter_route_contexts(routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            gates = list(_gates(route.dependant))
            yield frozenset(context.methods or ()), context.path or "", gates


def _gates(dependant: Dependant) -> Iterator[Gate | OpenGate]:
    for each in dependant.dependencies:
        if isinstance(each.call, Gate | OpenGate):
            yield each.call
        yield from _gates(each)
