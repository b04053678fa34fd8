"""Names that every policy with members may use, so that no rule runs through a list by hand.

``户人数`` (``household_size``) counts the members. ``等值人数`` (``equivalised_size``) weighs them
by the OECD-modified scale: the first adult 1, others from 14 on 0.5, children below 14 0.3
(Hagenaars, de Vos, Zaidi 1994). So a per-capita income is ``sum(成员.月收入) / 户人数``.
"""

from collections.abc import Mapping

from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.tree import Node
from longmai.rules.policy.model import Policy

SIZE = ("户人数", "household_size")
EQUIVALISED = ("等值人数", "equivalised_size")
NAMES = (*SIZE, *EQUIVALISED)
_AGES = ("年龄", "age")
_ADULT_AGE = 14


def definitions(policy: Policy) -> Mapping[str, Node]:
    """Return the rules behind these names, for a policy's own name of its members."""
    if not policy.members:
        return {}
    members = policy.members_name
    found = dict.fromkeys(SIZE, parse_expression(f"count({members})"))
    age = next((each for each in _AGES if each in policy.members), None)
    if age is not None:
        adults = f"count({members}[{age} >= {_ADULT_AGE}])"
        children = f"count({members}[{age} < {_ADULT_AGE}])"
        scale = (
            f"if {adults} >= 1 then 1 + 0.5 * ({adults} - 1) + 0.3 * {children} "
            f"else 1 + 0.3 * ({children} - 1)"
        )
        found |= dict.fromkeys(EQUIVALISED, parse_expression(scale))
    return found
