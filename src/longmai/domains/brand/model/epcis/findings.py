"""What is wrong with a document, collected so that it can be mended in one go."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from longmai.kernel.errors import Invalid, InvalidMany

MAX_FINDINGS = 100
_SHOWN_CHARACTERS = 500
_LAST_STEP = re.compile(r"(?:^|\.)[^.\[\]]*$|\[\d+\]$")


class TooMany(Exception):
    """So much is wrong that reading on would help nobody."""

    def __init__(self, faults: Sequence[Invalid]) -> None:
        super().__init__()
        self.faults = faults


class Findings:
    """Faults of one document, in the order they were met, at most ``MAX_FINDINGS``."""

    def __init__(self) -> None:
        self.faults: list[Invalid] = []

    def add(
        self, place: str, what: str, *, code: str, value: Any = None, mend: str | None = None
    ) -> None:
        """Note a fault.

        Raises:
            TooMany: this was the last one there is room for.
        """
        self.add_fault(note(place, what, code=code, value=value, mend=mend))

    def add_fault(self, fault: Invalid) -> None:
        """Note a fault that is written out already.

        Raises:
            TooMany: this was the last one there is room for.
        """
        self.faults.append(fault)
        if len(self.faults) >= MAX_FINDINGS:
            raise TooMany(self.faults)

    def tell_lines(self, lines: Mapping[str, int]) -> None:
        """Add to each place the line it stands in, where that is known; its parts tell, too."""
        self.faults = [_with_line(fault, lines) for fault in self.faults]

    def raise_if_any(self) -> None:
        """Raise everything found.

        Raises:
            InvalidMany: something was found.
        """
        if self.faults:
            raise refusal(self.faults)


def _with_line(fault: Invalid, lines: Mapping[str, int]) -> Invalid:
    place = fault.place or ""
    if ", line " in place or place.startswith("line "):
        return fault
    part = place
    while part and part not in lines:
        part = _LAST_STEP.sub("", part)
    line = lines.get(part) or lines.get("")
    if not line:
        return fault
    told = f"{place}, line {line}" if place else f"line {line}"
    return Invalid(fault.what, code=fault.code, place=told, value=fault.value, mend=fault.mend)


class Advice:
    """What the standard lets pass and the sender should still look at, ``MAX_FINDINGS`` of it."""

    def __init__(self) -> None:
        self.given: list[Invalid] = []

    def add(self, advice: Invalid) -> None:
        """Note a piece of advice; what there is no room for is dropped."""
        if len(self.given) < MAX_FINDINGS:
            self.given.append(advice)


def note(
    place: str, what: str, *, code: str, value: Any = None, mend: str | None = None
) -> Invalid:
    """Return one finding; nothing in it is longer than a person would read."""
    if isinstance(value, dict | list):
        value = "an object" if isinstance(value, dict) else "a list"
    elif isinstance(value, str):
        value = _cut(value)
    return Invalid(
        _cut(what),
        code=f"epcis.{code}",
        place=_cut(place) or None,
        value=value,
        mend=_cut(mend) if mend else None,
    )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def refusal(faults: Iterable[Invalid]) -> InvalidMany:
    """Return the one error that refuses a document for these faults."""
    found = tuple(faults)
    count = f"{len(found)} findings" if len(found) > 1 else "1 finding"
    if len(found) >= MAX_FINDINGS:
        count = f"the first {MAX_FINDINGS} findings"
    return InvalidMany(
        f"the document is not valid EPCIS ({count}); nothing was captured",
        found,
        code="epcis.invalid",
    )
