"""Each kind of difference by hand; books that agree differ in nothing."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from longmai.domains.assets.reconcile.model import KINDS, Book, Count, Deal, compare

TODAY = date(2026, 5, 1)
START, END = date(2024, 1, 1), date(2028, 12, 31)
BOOK = Book("A1", "冷库", "good", "handed_over", Decimal(2), START, END, 1_000, 3_000, 3_000,
            frozenset({"示例公司"}))  # fmt: skip
DEAL = Deal(UUID(int=1), "1", "示例公司", START, END, frozenset({1_000}), 5_000, 3_000, 3_000)
COUNT = Count(present=True, quantity=Decimal("2.0"), condition="good", on_day=TODAY)

CASES = {
    "lease_without_contract": (BOOK, [], COUNT),
    "contract_not_in_ledger": (
        replace(BOOK, lease_start=None, lease_end=None, rent_fen=None), [DEAL], COUNT,
    ),
    "rent_differs": (replace(BOOK, rent_fen=900), [DEAL], COUNT),
    "end_differs": (replace(BOOK, lease_end=date(2027, 12, 31)), [DEAL], COUNT),
    "operator_differs": (replace(BOOK, operators=frozenset({"合作社"})), [DEAL], COUNT),
    "disposed_under_contract": (replace(BOOK, stage="disposed"), [DEAL], COUNT),
    "arrears": (replace(BOOK, received_fen=None), [replace(DEAL, received_fen=2_000)], COUNT),
    "overpaid": (replace(BOOK, received_fen=None), [replace(DEAL, received_fen=5_001)], COUNT),
    "due_differs": (replace(BOOK, due_fen=4_000), [DEAL], COUNT),
    "received_differs": (replace(BOOK, received_fen=0), [DEAL], COUNT),
    "missing_under_contract": (BOOK, [DEAL], replace(COUNT, present=False)),
    "quantity_differs": (BOOK, [DEAL], replace(COUNT, quantity=Decimal(1))),
    "idle_under_contract": (replace(BOOK, condition="idle"), [DEAL], COUNT),
    "not_counted": (BOOK, [DEAL], None),
}  # fmt: skip


def test_books_that_agree() -> None:
    """Nothing differs; of a part of an asset the ledger's sums do not compare."""
    assert compare(BOOK, [DEAL], COUNT, TODAY) == []
    assert (
        compare(replace(BOOK, rent_fen=9, due_fen=9), [replace(DEAL, part=True)], COUNT, TODAY)
        == []
    )
    assert tuple(CASES) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_each_difference(kind: str) -> None:
    """One change makes one difference."""
    book, deals, count = CASES[kind]
    [found] = compare(book, deals, count, TODAY)
    assert found.kind == kind
    assert found.contract_id == (
        None if kind in {KINDS[0], "quantity_differs"} else DEAL.contract_id
    )
