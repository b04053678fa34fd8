"""What is not compiled, and where it stands."""

from longmai.kernel.errors import Invalid


class NotCompiled(Invalid):
    """A part of a rule has no exact counterpart in columns; the interpreter runs it instead.

    Attributes:
        what: the reason.
        where: the part, as FEEL.
    """

    default_code = "rules.columns"

    def __init__(self, what: str, where: str) -> None:
        super().__init__(what, place=where)
        self.where = where


class Refused(Exception):
    """The reason alone; the compiler adds the place."""
