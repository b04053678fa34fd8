"""The interpreter and the databases agree on random expressions, tables and rules, row by row."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from hypothesis import HealthCheck, Phase, assume, given, reject, settings
from hypothesis import strategies as st
from tests.rules.columns.differential import assert_same, assert_table_same
from tests.rules.columns.expressions import B, N, expressions
from tests.rules.columns.people import SCHEMA, People
from tests.rules.columns.tables import decision_tables

from longmai.rules.columns.backend import Backend
from longmai.rules.columns.compiler import compile_expression
from longmai.rules.columns.dialects import SPARK
from longmai.rules.columns.interpreting import Interpreter
from longmai.rules.columns.many import counts_query, read_counts
from longmai.rules.columns.plan import Column
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.rule import Clause, compile_rule
from longmai.rules.columns.sql import select
from longmai.rules.columns.tables import compile_table
from longmai.rules.dmn.model import DecisionTable
from longmai.rules.feel.tree import Call, Name, Node, Number

# What a failing example shows is enough; shrinking over whole tables would take long.
MANY = settings(
    max_examples=350,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
FEW = settings(MANY, max_examples=4)


def compiled(node: Node) -> Column | None:
    """Compile an expression; None where it is refused, by Spark too."""
    try:
        column = compile_expression(node, SCHEMA)
        select({"c": column}, "person", SPARK)
    except NotCompiled:
        return None
    return column


@MANY
@given(node=expressions())
def test_columns_are_what_the_interpreter_says(people: People, duck: Backend, node: Node) -> None:
    """Every compiled expression has FEEL's value on every row: more than 10^5 cases."""
    column = compiled(node)
    assume(column is not None)
    if column is not None:
        assert_same(people, duck, [(node, column)])


@settings(MANY, max_examples=100)
@given(table=decision_tables())
def test_tables_are_what_the_interpreter_says(
    people: People, duck: Backend, table: DecisionTable
) -> None:
    """Every compiled table concludes what the interpreter does, under its hit policy."""
    try:
        columns = compile_table(table, SCHEMA)
    except NotCompiled:
        reject()
    assert_table_same(people, duck, table, columns)


@FEW
@given(nodes=st.lists(expressions(), min_size=25, max_size=25))
def test_every_database_says_the_same(
    people: People, backend: Backend, nodes: Sequence[Node]
) -> None:
    """Every database has FEEL's value on every row, many expressions in one query."""
    pairs = [(node, column) for node in nodes if (column := compiled(node)) is not None]
    assert_same(people, backend, pairs)


@settings(FEW, max_examples=8)
@given(table=decision_tables())
def test_every_database_concludes_the_same(
    people: People, backend: Backend, table: DecisionTable
) -> None:
    """Every database concludes what the interpreter does."""
    try:
        columns = compile_table(table, SCHEMA)
        select(columns, "person", SPARK)
    except NotCompiled:
        reject()
    assert_table_same(people, backend, table, columns)


@st.composite
def clauses(
    draw: Callable[[st.SearchStrategy[object]], object], name: str, *, deep: bool = True
) -> Clause:
    """Return a clause, perhaps for a person to decide, an exclusion, or a group."""
    kind = draw(st.integers(0, 9))
    flags = st.sampled_from((True, False))
    if deep and kind < 3:  # type: ignore[operator] # a number
        parts = [draw(clauses(f"{name}.{i}", deep=False)) for i in range(2)]
        anyhow, excludes = draw(flags), draw(flags)
        return Clause(name, parts=tuple(parts), any_part=anyhow, excludes=excludes)  # type: ignore[arg-type] # as drawn
    tree = None if kind == 9 else draw(expressions([B]))
    by_hand, excludes = draw(st.integers(0, 4)) == 0, draw(st.integers(0, 4)) == 0
    return Clause(name, tree, by_hand, excludes)  # type: ignore[arg-type] # a tree


@st.composite
def rules(
    draw: Callable[[st.SearchStrategy[object]], object],
) -> tuple[list[Clause], Node | None]:
    """Return clauses and an amount of whole fen."""
    count = draw(st.integers(1, 4))
    drawn = [draw(clauses(f"c{i}")) for i in range(count)]  # type: ignore[call-overload] # a number
    whole = Call(Name("decimal"), (draw(expressions([N])), Number(Decimal(2))))  # type: ignore[arg-type] # a tree
    return drawn, whole  # type: ignore[return-value] # clauses


@settings(MANY, max_examples=60)
@given(rule=rules())
def test_rules_come_out_as_the_interpreter_says(
    duck: Backend, rule: tuple[list[Clause], Node | None]
) -> None:
    """State, deciding clause and amount are the same on every row; so are the counts."""
    parts, amount = rule
    try:
        columns = compile_rule(parts, amount, SCHEMA)
    except NotCompiled:
        reject()
    keep = {"id": "id"}
    query = select(columns.outcome(), "person", duck.dialect, keep).order_by("id")
    wanted = [
        row
        for batch in Interpreter(SCHEMA).rule(parts, amount, duck, "person", keep)
        for row in batch.to_pylist()
    ]
    assert duck.run(query).to_pylist() == sorted(wanted, key=lambda row: row["id"])
    states = [row["state"] for row in wanted]
    counts = read_counts(
        duck.run(counts_query({"r": columns}, "person", duck.dialect)), {"r": columns}
    )["r"]
    found = (counts.not_met, counts.met, counts.unknown, counts.manual)
    assert found == tuple(map(states.count, range(4)))
