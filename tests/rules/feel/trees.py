"""Random trees of FEEL, for properties: of every kind of node, as deep as hypothesis likes."""

from decimal import Decimal

from hypothesis import strategies as st

from longmai.rules.feel.tree import (
    At,
    Between,
    Binary,
    Call,
    Comparison,
    Context,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    Iteration,
    Lambda,
    ListOf,
    Name,
    Negation,
    Node,
    Number,
    Path,
    Quantified,
    Range,
    Text,
    Truth,
    TypeName,
)

NAMES = ("a", "b1", "_c", "年龄", "monthly income", "date and time", "profit-loss", "count", "item")
OPERATORS = ("or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "**")
_TYPES = (
    TypeName("number"),
    TypeName("string"),
    TypeName("list", (TypeName("number"),)),
    TypeName("context", (TypeName("string"),), ("a",)),
    TypeName("function", (TypeName("number"), TypeName("string"))),
    TypeName("days and time duration"),
    TypeName("range", (TypeName("date"),)),
    TypeName("function", (TypeName("list", (TypeName("Any"),)),)),
)

names = st.sampled_from(NAMES)
plain_names = st.sampled_from([name for name in NAMES if name.isidentifier()])
numbers = st.decimals(
    min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=3
).map(Decimal.normalize)
leaves: st.SearchStrategy[Node] = st.one_of(
    numbers.map(Number),
    st.text(max_size=6).map(Text),
    st.sampled_from([True, False, None]).map(Truth),
    names.map(Name),
    st.sampled_from(["2026-11-24", "08:00:00Z", "P1D", "-P1Y2M", "no", 'a "b"']).map(At),
)


def named_call(function: Node, arguments: list[tuple[str, Node]]) -> Call:
    """Return a call by names."""
    return Call(function, tuple(each for _, each in arguments), tuple(n for n, _ in arguments))


def grown(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Return nodes over others."""
    domain = st.builds(Iteration, plain_names, children, st.none() | children)
    domains = st.lists(domain, min_size=1, max_size=2).map(tuple)
    many = st.lists(children, max_size=3).map(tuple)
    some = st.lists(children, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Binary, st.sampled_from(OPERATORS), children, children),
        st.builds(Negation, children),
        st.builds(Between, children, children, children),
        st.builds(In, children, some),
        st.builds(Range, children, children, st.booleans(), st.booleans()),
        st.builds(ListOf, many),
        st.builds(Context, st.lists(st.tuples(names, children), max_size=3).map(tuple)),
        st.builds(Path, children, names),
        st.builds(Filter, children, children),
        st.builds(Call, children, many),
        st.builds(named_call, children, st.lists(st.tuples(names, children), max_size=3)),
        st.builds(Comparison, st.sampled_from(OPERATORS[2:8]), children),
        st.builds(If, children, children, children),
        st.builds(For, domains, children),
        st.builds(Quantified, st.booleans(), domains, children),
        st.builds(
            Lambda,
            st.lists(st.tuples(plain_names, st.none() | st.sampled_from(_TYPES)), max_size=2).map(
                tuple
            ),
            children,
            st.booleans(),
        ),
        st.builds(InstanceOf, children, st.sampled_from(_TYPES)),
    )


trees: st.SearchStrategy[Node] = st.recursive(leaves, grown, max_leaves=12)
