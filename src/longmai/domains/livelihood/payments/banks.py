"""The forms of banks that this house knows: those that come along, and its own."""

from collections.abc import Mapping
from pathlib import Path

from longmai.domains.livelihood.payments.model.forms import BankForm, read_form
from longmai.kernel.errors import NotFound
from longmai.portal.house import House

_OURS = Path(__file__).parent / "forms"


def forms_of(house: House) -> Mapping[str, BankForm]:
    """Return the forms by key; one of the house in ``banks/`` of its data stands before ours.

    Raises:
        Invalid: a file there is no form.
    """
    folders = (_OURS, house.settings.data / "banks")
    files = [
        file for folder in folders if folder.is_dir() for file in sorted(folder.glob("*.toml"))
    ]
    return {file.stem: read_form(file) for file in files}


def form_of(house: House, key: str) -> BankForm:
    """Return a form by its key.

    Raises:
        NotFound: there is none.
    """
    known = forms_of(house)
    if key not in known:
        raise NotFound("no such form of a bank", code="pay.form", value=key, mend=", ".join(known))
    return known[key]
