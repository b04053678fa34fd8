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

    def told(self, language: str) -> str:
        """Return in words which way it could move unnoticed.

        >>> Pin("起始年龄", "60", down=True, up=False).told("zh")
        '起始年龄 60：改大一步，没有示例会发现'
        """
        ways = [way for way, held in (("down", self.down), ("up", self.up)) if not held]
        if language == "zh":
            said = "或".join("改小一步" if way == "down" else "改大一步" for way in ways)
            return f"{self.place} {self.value}：{said}，没有示例会发现"
        said = " or ".join(ways)
        return f"{self.place} {self.value}: no example notices it moving {said} by a step"


def pins_of(policy: Policy) -> tuple[Pin, ...]:
    """Return the thresholds of a policy; its examples must come out as expected."""
    return tuple(
        Pin(each.place, value_in_words(each.value, "zh"), *_held(each)) for each in edits_of(policy)
    )


def _held(edit: Edit) -> tuple[bool, bool]:
    return _noticed(edit, -1), _noticed(edit, 1)


def _noticed(edit: Edit, steps: int) -> bool:
    return any(each.finding is not None for each in run_examples(edit.moved(steps)))
