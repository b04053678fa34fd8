"""A policy over a population: as columns where it compiles, else case by case; the same result."""

from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from longmai.rules.columns.backend import Backend
from longmai.rules.columns.interpreting import Interpreter
from longmai.rules.columns.policies import compile_policy
from longmai.rules.columns.refusal import NotCompiled
from longmai.rules.columns.rule import State
from longmai.rules.columns.schema import Given
from longmai.rules.columns.sql import select
from longmai.rules.columns.types import string
from longmai.rules.feel.tree import Node
from longmai.rules.policy import evaluation
from longmai.rules.policy.evaluation import Case, evaluate
from longmai.rules.policy.model import Amount, Policy, Rule
from longmai.rules.simulate.population import Population

_REGION = Given(string(nullable=False), '"region"')
_STATES = {
    evaluation.State.NOT_MET: State.NOT_MET,
    evaluation.State.MET: State.MET,
    evaluation.State.UNKNOWN: State.UNKNOWN,
    evaluation.State.MANUAL: State.MANUAL,
}


@dataclass(frozen=True)
class Judgements:
    """What a policy says of each row of a population, in its order.

    Attributes:
        state: ``columns.rule.State`` as whole numbers.
        amount_fen: null where nothing is due, or how much is not known.
        refusal: why it ran case by case; empty: it ran as columns.
    """

    state: pa.Array
    amount_fen: pa.Array
    refusal: str = ""


def register(population: Population, backend: Backend) -> None:
    """Make the tables of a population known to a database."""
    for name, table in population.tables.items():
        backend.register(name, table)


def judge(
    policy: Policy, population: Population, day: date, backend: Backend, region: str = ""
) -> Judgements:
    """Judge every row by a policy.

    Args:
        policy: to judge by.
        population: whose tables the database knows.
        day: by whose law.
        backend: the database.
        region: of all rows, where the population has none.
    """
    try:
        return _by_columns(policy, population, day, backend, region)
    except NotCompiled as reason:
        return judge_by_case(policy, population, day, backend, region, str(reason))


def refusal(policy: Policy, population: Population, day: date) -> str:
    """Return why a policy cannot run as columns over a population; empty: it can."""
    try:
        compile_policy(policy, population.schema, day, _REGION if population.placed else "")
    except NotCompiled as reason:
        return str(reason)
    return ""


def _by_columns(
    policy: Policy, population: Population, day: date, backend: Backend, region: str
) -> Judgements:
    where = _REGION if population.placed else region
    rule = compile_policy(policy, population.schema, day, where)
    wanted = {"state": rule.state, "amount_fen": rule.amount_fen}
    query = select(wanted, "subject", backend.dialect, {"id": '"id"'}).order_by('"id"')
    found = backend.run(query)
    return Judgements(_array(found, "state"), _array(found, "amount_fen"))


def _array(table: pa.Table, name: str) -> pa.Array:
    found = table.column(name).cast(pa.int64())
    return pa.concat_arrays(found.chunks) if found.num_chunks else pa.array([], pa.int64())


def judge_by_case(
    policy: Policy,
    population: Population,
    day: date,
    backend: Backend,
    region: str = "",
    refusal: str = "asked for",
) -> Judgements:
    """Judge every row by the interpreter, as one case each."""
    states: dict[int, int] = {}
    amounts: dict[int, int | None] = {}
    empty = dict.fromkeys(policy.inputs)
    keep = {"id": '"id"', "region": '"region"'}
    for kept, rows in Interpreter(population.schema).rows(backend, "subject", keep):
        places = kept.column("region").to_pylist()
        for own, place, row in zip(kept.column("id").to_pylist(), places, rows, strict=True):
            where = place if population.placed else region
            decided = evaluate(policy, Case(day, where, empty | row))
            states[own], amounts[own] = _STATES[decided.state], decided.amount_fen
    order = range(population.size)
    return Judgements(
        pa.array([states[each] for each in order], pa.int64()),
        pa.array([amounts[each] for each in order], pa.int64()),
        refusal,
    )


def measured(policy: Policy, node: Node) -> Policy:
    """Return a policy that pays everybody the value of an expression of this one, in hundredths."""
    amount = Amount(Rule("", node), "", "half even")
    return replace(policy, conditions=(), exclusions=(), amount=amount)
