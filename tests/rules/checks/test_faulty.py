"""Faulty policies, one for each kind of finding; each example is what the interpreter says."""

import re
import tomllib
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from tests.rules.checks.policies import FAULTY

from longmai.kernel.errors import NotFound
from longmai.rules.checks import finding as words
from longmai.rules.checks.checking import check_among, check_library
from longmai.rules.checks.finding import Finding, Severity
from longmai.rules.policy.evaluation import State, evaluate
from longmai.rules.policy.library import Library, read_file

_FILES = sorted(FAULTY.glob("*.yaml"))
_NAMES = sorted({re.sub(r"-[a-c12]$", "", file.stem) for file in _FILES})
_CODES = tomllib.loads(Path(words.__file__).with_name("findings.toml").read_text("utf-8"))
_OF_NO_FILE = {"no-solver", "out-of-time"}


@cache
def _found(name: str) -> Sequence[Finding]:
    files = [each for each in _FILES if re.sub(r"-[a-c12]$", "", each.stem) == name]
    return check_library([read_file(each) for each in files])


@pytest.mark.parametrize("name", _NAMES)
def test_a_faulty_policy_is_found_out(name: str) -> None:
    """By its own finding, at a line of the file, in two languages, with the clause."""
    code = {"exclusion-contradiction": "exclusion-circle"}.get(name, name)
    found = [each for each in _found(name) if each.code == code]
    assert len(found) == 1
    [each] = found
    assert each.spot.line > 1
    for language in ("zh", "en"):
        for part in ("what", "mend"):
            told = each.told(part, language)
            assert told
            assert "{" not in told
    chinese = re.compile("[一-鿿]")
    names_apart = re.sub(r"'[^']*'|[0-9]+ 元/.|\(全国\)|元/.", "", each.told("what", "en"))
    assert not chinese.search(names_apart) or code in {"not-checked", "by-rows"}


def test_every_kind_of_finding_has_a_faulty_policy() -> None:
    """And nothing in the list of words is left over."""
    seen = {each.code for name in _NAMES for each in _found(name)}
    assert seen == set(_CODES) - _OF_NO_FILE


@pytest.mark.parametrize("name", _NAMES)
def test_every_example_is_the_interpreters(name: str) -> None:
    """Judged again, an example comes to the same; only what was not checked has none."""
    for found in _found(name):
        assert found.examples or found.code in {"not-checked", "by-rows"}
        for each in found.examples:
            assert evaluate(each.policy, each.case) == each
        assert len(found.people("zh")) == len(found.examples)


def test_nobody_meets_what_nobody_can_meet() -> None:
    """The example of a contradiction is refused by it."""
    for name in ("condition-never", "conditions-clash"):
        [found] = [each for each in _found(name) if each.code == name]
        assert found.severity is Severity.ERROR
        [example] = found.examples
        assert example.state is State.NOT_MET


def test_a_cliff_is_a_step_that_loses_more_than_it_gives() -> None:
    """One cent more, and three hundred yuan are gone."""
    [found] = [each for each in _found("cliff") if each.code == "cliff"]
    before, after = found.examples
    assert before.amount_fen == 30_000
    assert after.state is State.NOT_MET


def test_a_rate_above_a_hundred_per_cent_is_told() -> None:
    """An eighth a month of a yuan a year is one and a half."""
    [found] = [each for each in _found("marginal") if each.code == "marginal"]
    assert found.values["rate"] == 150


def test_in_a_gap_between_versions_no_version_holds() -> None:
    """The library itself says so."""
    [found] = [each for each in _found("versions-gap") if each.code == "versions-gap"]
    files = [each for each in _FILES if each.stem.startswith("versions-gap")]
    library = Library(tuple(read_file(each) for each in files))
    [example] = found.examples
    with pytest.raises(NotFound):
        library.holding("test.gap", example.case)
    last = found.values["until"] + timedelta(days=1)
    assert library.in_force(last, "99")


def test_both_versions_judge_the_example_differently() -> None:
    """Where two versions hold at once, somebody to whom it matters is named."""
    [found] = [each for each in _found("versions-twice") if each.code == "versions-twice"]
    one, other = found.examples
    assert one.state is not other.state


def test_with_the_counties_known_the_one_without_a_value_is_named() -> None:
    """Without them, the region as a whole."""
    policy = read_file(FAULTY / "parameter-place.yaml")
    for places, region in (((), "99"), (("99", "9901", "9902"), "9902")):
        [found] = [e for e in check_library([policy], places) if e.code == "parameter-place"]
        assert found.values["region"] == region
    assert not [e for e in check_library([policy], ("9901",)) if e.code == "parameter-place"]


def test_what_runs_row_by_row_is_told_with_its_reason() -> None:
    """The clause, the smallest part that is to blame, and why, in both languages."""
    [found] = [each for each in _found("by-rows") if each.code == "by-rows"]
    assert found.severity is Severity.ADVICE
    assert found.clauses == ("第一条",)
    assert "lower case(代码)" in found.told("what", "en")
    assert "small letters hang on their neighbours" in found.told("what", "en")
    assert "小写要看前后的字母" in found.told("what", "zh")


@pytest.mark.parametrize(
    ("name", "code"),
    [("exclusion-circle", "exclusion-circle"), ("versions-gap", "versions-gap")],
)
def test_what_lies_between_policies_is_found_for_each_of_them(name: str, code: str) -> None:
    """The page of each policy concerned says it; that of another does not."""
    library = Library(tuple(read_file(each) for each in _FILES))
    here = [each for each in library.policies if Path(each.file).stem.startswith(name)]
    for own in {each.id for each in here}:
        assert code in {each.code for each in check_among(library, own)}
    assert check_among(library, _alone(library)) == ()


def _alone(library: Library) -> str:
    named = {
        own
        for each in library.policies
        if each.stacking
        for own in (each.id, *each.stacking.exclusive)
    }
    return next(
        own for own, versions in library.by_id.items() if own not in named and len(versions) == 1
    )
