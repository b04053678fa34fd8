"""How models run: order, depth, services, imports, types; and where problems stand."""

from decimal import Decimal
from typing import Any

import pytest
from tests.rules.dmn.models import decision, definitions, engine, inputs, literal, table

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.running import Engine

MANY = 3_000


def needs(*hrefs: str, kind: str = "Decision") -> str:
    """Write what an element requires."""
    word = "knowledge" if kind == "Knowledge" else "information"
    return "".join(
        f'<{word}Requirement><required{kind} href="#{each}"/></{word}Requirement>' for each in hrefs
    )


def element(name: str, logic: str, required: str = "", type_: str = "Any") -> str:
    """Write a decision with what it requires."""
    variable = f'<variable name="{name}" typeRef="{type_}"/>'
    return f'<decision id="{name}" name="{name}">{variable}{required}{logic}</decision>'


def knowledge(name: str, text: str, *parameters: str, required: str = "") -> str:
    """Write a business knowledge model."""
    takes = "".join(f'<formalParameter name="{each}" typeRef="number"/>' for each in parameters)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{takes}{literal(text)}</encapsulatedLogic>{required}"
        "</businessKnowledgeModel>"
    )


def value(body: str, name: str = "d", **given: Any) -> Any:
    """Return what a decision comes to."""
    return engine(body).decide(name, given).value


def test_a_chain_of_thousands_of_decisions_is_decided() -> None:
    """Each requires the one before."""
    body = element("d0", literal("1")) + "".join(
        element(f"d{i}", literal(f"d{i - 1} + 1"), needs(f"d{i - 1}")) for i in range(1, MANY)
    )
    assert value(body, f"d{MANY - 1}") == MANY


def test_a_chain_of_thousands_of_knowledge_models_ends_in_a_sentence() -> None:
    """It is required in a loop; called within each other they end at a bound of ours."""
    body = knowledge("k0", "x", "x") + "".join(
        knowledge(f"k{i}", f"k{i - 1}(x) + 1", "x", required=needs(f"k{i - 1}", kind="Knowledge"))
        for i in range(1, MANY)
    )
    shallow = element("d", literal("k9(1)"), needs("k9", kind="Knowledge"))
    deep = element("e", literal(f"k{MANY - 1}(1)"), needs(f"k{MANY - 1}", kind="Knowledge"))
    own = engine(body + shallow + deep)
    assert own.decide("d", {}).value == 10
    found = own.decide("e", {})
    assert found.value is None
    assert any("deep" in problem.what for problem in found.problems)


def test_knowledge_models_may_call_each_other() -> None:
    """Even and odd, by each other."""
    even = knowledge(
        "e", "if x = 0 then true else o(x - 1)", "x", required=needs("o", kind="Knowledge")
    )
    odd = knowledge(
        "o", "if x = 0 then false else e(x - 1)", "x", required=needs("e", kind="Knowledge")
    )
    asked = element(
        "d",
        literal("[e(10), e(7), o(7)]"),
        needs("e", kind="Knowledge") + needs("o", kind="Knowledge"),
    )
    assert value(even + odd + asked) == [True, False, True]


def test_contexts_nested_deep_are_run_or_refused() -> None:
    """However many stand within each other."""
    for depth in (10, 40, 90, 1_000):
        opening = '<context><contextEntry><variable name="a"/>' * depth
        logic = opening + literal("1") + "</contextEntry></context>" * depth
        try:
            found = value(element("d", logic))
        except Invalid as error:
            told = error.what
        else:
            told = ""
            for _ in range(depth):
                found = found["a"]
            assert found == 1
        assert ("deep" in told) == (depth > 50)


SERVICE = (
    inputs(x="number")
    + element(
        "a",
        literal("x + 1"),
        '<informationRequirement><requiredInput href="#x"/></informationRequirement>',
    )
    + element("b", literal("a * 2"), needs("a"))
    + '<decisionService id="one" name="one"><variable name="one"/><outputDecision href="#b"/>'
    '<encapsulatedDecision href="#a"/><inputData href="#x"/></decisionService>'
    '<decisionService id="two" name="two"><variable name="two"/><outputDecision href="#a"/>'
    '<outputDecision href="#b"/><inputData href="#x"/></decisionService>'
    '<decisionService id="given" name="given"><variable name="given"/>'
    '<outputDecision href="#b"/><inputDecision href="#a"/></decisionService>'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one(2)", Decimal(6)),
        ("one(x: 2)", Decimal(6)),
        ("one(y: 2)", None),
        ("one()", None),
        ("one(1, 2)", None),
        ('one("a")', None),
        ("two(2)", {"a": Decimal(3), "b": Decimal(6)}),
        ("two(2).b", Decimal(6)),
        ("given(10)", Decimal(20)),
        ("given(a: 10)", Decimal(20)),
        ("one instance of function<number> -> number", True),
    ],
)
def test_services_are_functions(text: str, expected: Any) -> None:
    """By position and name; of several outputs a context; input decisions are given."""
    asked = element(
        "d", literal(text), "".join(needs(n, kind="Knowledge") for n in ("one", "two", "given"))
    )
    assert value(SERVICE + asked) == expected


def test_services_are_asked_from_outside() -> None:
    """What is not given is null."""
    own = engine(SERVICE)
    assert own.invoke("two", {"x": Decimal(1)}).value == {"a": Decimal(2), "b": Decimal(4)}
    assert own.invoke("one", {}).value is None


def test_an_import_within_an_import() -> None:
    """Its elements stand in a context of its name; its types under it."""

    def model(namespace: str, body: str) -> bytes:
        return definitions(body).replace(b"urn:m", namespace.encode())

    kind = "http://www.omg.org/spec/DMN/20230324/MODEL/"
    inner = model(
        "urn:c",
        '<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues>'
        "<text>[0..150]</text></allowedValues></itemDefinition>" + inputs(age="tAge"),
    )
    middle = model(
        "urn:b",
        f'<import name="c" namespace="urn:c" importType="{kind}"/>'
        + element(
            "grown up",
            literal("c.age &gt;= 18".replace("&gt;", ">")),
            '<informationRequirement><requiredInput href="urn:c#age"/></informationRequirement>',
        ).replace('id="grown up"', 'id="g"'),
    )
    outer = model(
        "urn:a",
        f'<import name="b" namespace="urn:b" importType="{kind}"/>'
        + element(
            "d",
            literal('if b.grown up then "yes" else "no"'),
            '<informationRequirement><requiredDecision href="urn:b#g"/></informationRequirement>',
        ),
    )
    models = [read_model(each) for each in (outer, middle, inner)]
    own = Engine(models[0], {each.namespace: each for each in models})
    assert own.decide("d", {"b": {"c": {"age": Decimal(20)}}}).value == "yes"
    assert own.decide("d", {"{urn:c}age": Decimal(7)}).value == "no"
    found = own.decide("d", {"{urn:c}age": Decimal(200)})
    assert found.value == "no"
    assert found.problems[0].place == "input 'age'"


OUTPUTS = (
    '<output name="a"><outputValues><text>"x","y"</text></outputValues>{0}</output>'
    '<output name="b"><outputValues><text>3,2,1</text></outputValues>{1}</output>'
)


def wide(policy: str, *rows: tuple[str, str, str], has_default: bool = False) -> str:
    """Write a table of one input and two outputs."""
    texts = (
        '<defaultOutputEntry><text>"y"</text></defaultOutputEntry>',
        "<defaultOutputEntry><text>0</text></defaultOutputEntry>",
    )
    body = OUTPUTS.format(*(texts if has_default else ("", "")))
    rules = "".join(
        f"<rule><inputEntry><text>{test}</text></inputEntry><outputEntry><text>{a}</text>"
        f"</outputEntry><outputEntry><text>{b}</text></outputEntry></rule>"
        for test, a, b in rows
    )
    return (
        f'<decisionTable hitPolicy="{policy}"><input><inputExpression><text>x</text>'
        f"</inputExpression></input>{body}{rules}</decisionTable>"
    )


ROWS = (("&gt; 0", '"y"', "3"), ("&gt; 1", '"x"', "1"), ("&gt; 2", '"x"', "2"))


@pytest.mark.parametrize(
    ("policy", "x", "expected"),
    [
        ("PRIORITY", 3, {"a": "x", "b": 2}),
        ("PRIORITY", 1, {"a": "y", "b": 3}),
        ("PRIORITY", 0, None),
        ("OUTPUT ORDER", 3, [{"a": "x", "b": 2}, {"a": "x", "b": 1}, {"a": "y", "b": 3}]),
        ("OUTPUT ORDER", 0, []),
        ("RULE ORDER", 2, [{"a": "y", "b": 3}, {"a": "x", "b": 1}]),
        ("COLLECT", 2, [{"a": "y", "b": 3}, {"a": "x", "b": 1}]),
        ("UNIQUE", 1, {"a": "y", "b": 3}),
        ("UNIQUE", 2, None),
        ("ANY", 2, None),
        ("FIRST", 3, {"a": "y", "b": 3}),
    ],
)
def test_tables_of_two_outputs(policy: str, x: int, expected: Any) -> None:
    """The first column of values counts first, then the second."""
    body = inputs(x="number") + decision("d", wide(policy, *ROWS), "x")
    assert value(body, x=Decimal(x)) == expected


def test_a_default_stands_where_no_rule_matches() -> None:
    """For null, too; and a table without rules is all default."""
    for rows in (ROWS, ()):
        body = inputs(x="number") + decision("d", wide("UNIQUE", *rows, has_default=True), "x")
        assert value(body, x=None) == {"a": "y", "b": 0}
    assert value(decision("d", table("UNIQUE", [], []))) is None


def test_a_type_may_hold_itself_but_not_be_itself() -> None:
    """A tree is a type; a name for its own name fits nothing."""
    items = (
        '<itemDefinition name="tTree"><itemComponent name="n"><typeRef>number</typeRef>'
        '</itemComponent><itemComponent name="c" isCollection="true"><typeRef>tTree</typeRef>'
        '</itemComponent></itemDefinition><itemDefinition name="tA"><typeRef>tB</typeRef>'
        '</itemDefinition><itemDefinition name="tB"><typeRef>tA</typeRef></itemDefinition>'
    )
    tree = "{n: 1, c: [{n: 2, c: []}]}"
    assert value(items + decision("d", literal(tree), type_="tTree")) is not None
    wrong = tree.replace("n: 2", 'n: "a"')
    assert value(items + decision("d", literal(wrong), type_="tTree")) is None
    assert value(items + decision("d", literal("1"), type_="tA")) is None
    assert value(items + decision("d", literal("1 instance of tA"))) is False


def test_problems_say_where_and_what() -> None:
    """Decision, rule and output, line and column, and the value as FEEL writes it."""
    logic = table("UNIQUE", ["> 1", "< <"], ['x +\n  "a"', "1"])
    own = engine(inputs(x="number") + decision("d", logic, "x", type_="string"))
    found = own.decide("d", {"x": Decimal("2.50")})
    assert found.value is None
    assert list(map(str, found.problems)) == [
        f"decision 'd', {each}"
        for each in (
            "rule 2, input 1, line 1, column 3: an expression is missing here, before '<'",
            'rule 1, output 1, line 1, column 3: number + string is not defined (got 2.50, "a")',
        )
    ]
    other = own.decide("d", {"x": "long" * 100}).problems[0]
    assert other.place == "input 'x'"
    assert len(other.value) < 110


def test_a_table_that_lacks_cells_is_run() -> None:
    """Missing tests match, missing conclusions are null, cells without a column are not read."""
    cells = "".join(f"<inputEntry><text>{i}</text></inputEntry>" for i in (1, 2))
    rule = f"<rule>{cells}</rule>"
    head = "<input><inputExpression><text>x</text></inputExpression></input>"
    for columns, expected in ((head, None), (head * 2, None), ("", None)):
        logic = f"<decisionTable>{columns}<output/>{rule}</decisionTable>"
        assert value(inputs(x="number") + decision("d", logic, "x"), x=Decimal(1)) == expected
    assert value(decision("d", "<decisionTable/>")) is None


def test_what_is_not_feel_is_null() -> None:
    """Another language, a function of PMML, an encapsulated logic that is missing."""
    other = '<literalExpression expressionLanguage="urn:other"><text>1</text></literalExpression>'
    assert value(decision("d", other)) is None
    pmml = f'<functionDefinition kind="PMML">{literal("1")}</functionDefinition>'
    assert value(decision("d", pmml)) is None
    empty = '<businessKnowledgeModel id="k" name="k"><variable name="k"/></businessKnowledgeModel>'
    assert value(empty + element("d", literal("k(1)"), needs("k", kind="Knowledge"))) is None


def test_models_that_import_each_other_without_end() -> None:
    """Every one imports every other: refused, in a sentence."""
    kind = "http://www.omg.org/spec/DMN/20230324/MODEL/"
    count = 12
    models = {}
    for i in range(count):
        body = "".join(
            f'<import name="m{j}" namespace="urn:m{j}" importType="{kind}"/>' for j in range(count)
        )
        own = read_model(definitions(body).replace(b'urn:m"', f'urn:m{i}"'.encode(), 1))
        models[own.namespace] = own
    with pytest.raises(Invalid, match="import each other"):
        Engine(models["urn:m0"], models)
