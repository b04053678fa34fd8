"""Boxed expressions as functions: literals, contexts, tables and the rest, each compiled once.

Source: DMN 1.5, 7.3 and 8. Each says where it stands, for the places of problems.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.item_types import Types
from longmai.rules.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedList,
    Conditional,
    DecisionTable,
    Expression,
    FunctionDefinition,
    Invocation,
    Iterator,
    Literal,
    Relation,
    Rule,
)
from longmai.rules.dmn.tables import Column, CompiledTable
from longmai.rules.feel.compiler import (
    Environment,
    Run,
    Test,
    call_function,
    compile_node,
    compile_tests,
)
from longmai.rules.feel.external import external_function
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.running import REASONS
from longmai.rules.feel.tree import ListOf
from longmai.rules.feel.values import Function, Nothing, Value
from longmai.rules.feel.words import KEYWORDS, bare, bare_names

_TOO_DEEP = "the expression is nested too deep"


class Compiler:
    """Makes functions of a model's expressions.

    Args:
        types: of the model.
        names: that FEEL text may use.
    """

    def __init__(self, types: Types, names: frozenset[str]) -> None:
        self._types, self._names = types, names
        self._variables = {bare(name) for name in names} - KEYWORDS
        self._compilers: Mapping[type, Callable[[Any, str], Run]] = {
            Literal: self._literal,
            BoxedContext: self._context,
            BoxedList: self._list,
            Relation: self._relation,
            Invocation: self._invocation,
            FunctionDefinition: self._function,
            Conditional: self._conditional,
            BoxedFilter: self._filter,
            Iterator: self._iterator,
            DecisionTable: self._table,
        }

    def compiled(self, expression: Expression, where: str) -> Run:
        """Return the function of an expression; it is null, with a problem, where it has none."""
        run = self._compilers[type(expression)](expression, where)
        fit = self._types.fitter(expression.type, where)

        def typed(env: Environment) -> Value:
            try:
                return run(env) if fit is None else fit(run(env), env)
            except REASONS as reason:
                env.note_reason(reason, where)
                return None

        return typed

    def _feel(self, text: str, where: str) -> Run:
        if not text:
            return lambda _env: None
        try:
            return compile_node(parse_expression(text, self._names, where))
        except Invalid as error:
            return _broken(error, where)
        except RecursionError:
            return _broken(Invalid(_TOO_DEEP), where)

    def _tests(self, text: str, where: str) -> Test:
        try:
            return compile_tests(parse_unary_tests(text, self._names, where))
        except Invalid as error:
            broken = _broken(error, where)
        except RecursionError:
            broken = _broken(Invalid(_TOO_DEEP), where)
        return lambda env, _value: broken(env)

    def _literal(self, expression: Literal, where: str) -> Run:
        if expression.language and "feel" not in expression.language.lower():
            return _not_run(expression.language)
        return self._feel(expression.text, where)

    def _list(self, expression: BoxedList, where: str) -> Run:
        items = [
            self.compiled(each, f"{where}, item {i}") for i, each in _counted(expression.items)
        ]
        return lambda env: [item(env) for item in items]

    def _relation(self, expression: Relation, where: str) -> Run:
        names = expression.columns
        types = [*expression.column_types, *[""] * len(names)]

        def cell(each: Expression, type_: str, place: str) -> Run:
            run, fit = self.compiled(each, place), self._types.fitter(type_, place)
            return run if fit is None else lambda env: fit(run(env), env)

        rows = [
            [
                cell(each, types[j - 1], f"{where}, row {i}, column {j}")
                for j, each in _counted(row[: len(names)])
            ]
            for i, row in _counted(expression.rows)
        ]
        return lambda env: [
            dict(zip(names, (cell(env) for cell in row), strict=False)) for row in rows
        ]

    def _conditional(self, expression: Conditional, where: str) -> Run:
        condition = self.compiled(expression.condition, f"{where}, if")
        then = self.compiled(expression.then, f"{where}, then")
        otherwise = self.compiled(expression.otherwise, f"{where}, else")
        return lambda env: then(env) if condition(env) is True else otherwise(env)

    def _context(self, expression: BoxedContext, where: str) -> Run:
        entries = []
        for i, entry in _counted(expression.entries):
            named = f"entry {i}" if entry.variable is None else f"entry '{entry.variable.name}'"
            place = f"{where}, {named}"
            type_ = "" if entry.variable is None else entry.variable.type
            fit = self._types.fitter(type_, place)
            entries.append((entry.variable, self.compiled(entry.expression, place), fit))

        def run(env: Environment) -> Value:
            found: dict[str, Value] = {}
            inner = env.with_values({})
            for variable, value, fit in entries:
                if variable is None:
                    return value(inner)
                fitted = value(inner) if fit is None else fit(value(inner), env)
                found[variable.name] = inner.values[bare(variable.name)] = fitted
            return found

        return run

    def _invocation(self, expression: Invocation, where: str) -> Run:
        function = self.compiled(expression.function, where)
        bindings = [
            (bare(name), self.compiled(value, f"{where}, argument '{name}'"))
            for name, value in expression.bindings
        ]

        def run(env: Environment) -> Value:
            called = function(env)
            values = {name: value(env) for name, value in bindings}
            return call_function(called, list(values.values()), tuple(values))

        return run

    def _function(self, expression: FunctionDefinition, where: str) -> Run:
        kind = expression.kind.upper()
        if kind not in {"FEEL", "JAVA"} or expression.body is None:
            return _not_run(expression.kind)
        body = self.compiled(expression.body, where)
        names = tuple(parameter.name for parameter in expression.parameters)
        if kind == "JAVA":
            return lambda env: external_function(names, {"java": body(env)})
        takes = [
            (bare(each.name), self._types.fitter(each.type, f"{where}, parameter '{each.name}'"))
            for each in expression.parameters
        ]
        fit = self._types.fitter(expression.type, where)

        def make(env: Environment) -> Value:
            def run(values: Sequence[Value]) -> Value:
                given = {
                    name: value if take is None else _argument(take(value, env), value)
                    for (name, take), value in zip(takes, values, strict=True)
                }
                found = env.bounds.call(body, env.with_values(given))
                return found if fit is None else fit(found, env)

            return Function(names, run)

        return make

    def _filter(self, expression: BoxedFilter, where: str) -> Run:
        source = self.compiled(expression.source, f"{where}, in")
        match = self.compiled(expression.match, f"{where}, match")

        def run(env: Environment) -> Value:
            found = source(env)
            if found is None:
                return None
            kept = []
            for each in found if isinstance(found, list) else [found]:
                env.bounds.spend(1)
                more = {"item": each} | (bare_names(each) if isinstance(each, dict) else {})
                answer = match(env.with_values(more))
                if answer is True:
                    kept.append(each)
                elif not isinstance(answer, bool):
                    raise Nothing("the condition of a filter is true or false", answer)
            return kept

        return run

    def _iterator(self, expression: Iterator, where: str) -> Run:
        source = self.compiled(expression.source, f"{where}, in")
        body = self.compiled(expression.body, f"{where}, {expression.kind}")
        name, kind = bare(expression.variable), expression.kind
        shares = "partial" in repr(expression.body)

        def run(env: Environment) -> Value:
            found = source(env)
            if not isinstance(found, list):
                raise Nothing("one runs through a list", found)
            results: list[Value] = []
            for each in found:
                env.bounds.spend(1)
                more = {name: each}
                if shares:  # a list of its own, as the body may keep it
                    env.bounds.spend(len(results) // 8)
                    more["partial"] = list(results)
                results.append(env.bounds.spend_on(body(env.with_values(more))))
            if kind == "for":
                return results
            if not all(isinstance(each, bool) for each in results):
                raise Nothing("a condition is true or false")
            return any(results) if kind == "some" else all(results)

        return run

    def _table(self, table: DecisionTable, where: str) -> Run:
        inputs = []
        for i, each in _counted(table.inputs):
            place = f"{where}, input {i}"
            allowed = self._tests(each.values, place) if each.values else None
            name = bare(each.expression)
            variable = name if name in self._variables else None
            column = replace(
                self._column(each.type, allowed, place, f"input {i}"), variable=variable
            )
            inputs.append((self._feel(each.expression, place), column))
        outputs = []
        for i, output in _counted(table.outputs):
            named = f"output '{output.name}'" if output.name else f"output {i}"
            outputs.append(self._column(output.type, None, f"{where}, {named}", named))
        rules = [self._rule(rule, table, f"{where}, rule {i}") for i, rule in _counted(table.rules)]
        priorities = [
            self._listed(each.values, where) if each.values else None for each in table.outputs
        ]
        defaults = [
            self._feel(each.default, f"{where}, {column.name}, default") if each.default else None
            for each, column in zip(table.outputs, outputs, strict=True)
        ]
        return CompiledTable(table, inputs, rules, outputs, priorities, defaults, where).compiled()

    def _column(self, type_: str, allowed: Test | None, where: str, name: str) -> Column:
        plain = self._types.plain_class(type_)
        return Column(self._types.fitter(type_, where), allowed, name, plain)

    def _rule(
        self, rule: Rule, table: DecisionTable, where: str
    ) -> tuple[list[tuple[int, Test]], list[Run]]:
        cells = [
            (i, self._tests(test, f"{where}, input {i + 1}"))
            for i, test in enumerate(rule.tests[: len(table.inputs)])
            if test not in {"", "-"}
        ]
        missing = len(table.outputs) - len(rule.conclusions)
        texts = [*rule.conclusions, *[""] * missing]
        conclusions = [self._feel(each, f"{where}, output {i}") for i, each in _counted(texts)]
        return cells, conclusions

    def _listed(self, text: str, where: str) -> Run:
        try:
            return compile_node(ListOf(parse_unary_tests(text, self._names, where).tests))
        except Invalid as error:
            return _broken(error, where)


def _counted(things: Sequence[Any]) -> list[tuple[int, Any]]:
    return list(enumerate(things, 1))


def _argument(fitted: Value, value: Value) -> Value:
    if fitted is None and value is not None:
        raise Nothing("an argument is of another type", value)
    return fitted


def _broken(error: Invalid, where: str) -> Run:
    """Return the function of a text that is no FEEL: null, and why."""
    place, what = error.place or where, error.what
    shown = "" if error.value is None else f", before '{error.value}'"
    return lambda env: env.note(f"{what}{shown}", place)


def _not_run(language: str) -> Run:
    def run(_env: Environment) -> Value:
        raise Nothing(f"{language} is not run")

    return run
