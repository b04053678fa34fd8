"""Plans: what a decision requires, in the order in which it is decided; made once, run often.

A plan is a list of steps, so that a chain of thousands of decisions is a loop and no nest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.boxed import Compiler
from longmai.rules.dmn.item_types import Types
from longmai.rules.dmn.model import Decision, Element, InputData, Knowledge, Service
from longmai.rules.feel.compiler import Environment, Problem, Run
from longmai.rules.feel.running import Bounds
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.values import Function, Nothing, Value
from longmai.rules.feel.words import bare


class Session:
    """One question: what is given, and what is known so far, by the id of its element."""

    __slots__ = ("bounds", "given", "known", "now", "problems", "types")

    def __init__(
        self,
        given: Mapping[str, Value],
        types: Mapping[str, Any],
        now: DateTime | None,
        problems: list[Problem],
        bounds: Bounds | None,
    ) -> None:
        self.given, self.types, self.now = given, types, now
        self.problems, self.bounds = problems, bounds
        self.known: dict[int, Value] = {}

    def env(self, values: dict[str, Value]) -> Environment:
        """Return an environment of this question."""
        return Environment(values, self.types, self.problems, self.now, self.bounds)

    def shared_bounds(self) -> Bounds:
        """Return the bounds of the whole question; functions that call each other share them."""
        if self.bounds is None:
            self.bounds = Bounds()
        return self.bounds


Step = Callable[[Session], None]
Known = tuple[Element, str]
"""An element, and the prefix of the import it came by."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps, and the keys of what they find out.

    Attributes:
        steps: in order.
        has_functions: among them; they share bounds.
        broken: why nothing comes of it; None where nothing is wrong.
    """

    steps: Sequence[Step]
    has_functions: bool
    broken: Problem | None = None

    def run(self, session: Session) -> None:
        """Find out everything.

        Raises:
            Nothing: the model is broken here.
        """
        if self.broken is not None:
            session.problems.append(self.broken)
            raise Stopped
        if self.has_functions:
            session.shared_bounds()
        for step in self.steps:
            step(session)


class Stopped(Nothing):
    """The reason is noted already."""

    def __init__(self) -> None:
        super().__init__("stopped")


@dataclass
class Planner:
    """Makes plans of a model's elements.

    Args:
        elements: by reference; an imported model's own for each place it is imported in.
        namespaces: of elements, by their id.
        types: of the model.
        compiler: of its expressions.
    """

    elements: Mapping[str, Sequence[Known]]
    namespaces: Mapping[int, str]
    types: Types
    compiler: Compiler

    def __post_init__(self) -> None:
        self._steps: dict[int, Step] = {}

    def find(self, reference: str, prefix: str) -> Known:
        """Return what a reference points to, and the prefix of its model's import.

        A model that is imported in two places has its own input data in each: what the referring
        model itself imports is meant.

        Raises:
            Nothing: it points nowhere.
        """
        found = self.elements.get(reference)
        if not found:
            raise Nothing(f"{reference} points to nothing")
        within = [each for each in found if each[1].startswith(prefix)]
        return min(within or found, key=lambda each: len(each[1]))

    def plan(self, wanted: Sequence[Known], given: Sequence[Known] = ()) -> Plan:
        """Return the plan of elements.

        Args:
            wanted: to find out.
            given: known before; what they require is not looked at.

        Raises:
            Invalid: an expression is nested too deep for the stack we are called on.
        """
        try:
            return self._whole(wanted, given)
        except Nothing as reason:
            return Plan((), has_functions=False, broken=Problem(str(reason)))
        except RecursionError:
            raise Invalid("the model is nested too deep", code="dmn.depth") from None

    def _whole(self, wanted: Sequence[Known], given: Sequence[Known]) -> Plan:
        ordered = self._ordered(wanted, {id(element) for element, _ in given})
        functions = [each for each in ordered if isinstance(each[0], Knowledge | Service)]
        # Functions are there before all else: they may call each other, and themselves.
        making = [self._making(element, prefix) for element, prefix in functions]
        steps = [self._step(element, prefix) for element, prefix in ordered]
        found = tuple(step for step in (*making, *steps) if step is not None)
        return Plan(found, has_functions=bool(functions))

    def _ordered(self, wanted: Sequence[Known], given: set[int]) -> list[Known]:
        """Return elements after those that they require."""
        done, open_ = set(given), set[int]()
        ordered: list[Known] = []
        waiting: list[tuple[Known, bool]] = [(each, False) for each in reversed(wanted)]
        while waiting:
            known, is_ready = waiting.pop()
            element, prefix = known
            key = id(element)
            if is_ready:
                open_.discard(key)
                done.add(key)
                ordered.append(known)
            elif key in open_:
                if not isinstance(element, Knowledge):
                    raise Nothing(f"{element.variable.name} requires itself")
            elif key not in done:
                open_.add(key)
                waiting.append((known, True))
                required = self._required(element, prefix)
                waiting.extend((each, False) for each in reversed(required))
        return ordered

    def _required(self, element: Element, prefix: str) -> list[Known]:
        if isinstance(element, Decision | Knowledge):
            return [self.find(reference, prefix) for reference in element.requires]
        return []

    def _step(self, element: Element, prefix: str) -> Step | None:
        key = id(element)
        if key not in self._steps:
            match element:
                case InputData():
                    self._steps[key] = self._input(element, prefix)
                case Decision():
                    self._steps[key] = self._decision(element, prefix)
                case Knowledge():
                    self._steps[key] = self._filling(element, prefix)
        return self._steps.get(key)

    def _input(self, element: InputData, prefix: str) -> Step:
        key, name = id(element), element.variable.name
        own, anywhere = bare(name), f"{{{self.namespaces[id(element)]}}}{name}"
        fit = self.types.fitter(element.variable.type, f"input '{name}'")
        plain = self.types.plain_class(element.variable.type)
        path = [bare(part) for part in prefix.split(".") if part]

        def step(session: Session) -> None:
            given = session.given
            if anywhere in given:
                value = given[anywhere]
            elif path:
                value = _within(given, [*path, own])
            elif own in given:
                value = given[own]
            else:
                value = next((v for n, v in given.items() if bare(n) == own), None)
            if fit is not None and value.__class__ is not plain:
                value = fit(value, session.env({}))
            session.known[key] = value

        return step

    def _decision(self, element: Decision, prefix: str) -> Step:
        own, where = id(element), f"decision '{element.variable.name}'"
        if element.expression is None:

            def nothing(session: Session) -> None:
                session.known[own] = None

            return nothing
        logic = self.compiler.compiled(element.expression, where)
        fit = self.types.fitter(element.variable.type, where)
        own_class = self.types.plain_class(element.variable.type)
        plain, nested = self._needed(element, prefix)

        def step(session: Session) -> None:
            known = session.known
            if nested is None:
                values = {}
                for name, key in plain:
                    values[name] = known[key]
            else:
                values = nested(known)
            env = Environment(values, session.types, session.problems, session.now, session.bounds)
            value = logic(env)
            known[own] = value if fit is None or value.__class__ is own_class else fit(value, env)

        return step

    def _needed(
        self, element: Decision | Knowledge, prefix: str
    ) -> tuple[list[tuple[str, int]], Callable[[Mapping[int, Value]], dict[str, Value]] | None]:
        """Return the names and keys of what an element sees.

        Where some of it stands in an import, and so in a context, a function makes the values.
        """
        plain: list[tuple[str, int]] = []
        nested: list[tuple[list[str], int]] = []
        for found, own in self._required(element, prefix):
            path = [bare(part) for part in own.removeprefix(prefix).split(".") if part]
            if path:
                nested.append(([*path, bare(found.variable.name)], id(found)))
            else:
                plain.append((bare(found.variable.name), id(found)))
        if not nested:
            return plain, None

        def values(known: Mapping[int, Value]) -> dict[str, Value]:
            made: dict[str, Value] = {name: known[key] for name, key in plain}
            for path, key in nested:
                inner = made
                for part in path[:-1]:
                    inner = inner.setdefault(part, {})
                inner[path[-1]] = known[key]
            return made

        return plain, values

    def _making(self, element: Element, prefix: str) -> Step | None:
        if isinstance(element, Service):
            return self._service(element, prefix)
        assert isinstance(element, Knowledge)  # noqa: S101 - for the types
        key = id(element)
        where = f"knowledge '{element.variable.name}'"
        function = element.function
        logic: Run = _null if function is None else self.compiler.compiled(function, where)

        def step(session: Session) -> None:
            # What it requires is put into its values when it is known.
            values: dict[str, Value] = {}
            made = logic(session.env(values))
            session.known[key] = made
            session.known[-key] = values

        return step

    def _filling(self, element: Knowledge, prefix: str) -> Step:
        key, name = id(element), bare(element.variable.name)
        plain, nested = self._needed(element, prefix)

        def step(session: Session) -> None:
            known = session.known
            values = known[-key]
            values |= nested(known) if nested is not None else {n: known[k] for n, k in plain}
            values[name] = known[key]

        return step

    def _service(self, service: Service, prefix: str) -> Step:
        key, where = id(service), f"service '{service.variable.name}'"
        references = (*service.input_data, *service.input_decisions)
        inputs = [self.find(each, prefix) for each in references]
        outputs = [self.find(each, prefix) for each in service.outputs]
        names = tuple(element.variable.name for element, _ in inputs)
        fits = [
            self.types.fitter(element.variable.type, f"{where}, input '{element.variable.name}'")
            for element, _ in inputs
        ]
        fit = self.types.fitter(service.variable.type, where)
        plans: list[Plan] = []

        def run(session: Session, values: Sequence[Value]) -> Value:
            if not plans:  # when it is first called: a service may be required by what it runs
                plans.append(self.plan(outputs, inputs))
            inner = Session({}, session.types, session.now, session.problems, session.bounds)
            env = session.env({})
            for (element, _), take, value in zip(inputs, fits, values, strict=True):
                inner.known[id(element)] = value if take is None else take(value, env)
            plans[0].run(inner)
            found = {element.variable.name: inner.known[id(element)] for element, _ in outputs}
            value = next(iter(found.values())) if len(outputs) == 1 else found
            return value if fit is None else fit(value, env)

        def step(session: Session) -> None:
            def called(values: Sequence[Value]) -> Value:
                bounds = session.shared_bounds()
                return bounds.call(lambda _env: run(session, values), session.env({}))

            session.known[key] = Function(names, called)

        return step


def _null(_env: Environment) -> Value:
    return None


def _within(given: Mapping[str, Value], path: Sequence[str]) -> Value:
    found: Value = given
    for part in path:
        named = (
            {bare(name): each for name, each in found.items()} if isinstance(found, dict) else {}
        )
        found = named.get(part)
    return found
