"""Links the rows of a file to persons: a row that was linked before is never moved by a new one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, or_, select

from longmai.domains.livelihood.persons.content import identity_of
from longmai.domains.livelihood.persons.importing import Desk
from longmai.domains.livelihood.persons.refreshing import refresh
from longmai.domains.livelihood.persons.tables import (
    DECISION,
    FILE,
    LINK,
    LINKED,
    PAIR,
    ROW,
    is_current,
)
from longmai.kernel.errors import Conflict, NotFound
from longmai.kernel.ids import new_id
from longmai.ledger.record import Act
from longmai.match.linkage.grouping import Groups, Record, grouped, names_agree
from longmai.match.linkage.model import Model
from longmai.match.linkage.records import Identity, table
from longmai.match.linkage.weighing import pairs
from longmai.store.linkage import splink_database
from longmai.store.reading import chunks, newest_record
from longmai.store.unit_of_work import Store, UnitOfWork

_MODEL = Path(__file__).parent / "model.json"
_MOVES = 1_000
# So many new rows are looked up one by one; for more, all old ones are read.
_FEW = 3_000
_TRIES = 3
Tell = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Linking:
    """What linking a file did.

    Attributes:
        rows: that were linked.
        known: persons that a row was added to.
        fresh: persons that are new.
        doubts: pairs that wait for a clerk.
    """

    rows: int
    known: int
    fresh: int
    doubts: int


@cache
def shipped_model() -> Model:
    """Return the model of linkage that is shipped."""
    return Model.load(_MODEL)


def link_file(
    store: Store, desk: Desk, file_id: UUID, tell: Tell = lambda _done, _total: None
) -> Linking:
    """Link the rows of a file that were taken and not linked yet.

    Weighing reads what was linked before; where somebody linked meanwhile it is done again.

    Raises:
        NotFound: there is no such file.
        Conflict: others link without end.
    """
    for _ in range(_TRIES):
        with store.read() as connection:
            seen = _links(connection)
            plan = _Plan.of(connection, file_id)
        tell(1, 3)
        groups = plan.groups()
        tell(2, 3)
        with store.begin() as work:
            if _links(work.connection) == seen:
                return plan.write(work, desk, groups)
    raise Conflict("others link at the same time", code="persons.linking", mend="try again")


def _links(connection: Connection) -> tuple[Any, ...]:
    """Return how many links there are and the newest: what a plan was made from."""
    return tuple(
        connection.execute(select(func.count(), newest_record(LINK)).select_from(LINK)).one()
    )


@dataclass
class _Plan:
    file: Any
    new: list[Record]
    old: list[Record]
    person_of: dict[str, UUID]
    regions: dict[str, str]
    inherited: dict[str, tuple[str, str]] = field(default_factory=dict)
    apart: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, connection: Connection, file_id: UUID) -> "_Plan":
        file = connection.execute(select(FILE).where(FILE.c.id == file_id)).one_or_none()
        if file is None:
            raise NotFound("no such file", code="persons.file", value=str(file_id))
        linked = select(LINK.c.row_id).where(LINK.c.row_id == ROW.c.id).exists()
        mine = (ROW.c.file_id == file_id, ~linked, ROW.c.content.is_not(None))
        rows = connection.execute(select(ROW).where(*mine).order_by(ROW.c.id)).all()
        new = [Record(str(r.id), identity_of(r.content, sample=file.sample)) for r in rows]
        plan = cls(file, new, [], {}, {str(r.id): r.region for r in rows})
        keys = {str(r.id): r.record_key for r in rows}
        plan._read_old(connection, new)
        plan._inherit(connection, keys)
        plan.apart = _apart(connection)
        return plan

    def _read_old(self, connection: Connection, new: Sequence[Record]) -> None:
        query = (
            select(LINK.c.person_id, ROW.c.id, ROW.c.content, FILE.c.sample)
            .join(ROW, ROW.c.id == LINK.c.row_id)
            .join(FILE, FILE.c.id == ROW.c.file_id)
            .where(is_current(), ROW.c.content.is_not(None))
        )
        for condition in _near([each.identity for each in new]):
            for row in connection.execute(query.where(*condition)):
                key = str(row.id)
                if key not in self.person_of:
                    self.person_of[key] = row.person_id
                    who = identity_of(row.content, sample=row.sample)
                    self.old.append(Record(key, who, str(row.person_id)))

    def _inherit(self, connection: Connection, keys: dict[str, str]) -> None:
        # The same line of the same list, said anew, is of the same person.
        before: dict[str, tuple[str, str, Identity]] = {}
        series = select(ROW.c.series).where(ROW.c.file_id == self.file.id).limit(1)
        query = (
            select(ROW.c.record_key, ROW.c.id, ROW.c.content, LINK.c.person_id)
            .join(LINK, LINK.c.row_id == ROW.c.id)
            .where(is_current(), ROW.c.series == series.scalar_subquery())
            .where(ROW.c.file_id != self.file.id, ROW.c.content.is_not(None))
            .order_by(ROW.c.id)
        )
        for row in connection.execute(query):
            who = identity_of(row.content, sample=self.file.sample)
            before[row.record_key] = (str(row.person_id), str(row.id), who)
        for index, each in enumerate(self.new):
            found = before.get(keys[each.key])
            if found is not None and _same_line(found[2], each.identity):
                self.inherited[each.key] = found[:2]
                self.new[index] = Record(each.key, each.identity, found[0])

    def groups(self) -> Groups:
        records = [*self.old, *self.new]
        fresh = {each.key for each in self.new}
        compared = table((each.key, each.identity, each.key in fresh) for each in records)
        model = shipped_model()
        with splink_database() as database:
            found = list(pairs(database, compared, model))
        return grouped(records, found, link_bits=model.link_bits, apart=self.apart)

    def write(self, work: UnitOfWork, desk: Desk, groups: Groups) -> Linking:
        moves = list(self._moves(groups))
        acts = [self._act(desk, part) for part in chunks(moves, _MOVES)]
        work.ledger.append(acts)
        doubts = self._keep_doubts(work.connection, desk, groups)
        touched = {UUID(move[2]) for move in moves}
        refresh(work.connection, touched | self._ended(work.connection))
        known = touched & set(self.person_of.values())
        return Linking(len(moves), len(known), len(touched) - len(known), doubts)

    def _ended(self, connection: Connection) -> set[UUID]:
        """Return the persons of rows that this file took the place of."""
        query = (
            select(LINK.c.person_id)
            .join(ROW, ROW.c.id == LINK.c.row_id)
            .where(ROW.c.ended_by == self.file.id, is_current())
        )
        return set(connection.scalars(query))

    def _moves(self, groups: Groups) -> Iterator[list[Any]]:
        new = {each.key: each for each in self.new}
        persons = {each.key: each.person for each in (*self.old, *self.new) if each.person}
        for members in groups.members.values():
            own = [key for key in members if key in new]
            if not own:
                continue
            person = next((persons[key] for key in members if key in persons), str(new_id()))
            for key in own:
                how, bits = "record", None
                if key not in self.inherited:
                    link = groups.links[key]
                    how, bits = link.how, link.bits
                yield [key, 0, person, how, None if bits is None else round(bits, 2)]

    def _act(self, desk: Desk, moves: list[list[Any]]) -> Act:
        return Act(
            kind=LINKED,
            subjects=[f"file:{self.file.id}"],
            region=self.file.region,
            actor=desk.actor,
            occurred_at=desk.now,
            payload={"model": shipped_model().version, "moves": moves},
        )

    def _keep_doubts(self, connection: Connection, desk: Desk, groups: Groups) -> int:
        rows = [
            {
                "left_row": UUID(each.left),
                "right_row": UUID(each.right),
                "region": self.regions.get(each.left) or self.regions.get(each.right),
                "bits": round(each.bits, 2),
                "levels": list(each.levels),
                "why": each.why,
                "found_at": desk.now,
            }
            for each in groups.doubts
        ]
        known = {
            (row.left_row, row.right_row)
            for row in connection.execute(select(PAIR.c.left_row, PAIR.c.right_row))
        }
        rows = [each for each in rows if (each["left_row"], each["right_row"]) not in known]
        if rows:
            connection.execute(insert(PAIR), rows)
        return len(rows)


def _same_line(before: Identity, now: Identity) -> bool:
    two_ids = before.id_valid and now.id_valid and before.id_number != now.id_number
    return not two_ids and names_agree(before.name, now.name)


def _near(new: Sequence[Identity]) -> Iterator[tuple[Any, ...]]:
    """Yield conditions on old rows that one of the new may be of the same person as."""
    if len(new) > _FEW:
        yield ()
        return
    for column, values in (
        (ROW.c.id_number, {each.id_number for each in new}),
        (ROW.c.birth_date, {each.birth_date for each in new}),
        (ROW.c.name, {each.name for each in new}),
    ):
        for chunk in chunks(sorted(filter(None, values)), 500):
            yield (column.in_(chunk),)


def _apart(connection: Connection) -> frozenset[tuple[str, str]]:
    """Return the pairs of rows that a clerk said are of two people, and nobody undid."""
    query = select(DECISION.c.left_row, DECISION.c.right_row, DECISION.c.verdict)
    last: dict[tuple[str, str], str] = {}
    for row in connection.execute(query.order_by(DECISION.c.record_id)):
        last[str(row.left_row), str(row.right_row)] = row.verdict
    return frozenset(pair for pair, verdict in last.items() if verdict == "different")


def unlinked_files(connection: Connection) -> Iterable[UUID]:
    """Return the files with rows that were taken and not linked, oldest first."""
    linked = select(LINK.c.row_id).where(LINK.c.row_id == ROW.c.id).exists()
    waiting = or_(ROW.c.ended_by.is_(None), ROW.c.ended_by != ROW.c.file_id)
    query = select(ROW.c.file_id).where(~linked, waiting, ROW.c.content.is_not(None)).distinct()
    return sorted(connection.scalars(query))
