"""The template of a new policy: a file that is right as it stands, to be written over."""

from datetime import date
from pathlib import Path

from longmai.kernel.errors import Invalid

_FILE = Path(__file__).with_name("template.yaml")


def template(own: str, title: str, day: date, field: str = "livelihood") -> str:
    """Return the text of a new policy file, an example of every common key.

    Args:
        own: id of the policy.
        title: its name.
        day: first day it holds.
        field: it belongs to.

    Raises:
        Invalid: the title has more than one line.
    """
    if "\n" in title or '"' in title:
        raise Invalid("a title is one line without quotes", code="policy.title", value=title)
    text = _FILE.read_text(encoding="utf-8")
    for gap, value in {
        "{id}": own, "{title}": f'"{title}"', "{day}": day.isoformat(), "{field}": field
    }.items():  # fmt: skip
        text = text.replace(gap, value)
    return text
