"""Policies of the house for tests: by id and version, judged, with values put in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from longmai.kernel.regions import find_pack
from longmai.registry import DOMAINS
from longmai.rules.policy.evaluation import Decision, case_of, evaluate
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import ParameterValue, Policy


@cache
def library() -> Library:
    """Return all policies of the domains and of the region."""
    folders = [folder for domain in DOMAINS for folder in domain.policies]
    return Library.load([*folders, find_pack() / "policies"])


def policy(own: str, version: str) -> Policy:
    """Return one version of a policy."""
    return library().version(own, version)


def with_values(found: Policy, **values: int | str | Decimal) -> Policy:
    """Return a policy whose parameters have values that nobody has confirmed yet."""
    parameters = dict(found.parameters)
    for name, value in values.items():
        row = ParameterValue(found.start, None, "", Decimal(value))
        parameters[name] = replace(parameters[name], values=(row,))
    return replace(found, parameters=parameters)


def judge(
    found: Policy,
    day: date,
    given: Mapping[str, Any],
    region: str = "",
    confirmed: Mapping[str, bool] | None = None,
) -> Decision:
    """Judge plain values by a version."""
    return evaluate(found, case_of(found, given, day, region, confirmed))
