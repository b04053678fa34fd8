"""Key rotation: recorded, signed by both keys, followed by the offline verifier, safe to kill."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from tests.store.conftest import act

from longmai.kernel.clock import SystemClock
from longmai.kernel.errors import Conflict, Invalid
from longmai.ledger import verifier
from longmai.ledger.keys import KeyFile
from longmai.ledger.note import Signer
from longmai.ledger.rotation import rotation_act
from longmai.store.database import connect, migrate
from longmai.store.integrator import integrate_all
from longmai.store.ledger import SqlLog
from longmai.store.proving import Prover
from longmai.store.rotation import finish_rotation, rotate
from longmai.store.unit_of_work import Store

NAME = "test.example/log"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A migrated store."""
    engine = connect(database_url)
    migrate(engine)
    yield Store(engine, (), SystemClock())
    engine.dispose()


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    """A key file of its own."""
    return KeyFile(tmp_path / "ledger.key", NAME)


def add(store: Store, keys: KeyFile, number: int) -> UUID:
    """Record one act and publish."""
    with store.begin() as work:
        [record] = work.ledger.append([act(number)])
    integrate_all(store, keys, store.clock)
    return record.id


def bundle(store: Store, keys: KeyFile, record_id: UUID) -> str:
    """Return the certificate of a record."""
    with store.read() as connection:
        return json.dumps(Prover(connection, keys.signer.verifier_key).bundle([record_id]))


def turn(store: Store, keys: KeyFile) -> str:
    """Rotate, and return the new key."""
    return str(rotate(store, keys, store.clock, reason="yearly", actor="security-1"))


def test_who_trusts_the_old_key_follows_to_the_new(store: Store, keys: KeyFile) -> None:
    """Over two rotations; a certificate from before still holds under the key of its day."""
    first = str(keys.signer.verifier_key)
    early = add(store, keys, 1)
    given_out = bundle(store, keys, early)
    second = turn(store, keys)
    third = turn(store, keys)
    assert len({first, second, third}) == 3
    late = bundle(store, keys, add(store, keys, 2))
    for trusted in (first, second, third):
        assert verifier.verify(late, trusted).holds
    assert verifier.verify(given_out, first).holds
    with pytest.raises(verifier.Refused, match="not by the one you trust"):
        verifier.verify(late, str(Signer.generate(NAME).verifier_key))


def test_a_forged_rotation_leads_nowhere(store: Store, keys: KeyFile) -> None:
    """A rotation that the log does not prove is not followed."""
    first = str(keys.signer.verifier_key)
    add(store, keys, 1)
    turn(store, keys)
    forged = json.loads(bundle(store, keys, add(store, keys, 2)))
    step = forged["rotations"][0]["records"][0]
    step["payload"] = step["payload"][:-8] + "AAAAAAA="
    with pytest.raises(verifier.Refused):
        verifier.verify(json.dumps(forged), first)


def test_another_process_goes_on_with_the_new_key(store: Store, keys: KeyFile) -> None:
    """A running server reads the key file again; one with a strange key is stopped."""
    server = KeyFile(keys.file, NAME)
    add(store, server, 1)
    new = turn(store, keys)
    late = bundle(store, server, add(store, server, 2))
    assert json.loads(late)["verifier_key"] == new
    with pytest.raises(Conflict, match="not the one that signed"):
        add(store, KeyFile(keys.file.with_name("other.key"), NAME), 3)


def test_a_lost_key_file_is_told_and_nothing_is_signed(store: Store, keys: KeyFile) -> None:
    """A new key made by accident cannot go on with an old log."""
    add(store, keys, 1)
    keys.file.unlink()
    with pytest.raises(Conflict, match="not the one that signed"):
        add(store, KeyFile(keys.file, NAME), 2)


def test_a_rotation_stopped_anywhere_goes_on(store: Store, keys: KeyFile) -> None:
    """After the key file, after the record, after the publication: the next try completes it."""
    first = keys.signer.verifier_key
    add(store, keys, 1)
    following = keys.prepare().verifier_key
    # Stopped before the record: checkpoints carry both signatures, the old key stays.
    add(store, keys, 2)
    assert not finish_rotation(store, keys)
    assert keys.signer.verifier_key == first
    assert turn(store, keys) == str(following)
    assert keys.signer.verifier_key == following
    # Stopped after the publication: the next start puts the new key in place.
    newest = keys.prepare().verifier_key
    with store.begin() as work:
        now = store.clock.now()
        given = rotation_act(following, newest, reason="leaked", actor="s", at=now)
        work.ledger.append([given])
    integrate_all(store, keys, store.clock)
    assert finish_rotation(store, keys)
    assert keys.signer.verifier_key == newest
    with store.read() as connection:
        assert len(SqlLog(connection).rotations()) == 2


def test_a_rotation_needs_its_reason(store: Store, keys: KeyFile) -> None:
    """Nothing is left behind by a refused one."""
    with pytest.raises(Invalid, match="reason"):
        rotate(store, keys, store.clock, reason=" ", actor="s")
    assert not keys.next_file.exists()
