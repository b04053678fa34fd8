"""How rent goes into the books: earned month by month, received when it comes.

What a tenant owes for the time that is over is receivable, what was paid for time to come is owed
to the tenant: so a rent of three years paid at once is no income of the first (as the accounting
system of rural collectives has it). Members have one account for both, 内部往来; of others there
are two, and one of them is always empty.

>>> booked = receive("租金", 300, 100, "bank", member=False)
>>> [(each.code, each.side, each.amount_fen) for each in booked]
[('102', 'debit', 300), ('112', 'credit', 100), ('211', 'credit', 200)]
"""

from longmai.domains.assets.vouchers.model import Entry, entries_of, turned, voucher

TAKEN_BACK = "冲销"


def receive(text: str, amount_fen: int, balance_fen: int, use: str, *, member: bool) -> list[Entry]:
    """Return the voucher of a receipt.

    Args:
        text: of the voucher.
        amount_fen: received.
        balance_fen: earned less received before; below 0: paid ahead.
        use: ``bank`` or ``cash``.
        member: the tenant is a member or a household of the collective.
    """
    if member:
        return entries_of([(text, use, "households", amount_fen)])
    owed = min(amount_fen, max(balance_fen, 0))
    credits_ = (("receivable", owed), ("ahead", amount_fen - owed))
    return voucher(text, [(use, amount_fen)], credits_)


def give_back(
    text: str, amount_fen: int, balance_fen: int, use: str, *, member: bool
) -> list[Entry]:
    """Return the voucher that takes a receipt back; ``balance_fen`` with the receipt in it."""
    if member:
        return turned(entries_of([(text, use, "households", amount_fen)]), TAKEN_BACK)
    ahead = min(amount_fen, max(-balance_fen, 0))
    debits = (("ahead", ahead), ("receivable", amount_fen - ahead))
    return voucher(f"{TAKEN_BACK}：{text}", debits, [(use, amount_fen)])


def earn(text: str, amount_fen: int, balance_fen: int, income: str, *, member: bool) -> list[Entry]:
    """Return the voucher of what months have earned; below 0: of what they turn out not to have.

    Args:
        text: of the voucher.
        amount_fen: earned since the last time.
        balance_fen: as of ``receive``.
        income: use of the account of income: ``rent`` or ``investment``.
        member: as of ``receive``.
    """
    if member or amount_fen == 0:
        return entries_of([(text, "households", income, amount_fen)])
    if amount_fen > 0:
        ahead = min(amount_fen, max(-balance_fen, 0))
        debits = (("ahead", ahead), ("receivable", amount_fen - ahead))
        return voucher(text, debits, [(income, amount_fen)])
    owed = min(-amount_fen, max(balance_fen, 0))
    credits_ = (("receivable", owed), ("ahead", -amount_fen - owed))
    return voucher(text, [(income, -amount_fen)], credits_)
