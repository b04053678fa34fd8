"""Hit policies by the letters that stand in the corner of a table. Source: DMN 1.5, 8.2.8."""

from collections.abc import Mapping

POLICIES: Mapping[str, tuple[str, str]] = {
    "U": ("UNIQUE", ""),
    "F": ("FIRST", ""),
    "P": ("PRIORITY", ""),
    "A": ("ANY", ""),
    "R": ("RULE ORDER", ""),
    "O": ("OUTPUT ORDER", ""),
    "C": ("COLLECT", ""),
    "C+": ("COLLECT", "SUM"),
    "C<": ("COLLECT", "MIN"),
    "C>": ("COLLECT", "MAX"),
    "C#": ("COLLECT", "COUNT"),
}
_LETTERS = {policy: letters for letters, policy in POLICIES.items()}


def letters_of(hit_policy: str, aggregation: str) -> str:
    """Return the letters of a hit policy; an aggregation counts under COLLECT alone.

    >>> letters_of("COLLECT", "SUM"), letters_of("UNIQUE", "")
    ('C+', 'U')
    """
    own = aggregation if hit_policy == "COLLECT" else ""
    return _LETTERS.get((hit_policy, own), "U")
