"""The witness's rule: a log only ever grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import Forbidden, NotFound
from longmai.ledger.merkle import (
    MemoryTiles,
    append,
    consistency_proof,
    hash_leaf,
    tree_root,
)
from longmai.ledger.note import Checkpoint, Signer, checkpoint_text
from longmai.ledger.witness import (
    Inconsistent,
    Malformed,
    Submission,
    WrongOldSize,
    check_submission,
    parse_submission,
)

NAME = "county.example/log"
SIGNER = Signer.generate(NAME)
KEYS = [SIGNER.verifier_key]


def tree(size: int, salt: bytes = b"") -> MemoryTiles:
    """Make a tree of numbered leaves; another salt makes another history."""
    tiles = MemoryTiles()
    append(tiles, 0, [hash_leaf(salt + str(i).encode()) for i in range(size)])
    return tiles


def submission(tiles: MemoryTiles, old: int, size: int, signer: Signer = SIGNER) -> Submission:
    """Make a request as an honest log would."""
    proof = consistency_proof(tiles, old, size) if 0 < old < size else []
    text = checkpoint_text(NAME, size, tree_root(tiles, size))
    return Submission(old, tuple(proof), signer.sign(text))


def seen(tiles: MemoryTiles, size: int) -> Checkpoint:
    """Return what a witness saw of a tree."""
    return Checkpoint(NAME, size, tree_root(tiles, size))


@given(st.integers(0, 700), st.integers(0, 700))
def test_growth_is_taken(one: int, other: int) -> None:
    """From any size to any larger or equal one; the request reads back from its text."""
    old, size = sorted((one, other))
    tiles = tree(size)
    request = submission(tiles, old, size)
    assert parse_submission(str(request)) == request
    before = seen(tiles, old) if old else None
    assert check_submission(request, KEYS, before) == (seen(tiles, size), KEYS[0])


@given(st.integers(1, 300), st.integers(0, 300))
def test_another_history_is_refused(old: int, more: int) -> None:
    """A log that changed what the witness saw cannot prove that it grew."""
    true, forged = tree(old), tree(old + more, salt=b"forged")
    with pytest.raises((Inconsistent, WrongOldSize)):
        check_submission(submission(forged, old, old + more), KEYS, seen(true, old))


def test_a_rollback_is_refused_and_the_size_is_told() -> None:
    """A log that shrank meets 409 with the size seen last."""
    tiles = tree(10)
    with pytest.raises(WrongOldSize) as refusal:
        check_submission(submission(tiles, 5, 5), KEYS, seen(tiles, 10))
    assert (refusal.value.size, refusal.value.status) == (10, 409)


def test_an_old_size_beyond_the_checkpoint_is_malformed() -> None:
    """As the protocol wants: 400."""
    tiles = tree(10)
    broken = Submission(10, (), submission(tiles, 5, 5).note)
    with pytest.raises(Malformed) as refusal:
        check_submission(broken, KEYS, seen(tiles, 10))
    assert refusal.value.status == 400


def test_an_unknown_log_is_not_found_and_a_strange_key_forbidden() -> None:
    """404 and 403, as the protocol wants."""
    tiles = tree(3)
    with pytest.raises(NotFound):
        check_submission(submission(tiles, 0, 3), [], None)
    with pytest.raises(Forbidden):
        check_submission(submission(tiles, 0, 3, Signer.generate(NAME)), KEYS, None)


def test_a_second_key_of_the_same_log_will_do() -> None:
    """While a rotation is under way the log has two keys."""
    tiles, other = tree(3), Signer.generate(NAME)
    keys = [other.verifier_key, *KEYS]
    assert check_submission(submission(tiles, 0, 3), keys, None)[1] == KEYS[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "old 1",
        "old -1\n\nnote",
        "old 01\n\nnote",
        "new 1\n\nnote",
        "old 1\nnot base64!\n\nnote",
        "old 1\n" + "AAAA\n" * 64 + "\nnote",
        "old 99999999999999999999\n\nnote",
        "old ١\n\nnote",
    ],
)
def test_what_is_no_request_is_malformed(text: str) -> None:
    """400 for every broken body."""
    with pytest.raises(Malformed):
        parse_submission(text)


def test_a_proof_where_none_belongs_is_refused() -> None:
    """From size 0, and between equal sizes, a proof is empty."""
    tiles = tree(4)
    note = submission(tiles, 0, 4).note
    with pytest.raises(Inconsistent):
        check_submission(Submission(0, (bytes(32),), note), KEYS, None)
    with pytest.raises(Inconsistent):
        check_submission(Submission(4, (bytes(32),), note), KEYS, seen(tiles, 4))
