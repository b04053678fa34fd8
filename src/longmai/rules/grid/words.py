"""What is wrong with a table, said in Chinese or English."""

from functools import cache
from pathlib import Path

from longmai.kernel.errors import Invalid
from longmai.kernel.i18n import Catalogue
from longmai.rules.grid.places import CellInvalid

LOCALES = Path(__file__).with_name("locales")


def told(error: Invalid, part: str, language: str) -> str:
    """Return ``what`` is wrong, or how to ``mend`` it.

    >>> told(Invalid("too many bars", code="grid.bars"), "what", "zh")
    '连着的竖线太多'
    """
    words = error.words if isinstance(error, CellInvalid) else {}
    key, catalogue = f"error.{error.code}.{part}", _catalogue()
    if not catalogue.has(key):
        return (error.what if part == "what" else error.mend) or ""
    try:
        return catalogue.translate(language, key, **words)
    except KeyError:
        # The sentence names what this error does not carry.
        return (error.what if part == "what" else error.mend) or ""


@cache
def _catalogue() -> Catalogue:
    return Catalogue.load([LOCALES])
