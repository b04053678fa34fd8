"""One row of a run again: found in the table, judged by the interpreter, and both held together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from longmai.kernel.errors import Conflict, NotFound
from longmai.rules.columns.population import Population
from longmai.rules.policy.evaluation import Decision
from longmai.rules.policy.library import read_file
from longmai.rules.policy.model import Policy
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import Manifest, read_manifest
from longmai.store.columns.opinions import Opinion
from longmai.store.columns.overlay import table_query
from longmai.store.columns.people import People, rows_of
from longmai.store.columns.rows import RowJudge, outer_clause
from longmai.store.columns.second_look import judged_rows, written_rows


@dataclass(frozen=True)
class Row:
    """A row of the result table, and the decision it comes from.

    Attributes:
        written: key, state, amount_fen, failing, unknown, as they stand in the table.
        outer: ``day`` or ``region``, where the policy does not apply to the person at all.
        opinions: what people found of this person by this policy.
    """

    written: dict[str, Any]
    decision: Decision
    outer: str
    opinions: Sequence[Opinion] = ()


def row_of(
    folder: Path,
    key: str,
    own: str,
    population: Path | None = None,
    members: Path | None = None,
    opinions: Path | None = None,
) -> Row:
    """Return a row of a run, judged again.

    Args:
        folder: of the run.
        key: of the person.
        own: id of the policy.
        population: file of the people, where it moved.
        members: file of the members, where it moved.
        opinions: file of what people found, where it moved.

    Raises:
        NotFound: the run has no such policy or person.
        Conflict: the person is judged otherwise than it is written: the people's file has changed,
            or the run is wrong.
    """
    manifest = read_manifest(folder)
    day = date.fromisoformat(manifest.day)
    versions = [
        read_file(folder / "policies" / each.digest / "policy.yaml")
        for each in manifest.versions(own)
    ]
    people = people_of(manifest, population, members, opinions, folder)
    found = people.population()
    with DuckDB(memory_mb=500) as duck:
        found, reviewed = people.take_opinions(duck, found, versions, day)
        people.register(duck)
        typed = _typed(key, found, people)
        written = [
            (policy, row)
            for policy in versions
            for row in _written(duck, folder, policy, typed, manifest)
        ]
        rows = list(rows_of(duck, people, found, typed))
    if not written or not rows:
        where = str(people.file) if written else "the run"
        raise NotFound("no such person", code="run.key", place=where, value=key)
    policy, own_row = written[0]
    said = reviewed.of(own_row["key"], policy)
    return replace(_held(manifest, policy, own_row, rows[0]), opinions=said)


def _written(
    duck: DuckDB, folder: Path, policy: Policy, typed: pa.Array, manifest: Manifest
) -> Iterable[dict[str, Any]]:
    query = table_query(folder, manifest, [policy.id], digest=policy.digest)
    return written_rows(duck, query, typed).values() if query else ()


def _held(manifest: Manifest, policy: Policy, written: dict[str, Any], row: Any) -> Row:
    day = date.fromisoformat(manifest.day)
    again = judged_rows(policy, day, [row], manifest.key)[written["key"]]
    if again != written:
        raise Conflict(
            "the person is judged otherwise now than it is written",
            code="run.row",
            place=f"{policy.id}, {written['key']}",
            value=f"written {_said(written)}, now {_said(again)}",
            mend="if the people's file was changed since, run again; if not, report it",
        )
    decision = RowJudge(policy, day).decision(row)
    return Row(written, decision, outer_clause(decision))


def _said(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if name != "key")


def people_of(
    manifest: Manifest,
    population: Path | None = None,
    members: Path | None = None,
    opinions: Path | None = None,
    folder: Path | None = None,
) -> People:
    """Return the people's files of a run; its folder has the changes since."""
    own = None if manifest.members is None else Path(manifest.members.path)
    said = None if manifest.opinions is None else Path(manifest.opinions.path)
    return People(
        population or Path(manifest.population.path),
        manifest.key,
        manifest.region,
        members or own,
        manifest.parent,
        manifest.absent_unknown,
        opinions or said,
        tuple(folder / each.path for each in manifest.changes) if folder else (),
    )


def _typed(key: str, population: Population, people: People) -> pa.Array:
    type_ = population.people.types[people.key]
    try:
        return pa.array([key]).cast(type_)
    except pa.ArrowInvalid:
        raise NotFound(
            "no such person", code="run.key", value=key, mend=f"a key is of type {type_}"
        ) from None
