"""Forms: what was typed, and what is wrong with it, in words, field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from longmai.kernel.errors import LongmaiError
from longmai.portal.failures import Worded, worded
from longmai.portal.rendering import Words


@dataclass(frozen=True)
class Form:
    """A form as a page shows it.

    Attributes:
        values: by name of the field; secrets are never given back.
        errors: what is wrong, by name of the field; of the whole form under the empty name.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Worded] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return what was typed into a field."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """Return what is wrong with a field, with what to do; empty if nothing is."""
        found = self.errors.get(name)
        return "" if found is None else " ".join(filter(None, (found.what, found.mend)))

    @property
    def findings(self) -> Sequence[Worded]:
        """Return all that is wrong."""
        return tuple(self.errors.values())


def refused(
    t: Words, error: LongmaiError, values: Mapping[str, str], fields: Sequence[str] = ()
) -> Form:
    """Return a form with what was wrong with it.

    Args:
        t: words of the page.
        error: that was raised; its place names the field.
        values: to show again.
        fields: of the form; an error of another place is one of the whole form.
    """
    place = error.place if error.place in fields else ""
    return Form(values, {place or "": worded(t, error)})
