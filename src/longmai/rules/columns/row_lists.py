"""Lists of the rows of another table: filters, paths, quantifiers and what sums them up.

FEEL's lists keep their nulls: a sum with a null in it is null, and so is a minimum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from longmai.rules.columns.comparing import Scalar, equals, kind_of
from longmai.rules.columns.lowering import lower, lower_scalar, lowers
from longmai.rules.columns.operations import (
    FALSE,
    NULL,
    TRUE,
    UNKNOWN,
    all_of,
    case,
    compared,
    is_false,
    is_null,
    is_true,
    multiplied,
    negation,
    null_like,
    truth,
    unless,
    whole,
)
from longmai.rules.columns.plan import Aggregate, Column, Constant
from longmai.rules.columns.ratios import Ratio, units
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import (
    Interval,
    Items,
    Part,
    Record,
    RowList,
    Scope,
    fields_of,
)
from longmai.rules.columns.types import DIGITS, ORDERED, Kind, Type
from longmai.rules.feel.tree import Filter, For, Iteration, Name, Quantified


def path_of_rows(rows: RowList, name: str) -> RowList:
    """Return one value of each row."""
    found = fields_of(rows.rows).get(name)
    if rows.value is not None or found is None or isinstance(found, Record):
        raise Refused(f"the rows have no entry '{name}'")
    return replace(rows, value=_one_value(found))


def _one_value(found: Part) -> Scalar:
    if isinstance(found, Items | RowList | Interval | Record):
        raise Refused("a list of lists or contexts")
    return found


def _item_scope(rows: RowList, scope: Scope, name: str = "") -> Scope:
    """Return what a condition on a row sees: its entries, or its one value."""
    if rows.value is not None:
        return scope.within({name or "item": rows.value})
    entries = fields_of(rows.rows)
    return scope.within({name: entries["item"]} if name else entries)


@lowers(Filter)
def _filter(node: Filter, scope: Scope) -> RowList:
    rows = lower(node.value, scope)
    if not isinstance(rows, RowList) or rows.absent is not None:
        raise Refused("only lists of rows are filtered, and none that may be null")
    condition = lower_scalar(node.condition, _item_scope(rows, scope))
    if kind_of(condition) is not Kind.BOOLEAN or isinstance(condition, Ratio):
        raise Refused("rows have no position; a filter is a condition")
    return replace(rows, condition=_both(rows.condition, condition))


def _both(one: Column | None, other: Column) -> Column:
    return other if one is None else all_of([one, other])


def _domain(domains: Sequence[Iteration], scope: Scope) -> tuple[RowList, Scope]:
    if len(domains) != 1 or domains[0].high is not None:
        raise Refused("only one list of rows is run through")
    rows = lower(domains[0].low, scope)
    if not isinstance(rows, RowList):
        raise Refused("only lists of rows are run through")
    return rows, _item_scope(rows, scope, domains[0].name)


@lowers(For)
def _for(node: For, scope: Scope) -> RowList:
    if _names_partial(node):
        raise Refused("'partial' in a for")
    rows, inner = _domain(node.domains, scope)
    return replace(rows, value=lower_scalar(node.value, inner))


def _names_partial(found: object) -> bool:
    if isinstance(found, tuple):
        return any(map(_names_partial, found))
    if isinstance(found, Name):
        return found.name == "partial"
    parts = getattr(found, "__dataclass_fields__", ())
    return any(_names_partial(getattr(found, name)) for name in parts)


@lowers(Quantified)
def _quantified(node: Quantified, scope: Scope) -> Column:
    rows, inner = _domain(node.domains, scope)
    found = quantified(replace(rows, value=lower_scalar(node.condition, inner)), every=node.every)
    return found if rows.absent is None else unless(rows.absent, found)


def quantified(rows: RowList, *, every: bool) -> Column:
    """Return whether a truth holds on some row, or on every one; three-valued."""
    if rows.value is None:
        raise Refused("rows are neither true nor false")
    value = truth(NULL if isinstance(rows.value, Ratio) else rows.value)
    decisive = negation(value) if every else value
    found = _any_row(rows, decisive)
    unknown = _any_row(rows, is_null(value))
    answer, other = (FALSE, TRUE) if every else (TRUE, FALSE)
    return case([(found, answer), (unknown, UNKNOWN)], other)


def _any_row(rows: RowList, condition: Column) -> Column:
    if is_false(condition):
        return FALSE
    kept = replace(rows, condition=_both(rows.condition, condition))
    return compared(">", counted(kept), whole(0))


def counted(rows: RowList) -> Column:
    """Count the rows of a list."""
    return _aggregate(rows, "count", None, Type(Kind.NUMBER, nullable=False, high=rows.rows.most))


def _aggregate(rows: RowList, function: str, value: Column | None, type_: Type) -> Column:
    condition = None if rows.condition is None or is_true(rows.condition) else rows.condition
    own = rows.rows
    return Aggregate(own.table, own.key, own.parent, function, condition, value, type_)


def _has_null(rows: RowList, value: Column) -> Column:
    return _any_row(rows, is_null(value)) if value.type.nullable else FALSE


def _value(rows: RowList) -> Column:
    if rows.value is None:
        raise Refused("rows are no numbers")
    if isinstance(rows.value, Ratio):
        raise Refused("a quotient is to be rounded before it is summed up")
    return rows.value


def total(rows: RowList) -> Column:
    """Add numbers up; null of none, and where one is null."""
    value = _value(rows)
    if value.type.kind is not Kind.NUMBER:
        return NULL
    most = rows.rows.most
    low, high = min(value.type.low * most, 0), max(value.type.high * most, 0)
    type_ = replace(value.type, nullable=True, low=low, high=high)
    if type_.digits > DIGITS:
        raise Refused("a sum may have too many digits; give narrower bounds")
    return unless(_has_null(rows, value), _aggregate(rows, "sum", value, type_))


def average(rows: RowList) -> Scalar:
    """Return the mean; null of none, and where one is null."""
    over = total(rows)
    if over.type.kind is not Kind.NUMBER:
        return NULL
    unit = 10**over.type.scale
    count = counted(rows)
    if unit == 1:
        return Ratio(units(over), count)
    return Ratio(units(over), multiplied(count, whole(unit)))


def extreme(rows: RowList, function: str) -> Column:
    """Return the least (``min``) or greatest (``max``); null of none, and where one is null."""
    value = _value(rows)
    if value.type.kind not in ORDERED:
        return null_like(value.type)
    type_ = value.type.or_null()
    return unless(_has_null(rows, value), _aggregate(rows, function, value, type_))


def held(rows: RowList, wanted: Scalar) -> Column:
    """Tell whether a value is in a list; it must be the same on every row."""
    if not isinstance(wanted, Constant) or rows.absent is not None:
        raise Refused("a value that differs from row to row is looked for in another table")
    return _any_row(rows, equals(_value(rows), wanted))


def summary(name: str, rows: RowList) -> Scalar:
    """Return one value of a list of rows; null where the list is."""
    found = SUMMARIES[name](replace(rows, absent=None))
    return found if rows.absent is None else where_there(rows.absent, found)


def where_there(absent: Column, found: Scalar) -> Scalar:
    """Return a value, null where a list is."""
    if isinstance(found, Ratio):
        return replace(found, over=unless(absent, found.over))
    return unless(absent, found)


SUMMARIES: Mapping[str, Callable[[RowList], Scalar]] = {
    "count": counted,
    "sum": total,
    "mean": average,
    "min": lambda rows: extreme(rows, "min"),
    "max": lambda rows: extreme(rows, "max"),
    "all": lambda rows: quantified(rows, every=True),
    "any": lambda rows: quantified(rows, every=False),
}
"""By function: one value of a list of rows."""
