"""Vouchers of a distribution: the fund taken, dividends owed and paid, pay for work."""

from longmai.domains.assets.dividends.model import Distribution
from longmai.domains.assets.vouchers.model import Entry, entries_of, turned


def on_decision(found: Distribution, year: int) -> list[Entry]:
    """Return the vouchers of the decided plan: the fund taken, the dividends owed to households."""
    return entries_of(
        (
            (f"{year} 年提取公积公益金", "distribution", "fund", found.fund_fen),
            (f"{year} 年收益分配给成员", "distribution", "households", found.available_fen),
        )
    )


def on_payment(dividend_fen: int, labour_fen: int, year: int) -> list[Entry]:
    """Return the vouchers of the payment: dividends, and pay for work."""
    return entries_of(
        (
            (f"支付 {year} 年分红", "households", "bank", dividend_fen),
            (f"支付 {year} 年劳动报酬", "labour", "bank", labour_fen),
        )
    )


def on_return(dividend_fen: int, labour_fen: int, year: int) -> list[Entry]:
    """Return the vouchers of a payment that came back: the same, turned round."""
    return turned(on_payment(dividend_fen, labour_fen, year), "退回")
