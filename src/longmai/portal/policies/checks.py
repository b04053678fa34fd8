"""What the checks of rules say of a policy, for its page and the editor."""

from collections.abc import Sequence
from dataclasses import dataclass

from longmai.portal.house import House
from longmai.rules.checks.checking import check_among, check_policy
from longmai.rules.checks.finding import Finding, Severity
from longmai.rules.checks.pinning import Pin, pins_of
from longmai.rules.checks.places import counties_of, differs_by_place
from longmai.rules.checks.solver import is_available
from longmai.rules.policy.model import Policy

SECONDS = 2.0
"""For the checks of one policy, while somebody waits."""
_KEPT = "checks"
_ORDER = list(Severity)


@dataclass(frozen=True)
class ChecksView:
    """Findings of the checks, as pages show them.

    Attributes:
        findings: the worst first.
    """

    findings: Sequence[Finding]

    @property
    def bad(self) -> Sequence[Finding]:
        """Errors and warnings."""
        return [each for each in self.findings if each.severity is not Severity.ADVICE]

    @property
    def advice(self) -> Sequence[Finding]:
        """The rest."""
        return [each for each in self.findings if each.severity is Severity.ADVICE]


@dataclass(frozen=True)
class MoreExamples:
    """Examples that a policy could have beside its own.

    Attributes:
        block: of YAML, to copy.
        count: how many there are.
        loose: thresholds that no example holds.
    """

    block: str
    count: int
    loose: Sequence[Pin]


def checks_of(house: House, policy: Policy) -> ChecksView:
    """Return what the checks find in a policy; kept with it, as a policy does not change."""
    found: ChecksView | None = policy.compiled.get(_KEPT)
    if found is None:
        places = counties_of(house.regions) if differs_by_place(policy) else ()
        findings = check_policy(policy, places, SECONDS)
        if any(each is policy for each in house.policies.by_id.get(policy.id, ())):
            findings += check_among(house.policies, policy.id, SECONDS)
        worst = sorted(findings, key=lambda each: _ORDER.index(each.severity))
        found = policy.compiled[_KEPT] = ChecksView(worst)
    return found


def more_examples(policy: Policy) -> MoreExamples | None:
    """Return examples a policy could have, too; None without the solver."""
    if not is_available():
        return None
    # They need the solver, which is an extra.
    from longmai.rules.checks.boundaries import boundaries_of  # noqa: PLC0415
    from longmai.rules.checks.writing import examples_block  # noqa: PLC0415

    found = boundaries_of(policy, SECONDS)
    loose = [each for each in pins_of(policy) if not each.holds]
    return MoreExamples(examples_block(policy, found), len(found), loose)
