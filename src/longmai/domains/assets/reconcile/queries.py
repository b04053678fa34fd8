"""Reads the four books of a place, and holds them against each other."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from longmai.domains.assets.contracts.model.schedule import earned_in, months_later, total
from longmai.domains.assets.contracts.queries import Contract, contracts_of_assets
from longmai.domains.assets.life.queries import last_counts
from longmai.domains.assets.reconcile.model import Book, Count, Deal, Difference, compare
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register import right_queries
from longmai.portal.rights.model import Scope
from longmai.store.table_window import Window

MOST = 2_000
"""Assets that are held against their contracts at once."""


@dataclass(frozen=True)
class Line:
    """An asset in the four books, and what differs."""

    asset_id: UUID
    book: Book
    region: str
    deals: tuple[Deal, ...]
    count: Count | None
    differences: tuple[Difference, ...]
    sample: bool


def lines(connection: Connection, scope: Scope, region: str, today: date) -> tuple[int, list[Line]]:
    """Return how many assets a place has, and the lines of the first ``MOST`` of them by code.

    Assets with no contract, no lease in the ledger and nothing that differs are left out.
    """
    filters = register.Filters(region=region, scope=scope)
    number, found = register.assets(
        connection, filters, Window("code", size=MOST, descending=False)
    )
    ids = [each.asset_id for each in found]
    rights = right_queries.rights_of(connection, ids)
    deals = contracts_of_assets(connection, ids, today)
    counts = {
        own: Count(row.present, row.quantity, row.condition, row.on_day)
        for own, row in last_counts(connection, ids).items()
    }
    made = []
    for known in found:
        own = known.asset_id
        book = _book(known, rights[own]["operation"])
        live = tuple(_deal(each) for each in deals.get(own, ()) if each.in_force)
        count = counts.get(own)
        differ = tuple(compare(book, live, count, today))
        if differ or live:
            made.append(Line(own, book, known.asset.region, live, count, differ, known.sample))
    return number, made


def _book(known: register.Known, operation: right_queries.Held) -> Book:
    asset, lease = known.asset, known.asset.lease
    return Book(
        code=asset.code,
        name=asset.name,
        condition=known.state.condition,
        stage=known.state.stage,
        quantity=asset.quantity,
        lease_start=lease.start,
        lease_end=lease.end,
        rent_fen=lease.rent_fen,
        due_fen=lease.due_fen,
        received_fen=lease.received_fen,
        operators=frozenset(each.party.name for each in operation.holdings),
    )


def _deal(contract: Contract) -> Deal:
    terms = contract.terms
    return Deal(
        contract_id=contract.contract_id,
        number=terms.number,
        tenant=terms.tenant.name,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        rents_fen=_rents(contract),
        total_fen=terms.total_fen,
        due_fen=contract.due_fen,
        received_fen=contract.received_fen,
        part=len(terms.asset_ids) > 1 or bool(terms.part),
    )


def _rents(contract: Contract) -> frozenset[int]:
    """Return what may be called the yearly rent of a contract."""
    terms = contract.terms
    second = months_later(terms.starts_on, 12)
    first = total(each for each in terms.instalments if each.start < second)
    return frozenset({terms.yearly_fen, first, earned_in(terms.instalments, contract.on.year)})
