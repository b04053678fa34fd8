"""The roll from a sheet: one row a person; taken whole, or refused row by row."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from uuid import UUID

from longmai.domains.assets.members.model import Household, Member, Roll
from longmai.domains.assets.members.queries import FAR, organisations, roll_of
from longmai.domains.assets.members.service import (
    KEEP,
    Desk,
    declare_kin,
    enter_households,
    enter_organisation,
    leave_office,
    take_office,
)
from longmai.kernel.errors import Invalid, InvalidMany
from longmai.kernel.ids import new_id
from longmai.portal.rights.model import Scope
from longmai.portal.sheets import SheetRow, read_sheet
from longmai.rules.policy.evaluation import State, evaluate
from longmai.rules.policy.explanation import explain

HEADINGS = (
    "户号", "姓名", "性别", "出生日期", "民事行为能力", "集体成员", "本村村民", "户代表",
    "个人份额", "户份额", "职务", "近亲属", "登录名", "收款人", "收款账号",
)  # fmt: skip
"""What a sheet of the roll has; the order does not matter."""

_YES = {"是": True, "否": False, "yes": True, "no": False, "1": True, "0": False}
_SEX = {"男": "male", "女": "female", "male": "male", "female": "female", "": ""}
_CAPACITY = {"": "by_age", "按年龄": "by_age", "完全": "full", "限制": "limited", "无": "none"}
_OFFICE = {
    "理事": "director", "监事": "supervisor", "会计": "finance", "成员代表": "representative",
    "村委会成员": "committee", "村民代表": "villager_representative",
}  # fmt: skip
_NUMBERS = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?")
_KIN = re.compile(r"([^（(]+)(?:[（(](.+)[）)])?")
_SUPERVISOR = "assets.supervisor-eligibility"


@dataclass(frozen=True)
class Imported:
    """What came of a sheet: households entered anew, changed, left as they were; people gone."""

    entered: int
    changed: int
    same: int
    gone: tuple[str, ...]


@dataclass
class _Draft:
    """Rows turned into households, and what is wrong with them."""

    on: date
    homes: dict[str, Household] = field(default_factory=dict)
    offices: dict[UUID, tuple[str, ...]] = field(default_factory=dict)
    kin: list[tuple[SheetRow, UUID, str]] = field(default_factory=list)
    rows: dict[UUID, SheetRow] = field(default_factory=dict)
    findings: list[Invalid] = field(default_factory=list)

    def wrong(self, row: SheetRow, column: str, code: str, what: str, mend: str) -> None:
        place = f"第 {row.number} 行 · {column}"
        value = row.cells.get(column)
        self.findings.append(
            Invalid(what, code=f"assets.roll.{code}", place=place, value=value, mend=mend)
        )


def import_roll(desk: Desk, region: str, name: str, data: bytes, since: date) -> Imported:
    """Take a sheet as the roll of a village.

    Households are known by their number, people by their name in the household; households that the
    sheet leaves out stay as they are, people whom it leaves out of their household are gone.

    Args:
        desk: of who keeps the roll.
        region: of the village.
        name: of the collective; empty: as before.
        data: CSV or XLSX with ``HEADINGS``.
        since: the day from which it holds.

    Raises:
        Forbidden: the roll is not the visitor's to keep.
        InvalidMany: what is wrong, row by row; nothing is taken.
    """
    desk.visitor.require(KEEP, region)
    before = roll_of(desk.work.connection, region, FAR)
    draft = _read(read_sheet(data, HEADINGS), before, since)
    pairs = list(_kin_pairs(draft, before))
    after = _after(before, draft)
    _check_supervisors(desk, after, draft)
    if draft.findings:
        raise InvalidMany(
            f"{len(draft.findings)} findings", draft.findings, code="assets.roll.sheet"
        )
    return _enter(desk, region, name, before, draft, pairs)


def _read(rows: Sequence[SheetRow], before: Roll, since: date) -> _Draft:
    draft = _Draft(since)
    known = {home.number: home for home in before.households}
    if not rows:
        raise Invalid("the sheet has no rows", code="sheet.empty")
    for row in rows:
        cells = {
            name: unicodedata.normalize("NFKC", text).strip() for name, text in row.cells.items()
        }
        _read_row(draft, SheetRow(row.number, cells), known)
    for number, home in draft.homes.items():
        _check_home(draft, number, home)
        if number in known and home.since < known[number].since:
            row = draft.rows[home.members[0].member_id]
            draft.wrong(row, "户号", "since", "the household was changed later than this day",
                        "choose a day after its last change")  # fmt: skip
    return draft


def _read_row(draft: _Draft, row: SheetRow, known: Mapping[str, Household]) -> None:
    number, name = row.cells["户号"], row.cells["姓名"]
    for column in ("户号", "姓名"):
        if not row.cells[column]:
            draft.wrong(row, column, "empty", "this cell must not be empty", "fill it in")
    if not number or not name:
        return
    old = known.get(number)
    home = draft.homes.get(number)
    if home is None:
        version = old.version + 1 if old else 1
        home = Household(old.household_id if old else new_id(), number, draft.on, version, ())
    if any(each.name == name for each in home.members):
        draft.wrong(row, "姓名", "twice", "this name stands twice in the household",
                    "tell them apart, for example by a number")  # fmt: skip
        return
    person = _person(draft, row, home, old)
    shares = _fraction(draft, row, "户份额")
    account = row.cells["收款账号"]
    draft.homes[number] = replace(
        home,
        members=(*home.members, person),
        shares=shares or home.shares,
        account=account or home.account,
        payee=row.cells["收款人"] or home.payee,
    )
    draft.rows[person.member_id] = row


def _person(draft: _Draft, row: SheetRow, home: Household, old: Household | None) -> Member:
    cells = row.cells
    same = [each for each in (old.members if old else ()) if each.name == cells["姓名"]]
    person = Member(
        member_id=same[0].member_id if same else new_id(),
        household_id=home.household_id,
        name=cells["姓名"],
        sex=_chosen(draft, row, "性别", _SEX),
        born_on=_day(draft, row),
        capacity=_chosen(draft, row, "民事行为能力", _CAPACITY),
        belongs=_truth(draft, row, "集体成员", default=True),
        villager=_truth(draft, row, "本村村民", default=True),
        head=_truth(draft, row, "户代表", default=False),
        shares=_fraction(draft, row, "个人份额"),
        login=cells["登录名"].lower(),
    )
    if person.shares and not person.belongs:
        draft.wrong(row, "个人份额", "share", "who is no member holds no shares",
                    "enter the person as a member, or leave the shares out")  # fmt: skip
    titles = [each for each in re.split(r"[、,，;；\s]+", cells["职务"]) if each]
    for title in titles:
        if title not in _OFFICE:
            draft.wrong(row, "职务", "office", "no such office", "、".join(_OFFICE))
    draft.offices[person.member_id] = tuple(_OFFICE[each] for each in titles if each in _OFFICE)
    for each in re.split(r"[、,，;；]+", cells["近亲属"]):
        if each.strip():
            draft.kin.append((row, person.member_id, each.strip()))
    return person


def _check_home(draft: _Draft, number: str, home: Household) -> None:
    heads = [each for each in home.members if each.head]
    if len(heads) > 1:
        row = draft.rows[heads[1].member_id]
        draft.wrong(row, "户代表", "heads", f"household {number} has two heads", "name one")


def _day(draft: _Draft, row: SheetRow) -> date | None:
    text = row.cells["出生日期"]
    if not text:
        return None
    found = _NUMBERS.match(text)
    try:
        born = date(*map(int, found.groups())) if found else None
    except ValueError:
        born = None
    if born is None or born > draft.on:
        draft.wrong(row, "出生日期", "day", "this is no day of birth", "写成 1980-05-01")
        return None
    return born


def _fraction(draft: _Draft, row: SheetRow, column: str) -> Fraction:
    text = row.cells[column].replace(",", "").removesuffix("股")
    try:
        found = Fraction(text or 0)
    except (ValueError, ZeroDivisionError):
        found = Fraction(-1)
    if found < 0:
        draft.wrong(row, column, "fraction", "this is no number of shares", "写成 1、2.5 或 1/3")
        return Fraction(0)
    return found


def _truth(draft: _Draft, row: SheetRow, column: str, *, default: bool) -> bool:
    text = row.cells[column].lower()
    if text and text not in _YES:
        draft.wrong(row, column, "truth", "neither yes nor no", "填“是”或“否”")
    return _YES.get(text, default)


def _chosen(draft: _Draft, row: SheetRow, column: str, choices: Mapping[str, str]) -> str:
    text = row.cells[column]
    if text not in choices:
        known = "、".join(filter(None, choices))
        draft.wrong(row, column, "choice", "none of the choices", known)
        return choices[""]
    return choices[text]


def _kin_pairs(draft: _Draft, before: Roll) -> Iterator[tuple[UUID, UUID]]:
    named: dict[str, list[tuple[str, UUID]]] = {}
    homes = {home.number: home for home in before.households} | draft.homes
    for home in homes.values():
        for each in home.members:
            named.setdefault(each.name, []).append((home.number, each.member_id))
    done = {frozenset(pair) for pair in before.kin}
    for row, member_id, text in draft.kin:
        match = _KIN.fullmatch(text)
        name, number = match.groups() if match else (text, None)
        found = [own for at, own in named.get(name.strip(), ()) if number in {None, at}]
        if len(found) != 1:
            what = "nobody of this name is in the roll" if not found else "several have this name"
            draft.wrong(row, "近亲属", "kin", what, "写成 姓名（户号）")
        elif frozenset((member_id, found[0])) not in done:
            done.add(frozenset((member_id, found[0])))
            yield member_id, found[0]


def _after(before: Roll, draft: _Draft) -> Roll:
    homes = {home.number: home for home in before.households} | draft.homes
    return replace(before, on=draft.on, households=tuple(homes.values()))


def _check_supervisors(desk: Desk, after: Roll, draft: _Draft) -> None:
    """Hold those who are to supervise against the law: the policy says who may not."""

    def holding(office: str) -> set[UUID]:
        return {own for own, offices in draft.offices.items() if office in offices}

    bosses, staff = holding("director"), holding("finance")
    for member_id in sorted(holding("supervisor"), key=str):
        given = {
            "是本组织成员": after.people[member_id].belongs,
            "是理事": member_id in bosses,
            "是财务会计人员": member_id in staff,
            "是其近亲属": bool(_kin_in(draft, after, member_id) & (bosses | staff)),
        }
        policy, case = desk.policies.case(_SUPERVISOR, given, desk.today)
        decision = evaluate(policy, case)
        if decision.state is not State.MET:
            reasons = [each for each in explain(decision).reasons if each.state is State.NOT_MET]
            why = "；".join(f"{each.clause}：{each.name}" for each in reasons)
            draft.wrong(draft.rows[member_id], "职务", "supervisor", why, "另选监事")


def _kin_in(draft: _Draft, after: Roll, member_id: UUID) -> set[UUID]:
    found = set(after.kin_of(member_id))
    for _, own, text in draft.kin:
        match = _KIN.fullmatch(text)
        name = match.group(1).strip() if match else text
        if own == member_id:
            found |= {each.member_id for each in after.people.values() if each.name == name}
        elif draft.rows[member_id].cells["姓名"] == name:
            found.add(own)
    return found


def _enter(
    desk: Desk,
    region: str,
    name: str,
    before: Roll,
    draft: _Draft,
    pairs: Sequence[tuple[UUID, UUID]],
) -> Imported:
    known = {home.number: home for home in before.households}
    fresh = [home for number, home in draft.homes.items() if number not in known]
    changed = [
        home
        for number, home in draft.homes.items()
        if number in known and _content(home) != _content(known[number])
    ]
    if name:
        _name_organisation(desk, region, name)
    enter_households(desk, region, [*fresh, *changed])
    _enter_offices(desk, region, before, draft)
    for one, other in pairs:
        declare_kin(desk, region, one, other, "近亲属")
    gone = [
        f"{each.name}（{home.number}）"
        for home in changed
        for each in known[home.number].members
        if each.member_id not in {own.member_id for own in home.members}
    ]
    same = len(draft.homes) - len(fresh) - len(changed)
    return Imported(len(fresh), len(changed), same, tuple(gone))


def _name_organisation(desk: Desk, region: str, name: str) -> None:

    found = organisations(desk.work.connection, Scope(frozenset({region})))
    if not found or found[0].name != name:
        version, code = (found[0].version + 1, found[0].code) if found else (1, "")
        enter_organisation(desk, region, name, code, version)


def _enter_offices(desk: Desk, region: str, before: Roll, draft: _Draft) -> None:
    held = {(each.member_id, each.office): each for each in before.offices}
    wanted = {(own, office) for own, offices in draft.offices.items() for office in offices}
    in_sheet = set(draft.offices)
    for key, office in held.items():
        if key[0] in in_sheet and key not in wanted:
            leave_office(desk, region, office.record_id, draft.on)
    for member_id, office_name in sorted(wanted - set(held), key=str):
        take_office(desk, region, member_id, office_name, draft.on)


def _content(home: Household) -> Household:
    return replace(home, since=date.min, version=0, sample=False)
