"""Reads DMN files: XML of the versions 1.2 to 1.5, without entities, of a bounded size."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Iterator as Iterating
from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from longmai.kernel.errors import Invalid, TooLarge
from longmai.rules.dmn.model import (
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

MAX_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 200
_VERSIONS = ("20180521", "20191111", "20211108", "20230324")


def read_model(data: bytes, place: str = "") -> Model:
    """Read a model.

    Args:
        data: of the file.
        place: its name, for errors.

    Raises:
        TooLarge: more than we take.
        Invalid: no XML, not DMN 1.2 to 1.5, or nested too deep.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(f"a model has at most {MAX_BYTES // 1024 // 1024} MiB", code="dmn.size")
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Invalid(
            "not an XML file that is safe to read", code="dmn.xml", place=place, value=str(error)
        ) from None
    if _tag(root) != "definitions" or not any(version in root.tag for version in _VERSIONS):
        raise Invalid(
            "not a decision model of DMN 1.2 to 1.5",
            code="dmn.version",
            place=place,
            value=root.tag,
            mend="save it in one of these versions",
        )
    _check_depth(root, place)
    return _model(root)


def _check_depth(root: Xml, place: str) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise Invalid("the model is nested too deep", code="dmn.depth", place=place)
        level = [child for each in level for child in each]


def _tag(node: Xml) -> str:
    return str(node.tag).rpartition("}")[2]


def _all(node: Xml, *tags: str) -> Iterating[Xml]:
    return (child for child in node if _tag(child) in tags)


def _one(node: Xml, *tags: str) -> Xml | None:
    return next(_all(node, *tags), None)


def _text(node: Xml | None) -> str:
    if node is None:
        return ""
    inner = _one(node, "text")
    return ((node if inner is None else inner).text or "").strip()


def _variable(node: Xml, fallback: str = "") -> Variable:
    inner = _one(node, "variable")
    if inner is None:
        return Variable(fallback or node.get("name", ""))
    return Variable(inner.get("name") or fallback, _type(inner))


def _type(node: Xml) -> str:
    inner = _one(node, "typeRef")
    text = node.get("typeRef") or (inner.text if inner is not None else "") or ""
    return text.strip().removeprefix("feel:")


def _model(root: Xml) -> Model:
    elements = [element for node in root for element in _element(node)]
    # Drawn with their own prefix: an import's elements stand in a context of its name.
    imports = [
        Import(each.get("name", ""), each.get("namespace", ""))
        for each in _all(root, "import")
        if "DMN" in each.get("importType", "DMN").upper() or "MODEL" in each.get("importType", "")
    ]
    items = [_item(each) for each in _all(root, "itemDefinition")]
    return Model(
        root.get("name", ""),
        root.get("namespace", ""),
        items,
        elements,
        imports,
        frozenset(_names(root)),
    )


def _names(root: Xml) -> Iterating[str]:
    """Yield every name that anything in a model has: FEEL text may use any of them."""
    for node in root.iter():
        name = node.get("name")
        if name and _tag(node) not in _NO_NAMES:
            yield name


def _element(node: Xml) -> Iterating[Element]:
    own, name = node.get("id", ""), node.get("name", "")
    match _tag(node):
        case "inputData":
            yield InputData(own, _variable(node, name))
        case "decision":
            yield Decision(own, _variable(node, name), _required(node), _expression_in(node))
        case "businessKnowledgeModel":
            logic = _one(node, "encapsulatedLogic")
            function = None if logic is None else _function(logic)
            yield Knowledge(own, _variable(node, name), _required(node), function)
        case "decisionService":
            yield Service(
                own,
                _variable(node, name),
                *(
                    _hrefs(_all(node, tag))
                    for tag in (
                        "outputDecision",
                        "encapsulatedDecision",
                        "inputDecision",
                        "inputData",
                    )
                ),
            )


def _hrefs(nodes: Iterable[Xml]) -> list[str]:
    return [node.get("href", "") for node in nodes]


def _required(node: Xml) -> list[str]:
    wanted = ("informationRequirement", "knowledgeRequirement")
    return [
        each.get("href", "")
        for requirement in _all(node, *wanted)
        for each in _all(requirement, "requiredDecision", "requiredInput", "requiredKnowledge")
    ]


def _item(node: Xml) -> ItemDefinition:
    function = _one(node, "functionItem")
    return ItemDefinition(
        name=node.get("name", ""),
        base=_type(node),
        is_list=node.get("isCollection", "") in {"true", "1"},
        allowed=_text(_one(node, "allowedValues")),
        constraint=_text(_one(node, "typeConstraint")),
        components=[_item(each) for each in _all(node, "itemComponent")],
        is_function=function is not None,
        parameters=[]
        if function is None
        else [_type(each) for each in _all(function, "parameters")],
        result="" if function is None else function.get("outputTypeRef", "").removeprefix("feel:"),
    )


# Their names are shown, or name the file; FEEL text cannot use them.
_NO_NAMES = {
    "definitions",
    "input",
    "inputClause",
    "itemDefinition",
    "parameter",
    "decisionTable",
    "annotation",
}


def _expression_in(node: Xml | None) -> Expression | None:
    found = None if node is None else _one(node, *_READERS)
    return None if found is None else _expression(found)


def _needed(node: Xml | None) -> Expression:
    return _expression_in(node) or Literal("null")


def _expression(node: Xml) -> Expression:
    return _READERS[_tag(node)](node)


def _literal(node: Xml) -> Literal:
    return Literal(_text(_one(node, "text")), _type(node), node.get("expressionLanguage", ""))


def _boxed_context(node: Xml) -> BoxedContext:
    entries = [
        Entry(None if _one(each, "variable") is None else _variable(each), _needed(each))
        for each in _all(node, "contextEntry")
    ]
    return BoxedContext(entries, _type(node))


def _invocation(node: Xml) -> Invocation:
    bindings = [(_parameter(each), _needed(each)) for each in _all(node, "binding")]
    return Invocation(_needed(node), bindings, _type(node))


def _boxed_list(node: Xml) -> BoxedList:
    return BoxedList([_expression(each) for each in _all(node, *_READERS)], _type(node))


def _relation(node: Xml) -> Relation:
    columns = [each.get("name", "") for each in _all(node, "column")]
    rows = [[_expression(each) for each in _all(row, *_READERS)] for row in _all(node, "row")]
    return Relation(columns, rows, _type(node))


def _conditional(node: Xml) -> Conditional:
    condition, then, otherwise = (_needed(_one(node, tag)) for tag in ("if", "then", "else"))
    return Conditional(condition, then, otherwise, _type(node))


def _filter(node: Xml) -> BoxedFilter:
    return BoxedFilter(_needed(_one(node, "in")), _needed(_one(node, "match")), _type(node))


def _iterator(node: Xml) -> Iterator:
    body = _needed(_one(node, "return", "satisfies"))
    variable = node.get("iteratorVariable", "")
    return Iterator(_tag(node), variable, _needed(_one(node, "in")), body, _type(node))


def _parameter(node: Xml) -> str:
    inner = _one(node, "parameter")
    return "" if inner is None else inner.get("name", "")


def _function(node: Xml) -> FunctionDefinition:
    parameters = [
        Variable(each.get("name", ""), _type(each)) for each in _all(node, "formalParameter")
    ]
    return FunctionDefinition(
        parameters, _expression_in(node), node.get("kind", "FEEL"), _type(node)
    )


def _table(node: Xml) -> DecisionTable:
    inputs = []
    for each in _all(node, "input"):
        expression = _one(each, "inputExpression")
        typed = "" if expression is None else _type(expression)
        inputs.append(Input(_text(expression), typed, _text(_one(each, "inputValues"))))
    outputs = [
        Output(
            each.get("name", ""),
            _type(each),
            _text(_one(each, "outputValues")),
            _text(_one(each, "defaultOutputEntry")),
        )
        for each in _all(node, "output")
    ]
    rules = [
        Rule(
            [_text(each) for each in _all(rule, "inputEntry")],
            [_text(each) for each in _all(rule, "outputEntry")],
            [_text(each) for each in _all(rule, "annotationEntry")],
        )
        for rule in _all(node, "rule")
    ]
    policy = node.get("hitPolicy", "UNIQUE").upper()
    return DecisionTable(
        inputs,
        outputs,
        rules,
        policy,
        node.get("aggregation", "").upper(),
        _type(node),
        [each.get("name", "") for each in _all(node, "annotation")],
    )


_READERS: Mapping[str, Callable[[Xml], Expression]] = {
    "literalExpression": _literal,
    "context": _boxed_context,
    "decisionTable": _table,
    "invocation": _invocation,
    "list": _boxed_list,
    "relation": _relation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iterator,
    "some": _iterator,
    "every": _iterator,
}
