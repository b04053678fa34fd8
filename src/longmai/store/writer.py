"""The writer's side of the ledger: acts are sealed, stored and projected in one transaction."""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from longmai.kernel.clock import Clock
from longmai.kernel.errors import Conflict, NotFound
from longmai.kernel.ids import new_id
from longmai.ledger.erasure import erasure_act
from longmai.ledger.record import SALT_BYTES, Act, Record, seal
from longmai.store.ledger import RECORD, SUBJECT, WAITING
from longmai.store.pressure import Pressure
from longmai.store.projection import Entry, Projection

_CHUNK = 1024
_OWN_KINDS = "ledger."


class LedgerWriter:
    """Appends acts within a unit of work, and lets their projections fill the domains' tables."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        projections: Sequence[Projection],
        second_hash: str = "",
        pressure: Pressure | None = None,
    ) -> None:
        self._connection = connection
        self._second_hash = second_hash
        self._pressure = pressure or Pressure()
        self._clock = clock
        self._projections = projections

    def append(self, acts: Sequence[Act]) -> list[Record]:
        """Record acts, all or none, and return the records in the same order.

        They get their places in the log, and a checkpoint, within a second after the commit.

        Raises:
            Invalid: an act that cannot be recorded.
            Unavailable: too many records wait for their place already.
        """
        self._pressure.check(self._connection)
        now = self._clock.now()
        records: list[Record] = []
        for start in range(0, len(acts), _CHUNK):
            records += self._append_chunk(acts[start : start + _CHUNK], now)
        return records

    def _append_chunk(self, acts: Sequence[Act], now: datetime) -> list[Record]:
        records = [
            seal(
                act,
                record_id=new_id(),
                recorded_at=now,
                salt=os.urandom(SALT_BYTES),
                second=self._second_hash,
            )
            for act in acts
        ]
        self._insert(acts, records)
        self._project(acts, records)
        return records

    def erase(self, record_id: UUID, *, basis: str, actor: str) -> Record:
        """Erase a record's payload and salt, and the rows made from it; record that, with why.

        Proofs of the record still hold. Other databases keep what they copied: see the how-to.

        Raises:
            NotFound: there is no such record.
            Conflict: it was erased before, or is one of the ledger's own (of an erasure, a key
                rotation, another log's checkpoint): those hold no personal data.
            Invalid: no basis or actor is given.
        """
        run = self._connection.execute
        here = RECORD.c.id == record_id
        row = run(select(RECORD.c.kind, RECORD.c.payload).where(here)).one_or_none()
        if row is None:
            raise NotFound("no such record", code="ledger.record", value=str(record_id))
        if row.payload is None or row.kind.startswith(_OWN_KINDS):
            raise Conflict(
                "this record was erased before, or is one of the ledger's own",
                code="ledger.erased",
                value=str(record_id),
            )
        at = self._clock.now()
        [erasure] = self.append([erasure_act(record_id, basis=basis, actor=actor, at=at)])
        run(update(RECORD).where(here).values(payload=None, salt=None))
        for projection in self._projections:
            if projection.kind == row.kind:
                for table in reversed(projection.tables):
                    run(delete(table).where(table.c.record_id == record_id))
        return erasure

    def _project(self, acts: Sequence[Act], records: Sequence[Record]) -> None:
        kinds = {projection.kind for projection in self._projections}
        entries = [
            # Read back from the bytes: projections see what was recorded, now as in a rebuild.
            Entry(record.id, record.fields(), json.loads(record.payload or b"null"))
            for act, record in zip(acts, records, strict=True)
            if act.kind in kinds
        ]
        project(self._connection, self._projections, entries)

    def _insert(self, acts: Sequence[Act], records: Sequence[Record]) -> None:
        pairs = list(zip(acts, records, strict=True))
        run = self._connection.execute
        run(
            insert(RECORD),
            [
                {
                    "id": record.id,
                    "kind": act.kind,
                    "region": act.region,
                    "header": record.header,
                    "payload": record.payload,
                    "salt": record.salt,
                }
                for act, record in pairs
            ],
        )
        run(insert(WAITING), [{"record_id": record.id} for record in records])
        subjects = [
            {"subject": subject, "record_id": record.id}
            for act, record in pairs
            for subject in dict.fromkeys(act.subjects)
        ]
        if subjects:
            run(insert(SUBJECT), subjects)


def project(
    connection: Connection, projections: Sequence[Projection], entries: Sequence[Entry]
) -> None:
    """Run the projections over entries, each kind in one go."""
    by_kind = sorted(entries, key=lambda entry: str(entry.header["kind"]))
    for kind, group in groupby(by_kind, key=lambda entry: entry.header["kind"]):
        same = list(group)
        for projection in projections:
            if projection.kind == kind:
                projection.apply(connection, same)
