"""The Merkle and tile-log suites: they run on the outside data, and notice what is wrong."""

import json
from base64 import b64encode
from pathlib import Path
from types import ModuleType

import pytest
from tests.conformance import merkle, tlog


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
    assert tlog.why_not_signed(tmp_path / "tlog" / "other" / "checkpoint") is not None
