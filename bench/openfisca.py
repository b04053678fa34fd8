"""The rules of OpenFisca's country template as policy files: the same results, and how fast.

Run as ``python -m bench.openfisca --rows 10000,100000,1000000``. OpenFisca needs numpy and older
versions of what we have, so that it runs in an environment of its own: made beside the temporary
files with pip, or one that is named with ``--python``. Its numbers are floats of 32 bits: results
are held to each other within what those can tell apart; ours are exact to the fen.

The third program is a decision engine that looks at one record at a time: SpiffWorkflow, which is
given a table of four rules, and our own interpreter.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from bench.rules import spiff
from bench.scale_plot import write_plot

from longmai.rules.columns.many import named_alike, small
from longmai.rules.columns.sql import select
from longmai.rules.columns.verdicts import Verdicts
from longmai.rules.policy.evaluation import case_of, evaluate
from longmai.rules.policy.library import Library
from longmai.rules.policy.model import Policy
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.judging import compile_all
from longmai.store.columns.people import People, bounded
from longmai.store.columns.results import GROUP_ROWS

DAY = date(2016, 6, 1)
HERE = Path(__file__).parent
PACKAGES = ("openfisca-core==46.0.1", "openfisca-country-template==8.2.0")
NAMES = {
    "bench.basic-income": "basic_income",
    "bench.housing-allowance": "housing_allowance",
    "bench.income-tax": "income_tax",
    "bench.social-security": "social_security_contribution",
}
LARGE_FEN = 45_474_805_333
"""A salary of which income tax is 68,212,208.00: no 32-bit float tells its yuan apart."""
_PEOPLE = """
SELECT i::BIGINT AS id, '990102' AS region, (hash(i) % 100)::SMALLINT AS age,
  CASE WHEN {large} > 0 THEN {large} WHEN hash(i + 1) % 3 = 0 THEN 0
    ELSE hash(i + 1) % 3000000 END::BIGINT AS salary,
  CASE WHEN {large} > 0 THEN 0 ELSE hash(i + 2) % 100000 END::BIGINT AS capital_returns,
  CASE WHEN {large} > 0 THEN 0 ELSE hash(i + 3) % 500000 END::BIGINT AS pension,
  (hash(i + 4) % 400000)::BIGINT AS rent
FROM range({rows}) AS t(i)
"""
_LEAST_ROWS = 10_000
"""Fewer rows are not worth a second thread."""
_MONEY = ("salary", "capital_returns", "pension", "rent")


def write_people(folder: Path, rows: int, salary_fen: int = 0) -> Path:
    """Write people as Parquet for us, as raw columns for the peer; perhaps all with one salary."""
    with DuckDB(memory_mb=1000) as duck:
        made = _PEOPLE.format(rows=rows, large=salary_fen)
        duck.connection.execute(f"CREATE TABLE fen AS {made}")
        yuan = ", ".join(f"({name} / 100.0)::DOUBLE AS {name}" for name in _MONEY)
        raw = duck.connection.sql(f"SELECT age::INTEGER AS age, {yuan} FROM fen ORDER BY id")
        for name, column in zip(raw.columns, raw.to_arrow_table().columns, strict=True):
            values = column.combine_chunks()
            (folder / f"{name}.bin").write_bytes(values.buffers()[1].to_pybytes())
        exact = ", ".join(
            f"({name}::DECIMAL(18, 0) / 100)::DECIMAL(14, 2) AS {name}" for name in _MONEY
        )
        kept = duck.connection.sql(f"SELECT * REPLACE ({exact}) FROM fen ORDER BY id")
        pq.write_table(kept.to_arrow_table(), folder / "people.parquet")
    return folder / "people.parquet"


def ours(file: Path, policies: Sequence[Policy], threads: int) -> tuple[pa.Table, float, float]:
    """Judge from columns in memory to columns in memory; return also the seconds, and CPU."""
    people = People(file)
    with DuckDB(memory_mb=3000, threads=threads) as duck:
        people.register(duck)
        population = bounded(duck, people.population(), policies)
        rules, refused = compile_all(policies, population, people, DAY)
        assert not refused, refused
        verdicts = Verdicts.of(list(rules.values()), named_alike(duck.dialect), borders=False)
        sizes = small(verdicts.leaves, duck.dialect)
        query = select(verdicts.leaves, "person", duck.dialect, {}, sizes)
        size = min(GROUP_ROWS, max(_LEAST_ROWS, -(-pq.read_metadata(file).num_rows // threads)))
        batches = list(duck.batches(query, size))
    best, cpu = math.inf, math.inf
    for _ in range(3):
        started, used = time.perf_counter(), time.process_time()
        found = _judged(verdicts, batches, threads)
        best = min(best, time.perf_counter() - started)
        cpu = min(cpu, time.process_time() - used)
    names = [f"{own} {name}" for own in rules for name in ("decided", "fen")]
    return pa.Table.from_arrays([pa.chunked_array(each) for each in found], names), best, cpu


def _judged(
    verdicts: Verdicts, batches: Sequence[pa.RecordBatch], threads: int
) -> Iterator[tuple[pa.Array, ...]]:
    """Return each row's outcome and amount, rule by rule."""

    def judged(rows: pa.RecordBatch) -> list[pa.Array]:
        return [part for each in verdicts.judge(rows) for part in (each.decided(), each.amounts())]

    if len(batches) == 1:
        return zip(judged(batches[0]))
    with ThreadPoolExecutor(threads) as pool:
        return zip(*pool.map(judged, batches), strict=True)


def theirs(python: Path, folder: Path) -> tuple[Mapping[str, pa.Array], float, float]:
    """Run the peer."""
    done = subprocess.run(  # noqa: S603 - the peer
        [str(python), str(HERE / "openfisca_peer.py"), str(folder)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    found = {}
    for name in NAMES.values():
        raw = (folder / f"{name}.out").read_bytes()
        found[name] = pa.Array.from_buffers(pa.float32(), len(raw) // 4, [None, pa.py_buffer(raw)])
    return found, told["seconds"], told["cpu"]


def hold(own: pa.Table, peer: Mapping[str, pa.Array]) -> None:
    """Hold both results to each other, within 32-bit floats."""
    for policy, name in NAMES.items():
        fen = own.column(f"{policy} fen").fill_null(0)
        yuan = pc.divide(fen.cast(pa.float64()), 100.0)
        apart = pc.abs(pc.subtract(yuan, peer[name].cast(pa.float64())))
        # Three roundings of 2^-24, and half a fen that we round to.
        most = pc.add(pc.multiply(pc.abs(yuan), 3 * 2.0**-24), 0.005 + 1e-9)
        assert pc.all(pc.less_equal(apart, most)).as_py(), name


def large(python: Path, root: Path, policies: Sequence[Policy]) -> str:
    """Return what becomes of a large amount in both."""
    folder = root / "large"
    folder.mkdir()
    own, _, _ = ours(write_people(folder, 1, LARGE_FEN), policies, 1)
    peer, _, _ = theirs(python, folder)
    hold(own, peer)
    exact = own.column("bench.income-tax fen")[0].as_py()
    assert exact == 6_821_220_800
    return (
        f"{Decimal(exact) / 100:,.2f} here, {peer['income_tax'][0].as_py():,.2f} in 32-bit floats"
    )


def interpreted(file: Path, policies: Sequence[Policy], sample: int) -> float:
    """Return the rows times rules a second of our interpreter, one record at a time."""
    rows = pq.read_table(file).slice(0, sample).to_pylist()
    cases = [
        (policy, case_of(policy, {n: row[n] for n in policy.inputs}, DAY))
        for policy in policies
        for row in rows
    ]
    started = time.process_time()
    for policy, case in cases:
        evaluate(policy, case)
    return len(cases) / (time.process_time() - started)


def environment(folder: Path) -> Path:
    """Make an environment with OpenFisca, and return its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603 - Python
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True)  # noqa: S603 - pip
    return python


def main() -> None:
    """Compare, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", default="10000,100000,1000000")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--python", type=Path, help="of an environment that has OpenFisca")
    arguments.add_argument("--plot", type=Path, help="SVG file of the growth")
    options = arguments.parse_args()
    policies = Library.load([HERE / "openfisca_policies"]).policies
    many = len(policies)
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'rows':>11} {'program':26} {'seconds':>9} {'CPU':>8} {'rows x rules/s':>16}")
    series: dict[str, list[tuple[int, float]]] = {}

    def told(rows: int, program: str, seconds: float, cpu: float, rate: float) -> None:
        series.setdefault(program, []).append((rows, rate))
        print(f"{rows:>11,} {program:26} {seconds:9.3f} {cpu:8.3f} {rate:16,.0f}", flush=True)

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        python = options.python or environment(root / "openfisca")
        print(f"a large amount: {large(python, root, policies)}")
        for rows in map(int, options.rows.split(",")):
            folder = root / str(rows)
            folder.mkdir()
            file = write_people(folder, rows)
            own, seconds, cpu = ours(file, policies, options.threads)
            peer, peer_seconds, peer_cpu = theirs(python, folder)
            told(rows, "Longmai, columns", seconds, cpu, rows * many / seconds)
            told(rows, "OpenFisca", peer_seconds, peer_cpu, rows * many / peer_seconds)
            sample = min(rows, 2000)
            told(rows, "Longmai, interpreter", 0, 0, interpreted(file, policies, sample))
            values = {"age": 61, "income": 3000, "household": 1}
            told(rows, "SpiffWorkflow, one table", 0, 0, spiff(values, 1.0))
            hold(own, peer)
            print(
                f"{'':11} {peer_seconds / seconds:.1f} times as fast by the clock, "
                f"{peer_cpu / cpu:.1f} by processors; the same results"
            )
    if options.plot:
        write_plot(series, options.plot)


if __name__ == "__main__":
    main()
