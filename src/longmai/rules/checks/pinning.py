"""Which thresholds the examples of a policy hold in place.

Each threshold is moved by one step, down and up, and the examples are run: if none comes out
otherwise, nobody would notice the threshold being wrong by that much.
"""

from dataclasses import dataclass

from longmai.rules.checks.edits import Edit, edits_of
from longmai.rules.checks.finding import value_in_words
from longmai.rules.policy.examples import run_examples
from longmai.rules.policy.model import Policy


@dataclass(frozen=True)
class Pin:
    """A threshold, and whether an example notices it moving by one step.

    Attributes:
        place: name of the parameter, condition or step it stands in.
        value: as people write it.
        down: moving it down is noticed.
        up: moving it up is noticed.
    """

    place: str
    value: str
    down: bool
    up: bool

    @property
    def holds(self) -> bool:
        """Whether it is held on both sides."""
        return self.down and self.up


def pins_of(policy: Policy) -> tuple[Pin, ...]:
    """Return the thresholds of a policy; its examples must come out as expected."""
    return tuple(
        Pin(each.place, value_in_words(each.value, "zh"), _noticed(each, -1), _noticed(each, 1))
        for each in edits_of(policy)
    )


def _noticed(edit: Edit, steps: int) -> bool:
    return any(each.finding is not None for each in run_examples(edit.moved(steps)))
