"""The result table of a run with its overlays, and how they are worked into the files.

A night in which only some people changed writes an overlay: one file of the rows that differ. Later
overlays lie on earlier ones.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from longmai.kernel.errors import Conflict
from longmai.rules.columns.verdicts import verdict_of
from longmai.store.columns.differences import GONE, TEXTS
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.judging import groups
from longmai.store.columns.manifest import (
    CERTIFICATE,
    MANIFEST,
    Certificate,
    JudgedBy,
    Manifest,
    ResultFile,
    certified,
    read_certificate,
    read_manifest,
)
from longmai.store.columns.parquet import keys_chunk
from longmai.store.columns.people import text_literal
from longmai.store.columns.results import GROUP_ROWS, Encoded, Sheet, dictionaries, file_of

OVERLAYS = "overlays"
_COLUMNS = ("policy", "county", "key", "state", "amount_fen", "failing", "unknown")


def table_query(
    folder: Path,
    manifest: Manifest,
    policies: Sequence[str] | None = None,
    counties: Sequence[str] | None = None,
    digest: str = "",
) -> str:
    """Return the query, for DuckDB, of the whole result table, overlays laid on the files.

    Args:
        folder: of the run.
        manifest: of it.
        policies: of which rows are asked for; None: all.
        counties: of which files are read; None: all.
        digest: of the version whose files are read; empty: all.
    """
    files = [
        str(file_of(folder, each.policy, each.digest, each.county))
        for each in manifest.files
        if (policies is None or each.policy in policies)
        and (counties is None or each.county in counties)
        and digest in {"", each.digest}
    ]
    listed = ", ".join(map(text_literal, files))
    columns = ", ".join(_COLUMNS)
    options = "hive_partitioning = true, hive_types_autocast = false, filename = true"
    county = "parse_filename(filename, true) AS county"
    base = f"SELECT *, {county} FROM read_parquet([{listed}], {options})"
    base = f"SELECT {columns} FROM ({base})" if files else ""
    if not manifest.overlays:
        return base
    over = overlay_query(folder, manifest)
    parts = [f"SELECT {columns} FROM _over WHERE state <> {text_literal(GONE)}"]
    if policies is not None:
        parts[0] += f" AND policy IN ({', '.join(map(text_literal, policies))})"
    if counties is not None:
        parts[0] += f" AND county IN ({', '.join(map(text_literal, counties))})"
    if files:
        parts.append(f"SELECT {columns} FROM ({base}) ANTI JOIN _over USING (policy, key)")
    return f"WITH _over AS MATERIALIZED ({over}) {' UNION ALL '.join(parts)}"


def overlay_query(folder: Path, manifest: Manifest) -> str:
    """Return the query of the rows of a run's overlays: of a policy and key the last one."""
    parts = [
        f"SELECT *, {night} AS _night FROM read_parquet({text_literal(str(folder / each.file))})"
        for night, each in enumerate(manifest.overlays)
    ]
    whole = " UNION ALL ".join(parts)
    if len(parts) == 1:
        return whole
    last = "ROW_NUMBER() OVER (PARTITION BY policy, key ORDER BY _night DESC) = 1"
    return f"SELECT * FROM ({whole}) QUALIFY {last}"


def compact(folder: Path, out: Path, *, threads: int = 2, memory_mb: int = 1200) -> Certificate:
    """Write a run whose overlays are worked into its files; what they do not touch is linked.

    The files are those that a whole run over the same people would write, byte for byte.

    Raises:
        Conflict: the folder is there already.
        NotFound, Invalid, InvalidMany: the run is damaged.
    """
    if out.exists():
        raise Conflict(
            "the folder is there already",
            code="run.folder",
            place=str(out),
            mend="name another, or remove it",
        )
    manifest, old = read_manifest(folder), read_certificate(folder)
    partial_ = out.with_name(out.name + ".partial")
    shutil.rmtree(partial_, ignore_errors=True)
    partial_.mkdir(parents=True)
    with DuckDB(memory_mb=memory_mb, threads=threads) as duck:
        work = _Compacting(duck, folder, partial_, manifest)
        files = tuple(each for policy in manifest.policies for each in work.files(policy))
    done = replace(manifest, files=files, overlays=())
    for name in ("policies", "changes"):
        if (folder / name).is_dir():
            shutil.copytree(folder / name, partial_ / name, copy_function=linked)
    people = {county: n for county, (n, _) in manifest.rows.items()}
    certificate = certified(done, people, old.second)
    certificate.check()
    (partial_ / MANIFEST).write_bytes(done.bytes)
    (partial_ / CERTIFICATE).write_bytes(certificate.bytes())
    partial_.rename(out)
    return certificate


class _Compacting:
    def __init__(self, duck: DuckDB, folder: Path, out: Path, manifest: Manifest) -> None:
        self.duck, self.folder, self.out, self.manifest = duck, folder, out, manifest
        self.touched: dict[str, set[str]] = {}
        for each in manifest.overlays:
            for policy, counts in each.counts.items():
                self.touched.setdefault(policy, set()).update(counts)
        if manifest.overlays:
            over = overlay_query(folder, manifest)
            query = f"SELECT DISTINCT policy, county FROM ({over}) WHERE county <> ''"
            for policy, county in duck.connection.execute(query).fetchall():
                self.touched.setdefault(policy, set()).add(county)

    def files(self, policy: JudgedBy) -> Iterator[ResultFile]:
        """Yield the files of a policy, by county."""
        touched = self.touched.get(policy.id, set())
        found = []
        for each in self.manifest.files:
            if each.digest == policy.digest and each.county not in touched:
                names = (policy.id, policy.digest, each.county)
                link(file_of(self.folder, *names), file_of(self.out, *names))
                found.append(each)
        wanted = {c: self.manifest.rows[c][0] for c in sorted(touched) if c in self.manifest.rows}
        if wanted:
            found += self._written(policy, wanted)
        yield from sorted(found, key=lambda each: each.county)

    def _written(self, policy: JudgedBy, counts: Mapping[str, int]) -> Iterator[ResultFile]:
        query = table_query(self.folder, self.manifest, [policy.id], list(counts))
        told = dictionaries(policy.clauses)
        codes = pa.array(["|".join(words) for words in zip(*told, strict=True)])
        sheet: Sheet | None = None
        rows = self.duck.ordered(query, GROUP_ROWS)
        for county, last, group in groups(rows, counts):
            keys = group.column("key")
            if sheet is None:
                file = file_of(self.out, policy.id, policy.digest, county)
                sheet = Sheet(file, keys.type)
            words = [group.column(name) for name in TEXTS[2:]]
            code = pc.index_in(pc.binary_join_element_wise(*words, "|"), value_set=codes)
            verdict = verdict_of(code, group.column("amount_fen"), len(policy.clauses))
            sheet.add(Encoded.of(keys_chunk(keys), verdict, policy.clauses))
            if last:
                yield ResultFile(policy.id, policy.digest, county, sheet.close(), sheet.counts)
                sheet = None


def link(old: Path, new: Path) -> None:
    """Give a file of the run before a name in this one.

    Raises:
        Conflict: it is gone.
    """
    new.parent.mkdir(parents=True, exist_ok=True)
    linked(str(old), str(new))


def linked(old: str, new: str) -> None:
    """Give a file another name in a folder that is there; copy it where it cannot have two."""
    try:
        os.link(old, new)
    except FileNotFoundError:
        raise Conflict(
            "a file of the run before is gone",
            code="run.folder",
            place=old,
            mend="run the whole of it anew",
        ) from None
    except OSError:
        shutil.copyfile(old, new)  # Another file system.


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
