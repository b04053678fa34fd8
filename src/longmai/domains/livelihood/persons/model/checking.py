"""Checks a department's file row by row: what it says made normal, and what is wrong with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from longmai.domains.livelihood.persons.model.fields import FACT, LEFT_OUT, catalogue
from longmai.kernel.errors import Invalid
from longmai.kernel.region_codes import contains
from longmai.kernel.resident_id import birth_date_of, is_male, is_valid_id, normal_id
from longmai.match.linkage.normal import normal_day, normal_name, normal_phone, normal_text

MAX_VALUE = 500
_ID_LENGTH, _CARD_LENGTH = 18, 20
_SEXES = {
    "男": "男",
    "女": "女",
    "男性": "男",
    "女性": "女",
    "1": "男",
    "2": "女",
    "M": "男",
    "F": "女",
}
_NOTHING = {"", "无", "-", "--", "/", "null", "NULL", "None", "nan", "NaN", "#N/A"}
FindRegion = Callable[[str], str]
"""Turns a code or a name into the region pack's 12-digit code; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value.

    Attributes:
        row: as the spreadsheet counts; the headings are row 1.
        column: its heading; empty: the whole row.
        value: as it stands there.
        code: names it in words (``persons.fault.<code>``).
        stops: the row cannot be taken; else it is taken, and this noted.
    """

    row: int
    column: str
    value: str
    code: str
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """A row as it is taken.

    Attributes:
        number: of the row.
        who: identity fields that it has, normal.
        facts: by heading.
        faults: what is wrong.
    """

    number: int
    who: Mapping[str, str]
    facts: Mapping[str, str]
    faults: Sequence[Fault]

    @property
    def sound(self) -> bool:
        """Whether it can be taken."""
        return not any(fault.stops for fault in self.faults)


def require_usable(columns: Mapping[str, str]) -> None:
    """Refuse a mapping that no person could be found by, or that names a field twice.

    Raises:
        Invalid: names what is missing or stands twice.
    """
    chosen = [key for key in columns.values() if key not in {FACT, LEFT_OUT}]
    twice = {key for key in chosen if chosen.count(key) > 1}
    if twice or set(chosen) - set(catalogue().fields):
        raise Invalid(
            "a field is given by one column only", code="persons.columns_twice",
            place="columns", value=", ".join(sorted(twice or set(chosen))),
        )  # fmt: skip
    if not {"name", "id_number", "disability_card"} & set(chosen):
        raise Invalid(
            "no column says who a row is about",
            code="persons.columns_nobody",
            place="columns",
            mend="choose the column of the name or of the ID number",
        )


def checked(
    rows: Iterable[tuple[int, Sequence[str]]],
    columns: Mapping[str, str],
    find_region: FindRegion,
    *,
    today: date,
    within: str = "",
    sample: bool = False,
) -> Iterator[Checked]:
    """Check rows one by one; they are not kept.

    Args:
        rows: (number, cells) in the order of ``columns``.
        columns: field of each heading, in the order of the file.
        find_region: of the region pack.
        today: no birth is later.
        within: code of the region that everybody must live in; empty: any.
        sample: people and their numbers are made up.
    """
    keys = list(columns.items())
    seen: dict[str, int] = {}
    for number, cells in rows:
        row = _Row(number, find_region, today, within, sample=sample)
        for (heading, key), cell in zip(keys, cells, strict=False):
            row.take(heading, key, cell)
        done = row.finish({key: heading for heading, key in keys})
        if not done.who and not done.facts and not done.faults:
            continue
        own = done.who.get("record_key", "")
        if own and own in seen:
            heading = next(heading for heading, key in keys if key == "record_key")
            again = Fault(number, heading, own, "twice")
            done = Checked(number, done.who, done.facts, (*done.faults, again))
        seen.setdefault(own, number)
        yield done


@dataclass
class _Row:
    number: int
    find_region: FindRegion
    today: date
    within: str
    sample: bool
    who: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def take(self, heading: str, key: str, cell: str) -> None:
        text = normal_text(cell)
        if key == LEFT_OUT or text in _NOTHING:
            return
        if len(text) > MAX_VALUE:
            self._fault(heading, text[:40], "long")
        elif key == FACT:
            self.facts[heading.strip()] = text
        else:
            self._take_field(heading, key, text)

    def _take_field(self, heading: str, key: str, text: str) -> None:
        kinds: Mapping[str, Callable[[str, str], str]] = {
            "name": self._name, "id": self._id, "disability_card": self._card, "sex": self._sex,
            "day": self._day, "region": self._region, "phone": self._phone,
        }  # fmt: skip
        read = kinds.get(catalogue().fields[key].kind)
        value = text if read is None else read(heading, text)
        if value:
            self.who[key] = value

    def _fault(self, heading: str, value: str, code: str, *, stops: bool = True) -> str:
        self.faults.append(Fault(self.number, heading, value, code, stops))
        return ""

    def _name(self, heading: str, text: str) -> str:
        name = normal_name(text)
        if any(each.isdigit() for each in name):
            return self._fault(heading, text, "name_digits")
        return name

    def _id(self, heading: str, text: str) -> str:
        number = normal_id(text, sample=self.sample)
        if "E+" in number or (number.endswith("000") and "." in text):
            return self._fault(heading, text, "id_as_number")
        if len(number) != _ID_LENGTH or not number[:17].isdigit():
            return self._fault(heading, text, "id_length")
        if not is_valid_id(number, sample=self.sample):
            self._fault(heading, text, "id_check", stops=False)
        return number

    def _card(self, heading: str, text: str) -> str:
        # ID number, then one digit of the kind and one of the grade; a B says it was issued anew.
        card = normal_id(text)
        if len(card) < _CARD_LENGTH:
            return self._fault(heading, text, "card_length")
        self.who.setdefault("id_number", card[:_ID_LENGTH])
        return card

    def _sex(self, heading: str, text: str) -> str:
        return _SEXES.get(text) or self._fault(heading, text, "sex")

    def _day(self, heading: str, text: str) -> str:
        day = normal_day(text)
        if day is None:
            return self._fault(heading, text, "day")
        if day > self.today:
            return self._fault(heading, text, "day_later")
        return day.isoformat()

    def _region(self, heading: str, text: str) -> str:
        found = self.find_region(text)
        if found and self.within and not contains(self.within, found):
            return self._fault(heading, text, "region_outside")
        return found or self._fault(heading, text, "region")

    def _phone(self, heading: str, text: str) -> str:
        phone = normal_phone(text)
        if not phone:
            self._fault(heading, text, "phone", stops=False)
        return phone

    def finish(self, headings: Mapping[str, str]) -> Checked:
        number = self.who.get("id_number", "")
        if is_valid_id(number, sample=self.sample):
            self._hold_against(number, headings)
        known = {"name", "id_number"} & set(self.who)
        told = bool(self.who or self.facts) and not self.faults
        if told and not known and not self._named_by_parents():
            self._fault("", "", "nobody")
        return Checked(self.number, self.who, self.facts, tuple(self.faults))

    def _named_by_parents(self) -> bool:
        # A newborn without a name is found again by day of birth and mother.
        return "birth_date" in self.who and bool(self.facts)

    def _hold_against(self, number: str, headings: Mapping[str, str]) -> None:
        born, day = birth_date_of(number), self.who.get("birth_date")
        if day and born and day != born.isoformat():
            self._fault(headings["birth_date"], day, "id_birth", stops=False)
        sex = self.who.get("sex")
        if sex and (sex == "男") != is_male(number):
            self._fault(headings["sex"], sex, "id_sex", stops=False)
