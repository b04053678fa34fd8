"""Who nearly meets a policy: one number a little other would do; and who is on a border."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from longmai.domains.livelihood.finding.laying import LAID, Laid, Shift
from longmai.rules.columns.borders import near_a_border
from longmai.rules.columns.many import small
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.sql import select

NEAR_SCHEMA = pa.schema([("key", pa.string()), ("policy", pa.string()), ("near_fact", pa.string())])


def near_by_number(laid: Laid) -> pa.Table:
    """Return people who would meet a policy if one number were a little other: each once a policy.

    Columns: key as text, policy, near_fact.
    """
    found = [NEAR_SCHEMA.empty_table()]
    for policy, rule in laid.rules.items():
        shifts = [each for each in laid.shifted if each.policy == policy]
        if shifts:
            found += _near(laid, policy, rule, shifts)
    return pa.concat_tables(found)


def _near(laid: Laid, policy: str, rule: RuleColumns, shifts: list[Shift]) -> Iterator[pa.Table]:
    asked = {"base": rule.decided} | {
        f"s{i}": laid.shifted[each].decided for i, each in enumerate(shifts)
    }
    below = select(
        asked, LAID, laid.duck.dialect, {"key": '"key"'}, small(asked, laid.duck.dialect)
    )
    many = len(rule.clauses)
    which = " ".join(
        f"WHEN s{i} = 0 OR s{i} > {2 * many} THEN {exp.Literal.string(each.fact).sql('duckdb')}"
        for i, each in enumerate(shifts)
    )
    # Not met is numbered from 1 to the number of clauses; met 0; manual from twice that number.
    query = (
        f"SELECT CAST(key AS VARCHAR) AS key, fact AS near_fact FROM"
        f" (SELECT key, CASE {which} END AS fact FROM ({below.sql('duckdb')})"
        f" WHERE base BETWEEN 1 AND {many}) WHERE fact IS NOT NULL"
    )
    table = laid.duck.connection.sql(query).to_arrow_table()
    if table.num_rows:
        names = pa.array([policy] * table.num_rows, pa.string())
        yield pa.table([table["key"], names, table["near_fact"]], schema=NEAR_SCHEMA)


@dataclass(frozen=True)
class Again:
    """Who is to be judged a second time.

    Attributes:
        near: people on a border, policy by policy.
        table: key, county, policy, and whether it was chosen for a border.
    """

    near: int
    table: pa.Table


def to_judge_again(laid: Laid, of_each: int, near_most: int) -> Again:
    """Choose who is to be judged a second time.

    Args:
        laid: people.
        of_each: people of each policy, county and deciding clause.
        near_most: people on each policy's borders; where there are more, about so many of them.
    """
    total = 0
    found: list[pa.Table] = []
    for policy, rule in laid.rules.items():
        asked = {"decided": rule.decided, "near": near_a_border(rule)}
        keep = {"key": '"key"', "county": '"county"'}
        below = select(asked, LAID, laid.duck.dialect, keep).sql("duckdb")
        name = exp.Literal.string(policy).sql("duckdb")
        count = int(laid.duck.connection.sql(
            f"SELECT COUNT(*) FROM ({below}) WHERE near").fetchall()[0][0])  # fmt: skip
        total += count
        step = max(1, -(-count // near_most))
        query = (
            f"WITH judged AS MATERIALIZED ({below}), drawn AS (SELECT county,"
            f" UNNEST(MIN_BY(key, HASH(key, {name}), {of_each})) AS key FROM judged"
            f" GROUP BY county, decided)"
            f" SELECT key, county, {name} AS policy, TRUE AS near FROM judged"
            f" WHERE near AND HASH(key, 'near') % {step} = 0 UNION ALL"
            f" SELECT key, county, {name}, FALSE FROM drawn"
        )
        found.append(laid.duck.connection.sql(query).to_arrow_table())
    return Again(total, pa.concat_tables(found) if found else pa.table({}))
