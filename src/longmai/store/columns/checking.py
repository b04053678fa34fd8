"""Holds the files of a run to its manifest: digests, rows, states counted anew."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.manifest import Manifest, ResultFile, read_manifest
from longmai.store.columns.overlay import digest_of, table_query
from longmai.store.columns.results import STATE_NAMES, file_of


def check_files(folder: Path) -> int:
    """Read every file of a run; return how many there are.

    Raises:
        InvalidMany: files are missing, changed, too many, or count otherwise.
    """
    manifest = read_manifest(folder)
    findings = list(_findings(folder, manifest)) or list(_overlays(folder, manifest))
    if findings:
        raise InvalidMany("files are not as the manifest says", findings, code="run.files")
    return len(manifest.files) + len(manifest.overlays)


def _findings(folder: Path, manifest: Manifest) -> Iterator[Invalid]:
    known = set()
    for each in manifest.files:
        file = file_of(folder, each.policy, each.digest, each.county)
        known.add(file)
        wrong = _wrong(file, each)
        if wrong:
            yield Invalid(wrong, code="run.files", place=str(file), mend="run again")
    # A county that an overlay begins or ends has no file, or one too many.
    own = {each.county for each in manifest.files} if manifest.overlays else manifest.rows
    wanted = {(policy.id, county) for policy in manifest.policies for county in own}
    for policy, county in sorted(wanted - {(each.policy, each.county) for each in manifest.files}):
        yield Invalid("no file of it", code="run.files", place=f"{policy}, {county}")
    for file in sorted(set((folder / "results").rglob("*.parquet")) - known):
        yield Invalid("the manifest does not know the file", code="run.files", place=str(file))


def _overlays(folder: Path, manifest: Manifest) -> Iterator[Invalid]:
    """Yield what is wrong with overlays, and where the whole table counts otherwise."""
    for each in manifest.overlays:
        file = folder / each.file
        if not file.is_file() or digest_of(file) != each.sha256:
            wrong = "the file was changed" if file.is_file() else "the file is missing"
            yield Invalid(wrong, code="run.files", place=str(file), mend="run again")
            return
    told: Counter[tuple[str, str, str]] = Counter()
    for result in manifest.files:
        _add(told, result.policy, result.county, result.counts)
    for each in manifest.overlays:
        for policy, counties in each.counts.items():
            for county, counts in counties.items():
                _add(told, policy, county, counts)
    table = table_query(folder, manifest)
    query = f"SELECT policy, county, state, COUNT(*) FROM ({table}) GROUP BY ALL"
    with DuckDB() as duck:
        rows = duck.connection.sql(query).fetchall() if manifest.overlays else []
    counted = Counter({(policy, county, state): n for policy, county, state, n in rows})
    for policy, county, state in sorted({*told, *counted}) if manifest.overlays else ():
        one, other = told[policy, county, state], counted[policy, county, state]
        if one != other:
            yield Invalid(
                f"{other:,} people are '{state}', not {one:,}",
                code="run.files",
                place=f"{policy}, {county}",
            )


def _add(
    told: Counter[tuple[str, str, str]], policy: str, county: str, counts: Sequence[int]
) -> None:
    for name, count in zip(STATE_NAMES, counts, strict=True):
        told[policy, county, name] += count


def _wrong(file: Path, told: ResultFile) -> str:
    """Return what is wrong with a file; empty if nothing is."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return "the file is missing"
    if hashlib.sha256(content).hexdigest() != told.sha256:
        return "the file was changed"
    table = pq.read_table(pa.BufferReader(content), columns=["state"])
    rows = {row["values"]: row["counts"] for row in pc.value_counts(table["state"]).to_pylist()}
    counted = tuple(rows.get(name, 0) for name in STATE_NAMES)
    return "" if counted == told.counts else f"the states count {counted}, not {told.counts}"
