"""Faults seeded into the policies that ship, as somebody who edits them might; all are found."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from longmai.kernel.regions import regions_folder
from longmai.rules.checks import checking
from longmai.rules.checks.checking import check_library, check_policy
from longmai.rules.checks.finding import Finding, Severity
from longmai.rules.policy.evaluation import evaluate
from longmai.rules.policy.library import Library, beside, policy_files
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy

_DOMAINS = Path(checking.__file__).parents[2] / "domains"
_FOLDERS = [*regions_folder().glob("*/policies"), *_DOMAINS.glob("*/policies")]
_FILES = {
    f"{next(part for part in reversed(file.parent.parts) if part != 'policies')}/{file.name}": file
    for file in policy_files(_FOLDERS)
    if "policies" in file.parts
}
_FAULTS: Sequence[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("seeded.toml").read_text("utf-8")
)["fault"]
_EXAMPLES = ("\n示例:", "\nexamples:")
# What is found in the policies as they ship, besides advice: true of the texts they stand for.
_TRUE: set[tuple[str, str]] = set()


def seeded(fault: dict[str, Any]) -> Policy:
    """Return a policy with a fault."""
    file = _FILES[fault["file"]]
    text = file.read_text("utf-8")
    for head in _EXAMPLES:
        text = text.partition(head)[0]
    for old, new in fault["edits"]:
        assert old in text, f"{file} has changed: seed the fault anew"
        text = text.replace(old, new)
    return read_policy(f"{text}\n示例: []\n", str(file), beside(file.parent))


@cache
def sound(file: str) -> frozenset[str]:
    """Return the kinds of what is found without the fault."""
    return frozenset(each.code for each in check_policy(seeded({"file": file, "edits": []})))


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda each: f"{each['file']}-{each['code']}")
def test_a_seeded_fault_is_found(fault: dict[str, Any]) -> None:
    """By its own kind, which the policy did not have before, with somebody to whom it happens."""
    assert fault["code"] not in sound(fault["file"])
    found = [each for each in check_policy(seeded(fault)) if each.code == fault["code"]]
    assert found
    for each in found:
        assert each.spot.line > 1
        assert all(evaluate(e.policy, e.case) == e for e in each.examples)
        assert each.examples or each.code == "by-rows"


def test_the_corpus_is_large_and_of_many_kinds() -> None:
    """Forty faults at the least, in most of the policies."""
    assert len(_FAULTS) >= 40
    assert len({each["file"] for each in _FAULTS}) >= 15
    assert len({each["code"] for each in _FAULTS}) >= 14


@cache
def _shipped() -> Sequence[Finding]:
    return check_library(Library.load(_FOLDERS).policies)


def test_the_policies_we_ship_are_clean() -> None:
    """Errors and warnings are none, but for those that are true of the texts; advice is told."""
    bad = {
        (each.policies[0], each.code) for each in _shipped() if each.severity is not Severity.ADVICE
    }
    assert bad == _TRUE
