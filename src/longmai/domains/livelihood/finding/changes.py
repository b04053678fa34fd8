"""What has changed between two runs: who gained a policy, who lost it, whose amount is another."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from longmai.domains.livelihood.finding.verdict import STATE_OF_RUN
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import Manifest, read_manifest
from longmai.store.columns.people import text_literal
from longmai.store.columns.results import file_of

KINDS = ("gained", "lost", "amount", "unknown", "other", "arrived", "left")
"""In the order in which one of them is told."""
SCHEMA = pa.schema(
    [
        ("person", pa.string()),
        ("policy", pa.string()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("before_fen", pa.int64()),
        ("after_fen", pa.int64()),
        ("kind", pa.string()),
    ]
)
_EMPTY = "(SELECT NULL::VARCHAR AS person, NULL::VARCHAR AS state, NULL::BIGINT AS fen WHERE FALSE)"


def changes_between(duck: DuckDB, before: Path, after: Path) -> pa.Table:
    """Return what differs between two runs, by policy and person.

    Yesterday's rows with these changes are today's rows. ``before`` and ``after`` are states, None
    where there was no such row; files that are the same, byte for byte, are not read.
    """
    old, new = read_manifest(before), read_manifest(after)
    policies = list(dict.fromkeys(each.id for each in (*new.policies, *old.policies)))
    found = [SCHEMA.empty_table()]
    for policy in policies:
        found += _of_policy(duck, policy, (before, old), (after, new))
    return pa.concat_tables(found)


def _of_policy(
    duck: DuckDB, policy: str, old: tuple[Path, Manifest], new: tuple[Path, Manifest]
) -> Iterator[pa.Table]:
    digests = [
        {each.county: each.sha256 for each in manifest.files if each.policy == policy}
        for _, manifest in (old, new)
    ]
    same = {county for county, each in digests[0].items() if digests[1].get(county) == each}
    sides = [
        _rows(folder, manifest, policy, sorted(own.keys() - same))
        for (folder, manifest), own in zip((old, new), digests, strict=True)
    ]
    if all(each == _EMPTY for each in sides):
        return
    query = (
        "SELECT person, policy, before, after, before_fen, after_fen, CASE"
        " WHEN after = 'eligible' AND before IS DISTINCT FROM after THEN 'gained'"
        " WHEN before = 'eligible' AND before IS DISTINCT FROM after THEN 'lost'"
        " WHEN before IS NULL THEN 'arrived' WHEN after IS NULL THEN 'left'"
        " WHEN before = after THEN 'amount' WHEN after = 'unknown' THEN 'unknown'"
        " ELSE 'other' END AS kind FROM"
        f" (SELECT COALESCE(o.person, n.person) AS person, {text_literal(policy)} AS policy,"
        " o.state AS before, n.state AS after, o.fen AS before_fen, n.fen AS after_fen"
        f" FROM {sides[0]} AS o FULL JOIN {sides[1]} AS n ON o.person = n.person"
        " WHERE o.state IS DISTINCT FROM n.state OR o.fen IS DISTINCT FROM n.fen)"
        " ORDER BY person"
    )
    yield duck.connection.sql(query).to_arrow_table().cast(SCHEMA)


def _rows(folder: Path, manifest: Manifest, policy: str, counties: Sequence[str]) -> str:
    if not counties:
        return _EMPTY
    digest = manifest.versions(policy)[-1].digest
    files = ", ".join(text_literal(str(file_of(folder, policy, digest, each))) for each in counties)
    words = " ".join(
        f"WHEN {text_literal(own)} THEN {text_literal(said)}" for own, said in STATE_OF_RUN.items()
    )
    return (
        f"(SELECT CAST(key AS VARCHAR) AS person, CASE CAST(state AS VARCHAR) {words} END AS state,"
        f" amount_fen AS fen FROM read_parquet([{files}]))"
    )
