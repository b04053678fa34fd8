"""Many rules over a whole province: counts, and the written result table, on DuckDB.

Run as ``python -m bench.rules_scale --rows 10000,100000,1000000``; the whole province is
``--rows 24600000``. People are made up by a formula; 50 policies of about five clauses are made up
too, some with a sum over the household or a decision table. The peer is the interpreter, one record
at a time, as every DMN engine does it: timed on a sample in the same run.

CPU is the time of all processors together, which a busy machine changes less.

Each size runs in a process of its own, so that its peak of memory is its own.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from longmai.rules.columns.interpreting import Interpreter
from longmai.rules.columns.many import Counts, Run
from longmai.rules.columns.rule import Clause, RuleColumns, compile_rule
from longmai.rules.columns.schema import Given, Rows, Schema
from longmai.rules.columns.tables import compile_table
from longmai.rules.columns.types import boolean, date, number, string
from longmai.rules.dmn.model import DecisionTable, Input, Output, Rule
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.temporal import Date
from longmai.rules.feel.tree import Node
from longmai.store.columns.duckdb import DuckDB

_MEMBER = {
    "m_age": Given(number(0, 110, nullable=False), "age"),
    "m_pay": Given(number(0, 1_000_000, scale=2), "pay_fen"),
    "m_disabled": Given(boolean(), "disabled"),
}
SCHEMA = Schema(
    {
        "age": Given(number(0, 110, nullable=False)),
        "pay": Given(number(0, 1_000_000, scale=2), "pay_fen"),
        "disabled": Given(boolean()),
        "urban": Given(boolean(nullable=False)),
        "status": Given(string()),
        "birth": Given(date(Date(1900, 1, 1), Date(2030, 12, 31), nullable=False)),
        "insured_months": Given(number(0, 600)),
        "members": Rows("person", "household", "household", _MEMBER, most=30),
    }
)
_NAMES = [*SCHEMA.fields, *_MEMBER]
_PEOPLE = """
COPY (
  SELECT i::BIGINT AS id, (i // 3)::INTEGER AS household,
    (hash(i) % 100)::SMALLINT AS age,
    CASE WHEN hash(i + 1) % 20 = 0 THEN NULL ELSE (hash(i + 1) % 1200000)::INTEGER END AS pay_fen,
    CASE WHEN hash(i + 2) % 50 = 0 THEN NULL ELSE hash(i + 2) % 12 = 1 END AS disabled,
    hash(i + 3) % 5 < 2 AS urban,
    CASE hash(i + 4) % 6 WHEN 0 THEN 'low income' WHEN 1 THEN 'extreme hardship'
      WHEN 2 THEN 'near poverty' WHEN 3 THEN 'none' WHEN 4 THEN 'none' END AS status,
    DATE '1926-01-01' + (hash(i + 5) % 36500)::INTEGER AS birth,
    (hash(i + 6) % 500)::SMALLINT AS insured_months
  FROM range({rows}) AS t(i)
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""
_SIZES = "10000,100000,1000000"
_SAMPLE_ROWS = 2_000


@dataclass(frozen=True)
class Policy:
    """A made-up policy."""

    clauses: list[Clause]
    amount: Node | None
    table: DecisionTable | None = None

    def compiled(self) -> RuleColumns:
        """Return it as columns."""
        amount = self.amount
        if self.table is not None:
            return compile_rule(self.clauses, compile_table(self.table, SCHEMA)["amount"], SCHEMA)
        return compile_rule(self.clauses, amount, SCHEMA)


def _node(text: str) -> Node:
    return parse_expression(text, _NAMES)


def policies(count: int) -> dict[str, Policy]:
    """Return so many policies: every tenth with a household sum, every eighth with a table."""
    return {f"p{i:03}": _policy(i) for i in range(count)}


def _policy(i: int) -> Policy:
    texts = [
        f"age >= {40 + i % 30}",
        f"pay < {3000 + 97 * i}.50",
        'status in ("low income", "extreme hardship")' if i % 2 else "not(urban)",
        f'birth <= @"19{60 + i % 25}-06-30"' if i % 3 else "disabled",
        f"insured_months between {12 + i} and {420 - i}",
    ]
    if i % 10 == 1:
        texts[3] = f"sum(members.m_pay) / count(members) < {4000 + i}"
    if i % 10 == 2:
        texts[4] = "count(members[m_age >= 60]) >= 1"
    clauses = [Clause(f"c{k}", _node(text)) for k, text in enumerate(texts)]
    if i % 8 == 3:
        return Policy(clauses, None, _table(i))
    return Policy(clauses, _node(f"decimal(min(pay * 0.{1 + i % 9}, {200 + i}), 2)"))


def _table(i: int) -> DecisionTable:
    rules = [
        Rule([f"[{low}..{low + 10})", "< 2000"], [str(100 + low + i)]) for low in range(0, 110, 10)
    ]
    return DecisionTable(
        [Input("age", "number"), Input("pay", "number")],
        [Output("amount", "number", default="50")],
        rules,
        "FIRST",
    )


def timed(run: Callable[[], object], cpu: dict[str, float] | None = None, name: str = "") -> float:
    """Return the seconds that something takes; note those of all processors together too."""
    started, before = time.perf_counter(), time.process_time()
    run()
    if cpu is not None:
        cpu[f"{name}_cpu"] = time.process_time() - before
    return time.perf_counter() - started


def measured(rows: int, count: int, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Run one size, and return what it took."""
    source = folder / "people.parquet"
    with DuckDB(memory_mb=options.memory_mb, threads=options.threads) as maker:
        maker.connection.execute(_PEOPLE.format(rows=rows, path=source))
    made = policies(count)
    compiled: dict[str, RuleColumns] = {}
    found: dict[str, float] = {
        "compile": timed(lambda: compiled.update({k: p.compiled() for k, p in made.items()}))
    }
    with DuckDB(
        folder / "run.duckdb",
        memory_mb=options.memory_mb,
        threads=options.threads,
        keeps_order=False,
    ) as duck:
        duck.register_files("person", str(source))
        run: list[Run] = []
        found["prepare"] = timed(
            lambda: run.append(Run.over(duck, compiled, "person", _KEEP)), found, "prepare"
        )
        counts: dict[str, Counts] = {}
        found["counts"] = timed(lambda: counts.update(run[0].counts()), found, "counts")
        versions = dict.fromkeys(compiled, "1")
        found["write"] = timed(lambda: run[0].write(folder / "results", versions), found, "write")
        found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found["results_mb"] = _size(folder / "results") / 1e6
        found["interpreter"] = _interpreted(made, duck, min(rows, options.sample), counts)
        _check(duck, folder / "results", counts)
    return found


_KEEP = {"id": "id"}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def _check(duck: DuckDB, folder: Path, counts: Mapping[str, Counts]) -> None:
    """Hold the written table against the counts: two queries, one answer."""
    duck.register_files("results", str(folder / "*" / "*" / "*.parquet"))
    query = (
        "SELECT rule, sum(CASE WHEN state = 1 THEN 1 ELSE 0 END), "
        "sum(CASE WHEN state = 2 THEN 1 ELSE 0 END), count(*) FROM results GROUP BY rule"
    )
    for rule, met, unknown, total in duck.connection.execute(query).fetchall():
        own = counts[rule]
        assert (own.met, own.unknown) == (met, unknown), rule
        assert own.not_met + own.met + own.unknown + own.manual == total, rule


def _interpreted(
    made: Mapping[str, Policy], duck: DuckDB, sample: int, counts: Mapping[str, Counts]
) -> float:
    """Return what the interpreter does a second, in rows times rules, on a sample of people."""
    duck.connection.execute(
        f"CREATE OR REPLACE TABLE sample_people AS FROM person WHERE id < {sample}"
    )
    plain = {key: policy for key, policy in made.items() if policy.table is None}
    some = dict(list(plain.items())[:10])
    interpreter = Interpreter(SCHEMA)

    def run() -> None:
        for policy in some.values():
            for _ in interpreter.rule(policy.clauses, policy.amount, duck, "sample_people", _KEEP):
                pass

    assert counts
    return sample * len(some) / timed(run)


def _lines(rows: int, count: int, found: Mapping[str, float]) -> Iterator[str]:
    each = rows * count
    for name in ("prepare", "counts", "write"):
        cpu = found[f"{name}_cpu"]
        rate = each / found[name]
        yield f"{rows:>11,} {count:>5} {name:8} {found[name]:8.2f} s {cpu:8.2f} s {rate:16,.0f}"
    whole = found["prepare"] + found["write"]
    ratio = each / whole / found["interpreter"]
    yield f"{rows:>11,} {count:>5} {'peer':8} {'':21} {found['interpreter']:16,.0f}"
    yield (
        f"{'':16} prepared and written {ratio:,.0f} times as fast as the interpreter; "
        f"peak {found['peak_mb']:,.0f} MB, results {found['results_mb']:,.1f} MB"
    )


def main() -> None:
    """Measure each size in a process of its own, and print a table of growth."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", default=_SIZES, help="sizes, with commas")
    arguments.add_argument("--policies", type=int, default=50)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--memory-mb", type=int, default=1200)
    arguments.add_argument("--sample", type=int, default=_SAMPLE_ROWS, help="rows of the peer")
    arguments.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    sizes = [int(each) for each in options.rows.split(",")]
    if options.one is not None:
        print(json.dumps(measured(sizes[0], options.policies, options.one, options)))
        return
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {options.threads} threads")
    print(f"{'rows':>11} rules {'step':8} {'time':>10} {'CPU':>10} {'rows x rules/s':>16}")
    for rows in sizes:
        folder = Path(tempfile.mkdtemp(prefix="rules-scale-"))
        try:
            found = _in_a_process(rows, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        for line in _lines(rows, options.policies, found):
            print(line, flush=True)


def _in_a_process(rows: int, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.rules_scale", *sys.argv[1:]]
    own = [*command, "--rows", str(rows), "--one", str(folder)]
    done = subprocess.run(own, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
