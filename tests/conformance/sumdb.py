"""A log of ours under a verifier that is not: golang.org/x/mod/sumdb, of Go's checksum database.

It must take the log as it is, and refuse a tampered one. Needs Go and Debian's
``golang-golang-x-mod-dev``; nothing is downloaded.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.conformance.suite import SuiteResult

from longmai.kernel.clock import SystemClock
from longmai.ledger.merkle import MemoryTiles, consistency_proof, inclusion_proof, tree_root
from longmai.ledger.note import Signer
from longmai.ledger.record import Act
from longmai.store.database import connect, migrate
from longmai.store.export import export_log
from longmai.store.integrator import integrate_all
from longmai.store.ledger import SqlLog
from longmai.store.unit_of_work import Store

GOPATH = Path("/usr/share/gocode")
SOURCE = Path(__file__).parent / "outside" / "main.go"
LEAVES = 20_000
_BATCH = 1_000
_PROVEN = 997
_OLD_SIZES = (1, 2, 255, 256, 257, 4_096, 12_345, 19_999, 20_000)


def available() -> bool:
    """Tell whether Go and its module sources are on this machine."""
    return bool(shutil.which("go")) and (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir()


@dataclass(frozen=True)
class Exported:
    """A log as files, the key it is signed with, and proofs made by us."""

    folder: Path
    key: str
    proofs: Path


@contextmanager
def log_as_files(leaves: int = LEAVES) -> Iterator[Exported]:
    """Write a log and export it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        signer = Signer.generate("conformance.example/log")
        engine = connect(f"sqlite:///{folder / 'log.db'}")
        migrate(engine)
        store = Store(engine, (), SystemClock())
        _fill(store, signer, leaves)
        export_log(store, folder / "log")
        proofs = folder / "proofs.json"
        proofs.write_text(json.dumps(_proofs(store, leaves)), "utf-8")
        engine.dispose()
        yield Exported(folder / "log", str(signer.verifier_key), proofs)


@dataclass(frozen=True)
class Verifier:
    """The outside verifier, built, and the log it looks at."""

    program: Path
    log: Exported

    def verdict(self) -> subprocess.CompletedProcess[str]:
        """Let it look at the files as they are."""
        log = self.log
        command = [str(self.program), log.key, str(log.folder), str(log.proofs)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def refuses(self, file: Path, damage: Callable[[bytes], bytes]) -> bool:
        """Tell whether it refuses the log while one file is changed."""
        before = file.read_bytes()
        file.write_bytes(damage(before))
        try:
            return self.verdict().returncode == 1
        finally:
            file.write_bytes(before)


def suites(_data: Path) -> Iterable[SuiteResult]:
    """Verify a log of 20,000 records and its proofs; then see damage refused."""
    if not available():
        return
    with log_as_files() as log:
        verifier = Verifier(_built(log.folder.parent), log)
        verdict = verifier.verdict()
        told = dict(re.findall(r"^(.+) (\d+)$", verdict.stdout, re.MULTILINE))
        proven = len(range(0, LEAVES, _PROVEN))
        for what, total in (
            ("entries", LEAVES),
            ("inclusion proofs", proven),
            ("consistency proofs", len(_OLD_SIZES)),
        ):
            passed = int(told.get(what, 0))
            told_why = () if passed == total else (verdict.stderr.strip(),)
            yield SuiteResult(f"go-sumdb {what}", passed, total, told_why)
        damages = list(_damages(verifier))
        faults = tuple(name for name, refused in damages if not refused)
        passed = len(damages) - len(faults)
        yield SuiteResult("go-sumdb tampering refused", passed, len(damages), faults)


def _damages(verifier: Verifier) -> Iterator[tuple[str, bool]]:
    """Yield (what was changed, whether it was refused)."""
    log = verifier.log
    entry = log.folder / "tile" / "entries" / "007"
    yield "one byte of an entry", verifier.refuses(entry, _flipped)
    yield "an entry cut short", verifier.refuses(entry, lambda data: data[:-1])
    yield "one byte of a tile", verifier.refuses(log.folder / "tile" / "0" / "012", _flipped)
    yield "one byte of an upper tile", verifier.refuses(log.folder / "tile/1/000.p/78", _flipped)
    checkpoint = log.folder / "checkpoint"
    yield "the size in the checkpoint", verifier.refuses(checkpoint, _smaller)
    yield "the signature", verifier.refuses(checkpoint, _other_signature)
    yield "a proof", verifier.refuses(log.proofs, _other_leaf)


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _smaller(data: bytes) -> bytes:
    return data.replace(b"\n20000\n", b"\n19999\n")


def _other_signature(data: bytes) -> bytes:
    text, blank, lines = data.partition(b"\n\n")
    first, rest = lines.split(b"\n", 1)
    other = first[:-9] + (b"A" if first[-9:-8] != b"A" else b"B") + first[-8:]
    return text + blank + other + b"\n" + rest


def _other_leaf(data: bytes) -> bytes:
    proofs = json.loads(data)
    proofs["records"][3]["leaf_index"] += 1
    return json.dumps(proofs).encode()


def _fill(store: Store, signer: Signer, leaves: int) -> None:
    now = datetime.now(UTC)
    for start in range(0, leaves, _BATCH):
        acts = [
            Act("test.thing.made", [f"urn:{i}"], "", "tester", now, {"number": i})
            for i in range(start, min(start + _BATCH, leaves))
        ]
        with store.begin() as work:
            work.ledger.append(acts)
        integrate_all(store, signer, store.clock)


def _proofs(store: Store, leaves: int) -> dict[str, object]:
    with store.read() as connection:
        log = SqlLog(connection)
        tiles = MemoryTiles(behind=log)
        records = [
            {
                "leaf_index": leaf,
                "header": _b64(_entry(log, leaf, leaves)),
                "proof": [_b64(step) for step in inclusion_proof(tiles, leaf, leaves)],
            }
            for leaf in range(0, leaves, _PROVEN)
        ]
        trees = [
            {
                "size": size,
                "root": _b64(tree_root(tiles, size)),
                "proof": [_b64(step) for step in consistency_proof(tiles, size, leaves)],
            }
            for size in _OLD_SIZES
            if size <= leaves
        ]
    return {"records": records, "trees": trees}


def _entry(log: SqlLog, leaf: int, leaves: int) -> bytes:
    index, inside = divmod(leaf, 256)
    bundle = log.entry_bundle(index, min(256, leaves - index * 256))
    for _ in range(inside):
        bundle = bundle[2 + int.from_bytes(bundle[:2], "big") :]
    return bundle[2 : 2 + int.from_bytes(bundle[:2], "big")]


def _built(folder: Path) -> Path:
    program = folder / "verify"
    own = {"GOPATH": str(GOPATH), "GO111MODULE": "off", "GOFLAGS": ""}
    environment = os.environ | own | {"GOCACHE": str(folder / "gocache")}
    command = ["go", "build", "-o", str(program), str(SOURCE)]
    subprocess.run(command, check=True, env=environment, cwd=folder)
    return program


def _b64(data: bytes) -> str:
    return b64encode(data).decode()
