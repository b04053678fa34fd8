"""Holds the files of a run to its manifest: digests, rows, states counted anew."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from longmai.kernel.errors import Invalid, InvalidMany
from longmai.store.columns.manifest import Manifest, ResultFile, read_manifest
from longmai.store.columns.results import STATE_NAMES, file_of


def check_files(folder: Path) -> int:
    """Read every file of a run; return how many there are.

    Raises:
        InvalidMany: files are missing, changed, too many, or count otherwise.
    """
    manifest = read_manifest(folder)
    findings = list(_findings(folder, manifest))
    if findings:
        raise InvalidMany("files are not as the manifest says", findings, code="run.files")
    return len(manifest.files)


def _findings(folder: Path, manifest: Manifest) -> Iterator[Invalid]:
    known = set()
    for each in manifest.files:
        file = file_of(folder, each.policy, each.digest, each.county)
        known.add(file)
        wrong = _wrong(file, each)
        if wrong:
            yield Invalid(wrong, code="run.files", place=str(file), mend="run again")
    wanted = {(policy.id, county) for policy in manifest.policies for county in manifest.rows}
    for policy, county in sorted(wanted - {(each.policy, each.county) for each in manifest.files}):
        yield Invalid("no file of it", code="run.files", place=f"{policy}, {county}")
    for file in sorted(set((folder / "results").rglob("*.parquet")) - known):
        yield Invalid("the manifest does not know the file", code="run.files", place=str(file))


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
