"""A large decision table rule by rule, and as a join: the same outcome, and how fast.

Run as ``python -m bench.rules_tables``. The table has bands of age and income for texts. A second
is one of all processors together.
"""

import argparse
import os
import platform
import time
from unittest.mock import patch

from longmai.rules.columns import lookups
from longmai.rules.columns.policies import table_columns
from longmai.rules.columns.schema import Given, Schema
from longmai.rules.columns.scope import Scope
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import number, string
from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule
from longmai.store.columns.duckdb import DuckDB

SCHEMA = Schema(
    {
        "age": Given(number(0, 110)),
        "pay": Given(number(0, 20_000, scale=2), "pay_fen"),
        "kind": Given(string()),
    }
)
_PEOPLE = """CREATE TABLE person AS SELECT i AS id,
  CASE WHEN hash(i) % 30 > 0 THEN (hash(i) % 100)::SMALLINT END AS age,
  CASE WHEN hash(i + 1) % 30 > 0 THEN (hash(i + 1) % 1200000)::INTEGER END AS pay_fen,
  'k' || (hash(i + 2) % 12) AS kind FROM range({rows}) AS t(i)"""


def table(rules: int) -> DecisionTable:
    """Return a table of so many rules."""
    found = []
    for i in range(rules):
        age, pay = 5 * (i // 8 % 20), 1000 * (i % 8)
        cells = [f"[{age}..{age + 5})", f"[{pay}..{pay + 1000})", f'"k{i // 160 % 12}"']
        found.append(Rule(cells, [str(i)]))
    inputs = [Input("age"), Input("pay"), Input("kind")]
    return DecisionTable(inputs, [Output("sum", default="0")], found, "FIRST")


def main() -> None:
    """Measure tables of some sizes."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--rules", default="16,64,256,1000")
    options = arguments.parse_args()
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}")
    with DuckDB(memory_mb=1500) as duck:
        duck.connection.execute(_PEOPLE.format(rows=options.rows))
        for rules in map(int, options.rules.split(",")):
            found = []
            for way, least in (("rule by rule", 10**9), ("as a join", 0)):
                started = time.process_time()
                with patch.object(lookups, "LEAST_RULES", least):
                    columns = table_columns(table(rules), Scope.of(SCHEMA))
                query = select(columns, "person", duck.dialect, {"id": "id"}).sql("duckdb")
                compiled, started = time.process_time() - started, time.process_time()
                total = f"SELECT sum(hash(id, sum)::HUGEINT), count(*) FROM ({query})"
                found.append(duck.connection.execute(total).fetchall())
                took = time.process_time() - started
                print(f"{rules:>6} rules {way:14} compiled {compiled:7.2f} s, run {took:8.2f} s")
            assert found[0] == found[1]


if __name__ == "__main__":
    main()
