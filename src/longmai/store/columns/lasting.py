"""Versions of policies that have ended and hold on for some people: who they are."""

from datetime import date

import pyarrow as pa
from sqlglot import exp

from longmai.rules.columns.policies import holds_on_for
from longmai.rules.columns.population import Population, case_values, quoted
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.sql import select
from longmai.rules.policy.evaluation import case_of
from longmai.rules.policy.library import in_transition
from longmai.rules.policy.model import Policy
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.people import People, bounded, text_literal, with_members

_BATCH = 20_000


def lasts(policy: Policy, day: date) -> bool:
    """Tell whether a version has ended before a day and holds on for some cases."""
    ended = policy.end is not None and day > policy.end
    return ended and any(day <= each.to for each in policy.transition)


def lay_lasting(
    duck: DuckDB, people: People, population: Population, policy: Policy, day: date, table: str
) -> None:
    """Make a table of the keys of the people for whom a version holds on, where it applies."""
    people.register(duck)
    try:
        known = bounded(duck, population, [policy])
        holds = holds_on_for(policy, known.schema(policy), day)
        keep = {"_key": quoted(people.key), "_region": people.region_text}
        found = select({"_holds": holds}, "person", duck.dialect, keep)
    except NotCompiled:
        duck.register(f"{table}_rows", _by_rows(duck, people, population, policy, day))
        found = exp.select("*").from_(f"{table}_rows")
    regions = [f"STARTS_WITH(_region, {text_literal(each)})" for each in policy.regions]
    query = exp.select("_key").from_(found.subquery("_f")).where("_holds", " OR ".join(regions))
    duck.create(table, query)


def _by_rows(
    duck: DuckDB, people: People, population: Population, policy: Policy, day: date
) -> pa.Table:
    query = exp.select("*", f"{people.region_text} AS _region").from_("person")
    found = []
    for batch in duck.batches(query, _BATCH):
        rows = pa.Table.from_batches([batch])
        whole = list(with_members(duck, people, population, rows))
        holds = [
            in_transition(
                policy,
                case_of(policy, case_values(policy, row, row["_members"]), day, row["_region"]),
            )
            for row in whole
        ]
        columns = {"_key": rows.column(people.key), "_region": rows.column("_region")}
        found.append(pa.table(columns | {"_holds": pa.array(holds, pa.bool_())}))
    return pa.concat_tables(found)
