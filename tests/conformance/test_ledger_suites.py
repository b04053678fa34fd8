"""The Merkle and tile-log suites: they run on the outside data, and notice what is wrong."""

import json
from base64 import b64encode
from pathlib import Path
from types import ModuleType

import pytest
from tests.conformance import merkle, tlog

from longmai.ledger.merkle import MemoryTiles, append, hash_leaf, tree_root
from longmai.ledger.note import Signer, checkpoint_text


@pytest.mark.conformance
@pytest.mark.parametrize("module", [merkle, tlog], ids=["merkle", "tlog"])
def test_outside_vectors_hold(conformance_data: Path, module: ModuleType) -> None:
    """Every proof and checkpoint is taken or refused as its set says."""
    results = list(module.suites(conformance_data))
    assert results
    assert [result.failures for result in results] == [()] * len(results)


def test_a_wrongly_taken_proof_is_told(tmp_path: Path) -> None:
    """A vector that says the opposite of the truth is a failure of the suite."""
    root = b64encode(bytes(32)).decode()
    vector = {"leafIdx": 0, "treeSize": 1, "root": root, "leafHash": root, "proof": None}
    file = tmp_path / "merkle" / "inclusion" / "x.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(vector | {"desc": "one leaf", "wantErr": True}), "utf-8")
    [result] = merkle.suites(tmp_path)
    assert (result.passed, result.total) == (0, 1)
    assert "must be refused" in result.failures[0]


def test_a_checkpoint_of_an_unknown_log_is_told(tmp_path: Path) -> None:
    """Without the log's key nothing is believed."""
    (tmp_path / "tlog" / "other").mkdir(parents=True)
    (tmp_path / "tlog" / "other" / "checkpoint").write_text("other\n0\n\n\n— other AA==\n", "utf-8")
    signed, tiles = tlog.suites(tmp_path)
    assert (signed.passed, tiles.passed) == (0, 0)


@pytest.mark.parametrize("size", [0, 5, 256, 300, 600])
def test_a_log_of_our_own_passes_whatever_its_size(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bundles and tiles are read across their edges, whole and partial; a changed one is told."""
    origin = "example.com/ours"
    signer, tiles = Signer.generate(origin), MemoryTiles()
    monkeypatch.setitem(tlog.KEYS, origin, str(signer.verifier_key))
    entries = [b"entry %d" % i for i in range(size)]
    append(tiles, 0, [hash_leaf(entry) for entry in entries])
    log = tmp_path / "tlog" / "ours"
    for index in range(-(-size // 256)):
        part = entries[index * 256 :][:256]
        name = f"{index:03d}" if len(part) == 256 else f"{index:03d}.p/{len(part)}"
        for folder, data in (
            ("entries", b"".join(len(e).to_bytes(2, "big") + e for e in part)),
            ("0", tiles.read_tile(0, index)),
        ):
            file = log / "tile" / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    note = signer.sign(checkpoint_text(origin, size, tree_root(tiles, size)))
    log.mkdir(parents=True, exist_ok=True)
    (log / "checkpoint").write_text(note, "utf-8")
    assert [result.passed for result in tlog.suites(tmp_path)] == [1, 1]
    for file in sorted((log / "tile").rglob("*")):
        if file.is_file():
            whole = file.read_bytes()
            file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
            assert [result.passed for result in tlog.suites(tmp_path)] == [1, 0]
            file.write_bytes(whole)
