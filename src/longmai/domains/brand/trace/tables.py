"""The edges of the graph of batches, filled with the captured events; rows are only added."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Uuid

from longmai.domains.brand.model.epcis import Event
from longmai.domains.brand.trace.model.edges import edges_of, event_node
from longmai.store.database import metadata

EDGE = Table(
    "brand_edge",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("source", BigInteger, nullable=False),
    Column("target", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("via", BigInteger, nullable=False),
    # Each holds all that a walk in its direction reads: the table itself is not touched.
    Index("ix_brand_edge_forward", "source", "target", "kind", "at", "via"),
    Index("ix_brand_edge_back", "target", "source", "kind", "at", "via"),
)

# Events declared in error: few, and asked for by number.
VOID = Table(
    "brand_edge_void",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("via", BigInteger, nullable=False, index=True),
)

TABLES = (EDGE, VOID)


def edge_rows(record_id: UUID, event: Event) -> Iterator[dict[str, Any]]:
    """Yield the rows of the edges that an event says; none if it declares an error."""
    if "errorDeclaration" in event.body:
        return
    for position, edge in enumerate(edges_of(event)):
        yield {
            "record_id": record_id,
            "position": position,
            "source": edge.source,
            "target": edge.target,
            "kind": int(edge.kind),
            "at": edge.at,
            "via": edge.via,
        }


def void_rows(record_id: UUID, event: Event) -> Iterator[dict[str, Any]]:
    """Yield the row of an event that declares another an error."""
    if "errorDeclaration" in event.body:
        yield {"record_id": record_id, "via": event_node(event.event_id)}
