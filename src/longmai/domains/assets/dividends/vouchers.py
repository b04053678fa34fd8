"""Vouchers of a distribution as neutral entries: balanced, with the codes of ``accounts.toml``."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from longmai.domains.assets.dividends.model import Distribution
from longmai.kernel.errors import Invalid

_FILE = Path(__file__).with_name("accounts.toml")


@dataclass(frozen=True)
class Entry:
    """A line of a voucher; lines of one ``number`` balance.

    Attributes:
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
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {use: (code, name) for use, (code, name) in told["codes"].items()}


def on_decision(found: Distribution, year: int) -> list[Entry]:
    """Return the vouchers of the decided plan: the fund taken, the dividends owed to households."""
    pairs = (
        (f"{year} 年提取公积公益金", "distribution", "fund", found.fund_fen),
        (f"{year} 年收益分配给成员", "distribution", "households", found.available_fen),
    )
    return _entries(pairs)


def on_payment(dividend_fen: int, labour_fen: int, year: int) -> list[Entry]:
    """Return the vouchers of the payment: dividends, and pay for work."""
    pairs = (
        (f"支付 {year} 年分红", "households", "bank", dividend_fen),
        (f"支付 {year} 年劳动报酬", "labour", "bank", labour_fen),
    )
    return _entries(pairs)


def on_return(dividend_fen: int, labour_fen: int, year: int) -> list[Entry]:
    """Return the vouchers of a payment that came back: the same, turned round."""
    return [
        Entry(each.number, f"退回：{each.text}", each.code, each.account,
              "credit" if each.side == "debit" else "debit", each.amount_fen)
        for each in on_payment(dividend_fen, labour_fen, year)
    ]  # fmt: skip


def check_balanced(entries: Iterable[Entry]) -> None:
    """Refuse vouchers that do not balance.

    Raises:
        Invalid: of one number, debit is not credit.
    """
    sums: dict[int, int] = {}
    for each in entries:
        sign = 1 if each.side == "debit" else -1
        sums[each.number] = sums.get(each.number, 0) + sign * each.amount_fen
    wrong = [number for number, rest in sums.items() if rest]
    if wrong:
        raise Invalid("a voucher does not balance", code="assets.voucher.balance", value=wrong)


def _entries(pairs: Iterable[tuple[str, str, str, int]]) -> list[Entry]:
    found: list[Entry] = []
    for text, debit, credit, amount in pairs:
        if amount:
            number = len(found) // 2 + 1
            found += [
                Entry(number, text, *codes()[debit], "debit", amount),
                Entry(number, text, *codes()[credit], "credit", amount),
            ]
    check_balanced(found)
    return found
