"""Built-in functions on lists and contexts. Source: DMN 1.5, 10.3.4.4 and 10.3.4.6."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cmp_to_key
from itertools import islice

from longmai.rules.feel.built_in import built_in
from longmai.rules.feel.values import Function, Nothing, Value, equal, key_of, kind_of, less

MAX_ITEMS = 1_000_000
"""Items of a list that a function makes."""


def _same(one: Value, other: Value) -> bool:
    return equal(one, other) is True


def _called(function: Function, one: Value, other: Value) -> Value:
    if len(function.parameters) != 2:  # noqa: PLR2004 - one and other
        raise Nothing("a function of two items is wanted here", function)
    return function.run([one, other])


def _position(values: Sequence[Value], position: Decimal, most: int) -> int:
    at = int(position)
    if not at or abs(at) > most:
        raise Nothing("a position is out of range", position)
    return at - 1 if at > 0 else len(values) + at


@built_in("list contains", "list:list", "element:any")
def list_contains(values: Sequence[Value], element: Value) -> Value:
    """Tell whether a list holds a value."""
    key = key_of(element)
    return any(key_of(each) == key and _same(each, element) for each in values)


@built_in("count", "list:list")
def count(values: Sequence[Value]) -> Value:
    """Count the items of a list."""
    return Decimal(len(values))


def _extreme(values: Sequence[Value], *, largest: bool) -> Value:
    if not values:
        return None
    best = values[0]
    for each in values:
        before = less(best, each) if largest else less(each, best)
        if before is None:
            raise Nothing("the items are in no order")
        best = each if before else best
    return best


@built_in("min", "list:list*")
def minimum(values: Sequence[Value]) -> Value:
    """Return the smallest item."""
    return _extreme(values, largest=False)


@built_in("max", "list:list*")
def maximum(values: Sequence[Value]) -> Value:
    """Return the largest item."""
    return _extreme(values, largest=True)


def _truths(values: Sequence[Value], decisive: bool) -> Value:
    if any(each is decisive for each in values):
        return decisive
    return None if any(not isinstance(each, bool) for each in values) else not decisive


@built_in("all", "list:list*")
def every(values: Sequence[Value]) -> Value:
    """Tell whether all items are true."""
    return _truths(values, decisive=False)


@built_in("any", "list:list*")
def some(values: Sequence[Value]) -> Value:
    """Tell whether any item is true."""
    return _truths(values, decisive=True)


@built_in("not", "negand:any")
def negated(value: Value) -> Value:
    """Return the other truth; null of what is none."""
    return not value if isinstance(value, bool) else None


@built_in("sublist", "list:list", "start position:number", "length:number?")
def sublist(values: Sequence[Value], start: Decimal, length: Decimal | None = None) -> Value:
    """Return a part of a list."""
    begin = _position(values, start, len(values))
    if length is None:
        return list(values[begin:])
    if length < 0 or begin + int(length) > len(values):
        raise Nothing("the length is out of range")
    return list(values[begin : begin + int(length)])


@built_in("append", "list:list", "item:any+")
def append(values: Sequence[Value], items: Sequence[Value]) -> Value:
    """Return a list with items at its end."""
    return [*values, *items]


@built_in("concatenate", "list:any+")
def concatenate_lists(values: Sequence[Value]) -> Value:
    """Join lists."""
    if None in values:
        raise Nothing("null is no list")
    return _bounded(
        item for each in values for item in (each if isinstance(each, list) else [each])
    )


def _bounded(items: Iterable[Value]) -> list[Value]:
    found = list(islice(items, MAX_ITEMS + 1))
    if len(found) > MAX_ITEMS:
        raise Nothing(f"a list has at most {MAX_ITEMS} items")
    return found


@built_in("insert before", "list:list", "position:number", "newItem:any")
def insert_before(values: Sequence[Value], position: Decimal, item: Value) -> Value:
    """Return a list with an item before a position."""
    at = _position(values, position, len(values))
    return [*values[:at], item, *values[at:]]


@built_in("remove", "list:list", "position:number")
def remove(values: Sequence[Value], position: Decimal) -> Value:
    """Return a list without the item at a position."""
    at = _position(values, position, len(values))
    return [*values[:at], *values[at + 1 :]]


@built_in("list replace", "list:list", "position:number", "newItem:any")
def replace_at(values: Sequence[Value], position: Decimal, item: Value) -> Value:
    """Return a list with another item at a position."""
    at = _position(values, position, len(values))
    return [*values[:at], item, *values[at + 1 :]]


@built_in("list replace", "list:list", "match:function", "newItem:any")
def replace_matching(values: Sequence[Value], match: Function, item: Value) -> Value:
    """Return a list with another item wherever a function of old and new item is true."""
    found = []
    for each in values:
        answer = _called(match, each, item)
        if not isinstance(answer, bool):
            raise Nothing("the matching function must be true or false")
        found.append(item if answer else each)
    return found


@built_in("reverse", "list:list")
def reverse(values: Sequence[Value]) -> Value:
    """Return a list from its end."""
    return list(reversed(values))


@built_in("index of", "list:list", "match:any")
def index_of(values: Sequence[Value], match: Value) -> Value:
    """Return the positions of a value."""
    return [Decimal(i) for i, each in enumerate(values, 1) if _same(each, match)]


@built_in("union", "list:any+")
def union(values: Sequence[Value]) -> Value:
    """Join lists, each value once."""
    return distinct(concatenate_lists(values))


@built_in("distinct values", "list:list")
def distinct(values: Sequence[Value]) -> Value:
    """Return each value once."""
    return [group[0] for group in _groups(values)]


@built_in("duplicate values", "list:list")
def duplicates(values: Sequence[Value]) -> Value:
    """Return what occurs more than once, each once."""
    return [group[0] for group in _groups(values) if len(group) > 1]


def _groups(values: Sequence[Value]) -> list[list[Value]]:
    """Return equal values together, in the order of the first of each."""
    found: list[list[Value]] = []
    alike: dict[Hashable, list[list[Value]]] = {}
    for each in values:
        known = alike.setdefault(key_of(each), [])
        group = next((group for group in known if _same(group[0], each)), None)
        if group is None:
            group = []
            known.append(group)
            found.append(group)
        group.append(each)
    return found


@built_in("flatten", "list:list")
def flatten(values: Sequence[Value]) -> Value:
    """Return the items of lists within lists."""
    return _bounded(_flat(values))


def _flat(values: Sequence[Value]) -> Iterator[Value]:
    waiting, left = list(reversed(values)), MAX_ITEMS
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            left -= 1
            if left < 0:
                raise Nothing("the lists are nested too often")
            waiting.extend(reversed(each))
        else:
            yield each


@built_in("sort", "list:list", "precedes:function?")
def sort(values: Sequence[Value], precedes: Function | None = None) -> Value:
    """Return a list in the order of a function that says what precedes what."""

    def order(one: Value, other: Value) -> int:
        before = less(one, other) if precedes is None else _called(precedes, one, other)
        return -1 if before is True else 1

    return sorted(values, key=cmp_to_key(order))


@built_in("get value", "m:context", "key:string")
def get_value(context: dict[str, Value], key: str) -> Value:
    """Return an entry of a context."""
    return context.get(key)


@built_in("get value", "m:context", "key:list")
def get_value_on_path(context: dict[str, Value], keys: Sequence[Value]) -> Value:
    """Return an entry of a context within contexts."""
    if not keys or not all(isinstance(key, str) for key in keys):
        raise Nothing("the keys are strings", keys)
    found: Value = context
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


@built_in("get entries", "m:context")
def get_entries(context: dict[str, Value]) -> Value:
    """Return the entries of a context as a list."""
    return [{"key": key, "value": value} for key, value in context.items()]


@built_in("context", "entries:list")
def context_of(entries: Sequence[Value]) -> Value:
    """Return a context of entries with a key and a value."""
    found: dict[str, Value] = {}
    for each in entries:
        if (
            not isinstance(each, dict)
            or not isinstance(each.get("key"), str)
            or "value" not in each
        ):
            raise Nothing("an entry has a key, which is a string, and a value")
        if each["key"] in found:
            raise Nothing(f"the key {each['key']} stands there twice")
        found[each["key"]] = each["value"]
    return found


@built_in("context put", "context:context", "key:string", "value:any")
def context_put(context: dict[str, Value], key: str, value: Value) -> Value:
    """Return a context with another entry."""
    return context | {key: value}


@built_in("context put", "context:context", "keys:list", "value:any")
def context_put_on_path(context: dict[str, Value], keys: Sequence[Value], value: Value) -> Value:
    """Return a context with another entry within its contexts."""
    if not keys or not all(isinstance(key, str) for key in keys):
        raise Nothing("the keys are strings")
    first, *rest = keys
    if not rest:
        return context | {first: value}
    inner = context.get(first)
    if not isinstance(inner, dict):
        raise Nothing(f"the entry '{first}' is no context", context)
    return context | {first: context_put_on_path(inner, rest, value)}


@built_in("context merge", "contexts:list")
def context_merge(contexts: Sequence[Value]) -> Value:
    """Join contexts; a later entry counts."""
    found: dict[str, Value] = {}
    for each in contexts:
        if not isinstance(each, dict):
            raise Nothing("only contexts are merged")
        found |= each
    return found


@built_in("get or else", "value:any", "default:any")
def get_or_else(value: Value, default: Value) -> Value:
    """Return a value, or another where it is null."""
    return default if value is None else value


@built_in("is", "value1:any?", "value2:any?")
def is_same(one: Value = None, other: Value = None) -> Value:
    """Tell whether two values are the same element, kinds and zones too."""
    if kind_of(one) != kind_of(other):
        return False
    # 08:00Z and 16:00+08:00 are the same instant and not the same value.
    return one == other if kind_of(one) in _BY_VALUE else _same(one, other)


_BY_VALUE = {"date", "time", "date and time"}
