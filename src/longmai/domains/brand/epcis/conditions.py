"""The conditions of an event query, in SQL."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    and_,
    cast,
    false,
    or_,
    select,
    true,
)

from longmai.domains.brand.model.gs1_patterns import pattern_of
from longmai.domains.brand.model.query.facts import MAX_TEXT
from longmai.domains.brand.model.query.parameters import Condition, Operator, QueryFault, Value
from longmai.domains.brand.tables import CHILD, EVENT, FACT, ITEM, VOCABULARY
from longmai.kernel.region_codes import prefix
from longmai.portal.rights.model import Scope

MAX_PLACES = 5_000
_ROLES: Mapping[str, tuple[str, ...]] = {
    "epc": ("epc", "child"),
    "parentID": ("parent",),
    "inputEPC": ("input",),
    "outputEPC": ("output",),
    "anyEPC": ("epc", "child", "parent", "input", "output"),
    "epcClass": ("epc", "child"),
    "inputEPCClass": ("input",),
    "outputEPCClass": ("output",),
    "anyEPCClass": ("epc", "child", "input", "output"),
}
_OF_PLACES = {"readPoint": EVENT.c.read_point, "bizLocation": EVENT.c.biz_location}


@dataclass(frozen=True)
class Reach:
    """Whose events a reader sees: those of regions, and one's own.

    Attributes:
        actor: the reader, as records name them.
        within: regions of their posts.
        house: region of the house; whoever holds all of it also sees events of no known region.
    """

    actor: str
    within: Scope
    house: str

    def rows(self) -> ColumnElement[bool]:
        """Return the condition on events."""
        if "" in self.within.regions:
            return true()
        seen = or_(EVENT.c.actor == self.actor, self.within.rows(EVENT.c.region.expression))
        if prefix(self.house) in self.within.regions:
            return or_(seen, EVENT.c.region == "")
        return seen


def conditions_of(
    connection: Connection, conditions: Sequence[Condition]
) -> Iterator[ColumnElement[bool]]:
    """Yield a condition on events for each of a query's.

    Raises:
        QueryFault: one that would need too much.
    """
    for condition in conditions:
        make = _MAKERS.get(condition.family)
        if make is not None:
            yield make(connection, condition)
        else:
            yield _fact(condition)


def compared(
    column: ColumnElement[Any], operator: Operator, values: Sequence[Value]
) -> ColumnElement[bool]:
    """Return the condition that a column compares with one of the values."""
    if operator == "EQ":
        return column.in_(values) if len(values) != 1 else column == values[0]
    ways: Mapping[str, Callable[[Value], ColumnElement[bool]]] = {
        "GT": lambda value: column > value,
        "GE": lambda value: column >= value,
        "LT": lambda value: column < value,
        "LE": lambda value: column <= value,
    }
    return or_(false(), *(ways[operator](value) for value in values))


def _column(_connection: Connection, condition: Condition) -> ColumnElement[bool]:
    return compared(EVENT.c[condition.name].expression, condition.operator, condition.values)


def _quantity(_connection: Connection, condition: Condition) -> ColumnElement[bool]:
    amount = cast(ITEM.c.quantity.expression, Float)
    here = compared(amount, condition.operator, condition.values)
    return EVENT.c.record_id.in_(select(ITEM.c.record_id).where(ITEM.c.quantity.is_not(None), here))


def _things(connection: Connection, condition: Condition) -> ColumnElement[bool]:
    ways = [_thing(connection, str(value)) for value in condition.values]
    conditions = [ITEM.c.role.in_(_ROLES[condition.name]), or_(false(), *ways)]
    if condition.name.endswith("Class"):
        conditions.append(ITEM.c.is_class.is_(True))
    return EVENT.c.record_id.in_(select(ITEM.c.record_id).where(*conditions))


def _thing(connection: Connection, value: str) -> ColumnElement[bool]:
    pattern = pattern_of(value)
    if pattern is None:
        return ITEM.c.key == value
    exact, beginnings = pattern
    ways = [_begins(connection, each) for each in beginnings]
    return or_(*ways) if exact is None else or_(ITEM.c.key == exact, *ways)


def _begins(connection: Connection, beginning: str) -> ColumnElement[bool]:
    if connection.dialect.name == "sqlite":
        # GLOB can use the index, LIKE cannot; keys hold none of its signs (they are encoded).
        return ITEM.c.key.op("GLOB")(f"{beginning}*")
    return ITEM.c.key.startswith(beginning, autoescape=True)


def _within(connection: Connection, condition: Condition) -> ColumnElement[bool]:
    places = {str(value) for value in condition.values}
    level = places
    while level:
        inside = select(CHILD.c.child).where(CHILD.c.parent.in_(sorted(level)))
        level = set(connection.scalars(inside)) - places
        places |= level
        if len(places) > MAX_PLACES:
            raise QueryFault(
                "too many places lie within these",
                code="epcis.query.complex",
                place=f"WD_{condition.name}",
                mend="ask for a smaller place",
            )
    return EVENT.c[condition.name].in_(sorted(places))


def _fact(condition: Condition) -> ColumnElement[bool]:
    here: list[ColumnElement[bool]] = [FACT.c.family == condition.family]
    if condition.name:
        named = FACT.c.name == condition.name[:MAX_TEXT]
        # A prefix that nobody declared may be the very one that was sent.
        sent = condition.also and condition.also == condition.name
        here.append(or_(named, FACT.c.key == condition.also[:MAX_TEXT]) if sent else named)
    if condition.operator != "EXISTS":
        ways = [_value(condition.operator, value) for value in condition.values]
        here.append(or_(false(), *ways))
    return EVENT.c.record_id.in_(select(FACT.c.record_id).where(*here))


def _value(operator: Operator, value: Value) -> ColumnElement[bool]:
    if isinstance(value, datetime):
        return compared(FACT.c.instant.expression, operator, [value])
    if isinstance(value, float):
        return compared(FACT.c.number.expression, operator, [value])
    return compared(FACT.c.text.expression, operator, [value[:MAX_TEXT]])


# Master data --------------------------------------------------------------------------------------


def _has_attribute(connection: Connection, condition: Condition) -> ColumnElement[bool]:
    wanted = {str(value) for value in condition.values}
    found = [key for key, told in _described(connection, wanted) if wanted & told.keys()]
    return _names(condition.name, found)


def _attribute(connection: Connection, condition: Condition) -> ColumnElement[bool]:
    wanted = {str(value) for value in condition.values}
    found = []
    for key, told in _described(connection, {condition.also}):
        value = told.get(condition.also)
        values = value if isinstance(value, list) else [value]
        if wanted & {str(each) for each in values if each is not None}:
            found.append(key)
    return _names(condition.name, found)


def _described(
    connection: Connection, attributes: set[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    # The newest word about a thing counts. JSON keeps names as they are: the text tells who may.
    text = cast(VOCABULARY.c.attributes, VOCABULARY.c.key.type)
    ways = [text.contains(json.dumps(name)[1:-1], autoescape=True) for name in sorted(attributes)]
    keys = select(VOCABULARY.c.key).where(or_(false(), *ways))
    query = select(VOCABULARY.c.key, VOCABULARY.c.attributes).where(VOCABULARY.c.key.in_(keys))
    newest: dict[str, Mapping[str, Any]] = {}
    for row in connection.execute(query.order_by(VOCABULARY.c.record_id)):
        newest[row.key] = row.attributes
        if len(newest) > MAX_PLACES:
            raise QueryFault(
                "too many things have this attribute",
                code="epcis.query.complex",
                mend="ask for a rarer one",
            )
    yield from newest.items()


def _names(field: str, keys: Sequence[str]) -> ColumnElement[bool]:
    column = _OF_PLACES.get(field)
    if column is not None:
        return column.in_(keys)
    if field in {"epc", "epcClass"}:
        of_class = ITEM.c.is_class.is_(field == "epcClass")
        return EVENT.c.record_id.in_(select(ITEM.c.record_id).where(ITEM.c.key.in_(keys), of_class))
    here = and_(FACT.c.family == field, FACT.c.text.in_([key[:MAX_TEXT] for key in keys]))
    return EVENT.c.record_id.in_(select(FACT.c.record_id).where(here))


_MAKERS: Mapping[str, Callable[[Connection, Condition], ColumnElement[bool]]] = {
    "column": _column,
    "quantity": _quantity,
    "things": _things,
    "within": _within,
    "hasattr": _has_attribute,
    "eqattr": _attribute,
}
