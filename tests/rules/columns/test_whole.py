"""Kernels over whole numbers and truths, held to Python's own numbers, row by row."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from longmai.rules.columns.whole import (
    coalesce,
    least_or_greatest,
    quotient,
    remainder,
    same,
    surely,
)

Rows = list[int | None]

WIDTHS = st.sampled_from([8, 16, 32, 64])


def columns(width: int) -> st.SearchStrategy[Rows]:
    """Some numbers of a width, some of them null."""
    most = 2 ** (width - 1) - 1
    number = st.integers(-most - 1, most) | st.sampled_from([-most - 1, -1, 0, 1, most])
    return st.lists(st.none() | number, max_size=70)


def cut(rows: Rows, width: int, at: int) -> pa.Array:
    """A column that begins in the middle of its memory."""
    type_ = getattr(pa, f"int{width}")()
    return pa.array([0, None, 1, *rows][: 3 + len(rows)], type_).slice(3).slice(at)


@given(st.data(), WIDTHS)
def test_quotients_are_cut_off_towards_zero(data: st.DataObject, width: int) -> None:
    """And what is left has the sign of the dividend; nulls stay null, at every offset."""
    rows = data.draw(columns(width))
    at = data.draw(st.integers(0, len(rows)))
    divisor = data.draw(st.integers(1, 2 ** (width - 1) - 1) | st.sampled_from([1, 2, 100]))
    column, by = cut(rows, width, at), pa.scalar(divisor, getattr(pa, f"int{width}")())
    kept = rows[at:]
    whole = [None if n is None else abs(n) // divisor * (-1 if n < 0 else 1) for n in kept]
    left = [None if n is None else abs(n) % divisor * (-1 if n < 0 else 1) for n in kept]
    assert quotient(column, by).to_pylist() == whole
    assert remainder(column, by).to_pylist() == left
    assert quotient(column, by).type == remainder(column, by).type == column.type


@given(st.data(), WIDTHS)
def test_least_and_greatest_leave_nulls_out(data: st.DataObject, width: int) -> None:
    """Of two columns, and of a column and a number, on either side."""
    rows = data.draw(columns(width))
    number = data.draw(st.integers(-100, 100))
    column = cut(rows, width, 0)
    for of_values, of_rows, chosen in (
        (np.minimum, pc.min_element_wise, min),
        (np.maximum, pc.max_element_wise, max),
    ):
        run = partial(least_or_greatest, of_values, of_rows)
        beside = pa.scalar(number, column.type)
        wanted = [number if n is None else chosen(n, number) for n in rows]
        assert run(column, beside).to_pylist() == wanted
        assert run(beside, column).to_pylist() == wanted
        assert run(column, column).to_pylist() == rows
        assert run(column, beside).type == column.type


@given(st.lists(st.sampled_from([True, False, None]), max_size=70), st.integers(0, 9))
def test_truths_that_are_not_known(rows: list[bool | None], at: int) -> None:
    """They are taken for false, for a constant, or for another column's."""
    column = pa.array([None, *rows], pa.bool_()).slice(1).slice(min(at, len(rows)))
    kept = column.to_pylist()
    assert surely(column).to_pylist() == [each is True for each in kept]
    for other in (True, False):
        found = coalesce(column, pa.scalar(other)).to_pylist()
        assert found == [other if each is None else each for each in kept]
    none = pa.nulls(len(kept), pa.bool_())
    assert coalesce(column, none).to_pylist() == kept
    assert coalesce(none, column).to_pylist() == kept
    assert same(column, column).to_pylist() == [True] * len(kept)
