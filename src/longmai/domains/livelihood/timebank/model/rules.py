"""The declared rules of a bank, read from a rules file; what a file does not know stays unknown.

A file may stand on others (``extends``) and override them. Each value says its unit, since when it
holds, its source and its status. A value nobody has confirmed is missing, and a bank cannot be
opened on it: it must declare one, or declare ``none``.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from longmai.kernel.errors import Invalid, InvalidMany, NotFound
from longmai.rules.feel.compiler import evaluate
from longmai.rules.feel.parser import parse_expression

NONE = "none"
"""Declared absent: no cap, no expiry."""
UNCONFIRMED = "待核定"
PACKS = Path(__file__).parent.parent / "packs"
"""Styles of places, as examples."""
RELATIONS = ("spouse", "parent", "child", "grandparent", "grandchild", "sibling")

_CODE = re.compile(r"[a-z0-9-]{1,32}")
_MOST_CATEGORY = 32
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "over_cap": ("refuse", "fund", "honour"),
    "gift": ("none", "kin", "anyone"),
    "donation": ("yes", "no"),
    "minors": ("refuse", "guardian"),
    "group_hours": ("spend", "donate"),
    "expired_to": ("fund", "issue"),
}
_NUMBERS = (
    "cap_minutes", "daily_services", "daily_minutes", "longest_service_minutes", "expires_months",
    "spend_from_age", "served_from_age", "member_from_age", "adult_age", "clearing_limit_minutes",
    "round_down_minutes",
)  # fmt: skip
_TEXTS = ("bank_pays_for",)
_MONEY = ("cover_fen_per_hour",)
ORDER = (
    "cap_minutes", "over_cap", "daily_services", "daily_minutes", "longest_service_minutes",
    "round_down_minutes", "expires_months", "expired_to", "gift", "gift_kin", "donation",
    "group_hours", "member_from_age", "adult_age", "minors", "spend_from_age", "served_from_age",
    "bank_pays_for", "clearing_limit_minutes", "cover_fen_per_hour",
)  # fmt: skip
"""The rules in the order in which a page tells them."""


@dataclass(frozen=True)
class Declared:
    """One value of a rules file.

    Attributes:
        value: a whole number, a word, ``none``, a list; None where nobody has confirmed it.
        unit: of a number.
        since: when it began to hold, as the file says.
        source: name of one of the file's sources.
        status: as the file says; ``待核定`` where it is not confirmed.
        note: in words.
    """

    value: Any = None
    unit: str = ""
    since: str = ""
    source: str = ""
    status: str = ""
    note: str = ""


@dataclass(frozen=True)
class Item:
    """A service item and what it earns.

    Attributes:
        code: short, unique in a bank.
        rate: minutes credited for each minute served; None where each time has one price.
        minutes_each: minutes credited each time; None where it goes by the minute.
        risky: only with an insurance named in the agreement.
    """

    code: str
    name: str
    name_en: str
    category: str
    rate: Decimal | None
    minutes_each: int | None
    risky: bool

    def earned(self, served: int, round_down: int) -> int:
        """Return the minutes that a service of so many minutes earns, rounded down.

        >>> Item("a", "", "", "", Decimal("1.5"), None, False).earned(61, 30)
        90
        """
        if self.minutes_each is not None:
            return self.minutes_each
        exact = int(Decimal(served) * (self.rate or Decimal(0)))
        return exact - exact % round_down


@dataclass(frozen=True)
class GrantRule:
    """Whom the fund gives hours each month.

    Attributes:
        code: names it in the books.
        when: FEEL over ``age`` and ``traits``.
        minutes: a month; None where nobody has confirmed how many.
    """

    code: str
    name: str
    name_en: str
    when: str
    minutes: int | None


@dataclass(frozen=True)
class RedeemItem:
    """What hours can be given back for, beside services; minutes None: not confirmed."""

    code: str
    name: str
    name_en: str
    minutes: int | None


@dataclass(frozen=True)
class Facts:
    """What the rules ask of a person on a day: age in full years (None: a group), and traits."""

    age: int | None
    traits: frozenset[str]


@dataclass(frozen=True)
class BankRules:
    """The rules of one bank.

    Attributes:
        raw: as the ledger keeps them: plain JSON values, rates as texts.
    """

    raw: Mapping[str, Any]

    @cached_property
    def declared(self) -> Mapping[str, Declared]:
        """Return the values by name, in the order of telling."""
        told: Mapping[str, Mapping[str, Any]] = self.raw.get("rules", {})
        return {name: Declared(**told[name]) for name in ORDER if name in told}

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Return the service items by code."""
        return {each["code"]: _item(each) for each in self.raw.get("items", ())}

    @cached_property
    def grants(self) -> Mapping[str, GrantRule]:
        """Return whom the fund gives hours, by code."""
        return {each["code"]: GrantRule(**each) for each in self.raw.get("grants", ())}

    @cached_property
    def redeems(self) -> Mapping[str, RedeemItem]:
        """Return what hours can be given back for, by code."""
        return {each["code"]: RedeemItem(**each) for each in self.raw.get("redeems", ())}

    @property
    def title(self) -> str:
        """Return the name of the rules."""
        return str(self.raw.get("title", ""))

    def number(self, name: str) -> int | None:
        """Return a limit; None where the bank declares that there is none."""
        found = self.declared[name].value
        return None if found in (NONE, None) else int(found)

    def word(self, name: str) -> str:
        """Return a choice."""
        return str(self.declared[name].value)

    @property
    def kin(self) -> frozenset[str]:
        """Return the relations that hours may be given to."""
        return (
            frozenset(self.declared["gift_kin"].value)
            if "gift_kin" in self.declared
            else frozenset()
        )

    def holds(self, condition: str, facts: Facts) -> bool:
        """Tell whether a condition of the rules is true of a person; unknown is not true."""
        age = None if facts.age is None else Decimal(facts.age)
        return evaluate(condition, age=age, traits=sorted(facts.traits)) is True

    def bank_pays_for(self, facts: Facts) -> bool:
        """Tell whether the bank issues the hours for services to a person."""
        return self.holds(self.word("bank_pays_for"), facts)


def age_on(born: date, day: date) -> int:
    """Return full years on a day; who is born on 29 February grows older on 1 March.

    >>> age_on(date(1960, 2, 29), date(2026, 2, 28))
    65
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def read_rules(file: Path, look: Callable[[str], Path]) -> BankRules:
    """Read a rules file and those it stands on.

    Args:
        file: YAML.
        look: finds the file that ``extends`` names.

    Raises:
        NotFound: there is no such file.
        InvalidMany: it breaks the form; a finding for each fault.
    """
    raw = _merged(file, look, ())
    findings = list(_findings(raw, file.name))
    if findings:
        raise InvalidMany(f"{file.name}: {len(findings)} findings", findings, code="hours.rules")
    return BankRules(raw)


def rules_in(folder: Path, name: str) -> BankRules:
    """Read a rules file of a folder; what it stands on lies there too, or among the packs.

    Raises:
        NotFound: there is no such file.
        InvalidMany: it breaks the form.
    """

    def look(wanted: str) -> Path:
        here = folder / f"{Path(wanted).name}.yaml"
        return here if here.is_file() else PACKS / here.name

    return read_rules(look(name), look)


def read_uploaded(data: bytes, name: str) -> BankRules:
    """Read a rules file that somebody sends; it may stand on the packs, and on nothing else.

    Raises:
        Invalid: no text, or no rules file; a finding for each fault.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "sent.yaml"
        file.write_bytes(data)
        try:
            return rules_in(Path(folder), file.stem)
        except NotFound as error:
            raise Invalid(error.what, code=error.code, place=name, value=error.place) from None


def require_complete(rules: BankRules) -> None:
    """Refuse rules on which a bank cannot be run: a limit that nobody has declared.

    Raises:
        InvalidMany: a finding for each.
    """
    wanted = (*_NUMBERS, *_CHOICES, *_TEXTS)
    open_ = [
        name for name in wanted if name not in rules.declared or rules.declared[name].value is None
    ]
    findings = [
        Invalid(
            "this rule is not declared",
            code="hours.rules.unknown",
            place=f"rules.{name}",
            mend="write a value with its source in the bank's own rules file, or write none",
        )
        for name in open_
    ]
    if not rules.items:
        findings.append(
            Invalid("there are no service items", code="hours.rules.items", place="items")
        )
    if findings:
        raise InvalidMany("the bank's rules are not complete", findings, code="hours.rules.unknown")


def _merged(file: Path, look: Callable[[str], Path], above: Sequence[str]) -> dict[str, Any]:
    if file.stem in above:
        raise Invalid("rules files stand on each other in a circle", place=file.name)
    try:
        told = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound("no such rules file", code="hours.rules.file", place=file.name) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"not a YAML file: {error}", place=file.name) from None
    if not isinstance(told, dict):
        raise Invalid("a rules file is a mapping", place=file.name)
    named = told.pop("extends", [])
    merged: dict[str, Any] = {}
    for name in named if isinstance(named, list) else [named]:
        merged = _over(merged, _merged(look(str(name)), look, (*above, file.stem)))
    return _over(merged, told)


def _over(base: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    rooms = ("rules", "sources")
    return {**base, **told} | {room: {**base.get(room, {}), **told.get(room, {})} for room in rooms}


Fault = Callable[..., Invalid]


def _findings(raw: Mapping[str, Any], file: str) -> Iterator[Invalid]:
    def fault(place: str, what: str, value: Any = None) -> Invalid:
        return Invalid(what, code="hours.rules", place=f"{file}: {place}", value=value)

    for name, told in raw.get("rules", {}).items():
        yield from _rule_findings(raw, name, told, partial(fault, f"rules.{name}"))
    yield from _item_findings(raw.get("items", ()), fault)
    for room, made in (("grants", GrantRule), ("redeems", RedeemItem)):
        for number, told in enumerate(raw.get(room, ()), 1):
            what = _part_fault(made, told)
            if what:
                yield fault(f"{room}[{number}]", what)


def _rule_findings(raw: Mapping[str, Any], name: str, told: Any, fault: Fault) -> Iterator[Invalid]:
    if name not in ORDER:
        yield fault("there is no such rule")
    elif not isinstance(told, dict) or not set(told) <= set(Declared.__dataclass_fields__):
        yield fault("write value, unit, since, source, status, note", told)
    else:
        yield from _value_findings(name, told, fault)
        if told.get("source") and told["source"] not in raw.get("sources", {}):
            yield fault("the source is not named under sources", told["source"])


def _item_findings(items: Sequence[Any], fault: Fault) -> Iterator[Invalid]:
    seen: set[str] = set()
    for number, told in enumerate(items, 1):
        try:
            code = _item(told).code
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            yield fault(f"items[{number}]", "not a service item", str(error))
            continue
        if code in seen:
            yield fault(f"items[{number}]", "a code stands twice", code)
        seen.add(code)


def _part_fault(made: type[GrantRule | RedeemItem], told: Any) -> str:
    """Say what is wrong with a grant or a thing to redeem; empty if nothing is."""
    try:
        part = made(**told)
        if isinstance(part, GrantRule):
            parse_expression(part.when, ("age", "traits"))
    except (TypeError, Invalid) as error:
        return str(error)
    minutes: Any = part.minutes
    whole = minutes is None or (isinstance(minutes, int) and minutes > 0)
    return "" if _CODE.fullmatch(part.code) and whole else "a code of small letters, whole minutes"


def _value_findings(name: str, told: Mapping[str, Any], fault: Fault) -> Iterator[Invalid]:
    value = told.get("value")
    if value is None:
        if told.get("status") != UNCONFIRMED:
            yield fault(f"a missing value has the status {UNCONFIRMED}", told.get("status"))
        return
    if name in _CHOICES and value not in _CHOICES[name]:
        yield fault(f"must be one of {', '.join(_CHOICES[name])}", value)
    least = 1 if name == "round_down_minutes" else 0
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
    if name in {*_NUMBERS, *_MONEY} and value != NONE and not whole:
        yield fault("must be a whole number or none", value)
    if name == "gift_kin" and not (isinstance(value, list) and set(value) <= set(RELATIONS)):
        yield fault(f"must be a list of {', '.join(RELATIONS)}", value)
    if name in _TEXTS:
        try:
            parse_expression(str(value), ("age", "traits"))
        except Invalid as error:
            yield fault(str(error), value)


def _item(told: Mapping[str, Any]) -> Item:
    rate, each = told.get("rate"), told.get("minutes_each")
    if (rate is None) == (each is None):
        raise TypeError("an item has either a rate or minutes_each")
    if not _CODE.fullmatch(str(told["code"])) or len(str(told["category"])) > _MOST_CATEGORY:
        raise TypeError("a code has up to 32 small letters, digits and -; a category 32 characters")
    return Item(
        code=str(told["code"]),
        name=str(told["name"]),
        name_en=str(told["name_en"]),
        category=str(told["category"]),
        rate=None if rate is None else Decimal(str(rate)),
        minutes_each=None if each is None else int(each),
        risky=bool(told.get("risky", False)),
    )
