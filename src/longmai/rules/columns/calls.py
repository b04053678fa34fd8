"""How the functions of columns are declared: by name, taking parts and returning one."""

from collections.abc import Callable, Sequence

from longmai.rules.columns.comparing import Scalar
from longmai.rules.columns.operations import NULL, is_constant_null
from longmai.rules.columns.plan import Column, Constant
from longmai.rules.columns.ratios import Ratio
from longmai.rules.columns.refusal import Refused
from longmai.rules.columns.scope import Interval, Items, Part, Record, RowList
from longmai.rules.columns.types import Kind

Function = Callable[[Sequence[Part]], Part]
FUNCTIONS: dict[str, Function] = {}


def function(name: str) -> Callable[[Function], Function]:
    """Declare what compiles the calls of a built-in function."""

    def declare(compile_: Function) -> Function:
        FUNCTIONS[name] = compile_
        return compile_

    return declare


def one_value(part: Part) -> Scalar:
    """Return an argument that is one value.

    Raises:
        Refused: it is a list, range or context.
    """
    if isinstance(part, Items | RowList | Interval | Record):
        raise Refused("a list, range or context where one value is wanted")
    return part


def a_column(part: Part) -> Column:
    """Return an argument that is one value of a column."""
    found = one_value(part)
    if isinstance(found, Ratio):
        raise Refused("a quotient is to be rounded before, as in decimal(a / b, 2)")
    return found


def of_kinds(
    *kinds: Kind | frozenset[Kind],
) -> Callable[[Callable[..., Column]], Function]:
    """Declare the kinds of a function's arguments: one of another kind makes it null, as a null.

    The function declared takes columns, and is null wherever one of them is.
    """
    wanted = [each if isinstance(each, frozenset) else frozenset((each,)) for each in kinds]

    def declare(run: Callable[..., Column]) -> Function:
        def compile_(parts: Sequence[Part]) -> Part:
            arguments = [a_column(each) for each in parts]
            pairs = zip(arguments, wanted, strict=False)
            if any(is_constant_null(each) or each.type.kind not in kind for each, kind in pairs):
                return NULL
            return run(*arguments)

        return compile_

    return declare


def fixed(column: Column) -> int:
    """Return an argument that must be written out: a number, without its fraction.

    Raises:
        Refused: it differs from row to row.
    """
    if not isinstance(column, Constant):
        raise Refused("this argument must be the same on every row")
    size = abs(column.value) // 10**column.type.scale
    return int(-size if column.value < 0 else size)
