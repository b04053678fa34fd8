"""What pages, API and files show of contracts."""

from collections.abc import Sequence
from datetime import date

from longmai.domains.assets.contracts.queries import Contract
from longmai.kernel.money import fen_to_yuan
from longmai.portal.export import Cell
from longmai.portal.rendering import Words

LIST_COLUMNS = (
    "number", "kind", "village", "tenant", "starts_on", "ends_on", "state", "total", "due",
    "received", "arrears", "late", "filed",
)  # fmt: skip


def yuan(amount_fen: int) -> str:
    """Write an amount in yuan with two decimals and separators.

    >>> yuan(1234567)
    '12,345.67'
    """
    return f"{fen_to_yuan(amount_fen):,}"


def cells_of(each: Contract, t: Words) -> Sequence[Cell]:
    """Return a contract as a row of the exported list."""
    terms = each.terms
    return (
        terms.number,
        t(f"contracts.kinds.{terms.kind}"),
        t.house.regions.path_name(terms.region, t.language),
        terms.tenant.name,
        terms.starts_on,
        terms.ends_on,
        t(f"contracts.states.{each.state}"),
        str(fen_to_yuan(terms.total_fen)),
        str(fen_to_yuan(each.due_fen)),
        str(fen_to_yuan(each.received_fen)),
        str(fen_to_yuan(each.arrears_fen)),
        each.late_days or None,
        each.filed or t("contracts.unfiled"),
    )


def month_before(today: date) -> tuple[int, int]:
    """Return the month that was over last.

    >>> month_before(date(2026, 1, 15))
    (2025, 12)
    """
    return (today.year - 1, 12) if today.month == 1 else (today.year, today.month - 1)
