"""Who nearly meets a policy: one number a little other would do; and who is on a border."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from longmai.domains.livelihood.finding.laying import LAID, Laid, Shift, place_of
from longmai.rules.columns.borders import near_a_border
from longmai.rules.columns.many import small
from longmai.rules.columns.population import quoted
from longmai.rules.columns.rule import RuleColumns
from longmai.rules.columns.sql import select
from longmai.rules.policy.model import Policy
from longmai.store.columns.people import text_literal

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
        covered: of them those of whom somebody alike is judged, as far as the policy looks.
        table: key, county, policy, and whether it was chosen for a border.
    """

    near: int
    covered: int
    table: pa.Table


NEAR_CASES = "_near_cases"
"""Table of who is on a border: policy, key, and of those who are alike the one who is judged."""


def to_judge_again(laid: Laid, of_each: int, near_most: int | None) -> Again:
    """Choose who is to be judged a second time.

    People on a border of whom a policy sees the same are one case, and one of them is judged; that
    all of them were written alike is for ``written_otherwise`` to see.

    Args:
        laid: people.
        of_each: people of each policy, county and deciding clause.
        near_most: cases on each policy's borders, where there are more about so many; None: all.
    """
    key = laid.population.people.types[laid.people.key]
    type_ = "BIGINT" if pa.types.is_integer(key) else "VARCHAR"
    laid.people.register(laid.duck)
    laid.duck.connection.execute(
        f"CREATE OR REPLACE TABLE {NEAR_CASES} (policy VARCHAR, key {type_}, alike {type_},"
        " county VARCHAR)"
    )
    found: list[pa.Table] = []
    total = 0
    for policy in laid.policies:
        rule = laid.rules.get(policy.id)
        if rule is not None:
            total += _note_cases(laid, policy, rule, near_most)
            found.append(_drawn(laid, policy, rule, of_each))
    chosen = laid.duck.connection.sql(
        f"FROM {NEAR_CASES} SELECT key, county, policy, TRUE AS near WHERE key = alike"
    ).to_arrow_table()
    counted = laid.duck.connection.sql(f"FROM {NEAR_CASES} SELECT COUNT(*)").fetchall()
    found = [each.cast(chosen.schema) for each in found]
    return Again(total, int(counted[0][0]), pa.concat_tables([chosen, *found]))


def _note_cases(laid: Laid, policy: Policy, rule: RuleColumns, near_most: int | None) -> int:
    """Keep who is on a border of a policy, with who is alike; return how many are on one."""
    keep = {"key": '"key"', "county": '"county"'}
    asked = {"near": near_a_border(rule)}
    below = select(asked, LAID, laid.duck.dialect, keep).sql("duckdb")
    duck, name = laid.duck.connection, text_literal(policy.id)
    duck.execute(
        f"CREATE OR REPLACE TABLE _on_border AS FROM ({below}) SELECT key, county WHERE near"
    )
    total = int(duck.sql("FROM _on_border SELECT COUNT(*)").fetchall()[0][0])
    columns = laid.population.people
    own = [quoted(each) for each in sorted(policy.inputs) if each in columns.types]
    # Whom a policy judges by their household is alike who lives in the same.
    own += [place_of(policy, laid.people.region_text)]
    own += [quoted(laid.people.link)] if policy.members else []
    seen = ", ".join(f"{each} AS _s{n}" for n, each in enumerate(own))
    who = f"SELECT {quoted(laid.people.key)} AS _key, {seen} FROM person"
    alike = f"MIN(key) OVER (PARTITION BY {', '.join(f'_s{n}' for n in range(len(own)))})"
    duck.execute(
        f"INSERT INTO {NEAR_CASES} FROM _on_border JOIN ({who}) ON key = _key"
        f" SELECT {name}, key, {alike} AS alike, county"
    )
    if near_most is not None:
        mine = f"policy = {name}"
        cases = duck.sql(f"FROM {NEAR_CASES} SELECT COUNT(DISTINCT alike) WHERE {mine}").fetchall()[
            0
        ][0]
        step = max(1, -(-int(cases) // near_most))
        duck.execute(f"DELETE FROM {NEAR_CASES} WHERE {mine} AND HASH(alike, 'near') % {step} <> 0")
    return total


def _drawn(laid: Laid, policy: Policy, rule: RuleColumns, of_each: int) -> pa.Table:
    """Draw a few people of each county and deciding clause."""
    keep = {"key": '"key"', "county": '"county"'}
    below = select({"decided": rule.decided}, LAID, laid.duck.dialect, keep).sql("duckdb")
    name = text_literal(policy.id)
    query = (
        f"FROM (FROM ({below}) SELECT county, UNNEST(MIN_BY(key, HASH(key, {name}), {of_each}))"
        f" AS key GROUP BY county, decided) SELECT key, county, {name} AS policy, FALSE AS near"
    )
    return laid.duck.connection.sql(query).to_arrow_table()


def written_otherwise(laid: Laid, policy: Policy, files: str) -> Iterator[str]:
    """Yield who is on a border and was written otherwise than somebody of whom is known the same.

    Args:
        laid: people, after ``to_judge_again``.
        policy: one of theirs.
        files: literals of the paths of its results, comma separated.
    """
    query = (
        f"FROM read_parquet([{files}]) AS r JOIN {NEAR_CASES} AS n ON r.key = n.key"
        f" SELECT n.alike WHERE n.policy = {text_literal(policy.id)} GROUP BY n.alike"
        " HAVING COUNT(DISTINCT STRUCT_PACK(a := state, b := amount_fen, c := failing,"
        " d := unknown)) > 1 ORDER BY n.alike LIMIT 20"
    )
    for (key,) in laid.duck.connection.execute(query).fetchall():
        yield f"{policy.id}: people of whom the same is known as of {key} are written otherwise"
