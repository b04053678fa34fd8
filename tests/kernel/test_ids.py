"""Identifiers sort by the time they were made."""

import time

from longmai.kernel.ids import new_id


def test_ids_strictly_increase() -> None:
    """Also many within one millisecond."""
    made = [new_id() for _ in range(5000)]
    assert made == sorted(set(made))
    assert {each.version for each in made} == {7}


def test_an_id_carries_its_millisecond() -> None:
    """The first 48 bits are Unix time in milliseconds (RFC 9562 section 5.7)."""
    before = time.time_ns() // 1_000_000
    stamp = new_id().int >> 80
    assert before - 1 <= stamp <= time.time_ns() // 1_000_000 + 1
