"""Vouchers as neutral entries: each balances, with the codes of ``accounts.toml``.

>>> [(each.code, each.side) for each in entries_of([("租金", "bank", "rent", 100)])]
[('102', 'debit'), ('501', 'credit')]
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from longmai.kernel.errors import Invalid

_FILE = Path(__file__).with_name("accounts.toml")
DEBIT, CREDIT = "debit", "credit"


@dataclass(frozen=True)
class Entry:
    """A line of a voucher; lines of one ``number`` balance.

    Attributes:
        number: counts the vouchers that are booked together, from 1.
        side: ``debit`` or ``credit``.
    """

    number: int
    text: str
    code: str
    account: str
    side: str
    amount_fen: int


@cache
def codes() -> Mapping[str, tuple[str, str]]:
    """Return (code, name) of the accounts used, by use."""
    return {use: (code, name) for use, (code, name) in _told()["codes"].items()}


@cache
def standing() -> str:
    """Return how sure the codes are: ``现行`` or ``待核定``."""
    return str(_told()["status"])


def _told() -> Mapping[str, dict[str, tuple[str, str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def entries_of(pairs: Iterable[tuple[str, str, str, int]]) -> list[Entry]:
    """Return one voucher for each (text, use debited, use credited, amount in fen) that is not 0.

    Of a negative amount the sides are turned round.
    """
    found: list[Entry] = []
    for text, debit, credit, amount in pairs:
        if amount < 0:
            debit, credit, amount = credit, debit, -amount  # noqa: PLW2901 - the mirror image
        if amount:
            found += _voucher(len(found) // 2 + 1, text, ((debit, amount),), ((credit, amount),))
    return found


def voucher(
    text: str, debits: Sequence[tuple[str, int]], credits_: Sequence[tuple[str, int]]
) -> list[Entry]:
    """Return one voucher of several accounts; lines of nothing are left out.

    Args:
        text: what it is about.
        debits: use and amount in fen.
        credits_: likewise.

    Raises:
        Invalid: it does not balance.
    """
    found = _voucher(1, text, debits, credits_)
    check_balanced(found)
    return found


def _voucher(
    number: int, text: str, debits: Sequence[tuple[str, int]], credits_: Sequence[tuple[str, int]]
) -> list[Entry]:
    sides = ((DEBIT, debits), (CREDIT, credits_))
    return [
        Entry(number, text, *codes()[use], side, amount)
        for side, lines in sides
        for use, amount in lines
        if amount
    ]


def turned(entries: Iterable[Entry], word: str) -> list[Entry]:
    """Return the vouchers that take others back: the same, turned round, under a word."""
    return [
        replace(each, text=f"{word}：{each.text}", side=CREDIT if each.side == DEBIT else DEBIT)
        for each in entries
    ]


def check_balanced(entries: Iterable[Entry]) -> None:
    """Refuse vouchers that do not balance.

    Raises:
        Invalid: of one number, debit is not credit; or an amount is not above zero.
    """
    sums: dict[int, int] = {}
    for each in entries:
        if each.amount_fen <= 0:
            raise Invalid("a line has an amount", code="assets.voucher.amount", value=each.text)
        sign = 1 if each.side == DEBIT else -1
        sums[each.number] = sums.get(each.number, 0) + sign * each.amount_fen
    wrong = [number for number, rest in sums.items() if rest]
    if wrong:
        raise Invalid("a voucher does not balance", code="assets.voucher.balance", value=wrong)
