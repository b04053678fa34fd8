"""Book vouchers: numbered in their village's year, balanced. Services never commit."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.vouchers.model import Entry, check_balanced
from longmai.domains.assets.vouchers.tables import BOOKED_KIND, VOUCHER

READ = "assets.voucher.read"


def book(
    desk: Desk, region: str, on: date, entries: Sequence[Entry], source: str, subject: str
) -> UUID | None:
    """Book vouchers; return their record, or None where there is nothing to book.

    Whoever calls has checked the right to do what is booked.

    Args:
        desk: of the accountant.
        region: of the village.
        on: day of the vouchers.
        entries: the lines.
        source: what they come from: ``dividend``, ``contract``, ``cover``.
        subject: what they are about, such as ``contract:<uuid>``.

    Raises:
        Invalid: they do not balance.
    """
    if not entries:
        return None
    check_balanced(entries)
    desk.hold([region])
    newest = select(func.max(VOUCHER.c.sequence)).where(
        VOUCHER.c.region == region, VOUCHER.c.year == on.year
    )
    told = {
        "source": source,
        "about": subject.rpartition(":")[2],
        "on": on.isoformat(),
        "sequence": (desk.work.connection.scalar(newest) or 0) + 1,
        "entries": [asdict(each) for each in entries],
        **({"sample": True} if desk.sample else {}),
    }
    return desk.record(BOOKED_KIND, [subject], region, told)
