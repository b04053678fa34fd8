"""What decided, as the columns number it, in words; and the states of a finding."""

from collections.abc import Sequence

from longmai.rules.columns.rule import State

ELIGIBLE, NEAR, UNKNOWN, MANUAL, NOT = "eligible", "near", "unknown", "manual", "not"
STATES = (ELIGIBLE, NEAR, UNKNOWN, MANUAL, NOT)
STATE_OF_RUN = {"met": ELIGIBLE, "not met": NOT, "unknown": UNKNOWN, "manual": MANUAL}
"""By the words of a run's table."""
RUN_WORDS = {
    State.MET: "met",
    State.NOT_MET: "not met",
    State.UNKNOWN: "unknown",
    State.MANUAL: "manual",
}


def written(code: int, fen: int | None, clauses: Sequence[str]) -> tuple[str, int | None, str, str]:
    """Return state, amount, failing and unknown clause as a run's table has them.

    >>> written(4, None, ("c1", "c2"))
    ('unknown', None, '', 'c2')
    """
    if not code:
        return "met", fen, "", ""
    group, at = divmod(code - 1, len(clauses))
    state = (State.NOT_MET, State.UNKNOWN, State.MANUAL)[group]
    failing = state is State.NOT_MET
    clause = clauses[at]
    return RUN_WORDS[state], fen, clause if failing else "", "" if failing else clause
