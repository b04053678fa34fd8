"""Golden cases of both voting laws, from a file that a lawyer can read."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.domains.policies import library

from longmai.domains.assets.meetings.law import (
    Figures,
    check_regime,
    judge,
    matter_of,
    matters,
    organ_of,
    organs,
    refuse_if_broken,
)
from longmai.kernel.errors import Conflict, Invalid
from longmai.rules.policy.evaluation import State
from longmai.rules.policy.explanation import explain

CASES = yaml.safe_load(Path(__file__).with_name("golden.yaml").read_text(encoding="utf-8"))
HELD = date(2026, 6, 11)
_NOBODY = dict.fromkeys(
    ("electors", "households", "villager_households", "adults", "elected", "women"), 0
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_comes_out_as_the_law_says(case: dict[str, Any]) -> None:
    """Passes, fails, or is refused before anybody came: by the named clauses and article."""
    organ, matter = organ_of(case["organ"]), matter_of(case["matter"])
    if case["outcome"] == "other law":
        with pytest.raises(Invalid) as refused:
            check_regime(organ, [matter])
        assert case["article"] in str(refused.value)
        return
    check_regime(organ, [matter])
    told = {"unrecused": False} | case["people"]
    noticed = HELD - timedelta(days=case.get("days_of_notice", 10))
    figures = Figures(**(_NOBODY | told), matter=matter.kind, noticed_on=noticed, held_on=HELD)
    decision = judge(library(), organ, figures, "")
    reasons = explain(decision).reasons
    broken = [each for each in reasons if each.state is State.NOT_MET]
    assert [each.name for each in broken] == case.get("because", [])
    if case["outcome"] == "refused":
        with pytest.raises(Conflict) as error:
            refuse_if_broken(decision, matter, organ)
        assert case["article"] in str(error.value)
        return
    assert (decision.state is State.MET) == (case["outcome"] == "passes")
    clauses = {each.clause for each in (broken or reasons)}
    assert case["article"] in clauses | {matter.article.removeprefix("农村集体经济组织法")}


def test_matters_and_bodies_fit() -> None:
    """Each matter names bodies of its own law, and each body a policy and its data."""
    for matter in matters().values():
        assert {organ_of(key).law for key in matter.organs} == {matter.law}
    for organ in organs().values():
        policy = library().versions(organ.policy)[0]
        assert set(organ.given) == set(policy.inputs)
    # Only one of the two laws knows votes from afar.
    assert all(each.channels == ("paper",) for each in organs().values() if each.law == "villagers")
