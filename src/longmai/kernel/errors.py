"""One hierarchy of errors, each with a code, a place, the offending value and what to do.

A person reads ``str(error)``; a program reads ``error.code`` and ``error.as_dict()``.

>>> error = Invalid("quantity must be a number", code="epcis.quantity",
...                 place="eventList[3].quantity", value="twelve", mend="write 12")
>>> print(error)
eventList[3].quantity: quantity must be a number (got 'twelve'); write 12
"""

from collections.abc import Sequence
from typing import Any

_SHOWN_VALUE_CHARACTERS = 120


class LongmaiError(Exception):
    """Base of all errors a user can meet.

    Args:
        what: one sentence that says what is wrong.
        code: stable, dotted, machine-readable name of the error.
        place: where: file, row, column, clause or JSON path.
        value: the offending value, shown shortened.
        mend: what to do about it.
    """

    status = 500
    exit_code = 1
    default_code = "error"

    def __init__(
        self,
        what: str,
        *,
        code: str | None = None,
        place: str | None = None,
        value: Any = None,
        mend: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.code = code or self.default_code
        self.place = place
        self.value = value
        self.mend = mend

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        if self.value is not None:
            text += f" (got {_shortened(self.value)})"
        if self.mend:
            text += f"; {self.mend}"
        return text

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the API sends it: keys code, what, place, value, mend.

        >>> NotFound("no such batch", code="brand.batch").as_dict()["code"]
        'brand.batch'
        """
        return {
            "code": self.code,
            "what": self.what,
            "place": self.place,
            "value": None if self.value is None else _shortened(self.value),
            "mend": self.mend,
        }


class Invalid(LongmaiError):
    """The input breaks a rule; nothing was written."""

    status = 422
    exit_code = 2
    default_code = "invalid"


class TooLarge(Invalid):
    """The input is larger than we take; nothing was written."""

    status = 413
    default_code = "too_large"


class InvalidMany(Invalid):
    """Several findings over one input, so that it can be mended in one go; nothing was written.

    >>> print(InvalidMany("2 findings", [Invalid("a", place="x"), Invalid("b", place="y")]))
    2 findings
      x: a
      y: b
    """

    default_code = "invalid.many"

    def __init__(self, what: str, findings: Sequence[Invalid], *, code: str | None = None) -> None:
        super().__init__(what, code=code)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join([self.what, *(f"  {finding}" for finding in self.findings)])

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the API sends it, with its ``findings``."""
        return super().as_dict() | {"findings": [finding.as_dict() for finding in self.findings]}


class NotFound(LongmaiError):
    """There is no such thing, or the asker may not know of it."""

    status = 404
    exit_code = 3
    default_code = "not_found"


class Conflict(LongmaiError):
    """The state does not allow it: taken, already there, or changed since it was read."""

    status = 409
    exit_code = 4
    default_code = "conflict"


class Forbidden(LongmaiError):
    """The asker has no right to do it."""

    status = 403
    exit_code = 5
    default_code = "forbidden"


class TooMany(LongmaiError):
    """The asker sends more than its share; trying later helps.

    Args:
        retry_s: seconds until it may try again.
    """

    status = 429
    exit_code = 6
    default_code = "too_many"

    def __init__(self, what: str, retry_s: int, *, code: str | None = None) -> None:
        super().__init__(what, code=code, mend=f"try again in {retry_s} seconds")
        self.retry_s = retry_s


class Unavailable(LongmaiError):
    """A part that is needed is missing or too busy now; trying later may help."""

    status = 503
    exit_code = 6
    default_code = "unavailable"


def _shortened(value: Any) -> str:
    text = repr(value)
    if len(text) <= _SHOWN_VALUE_CHARACTERS:
        return text
    return text[:_SHOWN_VALUE_CHARACTERS] + "…"
