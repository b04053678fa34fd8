"""Random decision tables over people."""

from collections.abc import Callable

from hypothesis import strategies as st
from tests.rules.columns.expressions import KINDS, B, D, Expressions, N, S
from tests.rules.columns.people import PERSON, TEXTS

from longmai.rules.columns.types import Kind
from longmai.rules.dmn.model import AGGREGATIONS, HIT_POLICIES, DecisionTable, Input, Output, Rule
from longmai.rules.feel.printer import print_node, print_tests


@st.composite
def decision_tables(draw: Callable[[st.SearchStrategy[object]], object]) -> DecisionTable:
    """Return tables of every hit policy, with few rows and one or two outputs."""
    make = Expressions(draw, PERSON, TEXTS, rows="members")
    policy = make.one_of(*HIT_POLICIES)
    aggregation = make.one_of("", *AGGREGATIONS) if policy == "COLLECT" else ""
    kinds = [make.one_of(N, S, D, B) for _ in range(make.one_of(1, 2))]
    inputs = [
        Input(
            print_node(make.of(kind, 1)),
            make.one_of("", kind.value),
            print_tests(make.tests(kind)) if make.chance(15) else "",
        )
        for kind in kinds
    ]
    out = make.one_of(N, S) if policy in {"PRIORITY", "OUTPUT ORDER"} else make.one_of(*KINDS)
    if aggregation == "SUM":
        out = N
    fixed = policy in {"PRIORITY", "OUTPUT ORDER"}
    outputs = [_output(make, f"o{i}", out, policy) for i in range(_outputs(make, aggregation))]
    rules = [
        Rule(
            [print_tests(make.tests(kind)) for kind in kinds],
            [_conclusion(make, out, fixed=fixed) for _ in outputs],
        )
        for _ in range(make.one_of(0, 1, 2, 3, 5))
    ]
    return DecisionTable(inputs, outputs, rules, policy, aggregation)


def _outputs(make: Expressions, aggregation: str) -> int:
    return 1 if aggregation else int(make.one_of(1, 1, 2))


def _output(make: Expressions, name: str, kind: Kind, policy: str) -> Output:
    values = ""
    if policy in {"PRIORITY", "OUTPUT ORDER"} and make.chance(80):
        values = ", ".join(_conclusion(make, kind, fixed=True) for _ in range(3))
    default = _conclusion(make, kind, fixed=True) if make.chance(20) else ""
    return Output(name, make.one_of("", kind.value), values, default)


def _conclusion(make: Expressions, kind: Kind, *, fixed: bool) -> str:
    return print_node(make.literal(kind) if fixed else make.of(kind, 1))
