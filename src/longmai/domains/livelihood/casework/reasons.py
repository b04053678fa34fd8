"""Why the rules found what they found of a person, clause by clause, from the population itself."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longmai.domains.livelihood.casework.leads import names_behind
from longmai.domains.livelihood.casework.people import population_file
from longmai.domains.livelihood.casework.queries import Lead
from longmai.domains.livelihood.persons.population import UNSETTLED
from longmai.kernel.region_codes import prefix
from longmai.portal.house import House
from longmai.rules.policy.evaluation import State, case_of, evaluate
from longmai.rules.policy.explanation import Reason, explain
from longmai.rules.policy.model import Policy


@dataclass(frozen=True)
class Clause:
    """A condition as the person is told of it.

    Attributes:
        state: met, not met, unknown, manual review.
        clause: reference in the policy.
    """

    name: str
    state: str
    clause: str
    sentences: tuple[str, ...]


def reasons_of(house: House, lead: Lead, language: str = "zh") -> Sequence[Clause]:
    """Return the reasons for a lead; none where the person is no more in the population."""
    rows = _household(house, lead)
    own = next((row for row in rows if str(row["id"]) == lead.person_id), None)
    if own is None:
        return ()
    policy = house.policies.version(lead.policy_id, lead.version)
    given = _given(policy, own, rows)
    case = case_of(policy, given, lead.found_on, prefix(lead.region))
    unsettled = _unsettled(house, own, rows, language)
    return tuple(
        _with(clause, policy, id_, unsettled)
        for id_, clause in _clauses(explain(evaluate(policy, case), language).reasons)
    )


def _clauses(reasons: Sequence[Reason]) -> Iterator[tuple[str, Clause]]:
    for each in reasons:
        if each.parts:
            yield from _clauses(each.parts)
        else:
            said = (*each.sentences, *each.missing)
            yield each.id, Clause(each.name, each.state.value, each.clause, said)


def _with(clause: Clause, policy: Policy, id_: str, unsettled: Mapping[str, str]) -> Clause:
    """Say of an unknown clause which of its data somebody did tell, and why it does not count."""
    if clause.state != State.UNKNOWN.value or id_ not in policy.rules:
        return clause
    names = names_behind(policy, policy.rules[id_])
    said = tuple(unsettled[each] for each in names if each in unsettled)
    return replace(clause, sentences=(*clause.sentences, *said))


def _unsettled(
    house: House, own: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], language: str
) -> Mapping[str, str]:
    """Return why data of a household are not settled, in words, by datum; one's own come first."""
    t = partial(house.catalogue.translate, language)
    found: dict[str, str] = {}
    for row in (*(each for each in rows if each is not own), own):
        for name, told in json.loads(row.get(UNSETTLED) or "{}").items():
            if told["why"] == "refused":
                purpose = t(f"persons.purpose.{told['purpose']}")
                found[name] = t("casework.unsettled.refused", datum=name, purpose=purpose)
                continue
            sides = t("casework.unsettled.and").join(
                t("casework.unsettled.side", department=department, day=day, value=value)
                for department, _, day, value in told["said"]
            )
            found[name] = t("casework.unsettled.conflict", datum=name, sides=sides)
    return found


def _household(house: House, lead: Lead) -> list[dict[str, Any]]:
    file = population_file(house)
    if not file.is_file():
        return []
    field = pq.read_schema(file).field("household")
    key = int(lead.household) if pa.types.is_integer(field.type) else lead.household
    filters = [("region", "=", lead.region), ("household", "=", key)]
    return list(pq.read_table(file, filters=filters).to_pylist())


def _given(
    policy: Policy, own: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    given = {name: own[name] for name in policy.inputs if own.get(name) not in {None, ""}}
    if policy.members:
        given[policy.members_name] = [
            {name: row[name] for name in policy.members if row.get(name) not in {None, ""}}
            for row in rows
        ]
    return given
