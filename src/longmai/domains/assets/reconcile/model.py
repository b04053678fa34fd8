"""What differs between the ledger of assets, their contracts, what came on them, what was counted.

>>> book = Book("A1", "冷库", "good", "handed_over", None, None, None, 100, None, None, frozenset())
>>> [each.kind for each in compare(book, [], None, date(2026, 1, 1))]
['lease_without_contract']
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

KINDS = (
    "lease_without_contract", "contract_not_in_ledger", "rent_differs", "end_differs",
    "operator_differs", "disposed_under_contract", "arrears", "overpaid", "due_differs",
    "received_differs", "missing_under_contract", "quantity_differs", "idle_under_contract",
    "not_counted",
)  # fmt: skip
"""What can differ, in the order the books are held against each other."""


@dataclass(frozen=True)
class Book:
    """An asset as the ledger has it; amounts in fen, None where it says nothing.

    Attributes:
        lease_start: of the contract that the ledger states; ``lease_end``.
        operators: names of who holds the right of operation.
    """

    code: str
    name: str
    condition: str
    stage: str
    quantity: Decimal | None
    lease_start: date | None
    lease_end: date | None
    rent_fen: int | None
    due_fen: int | None
    received_fen: int | None
    operators: frozenset[str]


@dataclass(frozen=True)
class Deal:
    """A contract in force about it.

    Attributes:
        rents_fen: what may be called its yearly rent: of the first year, of this year, on average.
        total_fen, due_fen: of its schedule; ``received_fen`` as the receipts say.
        part: it is one of several assets or parts, so sums of the ledger do not compare.
    """

    contract_id: UUID
    number: str
    tenant: str
    starts_on: date
    ends_on: date
    rents_fen: frozenset[int]
    total_fen: int
    due_fen: int
    received_fen: int
    part: bool = False


@dataclass(frozen=True)
class Count:
    """What the last inventory found."""

    present: bool
    quantity: Decimal | None
    condition: str
    on_day: date


@dataclass(frozen=True)
class Difference:
    """One difference: ``values`` fill the sentence that explains it."""

    kind: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    contract_id: UUID | None = None


def compare(
    book: Book, deals: Sequence[Deal], count: Count | None, today: date
) -> list[Difference]:
    """Return what differs about an asset; ``values`` with a name in ``_fen`` are amounts."""
    found = [*_of_ledger(book, deals, today)]
    for deal in deals:
        found += _of_contract(book, deal)
        found += _of_money(book, deal)
        found += _of_use(book, deal, count)
    if count is not None and count.present and _apart(book.quantity, count.quantity):
        values = {
            "book": str(book.quantity),
            "counted": str(count.quantity),
            "on": count.on_day.isoformat(),
        }
        found.append(Difference("quantity_differs", values))
    return sorted(found, key=lambda each: KINDS.index(each.kind))


def _of_ledger(book: Book, deals: Sequence[Deal], today: date) -> Iterator[Difference]:
    stated = book.lease_start is not None or bool(book.rent_fen)
    over = book.lease_end is not None and book.lease_end < today
    if stated and not over and not deals and book.stage != "disposed":
        yield Difference("lease_without_contract", {"end": _day(book.lease_end)})


def _of_contract(book: Book, deal: Deal) -> Iterator[Difference]:
    own = deal.contract_id
    named: dict[str, str | int] = {"number": deal.number, "tenant": deal.tenant}
    if book.lease_start is None and not book.rent_fen:
        yield Difference("contract_not_in_ledger", named, own)
    if book.rent_fen and not deal.part and book.rent_fen not in deal.rents_fen:
        rents = {"book_fen": book.rent_fen, "contract_fen": max(deal.rents_fen, default=0)}
        yield Difference("rent_differs", {**named, **rents}, own)
    if book.lease_end is not None and book.lease_end != deal.ends_on:
        days = {"book": _day(book.lease_end), "contract": _day(deal.ends_on)}
        yield Difference("end_differs", {**named, **days}, own)
    if book.operators and deal.tenant not in book.operators:
        holders = {"holders": "、".join(sorted(book.operators))}
        yield Difference("operator_differs", {**named, **holders}, own)
    if book.stage == "disposed":
        yield Difference("disposed_under_contract", named, own)


def _of_money(book: Book, deal: Deal) -> Iterator[Difference]:
    own = deal.contract_id
    sums: dict[str, str | int] = {
        "number": deal.number, "due_fen": deal.due_fen, "received_fen": deal.received_fen,
    }  # fmt: skip
    if deal.received_fen < deal.due_fen:
        rest = deal.due_fen - deal.received_fen
        yield Difference("arrears", {**sums, "rest_fen": rest}, own)
    if deal.received_fen > deal.total_fen:
        rest = deal.received_fen - deal.total_fen
        yield Difference("overpaid", {**sums, "rest_fen": rest}, own)
    if not deal.part:
        for kind, stated, real in (
            ("due_differs", book.due_fen, deal.due_fen),
            ("received_differs", book.received_fen, deal.received_fen),
        ):
            if stated is not None and stated != real:
                two: dict[str, str | int] = {"book_fen": stated, "real_fen": real}
                yield Difference(kind, {"number": deal.number, **two}, own)


def _of_use(book: Book, deal: Deal, count: Count | None) -> Iterator[Difference]:
    own = deal.contract_id
    named: dict[str, str | int] = {"number": deal.number, "tenant": deal.tenant}
    if count is None:
        yield Difference("not_counted", named, own)
    elif not count.present:
        told: dict[str, str | int] = {**named, "on": count.on_day.isoformat()}
        yield Difference("missing_under_contract", told, own)
    if book.condition in {"idle", "damaged"}:
        yield Difference("idle_under_contract", named | {"condition": book.condition}, own)


def _apart(one: Decimal | None, other: Decimal | None) -> bool:
    return one is not None and other is not None and one != other


def _day(day: date | None) -> str:
    return day.isoformat() if day else "–"
