"""Makes operations on columns with their types: bounds added up, what is constant put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from longmai.rules.columns.plan import Case, Column, Constant, Field, Operation
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.types import (
    DIGITS,
    MICROSECONDS,
    NOTHING,
    SCALED,
    TRUTH,
    TRUTH_OR_NULL,
    WHOLE,
    Kind,
    Type,
    stored,
)
from longmai.rules.feel.temporal import MAX_DURATION, MAX_YEAR
from longmai.rules.feel.values import Value

TRUE = Constant(value=True, type=TRUTH)
FALSE = Constant(value=False, type=TRUTH)
UNKNOWN = Constant(None, TRUTH_OR_NULL)
NULL = Constant(None, NOTHING)


def constant_of(value: Value) -> Constant:
    """Return a value of FEEL as a column.

    Raises:
        NotStored: no column holds it.
    """
    raw, type_ = stored(value)
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return Constant(raw, type_, isinstance(exponent, int) and exponent < 0 and not type_.scale)


def whole(value: int, kind: Kind = Kind.NUMBER, scale: int = 0) -> Constant:
    """Return a whole number of units."""
    return Constant(value, Type(kind, low=value, high=value, scale=scale, nullable=False))


def null_like(type_: Type) -> Constant:
    """Return null as a value of a type."""
    return Constant(None, type_.or_null())


def is_true(column: Column) -> bool:
    """Tell whether a column is the constant true."""
    return isinstance(column, Constant) and column.value is True


def is_false(column: Column) -> bool:
    """Tell whether a column is the constant false."""
    return isinstance(column, Constant) and column.value is False


def is_constant_null(column: Column) -> bool:
    """Tell whether a column is null on every row."""
    return isinstance(column, Constant) and column.value is None


def alike(one: Column, other: Column) -> bool:
    """Tell whether two columns have the same value on every row, as far as their plans show it."""
    if one is other:
        return True
    match one, other:
        case Field(), Field():
            return one.column == other.column
        case Constant(), Constant():
            return (one.value, one.type.kind, one.type.scale) == (
                other.value,
                other.type.kind,
                other.type.scale,
            )
        case Operation(), Operation():
            if (one.name, one.type.scale) != (other.name, other.type.scale):
                return False
            pairs = zip(one.operands, other.operands, strict=False)
            return len(one.operands) == len(other.operands) and all(alike(a, b) for a, b in pairs)
    return False


# Truths


def truth(column: Column) -> Column:
    """Return a column as a truth: what is none is null."""
    return column if column.type.kind is Kind.BOOLEAN else UNKNOWN


def all_of(columns: Sequence[Column]) -> Column:
    """Return whether all are true; false where one is false, else null where one is null."""
    return _connected("and", columns, decisive=False)


def any_of(columns: Sequence[Column]) -> Column:
    """Return whether one is true; else null where one is null."""
    return _connected("or", columns, decisive=True)


def _connected(name: str, columns: Sequence[Column], *, decisive: bool) -> Column:
    kept: list[Column] = []
    for each in map(truth, columns):
        if isinstance(each, Constant) and each.value is decisive:
            return each
        if isinstance(each, Constant) and each.value is not None:
            continue
        if not any(each is known for known in kept):
            kept.append(each)
    if not kept:
        return FALSE if decisive else TRUE
    if len(kept) == 1:
        return kept[0]
    nullable = any(each.type.nullable for each in kept)
    return Operation(name, tuple(kept), Type(Kind.BOOLEAN, nullable))


def negation(column: Column) -> Column:
    """Return the other truth."""
    column = truth(column)
    if isinstance(column, Constant):
        return UNKNOWN if column.value is None else FALSE if column.value else TRUE
    if isinstance(column, Operation) and column.name == "not":
        return column.operands[0]
    return Operation("not", (column,), column.type)


def is_null(column: Column) -> Column:
    """Tell whether a value is null; never null itself."""
    if isinstance(column, Constant):
        return TRUE if column.value is None else FALSE
    return Operation("is null", (column,), TRUTH) if column.type.nullable else FALSE


def any_null(columns: Sequence[Column]) -> Column:
    """Tell whether one of several is null; never null itself."""
    return any_of([is_null(each) for each in columns])


def is_surely_true(column: Column) -> Column:
    """Tell whether a truth is true; false where it is null."""
    return or_else(truth(column), FALSE)


def strictly_all(columns: Sequence[Column], nulls: Sequence[Column]) -> Column:
    """Return whether all are true; null where one of other columns is null.

    This is not the logic of ``and``: a false one does not outweigh a null.
    """
    return unless(any_null(nulls), all_of(columns))


# Any kind


def aligned(*columns: Column) -> tuple[Column, ...]:
    """Return columns of one kind and scale; a null of no kind takes that of the others.

    Raises:
        Refused: they are of several kinds.
    """
    kinds = {each.type.kind for each in columns} - {Kind.NOTHING}
    if len(kinds) > 1:
        raise Refused(f"values of several kinds: {', '.join(sorted(kinds))}")
    if not kinds:
        return columns
    kind = kinds.pop()
    scale = max(each.type.scale for each in columns if each.type.kind is kind)
    bounded = next(each for each in columns if each.type.kind is kind)
    empty = replace(bounded.type, nullable=True, scale=scale)
    return tuple(
        Constant(None, empty) if each.type.kind is Kind.NOTHING else rescaled(each, scale)
        for each in columns
    )


def retyped(column: Column, kind: Kind, scale: int = 0) -> Column:
    """Return the same stored values as amounts of another kind and scale."""
    if column.type.kind is kind and column.type.scale == scale:
        return column
    return replace(column, type=_checked(replace(column.type, kind=kind, scale=scale)))


def rescaled(column: Column, scale: int) -> Column:
    """Return a number of units in smaller units."""
    if column.type.kind not in SCALED or column.type.scale == scale:
        return column
    factor = 10 ** (scale - column.type.scale)
    low, high = column.type.low * factor, column.type.high * factor
    type_ = _checked(replace(column.type, low=low, high=high, scale=scale))
    if isinstance(column, Constant):
        return Constant(None if column.value is None else column.value * factor, type_)
    return Operation("*", (column, whole(factor)), type_)


def case(branches: Sequence[tuple[Column, Column]], otherwise: Column) -> Column:
    """Return the value of the first condition that is true, else another; of one kind."""
    kept: list[tuple[Column, Column]] = []
    for condition, value in branches:
        if is_true(condition):
            otherwise = value
            break
        if not (is_false(condition) or is_constant_null(condition)):
            kept.append((condition, value))
    if not kept:
        return otherwise
    if len(kept) == 1 and is_constant_null(kept[0][1]):
        plain = _guarded(kept[0][0], otherwise)
        if plain is not None:
            return plain
    *values, otherwise = aligned(*(value for _, value in kept), otherwise)
    type_ = otherwise.type
    for value in values:
        type_ = type_.joined(value.type)
    conditions = [condition for condition, _ in kept]
    return Case(tuple(zip(conditions, values, strict=True)), otherwise, type_)


def _is_guard_of(condition: Column, value: Column) -> bool:
    """Tell whether a value is null by itself wherever it is asked to be null."""
    return (
        isinstance(condition, Operation)
        and condition.name == "is null"
        and isinstance(value, Operation)
        and value.name not in _NOT_STRICT
        and any(condition.operands[0] is each for each in value.operands)
    )


_NOT_STRICT = frozenset(("and", "or", "is null", "same", "coalesce", "least", "greatest"))


def _guarded(condition: Column, value: Column) -> Column | None:
    """Return a value that is null where a condition is true, if it needs no case for that."""
    if _is_guard_of(condition, value):
        return value
    if isinstance(value, Operation) and value.name in {"same", "not"}:
        inner = value.operands[0]
        if value.name == "not":
            found = _guarded(condition, inner)
            return None if found is None else negation(found)
        plain = replace(value, name="=", type=TRUTH_OR_NULL)
        nullable = [each for each in value.operands if each.type.nullable]
        if len(nullable) == 1 and _is_guard_of(condition, plain):
            return plain
    return None


def unless(condition: Column, value: Column) -> Column:
    """Return a value, or null where a condition is true."""
    return case([(condition, null_like(value.type))], value)


def or_else(column: Column, other: Column) -> Column:
    """Return a value, or another where it is null."""
    if is_constant_null(column):
        return other
    if not column.type.nullable:
        return column
    column, other = aligned(column, other)
    joined = column.type.joined(other.type)
    return Operation("coalesce", (column, other), replace(joined, nullable=other.type.nullable))


def same(one: Column, other: Column) -> Column:
    """Tell whether two values of one kind are equal, or both are null; never null."""
    one, other = aligned(one, other)
    if is_constant_null(other):
        return is_null(one)
    if is_constant_null(one):
        return is_null(other)
    if isinstance(one, Constant) and isinstance(other, Constant):
        return TRUE if one.value == other.value else FALSE
    sure = not (one.type.nullable or other.type.nullable)
    return Operation("=" if sure else "same", (one, other), TRUTH)


def compared(name: str, one: Column, other: Column) -> Column:
    """Return ``<``, ``<=``, ``>``, ``>=``, ``=`` or ``!=`` of two values; null where one is."""
    one, other = aligned(one, other)
    if is_constant_null(one) or is_constant_null(other):
        return UNKNOWN
    nullable = one.type.nullable or other.type.nullable
    return Operation(name, (one, other), Type(Kind.BOOLEAN, nullable))


# Whole numbers


def _checked(type_: Type) -> Type:
    if type_.digits > DIGITS or type_.scale > DIGITS:
        raise Refused(
            f"a result may have more than {DIGITS} digits; give narrower bounds, or round before"
        )
    if type_.kind in _DURATIONS and type_.greatest > MAX_DURATION * 10**type_.scale:
        raise Refused("a duration may be too long; give narrower bounds")
    if type_.kind is Kind.DATE_TIME and type_.greatest > _LAST_INSTANT:
        raise Refused("a date may be beyond FEEL's last year; give narrower bounds")
    return type_


_LAST_INSTANT = (MAX_YEAR - 2_000) * 365 * 86_400 * MICROSECONDS
_DURATIONS = frozenset((Kind.DAYS, Kind.MONTHS))


def _nullable(columns: Sequence[Column]) -> bool:
    return any(each.type.nullable for each in columns)


def operation(
    name: str, operands: Sequence[Column], kind: Kind, bounds: Sequence[int], scale: int = 0
) -> Column:
    """Return an operation whose result lies within the least and greatest of some values."""
    type_ = Type(kind, _nullable(operands), min(bounds), max(bounds), scale)
    if any(is_constant_null(each) for each in operands):
        return null_like(type_)
    if type_.kind in WHOLE:
        _checked(type_)
    if name in _OF_CONSTANTS and all(isinstance(each, Constant) for each in operands):
        value = _OF_CONSTANTS[name](*(each.value for each in operands))  # type: ignore[union-attr] # all are constants
        return Constant(value, type_)
    return Operation(name, tuple(operands), type_)


_OF_CONSTANTS: Mapping[str, Callable[..., int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "negative": lambda a: -a,
}


def added(one: Column, other: Column, kind: Kind | None = None) -> Column:
    """Add two amounts of one scale; ``kind`` is that of the sum."""
    a, b = one.type, other.type
    bounds = (a.low + b.low, a.high + b.high)
    return operation("+", (one, other), kind or a.kind, bounds, a.scale)


def subtracted(one: Column, other: Column, kind: Kind | None = None) -> Column:
    """Subtract two amounts of one scale."""
    a, b = one.type, other.type
    bounds = (a.low - b.high, a.high - b.low)
    return operation("-", (one, other), kind or a.kind, bounds, a.scale)


def multiplied(one: Column, other: Column, kind: Kind | None = None) -> Column:
    """Multiply two amounts; the scales add up."""
    if isinstance(other, Constant) and other.value == 1 and not other.had_places:
        # One unit of a small one: the same stored values, more places.
        return retyped(one, kind or one.type.kind, one.type.scale + other.type.scale)
    a, b = one.type, other.type
    bounds = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return operation("*", (one, other), kind or a.kind, bounds, a.scale + b.scale)


def negative(column: Column) -> Column:
    """Return with the other sign."""
    type_ = column.type
    return operation("negative", (column,), type_.kind, (-type_.low, -type_.high), type_.scale)


def divided(one: Column, other: Column) -> Column:
    """Divide whole units, the fraction cut off; null where the divisor is zero."""
    greatest = one.type.greatest
    found = operation("div", (one, _divisor(other)), one.type.kind, (-greatest, greatest))
    low = 0 if one.type.low >= 0 and other.type.low >= 0 else -greatest
    least = max(1, other.type.low)
    bounds = replace(found.type, low=-(-low // least), high=greatest // least)
    return replace(found, type=bounds)


def remainder(one: Column, other: Column) -> Column:
    """Return what a division of whole units leaves, of the dividend's sign."""
    most = max(other.type.greatest - 1, 0)
    low = 0 if one.type.low >= 0 else -most
    return operation("mod", (one, _divisor(other)), one.type.kind, (low, most), one.type.scale)


def _divisor(column: Column) -> Column:
    if (
        column.type.low > 0
        or column.type.high < 0
        or (isinstance(column, Operation) and (column.name == "nullif zero"))
    ):
        return column
    return Operation("nullif zero", (column,), column.type.or_null())


def floored(one: Column, other: Column) -> Column:
    """Divide whole units, rounded down; the divisor is positive."""
    cut = divided(one, other)
    if one.type.low >= 0:
        return cut
    short = compared("<", remainder(one, other), whole(0))
    return case([(short, subtracted(cut, whole(1)))], cut)
