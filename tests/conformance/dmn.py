"""The DMN test kit: every expected result of levels 2 and 3, each counted by itself.

A result is what a test case expects of one decision, service or function; the kit's own tables
count them so. Numbers may differ by 10⁻⁸ from what is expected, as in the kit's own runner.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse
from tests.conformance.suite import SuiteResult

from longmai.kernel.errors import LongmaiError
from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.running import Engine, Outcome
from longmai.rules.feel.temporal import (
    of_python,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from longmai.rules.feel.values import Value, equal, kind_of, text_of

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NEAR = Decimal("1e-8")
_READ = {
    "decimal": Decimal,
    "double": Decimal,
    "integer": Decimal,
    "int": Decimal,
    "long": Decimal,
    "float": Decimal,
    "boolean": lambda text: text in {"true", "1"},
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_date_time,
    "duration": parse_duration,
}


@dataclass(frozen=True)
class Case:
    """One expected result."""

    name: str
    id: str
    kind: str
    called: str
    given: dict[str, Value]
    expected: Value
    is_error: bool


def suites(data: Path) -> Iterator[SuiteResult]:
    """Run both levels."""
    for level in (2, 3):
        folder = data / "dmn-tck" / f"compliance-level-{level}"
        if folder.is_dir():
            yield _level(folder, level)


def write_results(data: Path, file: Path) -> None:
    """Write what came of each test case in the kit's own form: a row of its results table each."""
    rows: dict[tuple[str, str, str], str] = {}
    for level in (2, 3):
        folder = data / "dmn-tck" / f"compliance-level-{level}"
        for tests in sorted(folder.glob("*/*-test-*.xml")):
            root = parse(tests).getroot()
            engine = _engine(tests.parent, _text(root, "modelName"))
            for case in _cases(root, tests.parent.name):
                why = engine if isinstance(engine, str) else _failure(engine, case)
                key = f"compliance-level-{level}/{tests.parent.name}", tests.stem, case.id
                rows[key] = rows.get(key, "") or why
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, quoting=csv.QUOTE_ALL)
        for key, why in rows.items():
            writer.writerow([*key, "ERROR" if why else "SUCCESS", why])


def _level(folder: Path, level: int) -> SuiteResult:
    failures: list[str] = []
    total = 0
    for tests in sorted(folder.glob("*/*-test-*.xml")):
        root = parse(tests).getroot()
        engine = _engine(tests.parent, _text(root, "modelName"))
        for case in _cases(root, tests.parent.name):
            total += 1
            why = engine if isinstance(engine, str) else _failure(engine, case)
            if why:
                failures.append(f"{case.name}: {why}")
    return SuiteResult(f"dmn-tck level {level}", total - len(failures), total, tuple(failures))


def _engine(folder: Path, model: str) -> Engine | str:
    try:
        models = {
            file.name: read_model(file.read_bytes(), file.name) for file in folder.glob("*.dmn")
        }
        return Engine(models[model], {each.namespace: each for each in models.values()})
    except (LongmaiError, KeyError) as error:
        return str(error)


def _failure(engine: Engine, case: Case) -> str:
    now = of_python(datetime.now(UTC))
    try:
        ask = engine.decide if case.kind == "decision" else engine.invoke
        found: Outcome = ask(case.called, case.given, now)
    except LongmaiError as error:
        return str(error)
    if _same(found.value, case.expected):
        return ""
    told = f"; {found.problems[0]}" if found.problems else ""
    return f"{text_of(case.expected)} expected, {text_of(found.value)} found{told}"[:300]


def _same(found: Value, expected: Value) -> bool:
    if isinstance(found, Decimal) and isinstance(expected, Decimal):
        return abs(found - expected) <= _NEAR
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_same(found[k], expected[k]) for k in found)
    return kind_of(found) == kind_of(expected) and equal(found, expected) is True


def _cases(root: Element, folder: str) -> Iterator[Case]:
    for case in _all(root, "testCase"):
        given = {_named(each): _value(each) for each in _all(case, "inputNode")}
        kind = case.get("type", "decision")
        for result in _all(case, "resultNode"):
            expected = next(_all(result, "expected"), None)
            yield Case(
                name=f"{folder} {case.get('id', '')} {result.get('name', '')}",
                id=case.get("id", ""),
                kind=kind,
                called=case.get("invocableName") or result.get("name") or "",
                given=given,
                expected=None if expected is None else _value(expected),
                is_error=result.get("errorResult") == "true",
            )


def _named(node: Element) -> str:
    namespace, name = node.get("namespace"), node.get("name", "")
    return f"{{{namespace}}}{name}" if namespace else name


def _value(node: Element) -> Value:
    listed = next(_all(node, "list"), None)
    if listed is not None:
        if listed.get(_NIL) == "true":
            return None
        return [_value(each) for each in _all(listed, "item")]
    components = list(_all(node, "component"))
    if components:
        return {each.get("name", ""): _value(each) for each in components}
    value = next(_all(node, "value"), None)
    if value is None or value.get(_NIL) == "true" or node.get(_NIL) == "true":
        return None
    return _literal(value)


def _literal(value: Element) -> Value:
    text, type_ = value.text or "", (value.get(_TYPE) or "").rpartition(":")[2]
    read: Any = _READ.get(type_)
    if read is None:
        return text
    try:
        return read(text.strip())
    except (ValueError, InvalidOperation):
        return text


def _all(node: Element, tag: str) -> Iterator[Element]:
    return (child for child in node if child.tag.rpartition("}")[2] == tag)


def _text(root: Element, tag: str) -> str:
    found = next(_all(root, tag), None)
    return "" if found is None else (found.text or "").strip()


if __name__ == "__main__":
    if sys.argv[2:]:
        write_results(Path(sys.argv[1]), Path(sys.argv[2]))
    for found in suites(Path(sys.argv[1])):
        sys.stdout.write(f"{found.name}: {found.passed}/{found.total}\n")
        for line in found.failures:
            sys.stdout.write(f"  {line}\n")
