"""Runs decision models: what is asked for, from what is given, each decision once.

Source: DMN 1.5, 10.4 (execution semantics of decision services) and 7.3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from longmai.kernel.errors import Invalid, NotFound
from longmai.rules.dmn.item_types import Types
from longmai.rules.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedList,
    Conditional,
    Decision,
    DecisionTable,
    Element,
    Expression,
    FunctionDefinition,
    InputData,
    Invocation,
    ItemDefinition,
    Iterator,
    Knowledge,
    Literal,
    Model,
    Relation,
    Service,
)
from longmai.rules.dmn.tables import CompiledTable
from longmai.rules.feel.compiler import Environment, Run, call_function, compile_node, compile_tests
from longmai.rules.feel.external import external_function
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.feel.temporal import DateTime, NotTemporal
from longmai.rules.feel.tree import ListOf
from longmai.rules.feel.values import Function, Nothing, Value
from longmai.rules.feel.words import bare


@dataclass(frozen=True)
class Outcome:
    """What came of a question.

    Attributes:
        value: of the decision, service or function.
        problems: why values became null on the way.
    """

    value: Value
    problems: tuple[str, ...]


@dataclass
class Engine:
    """A model with those that it imports, compiled as it is used.

    Args:
        model: to run.
        imported: models by namespace.
    """

    model: Model
    imported: Mapping[str, Model] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._types = Types()
        self._elements: dict[str, list[tuple[Element, str]]] = {}
        self._names: set[str] = set()
        self._compiled: dict[int, Run] = {}
        self._kept: list[object] = []
        self._own: list[Element] = []
        self.namespaces: dict[int, str] = {}
        self._take(self.model, "", set())

    def _take(self, model: Model, prefix: str, seen: set[str]) -> None:
        known = qualified(model, prefix)
        self._names |= model.names
        self._types.add(known.items)
        for element in known.elements:
            self._elements.setdefault(f"{model.namespace}#{element.id}", []).append(
                (element, prefix)
            )
            self.namespaces[id(element)] = model.namespace
            if not prefix:
                self._own.append(element)
        for each in model.imports:
            found = self.imported.get(each.namespace)
            if found is not None and each.namespace not in seen:
                self._take(
                    found, f"{prefix}{each.name}." if each.name else prefix, seen | {each.namespace}
                )

    def decide(self, name: str, given: Mapping[str, Value], now: DateTime | None = None) -> Outcome:
        """Return what a decision comes to.

        Args:
            name: of the decision.
            given: input data by name; ``{namespace}name`` for that of an imported model.
            now: the present instant, for ``now()`` and ``today()``.

        Raises:
            NotFound: the model has no such decision.
        """
        decision = self._called(name, Decision)
        session = _Session(self, given, now)
        return session.outcome(lambda: session.value_of(decision, ""))

    def invoke(self, name: str, given: Mapping[str, Value], now: DateTime | None = None) -> Outcome:
        """Return what a decision service, or a business knowledge model, comes to.

        Raises:
            NotFound: the model has no such element.
        """
        element = self._called(name, (Service, Knowledge))
        session = _Session(self, given, now)

        def run() -> Value:
            function = session.value_of(element, "")
            known = {bare(key): value for key, value in given.items()}
            if not isinstance(function, Function):
                return None
            values = [known.get(bare(parameter)) for parameter in function.parameters]
            return call_function(function, values, ())

        return session.outcome(run)

    def _called(self, name: str, kinds: type | tuple[type, ...]) -> Element:
        for element in self._own:
            if isinstance(element, kinds) and bare(element.variable.name) == bare(name):
                return element
        raise NotFound("the model has no such element", code="dmn.element", value=name)

    def element(self, reference: str, prefix: str) -> tuple[Element, str]:
        """Return what a reference points to, and the prefix of its model's import.

        A model that is imported in two places has its own input data in each: what the referring
        model itself imports is meant.

        Raises:
            Nothing: it points nowhere.
        """
        found = self._elements.get(reference)
        if not found:
            raise Nothing(f"{reference} points to nothing")
        within = [each for each in found if each[1].startswith(prefix)]
        return min(within or found, key=lambda each: len(each[1]))

    def compiled(self, expression: Expression) -> Run:
        """Return the function of a boxed expression, made once."""
        key = id(expression)
        if key not in self._compiled:
            self._compiled[key] = self._typed(expression)
            self._kept.append(expression)  # so that its id is nobody else's
        return self._compiled[key]

    def _typed(self, expression: Expression) -> Run:
        run, type_ = self._compile(expression), expression.type

        def typed(env: Environment) -> Value:
            try:
                return self.fit(run(env), type_, env)
            except (Nothing, NotTemporal) as reason:
                env.note(str(reason))
                return None

        return typed

    def fit(self, value: Value, type_: str, env: Environment) -> Value:
        """Return a value as a type wants it."""
        return self._types.coerced(value, type_, env.note)

    def _feel(self, text: str) -> Run:
        if not text:
            return lambda _env: None
        try:
            return compile_node(parse_expression(text, self._names))
        except Invalid as error:
            told = str(error)
            return lambda env: env.note(told)

    def _compile(self, expression: Expression) -> Run:
        compilers: Mapping[type, Callable[[Any], Run]] = {
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
        return compilers[type(expression)](expression)

    def _literal(self, expression: Literal) -> Run:
        if expression.language and "feel" not in expression.language.lower():
            return _not_run(expression.language)
        return self._feel(expression.text)

    def _list(self, expression: BoxedList) -> Run:
        items = [self.compiled(each) for each in expression.items]
        return lambda env: [item(env) for item in items]

    def _relation(self, expression: Relation) -> Run:
        rows = [[self.compiled(each) for each in row] for row in expression.rows]
        names = expression.columns
        return lambda env: [
            dict(zip(names, (cell(env) for cell in row), strict=False)) for row in rows
        ]

    def _conditional(self, expression: Conditional) -> Run:
        condition = self.compiled(expression.condition)
        then, otherwise = self.compiled(expression.then), self.compiled(expression.otherwise)
        return lambda env: then(env) if condition(env) is True else otherwise(env)

    def _context(self, expression: BoxedContext) -> Run:
        entries = [
            (entry.variable, self.compiled(entry.expression)) for entry in expression.entries
        ]

        def run(env: Environment) -> Value:
            found: dict[str, Value] = {}
            inner = env.with_values({})
            for variable, value in entries:
                if variable is None:
                    return value(inner)
                name = bare(variable.name)
                fitted = self.fit(value(inner), variable.type, env)
                found[variable.name] = inner.values[name] = fitted
            return found

        return run

    def _invocation(self, expression: Invocation) -> Run:
        function = self.compiled(expression.function)
        bindings = [(name, self.compiled(value)) for name, value in expression.bindings]

        def run(env: Environment) -> Value:
            called = function(env)
            values = {bare(name): value(env) for name, value in bindings}
            if isinstance(called, Function) and len(values) == len(called.parameters):
                names = {bare(name): name for name in called.parameters}
                if names.keys() == values.keys():
                    ordered = [values[bare(name)] for name in called.parameters]
                    return call_function(called, ordered, ())
            return call_function(called, list(values.values()), tuple(values))

        return run

    def _function(self, expression: FunctionDefinition) -> Run:
        if expression.kind.upper() not in {"FEEL", "JAVA"} or expression.body is None:
            return _not_run(expression.kind)
        body = self.compiled(expression.body)
        names = tuple(parameter.name for parameter in expression.parameters)
        if expression.kind.upper() == "JAVA":
            return lambda env: external_function(names, {"java": body(env)})

        def make(env: Environment) -> Value:
            def run(values: Sequence[Value]) -> Value:
                given = {
                    bare(parameter.name): self._argument(value, parameter.type, env)
                    for parameter, value in zip(expression.parameters, values, strict=True)
                }
                return self.fit(body(env.with_values(given)), expression.type, env)

            return Function(names, run)

        return make

    def _argument(self, value: Value, type_: str, env: Environment) -> Value:
        fitted = self.fit(value, type_, env)
        if fitted is None and value is not None:
            raise Nothing("an argument is of another type")
        return fitted

    def _filter(self, expression: BoxedFilter) -> Run:
        source, match = self.compiled(expression.source), self.compiled(expression.match)

        def run(env: Environment) -> Value:
            found = source(env)
            if found is None:
                return None
            kept = []
            for each in found if isinstance(found, list) else [found]:
                more = {"item": each} | (each if isinstance(each, dict) else {})
                answer = match(env.with_values(more))
                if answer is True:
                    kept.append(each)
                elif not isinstance(answer, bool):
                    raise Nothing("the condition of a filter is true or false")
            return kept

        return run

    def _iterator(self, expression: Iterator) -> Run:
        source, body = self.compiled(expression.source), self.compiled(expression.body)
        name, kind = bare(expression.variable), expression.kind

        def run(env: Environment) -> Value:
            found = source(env)
            if not isinstance(found, list):
                raise Nothing("one runs through a list")
            partial: list[Value] = []
            for each in found:
                partial.append(body(env.with_values({name: each, "partial": partial})))
            if kind == "for":
                return partial
            if not all(isinstance(each, bool) for each in partial):
                raise Nothing("a condition is true or false")
            return any(partial) if kind == "some" else all(partial)

        return run

    def _table(self, table: DecisionTable) -> Run:
        inputs = [
            (
                self._feel(each.expression),
                compile_tests(parse_unary_tests(each.values, self._names)) if each.values else None,
            )
            for each in table.inputs
        ]
        rules = [
            (
                [compile_tests(parse_unary_tests(test or "-", self._names)) for test in rule.tests],
                [self._feel(each) for each in rule.conclusions],
            )
            for rule in table.rules
        ]
        priorities = [self._listed(each.values) if each.values else None for each in table.outputs]
        defaults = [self._feel(each.default) if each.default else None for each in table.outputs]
        return CompiledTable(table, inputs, rules, priorities, defaults, self.fit).run

    def _listed(self, text: str) -> Run:
        return compile_node(ListOf(parse_unary_tests(text, self._names).tests))

    def environment(
        self, values: dict[str, Value], problems: list[str], now: DateTime | None
    ) -> Environment:
        """Return an environment with the model's types."""
        return Environment(values, self._types.names, problems, now)


def _not_run(language: str) -> Run:
    def run(_env: Environment) -> Value:
        raise Nothing(f"{language} is not run")

    return run


class _Session:
    """One question: what is known, each decision computed once."""

    def __init__(self, engine: Engine, given: Mapping[str, Value], now: DateTime | None) -> None:
        self._engine, self._now = engine, now
        self._given = {
            name if name.startswith("{") else bare(name): value for name, value in given.items()
        }
        self._known: dict[int, Value] = {}
        self._busy: set[int] = set()
        self.problems: list[str] = []

    def outcome(self, run: object) -> Outcome:
        """Run, and return the value with the problems on the way."""
        try:
            value = run()  # type: ignore[operator] # a function of no arguments
        except (Nothing, NotTemporal) as reason:
            self.env({}).note(str(reason))
            value = None
        return Outcome(value, tuple(dict.fromkeys(self.problems)))

    def env(self, values: dict[str, Value]) -> Environment:
        """Return an environment of this question."""
        return self._engine.environment(values, self.problems, self._now)

    def value_of(self, element: Element, prefix: str) -> Value:
        """Return the value of an element: given, decided, or a function."""
        key = id(element)
        if key in self._known:
            return self._known[key]
        if key in self._busy:
            raise Nothing(f"{element.variable.name} requires itself")
        self._busy.add(key)
        try:
            self._known[key] = self._compute(element, prefix)
        finally:
            self._busy.discard(key)
        return self._known[key]

    def _compute(self, element: Element, prefix: str) -> Value:
        variable = element.variable
        match element:
            case InputData():
                value = self._input(element, prefix)
                return self._engine.fit(value, variable.type, self.env({}))
            case Decision():
                if element.expression is None:
                    return None
                env = self.env(self._required(element.requires, prefix))
                value = self._engine.compiled(element.expression)(env)
                return self._engine.fit(value, variable.type, env)
            case Knowledge():
                return self._knowledge(element, prefix)
        return self._service(element, prefix)

    def _input(self, element: InputData, prefix: str) -> Value:
        name = element.variable.name
        anywhere = f"{{{self._engine.namespaces[id(element)]}}}{name}"
        if anywhere in self._given:
            return self._given[anywhere]
        found: Value = self._given
        for part in filter(None, prefix.split(".")):
            found = found.get(bare(part)) if isinstance(found, dict) else None
        if isinstance(found, dict) and bare(name) in found:
            return found[bare(name)]
        return self._given.get(bare(name)) if not prefix else None

    def _required(self, references: Sequence[str], prefix: str) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for reference in references:
            element, own = self._engine.element(reference, prefix)
            value = self.value_of(element, own)
            inner = values
            # An element of an import stands in a context of the import's name.
            for part in filter(None, own.removeprefix(prefix).split(".")):
                inner = inner.setdefault(bare(part), {})
            inner[bare(element.variable.name)] = value
        return values

    def _knowledge(self, element: Knowledge, prefix: str) -> Value:
        if element.function is None:
            return None
        values: dict[str, Value] = {}
        env = self.env(values)
        function = self._engine.compiled(element.function)(env)
        # Known before what it requires is looked up: it may call itself.
        self._known[id(element)] = function
        values |= self._required(element.requires, prefix)
        values[bare(element.variable.name)] = function
        return function

    def _service(self, service: Service, prefix: str) -> Value:
        engine = self._engine
        inputs = [
            engine.element(each, prefix) for each in (*service.input_data, *service.input_decisions)
        ]
        names = tuple(element.variable.name for element, _ in inputs)

        def run(values: Sequence[Value]) -> Value:
            inner = _Session(engine, {}, self._now)
            inner.problems = self.problems
            for (element, _), value in zip(inputs, values, strict=True):
                type_ = element.variable.type
                inner._known[id(element)] = engine.fit(value, type_, self.env({}))
            outputs = [engine.element(each, prefix) for each in service.outputs]
            found = {e.variable.name: inner.value_of(e, own) for e, own in outputs}
            value = next(iter(found.values())) if len(found) == 1 else found
            return engine.fit(value, service.variable.type, self.env({}))

        return Function(names, run)


_TYPES = frozenset(("type", "base", "result"))
_REFERENCES = frozenset(("requires", "outputs", "encapsulated", "input_decisions", "input_data"))


def qualified(model: Model, prefix: str) -> Model:
    """Return a model as another sees it: types under a prefix, references with a namespace."""
    names = {item.name for item in model.items}

    def renamed(name: str) -> str:
        return prefix + name if name in names else name

    def walked(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [walked(each) for each in value]
        if not is_dataclass(value) or isinstance(value, type):
            return value
        changes: dict[str, Any] = {}
        for each in fields(value):
            found = getattr(value, each.name)
            if each.name in _TYPES:
                changes[each.name] = renamed(found)
            elif each.name in _REFERENCES and isinstance(value, Decision | Knowledge | Service):
                changes[each.name] = [
                    f"{model.namespace}{r}" if r.startswith("#") else r for r in found
                ]
            elif each.name == "parameters" and isinstance(value, ItemDefinition):
                changes[each.name] = [renamed(name) for name in found]
            else:
                changes[each.name] = walked(found)
        return replace(value, **changes)

    items = [replace(walked(item), name=prefix + item.name) for item in model.items]
    return replace(model, items=items, elements=walked(model.elements))
