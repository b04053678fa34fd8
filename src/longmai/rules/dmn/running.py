"""Runs decision models: what is asked for, from what is given, each decision once.

Source: DMN 1.5, 10.4 (execution semantics of decision services) and 7.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from longmai.kernel.errors import Invalid, NotFound
from longmai.rules.dmn.boxed import Compiler
from longmai.rules.dmn.item_types import Types
from longmai.rules.dmn.model import Decision, Element, Knowledge, Model, Service
from longmai.rules.dmn.plans import Known, Plan, Planner, Session, Stopped
from longmai.rules.dmn.qualified import qualified
from longmai.rules.feel.compiler import Problem, call_function
from longmai.rules.feel.running import REASONS
from longmai.rules.feel.temporal import DateTime
from longmai.rules.feel.values import Function, Value
from longmai.rules.feel.words import bare

Planned = tuple[int, Plan]
"""The key of an element, and the plan that finds it out."""
_MAX_MODELS = 1_000


class Outcome(NamedTuple):
    """What came of a question.

    Attributes:
        value: of the decision, service or function.
        problems: why values became null on the way.
    """

    value: Value
    problems: tuple[Problem, ...]


@dataclass
class Engine:
    """A model with those that it imports, compiled as it is used.

    Args:
        model: to run.
        imported: models by namespace.

    Raises:
        Invalid: the models import each other too often.
    """

    model: Model
    imported: Mapping[str, Model] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._types = Types()
        self._elements: dict[str, list[Known]] = {}
        self._namespaces: dict[int, str] = {}
        self._own: list[Element] = []
        names: set[str] = set()
        self._take(self.model, "", names)
        self._names = frozenset(names)
        compiler = Compiler(self._types, self._names)
        self._planner = Planner(self._elements, self._namespaces, self._types, compiler)
        self._decisions: dict[str, Planned] = {}
        self._functions: dict[str, Planned] = {}

    def _take(self, model: Model, prefix: str, names: set[str]) -> None:
        """Take a model in, and those that it imports."""
        waiting = [(model, prefix, frozenset[str]())]
        for taken in count():
            if not waiting:
                return
            if taken == _MAX_MODELS:
                raise Invalid("the models import each other too often", code="dmn.imports")
            model, prefix, seen = waiting.pop(0)
            known = qualified(model, prefix)
            names |= model.names
            self._types.add(known.items)
            for element in known.elements:
                reference = f"{model.namespace}#{element.id}"
                self._elements.setdefault(reference, []).append((element, prefix))
                self._namespaces[id(element)] = model.namespace
                if not prefix:
                    self._own.append(element)
            for each in model.imports:
                found = self.imported.get(each.namespace)
                if found is not None and each.namespace not in seen:
                    own = f"{prefix}{each.name}." if each.name else prefix
                    waiting.append((found, own, seen | {each.namespace}))

    def decide(self, name: str, given: Mapping[str, Value], now: DateTime | None = None) -> Outcome:
        """Return what a decision comes to.

        Args:
            name: of the decision.
            given: input data by name; ``{namespace}name`` for that of an imported model.
            now: the present instant, for ``now()`` and ``today()``.

        Raises:
            NotFound: the model has no such decision.
        """
        found = self._decisions.get(name)
        key, plan = found or self._planned(name, (Decision,), self._decisions)
        problems: list[Problem] = []
        session = Session(given, self._types.names, now, problems, None)
        try:
            plan.run(session)
            value = session.known[key]
        except REASONS as reason:
            value = None
            _note(session, reason, name)
        return Outcome(value, tuple(dict.fromkeys(problems)) if problems else ())

    def invoke(self, name: str, given: Mapping[str, Value], now: DateTime | None = None) -> Outcome:
        """Return what a decision service, or a business knowledge model, comes to.

        Raises:
            NotFound: the model has no such element.
        """
        found = self._functions.get(name)
        key, plan = found or self._planned(name, (Service, Knowledge), self._functions)
        session = Session({}, self._types.names, now, [], None)
        try:
            plan.run(session)
            function = session.known[key]
            value = None
            if isinstance(function, Function):
                known = {bare(key): each for key, each in given.items()}
                values = [known.get(bare(parameter)) for parameter in function.parameters]
                value = call_function(function, values)
        except REASONS as reason:
            value = None
            _note(session, reason, name)
        return Outcome(value, tuple(dict.fromkeys(session.problems)))

    def _planned(self, name: str, kinds: tuple[type, ...], known: dict[str, Planned]) -> Planned:
        wanted = bare(name)
        for element in self._own:
            if isinstance(element, kinds) and bare(element.variable.name) == wanted:
                if wanted not in known:
                    known[wanted] = id(element), self._planner.plan([(element, "")])
                return known[wanted]
        raise NotFound("the model has no such element", code="dmn.element", value=name)


def _note(session: Session, reason: Exception, name: str) -> None:
    if not isinstance(reason, Stopped):
        session.env({}).note_reason(reason, f"'{name}'")
