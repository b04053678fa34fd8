"""What the pages of policies say alike: names, values, regions, breadcrumbs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from longmai.kernel.clock import beijing_day
from longmai.kernel.errors import Invalid, NotFound
from longmai.portal.domain import FIELDS
from longmai.portal.house import House
from longmai.portal.rendering import Words
from longmai.rules.grid.writing import write_grid
from longmai.rules.policy import keys
from longmai.rules.policy.explanation import plain_number
from longmai.rules.policy.keys import shown
from longmai.rules.policy.literals import as_plain
from longmai.rules.policy.model import Policy, Step


def today(house: House) -> date:
    """Return the day it is where the house stands."""
    return beijing_day(house.clock.now())


def title_of(policy: Policy, language: str) -> str:
    """Return a policy's name in a language, as far as it has one."""
    return policy.en if language == "en" and policy.en else policy.title


def crumbs_of(policy: Policy, t: Words, last: str = "") -> tuple[tuple[str, str | None], ...]:
    """Return the breadcrumbs of a policy's pages."""
    field = policy.field
    above = (
        (t(f"field.{field}"), f"/{field}/rules")
        if field in FIELDS
        else (t("rules.title"), "/rules")
    )
    own: tuple[str, str | None] = (title_of(policy, t.language), f"/rules/{policy.id}")
    return ((t("nav.home"), "/"), above, own, *(((last, None),) if last else ()))


@dataclass(frozen=True)
class Said:
    """What templates ask for words: choices and values in the page's language."""

    words: Words

    def choice(self, table: str, value: str) -> str:
        """Return a choice's name."""
        return shown(keys.CHOICES_OF[table], value, self.words.language)

    def value(self, value: Any, unit: str = "") -> str:
        """Return a value as people write it."""
        if value is None:
            return self.words("rules.unknown_value")
        if isinstance(value, bool):
            return self.words("rules.yes" if value else "rules.no")
        if isinstance(value, list):
            return self.words("rules.separator").join(self.value(each) for each in value)
        text = plain_number(value) if isinstance(value, Decimal) else str(as_plain(value))
        return text if unit in {"", "无", "none"} else f"{text} {unit}"

    def grid(self, step: Step) -> str:
        """Return a step's table as a grid of text."""
        if step.table is None:
            return ""
        return step.table_text or write_grid(
            step.table, "en" if self.words.language == "en" else "zh"
        )

    def name(self, thing: Any) -> str:
        """Return the name of an input, parameter, step or condition."""
        return str(thing.en if self.words.language == "en" and thing.en else thing.name)

    def region(self, code: str) -> str:
        """Return the name of a region; of none, the whole country."""
        if not code:
            return self.words("rules.nationwide")
        pack = self.words.house.regions
        try:
            return pack.path_name(code, self.words.language)
        except (Invalid, NotFound):
            return code
