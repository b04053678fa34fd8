"""Decision tables of policies: from a grid or a DMN file; unknown stays unknown in them."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import reduce

from longmai.kernel.errors import Invalid, LongmaiError
from longmai.rules.dmn.model import Decision, DecisionTable
from longmai.rules.dmn.reading import read_model
from longmai.rules.feel.arithmetic import OPERATIONS
from longmai.rules.feel.compiler import Environment, Run, compile_node
from longmai.rules.feel.list_functions import maximum, minimum
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.tree import Binary, Call, In, Name, Node, Truth
from longmai.rules.feel.values import Nothing, Value, equal
from longmai.rules.grid.reading import survey_grid
from longmai.rules.grid.scope import Scope
from longmai.rules.grid.words import told
from longmai.rules.policy.expressions import MAX_LEVELS, levels
from longmai.rules.policy.findings import PLACE, Findings, Spot
from longmai.rules.policy.strict import strict
from longmai.rules.policy.yaml_file import Scalar

TRUE = Truth(value=True)


def table_of_dmn(
    found: Scalar, decision: str, read: Callable[[str], bytes], findings: Findings
) -> DecisionTable | None:
    """Return the table of a decision in a DMN file; None, and a finding, if it cannot be had."""
    try:
        model = read_model(read(found.text), found.text)
    except LongmaiError as error:
        findings.add("dmn", found.spot, found.text, reason=error.what)
        return None
    tables = {
        each.variable.name: each.expression
        for each in model.elements
        if isinstance(each, Decision) and isinstance(each.expression, DecisionTable)
    }
    if not decision and len(tables) == 1:
        [decision] = tables
    if decision not in tables:
        reason = f"its decision tables are {', '.join(tables) or 'none'}"
        findings.add("dmn", found.spot, found.text, reason=reason)
        return None
    try:
        return _short(found, tables[decision], findings)
    except Invalid as error:  # a cell of a model that is no FEEL
        findings.add("dmn", found.spot, found.text, reason=str(error))
        return None


def rows_of(table: DecisionTable) -> list[tuple[Node, tuple[Node, ...]]]:
    """Return each rule as a condition and its conclusions, in which unknown stays unknown.

    Raises:
        Invalid: a cell is no FEEL.
    """
    inputs = [parse_expression(each.expression) for each in table.inputs]
    found = []
    for rule in table.rules:
        condition: Node = TRUE
        for value, cell in zip(inputs, rule.tests, strict=True):
            tests = parse_unary_tests(cell or "-")
            if not tests.tests:
                continue
            test: Node = In(value, tests.tests)
            if tests.negated:
                test = Call(Name("not"), (test,))
            condition = test if condition == TRUE else Binary("and", condition, test)
        conclusions = tuple(strict(parse_expression(each)) for each in rule.conclusions)
        found.append((strict(condition), conclusions))
    return found


def matching_rows(table: DecisionTable, env: Environment) -> list[int]:
    """Return the numbers, from 1, of the rules that match a case and count."""
    answers = (compile_node(condition)(env) for condition, _ in rows_of(table))
    found = [number for number, answer in enumerate(answers, start=1) if answer is True]
    return found[:1] if table.hit_policy == "FIRST" else found


def compile_table(table: DecisionTable) -> Run:
    """Return the function of a table.

    A rule that may match, for all that is known, leaves the outcome unknown, unless the policy
    is FIRST and an earlier rule matches.
    """
    rows = [
        (compile_node(condition), [compile_node(each) for each in conclusions])
        for condition, conclusions in rows_of(table)
    ]
    names = [output.name for output in table.outputs]
    orders = [_order(output.values) for output in table.outputs]
    defaults = [
        compile_node(strict(parse_expression(output.default or "null"))) for output in table.outputs
    ]
    has_default = any(output.default for output in table.outputs)
    first = table.hit_policy == "FIRST"

    def run(env: Environment) -> Value:
        matching: list[list[Value]] = []
        for condition, conclusions in rows:
            answer = condition(env)
            if answer is True:
                matching.append([each(env) for each in conclusions])
                if first:
                    break
            elif answer is not False:
                return None
        if not matching and has_default:
            concluded = [each(env) for each in defaults]
            if table.aggregation:
                return _of(concluded, names)  # It stands for the sum or count, and is none of it.
            matching.append(concluded)
        return _concluded(table, matching, names, orders)

    return run


def _order(values: str) -> list[Node]:
    return list(parse_unary_tests(values).tests) if values else []


def _concluded(
    table: DecisionTable,
    matching: Sequence[list[Value]],
    names: Sequence[str],
    orders: Sequence[list[Node]],
) -> Value:
    found = [_of(row, names) for row in matching]
    policy = table.hit_policy
    if policy in {"COLLECT", "RULE ORDER"}:
        return _aggregated(table.aggregation, found)
    if policy in {"PRIORITY", "OUTPUT ORDER"}:
        ranked = sorted(matching, key=lambda row: _rank(row, orders))
        found = [_of(row, names) for row in ranked]
        if policy == "OUTPUT ORDER":
            return found
    if not found:
        raise Nothing("no rule of the table matches")
    if policy == "UNIQUE" and len(found) > 1:
        raise Nothing("several rules of the table match, where its policy allows one")
    if policy == "ANY" and not all(equal(found[0], each) is True for each in found):
        raise Nothing("rules of the table that match conclude differently")
    return found[0]


def _of(row: Sequence[Value], names: Sequence[str]) -> Value:
    return row[0] if len(row) == 1 else dict(zip(names, row, strict=True))


def _rank(row: Sequence[Value], orders: Sequence[list[Node]]) -> list[int]:
    ranks = []
    for value, order in zip(row, orders, strict=True):
        known = [getattr(each, "value", None) for each in order]
        ranks.append(known.index(value) if value in known else len(known))
    return ranks


def _aggregated(how: str, found: list[Value]) -> Value:
    if how == "COUNT":
        return Decimal(len(found))
    if not how:
        return found
    if not found:
        return None
    if how == "SUM":
        return reduce(OPERATIONS["+"], found)
    return minimum(found) if how == "MIN" else maximum(found)


def table_of_grid(found: Scalar, names: Sequence[str], findings: Findings) -> DecisionTable | None:
    """Return the table of a grid; None, and findings, if it cannot be read."""
    start = found.within(1, 1)
    try:
        table, wrong = survey_grid(
            found.text,
            start.file,
            start.line,
            first_column=start.column,
            scope=Scope(names=names),
        )
    except Invalid as error:
        _note(found, error, findings)
        return None
    errors = [each for each in wrong if not each.advice]
    for each in errors:
        _note(found, each, findings)
    return None if errors else _short(found, table, findings)


def _short(found: Scalar, table: DecisionTable, findings: Findings) -> DecisionTable | None:
    if all(levels(cell) <= MAX_LEVELS for cell in cells_of(table)):
        return table
    findings.add("feel-long", found.spot, most=MAX_LEVELS)
    return None


def _note(found: Scalar, error: Invalid, findings: Findings) -> None:
    place = PLACE.search(error.place or "")
    spot = found.spot
    if place is not None:
        spot = Spot(spot.file, int(place[1]), int(place[2] or 0), spot.key)
    value = None if error.value is None else str(error.value)[:60]
    said = {
        f"{part}_{language}": told(error, part, language)
        for part in ("what", "mend")
        for language in ("zh", "en")
    }
    findings.add("table", spot, value, **said)


def cells_of(table: DecisionTable) -> Iterator[Node]:
    """Yield the expressions of a table: inputs, tests and conclusions."""
    for column in table.inputs:
        yield parse_expression(column.expression)
    for rule in table.rules:
        for cell in rule.tests:
            yield from parse_unary_tests(cell or "-").tests
        for cell in rule.conclusions:
            yield parse_expression(cell)
