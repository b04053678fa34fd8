"""Rules files, entries, netting, matching, codes: values alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.livelihood.timebank.town import SAMPLES, rules

from longmai.domains.livelihood.timebank.model.clearing import disagreeing, net, payments
from longmai.domains.livelihood.timebank.model.notices import Notice, matches
from longmai.domains.livelihood.timebank.model.posting import (
    Line,
    credit,
    ends_on,
    out,
    require_balanced,
    reversed_lines,
)
from longmai.domains.livelihood.timebank.model.rules import (
    PACKS,
    Facts,
    require_complete,
    rules_in,
)
from longmai.domains.livelihood.timebank.model.sign import HOLDS, SignCode, read_code, write_code
from longmai.kernel.errors import Forbidden, Invalid, InvalidMany

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEY = b"k" * 32
BANKS = [UUID(int=number) for number in range(1, 6)]


@pytest.mark.parametrize("pack", sorted(file.stem for file in PACKS.glob("*.yaml")))
def test_a_style_is_an_example_and_not_enough_for_a_bank(pack: str) -> None:
    """What nobody has confirmed is missing, so a bank must declare it before it opens."""
    style = rules_in(PACKS, pack)
    assert style.raw["status"] == "example"
    with pytest.raises(InvalidMany) as refusal:
        require_complete(style)
    assert all(each.mend or each.place == "items" for each in refusal.value.findings)
    for told in style.declared.values():
        assert (told.value is None) == (told.status == "待核定")
        assert told.value is None or told.source


@pytest.mark.parametrize("name", ["east", "west"])
def test_the_sample_rules_are_complete_and_say_so(name: str) -> None:
    """Each value that the style does not know is marked as an example's."""
    found = rules_in(SAMPLES, name)
    require_complete(found)
    assert {each.status for each in found.declared.values()} <= {"示例", "转述", "已核"}


@pytest.mark.parametrize(
    ("age", "traits", "named"),
    [
        (80, ["空巢独居"], True),
        (79, ["空巢独居"], False),
        (80, [], False),
        (60, ["空巢独居", "低保", "半失能"], True),
        (60, ["空巢独居", "低保"], False),
        (59, ["空巢独居", "低保", "失能"], False),
    ],
)
def test_whom_the_fund_gives_hours(age: int, traits: list[str], named: bool) -> None:
    """Over 80 and alone; or from 60 alone, poor and in need of care."""
    found = rules_in(SAMPLES, "east")
    assert found.holds(found.grants["empty-nest"].when, Facts(age, frozenset(traits))) is named


def test_a_bad_rules_file_is_told_fault_by_fault(tmp_path: Path) -> None:
    """Each with its place."""
    (tmp_path / "bad.yaml").write_text(
        "rules:\n  cap_minutes: {value: -1}\n  gift: {value: all}\n  speed: {value: 1}\n"
        "  donation: {}\nitems:\n  - {code: a}\n",
        "utf-8",
    )
    with pytest.raises(InvalidMany) as refusal:
        rules_in(tmp_path, "bad")
    places = [str(each.place) for each in refusal.value.findings]
    assert places == [
        f"bad.yaml: {place}"
        for place in (
            "rules.cap_minutes",
            "rules.gift",
            "rules.speed",
            "rules.donation",
            "items[1]",
        )
    ]


def test_files_in_a_circle_are_refused(tmp_path: Path) -> None:
    """A stands on b, b on a."""
    for one, other in permutations("ab"):
        (tmp_path / f"{one}.yaml").write_text(f"extends: {other}\n", "utf-8")
    with pytest.raises(Invalid, match="circle"):
        rules_in(tmp_path, "a")


def test_an_item_earns_by_the_minute_or_by_the_time() -> None:
    """Rates are decimals; a price stands for each time."""
    items = rules_in(SAMPLES, "east").items
    assert items["chat"].earned(61, 15) == 60
    assert items["doctor"].earned(61, 1) == 91
    assert items["hair"].earned(10, 1) == 60


@given(st.integers(1, 2000), st.integers(0, 1000), st.integers(0, 1500))
def test_a_credit_is_divided_without_loss(minutes: int, balance: int, cap: int) -> None:
    """What does not fit goes above or is refused; the account never passes the cap."""
    for over in ("refuse", "fund", "honour"):
        found = credit(minutes, balance, rules(cap_minutes=cap, over_cap=over))
        assert found.own + found.above + found.refused == minutes
        assert found.own == 0 or balance + found.own <= cap
        assert (found.above == 0) if over == "refuse" else (found.refused == 0)


@given(st.lists(st.integers(-500, 500), min_size=1, max_size=6))
def test_only_balanced_lines_are_an_entry(minutes: list[int]) -> None:
    """Whatever is booked adds up to zero; its reversal, too, and both together are nothing."""
    lines: list[Line] = [Line("fund", each) for each in minutes]
    lines.append(out("issue", sum(minutes)))
    if not any(line.minutes for line in lines):
        return
    require_balanced(lines)
    require_balanced(reversed_lines(lines))
    assert reversed_lines(reversed_lines(lines)) == tuple(lines)
    with pytest.raises(Invalid):
        require_balanced([*lines, Line("fund", 1)])


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-03-02", 36, "2029-03-02"),
    ],
)
def test_minutes_end_months_later(day: str, months: int, end: str) -> None:
    """On the same day of the month, or the last of a shorter one."""
    found = ends_on(date.fromisoformat(day), rules(expires_months=months))
    assert found == date.fromisoformat(end)


OWED = st.dictionaries(
    st.tuples(st.sampled_from(BANKS), st.sampled_from(BANKS)).filter(
        lambda pair: pair[0] < pair[1]
    ),
    st.integers(-1000, 1000),
)


@given(OWED)
def test_netting_settles_everything_in_fewer_payments_than_banks(
    half: dict[tuple[UUID, UUID], int],
) -> None:
    """Each bank pays or gets just what it owes on the whole; nobody does both."""
    owed = half | {(b, a): -minutes for (a, b), minutes in half.items()}
    assert not disagreeing(owed)
    positions = net(owed)
    assert sum(positions.values()) == 0
    paid = list(payments(positions))
    after = dict(positions)
    for each in paid:
        assert each.minutes > 0
        after[each.debtor] -= each.minutes
        after[each.creditor] += each.minutes
    assert not any(after.values())
    assert len(paid) <= max(0, sum(map(bool, positions.values())) - 1)
    assert not {each.debtor for each in paid} & {each.creditor for each in paid}


def test_two_books_that_do_not_agree_are_named() -> None:
    """A minute that only one of them has is seen."""
    a, b, c = BANKS[:3]
    assert disagreeing({(a, b): 5, (b, a): -4, (a, c): 1, (c, a): -1}) == [(a, b)]


NEED = Notice(
    UUID(int=1), BANKS[0], UUID(int=11), "need", "chat", "990102003004", None, "13", 540, 660,
    date(2026, 4, 1), "",
)  # fmt: skip


def _offer(number: int, **changed: object) -> Notice:
    own = {"id": UUID(int=number), "member_id": UUID(int=number), "kind": "offer"}
    return replace(NEED, **{**own, **changed})  # type: ignore[arg-type] # fields by name


def test_the_nearest_that_has_time_comes_first() -> None:
    """Village before township before county; then the longest common time."""
    same, short = _offer(2), _offer(3, starts=630)
    township = _offer(4, region="990102003000")
    others: Sequence[Notice] = [
        township, short, same,
        _offer(5, region="990201000000"), _offer(6, item="clean"), _offer(7, weekdays="2"),
        _offer(8, ends=540), _offer(9, member_id=NEED.member_id), _offer(10, bank_id=BANKS[1]),
    ]  # fmt: skip
    assert [each.notice for each in matches(NEED, others)] == [same, short, township]


def test_a_day_meets_its_weekday() -> None:
    """2 March 2026 is a Monday."""
    monday = replace(NEED, day=date(2026, 3, 2), weekdays="")
    assert [each.days for each in matches(monday, [_offer(2)])] == ["2026-03-02"]
    assert matches(monday, [_offer(2, weekdays="2")]) == []
    assert matches(monday, [_offer(2, until=date(2026, 3, 1))]) == []
    assert matches(monday, [_offer(2, day=date(2026, 3, 9))]) == []


def test_a_code_holds_two_minutes_and_only_as_it_was_written() -> None:
    """A changed letter, another key, or a later minute: refused."""
    code = SignCode(UUID(int=1), UUID(int=2), "out", NOW + HOLDS)
    text = write_code(code, KEY)
    assert read_code(text, KEY, NOW) == code
    with pytest.raises(Forbidden, match="over"):
        read_code(text, KEY, NOW + HOLDS + timedelta(seconds=1))
    for wrong in (text[:-2], "x" + text[1:] if text[0] != "x" else "y" + text[1:], "", "é", "=="):
        with pytest.raises(Invalid):
            read_code(wrong, KEY, NOW)
    with pytest.raises(Invalid):
        read_code(text, b"o" * 32, NOW)
