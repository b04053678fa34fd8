"""Reads DMN files: XML of the versions 1.2 to 1.5, without entities, of a bounded size."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Iterator as Iterating
from typing import Any
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
_MAX_DEPTH = 120
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
    _spread_language(root)
    return _model(root)


def _spread_language(root: Xml) -> None:
    """Say at each expression which language it is in, where the whole file is not in FEEL."""
    language = root.get("expressionLanguage", "")
    if language and "feel" not in language.lower():
        for node in root.iter():
            if _tag(node) == "literalExpression" and not node.get("expressionLanguage"):
                node.set("expressionLanguage", language)


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


def _described(node: Xml) -> dict[str, str]:
    return {"description": _text(_one(node, "description")), "label": node.get("label", "")}


def _identified(node: Xml) -> dict[str, str]:
    return _described(node) | {"id": node.get("id", "")}


def _information(node: Xml, fallback: str = "") -> Variable:
    return Variable(node.get("name") or fallback, _type(node), **_identified(node))


def _variable(node: Xml, fallback: str = "") -> Variable:
    inner = _one(node, "variable")
    if inner is None:
        return Variable(fallback or node.get("name", ""))
    return _information(inner, fallback)


def _texts(node: Xml, tag: str) -> list[str]:
    return [_text(each) for each in _all(node, tag)]


def _type(node: Xml) -> str:
    inner = _one(node, "typeRef")
    text = node.get("typeRef") or (inner.text if inner is not None else "") or ""
    return text.strip().removeprefix("feel:")


def _model(root: Xml) -> Model:
    elements = [element for node in root for element in _element(node)]
    # Drawn with their own prefix: an import's elements stand in a context of its name.
    imports = [
        Import(
            each.get("name", ""),
            each.get("namespace", ""),
            each.get("locationURI", ""),
            **_identified(each),
        )
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
        **_identified(root),
    )


def _names(root: Xml) -> Iterating[str]:
    """Yield every name that FEEL text of a model may use."""
    for node in root.iter():
        name = node.get("name")
        if name and _tag(node) in _NAMING:
            yield name


_NAMING = {
    "businessKnowledgeModel",
    "column",
    "decision",
    "decisionService",
    "formalParameter",
    "import",
    "inputData",
    "itemComponent",
    "output",
    "parameter",
    "parameters",
    "variable",
}


def _element(node: Xml) -> Iterating[Element]:
    own, variable = node.get("id", ""), _variable(node, node.get("name", ""))
    # Kept where it differs; only the variable's is used.
    name = node.get("name", "")
    name = "" if name == variable.name else name
    told: Any = _described(node)
    match _tag(node):
        case "inputData":
            yield InputData(own, variable, name, **told)
        case "decision":
            yield _decision(node, variable, name)
        case "businessKnowledgeModel":
            logic = _one(node, "encapsulatedLogic")
            function = None if logic is None else _function(logic)
            requires = [each for each, _ in _required(node)]
            yield Knowledge(own, variable, requires, function, name, **told)
        case "decisionService":
            outputs, inside, decisions, data = (_hrefs(_all(node, tag)) for tag in _SERVED)
            yield Service(own, variable, outputs, inside, decisions, data, name, **told)


_SERVED = ("outputDecision", "encapsulatedDecision", "inputDecision", "inputData")


def _decision(node: Xml, variable: Variable, name: str) -> Decision:
    required = _required(node)
    # Only a reference to another model does not say by itself what it points to.
    is_own = all(reference.startswith("#") for reference, _ in required)
    told: Any = _described(node)
    return Decision(
        node.get("id", ""),
        variable,
        [reference for reference, _ in required],
        _expression_in(node),
        name,
        _text(_one(node, "question")),
        _text(_one(node, "allowedAnswers")),
        [] if is_own else [kind for _, kind in required],
        **told,
    )


def _hrefs(nodes: Iterable[Xml]) -> list[str]:
    return [node.get("href", "") for node in nodes]


def _required(node: Xml) -> list[tuple[str, str]]:
    """Return the references of what an element requires, and what they point to."""
    wanted = ("informationRequirement", "knowledgeRequirement")
    return [
        (each.get("href", ""), _tag(each).removeprefix("required"))
        for requirement in _all(node, *wanted)
        for each in _all(requirement, "requiredDecision", "requiredInput", "requiredKnowledge")
    ]


def _item(node: Xml) -> ItemDefinition:
    function = _one(node, "functionItem")
    parameters = [] if function is None else list(_all(function, "parameters"))
    result = "" if function is None else function.get("outputTypeRef", "")
    return ItemDefinition(
        name=node.get("name", ""),
        base=_type(node),
        is_list=node.get("isCollection", "") in {"true", "1"},
        allowed=_text(_one(node, "allowedValues")),
        constraint=_text(_one(node, "typeConstraint")),
        components=[_item(each) for each in _all(node, "itemComponent")],
        is_function=function is not None,
        parameters=[_type(each) for each in parameters],
        result=result.removeprefix("feel:"),
        parameter_names=[each.get("name", "") for each in parameters],
        **_identified(node),
    )


def _expression_in(node: Xml | None) -> Expression | None:
    found = None if node is None else _one(node, *_READERS)
    return None if found is None else _expression(found)


def _needed(node: Xml | None) -> Expression:
    return _expression_in(node) or Literal("null")


def _expression(node: Xml) -> Expression:
    return _READERS[_tag(node)](node)


def _literal(node: Xml) -> Literal:
    language = node.get("expressionLanguage", "")
    return Literal(_text(_one(node, "text")), _type(node), language, **_identified(node))


def _boxed_context(node: Xml) -> BoxedContext:
    entries = [
        Entry(
            None if _one(each, "variable") is None else _variable(each),
            _needed(each),
            **_identified(each),
        )
        for each in _all(node, "contextEntry")
    ]
    return BoxedContext(entries, _type(node), **_identified(node))


def _invocation(node: Xml) -> Invocation:
    bindings = [(_parameter(each), _needed(each)) for each in _all(node, "binding")]
    return Invocation(_needed(node), bindings, _type(node), **_identified(node))


def _boxed_list(node: Xml) -> BoxedList:
    items = [_expression(each) for each in _all(node, *_READERS)]
    return BoxedList(items, _type(node), **_identified(node))


def _relation(node: Xml) -> Relation:
    columns = list(_all(node, "column"))
    names, types = [each.get("name", "") for each in columns], [_type(each) for each in columns]
    rows = [[_expression(each) for each in _all(row, *_READERS)] for row in _all(node, "row")]
    return Relation(names, rows, _type(node), types, **_identified(node))


def _conditional(node: Xml) -> Conditional:
    condition, then, otherwise = (_needed(_one(node, tag)) for tag in ("if", "then", "else"))
    return Conditional(condition, then, otherwise, _type(node), **_identified(node))


def _filter(node: Xml) -> BoxedFilter:
    source, match = _needed(_one(node, "in")), _needed(_one(node, "match"))
    return BoxedFilter(source, match, _type(node), **_identified(node))


def _iterator(node: Xml) -> Iterator:
    body = _needed(_one(node, "return", "satisfies"))
    variable = node.get("iteratorVariable", "")
    source = _needed(_one(node, "in"))
    return Iterator(_tag(node), variable, source, body, _type(node), **_identified(node))


def _parameter(node: Xml) -> str:
    inner = _one(node, "parameter")
    return "" if inner is None else inner.get("name", "")


def _function(node: Xml) -> FunctionDefinition:
    parameters = [_information(each) for each in _all(node, "formalParameter")]
    kind = node.get("kind", "FEEL")
    return FunctionDefinition(
        parameters, _expression_in(node), kind, _type(node), **_identified(node)
    )


def _table(node: Xml) -> DecisionTable:
    return DecisionTable(
        [_input(each) for each in _all(node, "input")],
        [_output(each) for each in _all(node, "output")],
        [_rule(each) for each in _all(node, "rule")],
        node.get("hitPolicy", "UNIQUE").upper(),
        node.get("aggregation", "").upper(),
        _type(node),
        [each.get("name", "") for each in _all(node, "annotation")],
        node.get("preferredOrientation", ""),
        node.get("outputLabel", ""),
        **_identified(node),
    )


def _input(node: Xml) -> Input:
    expression = _one(node, "inputExpression")
    typed = "" if expression is None else _type(expression)
    values = _text(_one(node, "inputValues"))
    return Input(_text(expression), typed, values, **_identified(node))


def _output(node: Xml) -> Output:
    values, default = _text(_one(node, "outputValues")), _text(_one(node, "defaultOutputEntry"))
    return Output(node.get("name", ""), _type(node), values, default, **_identified(node))


def _rule(node: Xml) -> Rule:
    tags = ("inputEntry", "outputEntry", "annotationEntry")
    return Rule(*(_texts(node, tag) for tag in tags), **_identified(node))


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
