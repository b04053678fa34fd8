"""Instants are written in one way and read back as the same instant."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.clock import FixedClock, SystemClock, from_text, to_text
from longmai.kernel.errors import Invalid

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1), timezones=ZONES)  # noqa: DTZ001 - bounds are naive by contract


@given(INSTANTS)
def test_an_instant_survives_being_written(instant: datetime) -> None:
    """Same instant, in UTC, to the microsecond."""
    back = from_text(to_text(instant))
    assert back == instant
    assert back.tzinfo is UTC


@given(INSTANTS, INSTANTS)
def test_text_sorts_as_time_does(one: datetime, other: datetime) -> None:
    """What is written compares as the instants do."""
    assert (to_text(one) < to_text(other)) == (one < other)


@pytest.mark.parametrize("text", ["2025-10-01T08:00:00", "yesterday", "", "2025-13-01T00:00:00Z"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    """A time without a zone is none either."""
    with pytest.raises(Invalid):
        from_text(text)


def test_clocks_tell_utc() -> None:
    """A fixed clock stands still, the system's goes on."""
    fixed = FixedClock(datetime(2025, 10, 1, 8, tzinfo=timezone(timedelta(hours=8))))
    assert fixed.now() == fixed.now() == datetime(2025, 10, 1, tzinfo=UTC)
    clock = SystemClock()
    first = clock.now()
    assert first.tzinfo is UTC
    assert first <= clock.now()
