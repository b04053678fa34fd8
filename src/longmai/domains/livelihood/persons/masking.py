"""What of a person is shown to who gave no reason to see more."""

from longmai.domains.livelihood.persons.model.fields import catalogue
from longmai.portal.masking import HIDDEN, masked, masked_phone
from longmai.portal.rendering import Words

_HIDDEN_FACT = HIDDEN * 4


def masked_id(number: str) -> str:
    """Mask an ID number: where it was given and its end stay.

    >>> masked_id("990102199001010013")
    '990102********0013'
    """
    return masked(number, 6, 4)


def shown_value(t: Words, key: str, value: str, *, identity: bool, full: bool) -> str:
    """Return a value as it may be shown; a region by its name."""
    if identity and key == "region":
        return _region(t, value)
    if full or (identity and key not in catalogue().sensitive):
        return value
    if not identity:
        return _HIDDEN_FACT
    if key == "phone":
        return masked_phone(value)
    if key in {"id_number", "disability_card"}:
        return masked_id(value)
    return _HIDDEN_FACT


def _region(t: Words, code: str) -> str:
    return t.house.regions.path_name(code, t.language)
