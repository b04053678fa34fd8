"""The rule that a cluster and this machine both judge by, and the people."""

from pathlib import Path

from longmai.rules.columns.rule import Clause, RuleColumns, compile_rule
from longmai.rules.columns.schema import Given, Schema
from longmai.rules.columns.types import boolean, number, string
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.tree import Node
from longmai.store.columns.duckdb import DuckDB

SCHEMA = Schema(
    {
        "age": Given(number(0, 110, nullable=False)),
        "pay": Given(number(0, 20_000, scale=2), "pay_fen"),
        "disabled": Given(boolean()),
        "status": Given(string()),
    }
)
KEEP = {"id": "id"}
ROWS = 600_000


def rule() -> RuleColumns:
    """Return a rule with unknowns, texts, a rounding and a case that a person decides."""
    texts = {"old": "age >= 60", "poor": "pay < 8000.50", "kind": 'status in ("低保", "特困")'}
    clauses = [Clause(own, _node(text)) for own, text in texts.items()]
    clauses.append(Clause("hand", _node("disabled"), manual=True))
    return compile_rule(clauses, _node("decimal(min(pay * 0.333, 900), 2)"), SCHEMA)


def _node(text: str) -> Node:
    return parse_expression(text, list(SCHEMA.fields))


def write_people(file: Path) -> None:
    """Make people up by a formula."""
    with DuckDB(memory_mb=300) as duck:
        duck.connection.execute(
            f"""COPY (SELECT i::BIGINT AS id, (hash(i) % 100)::INTEGER AS age,
            CASE WHEN hash(i + 1) % 9 > 0 THEN (hash(i + 1) % 1200000)::INTEGER END AS pay_fen,
            CASE WHEN hash(i + 2) % 9 > 0 THEN hash(i + 2) % 2 = 1 END AS disabled,
            CASE hash(i + 3) % 4 WHEN 0 THEN '低保' WHEN 1 THEN '特困' WHEN 2 THEN '' END AS status
            FROM range({ROWS}) AS t(i)) TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 20480)"""  # noqa: S608 - a number and a file of ours
        )
