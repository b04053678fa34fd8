"""Writes models as DMN 1.5 files: what reading gives, and no more.

Reading what is written gives the same model. The drawing (DMNDI), texts beside it and sources of
knowledge are no part of the model, and are not written.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import SubElement, indent, register_namespace, tostring

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedList,
    Conditional,
    Decision,
    DecisionTable,
    Described,
    Element,
    Expression,
    FunctionDefinition,
    Import,
    InputData,
    Invocation,
    ItemDefinition,
    Iterator,
    Knowledge,
    Literal,
    Model,
    Relation,
    Rule,
    Service,
    Variable,
)

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KINDS = {InputData: "Input", Decision: "Decision", Knowledge: "Knowledge", Service: "Knowledge"}


def write_model(model: Model) -> bytes:
    """Return the file of a model, in UTF-8; the same bytes for the same model.

    >>> write_model(Model("m", "urn:m")).splitlines()[1].split()[0]
    b'<definitions'

    Raises:
        Invalid: a text holds a character that XML cannot.
    """
    root = _described(Xml(_tag("definitions")), model)
    _set(root, name=model.name, namespace=model.namespace)
    # The schema asks for a name even where nobody gave one.
    root.attrib.setdefault("name", "")
    root.attrib.setdefault("namespace", "")
    for each in model.imports:
        _import(root, each)
    for item in model.items:
        _item(root, "itemDefinition", item)
    kinds = {f"#{each.id}": _KINDS[type(each)] for each in model.elements}
    for element in model.elements:
        _ELEMENTS[type(element)](root, element, kinds)
    return _bytes(root)


def _bytes(root: Xml) -> bytes:
    for node in root.iter():
        for text in (node.text or "", *node.attrib.values()):
            if _NO_XML.search(text):
                raise Invalid(
                    "a text holds a character that XML cannot", code="dmn.xml", value=text
                )
    indent(root)
    register_namespace("", NAMESPACE)
    written = tostring(root, encoding="unicode", default_namespace=None)
    # A reader of XML makes a line end of a bare carriage return.
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'.replace("\r", "&#13;").encode()


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _set(node: Xml, /, **values: str) -> Xml:
    for name, value in values.items():
        if value:
            node.set(name, value)
    return node


def _described(node: Xml, told: Described) -> Xml:
    _set(node, id=getattr(told, "id", ""), label=told.label)
    if told.description:
        SubElement(node, _tag("description")).text = told.description
    return node


def _add(parent: Xml, tag: str, told: Described | None = None, /, **values: str) -> Xml:
    node = SubElement(parent, _tag(tag))
    if told is not None:
        _described(node, told)
    return _set(node, **values)


def _named(parent: Xml, tag: str, name: str, told: Described | None = None, type_: str = "") -> Xml:
    node = _add(parent, tag, told, typeRef=type_)
    node.set("name", name)
    return node


def _text(parent: Xml, tag: str, text: str, type_: str = "") -> None:
    node = _add(parent, tag, typeRef=type_)
    SubElement(node, _tag("text")).text = text


def _import(root: Xml, each: Import) -> None:
    node = _named(root, "import", each.name, each)
    node.set("namespace", each.namespace)
    node.set("importType", NAMESPACE)
    _set(node, locationURI=each.location)


def _item(parent: Xml, tag: str, item: ItemDefinition) -> None:
    node = _named(parent, tag, item.name, item)
    if item.is_list:
        node.set("isCollection", "true")
    if item.is_function:
        function = _add(node, "functionItem", outputTypeRef=item.result)
        names = [*item.parameter_names, *[""] * len(item.parameters)]
        for name, type_ in zip(names, item.parameters, strict=False):
            _named(function, "parameters", name, type_=type_)
        return
    if item.base:
        SubElement(node, _tag("typeRef")).text = item.base
    if item.allowed:
        _text(node, "allowedValues", item.allowed)
    if item.constraint:
        _text(node, "typeConstraint", item.constraint)
    for each in item.components:
        _item(node, "itemComponent", each)


def _variable(parent: Xml, variable: Variable, tag: str = "variable") -> None:
    _named(parent, tag, variable.name, variable, variable.type)


def _element(root: Xml, tag: str, element: Any) -> Xml:
    return _named(root, tag, element.name or element.variable.name, element)


def _input_data(root: Xml, element: InputData, _kinds: Mapping[str, str]) -> None:
    _variable(_element(root, "inputData", element), element.variable)


def _decision(root: Xml, decision: Decision, kinds: Mapping[str, str]) -> None:
    node = _element(root, "decision", decision)
    for tag, text in (
        ("question", decision.question),
        ("allowedAnswers", decision.allowed_answers),
    ):
        if text:
            SubElement(node, _tag(tag)).text = text
    _variable(node, decision.variable)
    own = decision.kinds or [kinds.get(each, "Decision") for each in decision.requires]
    _requirements(node, list(zip(decision.requires, own, strict=False)))
    if decision.expression is not None:
        _expression(node, decision.expression)


def _requirements(node: Xml, required: Sequence[tuple[str, str]]) -> None:
    # The schema wants what is known before what is called.
    for reference, kind in sorted(required, key=lambda each: each[1] == "Knowledge"):
        word = "knowledge" if kind == "Knowledge" else "information"
        requirement = SubElement(node, _tag(f"{word}Requirement"))
        SubElement(requirement, _tag(f"required{kind}")).set("href", reference)


def _knowledge(root: Xml, knowledge: Knowledge, _kinds: Mapping[str, str]) -> None:
    node = _element(root, "businessKnowledgeModel", knowledge)
    _variable(node, knowledge.variable)
    if knowledge.function is not None:
        _function(node, knowledge.function, "encapsulatedLogic")
    _requirements(node, [(each, "Knowledge") for each in knowledge.requires])


def _service(root: Xml, service: Service, _kinds: Mapping[str, str]) -> None:
    node = _element(root, "decisionService", service)
    _variable(node, service.variable)
    for tag, references in (
        ("outputDecision", service.outputs),
        ("encapsulatedDecision", service.encapsulated),
        ("inputDecision", service.input_decisions),
        ("inputData", service.input_data),
    ):
        for reference in references:
            SubElement(node, _tag(tag)).set("href", reference)


def _expression(parent: Xml, expression: Expression) -> None:
    _EXPRESSIONS[type(expression)](parent, expression)


def _within(parent: Xml, tag: str, expression: Expression) -> None:
    _expression(_add(parent, tag), expression)


def _literal(parent: Xml, literal: Literal) -> None:
    node = _add(parent, "literalExpression", literal, typeRef=literal.type)
    _set(node, expressionLanguage=literal.language)
    SubElement(node, _tag("text")).text = literal.text


def _context(parent: Xml, context: BoxedContext) -> None:
    node = _add(parent, "context", context, typeRef=context.type)
    for each in context.entries:
        entry = _add(node, "contextEntry", each)
        if each.variable is not None:
            _variable(entry, each.variable)
        _expression(entry, each.expression)


def _list(parent: Xml, listed: BoxedList) -> None:
    node = _add(parent, "list", listed, typeRef=listed.type)
    for each in listed.items:
        _expression(node, each)


def _relation(parent: Xml, relation: Relation) -> None:
    node = _add(parent, "relation", relation, typeRef=relation.type)
    types = [*relation.column_types, *[""] * len(relation.columns)]
    for name, type_ in zip(relation.columns, types, strict=False):
        _named(node, "column", name, type_=type_)
    for row in relation.rows:
        own = _add(node, "row")
        for each in row:
            _expression(own, each)


def _invocation(parent: Xml, invocation: Invocation) -> None:
    node = _add(parent, "invocation", invocation, typeRef=invocation.type)
    _expression(node, invocation.function)
    for name, value in invocation.bindings:
        binding = _add(node, "binding")
        _named(binding, "parameter", name)
        _expression(binding, value)


def _function(parent: Xml, function: FunctionDefinition, tag: str = "functionDefinition") -> None:
    node = _add(parent, tag, function, typeRef=function.type)
    if function.kind != "FEEL":
        node.set("kind", function.kind)
    for each in function.parameters:
        _variable(node, each, "formalParameter")
    if function.body is not None:
        _expression(node, function.body)


def _conditional(parent: Xml, conditional: Conditional) -> None:
    node = _add(parent, "conditional", conditional, typeRef=conditional.type)
    _within(node, "if", conditional.condition)
    _within(node, "then", conditional.then)
    _within(node, "else", conditional.otherwise)


def _filter(parent: Xml, filtered: BoxedFilter) -> None:
    node = _add(parent, "filter", filtered, typeRef=filtered.type)
    _within(node, "in", filtered.source)
    _within(node, "match", filtered.match)


def _iterator(parent: Xml, iterator: Iterator) -> None:
    node = _add(parent, iterator.kind, iterator, typeRef=iterator.type)
    node.set("iteratorVariable", iterator.variable)
    _within(node, "in", iterator.source)
    _within(node, "return" if iterator.kind == "for" else "satisfies", iterator.body)


def _table(parent: Xml, table: DecisionTable) -> None:
    node = _add(parent, "decisionTable", table, typeRef=table.type)
    _set(node, hitPolicy=table.hit_policy, aggregation=table.aggregation)
    _set(node, preferredOrientation=table.orientation, outputLabel=table.output_label)
    for each in table.inputs:
        column = _add(node, "input", each)
        _text(column, "inputExpression", each.expression, each.type)
        if each.values:
            _text(column, "inputValues", each.values)
    for output in table.outputs:
        column = _add(node, "output", output, name=output.name, typeRef=output.type)
        if output.values:
            _text(column, "outputValues", output.values)
        if output.default:
            _text(column, "defaultOutputEntry", output.default)
    for name in table.annotations:
        _add(node, "annotation", name=name)
    for rule in table.rules:
        _rule(node, rule)


def _rule(parent: Xml, rule: Rule) -> None:
    node = _add(parent, "rule", rule)
    for test in rule.tests:
        _text(node, "inputEntry", test)
    for conclusion in rule.conclusions:
        _text(node, "outputEntry", conclusion)
    for annotation in rule.annotations:
        _text(node, "annotationEntry", annotation)


_ELEMENTS: Mapping[type[Element], Callable[[Xml, Any, Mapping[str, str]], None]] = {
    InputData: _input_data,
    Decision: _decision,
    Knowledge: _knowledge,
    Service: _service,
}
_EXPRESSIONS: Mapping[type[Expression], Callable[[Xml, Any], None]] = {
    Literal: _literal,
    BoxedContext: _context,
    BoxedList: _list,
    Relation: _relation,
    Invocation: _invocation,
    FunctionDefinition: _function,
    Conditional: _conditional,
    BoxedFilter: _filter,
    Iterator: _iterator,
    DecisionTable: _table,
}
