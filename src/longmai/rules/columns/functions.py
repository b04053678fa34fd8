"""Calls of built-in functions. Source: DMN 1.5, 10.3.4."""

from collections.abc import Sequence

from longmai.rules.columns import list_calls, number_calls, text_calls, time_calls
from longmai.rules.columns.calls import FUNCTIONS
from longmai.rules.columns.lowering import lower, lowers
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import Part, Scope
from longmai.rules.feel.built_in import BUILT_INS
from longmai.rules.feel.tree import Call, Name, Node

ROOMS = (list_calls, number_calls, text_calls, time_calls)
"""The modules of the functions, which declare themselves."""


@lowers(Call)
def _call(node: Call, scope: Scope) -> Part:
    name = node.function.name if isinstance(node.function, Name) else ""
    compile_ = FUNCTIONS.get(name)
    if compile_ is None or name in scope.parts or name in scope.constants:
        raise Refused(f"the function '{name}' is not compiled to columns")
    arguments = _by_position(name, node)
    signatures = BUILT_INS[name]
    if not any(each.fits(len(arguments)) for each in signatures):
        raise Refused(f"'{name}' takes no {len(arguments)} arguments")
    return compile_([lower(each, scope) for each in arguments])


def _by_position(name: str, node: Call) -> Sequence[Node]:
    if not node.names:
        return node.arguments
    given = dict(zip(node.names, node.arguments, strict=True))
    for signature in BUILT_INS[name]:
        names = [parameter.name for parameter in signature.parameters]
        if list(given) == names[: len(given)] or given.keys() == set(names):
            return [given[each] for each in names if each in given]
    raise Refused(f"'{name}' has no parameters {', '.join(node.names)}")
