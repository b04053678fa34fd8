"""Tables within decision models: found, replaced, and a model made around one that stands alone."""

from collections.abc import Sequence
from dataclasses import replace

from longmai.kernel.errors import Invalid, NotFound
from longmai.rules.dmn.model import (
    Decision,
    DecisionTable,
    InputData,
    Knowledge,
    Model,
    Variable,
)
from longmai.rules.feel.built_in import BUILT_INS
from longmai.rules.feel.parser import parse_expression, parse_unary_tests
from longmai.rules.grid.checking import names_for
from longmai.rules.grid.scope import Scope, free_names

NAMESPACE = "https://longmai.example/tables"
DEFAULT_NAME = "decision"


def table_names(model: Model) -> list[str]:
    """Return the names of the decisions and functions of a model that are decision tables."""
    return [each.variable.name for each in model.elements if _table(each) is not None]


def table_in(model: Model, name: str = "") -> tuple[str, DecisionTable]:
    """Return a decision table of a model, with its name.

    Args:
        model: to look in.
        name: of the decision or function; it may be left out where there is one table.

    Raises:
        NotFound: there is none of that name.
        Invalid: there are several, and none was named.
    """
    found = {each.variable.name: table for each in model.elements if (table := _table(each))}
    if name and name in found:
        return name, found[name]
    if name or not found:
        raise NotFound(
            "the model has no such decision table", code="table.absent", value=name or None
        )
    if len(found) > 1:
        raise Invalid(
            "the model has several decision tables",
            code="table.several",
            value=", ".join(found),
            mend="name the decision",
        )
    return next(iter(found.items()))


def _table(element: object) -> DecisionTable | None:
    match element:
        case Decision(expression=DecisionTable() as table):
            return table
        case Knowledge(function=function) if function is not None:
            return function.body if isinstance(function.body, DecisionTable) else None
    return None


def with_table(model: Model, name: str, table: DecisionTable) -> Model:
    """Return a model in which a decision or function has another table.

    What is told of the old one stays where nothing is told of the new.

    Raises:
        NotFound: it has no decision table of that name.
    """
    _, old = table_in(model, name)
    told = {
        each: getattr(table, each) or getattr(old, each)
        for each in ("id", "label", "description", "output_label")
    }
    table = replace(table, **told)
    elements = [
        _replaced(each, table) if each.variable.name == name and _table(each) else each
        for each in model.elements
    ]
    return replace(model, elements=elements)


def _replaced(element: object, table: DecisionTable) -> Decision | Knowledge:
    if isinstance(element, Decision):
        return replace(element, expression=table)
    if isinstance(element, Knowledge) and element.function is not None:
        return replace(element, function=replace(element.function, body=table))
    raise TypeError("only decisions and functions have tables")


def scope_of(model: Model) -> Scope:
    """Return the names and types that a model's tables may use."""
    return Scope(model.names, [each.name for each in model.items])


def needed(table: DecisionTable, within: Model | None = None) -> list[Variable]:
    r"""Return the names that a table needs values of, in the order they are met, with their types.

    Functions of the model around it are no values.

    >>> from longmai.rules.grid.reading import read_grid
    >>> table = read_grid("| U | 收入 / 人数 || 补助 |\n|-|-||-|\n| 1 | < 人均线 || 100 |")
    >>> [each.name for each in needed(table)]
    ['收入', '人数', '人均线']
    """
    names = names_for(table, scope_of(within) if within else Scope())
    functions = {each.variable.name for each in _functions(within)}
    types = {each.expression: each.type for each in table.inputs}
    found = [
        *(_names(each.expression, names) for each in table.inputs),
        *(_names(each.values, names, tests=True) for each in table.inputs),
        *(_names(test, names, tests=True) for rule in table.rules for test in rule.tests),
        *(_names(text, names) for rule in table.rules for text in rule.conclusions),
        *(_names(each.default, names) for each in table.outputs),
    ]
    once = dict.fromkeys(name for each in found for name in each)
    return [
        Variable(each, types.get(each, ""))
        for each in once
        if _is_value(each, once) and each not in functions
    ]


def _functions(within: Model | None) -> list[Knowledge]:
    elements = [] if within is None else within.elements
    return [each for each in elements if isinstance(each, Knowledge)]


def _is_value(name: str, once: dict[str, None]) -> bool:
    # A name with a dot leads into what its beginning names.
    first, _, rest = name.partition(".")
    return name not in BUILT_INS and name != "?" and not (rest and first in once)


def _names(text: str, names: Sequence[str], *, tests: bool = False) -> list[str]:
    if not text or (tests and text == "-"):
        return []
    if not tests and text in names:
        return [text]
    try:
        if tests:
            return list(free_names(parse_unary_tests(text, names).tests))
        return list(free_names(parse_expression(text, names)))
    except Invalid:
        return []


def model_of(table: DecisionTable, name: str = "", within: Model | None = None) -> Model:
    """Return a model of one decision that is this table, what it needs as its input data.

    Args:
        table: of the decision.
        name: of the decision.
        within: a model whose types and functions the table may use.
    """
    name = name or DEFAULT_NAME
    functions = [each for each in _functions(within) if each.variable.name != name]
    given = [InputData(f"input_{i}", each) for i, each in enumerate(needed(table, within), 1)]
    requires = [*(f"#{each.id}" for each in given), *(f"#{each.id}" for each in functions)]
    decision = Decision("decision_1", Variable(name, table.type), requires, table)
    names = {name, *(each.variable.name for each in given)}
    names |= within.names if within else set()
    namespace = within.namespace if within else NAMESPACE
    items = within.items if within else ()
    return Model(name, namespace, items, [*given, *functions, decision], (), frozenset(names))
