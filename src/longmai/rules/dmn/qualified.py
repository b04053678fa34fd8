"""A model as another one sees it that imports it."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from longmai.rules.dmn.model import ItemDefinition, Model

_TYPES = frozenset(("type", "base", "result"))
_REFERENCES = frozenset(("requires", "outputs", "encapsulated", "input_decisions", "input_data"))


def qualified(model: Model, prefix: str) -> Model:
    """Return a model as another sees it: types under a prefix, references with a namespace."""
    if not prefix:
        elements = [_referring(element, model.namespace) for element in model.elements]
        return replace(model, elements=elements)
    walk = _Walk(prefix, {item.name for item in model.items})
    items = [replace(walk.of(item), name=prefix + item.name) for item in model.items]
    elements = [_referring(walk.of(element), model.namespace) for element in model.elements]
    return replace(model, items=items, elements=elements)


class _Walk:
    """Puts a prefix before the names of types, wherever they stand."""

    def __init__(self, prefix: str, names: set[str]) -> None:
        self._prefix, self._names = prefix, names

    def of(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self.of, value))
        if not is_dataclass(value) or isinstance(value, type):
            return value
        return replace(value, **{each.name: self._part(value, each.name) for each in fields(value)})

    def _part(self, value: Any, name: str) -> Any:
        found = getattr(value, name)
        if name in _TYPES:
            return self._renamed(found)
        if name == "column_types" or (name == "parameters" and isinstance(value, ItemDefinition)):
            return tuple(map(self._renamed, found))
        return self.of(found)

    def _renamed(self, name: str) -> str:
        return self._prefix + name if name in self._names else name


def _referring(element: Any, namespace: str) -> Any:
    """Return an element whose references say their namespace; an object of its own."""
    changes = {
        each.name: [
            f"{namespace}{r}" if r.startswith("#") else r for r in getattr(element, each.name)
        ]
        for each in fields(element)
        if each.name in _REFERENCES
    }
    return replace(element, **changes)
