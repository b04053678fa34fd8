"""The exported log is read by the conformance suite's reader of tile logs, and over HTTP alike."""

from pathlib import Path

import pytest
from tests.conformance import tlog
from tests.house import opened_house
from tests.store.conftest import Log
from tests.visitor import visitor

from longmai.kernel.errors import Conflict
from longmai.store.export import export_log


@pytest.mark.parametrize("size", [0, 1, 256, 300, 600])
def test_an_exported_log_is_a_tile_log(
    sqlite_log: Log, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoint, tiles and entries fit together when they are read by their names."""
    sqlite_log.append(*range(size))
    sqlite_log.integrate()
    folder = tmp_path / "tlog" / "ours"
    assert export_log(sqlite_log.store, folder) == size
    key = sqlite_log.signer.verifier_key
    monkeypatch.setitem(tlog.KEYS, key.name, str(key))
    assert [result.failures for result in tlog.suites(tmp_path)] == [(), ()]


def test_an_export_is_brought_up_to_date(sqlite_log: Log, tmp_path: Path) -> None:
    """What was exported stays as it is; a changed file stops the export."""
    sqlite_log.append(*range(300))
    sqlite_log.integrate()
    export_log(sqlite_log.store, tmp_path)
    before = {file: file.read_bytes() for file in (tmp_path / "tile").rglob("*") if file.is_file()}
    sqlite_log.append(*range(300, 700))
    sqlite_log.integrate()
    assert export_log(sqlite_log.store, tmp_path) == 700
    assert all(file.read_bytes() == data for file, data in before.items())
    spoilt = tmp_path / "tile" / "0" / "000"
    spoilt.write_bytes(bytes(8192))
    with pytest.raises(Conflict, match="tile/0/000"):
        export_log(sqlite_log.store, tmp_path)


def test_the_log_is_served_as_it_is_exported(tmp_path: Path) -> None:
    """Each exported file is found under /tlog, byte for byte, and nothing beyond the log is."""
    with opened_house(tmp_path, sample=True) as house:
        folder = tmp_path / "export"
        export_log(house.store, folder)
        client = visitor(house)
        for file in folder.rglob("*"):
            if file.is_file():
                answer = client.get(f"/tlog/{file.relative_to(folder)}")
                assert answer.content == file.read_bytes()
        for path in ("tile/0/999", "tile/9/000", "tile/entries/000.p/999", "tile/0/x"):
            assert client.get(f"/tlog/{path}").status_code == 404
