"""What compiled expressions share: the environment they run in, and who compiles which node."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import DecimalException
from typing import Any

from longmai.rules.feel.temporal import DateTime, NotTemporal
from longmai.rules.feel.tree import Node, TypeName
from longmai.rules.feel.values import Nothing, Value


@dataclass
class Environment:
    """What an expression sees.

    Attributes:
        values: by name.
        types: of item definitions, by name.
        problems: why values became null.
        now: the present instant, for ``now()`` and ``today()``; None: there is none.
        depth: of calls of functions within each other.
    """

    values: dict[str, Value]
    types: Mapping[str, TypeName] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    now: DateTime | None = None
    depth: int = 0

    def with_values(self, more: Mapping[str, Value]) -> "Environment":
        """Return an environment with more names over these."""
        values = {**self.values, **more}
        return Environment(values, self.types, self.problems, self.now, self.depth)


Run = Callable[[Environment], Value]
_COMPILERS: dict[type, Callable[[Any], Run]] = {}


def compiles(kind: type) -> Callable[[Callable[[Any], Run]], Callable[[Any], Run]]:
    """Declare what compiles a kind of node."""

    def declare(compile_: Callable[[Any], Run]) -> Callable[[Any], Run]:
        _COMPILERS[kind] = compile_
        return compile_

    return declare


def compile_node(node: Node) -> Run:
    """Return the function of a tree."""
    return _COMPILERS[type(node)](node)


def guarded(run: Run) -> Run:
    """Return a function whose value is null, with a problem noted, where it has none."""

    def tried(env: Environment) -> Value:
        try:
            return run(env)
        except (Nothing, NotTemporal) as reason:
            env.problems.append(str(reason))
        except (DecimalException, OverflowError, RecursionError) as error:
            env.problems.append(type(error).__name__)
        return None

    return tried
