"""Accounts of a bank's book of hours: who holds minutes, and what may stand there.

Within a bank the balances of all accounts add up to zero, always. ``issue`` is the other side of
all others: what the bank has put into circulation, below zero.

>>> kind_of("honour:7"), kind_of(ISSUE)
('honour', 'issue')
"""

from uuid import UUID

from longmai.kernel.errors import Invalid

ISSUE = "issue"
FUND = "fund"
KINDS = ("member", "honour", "clearing", ISSUE, FUND)
"""Member: may be spent. Honour: earned above the cap, kept as a distinction, never spent.
Clearing: owed to another bank (above zero) or by it (below)."""


def member(member_id: UUID) -> str:
    """Return the account that a member spends from."""
    return f"member:{member_id}"


def honour(member_id: UUID) -> str:
    """Return the account of a member's hours that are kept as a distinction."""
    return f"honour:{member_id}"


def clearing(bank_id: UUID) -> str:
    """Return the account with another bank."""
    return f"clearing:{bank_id}"


def kind_of(account: str) -> str:
    """Return the kind of an account.

    Raises:
        Invalid: there is no such kind.
    """
    kind = account.partition(":")[0]
    if kind not in KINDS:
        raise Invalid("no kind of account", code="hours.account", value=account)
    return kind


def owner_of(account: str) -> UUID:
    """Return whose a member, honour or clearing account is."""
    return UUID(account.partition(":")[2])


def clock_text(minutes: int) -> str:
    """Write minutes as hours and minutes.

    >>> clock_text(150), clock_text(-5)
    ('2:30', '-0:05')
    """
    sign, rest = ("-", -minutes) if minutes < 0 else ("", minutes)
    return f"{sign}{rest // 60}:{rest % 60:02d}"
