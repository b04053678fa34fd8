"""Many policies: versions by date, transitions, what excludes what; records and their replay."""

import json
from datetime import date
from pathlib import Path

import pytest
from tests.rules.checks.policies import FAULTY
from tests.rules.policy.policies import HOUSEHOLD, household

from longmai.kernel.errors import Conflict, Invalid, InvalidMany, NotFound
from longmai.rules.policy.evaluation import case_of
from longmai.rules.policy.library import Library, judge_all, read_file
from longmai.rules.policy.record import canonical, record_of, replay

TRANSITION = "过渡:\n  - {至: 2026-06-30, 情形: 商品房}"
OLD = household(
    ('版本: "2026"', '版本: "2025"'),
    ("施行: 2026-01-01", "施行: 2025-01-01\n废止: 2025-12-31\n" + TRANSITION),
    ("{自: 2026-01-01, 至: 2026-06-30", "{自: 2025-01-01, 至: 2026-06-30"),
    ("日期: 2026-03-01", "日期: 2025-03-01"),
)  # fmt: skip
NEW = household()
LIBRARY = Library((OLD, NEW))
GIVEN = {"商品房": False, "成员": [{"年龄": 40, "月收入": 100, "残疾等级": "一级"}]}


@pytest.mark.parametrize(
    ("day", "flat", "version"),
    [
        (date(2025, 12, 31), False, "2025"),
        (date(2026, 1, 1), False, "2026"),
        (date(2026, 6, 30), True, "2025"),
        (date(2026, 7, 1), True, "2026"),
    ],
)
def test_the_version_of_the_day_is_chosen_and_transitions_hold_on(
    day: date, flat: bool, version: str
) -> None:
    """Both ends of both versions, and of the transition."""
    case = case_of(NEW, {"商品房": flat}, day, "99")
    assert LIBRARY.holding("livelihood.aid", case).version == version


def test_no_version_is_an_error_that_says_so() -> None:
    """Before the first, in another province, and of a mistyped id."""
    with pytest.raises(NotFound, match="2024-01-01"):
        LIBRARY.holding("livelihood.aid", case_of(NEW, {}, date(2024, 1, 1), "99"))
    with pytest.raises(NotFound):
        LIBRARY.holding("livelihood.aid", case_of(NEW, {}, date(2026, 1, 1), "98"))
    with pytest.raises(NotFound, match=r"did you mean livelihood\.aid"):
        LIBRARY.versions("livelihood.aids")


def test_two_files_of_one_version_are_refused() -> None:
    """Nobody could say which counts."""
    with pytest.raises(Conflict, match="same id and version"):
        Library((NEW, household(("值: 600", "值: 601"))))


def test_a_folder_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    """What is wrong in any file is told for all of them."""
    (tmp_path / "a.yaml").write_text(HOUSEHOLD, encoding="utf-8")
    assert len(Library.load([tmp_path]).policies) == 1
    (tmp_path / "b.yaml").write_text("标题: x", encoding="utf-8")
    with pytest.raises(InvalidMany, match=r"b\.yaml line 1"):
        Library.load([tmp_path])


@pytest.mark.parametrize(
    ("choice", "loser"),
    [("从高", "livelihood.aid"), ("本策优先", "livelihood.other"), ("自选", "")],
)
def test_policies_that_exclude_each_other_are_settled_as_they_say(choice: str, loser: str) -> None:
    """The higher, this one, or the person's choice."""
    one = household(("示例:\n", f"叠加: {{不得同享: livelihood.other, 择一: {choice}}}\n示例:\n"))
    other = household(
        ("编号: livelihood.aid", "编号: livelihood.other"),
        ("算式: (标准 - 人均收入) * 户人数", "算式: (标准 - 人均收入) * 户人数 + 1"),
        ("金额: 699", "金额: 700"),
    )
    found = judge_all(Library((one, other)), [one.id, other.id], GIVEN, date(2026, 3, 1), "99")
    gone = [each.decision.policy.id for each in found if each.gives_way_to]
    assert gone == ([loser] if loser else [])
    assert all(bool(each.choose) == (choice == "自选") for each in found)


def test_several_policies_take_their_own_of_one_case() -> None:
    """Names of others are left out; one that nobody asks for is refused."""
    other = read_file(FAULTY / "cliff.yaml")
    library = Library((household(), other))
    found = judge_all(library, [other.id, "livelihood.aid"], GIVEN, date(2026, 3, 1), "99")
    assert [each.decision.policy.id for each in found] == [other.id, "livelihood.aid"]
    assert [each.decision.amount_fen for each in found] == [30_000, 40_000]
    with pytest.raises(Invalid, match="no policy asks for this"):
        judge_all(library, [other.id], {**GIVEN, "商品": 1}, date(2026, 3, 1), "99")
    with pytest.raises(NotFound):
        judge_all(library, ["livelihood.none"], GIVEN, date(2026, 3, 1), "99")


def test_a_decision_is_replayed_bit_for_bit_by_its_old_version() -> None:
    """Years later, from the bytes of the record alone, though the law has changed since."""
    from longmai.rules.policy.evaluation import evaluate  # noqa: PLC0415 - one use

    decision = evaluate(OLD, case_of(OLD, GIVEN, date(2025, 5, 5), "9902"))
    kept = canonical(record_of(decision))
    again = replay(json.loads(kept), LIBRARY)
    assert canonical(record_of(again)) == kept
    with pytest.raises(NotFound, match="not in this library"):
        replay(json.loads(kept), Library((NEW,)))
    changed = json.loads(kept) | {"amount_fen": 1}
    with pytest.raises(Conflict, match="amount_fen"):
        replay(changed, LIBRARY)
