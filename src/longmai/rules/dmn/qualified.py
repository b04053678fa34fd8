"""A model as another one sees it that imports it."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from longmai.rules.dmn.model import Decision, ItemDefinition, Knowledge, Model, Service

_TYPES = frozenset(("type", "base", "result"))
_REFERENCES = frozenset(("requires", "outputs", "encapsulated", "input_decisions", "input_data"))


def qualified(model: Model, prefix: str) -> Model:
    """Return a model as another sees it: types under a prefix, references with a namespace."""
    names = {item.name for item in model.items} if prefix else set()

    def renamed(name: str) -> str:
        return prefix + name if name in names else name

    def walked(value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        if isinstance(value, list | tuple):
            return [walked(each) for each in value]
        if not is_dataclass(value) or isinstance(value, type):
            return value
        changes = {each.name: changed(value, each.name) for each in fields(value)}
        return replace(value, **changes)

    def changed(value: Any, name: str) -> Any:
        found = getattr(value, name)
        if name in _TYPES:
            return renamed(found)
        if name in _REFERENCES and isinstance(value, Decision | Knowledge | Service):
            return [f"{model.namespace}{r}" if r.startswith("#") else r for r in found]
        if name == "parameters" and isinstance(value, ItemDefinition):
            return [renamed(each) for each in found]
        return walked(found)

    if not prefix:
        elements = [_referring(element, model.namespace) for element in model.elements]
        return replace(model, elements=elements)
    items = [replace(walked(item), name=prefix + item.name) for item in model.items]
    return replace(model, items=items, elements=walked(model.elements))


def _referring(element: Any, namespace: str) -> Any:
    """Return an element whose references say their namespace; an object of its own."""
    changes = {
        each.name: [f"{namespace}{r}" if r.startswith("#") else r for r in found]
        for each in fields(element)
        if each.name in _REFERENCES and (found := getattr(element, each.name)) is not None
    }
    return replace(element, **changes)
