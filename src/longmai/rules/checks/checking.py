"""All checks: of one policy, and of many against each other."""

from collections.abc import Iterable, Iterator, Sequence

from longmai.rules.checks.finding import Finding, Severity, spot_of
from longmai.rules.checks.running import check_running
from longmai.rules.checks.solver import Budget, OutOfTime, alone, is_available
from longmai.rules.checks.versions import check_parameters, check_versions
from longmai.rules.policy.findings import Spot
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Policy

POLICY_SECONDS = 10.0
"""Time for one policy."""
PAIRS_SECONDS = 60.0
"""Time for all pairs of a library."""
_ORDER = list(Severity)


def check_policy(
    policy: Policy, places: Sequence[str] = (), seconds: float = POLICY_SECONDS
) -> tuple[Finding, ...]:
    """Return what the checks find in one policy, the worst first.

    Args:
        policy: that could be read.
        places: codes of all regions there are; see ``check_parameters``.
        seconds: after which what is left is told as not checked.
    """
    found = list(check_parameters(policy, places))
    if is_available():
        with alone():
            found += _solved(policy, seconds)
    else:
        found.append(Finding("no-solver", Spot(policy.file, 1), (policy.id,)))
    found += check_running(policy)
    return _sorted(found)


def _solved(policy: Policy, seconds: float) -> list[Finding]:
    # The solver is an extra: nothing that needs it is read before it is known to be there.
    from longmai.rules.checks.cliffs import check_cliffs  # noqa: PLC0415
    from longmai.rules.checks.conditions import check_branches, check_conditions  # noqa: PLC0415
    from longmai.rules.checks.subject import Subject  # noqa: PLC0415
    from longmai.rules.checks.tables import check_tables  # noqa: PLC0415

    subject = Subject(policy, Budget(seconds))
    found: list[Finding] = []
    try:
        for check in (check_tables, check_conditions, check_branches, check_cliffs):
            found.extend(check(subject))
    except OutOfTime:
        found.append(Finding("out-of-time", Spot(policy.file, 1), (policy.id,)))
    found.extend(_not_checked(subject.policy, subject.not_checked()))
    return found


def _not_checked(policy: Policy, beyond: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    for name, what in beyond:
        values = {"name": name, "what": what}
        yield Finding("not-checked", spot_of(policy, name), (policy.id,), (), values)


def check_library(
    policies: Sequence[Policy],
    places: Sequence[str] = (),
    seconds: float = PAIRS_SECONDS,
) -> tuple[Finding, ...]:
    """Return what the checks find in many policies, each by itself and all pairs, file by file."""
    library = Library(tuple(policies))
    found = [each for policy in policies for each in check_policy(policy, places)]
    for versions in library.by_id.values():
        found += check_versions(versions)
    if is_available():
        with alone():
            found += _pairs(library, seconds)
    return _sorted(found)


def check_among(library: Library, own: str, seconds: float = POLICY_SECONDS) -> tuple[Finding, ...]:
    """Return what the checks find between a policy and the others, and between its versions.

    Args:
        library: that holds it.
        own: id of the policy.
        seconds: for what it excludes, and what excludes it.
    """
    found = list(check_versions(library.versions(own)))
    latest = {each: versions[0] for each, versions in library.by_id.items()}
    named = {
        each: set(policy.stacking.exclusive) if policy.stacking else set()
        for each, policy in latest.items()
    }
    beside = {each for each, others in named.items() if own in others} | named[own]
    if beside and is_available():
        near = Library(tuple(latest[each] for each in {own, *beside} & latest.keys()))
        with alone():
            found += [each for each in _pairs(near, seconds) if own in each.policies]
    return _sorted(found)


def _pairs(library: Library, seconds: float) -> list[Finding]:
    from longmai.rules.checks.exclusions import Exclusions  # noqa: PLC0415 - an extra

    latest = {own: versions[0] for own, versions in library.by_id.items()}
    if not any(each.stacking for each in latest.values()):
        return []
    found: list[Finding] = []
    try:
        for each in Exclusions(latest, Budget(seconds)).findings():
            found.append(each)  # noqa: PERF402 - what was found before the time is up counts
    except OutOfTime:
        found.append(Finding("out-of-time", Spot("", 1), tuple(latest)))
    return found


def _sorted(found: Iterable[Finding]) -> tuple[Finding, ...]:
    def key(each: Finding) -> tuple[str, int, int]:
        return each.spot.file, _ORDER.index(each.severity), each.spot.line

    return tuple(sorted(found, key=key))
