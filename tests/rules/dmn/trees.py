"""Random decision models, for properties: every element and boxed expression, and what is told."""

from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st

from longmai.rules.dmn.model import (
    AGGREGATIONS,
    HIT_POLICIES,
    ORIENTATIONS,
    BoxedContext,
    BoxedFilter,
    BoxedList,
    Conditional,
    Decision,
    DecisionTable,
    Element,
    Entry,
    Expression,
    FunctionDefinition,
    Import,
    Input,
    InputData,
    Invocation,
    ItemDefinition,
    Iterator,
    Knowledge,
    Literal,
    Model,
    Output,
    Relation,
    Rule,
    Service,
    Variable,
)
from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.writing import write_model

T = TypeVar("T")

words = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="\ufffe\uffff"),
    max_size=8,
).map(str.strip)
lines = st.lists(words, max_size=3).map("\n".join).map(str.strip)
names = words.filter(bool)
types = st.sampled_from(["", "number", "string", "tAge", "b.tAge", "date and time"])
tags = st.sampled_from(["a", "b c", "年龄"])
told = {"description": lines, "label": words}
variables = st.builds(Variable, names, types, **told)


def listed(of: st.SearchStrategy[T], least: int = 0) -> st.SearchStrategy[list[T]]:
    """Return short lists."""
    return st.lists(of, min_size=least, max_size=2)


tables = st.builds(
    DecisionTable,
    listed(st.builds(Input, lines, types, lines, **told)),
    listed(st.builds(Output, words, types, lines, lines, **told), 1),
    listed(st.builds(Rule, listed(lines), listed(lines, 1), listed(lines), **told)),
    st.sampled_from(HIT_POLICIES),
    st.sampled_from(["", *AGGREGATIONS]),
    types,
    listed(names),
    st.sampled_from(["", *ORIENTATIONS]),
    words,
    **told,
)
leaves: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Literal, lines, types, st.sampled_from(["", "urn:other"]), **told), tables
)


def grown(children: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Return boxed expressions over others."""
    columns = st.lists(st.tuples(names, types), max_size=2)

    def relation(drawn: list[tuple[str, str]], rows: list[list[Expression]]) -> Relation:
        return Relation([n for n, _ in drawn], rows, "", [t for _, t in drawn])

    return st.one_of(
        st.builds(
            BoxedContext, listed(st.builds(Entry, st.none() | variables, children)), types, **told
        ),
        st.builds(BoxedList, listed(children), types),
        st.builds(relation, columns, listed(listed(children))),
        st.builds(Invocation, children, listed(st.tuples(names, children)), types),
        st.builds(
            FunctionDefinition,
            listed(variables),
            st.none() | children,
            st.sampled_from(["FEEL", "Java", "PMML"]),
            types,
        ),
        st.builds(Conditional, children, children, children, types),
        st.builds(BoxedFilter, children, children, types),
        st.builds(
            Iterator, st.sampled_from(["for", "some", "every"]), tags, children, children, types
        ),
    )


expressions = st.recursive(leaves, grown, max_leaves=4)
functions = st.builds(FunctionDefinition, listed(variables), st.none() | expressions)
items = st.recursive(
    st.one_of(
        st.builds(ItemDefinition, names, st.just("number"), st.booleans(), lines, lines, **told),
        st.builds(
            lambda name, drawn, result: ItemDefinition(
                name,
                is_function=True,
                parameters=[t for _, t in drawn],
                result=result,
                parameter_names=[n for n, _ in drawn],
            ),
            names,
            st.lists(st.tuples(names, types), max_size=2),
            types,
        ),
    ),
    lambda inner: st.builds(
        ItemDefinition, names, st.just(""), st.booleans(), components=listed(inner), **told
    ),
    max_leaves=3,
)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Return a model whose names are those that reading finds."""
    inputs = [InputData("_i", draw(variables), draw(words), description=draw(lines))]
    decisions = [
        Decision(
            "_d",
            draw(variables),
            draw(st.sampled_from([[], ["#_i"], ["#_i", "#_k"]])),
            draw(st.none() | expressions),
            "",
            draw(lines),
            draw(lines),
            label=draw(words),
        ),
        Decision(
            "_e",
            draw(variables),
            ["urn:b#_x", "#_d", "urn:b#_k"],
            draw(expressions),
            kinds=["Input", "Decision", "Knowledge"],
        ),
    ]
    knowledge = [Knowledge("_k", draw(variables), ["#_k"], draw(st.none() | functions))]
    services = [Service("_s", draw(variables), ["#_d"], ["#_e"], [], ["#_i"])]
    elements: list[Element] = [*inputs, *decisions, *knowledge, *services]
    # A name is kept where it is not the variable's.
    named = [
        replace(element, name="") if element.name == element.variable.name else element
        for element in elements
    ]
    made = Model(
        draw(words),
        "urn:m",
        draw(listed(items)),
        named,
        [Import("b", "urn:b", draw(st.sampled_from(["", "b.dmn"])))],
        id="_m",
        description=draw(lines),
    )
    # Which names FEEL may use follows from the rest.
    return replace(made, names=read_model(write_model(made)).names)
