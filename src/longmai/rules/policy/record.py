"""A decision as a record: what was asked, by which version of the rule, and what came of it.

The record is canonical JSON: the same case judged by the same version gives the same bytes, years
later and on another machine, so that a replay compares bytes.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from longmai.kernel.errors import Conflict, Invalid
from longmai.rules.policy.evaluation import Decision, Judged, case_of, evaluate
from longmai.rules.policy.library import Library
from longmai.rules.policy.literals import as_plain

FORMAT = "longmai-decision-1"


def record_of(decision: Decision) -> dict[str, Any]:
    """Return a decision as plain values: texts, whole numbers, truths, lists and dictionaries.

    Keys: ``format, policy, version, digest, day, region, given, confirmed, origins, parameters,
    steps, conditions, state, amount_fen, unit``. Numbers are texts, so that none is rounded.

    Raises:
        Invalid: it assumes values of parameters.
    """
    policy, case = decision.policy, decision.case
    if case.assumed:
        raise Invalid(
            "a decision that assumes values is no record",
            code="policy.assumed",
            value=", ".join(case.assumed),
        )
    return {
        "format": FORMAT,
        "policy": policy.id,
        "version": policy.version,
        "digest": policy.digest,
        "day": case.day.isoformat(),
        "region": case.region,
        "given": {name: as_plain(value) for name, value in case.values.items()},
        "confirmed": dict(case.confirmed),
        "origins": dict(case.origins),
        "parameters": {
            name: None if row is None else as_plain(row.value)
            for name, row in decision.parameters.items()
        },
        "steps": {name: as_plain(decision.values.get(name)) for name in policy.steps},
        "conditions": _states(decision.judged),
        "state": decision.state.value,
        "amount_fen": decision.amount_fen,
        "unit": "" if policy.amount is None else policy.amount.unit,
    }


def _states(judged: tuple[Judged, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in judged:
        found[each.condition.id] = each.state.value
        found |= _states(each.parts)
    return found


def canonical(record: Mapping[str, Any]) -> bytes:
    """Return the bytes of a record: UTF-8 JSON, keys in order, no blanks (RFC 8785 for its values).

    >>> canonical({"b": None, "a": "陇"}).decode()
    '{"a":"陇","b":null}'
    """
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def replay(record: Mapping[str, Any], library: Library) -> Decision:
    """Judge a recorded case again, by the version of the rule it was judged by.

    Raises:
        Invalid: this is no record of a decision.
        NotFound: the library does not hold that version.
        Conflict: something else comes of it now; says what.
    """
    if record.get("format") != FORMAT:
        raise Invalid(
            "no record of a decision", code="policy.record", value=record.get("format"),
            mend=f"its format is {FORMAT}",
        )  # fmt: skip
    policy = library.by_digest(str(record.get("digest")))
    given = {name: value for name, value in record["given"].items() if value is not None}
    day = date.fromisoformat(str(record["day"]))
    case = case_of(
        policy, given, day, record["region"], record["confirmed"], record.get("origins", {})
    )
    decision = evaluate(policy, case)
    again = record_of(decision)
    if canonical(again) != canonical(record):
        changed = sorted(name for name in again if again[name] != record.get(name))
        raise Conflict(
            "the decision comes out otherwise than it was recorded",
            code="policy.replay",
            place=", ".join(changed) or "keys",
            mend="the record was changed, or this program reads the rule otherwise: report it",
        )
    return decision
