"""A decision model as values: what stands in the file, without its XML."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Variable:
    """A name and the type its values have; an empty type is any."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class Literal:
    """A FEEL expression."""

    text: str
    type: str = ""
    language: str = ""


@dataclass(frozen=True)
class Entry:
    """An entry of a boxed context; without a variable it is the result."""

    variable: Variable | None
    expression: "Expression"


@dataclass(frozen=True)
class BoxedContext:
    """Entries one after the other."""

    entries: Sequence[Entry]
    type: str = ""


@dataclass(frozen=True)
class BoxedList:
    """A list of expressions."""

    items: Sequence["Expression"]
    type: str = ""


@dataclass(frozen=True)
class Relation:
    """A table of expressions: a list of contexts."""

    columns: Sequence[str]
    rows: Sequence[Sequence["Expression"]]
    type: str = ""


@dataclass(frozen=True)
class Invocation:
    """A call of a function by the names of its parameters."""

    function: "Expression"
    bindings: Sequence[tuple[str, "Expression"]]
    type: str = ""


@dataclass(frozen=True)
class FunctionDefinition:
    """A function; of a kind other than FEEL it is not run."""

    parameters: Sequence[Variable]
    body: "Expression | None"
    kind: str = "FEEL"
    type: str = ""


@dataclass(frozen=True)
class Conditional:
    """If, then, else."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    type: str = ""


@dataclass(frozen=True)
class BoxedFilter:
    """The items of a list that match."""

    source: "Expression"
    match: "Expression"
    type: str = ""


@dataclass(frozen=True)
class Iterator:
    """``for``, ``some`` or ``every`` over a list."""

    kind: str
    variable: str
    source: "Expression"
    body: "Expression"
    type: str = ""


@dataclass(frozen=True)
class Input:
    """A column of conditions: what is looked at, and the values it may have."""

    expression: str
    type: str = ""
    values: str = ""


@dataclass(frozen=True)
class Output:
    """A column of conclusions, the values it may have (the first counts most), its default."""

    name: str
    type: str = ""
    values: str = ""
    default: str = ""


@dataclass(frozen=True)
class Rule:
    """A row: a test of each input, an expression of each output, a text of each annotation."""

    tests: Sequence[str]
    conclusions: Sequence[str]
    annotations: Sequence[str] = ()


@dataclass(frozen=True)
class DecisionTable:
    """Conditions and conclusions; the hit policy says what counts where several rules match."""

    inputs: Sequence[Input]
    outputs: Sequence[Output]
    rules: Sequence[Rule]
    hit_policy: str = "UNIQUE"
    aggregation: str = ""
    type: str = ""
    annotations: Sequence[str] = ()


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
class ItemDefinition:
    """A type: of another, of components, or a function; perhaps a list of it.

    Attributes:
        base: name of the type it is made of; empty for components and functions.
        allowed: unary tests that its values pass, each by itself in a list; empty: any.
        constraint: unary tests that its value passes, a list as a whole; empty: any.
        result: of a function type; ``parameters`` are its parameters' types.
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


@dataclass(frozen=True)
class InputData:
    """What is given from outside."""

    id: str
    variable: Variable


@dataclass(frozen=True)
class Decision:
    """What is decided, from what, and how.

    Attributes:
        requires: references to what its expression sees: input data, decisions, knowledge.
    """

    id: str
    variable: Variable
    requires: Sequence[str]
    expression: Expression | None


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model: a function that decisions call."""

    id: str
    variable: Variable
    requires: Sequence[str]
    function: FunctionDefinition | None


@dataclass(frozen=True)
class Service:
    """A decision service: decisions that are asked for together, as a function."""

    id: str
    variable: Variable
    outputs: Sequence[str]
    encapsulated: Sequence[str]
    input_decisions: Sequence[str]
    input_data: Sequence[str]


@dataclass(frozen=True)
class Import:
    """Another model, whose elements stand under a name here."""

    name: str
    namespace: str


Element = InputData | Decision | Knowledge | Service


@dataclass(frozen=True)
class Model:
    """A whole file."""

    name: str
    namespace: str
    items: Sequence[ItemDefinition] = ()
    elements: Sequence[Element] = ()
    imports: Sequence[Import] = ()
    names: frozenset[str] = field(default_factory=frozenset)
