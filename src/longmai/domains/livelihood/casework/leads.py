"""From a finding to the work lists: what is to be done for whom, and why.

A lead is laid down for who is newly eligible, who will be by a day that is near, who cannot be told
because a department's datum is missing, who needs a person's look, and who is about to lose what
they have. A household policy is done once, for its head.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, delete, insert

from longmai.domains.livelihood.casework.tables import LAID, LEAD
from longmai.kernel.region_codes import pad, prefix
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Condition, Policy
from longmai.rules.policy.scope import used_names

_HEAD = "户主"
_AT_ONCE = 2_000


class Found(Protocol):
    """A row of a finding, as ``finding.reading`` gives it."""

    @property
    def person(self) -> str: ...  # noqa: D102
    @property
    def region(self) -> str: ...  # noqa: D102
    @property
    def household(self) -> str: ...  # noqa: D102
    @property
    def relation(self) -> str: ...  # noqa: D102
    @property
    def policy(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def amount_fen(self) -> int | None: ...  # noqa: D102
    @property
    def failing(self) -> str: ...  # noqa: D102
    @property
    def unknown(self) -> str: ...  # noqa: D102
    @property
    def near(self) -> str: ...  # noqa: D102
    @property
    def gain_on(self) -> date | None: ...  # noqa: D102
    @property
    def lose_on(self) -> date | None: ...  # noqa: D102


@dataclass(frozen=True)
class Source:
    """Which finding leads are of: its name, its day, and when they were laid down."""

    finding: str
    day: date
    at: datetime


def lay(
    connection: Connection, rows: Iterable[Found], library: Library, source: Source
) -> Mapping[str, int]:
    """Put the leads of a finding in the place of those before; those taken on stay cases.

    Returns:
        How many were laid down, by kind.
    """
    connection.execute(delete(LEAD))
    connection.execute(delete(LAID))
    counts: dict[str, int] = {}
    chunk: list[dict[str, Any]] = []
    for row in rows:
        for lead in leads_of(row, library, source.day):
            counts[lead["lead"]] = counts.get(lead["lead"], 0) + 1
            chunk.append(lead)
        if len(chunk) >= _AT_ONCE:
            connection.execute(insert(LEAD), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(LEAD), chunk)
    laid = {"finding": source.finding, "day": source.day, "at": source.at}
    connection.execute(insert(LAID).values(**laid, leads=sum(counts.values())))
    return counts


def leads_of(row: Found, library: Library, day: date) -> Iterator[dict[str, Any]]:
    """Yield what a row of a finding asks to be done."""
    policy = library.version(row.policy, row.version)
    if policy.applies_to == "household" and row.relation != _HEAD:
        return
    if row.state == "eligible":
        yield _lead(row, "eligible", day)
        if row.lose_on is not None:
            yield _lead(row, "losing", day, due=row.lose_on)
    elif row.state == "manual":
        yield _lead(row, "manual", day)
    elif row.state == "near" and row.near == "day" and row.gain_on is not None:
        yield _lead(row, "near", day, due=row.gain_on, clause=row.failing)
    elif row.state == "unknown":
        datum = missing_datum(policy, row.unknown, row.region, day)
        if datum is not None:
            yield _lead(row, "unknown", day, clause=row.unknown, datum=datum)


def missing_datum(policy: Policy, clause: str, region: str, day: date) -> tuple[str, str] | None:
    """Return the datum a condition waits for, and who holds it.

    None where it waits for a parameter that is not known there and then: no department can help,
    so nobody is sent to ask.
    """
    condition = policy.rules.get(clause)
    if condition is None:
        return None
    names = list(names_behind(policy, condition))
    short = prefix(region)
    for name in names:
        parameter = policy.parameters.get(name)
        held = None if parameter is None else parameter.at(day, short)
        if parameter is not None and (held is None or held.value is None):
            return None
    for name in names:
        each = policy.inputs.get(name) or policy.members.get(name)
        if each is not None:
            return each.name, each.holder
    return None


def names_behind(policy: Policy, condition: Condition) -> Iterator[str]:
    """Yield the names that a condition looks at, those behind its steps too."""
    for part in condition.walk():
        if part.rule is not None:
            yield from _of_rule(policy, part.rule.node, set())


def _of_rule(policy: Policy, node: Any, seen: set[str]) -> Iterator[str]:
    for used in used_names(node):
        if used.name in seen:
            continue
        seen.add(used.name)
        yield used.name
        step = policy.steps.get(used.name)
        if step is not None and step.rule is not None:
            yield from _of_rule(policy, step.rule.node, seen)


def _lead(
    row: Found,
    lead: str,
    day: date,
    *,
    due: date | None = None,
    clause: str = "",
    datum: tuple[str, str] = ("", ""),
) -> dict[str, Any]:
    return {
        # The same lead of the next finding has the same ID: a page that is open still works.
        "id": uuid5(NAMESPACE_URL, f"{lead}/{row.person}/{row.policy}"),
        "lead": lead,
        "person_id": row.person,
        "household": str(row.household),
        "region": pad(row.region),
        "policy_id": row.policy,
        "version": row.version,
        "amount_fen": row.amount_fen,
        "clause": clause,
        "datum": datum[0],
        "holder": datum[1],
        "due": due,
        "found_on": day,
    }
