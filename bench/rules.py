"""Rules a second: our FEEL and DMN beside bkflow-feel, SpiffWorkflow and, under Node, feelin.

Run as ``python -m bench.rules``. A second is one of the processor, so that what else runs on the
machine counts little. Each evaluates the same rules on the same values, from values in
the program to a value in the program: *parsed once* where the peer can keep what it parsed, else
*as called*. They do not do the same: Longmai keeps the standard's three-valued logic, decimals of
34 digits and the reasons of nulls; bkflow-feel and SpiffWorkflow compute with Python's own values
and know no null; feelin has null and JavaScript's numbers.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bkflow_feel import parser, transformer
from bkflow_feel.api import parse_expression as bkflow
from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.running import Engine
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.feel.parser import parse_expression
from longmai.rules.policy.evaluation import case_of, evaluate
from longmai.rules.policy.reading import read_policy

ROOT = Path(__file__).parents[1]
# bkflow-feel reads no "if".
SIMPLE = "age >= 60 and income < 5000 and household < 4"
CLAUSES = 30
POLICY = " and ".join(f"x{i} >= {i}" for i in range(CLAUSES))
_DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_NODE = """
import { evaluate } from "feelin";
const [rules, seconds] = JSON.parse(process.argv[1]);
for (const [text, values] of rules) {
  const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
  let count = 0;
  const started = used();
  while (used() - started < seconds) {
    for (let i = 0; i < 20; i += 1) evaluate(text, values);
    count += 20;
  }
  console.log(count / (used() - started));
}
"""


def rate(run: Callable[[], Any], seconds: float) -> float:
    """Return how often in a second of the processor something runs, whatever else runs beside."""
    run()
    count, started = 0, time.process_time()
    until = started + seconds
    while time.process_time() < until:
        for _ in range(20):
            run()
        count += 20
    return count / (time.process_time() - started)


def table() -> bytes:
    """Return a model with a table of three conditions and four rules."""
    columns = ("age", "income", "household")
    inputs = "".join(
        f'<input id="i{name}"><inputExpression id="e{name}" typeRef="number">'
        f"<text>{name}</text></inputExpression></input>"
        for name in columns
    )
    rows = (
        ("&gt;= 80", "", "", '"a"'),
        ("&gt;= 60", "&lt; 2000", "&gt;= 2", '"b"'),
        ("&gt;= 60", "&lt; 5000", "", '"c"'),
        ("", "", "", '"d"'),
    )
    rules = "".join(
        f'<rule id="r{i}">'
        + "".join(
            f'<inputEntry id="t{i}{j}"><text>{cell}</text></inputEntry>'
            for j, cell in enumerate(row[:3])
        )
        + f'<outputEntry id="o{i}"><text>{row[3]}</text></outputEntry></rule>'
        for i, row in enumerate(rows)
    )
    requires = "".join(
        f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>'
        for name in columns
    )
    data = "".join(
        f'<inputData id="{name}" name="{name}">'
        f'<variable name="{name}" typeRef="number"/></inputData>'
        for name in columns
    )
    decision = (
        f'<decision id="d" name="d"><variable name="d" typeRef="string"/>{requires}'
        f'<decisionTable id="t" hitPolicy="FIRST">{inputs}'
        f'<output id="o" name="grade" typeRef="string"/>{rules}</decisionTable></decision>'
    )
    opening = f'<definitions xmlns="{_DMN}" id="m" name="m" namespace="urn:m">'
    return f"{opening}{data}{decision}</definitions>".encode()


def policy_file() -> str:
    """Return a policy file of as many clauses: each comes to a state of its own."""
    names = range(CLAUSES)
    return "\n".join(
        [
            "title: Thirty clauses\nid: bench.clauses\nversion: '1'\nfield: bench",
            "applies_to: person\nissuer: the bench\nstatus: example\nregions: nationwide",
            "from: 2026-01-01\nsources:\n  own: {title: made up, confidence: recalled}",
            "clauses:\n  one: Each number is large enough.\ninputs:",
            *(f"  x{i}: {{type: number, unit: none}}" for i in names),
            "conditions:",
            *(f"  - {{name: c{i}, clause: one, rule: x{i} >= {i}}}" for i in names),
            "amount: {rule: 100, unit: yuan}\nexamples:",
            "  - name: all\n    day: 2026-01-01\n    expect: {state: met, amount: 100}",
            f"    given: {{{', '.join(f'x{i}: 100' for i in names)}}}",
        ]
    )


def ours(text: str, values: dict[str, int], seconds: float) -> float:
    """Evaluate with Longmai, parsed once."""
    run = compile_node(parse_expression(text))
    known = {name: Decimal(value) for name, value in values.items()}
    return rate(lambda: run(Environment(known)), seconds)


def spiff(values: dict[str, int], seconds: float) -> float:
    """Decide with SpiffWorkflow's engine, the table parsed once."""
    node = etree.fromstring(table().replace(b"FIRST", b"UNIQUE"))  # its UNIQUE is our FIRST
    reader = DMNParser(None, node, {"dmn": _DMN}, filename="m.dmn")
    reader.parse()
    engine = DMNEngine(reader.decision.decisionTables[0])
    workflow = SimpleNamespace(script_engine=PythonScriptEngine())
    task = SimpleNamespace(data=values, workflow=workflow)
    assert engine.result(task) == {"grade": "c"}
    return rate(lambda: engine.result(task), seconds)


def feelin(rules: list[tuple[str, dict[str, int]]], seconds: float) -> list[float]:
    """Evaluate with feelin under Node, as called."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "feelin").is_dir():
        return []
    asked = [node, "--input-type=module", "-e", _NODE, json.dumps([rules, seconds])]
    done = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603 - Node
    return [float(line) for line in done.stdout.split()]


def measured(seconds: float) -> Iterator[tuple[str, str, float]]:
    """Yield rule, program and rate."""
    simple = {"age": 61, "income": 3000, "household": 1}
    policy = {f"x{i}": 100 for i in range(CLAUSES)}
    engine = Engine(read_model(table()))
    given = {name: Decimal(value) for name, value in simple.items()}
    assert engine.decide("d", given).value == "c"
    node = feelin([(SIMPLE, simple), (POLICY, policy)], seconds) or [0.0, 0.0]
    for i, (name, text, values) in enumerate(
        (("simple rule", SIMPLE, simple), (f"{CLAUSES} clauses", POLICY, policy))
    ):
        yield name, "longmai, parsed once", ours(text, values, seconds)
        yield name, "bkflow-feel, as called", rate(partial(bkflow, text, values), seconds)
        kept = transformer.transform(parser.parse(text))
        yield name, "bkflow-feel, parsed once", rate(partial(kept.evaluate, values), seconds)
        yield name, "feelin, as called", node[i]
    judged = read_policy(policy_file())
    case = case_of(judged, policy, date(2026, 1, 1))
    assert evaluate(judged, case).amount_fen == 10_000
    yield "policy", "longmai, clause by clause", rate(lambda: evaluate(judged, case), seconds)
    yield "table", "longmai, parsed once", rate(lambda: engine.decide("d", given), seconds)
    yield "table", "SpiffWorkflow, parsed once", spiff(simple, seconds)


def main() -> None:
    """Measure, and print a table with the ratio to ours."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    options = arguments.parse_args()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    own: dict[str, float] = {}
    for rule, program, found in measured(options.seconds):
        own.setdefault(rule, found)
        ratio = own[rule] / found if found else 0.0
        print(f"{rule:12} {program:28} {found:12,.0f} a second   ours is {ratio:8.2f} times")


if __name__ == "__main__":
    main()
