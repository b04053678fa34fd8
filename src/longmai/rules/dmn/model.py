"""A decision model as values: what stands in the file, without its XML."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

HIT_POLICIES = (
    "UNIQUE",
    "FIRST",
    "PRIORITY",
    "ANY",
    "COLLECT",
    "RULE ORDER",
    "OUTPUT ORDER",
)
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
ORIENTATIONS = ("Rule-as-Row", "Rule-as-Column", "CrossTable")


@dataclass(frozen=True, kw_only=True)
class Described:
    """What people are told of a part of a model.

    Lists become tuples, so that models are equal and hashable however they were made.

    Attributes:
        description: in words.
        label: another name, to show.
    """

    description: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, list | tuple):
                object.__setattr__(self, each.name, _frozen(value))


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


@dataclass(frozen=True, kw_only=True)
class Identified(Described):
    """A part that may have an id of its own, unique in its file."""

    id: str = ""


@dataclass(frozen=True)
class Variable(Identified):
    """A name and the type its values have; an empty type is any."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class Literal(Identified):
    """A FEEL expression."""

    text: str
    type: str = ""
    language: str = ""


@dataclass(frozen=True)
class Entry(Identified):
    """An entry of a boxed context; without a variable it is the result."""

    variable: Variable | None
    expression: "Expression"


@dataclass(frozen=True)
class BoxedContext(Identified):
    """Entries one after the other."""

    entries: Sequence[Entry]
    type: str = ""


@dataclass(frozen=True)
class BoxedList(Identified):
    """A list of expressions."""

    items: Sequence["Expression"]
    type: str = ""


@dataclass(frozen=True)
class Relation(Identified):
    """A table of expressions: a list of contexts.

    Attributes:
        column_types: of the cells of each column; none: any.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence["Expression"]]
    type: str = ""
    column_types: Sequence[str] = ()


@dataclass(frozen=True)
class Invocation(Identified):
    """A call of a function by the names of its parameters."""

    function: "Expression"
    bindings: Sequence[tuple[str, "Expression"]]
    type: str = ""


@dataclass(frozen=True)
class FunctionDefinition(Identified):
    """A function; of a kind other than FEEL it is not run."""

    parameters: Sequence[Variable]
    body: "Expression | None"
    kind: str = "FEEL"
    type: str = ""


@dataclass(frozen=True)
class Conditional(Identified):
    """If, then, else."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    type: str = ""


@dataclass(frozen=True)
class BoxedFilter(Identified):
    """The items of a list that match."""

    source: "Expression"
    match: "Expression"
    type: str = ""


@dataclass(frozen=True)
class Iterator(Identified):
    """``for``, ``some`` or ``every`` over a list."""

    kind: str
    variable: str
    source: "Expression"
    body: "Expression"
    type: str = ""


@dataclass(frozen=True)
class Input(Identified):
    """A column of conditions: what is looked at, and the values it may have."""

    expression: str
    type: str = ""
    values: str = ""


@dataclass(frozen=True)
class Output(Identified):
    """A column of conclusions, the values it may have (the first counts most), its default."""

    name: str
    type: str = ""
    values: str = ""
    default: str = ""


@dataclass(frozen=True)
class Rule(Identified):
    """A row: a test of each input, an expression of each output.

    Attributes:
        annotations: what is said of it, one for each of the table's annotations.
    """

    tests: Sequence[str]
    conclusions: Sequence[str]
    annotations: Sequence[str] = ()


@dataclass(frozen=True)
class DecisionTable(Identified):
    """Conditions and conclusions; the hit policy says what counts where several rules match.

    Attributes:
        annotations: names of the columns of remarks.
        orientation: how it is drawn; empty: rules as rows.
        output_label: the name over its outputs.
    """

    inputs: Sequence[Input]
    outputs: Sequence[Output]
    rules: Sequence[Rule]
    hit_policy: str = "UNIQUE"
    aggregation: str = ""
    type: str = ""
    annotations: Sequence[str] = ()
    orientation: str = ""
    output_label: str = ""


Expression = (
    Literal
    | BoxedContext
    | BoxedList
    | Relation
    | Invocation
    | FunctionDefinition
    | Conditional
    | BoxedFilter
    | Iterator
    | DecisionTable
)


@dataclass(frozen=True)
class ItemDefinition(Identified):
    """A type: of another, of components, or a function; perhaps a list of it.

    Attributes:
        base: name of the type it is made of; empty for components and functions.
        allowed: unary tests that its values pass, each by itself in a list; empty: any.
        constraint: unary tests that its value passes, a list as a whole; empty: any.
        result: of a function type; ``parameters`` are its parameters' types.
        parameter_names: of a function type.
    """

    name: str
    base: str = ""
    is_list: bool = False
    allowed: str = ""
    constraint: str = ""
    components: Sequence["ItemDefinition"] = ()
    is_function: bool = False
    parameters: Sequence[str] = ()
    result: str = ""
    parameter_names: Sequence[str] = ()


@dataclass(frozen=True)
class InputData(Described):
    """What is given from outside."""

    id: str
    variable: Variable
    name: str = ""


@dataclass(frozen=True)
class Decision(Described):
    """What is decided, from what, and how.

    Attributes:
        requires: references to what its expression sees: input data, decisions, knowledge.
        name: of the decision, where its variable has another; empty: the variable's.
        question: that it answers, in words.
        allowed_answers: in words.
        kinds: of what it requires, ``Input``, ``Decision`` or ``Knowledge``; empty: as the model's
            own elements say.
    """

    id: str
    variable: Variable
    requires: Sequence[str]
    expression: Expression | None
    name: str = ""
    question: str = ""
    allowed_answers: str = ""
    kinds: Sequence[str] = ()


@dataclass(frozen=True)
class Knowledge(Described):
    """A business knowledge model: a function that decisions call."""

    id: str
    variable: Variable
    requires: Sequence[str]
    function: FunctionDefinition | None
    name: str = ""


@dataclass(frozen=True)
class Service(Described):
    """A decision service: decisions that are asked for together, as a function."""

    id: str
    variable: Variable
    outputs: Sequence[str]
    encapsulated: Sequence[str]
    input_decisions: Sequence[str]
    input_data: Sequence[str]
    name: str = ""


@dataclass(frozen=True)
class Import(Identified):
    """Another model, whose elements stand under a name here."""

    name: str
    namespace: str
    location: str = ""


Element = InputData | Decision | Knowledge | Service


@dataclass(frozen=True)
class Model(Identified):
    """A whole file.

    Attributes:
        names: that FEEL text of it may use.
    """

    name: str
    namespace: str
    items: Sequence[ItemDefinition] = ()
    elements: Sequence[Element] = ()
    imports: Sequence[Import] = ()
    names: frozenset[str] = field(default_factory=frozenset)
